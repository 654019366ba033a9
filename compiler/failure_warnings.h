// What the checks say about tests that have failed. It is found out when a failure is explained, from the
// sources: a run that passes has nothing of it to keep, and a module that came from the cache is like any
// other.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/compile.h"

namespace relux::compiler {

struct FailedTest {
    struct Place {
        std::string module;
        std::uint32_t line = 0;
    };
    std::string module;  ///< its file, as bytecode::Module::name
    std::string name;
    std::vector<Place> chain;  ///< where it was when it failed
};

/// For each test, in the same order, the warnings about what it has run by then, a sentence each with its
/// place and code; more than a few of one code are one sentence with their number. Nothing for what can't be
/// read any more.
std::vector<std::vector<std::string>> warnings_of(const CompileOptions& options,
                                                  const std::vector<FailedTest>& tests);

}  // namespace relux::compiler
