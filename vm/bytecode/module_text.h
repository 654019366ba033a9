// Pieces of a module as text: names, operands, instructions. Operands are written by kind, so a new opcode
// needs nothing here. The module need not have passed the verifier: what is out of range is its number and a
// question mark. Private to vm/bytecode.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vm/bytecode/module.h"

namespace relux::bytecode {

class ModuleText {
  public:
    /// `module` must stay where it is.
    explicit ModuleText(const Module& module) : module_(module) {}

    /// The text itself, not quoted.
    std::string string(StringIndex index) const;
    /// Joined by commas.
    std::string names(const std::vector<StringIndex>& indexes) const;
    /// `name`, or `module:name` when it is of another one.
    std::string qualified(OptionalIndex<String> module, StringIndex name) const;
    /// `10s`.
    std::string duration(std::uint32_t index) const;
    /// Empty for kind None.
    std::string time(TimeoutKind kind, std::uint32_t index) const;
    /// The alias of a start, else its effect.
    std::string start_name(const Scope& scope, std::uint32_t index) const;
    std::string effect_name(std::uint32_t reference) const;
    /// `load.k          r0, "x"`; `index` is one of the chunk's.
    std::string instruction(const Chunk& chunk, std::size_t index) const;

  private:
    std::string operand(OperandKind kind, std::uint32_t value, const Chunk& chunk, Instruction word) const;
    std::string alias_variable(const Scope& scope, std::uint32_t index) const;
    std::string native(const std::vector<NativeRef>& references, std::uint32_t reference) const;
    // An entry of a table as an operand; without a text of its own it is its number.
    std::string entry(Index<String> index) const;
    std::string entry(Index<PatternText> pattern) const;
    std::string entry(Index<PathText> path) const;
    std::string entry(Index<Nanoseconds> duration) const { return this->duration(duration); }
    std::string entry(Index<FunctionRef> reference) const;
    std::string entry(Index<NativeRef> reference) const;
    std::string entry(Index<TemplateFunction> function) const;
    std::string entry(Index<Step> step) const;
    std::string entry(Index<Loop> loop) const;
    std::string entry(Index<WorkflowRef> reference) const;
    template <class Entry>
    std::string entry(Index<Entry> index) const;

    const Module& module_;
};

}  // namespace relux::bytecode
