// The edition's share in lowering; the golden programs show the rest.
#include <doctest/doctest.h>

#include "memory_suite.h"

namespace {

MemorySuite edition_0_8(std::string text) {
    auto suite = MemorySuite::of(std::move(text));
    suite.edition = relux::frontend::Edition::V0_8;
    return suite;
}

}  // namespace

TEST_CASE("edition 0.8: `x = text` asserts equality, raw to the end of the line") {
    CHECK(edition_0_8("test \"t\" {\n  shell s {\n    let x := 1\n    x = a b ${x}\n    x = 1\n  }\n}\n")
              .ir() ==
          "\ntest \"t\"\nshell s\n"
          "  3:14 load.k %x, \"1\"\n"
          "  3:5 note.let %x, \"x\"\n"
          "  4:9 load.k %1, \"a b \"\n"
          "  4:13 move %2, %x\n"
          "  4:9 concat %3, %1, %2\n"
          "  4:5 assert.eq %x, %3\n"
          "  5:9 load.k %4, \"1\"\n"
          "  5:5 assert.eq %x, %4\n"
          "  5:5 load.k %5, \"\"\n"
          "  5:5 return %5\n");
}

TEST_CASE("edition 0.4: `x = value` assigns") {
    CHECK(MemorySuite::of("test \"t\" {\n  shell s {\n    let x = 1\n    x = trim(x)\n  }\n}\n").ir() ==
          "\ntest \"t\"\nshell s\n"
          "  3:13 load.k %x, \"1\"\n"
          "  3:5 note.let %x, \"x\"\n"
          "  4:14 move %2, %x\n"
          "  4:9 call.native %1, trim/1, %2\n"
          "  4:9 move %x, %1\n"
          "  4:5 note.assign %x, \"x\"\n"
          "  4:5 load.k %3, \"\"\n"
          "  4:5 return %3\n");
}

TEST_CASE("edition 0.8: an effect without expose exposes nothing") {
    const std::string text = "effect E {\n  shell s {\n  }\n}\ntest \"t\" {\n  start E\n}\n";
    auto later = edition_0_8(text).compile();
    CHECK(later.diagnostics.diagnostics().empty());
    REQUIRE(later.modules.size() == 1);
    CHECK(later.modules[0].effects[0].exposes.empty());
    auto earlier = MemorySuite::of(text).compile();
    REQUIRE(earlier.modules.size() == 1);
    REQUIRE(earlier.modules[0].effects[0].exposes.size() == 1);
    CHECK(earlier.modules[0].strings[earlier.modules[0].effects[0].exposes[0].name] == "s");
}
