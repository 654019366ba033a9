// Builds modules from decisions, by the table of opcodes: operands are chosen by their kinds, so a new row of
// opcodes.def is built without a change here. As it follows the verifier's rules, what it builds has to pass,
// unless a decision was made wrong on purpose.
#pragma once

#include <vector>

#include "tests/support/choices.h"
#include "vm/bytecode/module.h"

namespace relux::test_support {

struct MadeModules {
    std::vector<bytecode::Module> modules;  ///< one or two that call each other
    bool faulty = false;                    ///< at least one number is not what the rules want, perhaps
};

MadeModules make_modules(Choices& choices);

}  // namespace relux::test_support
