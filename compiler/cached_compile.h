// Compiling a suite with what the cache has of it. The result is that of compile_suite(): only what changed,
// and what depends on a changed interface, is compiled; the rest is known by its facts and loaded when it is
// needed.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "compiler/compile.h"
#include "compiler/module_cache.h"
#include "vm/exec/program.h"

namespace relux::compiler {

/// What became of one module: in the cache, or compiled, and why.
struct CacheDecision {
    std::string module;
    bool hit = false;
    std::string
        why;  ///< `the source is new`, `the interface of relux/lib/db.relux has changed`; empty: a hit
};

struct CachedSuite {
    std::vector<ModuleFacts> modules;       ///< every valid module that is reached, sorted by name
    std::vector<std::string> test_modules;  ///< the given files that are valid, in the order given
    std::vector<InvalidTest> invalid;
    std::vector<std::unique_ptr<frontend::Source>> sources;  ///< own the texts of `diagnostics`
    frontend::DiagnosticSink diagnostics;                    ///< of what was compiled
    std::vector<CacheDecision> decisions;                    ///< sorted by module
    /// The modules. It keeps the cache's files open, but not the cache.
    std::unique_ptr<exec::ModuleSource> source;
    std::string note;  ///< why the cache could not be written; empty: it could
};

/// `want_warnings`: modules that have warnings are compiled, so that they show in `diagnostics`.
CachedSuite compile_suite_cached(const CompileOptions& options,
                                 const std::vector<std::filesystem::path>& files,
                                 std::unique_ptr<ModuleCache> cache, bool want_warnings);

}  // namespace relux::compiler
