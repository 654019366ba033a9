// Which tests a run would skip, told without running anything.
#pragma once

#include <string>
#include <vector>

#include "tools/cli/environment.h"
#include "vm/exec/program.h"

namespace relux::cli {

struct SkippedTest {
    std::string module;
    std::string test;
    std::string slug;
    std::string reason;  ///< as a run would give it
};

/// The tests of `test_modules` whose markers skip them, whichever run it is. What hangs on the run itself
/// (its own variables, a port, the time, chance) is not decided here, and such a test is left out.
std::vector<SkippedTest> skipped_tests(const exec::Program& program,
                                       const std::vector<std::string>& test_modules,
                                       const EnvironmentLayers& environment);

}  // namespace relux::cli
