// Digests say as a number what a piece of a module does: two that do the same have the same digest wherever
// they stand and however the pools of their modules are filled. Comments, lines and docstrings don't count.
#pragma once

#include <cstdint>
#include <vector>

#include "vm/bytecode/module.h"

namespace relux::bytecode {

/// A digest, and what the code refers to; that is not part of the digest but for its name.
struct CodeDigest {
    std::uint64_t value = 0;
    std::vector<std::uint32_t> function_refs;  ///< indexes of Module::function_refs, each once
    std::vector<std::uint32_t> effect_refs;    ///< indexes of Module::effect_refs, each once
    std::vector<std::uint32_t> workflow_refs;  ///< indexes of Module::workflow_refs, each once
};

/// The module has passed the verifier.
CodeDigest digest_of(const Module& module, const Function& function);
CodeDigest digest_of(const Module& module, const Effect& effect);
CodeDigest digest_of(const Module& module, const Test& test);
CodeDigest digest_of(const Module& module, const Workflow& workflow);

}  // namespace relux::bytecode
