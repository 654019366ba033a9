// Names of hosts to addresses, without blocking the loop: the system's resolver does block, so a thread asks
// it. A thread whose answer nobody waits for any more goes on until the resolver comes back, and is
// forgotten.
#pragma once

#include <string>
#include <vector>

#include "vm/clients/call_guard.h"
#include "vm/io/task.h"

namespace relux::clients {

/// Numeric addresses in the system's order of preference, at least one. An address is its own answer.
/// `call` says what it is for, in failures.
io::Task<Answer<std::vector<std::string>>> look_up_host(std::string name, CallGuard& guard, std::string call);

}  // namespace relux::clients
