// The IR and the bytecode of small programs, one idea each: golden/<case>.relux with .ir and .bytecode next
// to it. With RELUX_BLESS=1 in the environment the expected texts are rewritten instead; look at the
// difference.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <doctest/doctest.h>

#include "memory_suite.h"
#include "vm/bytecode/module_file.h"

namespace {

const std::filesystem::path kGolden = RELUX_GOLDEN;

std::string read(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

void compare(const std::filesystem::path& path, const std::string& actual) {
    if (std::getenv("RELUX_BLESS") != nullptr) {
        std::ofstream(path, std::ios::binary) << actual;
        return;
    }
    INFO(path.string());
    CHECK(read(path) == actual);
}

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
        auto suite = MemorySuite::of(read(path));
        auto compiled = suite.compile();
        INFO(MemorySuite::text_of(compiled.diagnostics));
        REQUIRE(compiled.modules.size() == 1);
        CHECK(relux::bytecode::verify(compiled.modules[0]));
        compare(path.replace_extension(".ir"), suite.ir());
        compare(path.replace_extension(".bytecode"), relux::bytecode::disassemble(compiled.modules[0]));
    }
}
