// Where the tests of a run come from: source files, compiled now, or an archive, compiled before. After this
// step a run of either is the same.
#pragma once

#include <deque>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/compile.h"
#include "tools/project/cache_options.h"
#include "tools/project/environment.h"
#include "tools/project/project.h"
#include "vm/bytecode/module_file.h"
#include "vm/exec/program.h"
#include "vm/run/suite.h"

namespace relux::cli {

/// Texts that stay where they are while more are added and the whole is moved.
using Texts = std::deque<std::string>;

struct RunnableSuite {
    Project project;
    std::optional<EnvironmentLayers> environment;  ///< never empty; test cases point into it
    std::unique_ptr<exec::Program> program;        ///< test cases point into it
    Texts texts;                                   ///< test cases point into it
    std::vector<run::TestCase> tests;
    std::string diagnostics;  ///< errors of invalid files, rendered
};

bool is_archive(const std::filesystem::path& path);

/// Finds, compiles and links. Wrong source is no error here: its tests are invalid, and `diagnostics` says
/// why.
Result<RunnableSuite> suite_from_sources(const std::optional<std::filesystem::path>& manifest,
                                         const std::vector<std::filesystem::path>& paths,
                                         const CacheOptions& cache, bool color);

/// Reads, verifies and links. Settings are those of the manifest in the archive, unless `manifest` names
/// another; project_of_archive() says which directory is the suite's root.
Result<RunnableSuite> suite_from_archive(const std::optional<std::filesystem::path>& manifest,
                                         const std::filesystem::path& archive);

/// The root decides where `${__RELUX_SUITE_ROOT}` and the run directory are, so it should be the checkout at
/// hand, not wherever the archive was made. In this order: the directory of `manifest`; that of the nearest
/// Relux.toml upward, if it is the one that was archived, byte for byte; the root recorded in the archive, if
/// it has a Relux.toml; that of the nearest Relux.toml upward, whatever it says; the current directory.
Result<Project> project_of_archive(const std::optional<std::filesystem::path>& manifest,
                                   const bytecode::Archive& archive);

/// The tests of one file, by name, in the order of the file. Views of what test cases may point to.
struct TestModule {
    std::string_view name;
    std::vector<std::string_view> tests;
};

/// One case per test: those of `valid`, and each invalid one in the place of its file in `files`. `files` are
/// module names; log directories are unique. What the cases point to and `valid` does not have is added to
/// `texts`.
std::vector<run::TestCase> make_test_cases(const std::vector<std::string>& files,
                                           const std::vector<TestModule>& valid,
                                           const std::vector<compiler::InvalidTest>& invalid, Texts& texts);

/// `modules` are sorted by name; `names` are those whose tests are wanted. The views are of the strings of
/// the modules' pools, which stay where they are when modules are moved, and of `texts`.
std::vector<TestModule> test_modules_of(const std::vector<bytecode::Module>& modules,
                                        const std::vector<std::string>& names, Texts& texts);

}  // namespace relux::cli
