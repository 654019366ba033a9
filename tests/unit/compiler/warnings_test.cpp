// The warnings of language 16 and the two legacy rules of section 1, in both editions.
#include <doctest/doctest.h>

#include "memory_suite.h"

namespace {

bool has(const std::string& text, std::string_view words) {
    return text.find(words) != std::string::npos;
}

std::string in_shell(const std::string& statements) {
    return MemorySuite::of("test \"t\" {\n  shell s {\n" + statements + "  }\n}\n").diagnostics();
}

}  // namespace

TEST_CASE("a variable that nothing can ever set") {
    CHECK(in_shell("    > ${NOPE}\n    match_ok()\n") ==
          "relux/tests/a.relux:3:7: warning[W0301]: variable `NOPE` is never set: it is empty here\n");
    CHECK(in_shell("    > ${__RELUX_SUITE_ROOT}\n    match_ok()\n").empty());
    CHECK(in_shell("    > ${x}\n    let x = 1\n    > ${x}\n").find("W0301") != std::string::npos);
    auto set = MemorySuite::of("test \"t\" {\n  shell s {\n    > ${HOME}\n    match_ok()\n  }\n}\n");
    set.environment = {"HOME"};
    CHECK(set.diagnostics().empty());
    CHECK(MemorySuite::of("# skip if CI\ntest \"t\" {\n  let x = default(CI, 1)\n  shell s {\n    > ${x}\n   "
                          " match_ok()\n  }\n}\n")
              .diagnostics()
              .empty());
}

TEST_CASE("a function does not see its caller's variables") {
    auto text = MemorySuite::of(
                    "fn f() {\n  > ${port}\n}\ntest \"t\" {\n  let port = 1\n  shell s {\n    f()\n    > "
                    "${port}\n  }\n}\n")
                    .diagnostics();
    CHECK(has(text, "relux/tests/a.relux:2:5: warning[W0301]: variable `port` is never set"));
    CHECK(has(text, "hint: a function sees its parameters"));
}

TEST_CASE("an effect's names may be set by any start") {
    auto text =
        MemorySuite::of("effect E {\n  expect A\n  shell s {\n    > ${A} ${B} ${C}\n  }\n  expose s\n}\n")
            .diagnostics();
    (void)text;
    auto suite = MemorySuite::of(
                     "effect E {\n  expect A\n  expose s\n  shell s {\n    > ${A} ${B} ${C}\n  }\n}\n"
                     "test \"t\" {\n  start E { A = 1, B = 2 }\n}\n")
                     .diagnostics();
    CHECK(has(suite, "`C` is never set"));
    CHECK_FALSE(has(suite, "`A`"));
    CHECK_FALSE(has(suite, "`B`"));
}

TEST_CASE("a let that is never read") {
    CHECK(in_shell("    let x = 1\n") ==
          "relux/tests/a.relux:3:9: warning[W0302]: variable `x` is never read\n");
    CHECK(in_shell("    let _x = 1\n").empty());
    CHECK(in_shell("    let x = 1\n    x := 2\n").find("W0302") != std::string::npos);
    CHECK(
        MemorySuite::of(
            "test \"t\" {\n  let x = 1\n  shell s {\n  }\n  cleanup {\n    > ${x}\n    match_ok()\n  }\n}\n")
            .diagnostics()
            .empty());
    // A function's last statement is its value.
    CHECK(MemorySuite::of("fn f() {\n  let x = <? (.)\n}\ntest \"t\" {\n  shell s {\n    f()\n  }\n}\n")
              .diagnostics()
              .empty());
}

TEST_CASE("functions and effects that no test of the file reaches") {
    auto text = MemorySuite::of(
                    "fn a() {\n  b()\n}\nfn b() {\n}\nfn c() {\n  c()\n}\neffect E {\n}\neffect F {\n}\n"
                    "test \"t\" {\n  start F\n  shell s {\n    a()\n  }\n}\n")
                    .diagnostics();
    CHECK(text ==
          "relux/tests/a.relux:6:4: warning[W0303]: function `c/0` is never used by a test of this file\n"
          "relux/tests/a.relux:9:8: warning[W0303]: effect `E` is never used by a test of this file\n");
}

TEST_CASE("an effect without expose") {
    const std::string text =
        "effect E {\n  shell s {\n  }\n}\ntest \"t\" {\n  start E as A\n  shell A.s {\n  }\n}\n";
    auto legacy = MemorySuite::of(text);
    CHECK(legacy.diagnostics() ==
          "relux/tests/a.relux:1:8: warning[W0304]: implicit expose: effect E has no `expose`, so its first "
          "shell `s` is exposed\n"
          "  hint: write `expose s`\n");
    auto later = MemorySuite::of(text);
    later.edition = relux::frontend::Edition::V0_8;
    CHECK(has(later.diagnostics(),
              "relux/tests/a.relux:7:11: error[E0219]: effect E does not expose the shell `s`\n"));
}

TEST_CASE("an alias used as a shell name") {
    auto suite = MemorySuite::of(
        "effect E {\n  expose s\n  shell s {\n  }\n}\ntest \"t\" {\n  start E as e\n  shell e {\n    "
        "match_ok()\n  "
        "}\n  shell e.s {\n  }\n}\n");
    CHECK(suite.diagnostics() ==
          "relux/tests/a.relux:8:9: warning[W0305]: alias `e` used as a shell name for `e.s`\n"
          "  hint: write `e.s`\n");
    auto compiled = suite.compile();
    REQUIRE(compiled.modules.size() == 1);
    const auto& scope = compiled.modules[0].scopes[1];
    REQUIRE(scope.frames.size() == 1);
    CHECK(scope.frames[0].start == 0);
    CHECK(scope.blocks.size() == 2);
}

TEST_CASE("an assertion longer than the test's own time-out") {
    auto text = MemorySuite::of(
                    "test \"t\" @3s {\n  shell s {\n    @4s\n    <@2s? ^x$\n    <@5s? ^x$\n    ~9s\n  }\n}\n")
                    .diagnostics();
    CHECK(has(text, "relux/tests/a.relux:3:5: warning[W0306]"));
    CHECK(has(text, "relux/tests/a.relux:5:"));
    CHECK_FALSE(has(text, "relux/tests/a.relux:4:"));
    CHECK_FALSE(has(text, "relux/tests/a.relux:6:"));
}

TEST_CASE("a match that may match its own echo") {
    CHECK(has(in_shell("    > echo hello\n    <? hello\n"), "relux/tests/a.relux:4:5: warning[W0307]"));
    CHECK(has(in_shell("    > echo hello\n    <= hello\n"), "W0307"));
    CHECK(in_shell("    > echo hello\n    <? ^hello$\n").empty());
    CHECK(in_shell("    > echo hello\n    <= world\n").empty());
    CHECK(in_shell("    > echo hello\n    match_prompt()\n    <= hello\n").empty());
    CHECK(has(in_shell("    > echo hello ${HOME}\n    <= hello\n"), "W0307"));
    CHECK(has(in_shell("    > echo hello ${HOME}\n    <? ${HOME}$\n"), "W0307"));
    CHECK(has(in_shell("    > echo hello\n    <? hello\\r\n"), "W0307"));
    CHECK(has(in_shell("    > echo hello\n    <? hello\\r?$\n"), "W0307"));
    CHECK_FALSE(has(in_shell("    > echo hello\n    <? hello\\\\r\n"), "W0307"));
    CHECK_FALSE(has(in_shell("    > echo hello\n    <? hell$\n"), "W0307"));
    CHECK_FALSE(has(in_shell("    > echo hello ${HOME}\n    <= hello ${USER}\n"), "W0307"));
}
