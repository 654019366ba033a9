// The values that could stand at the cursor: files, tests, modules, time-outs. Reads what it must, never
// writes, never fails: what can't be read has no candidates.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "tools/shell/completions.h"

namespace relux::cli {

/// The words of the line before the cursor that decide which project is meant, and which of its files.
struct CompletionPlace {
    std::optional<std::filesystem::path> manifest;
    std::vector<std::filesystem::path> files;  ///< none: all below the current directory
};

/// All test files below the directory that `typed` begins with, else below the current one; not those of
/// projects within it, nor the output of runs.
std::vector<Candidate> test_file_candidates(const CompletionPlace& place, std::string_view typed);
/// The tests of the place's files, with their docstring or their file for help.
std::vector<Candidate> test_name_candidates(const CompletionPlace& place);
/// Lists what an expression may have for a word: test files, and names of tests that need no quotes.
std::vector<Candidate> filter_candidates(const CompletionPlace& place);
/// Every Relux.toml below the directory that `typed` begins with, those of projects within projects too.
std::vector<Candidate> manifest_candidates(std::string_view typed);
/// The directories below `relux/tests` or `relux/lib`, as `new` names modules: `a/b/`; not the one that is
/// typed already.
std::vector<Candidate> module_directory_candidates(const CompletionPlace& place, std::string_view below,
                                                   std::string_view typed);
/// For a flag that beats a key of Relux.toml, such as `--test-timeout`: what is configured, and some times
/// that. Nothing for what is no time-out.
std::optional<std::vector<Candidate>> setting_candidates(const CompletionPlace& place,
                                                         std::string_view flag_names);
/// The codes of diagnostics, with their titles.
std::vector<Candidate> diagnostic_candidates();

}  // namespace relux::cli
