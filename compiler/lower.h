// From resolved syntax to IR. The module and all that it imports are free of errors.
#pragma once

#include "compiler/ir.h"
#include "frontend/program.h"

namespace relux::compiler {

ir::Module lower(const frontend::LoadedModule& module);

}  // namespace relux::compiler
