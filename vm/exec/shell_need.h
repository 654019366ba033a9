// How many shells a test can have open at once, from its code and that of the effects that it starts. Shells
// are named, so a loop or a call opens no more than are written down.
#pragma once

#include <cstddef>

#include "vm/exec/program.h"

namespace relux::exec {

struct ShellNeed {
    /// A test that runs to its end has so many open at one moment.
    std::size_t least = 0;
    /// It never has more: each effect counted as often as it can have an instance of its own.
    std::size_t most = 0;
};

/// `test` is one of `module`, which is linked. Counts nothing beyond a million.
ShellNeed shell_need_of(const LinkedModule& module, const bytecode::Test& test);

}  // namespace relux::exec
