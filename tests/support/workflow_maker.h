// Workflows for the fuzzer, from decisions; part of module_maker.
#pragma once

#include "tests/support/chunk_maker.h"

namespace relux::test_support {

/// Adds workflows to a module whose pools are filled, and tests that run them.
void make_workflows(Choices& choices, Numbers& numbers, ModuleBuilder& builder);

}  // namespace relux::test_support
