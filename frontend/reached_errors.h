// Which definitions and tests of a checked program have an error or reach one (language 13), and the program
// without them. An error that no test reaches stands in the way of none.
#pragma once

#include "frontend/program.h"

namespace relux::frontend {

/// Takes every function, effect and test that has an error, or reaches one, out of the modules, gives those
/// tests to LoadedModule::broken_tests with the reason, and resolves the names of what is left anew: that is
/// a program without errors. Modules whose syntax has errors are `unusable`, and nobody imports them any
/// more. What has been reported stays. The time it takes is that of the modules that reach errors; without
/// errors it does nothing.
void take_out_errors(Program& program);

/// The first error of the file, which has one, with its place in one line:
/// `relux/lib/db.relux:2:3: undefined function ...`.
std::string first_error(const LoadedModule& module);

}  // namespace relux::frontend
