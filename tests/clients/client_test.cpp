// The loop of a test, and a resolver that can be made to hang.
#include "tests/clients/client_test.h"

#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <dlfcn.h>
#include <mutex>
#include <netdb.h>

#include <doctest/doctest.h>

namespace {

struct Hanging {
    std::mutex mutex;
    std::condition_variable changed;
    bool on = false;
    int inside = 0;
};
Hanging& hanging() {
    static Hanging state;
    return state;
}

}  // namespace

// Stands before the system's, for the libraries too.
extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints, addrinfo** result) {
    if (name != nullptr && std::strcmp(name, "hanging.test") == 0) {
        Hanging& state = hanging();
        std::unique_lock lock(state.mutex);
        ++state.inside;
        state.changed.wait(lock, [&] { return !state.on; });
        --state.inside;
        state.changed.notify_all();
        return EAI_AGAIN;
    }
    using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
    static const auto next = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "getaddrinfo"));
    return next(name, service, hints, result);
}

namespace relux::clients {

HangingLookups::HangingLookups() {
    const std::lock_guard lock(hanging().mutex);
    hanging().on = true;
}

HangingLookups::~HangingLookups() {
    std::unique_lock lock(hanging().mutex);
    hanging().on = false;
    hanging().changed.notify_all();
    hanging().changed.wait(lock, [] { return hanging().inside == 0; });
}

ClientTest::ClientTest() : loop_(io::make_uv_loop().value()), started_(loop_->now()) {
    look_ = loop_->make_timer([this] { loop_->stop(); });
    open_before_ = open_descriptors();
}

ClientTest::~ClientTest() {
    // Handles are closed by the loop, and threads that cancel a query take their time.
    run_until([this] { return open_descriptors() <= open_before_; });
    later_.clear();
    look_.reset();
}

void ClientTest::turn() {
    REQUIRE_MESSAGE(loop_->now() - started_ < 2 * kLong, "what the test waits for does not happen");
    look_->arm(loop_->now() + 5ms);
    loop_->run();
}

void ClientTest::later(Duration delay, std::function<void()> action) {
    later_.push_back(loop_->make_timer(std::move(action)));
    later_.back()->arm(loop_->now() + delay);
}

std::string setting(const char* name) {
    const char* value = std::getenv((std::string("RELUX_TEST_") + name).c_str());
    REQUIRE_MESSAGE(value != nullptr, "run me by tests/clients/servers.py");
    return value;
}

std::string port_of(const char* server) {
    return setting((std::string(server) + "_PORT").c_str());
}

int open_descriptors() {
    DIR* directory = ::opendir("/proc/self/fd");
    int count = 0;
    while (::readdir(directory) != nullptr)
        ++count;
    ::closedir(directory);
    return count - 3;  // `.`, `..` and the directory itself
}

}  // namespace relux::clients
