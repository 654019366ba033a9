// getaddrinfo on a thread of its own.
#include "vm/clients/host_lookup.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <memory>
#include <mutex>
#include <netdb.h>
#include <system_error>
#include <utility>

#include "vm/clients/quiet_thread.h"

namespace relux::clients {

namespace {

bool is_address(const std::string& name) {
    in6_addr address{};
    return ::inet_pton(AF_INET, name.c_str(), &address) == 1 ||
           ::inet_pton(AF_INET6, name.c_str(), &address) == 1;
}

// Owned by the call and by its thread, whoever ends last.
struct Lookup {
    std::mutex mutex;
    CallGuard* guard = nullptr;  // null when nobody waits any more; guarded, like all that follows
    bool done = false;
    std::string error;
    std::vector<std::string> addresses;
};

std::vector<std::string> numeric_addresses(const addrinfo* first) {
    std::vector<std::string> result;
    for (const addrinfo* entry = first; entry != nullptr; entry = entry->ai_next) {
        char text[NI_MAXHOST];
        if (::getnameinfo(entry->ai_addr, entry->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) !=
            0)
            continue;
        if (std::find(result.begin(), result.end(), text) == result.end()) result.emplace_back(text);
    }
    return result;
}

void look_up(const std::string& name, const std::shared_ptr<Lookup>& lookup) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int code = ::getaddrinfo(name.c_str(), nullptr, &hints, &found);
    std::vector<std::string> addresses;
    if (code == 0) {
        addresses = numeric_addresses(found);
        ::freeaddrinfo(found);
    }
    const std::lock_guard lock(lookup->mutex);
    lookup->done = true;
    if (code != 0) {
        lookup->error = code == EAI_SYSTEM ? std::generic_category().message(errno) : ::gai_strerror(code);
    } else if (addresses.empty()) {
        lookup->error = "no addresses";
    }
    lookup->addresses = std::move(addresses);
    // The loop is there as long as the guard is.
    if (lookup->guard == nullptr) return;
    lookup->guard->loop().post([lookup] {
        const std::lock_guard posted_lock(lookup->mutex);
        if (lookup->guard != nullptr) lookup->guard->wake();
    });
}

// Whatever way the coroutine ends, the thread must not find a guard that is gone.
class LookupInterest {
  public:
    explicit LookupInterest(Lookup& lookup) : lookup_(lookup) {}
    LookupInterest(const LookupInterest&) = delete;
    LookupInterest& operator=(const LookupInterest&) = delete;
    ~LookupInterest() {
        const std::lock_guard lock(lookup_.mutex);
        lookup_.guard = nullptr;
    }
    bool done() const {
        const std::lock_guard lock(lookup_.mutex);
        return lookup_.done;
    }

  private:
    Lookup& lookup_;
};

}  // namespace

io::Task<Answer<std::vector<std::string>>> look_up_host(std::string name, CallGuard& guard,
                                                        std::string call) {
    if (is_address(name)) co_return std::vector<std::string>{name};
    const auto lookup = std::make_shared<Lookup>();
    lookup->guard = &guard;
    const LookupInterest interest(*lookup);
    auto thread = start_quiet_thread([name, lookup] { look_up(name, lookup); });
    if (!thread) co_return Failure{FailureKind::Connect, call + ": " + thread.error().message};
    thread->detach();
    while (!interest.done()) {
        if (guard.stopped()) co_return guard.failure(call, "while looking up `" + name + "`");
        co_await guard.wait();
    }
    if (!lookup->error.empty()) {
        co_return Failure{FailureKind::Connect, call + ": cannot look up `" + name + "`: " + lookup->error};
    }
    co_return lookup->addresses;
}

}  // namespace relux::clients
