// See port_pool.h. The search starts at a random port: two runs on one machine rarely meet.
#include "vm/run/port_pool.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <random>
#include <string>
#include <sys/socket.h>

#include "vm/base/fd.h"

namespace relux::run {

namespace {

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
        if (held_.contains(port) || !can_listen(port)) continue;
        held_.insert(port);
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
