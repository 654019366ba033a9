// The longer text of each diagnostic: what it means, why it is so, a program that has it and the same program
// without. Read by `explain`, and the source of docs/diagnostics.md. It knows nothing of the compiler.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "frontend/diagnostic.h"
#include "frontend/source.h"

namespace relux::frontend {

struct Explanation {
    DiagnosticCode code;
    Edition edition;         ///< of the examples
    std::string_view text;   ///< paragraphs, with `code` as in Markdown
    std::string_view wrong;  ///< gives this diagnostic; as example_files() reads it
    std::string_view right;  ///< gives none at all
};

/// One for each code, in the order of diagnostics.def.
std::span<const Explanation> explanations();
const Explanation& explanation(DiagnosticCode code);

struct ExampleFile {
    std::string_view path;
    std::string_view text;
    bool readable = true;
};

/// The files of an example: each begins with a line `// --- PATH`, or `// --- PATH (not readable)`. One
/// without such a line is a single test file.
std::vector<ExampleFile> example_files(std::string_view example);

}  // namespace relux::frontend
