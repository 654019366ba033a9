// Source text to syntax tree. Always returns a tree of what could be understood; every mistake is reported.
#pragma once

#include <string>

#include "frontend/ast.h"
#include "frontend/diagnostic.h"

namespace relux::frontend {

ModuleSyntax parse(const Source& source, Edition edition, DiagnosticSink& sink);
/// The same: the tree is in the arena `tree`, which must outlive it. `scratch` is cleared in the end.
ModuleSyntax parse(const Source& source, Edition edition, DiagnosticSink& sink, Arena& tree, Arena& scratch);

/// One token a line for `dump --tokens`: `line:column kind text`.
std::string dump_tokens(const Source& source, Edition edition);
/// An indented tree for `dump --ast`.
std::string dump_ast(const ModuleSyntax& module);

}  // namespace relux::frontend
