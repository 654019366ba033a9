// The variables that a test starts from (language 15.1): the host's, then the `.env` files from the project's
// root down to the directory of the test's file. What the runtime sets itself is added by the run.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "vm/base/result.h"
#include "vm/run/base_environment.h"

namespace relux::cli {

using Environment = std::map<std::string, std::string>;

/// Lays the variables of an `.env` file over `layer`: `NAME=value` a line, `#` comments, an optional
/// `export`, values in single quotes as they are, in double quotes with `\n \t \" \\ \$`. Outside single
/// quotes `${NAME}` stands for what the layer holds at that line, nothing when unset. The runtime's own names
/// are passed over. The error names `file` and the line.
Status add_dotenv(run::EnvironmentLayer& layer, std::string_view text, std::string_view file);

/// One layer for each directory that has an `.env` file, each read once; directories without one share their
/// parent's. Moving keeps the layers where they are.
class EnvironmentLayers {
  public:
    /// Reads the files of `root` and of every directory from there down to each of `files`. A file outside
    /// the root has the root's variables. No `.env` is no error. `term` is that of the shells; what lies
    /// below all files is host_environment_for_shells().
    static Result<EnvironmentLayers> read(const std::filesystem::path& root,
                                          const std::vector<std::string>& files, std::string_view term);

    /// The layer of a module by its name; of one whose directory was not read, that of the nearest directory
    /// above it.
    const run::EnvironmentLayer& of_module(std::string_view module) const;
    const run::EnvironmentLayer& root() const { return of_module(""); }

  private:
    EnvironmentLayers() = default;
    Status read_directory(const std::filesystem::path& root, const std::string& directory);

    std::vector<std::unique_ptr<run::EnvironmentLayer>> layers_;
    /// By the directory below the root, with `/`; the root is empty.
    std::unordered_map<std::string, const run::EnvironmentLayer*> by_directory_;
};

/// The variables of this process.
Environment host_environment();
/// The same, put right for shells whose terminal is a `term` and whose user is a test (language 15.2): the
/// size of our terminal is not theirs, no pager waits for a key, and programs that write colours whatever the
/// terminal is are asked not to when it has none.
Environment host_environment_for_shells(std::string_view term);

/// Whether the runtime itself sets a name before a test starts.
bool is_runtime_variable(std::string_view name);
/// Whether a name's value is the run's, whatever the host and `.env` files say: the runtime's own names but
/// for the suite's root, and what is set for shells.
bool is_set_by_run(std::string_view name);

}  // namespace relux::cli
