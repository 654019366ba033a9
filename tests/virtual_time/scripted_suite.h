// Compiles source text and runs it on virtual time: no process, no sleep, the same times at every run.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/fake_loop.h"
#include "tests/support/temporary_directory.h"
#include "vm/run/suite.h"

namespace relux::virtual_time {

using namespace std::chrono_literals;

/// A shell that prompts as the runtime asks and answers `echo TEXT` and the exit code question as a shell
/// does.
io::ShellScript ordinary_shell();

class ScriptedSuite {
  public:
    ScriptedSuite();
    ScriptedSuite(const ScriptedSuite&) = delete;
    ScriptedSuite& operator=(const ScriptedSuite&) = delete;

    run::RunSettings settings;
    run::RunInstruments instruments;
    io::FakeLoop loop;

    /// Adds a library module, named as it is imported: `service/db`.
    void add_module(std::string_view name, std::string_view source);
    /// Compiles `source` as the test file `relux/tests/main.relux`. Diagnostics fail the calling test.
    std::unique_ptr<exec::Program> compile(std::string_view source);
    /// Compiles `source` as one test file and runs all its tests. Diagnostics fail the calling test.
    run::SuiteResult run(std::string_view source);
    /// Runs workflows, by the names of their files. What the loader refuses fails the calling test.
    run::SuiteResult run_workflows(const std::map<std::string, std::string>& sources);
    /// The failure of the only test, as rendered without logs; empty when it passed.
    static std::string summary(const run::SuiteResult& result);

  private:
    run::SuiteResult run_tests(exec::Program& program, const std::vector<run::TestCase>& tests);

    test_support::TemporaryDirectory directory_;
    std::map<std::string, std::string> modules_;
};

}  // namespace relux::virtual_time
