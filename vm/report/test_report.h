// The reports of one attempt at a test, `events.json` and `event.html`, made from its event log when it has
// ended.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "vm/base/result.h"
#include "vm/report/environment_variable.h"
#include "vm/report/event_log.h"
#include "vm/report/json_writer.h"
#include "vm/report/outcome.h"
#include "vm/report/secrets.h"

namespace relux::report {

struct ShellRecord {
    std::string name;    ///< as users call it; several may share one
    std::string marker;  ///< unique in the attempt; what its log files are called
};

struct SourceFile {
    std::string_view path;  ///< below the project's root
    std::string_view text;  ///< empty when stripped
};

/// Everything known about an attempt. What it refers to must live as long as this.
struct TestRecord {
    const EventLog& events;
    const TestResult& result;  ///< masked; of this attempt
    const Secrets& secrets;
    std::string run_id;
    int attempt = 0;          ///< from 0
    double multiplier = 1.0;  ///< of tolerances
    SourceFile file;          ///< where the test is written
    std::uint32_t line = 0;
    std::vector<ShellRecord> shells;                  ///< [0] has number 1
    std::map<std::string, std::string> environment;   ///< what the test has read
    std::function<SourceFile(std::uint32_t)> source;  ///< of EventPlace::module
    std::filesystem::path directory;                  ///< exists
    QuotedText* quoted_source = nullptr;              ///< null: each source is quoted anew
    // Where the test is written; as those of EventPlace.
    std::uint32_t module = 0;
    std::uint32_t column = 0;
    std::uint32_t end_column = 0;
    std::vector<EnvironmentVariable> base_environment = {};  ///< all of it, sorted
    /// The parameters of a function, by what FnCall has as its callee; may be null.
    std::function<std::vector<std::string_view>(std::int64_t)> parameters = nullptr;
};

/// Writes both files whole; the first error is given, and the other file is written all the same. When
/// secrets were learned while the test ran, masks the logs of its shells again.
Status write_test_report(const TestRecord& record);

/// Replaces secrets in everything that people read.
void mask_result(TestResult& result, const SecretSearch& secrets);

}  // namespace relux::report
