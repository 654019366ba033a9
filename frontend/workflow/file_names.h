// Names on the command line to files: patterns are expanded here, because not every shell does it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "frontend/workflow/problem.h"

namespace relux::workflow {

struct FileNames {
    std::vector<std::string> files;
    std::vector<Problem> problems;  ///< patterns that match no file
};

/// Expands every name with `*`, `?` or `[` in it that is no file: the parts between slashes are globs
/// (vm/base/glob.h), `**` as a whole part is any number of directories. As in shells, none matches the dot in
/// front of a hidden name, and `**` does not go through symbolic links. The matches of a pattern are sorted
/// by bytes; config files are not among them. All other names stay as they are. Relative names are seen from
/// `directory`.
FileNames expand_file_names(const std::vector<std::string>& names, const std::filesystem::path& directory);

}  // namespace relux::workflow
