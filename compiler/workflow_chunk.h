// The code of one chunk of a workflow. Document registers are a stack: whatever is evaluated ends up in the
// register that was free when it began, the next one is free then. Private to compiler.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "frontend/workflow/syntax.h"
#include "vm/bytecode/module.h"
#include "vm/data/json.h"

namespace relux::compiler {

/// The pools of a module of workflows, each entry once, in the order of first use.
class WorkflowPools {
  public:
    explicit WorkflowPools(bytecode::Module& module) : module_(module) {}
    std::uint32_t string(std::string_view text);
    std::uint32_t path(std::string_view text);
    std::uint32_t duration(std::int64_t nanoseconds);
    std::uint32_t function(std::string_view name, std::size_t arity);

  private:
    bytecode::Module& module_;
    std::unordered_map<std::string, std::uint32_t> strings_;
    std::unordered_map<std::string, std::uint32_t> paths_;
    std::unordered_map<std::int64_t, std::uint32_t> durations_;
    std::unordered_map<std::string, std::uint32_t> functions_;
};

/// A path as an operand: of the module's pool, or computed, and then in a register.
struct PathOperand {
    bool is_computed = false;
    std::uint32_t number = 0;
};

class WorkflowChunk {
  public:
    using Register = unsigned;

    /// `file`: what the places of the module's source say; others have no place here.
    WorkflowChunk(WorkflowPools& pools, bytecode::ChunkKind kind, std::uint32_t file);

    // Each leaves its result in the register that it returns, the highest that is taken.
    Register text(std::string_view text, workflow::Place place);
    Register document(const data::Json& value, workflow::Place place);
    Register text(const workflow::Template& source);
    Register value(const workflow::Template& source);
    Register value(const workflow::Value& value);
    Register map(const std::vector<workflow::NamedValue>& members, workflow::Place place);
    /// Takes a register only for one that is computed.
    PathOperand path(const workflow::PathText& path);
    /// A register that the next instruction writes.
    Register take();
    /// Frees all registers from that one on.
    void free_from(Register first) { free_ = first; }
    Register free() const { return free_; }

    void emit(bytecode::Instruction instruction, workflow::Place place, std::size_t width = 1);
    /// The chunk, ended with `done`; empty with an error when it is too large.
    bytecode::Chunk finish(workflow::Place place);
    bool too_large() const { return too_large_; }

    void member(Register map, std::string_view name, Register value, workflow::Place place);
    void member_text(Register map, std::string_view name, const workflow::Template& source);
    bytecode::Span span(workflow::Place place, std::size_t width = 1) const;

  private:
    Register expression(const workflow::Expression& expression);
    Register join(const workflow::Template& source);

    WorkflowPools& pools_;
    std::uint32_t file_;
    bytecode::Chunk chunk_;
    Register free_ = 0;
    Register most_ = 0;
    bool too_large_ = false;
};

}  // namespace relux::compiler
