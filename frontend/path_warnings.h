// Says which warnings are about what a test has run: for a failure whose cause the checks have seen before.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "frontend/program.h"

namespace relux::frontend {

/// A line that a test was at when it failed: what stands below it in the same definition has not run.
struct ReachedLine {
    std::string_view module;  ///< as LoadedModule::name
    std::uint32_t line = 0;   ///< from 1
};

/// The warnings about the test itself, the functions that it calls and the effects that it starts, however
/// far, without what stands below a reached line of the same definition, and without cleanups. By module in
/// the order of the program, then by place. The program has been checked; `module` is one of its roots.
std::vector<const Diagnostic*> warnings_on_path(const Program& program, const LoadedModule& module,
                                                std::size_t test, std::span<const ReachedLine> reached);

}  // namespace relux::frontend
