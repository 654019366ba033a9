// The files below a project and the programs that a test's sends name: inputs of the test that nobody has to
// list.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/increment/file_digests.h"
#include "tools/increment/incremental_state.h"
#include "vm/report/outcome.h"

namespace relux::cli {

inline constexpr std::string_view kSentFile = "file ";
inline constexpr std::string_view kSentFiles = "files ";  ///< a pattern, `data/*.json`
inline constexpr std::string_view kSentDirectory = "directory ";
inline constexpr std::string_view kSentProgram = "program ";
/// Whether a dependency is one of these.
bool is_sent(std::string_view dependency);

struct SentInputs {
    Dependencies dependencies;  ///< files that are there, and programs
    AbsentFiles absent;
};

/// Digests what was sent, as things are now. `path` is the PATH that shells have unless their effect or they
/// themselves set another.
SentInputs sent_inputs(const report::SentNames& sent, const std::string& path, FileDigests& files);

/// The digest of a file or program by the name that sent_inputs() gave it.
std::uint64_t digest_of_sent(const std::string& dependency, const std::string& path, FileDigests& files);

/// A file that has come into being where a name that was sent found none; empty: none has.
std::string appeared(const AbsentFiles& absent, FileDigests& files);

}  // namespace relux::cli
