// Remembers what earlier runs have shown of each test: whether it passed, and with what. One file, replaced
// whole.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tools/increment/file_digests.h"
#include "vm/base/fd.h"
#include "vm/base/result.h"

namespace relux::cli {

/// Something that an outcome depends on, and a hash of what it was. Values are not kept: they may be secrets.
struct Dependency {
    std::string name;  ///< `fn start/1 of relux/lib/db.relux`, `variable MODE`, `input data/a.json`
    std::uint64_t digest = 0;

    auto operator<=>(const Dependency&) const = default;
};

/// Sorted by name, each name once.
using Dependencies = std::vector<Dependency>;

/// Names that were sent and that nothing had. Names are not kept: they may be anything that was typed.
struct AbsentFiles {
    std::vector<std::uint64_t> names;  ///< FileDigests::hash_of_entry() of what would have to come, sorted
    std::vector<std::string> directories;  ///< where that would come; below the root, which is empty

    bool operator==(const AbsentFiles&) const = default;
};

struct RememberedTest {
    bool passed = false;  ///< in `run_id`, at the first attempt
    std::string run_id;   ///< the run that showed it
    Dependencies own;     ///< code, variables, executables, files and programs that were sent
    AbsentFiles absent;
    std::uint32_t shared = 0;      ///< index of IncrementalState::shared
    std::string last_invalidated;  ///< what made it run again last time; empty: nothing did yet
};

struct IncrementalState {
    std::vector<Dependencies> shared;             ///< settings and inputs, the same for many tests
    std::map<std::string, RememberedTest> tests;  ///< by `path::name`
    KnownFiles files;                             ///< what need not be read again
};

inline constexpr std::string_view kIncrementalStateName = "incremental.state";

/// Reads what there is; a file that is missing, damaged or of another version is an empty state.
IncrementalState read_incremental_state(const std::filesystem::path& file);

Status write_incremental_state(const IncrementalState& state, const std::filesystem::path& file);

/// Held while the file is read, changed and written again, so that no run undoes what another one has kept. A
/// run that holds it for seconds is stopped or hangs, and is not waited for: then something may be forgotten,
/// and tests run that need not.
class IncrementalStateLock {
  public:
    explicit IncrementalStateLock(const std::filesystem::path& file);

  private:
    Fd lock_;
};

}  // namespace relux::cli
