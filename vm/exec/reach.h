// Which code a test can run: its own, the functions and workflows that it calls and the effects that it
// starts, however far.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "vm/bytecode/digest.h"
#include "vm/exec/program.h"

namespace relux::exec {

/// A piece of code that is reached, and what it does.
struct ReachedCode {
    std::string label;  ///< `fn start_db/2 of relux/lib/db.relux`
    std::uint64_t digest = 0;

    auto operator<=>(const ReachedCode&) const = default;
};

/// Remembers what it has seen, for the many tests that reach the same code.
class Reach {
  public:
    /// Sorted by label. `test` is one of `module`, which is linked.
    std::vector<ReachedCode> of(const LinkedModule& module, const bytecode::Test& test);

  private:
    struct Item {
        ReachedCode code;
        std::vector<const void*> next;  ///< functions, effects and workflows
    };
    const Item& function(const FunctionTarget& target);
    const Item& effect(const EffectTarget& target);
    const Item& workflow(const WorkflowTarget& target);
    const Item& find(const void* key);
    void follow(const LinkedModule& module, const bytecode::CodeDigest& digest, Item& item);

    std::map<const void*, Item> items_;  ///< by bytecode::Function, Effect and Workflow
    std::map<const void*, FunctionTarget> functions_;
    std::map<const void*, EffectTarget> effects_;
    std::map<const void*, WorkflowTarget> workflows_;
};

}  // namespace relux::exec
