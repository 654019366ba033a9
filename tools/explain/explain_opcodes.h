// The instruction set as text or Markdown, from opcodes.def.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "vm/bytecode/opcode.h"

namespace relux::cli {

/// By number.
std::vector<std::string_view> opcode_names();
/// A line for each: name and what it does.
std::string opcode_list();
/// Operands, effects and number of one.
std::string explain_opcode(bytecode::Opcode opcode);
/// All of them; as Markdown, with an introduction, this is docs/bytecode.md.
std::string opcode_reference(bool markdown);

}  // namespace relux::cli
