// Waiting for a socket within a call.
#pragma once

#include "vm/clients/call_guard.h"
#include "vm/io/task.h"

namespace relux::clients {

/// True when the descriptor is ready for one of these, false when the call was stopped before, or the
/// descriptor can't be waited for. Watches it only meanwhile: it may be closed as soon as this returns.
io::Task<bool> descriptor_ready(int descriptor, io::Readiness wanted, CallGuard& guard);

}  // namespace relux::clients
