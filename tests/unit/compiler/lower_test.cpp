// The IR of small programs: scoping, evaluation order, values of statements, and each kind of statement.
#include <doctest/doctest.h>

#include "memory_suite.h"

namespace {

std::string shell_ir(const std::string& statements) {
    std::string text = MemorySuite::of("test \"t\" {\n  shell s {\n" + statements + "  }\n}\n").ir();
    const std::string header = "\ntest \"t\"\nshell s\n";
    return text.starts_with(header) ? text.substr(header.size()) : text;
}

}  // namespace

TEST_CASE("sends and matches") {
    CHECK(shell_ir("    > echo ${x}$${y}\n    => raw\\n\n    <? ^a(b)$\n    <~3s= lit\n    <@2s? ${x}\n    <?\n") == R"(  3:7 load.k %0, "echo "
)");
}
