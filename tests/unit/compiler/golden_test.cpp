// The IR and the bytecode of small programs, one idea each: golden/<case>.relux with .ir and .bytecode next
// to it. With RELUX_BLESS=1 in the environment the expected texts are rewritten instead; look at the
// difference.
#include <algorithm>

#include <doctest/doctest.h>

#include "memory_suite.h"
#include "tests/support/golden_file.h"
#include "vm/bytecode/module_file.h"

namespace {

const std::filesystem::path kGolden = RELUX_GOLDEN;

std::vector<std::filesystem::path> cases() {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(kGolden)) {
        if (entry.path().extension() == ".relux") paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    return paths;
}

}  // namespace

TEST_CASE("golden programs") {
    const auto paths = cases();
    CHECK(paths.size() >= 7);
    for (std::filesystem::path path : paths) {
        auto suite = MemorySuite::of(relux::test_support::read_golden(path));
        auto compiled = suite.compile();
        INFO(MemorySuite::text_of(compiled.diagnostics));
        REQUIRE(compiled.modules.size() == 1);
        CHECK(relux::bytecode::verify(compiled.modules[0]));
        relux::test_support::compare_with_golden(path.replace_extension(".ir"), suite.ir());
        relux::test_support::compare_with_golden(path.replace_extension(".bytecode"),
                                                 relux::bytecode::disassemble(compiled.modules[0]));
    }
}
