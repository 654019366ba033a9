// A watch that lives as long as the wait.
#include "vm/clients/descriptor_ready.h"

namespace relux::clients {

io::Task<bool> descriptor_ready(int descriptor, io::Readiness wanted, CallGuard& guard) {
    bool ready = false;
    const auto watch = guard.loop().watch_descriptor(descriptor, wanted, [&ready, &guard](io::Readiness) {
        ready = true;
        guard.wake();
    });
    if (watch == nullptr) co_return false;
    while (!ready && !guard.stopped())
        co_await guard.wait();
    co_return ready;
}

}  // namespace relux::clients
