// The compiler's facade: test files in, verified bytecode modules out. The pipeline is a list of calls:
// load → parse → resolve → check → lower → optimise → registers → emit.
#pragma once

#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/module_facts.h"
#include "frontend/diagnostic.h"
#include "frontend/source.h"
#include "vm/base/arena.h"
#include "vm/base/result.h"
#include "vm/bytecode/module.h"

namespace relux::compiler {

struct CompileOptions {
    frontend::Edition edition = frontend::Edition::V0_4;
    std::filesystem::path suite_root;  ///< directory of Relux.toml; `relux/lib` below it is the import path
    /// Whether the base environment (host, .env, the runtime's own) sets a name for the tests of a module,
    /// for the check of expectations. The module is named as bytecode::Module::name.
    std::function<bool(std::string_view name, std::string_view module)> environment_has;
    /// Reads a file; called by several threads at once. Replaced in tests; the default reads the disk.
    std::function<Result<std::string>(const std::filesystem::path&)> read_file;
    /// The import paths of the library's modules, for suggestions only; may be empty.
    std::function<std::vector<std::string>()> library_modules;
    /// Whether modules pass the verifier before they are given out. False: whoever uses some of them sees to
    /// that when they are used, as for modules out of a file.
    bool verify = true;
    /// Modules are given out as bytecode::write_module() gives them, in CompiledSuite::written: bytes take
    /// less memory than thousands of modules, and less time to be given back.
    bool written = false;
    /// Which modules are to become bytecode, by name; empty: all. The others are only read and checked.
    std::function<bool(std::string_view name)> wanted;
    /// The files are all test files that the suite has, so that who starts an effect of the library is known.
    bool whole_suite = false;
    bool optimise = true;  ///< false: for tests that compare
    bool remarks = false;  ///< say in CompiledSuite::remarks what the optimiser has done
};

/// A test that cannot run because its file has errors of syntax, or because it has an error or reaches one.
struct InvalidTest {
    std::string module;        ///< as bytecode::Module::name
    std::string name;          ///< empty: the file's tests are not known
    std::string reason;        ///< the error, one line
    std::size_t position = 0;  ///< among all tests of the file, from 0
};

struct CompiledSuite {
    /// Every module that is wanted and of which something is valid, sorted by name; without what has an error
    /// or reaches one. See verify.
    std::vector<bytecode::Module> modules;
    std::vector<std::string_view> written;  ///< the same as bytes, if these are wanted: `modules` is empty
    std::unique_ptr<ArenaPool> memory;      ///< of `written`
    std::vector<ModuleFacts> facts;         ///< one for each of `modules` or `written`
    std::deque<std::string> texts;          ///< `facts` point into it
    std::vector<std::string>
        test_modules;  ///< the given files that have a valid test, or none, in the order given
    std::vector<InvalidTest> invalid;
    /// Own the texts that diagnostics point into.
    std::vector<std::unique_ptr<frontend::Source>> sources;
    frontend::DiagnosticSink diagnostics;
    /// `module:line:column: remark: what was folded`, one a line, by module and place.
    std::string remarks;
};

/// Compiles `files` (paths of test files) and all that they import. Never fails as a whole.
CompiledSuite compile_suite(const CompileOptions& options, const std::vector<std::filesystem::path>& files);

/// One file up to its IR, as text for `dump --ir`.
std::string dump_ir(const CompileOptions& options, const std::filesystem::path& file,
                    frontend::DiagnosticSink& sink, std::vector<std::unique_ptr<frontend::Source>>& sources);

}  // namespace relux::compiler
