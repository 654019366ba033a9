// From resolved syntax to IR. The module and all that it imports are free of errors.
#pragma once

#include "compiler/ir.h"
#include "frontend/program.h"

namespace relux::compiler {

/// The result is in `memory`, which must outlive it.
ir::Module lower(const frontend::LoadedModule& module, Arena& memory);

}  // namespace relux::compiler
