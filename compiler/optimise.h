// Folds what is known when a suite is compiled: texts put together out of constants, patterns that become
// static ones, calls of pure functions and built-ins with constant arguments.
//
// The user sees the same as before: every event of what is folded is left in the code (note.text, note.call,
// note.native, note.return), and so are the functions that are referred to, which markers and incremental
// runs follow. What would fail, or might, is left to run time.
//
// Calls are evaluated within a module only. The cache compiles an importer again when the *interface* of what
// it imports changes (module_facts.h), and no body is part of that: a library's bodies are what changes most,
// and each change would otherwise compile every importer again, to save the few microseconds that a call
// takes.
#pragma once

#include <string>
#include <vector>

#include "compiler/ir.h"

namespace relux::compiler {

/// Says what was done to a piece of the program, or what was tempting and why it was not done.
struct Remark {
    frontend::SourceRange range;
    std::string text;  ///< one line: `evaluated: twice("ab") is "abab"`
};

/// Folds in place. `remarks`, when there are any to be had: in the order of the chunks.
void optimise(ir::Module& module, std::vector<Remark>* remarks);

}  // namespace relux::compiler
