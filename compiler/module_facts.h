// Tells the cache about a compiled module more than its bytes do: what its compilation depended on, and what
// others that are compiled against it depend on.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compiler/hash128.h"
#include "frontend/diagnostic.h"
#include "frontend/program.h"
#include "frontend/source.h"

namespace relux::compiler {

/// A module that another one imports, by name, and what its interface was.
struct ImportFact {
    std::string_view name;
    Hash128 interface;
};

/// Whether the base environment set a variable for the tests of the module; the check of expectations asks.
struct EnvironmentFact {
    std::string_view name;
    bool set = false;
};

/// Views into what has made the facts: a pack of the cache, or the texts of a CompiledSuite. A suite has
/// facts of thousands of modules when it starts, and looks at few of them.
struct ModuleFacts {
    std::string_view name;  ///< as bytecode::Module::name
    Hash128 source;         ///< of the file's bytes
    Hash128 interface;
    std::vector<ImportFact> imports;           ///< direct ones, in the order of the source, each once
    std::vector<EnvironmentFact> environment;  ///< sorted by name
    bool has_warnings = false;                 ///< to be shown by whoever shows warnings
    bool reaches_errors = false;               ///< only a part of it was compiled; such facts are not kept
    std::vector<std::string_view> tests;       ///< names, in the order of the source
};

/// Hashes everything that the compilation of an importer can see: names, arities and purity of functions,
/// what effects expect, expose and need. No body, no place, no order gets into it. The module has been
/// checked.
Hash128 interface_hash(frontend::LoadedModule& module);

/// Identifies all that the import list of a module depends on: this compiler and its format, the edition, the
/// module's name and its source.
Hash128 source_key(frontend::Edition edition, std::string_view name, const Hash128& source);

/// Identifies all that the bytes of a module depend on: source_key() and the interfaces that it imports.
Hash128 module_key(const Hash128& source_key, const std::vector<ImportFact>& imports);

/// Names this compiler: another one compiles differently, or may. A hash of its sources.
std::string_view compiler_fingerprint();

}  // namespace relux::compiler
