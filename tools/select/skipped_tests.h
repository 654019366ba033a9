// Which tests a run would skip, or find invalid, because of their markers, told without running anything.
#pragma once

#include <string>
#include <vector>

#include "tools/project/environment.h"
#include "vm/exec/program.h"
#include "vm/run/markers.h"

namespace relux::cli {

struct SkippedTest {
    std::string module;
    std::string test;
    std::string slug;
    std::string reason;  ///< as a run would give it
};

/// Says what the markers of tests come to.
struct MarkedTests {
    std::vector<SkippedTest> skipped;
    /// Patterns that conditions reach, each place once; they point into the program.
    std::vector<run::MalformedPattern> malformed;
};

/// The tests of `test_modules` that their markers skip or make invalid, whichever run it is. What hangs on
/// the run itself (its own variables, a port, the time, chance) is not decided here, and such a test is left
/// out.
MarkedTests evaluate_test_markers(const exec::Program& program, const std::vector<std::string>& test_modules,
                                  const EnvironmentLayers& environment);

}  // namespace relux::cli
