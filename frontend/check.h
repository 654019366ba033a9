// Finds what is wrong with a program whose names are resolved: purity, expectations, regexes, and the
// warnings.
#pragma once

#include <functional>
#include <string_view>

#include "frontend/program.h"
#include "vm/base/result.h"

namespace relux::frontend {

struct CheckOptions {
    /// Whether the base environment sets a name for the tests of a module. Empty: nothing is known of it, so
    /// no name counts as set for expectations and none is warned about as never set.
    std::function<bool(std::string_view name, std::string_view module)> environment_has;
    /// Whether a regex compiles; the error's code is the offset in it. Empty: regexes are not checked.
    std::function<Status(std::string_view)> check_regex;
    std::string_view assignment = "=";  ///< as the edition writes it, for hints
    /// Every test file of the suite is in the program, so who starts an effect of the library is known.
    bool whole_suite = false;
};

/// All checks. Modules with syntax errors are left out; warnings are given only for modules without errors.
void check(Program& program, const CheckOptions& options);

/// Its parts.
void check_purity(LoadedModule& module);
void check_patterns(LoadedModule& module, const CheckOptions& options);
/// `effect X expects Y but it is not provided`, along every path of starts from every test of the module.
void check_expectations(LoadedModule& module, const CheckOptions& options);
/// Keys of overlays that nothing expects or reads.
void check_overlays(const Program& program, const CheckOptions& options);
void check_usage(const Program& program, const CheckOptions& options);
void check_timing(LoadedModule& module);
/// Last lines of shells that nobody waits for.
void check_sends(const Program& program, const CheckOptions& options);
/// Warns of texts that are probably not meant: `$$`, `\0` before a digit, bare words in markers.
void check_texts(const Program& program, LoadedModule& module, const CheckOptions& options);

}  // namespace relux::frontend
