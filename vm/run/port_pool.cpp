// The search starts at a random port: two runs on one machine rarely meet.
#include "vm/run/port_pool.h"

#include <arpa/inet.h>
#include <cerrno>
#include <cstddef>
#include <netinet/in.h>
#include <optional>
#include <random>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <utility>

namespace relux::run {

namespace {

/// Says to all runs on this machine, or in this network namespace, that the port is taken, as long as the
/// descriptor is open: a name outside of the file system belongs to whoever has bound it, and goes with him,
/// however he ends. Nothing: it is another run's. No descriptor: the system has none to spare, and the port
/// is had without.
std::optional<Fd> reserve(int port) {
    Fd name(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!name) return name;
    const auto text = "relux-port-" + std::to_string(port);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    text.copy(address.sun_path + 1, sizeof address.sun_path - 1);
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + text.size());
    if (::bind(name.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 && errno == EADDRINUSE)
        return std::nullopt;
    return name;
}

bool can_listen(int port) {
    const Fd probe(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!probe) return false;
    // As servers do: a port whose last connection is in TIME_WAIT is free for whoever listens on it next.
    const int on = 1;
    ::setsockopt(probe.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // SO_REUSEADDR lets a bind beside another bound socket succeed; listening does not.
    return ::bind(probe.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
           ::listen(probe.get(), 1) == 0;
}

}  // namespace

PortPool::PortPool(int first, int last) : first_(first), last_(last) {
    std::random_device seed;
    next_ = first_ + static_cast<int>(seed() % static_cast<unsigned>(last_ - first_ + 1));
}

Result<int> PortPool::take() {
    const std::lock_guard lock(mutex_);
    const int size = last_ - first_ + 1;
    for (int tried = 0; tried < size; ++tried) {
        const int port = next_;
        next_ = next_ == last_ ? first_ : next_ + 1;
        if (held_.contains(port)) continue;
        // First, for another run's server, which is about to listen there, must not find our socket.
        auto name = reserve(port);
        if (!name || !can_listen(port)) continue;
        held_.emplace(port, std::move(*name));
        return port;
    }
    return Error{"available_port: no free TCP port in " + std::to_string(first_) + ".." +
                 std::to_string(last_) + "; widen [available_ports] in Relux.toml"};
}

void PortPool::give_back(const std::vector<int>& ports) {
    const std::lock_guard lock(mutex_);
    for (const int port : ports)
        held_.erase(port);
}

}  // namespace relux::run
