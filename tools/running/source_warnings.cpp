#include "tools/running/source_warnings.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "compiler/failure_warnings.h"
#include "tools/project/compilation.h"

namespace relux::cli {

namespace {

bool is_explained(const report::TestResult& result) {
    return result.outcome == report::OutcomeKind::Failed && result.failure && result.file.ends_with(".relux");
}

compiler::FailedTest failed_test(const report::TestResult& result) {
    compiler::FailedTest failed{result.file, result.name, {}};
    for (const auto& frame : result.failure->chain) {
        if (frame.place.line != 0) failed.chain.push_back({frame.place.file, frame.place.line});
    }
    // A frame of a test or an effect has the place of its definition; those within it say how far it came.
    std::reverse(failed.chain.begin(), failed.chain.end());
    return failed;
}

}  // namespace

void add_source_warnings(std::vector<report::TestResult>& results, const RunPlan& plan,
                         const RunOptions& options) {
    if (std::any_of(options.paths.begin(), options.paths.end(), is_archive)) return;
    std::vector<report::TestResult*> explained;
    std::vector<compiler::FailedTest> failed;
    for (auto& result : results) {
        if (!is_explained(result)) continue;
        explained.push_back(&result);
        failed.push_back(failed_test(result));
    }
    if (failed.empty()) return;
    auto warnings =
        compiler::warnings_of(compile_options(plan.suite.project, *plan.suite.environment), failed);
    for (std::size_t i = 0; i < failed.size(); ++i)
        std::move(warnings[i].begin(), warnings[i].end(), std::back_inserter(explained[i]->warnings));
}

}  // namespace relux::cli
