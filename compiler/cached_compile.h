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

/// Says what became of one module: taken from the cache, or compiled, and why.
struct CacheDecision {
    std::string module;
    bool hit = false;
    std::string
        why;  ///< `the source is new`, `the interface of relux/lib/db.relux has changed`; empty: a hit
};

struct CachedSuite {
    /// The given files that are valid, in the order given. They live as long as `source`.
    std::vector<const ModuleFacts*> test_modules;
    std::vector<InvalidTest> invalid;
    std::vector<std::unique_ptr<frontend::Source>> sources;  ///< own the texts of `diagnostics`
    frontend::DiagnosticSink diagnostics;                    ///< of what was compiled
    std::vector<CacheDecision> decisions;                    ///< sorted by module; if wanted
    /// Every valid module that is reached.
    std::unique_ptr<exec::ModuleSource> source;
    std::string note;  ///< why the cache could not be written; empty: it could
};

/// Asks a compilation for more than the program.
struct CacheWishes {
    bool warnings = false;  ///< modules that have some are compiled, so that they show in `diagnostics`
    bool decisions = false;
};

/// `files` are paths, as for compile_suite().
CachedSuite compile_suite_cached(const CompileOptions& options, const std::vector<std::string>& files,
                                 std::unique_ptr<ModuleCache> cache, const CacheWishes& wishes);

}  // namespace relux::compiler
