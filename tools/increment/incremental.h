// `relux run --incremental` (cli 9): a test that passed is not run again while nothing that it depends on, as
// far as the project knows, has changed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/increment/file_digests.h"
#include "tools/increment/incremental_state.h"
#include "tools/project/suite_source.h"
#include "vm/exec/reach.h"
#include "vm/report/outcome.h"
#include "vm/run/run_settings.h"

namespace relux::cli {

class Incremental {
  public:
    /// Reads what earlier runs have left. The error names an input that can't be read.
    static Result<Incremental> open(const RunnableSuite& suite, const run::RunSettings& settings);

    /// Marks the tests that need not run (run::TestCase::cached_because). With `force` none.
    void decide(RunnableSuite& suite, bool force);
    /// Says what would make a test run again, and what did last time; one name, one text for each test that
    /// has it.
    std::string explain(RunnableSuite& suite, const std::string& test);
    /// Keeps what the run has shown.
    Status record(const RunnableSuite& suite, const std::vector<report::TestResult>& results,
                  const std::string& run_id);

  private:
    explicit Incremental(const RunnableSuite& suite);
    void remember(RememberedTest& remembered, const report::TestResult& result,
                  const std::map<std::string, std::string>& variables);
    /// Parts of the state that no test refers to any more go.
    void forget_unused();
    /// Own dependencies as they are now, if the test read the same things again.
    Dependencies dependencies_now(RunnableSuite& suite, const run::TestCase& test,
                                  const Dependencies& remembered);
    /// Why it must run; nothing when it need not.
    std::optional<std::string> reason_to_run(const RememberedTest& remembered, const Dependencies& now);

    std::filesystem::path file_;
    IncrementalState state_;
    FileDigests files_;
    Dependencies shared_;  ///< as they are now
    exec::Reach reach_;
    std::map<std::string, Dependencies> code_;  ///< of the tests that were decided about, by key
};

}  // namespace relux::cli
