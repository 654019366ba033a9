// From IR to a bytecode module: real registers, pools without duplicates in the order of first use, spans.
#pragma once

#include "compiler/ir.h"
#include "frontend/diagnostic.h"
#include "vm/bytecode/module.h"

namespace relux::compiler {

/// Reports what does not fit into the format into `sink` as LimitExceeded; the result is unusable then.
bytecode::Module emit(const ir::Module& module, frontend::Edition edition, frontend::DiagnosticSink& sink);

}  // namespace relux::compiler
