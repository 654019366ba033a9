// Which function a call in an event log means: one number, from which the names of its parameters are found.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "vm/exec/program.h"

namespace relux::run {

/// For a function that the module `caller` refers to by `reference`. 0 is no such number: it stands for a
/// built-in.
std::int64_t callee_number(const exec::LinkedModule& caller, std::uint32_t reference);
/// Views into the modules of `program`; none for a built-in.
std::vector<std::string_view> callee_parameters(const exec::Program& program, std::int64_t number);

}  // namespace relux::run
