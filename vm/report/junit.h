// junit.xml in the form of Jenkins and Maven Surefire: a suite for the run, a case for each test; attempts at
// a flaky test as Surefire's reruns. What has no element there is in the output of its case, in the notation
// of test management tools: `[[PROPERTY|log=…]]`, `[[ATTACHMENT|…]]`.
#pragma once

#include <string>

#include "vm/report/report_source.h"

namespace relux::report {

std::string format_junit(const ReportSource& source);

}  // namespace relux::report
