// Every row of the table of check-time diagnostics (language 16) with its words, place and way out.
#include <doctest/doctest.h>

#include "memory_suite.h"

namespace {

bool has(const std::string& text, std::string_view words) {
    return text.find(words) != std::string::npos;
}

/// One diagnostic's first line and nothing else.
#define CHECK_ONLY(suite_expression, expected)            \
    do {                                                  \
        auto checked_suite = (suite_expression);          \
        CHECK(checked_suite.diagnostics() == (expected)); \
    } while (false)

MemorySuite with_library(std::string library, std::string test) {
    MemorySuite suite = MemorySuite::of(std::move(test));
    suite.files["relux/lib/m.relux"] = std::move(library);
    return suite;
}

}  // namespace

TEST_CASE("a syntax error is passed on and makes the file's tests invalid") {
    auto suite = MemorySuite::of("test \"one\" {\n  shell s {\n    let = 1\n  }\n}\n");
    auto compiled = suite.compile();
    CHECK(has(MemorySuite::text_of(compiled.diagnostics), "parse error"));
    REQUIRE(compiled.invalid.size() == 1);
    CHECK(compiled.invalid[0].module == "relux/tests/a.relux");
    CHECK(compiled.invalid[0].name == "one");
    CHECK(has(compiled.invalid[0].reason, "relux/tests/a.relux:3:"));
    CHECK(compiled.modules.empty());
    CHECK(compiled.test_modules.empty());
}

TEST_CASE("alias of the wrong casing kind") {
    CHECK(has(with_library("fn f() {\n}\neffect E {\n}\n", "import m { f as F }\n").diagnostics(),
              "expected function name"));
    CHECK(has(with_library("fn f() {\n}\neffect E {\n}\n", "import m { E as e }\n").diagnostics(),
              "expected effect name"));
}

TEST_CASE("a missing module is not found") {
    CHECK_ONLY(MemorySuite::of("import a/b\n"),
               "relux/tests/a.relux:1:8: error[E0201]: module `a/b` not found: there is no file "
               "relux/lib/a/b.relux\n");
}

TEST_CASE("a leading lib/ is accepted and means the same module") {
    auto suite =
        with_library("fn f() {\n}\n", "import lib/m\nimport m\ntest \"t\" {\n shell s {\n f()\n }\n}\n");
    CHECK(suite.diagnostics().empty());
    CHECK(suite.reads["relux/lib/m.relux"] == 1);
}

TEST_CASE("a name that is not exported") {
    CHECK_ONLY(with_library("fn login() {\n}\n", "import m { logn }\n"),
               "relux/tests/a.relux:1:12: error[E0202]: `logn` is not exported by relux/lib/m.relux; did you "
               "mean `login`?\n");
    auto suite = with_library("import n\n", "import m { f }\n");
    suite.files["relux/lib/n.relux"] = "fn f() {\n}\n";
    CHECK(suite.diagnostics() ==
          "relux/tests/a.relux:1:12: error[E0202]: `f` is not exported by relux/lib/m.relux\n"
          "  hint: it is imported there from relux/lib/n.relux: import it from that module\n");
}

TEST_CASE("an import cycle prints its path") {
    auto suite = MemorySuite::of("import a\ntest \"t\" {\n shell s {\n f()\n }\n}\n");
    suite.files["relux/lib/a.relux"] = "import b\nfn f() {\n g()\n}\n";
    suite.files["relux/lib/b.relux"] = "import a\nfn g() {\n f()\n}\n";
    auto compiled = suite.compile();
    CHECK(has(MemorySuite::text_of(compiled.diagnostics),
              "relux/lib/b.relux:1:8: error[E0203]: import cycle: relux/lib/a.relux -> relux/lib/b.relux -> "
              "relux/lib/a.relux\n"));
    CHECK(compiled.diagnostics.error_count() == 1);
    REQUIRE(compiled.invalid.size() == 1);
    CHECK(has(compiled.invalid[0].reason, "relux/lib/b.relux:1:8: import cycle"));
}

TEST_CASE("name conflicts show both places") {
    CHECK(has(MemorySuite::of("fn f(a) {\n}\nfn f(b) {\n}\n").diagnostics(),
              "relux/tests/a.relux:3:4: error[E0204]: name conflict: `f/1` is defined twice\n"
              "  note: relux/tests/a.relux:1:4: the other definition is here\n"));
    CHECK(has(MemorySuite::of("effect E {\n}\neffect E {\n}\n").diagnostics(),
              "name conflict: `E` is defined twice"));
    CHECK(has(MemorySuite::of("test \"t\" {\n}\ntest \"t\" {\n}\n").diagnostics(), "name conflict: "));
    CHECK(has(with_library("fn f() {\n}\n", "import m\nfn f() {\n}\n").diagnostics(),
              "relux/tests/a.relux:1:8: error[E0204]: name conflict: `f/0` is imported from "
              "relux/lib/m.relux and defined in this file\n"
              "  note: relux/tests/a.relux:2:4: the definition is here\n"));
    auto both = with_library("fn f() {\n}\n", "import m\nimport n\n");
    both.files["relux/lib/n.relux"] = "fn f() {\n}\n";
    CHECK(has(both.diagnostics(),
              "relux/tests/a.relux:2:8: error[E0204]: name conflict: `f/0` is imported from both "
              "relux/lib/m.relux and relux/lib/n.relux\n"
              "  note: relux/tests/a.relux:1:8: the other import is here\n"));
}

TEST_CASE("what is no conflict") {
    CHECK(
        MemorySuite::of(
            "pure fn f() {\n  f(1)\n}\npure fn f(a) {\n  a\n}\ntest \"t\" {\n  shell s {\n    f()\n  }\n}\n")
            .diagnostics()
            .empty());
    CHECK(with_library(
              "fn f() {\n}\nfn f(a) {\n a\n}\n",
              "import m\nimport m { f, f as g }\ntest \"t\" {\n shell s {\n f()\n g(1)\n f(2)\n }\n}\n")
              .diagnostics()
              .empty());
}

TEST_CASE("a built-in cannot be redefined") {
    CHECK_ONLY(MemorySuite::of("pure fn trim(s) {\n  s\n}\n"),
               "relux/tests/a.relux:1:9: error[E0204]: name conflict: `trim/1` is a built-in function, which "
               "cannot be redefined\n");
}

TEST_CASE("undefined functions name the arities that exist, or the nearest name") {
    CHECK(has(
        MemorySuite::of("fn f(a) {\n}\nfn f(a, b, c) {\n}\ntest \"t\" {\n  shell s {\n    f(1, 2)\n  }\n}\n")
            .diagnostics(),
        "relux/tests/a.relux:7:5: error[E0205]: undefined function `f/2`: `f/1` and `f/3` exist\n"));
    CHECK(has(MemorySuite::of("test \"t\" {\n  shell s {\n    match_prmopt()\n  }\n}\n").diagnostics(),
              "error[E0205]: undefined function `match_prmopt/0`; did you mean `match_prompt`?\n"));
    CHECK(has(MemorySuite::of("test \"t\" {\n  shell s {\n    match_not_ok(1, 2)\n  }\n}\n").diagnostics(),
              "undefined function `match_not_ok/2`: `match_not_ok/0` and `match_not_ok/1` exist\n"));
}

TEST_CASE("undefined effects") {
    CHECK(
        has(MemorySuite::of("effect Database {\n}\ntest \"t\" {\n  start Databse\n}\n").diagnostics(),
            "relux/tests/a.relux:4:9: error[E0206]: undefined effect `Databse`; did you mean `Database`?\n"));
}

TEST_CASE("effects that start each other") {
    CHECK(has(
        MemorySuite::of("effect A {\n  start B\n}\neffect B {\n  start A\n}\ntest \"t\" {\n  start A\n}\n")
            .diagnostics(),
        "relux/tests/a.relux:5:3: error[E0207]: effect cycle: A -> B -> A\n"));
    CHECK(has(MemorySuite::of("effect A {\n  start A\n}\n").diagnostics(), "effect cycle: A -> A\n"));
}

TEST_CASE("shell operations in pure contexts") {
    auto in_pure = [](const std::string& statement) {
        return MemorySuite::of("fn shelly() {\n  > x\n}\npure fn p() {\n  " + statement + "\n}\n")
            .diagnostics();
    };
    for (const char* statement :
         {"> x", "=> x", "<? x", "<= x", "<?", "!? x", "!= x", "!?", "~2s", "@2s", "match_ok()", "shelly()",
          "let v = > x", "let v = <? x", "<{\n? x\n}", "trim(match_prompt())"}) {
        INFO(statement);
        CHECK(has(in_pure(statement), "relux/tests/a.relux:5:"));
        CHECK(has(in_pure(statement), "error[E0208]: shell operation in pure context: "));
    }
    CHECK_FALSE(has(in_pure("trim(\"x\") ? x"), "E0208"));
    const std::string shelly = "fn shelly() {\n  > x\n}\neffect E {\n}\n";
    CHECK(
        has(MemorySuite::of(shelly + "test \"t\" {\n  let v = shelly()\n}\n").diagnostics(), "error[E0208]"));
    CHECK(has(MemorySuite::of(shelly + "test \"t\" {\n  start E { K = shelly() }\n}\n").diagnostics(),
              "error[E0208]"));
    CHECK(
        has(MemorySuite::of(shelly + "# skip if shelly()\ntest \"t\" {\n}\n").diagnostics(), "error[E0208]"));
    CHECK(has(MemorySuite::of("test \"t\" {\n  let v = match_prompt()\n}\n").diagnostics(), "error[E0208]"));
}

TEST_CASE("a regular function outside a shell: the hint says when `pure` would do") {
    auto text =
        MemorySuite::of(
            "fn f(a) {\n  trim(a)\n}\ntest \"t\" {\n  let v = f(1)\n  shell s {\n    > ${v}\n  }\n}\n")
            .diagnostics();
    CHECK(text ==
          "relux/tests/a.relux:5:11: error[E0208]: shell operation in pure context: `f/1` needs a shell and "
          "is called in a declaration\n"
          "  note: relux/tests/a.relux:1:1: it is not `pure`\n"
          "  hint: declare it `pure fn`: nothing in it needs a shell\n");
    CHECK_FALSE(has(MemorySuite::of("fn f() {\n  > x\n}\ntest \"t\" {\n  let v = f()\n}\n").diagnostics(),
                    "hint: declare it"));
}

TEST_CASE("expectations along the path of starts") {
    const std::string effects =
        "effect Db {\n  expect PORT, HOST\n}\neffect Api {\n  expect HOST\n  start Db\n}\n";
    auto text = MemorySuite::of(effects + "test \"t\" {\n  start Api { HOST = \"h\" }\n}\n").diagnostics();
    CHECK(has(text,
              "relux/tests/a.relux:9:3: error[E0209]: effect Db expects PORT but it is not provided\n"
              "  note: relux/tests/a.relux:9:3: started by way of Api -> Db\n"
              "  note: relux/tests/a.relux:2:10: expected here\n"));
    CHECK_FALSE(has(text, "HOST but"));
    CHECK(has(MemorySuite::of(effects + "test \"t\" {\n  start Api { PORT = 1 }\n}\n").diagnostics(),
              "effect Api expects HOST but it is not provided"));
    CHECK_FALSE(
        has(MemorySuite::of(effects + "test \"t\" {\n  start Api { PORT = 1, HOST = 2 }\n}\n").diagnostics(),
            "E0209"));
    auto from_environment = MemorySuite::of(effects + "test \"t\" {\n  start Api { PORT = 1 }\n}\n");
    from_environment.environment = {"HOST"};
    CHECK_FALSE(has(from_environment.diagnostics(), "E0209"));
    // No test starts it, so nothing is missing.
    CHECK_FALSE(has(MemorySuite::of(effects).diagnostics(), "E0209"));
}

TEST_CASE("the environment is that of the test's own directory") {
    MemorySuite suite;
    suite.files["relux/lib/db.relux"] =
        "effect Db {\n  expect PORT\n}\nfn ask() {\n  > ${DEEP} ${NOWHERE}\n}\n";
    const std::string test =
        "import db\ntest \"t\" {\n  start Db\n  shell s {\n    ask()\n    > ${DEEP}\n    match_ok()\n  "
        "}\n}\n";
    suite.files["relux/tests/a.relux"] = test;
    suite.files["relux/tests/deep/b.relux"] = test;
    auto options = suite.options();
    options.environment_has = [](std::string_view name, std::string_view module) {
        return (name == "PORT" || name == "DEEP") && module.starts_with("relux/tests/deep/");
    };
    auto compiled = relux::compiler::compile_suite(
        options, {"/suite/relux/tests/a.relux", "/suite/relux/tests/deep/b.relux"});
    auto text = MemorySuite::text_of(compiled.diagnostics);
    CHECK(has(text, "relux/tests/a.relux:3:3: error[E0209]: effect Db expects PORT but it is not provided"));
    CHECK_FALSE(has(text, "relux/tests/deep/b.relux"));
    // A variable that some test's directory sets may be set in a library; one that none sets is not.
    CHECK(has(text, "relux/lib/db.relux:5:13: warning[W0301]: variable `NOWHERE` is never set"));
    CHECK_FALSE(has(text, "`DEEP` is never set: it is empty here\n  hint: a function"));
}

TEST_CASE("exposing what isn't there") {
    CHECK(has(MemorySuite::of("effect E {\n  expose nothing\n  shell s {\n  }\n}\n").diagnostics(),
              "relux/tests/a.relux:2:3: error[E0210]: effect E exposes nothing which does not exist\n"));
    CHECK(
        has(MemorySuite::of(
                "effect D {\n  expose s\n  shell s {\n  }\n}\neffect E {\n  start D as d\n  expose d.t\n}\n")
                .diagnostics(),
            "effect E exposes d.t which does not exist\n"));
    CHECK_FALSE(
        has(MemorySuite::of("effect D {\n  let v = 1\n  expose s\n  expose var v\n  shell s {\n  }\n}\n"
                            "effect E {\n  start D as d\n  expose d.s as t\n  expose var d.v as w\n}\n")
                .diagnostics(),
            "error"));
}

TEST_CASE("a static regex that does not compile points into the pattern") {
    auto text = MemorySuite::of("test \"t\" {\n  shell s {\n    <? ab(c\n  }\n}\n").diagnostics();
    CHECK(has(text, "relux/tests/a.relux:3:11: error[E0211]: invalid regex: "));
    CHECK(has(text, "offset 4"));
    CHECK(has(MemorySuite::of("# skip if X ? [\ntest \"t\" {\n}\n").diagnostics(), "invalid regex"));
    CHECK_FALSE(has(MemorySuite::of("test \"t\" {\n  shell s {\n    <? (${v}\n  }\n}\n").diagnostics(),
                    "invalid regex"));
}

TEST_CASE("assignment to undeclared variable") {
    CHECK(has(MemorySuite::of("test \"t\" {\n  shell s {\n    x := 1\n  }\n}\n").diagnostics(),
              "relux/tests/a.relux:3:5: error[E0212]: assignment to undeclared variable 'x'\n"));
    // The caller's variables and the environment are never assignable.
    auto suite = MemorySuite::of(
        "fn f() {\n  x := 1\n}\ntest \"t\" {\n  let x = 0\n  shell s {\n    f()\n    HOME := x\n  }\n}\n");
    suite.environment = {"HOME"};
    auto text = suite.diagnostics();
    CHECK(has(text, ":2:3: error[E0212]"));
    CHECK(has(text, ":8:5: error[E0212]: assignment to undeclared variable 'HOME'"));
}

TEST_CASE("shells and aliases that do not exist") {
    const std::string effect = "effect Db {\n  expose service\n  shell service {\n  }\n}\n";
    CHECK(
        has(MemorySuite::of(effect + "test \"t\" {\n  start Db as db\n  shell db.servce {\n  }\n}\n")
                .diagnostics(),
            "error[E0213]: effect alias `db` does not expose shell `servce`: effect Db exposes `service`\n"));
    CHECK(has(MemorySuite::of(effect + "test \"t\" {\n  start Db as db\n  shell database.service {\n  }\n}\n")
                  .diagnostics(),
              "error[E0214]: undefined alias `database`\n"));
    CHECK(has(
        MemorySuite::of(effect + "test \"t\" {\n  start Db as db\n  shell s {\n    > ${db.port}\n  }\n}\n")
            .diagnostics(),
        "error[E0221]: effect Db does not expose a variable `port`\n"));
    CHECK(has(MemorySuite::of("fn f() {\n  > ${db.port}\n}\n").diagnostics(),
              "error[E0214]: undefined alias `db`: a function sees"));
}

TEST_CASE("starts that wait for each other's variables") {
    const std::string effect = "effect E {\n  expect IN\n  let out = IN\n  expose var out\n}\n";
    CHECK(has(MemorySuite::of(
                  effect + "test \"t\" {\n  start E as a { IN = b.out }\n  start E as b { IN = a.out }\n}\n")
                  .diagnostics(),
              "relux/tests/a.relux:7:3: error[E0215]: cycle of exposed variables: a -> b -> a\n"));
    CHECK_FALSE(
        has(MemorySuite::of(effect +
                            "test \"t\" {\n  start E as a { IN = b.out }\n  start E as b { IN = 1 }\n}\n")
                .diagnostics(),
            "error"));
}

TEST_CASE("an unreadable test file is invalid without the names of its tests") {
    MemorySuite suite;
    auto compiled = relux::compiler::compile_suite(suite.options(), {"/suite/relux/tests/gone.relux"});
    REQUIRE(compiled.invalid.size() == 1);
    CHECK(compiled.invalid[0].module == "relux/tests/gone.relux");
    CHECK(compiled.invalid[0].name.empty());
    CHECK(has(compiled.invalid[0].reason, "cannot be read"));
}

TEST_CASE("errors behind a file that does not parse are not invented") {
    auto text = with_library("fn f() {\n  let = 1\n}\n",
                             "import m { f, g }\ntest \"t\" {\n  start X\n  shell s {\n    h()\n  }\n}\n")
                    .diagnostics();
    CHECK(has(text, "relux/lib/m.relux:2:"));
    CHECK_FALSE(has(text, "relux/tests/a.relux"));
}
