// A failure as people read it (language 17): summary, chain with source lines, time-out, output, near misses.
#pragma once

#include <string>

#include "vm/report/outcome.h"

namespace relux::report {

std::string render_failure(const TestResult& result, bool color);

}  // namespace relux::report
