// The facade: what compiles, what becomes invalid, what is read, and limits.
#include <doctest/doctest.h>

#include "memory_suite.h"
#include "vm/bytecode/module_file.h"

namespace {

std::string repeat(const std::string& text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i)
        all += text;
    return all;
}

}  // namespace

TEST_CASE("tests that have an error or reach one are invalid; the others compile") {
    MemorySuite suite;
    suite.files = {
        {"relux/lib/good.relux", "fn ok() {\n}\n"},
        {"relux/lib/bad.relux", "fn broken() {\n  missing()\n}\n"},
        {"relux/lib/over.relux", "import bad\nfn over() {\n  broken()\n}\nfn beside() {\n}\n"},
        {"relux/tests/good.relux", "import good\ntest \"a\" {\n  shell s {\n    ok()\n  }\n}\n"},
        {"relux/tests/reaches.relux",
         "import over\ntest \"b\" {\n  shell s {\n    over()\n  }\n}\ntest \"beside\" {\n  shell s {\n    "
         "beside()\n  }\n}\ntest \"c\" {\n  cleanup {\n    over()\n  }\n}\n"},
        {"relux/tests/own.relux", "test \"d\" {\n  start Nope\n}\n"},
    };
    auto compiled = suite.compile();
    CHECK(compiled.test_modules ==
          std::vector<std::string>{"relux/tests/good.relux", "relux/tests/reaches.relux"});
    for (std::size_t i = 0; i < compiled.modules.size(); ++i) {
        const auto& name = compiled.modules[i].name;
        CHECK(compiled.facts[i].reaches_errors == !name.ends_with("good.relux"));
        if (name == "relux/lib/bad.relux") CHECK(compiled.modules[i].functions.empty());
        if (name == "relux/lib/over.relux") CHECK(compiled.modules[i].functions.size() == 1);
        if (name == "relux/tests/reaches.relux") CHECK(compiled.modules[i].tests.size() == 1);
    }
    REQUIRE(compiled.invalid.size() == 3);
    CHECK(compiled.invalid[0].module == "relux/tests/own.relux");
    CHECK(compiled.invalid[0].reason == "relux/tests/own.relux:2:9: undefined effect `Nope`");
    CHECK(compiled.invalid[1].module == "relux/tests/reaches.relux");
    CHECK(compiled.invalid[1].name == "b");
    CHECK(compiled.invalid[1].reason == "relux/lib/bad.relux:2:3: undefined function `missing/0`");
    CHECK(compiled.invalid[2].name == "c");
    CHECK(compiled.invalid[1].position == 0);
    CHECK(compiled.invalid[2].position == 2);
}

TEST_CASE("every file is read once, and listed once") {
    auto suite = MemorySuite::of("import m\nimport lib/m\n");
    suite.files["relux/lib/m.relux"] = "fn f() {\n}\n";
    auto compiled = relux::compiler::compile_suite(
        suite.options(),
        {"/suite/relux/tests/a.relux", "/suite/relux/tests/../tests/a.relux", "/suite/relux/lib/m.relux"});
    CHECK(suite.reads["relux/lib/m.relux"] == 1);
    CHECK(suite.reads["relux/tests/a.relux"] == 1);
    CHECK(compiled.test_modules == std::vector<std::string>{"relux/tests/a.relux", "relux/lib/m.relux"});
    CHECK(compiled.modules.size() == 2);
}

TEST_CASE("many files, compiled on all processors, give what each gives alone, in their order") {
    MemorySuite suite;
    suite.files["relux/lib/m.relux"] = "fn f(text) {\n  > echo ${text}\n}\n";
    for (int i = 100; i < 300; ++i) {
        const auto number = std::to_string(i);
        // Every fifth has an error, every seventh a warning.
        const auto name = "relux/tests/t" + number + ".relux";
        suite.files[name] = "import m\n" + repeat("// a comment\n", i % 11) + "test \"t " + number +
                            "\" {\n  shell s {\n" +
                            (i % 5 == 0   ? "    missing" + number + "()\n"
                             : i % 7 == 0 ? "    let unused = \"${UNSET" + number + "}\"\n"
                                          : std::string()) +
                            repeat("    f(\"" + number + "\")\n", i % 13) + "  }\n}\n";
    }
    const auto compiled = suite.compile();
    std::string alone;
    std::size_t place = 0;
    REQUIRE(compiled.modules.size() == 1 + 200);
    for (const auto& [name, text] : suite.files) {
        if (!name.starts_with("relux/tests/")) continue;
        MemorySuite one;
        one.files = {{name, text}, {"relux/lib/m.relux", suite.files["relux/lib/m.relux"]}};
        const auto result = one.compile();
        alone += MemorySuite::text_of(result.diagnostics);
        ++place;
        CHECK(compiled.modules[place] == result.modules[1]);
        CHECK(compiled.facts[place].tests == result.facts[1].tests);
        CHECK(suite.reads[name] == 1);
    }
    CHECK(place == 200);
    CHECK(compiled.test_modules.size() == 160);
    CHECK(MemorySuite::text_of(compiled.diagnostics) == alone);
    CHECK(alone.find("undefined function `missing295/0`") != std::string::npos);
    CHECK(alone.find("UNSET294") != std::string::npos);
}

TEST_CASE("references to other modules are by name") {
    auto suite = MemorySuite::of(
        "import m { f as g, E as F }\ntest \"t\" {\n  start F\n  shell s {\n    g(1)\n    trim(\"\")\n  "
        "}\n}\n");
    suite.files["relux/lib/m.relux"] = "fn f(a) {\n  f(a)\n}\neffect E {\n}\n";
    auto compiled = suite.compile();
    REQUIRE(compiled.modules.size() == 2);
    const auto& library = compiled.modules[0];
    REQUIRE(library.function_refs.size() == 1);
    CHECK(library.function_refs[0].module == relux::bytecode::kNone);
    const auto& test = compiled.modules[1];
    REQUIRE(test.function_refs.size() == 1);
    CHECK(test.strings[test.function_refs[0].module] == "relux/lib/m.relux");
    CHECK(test.strings[test.function_refs[0].name] == "f");
    CHECK(test.function_refs[0].arity == 1);
    REQUIRE(test.effect_refs.size() == 1);
    CHECK(test.strings[test.effect_refs[0].name] == "E");
    REQUIRE(test.native_refs.size() == 1);
    CHECK(test.strings[test.native_refs[0].name] == "trim");
}

TEST_CASE("the tables of a module") {
    auto suite = MemorySuite::of(
        "effect E {\n  expect Z, A, Z\n}\n# skip if \"${CI}\"   \ntest \"t\" @3s {\n  \"\"\"\n  doc\n  "
        "\"\"\"\n  start E { A = 1, Z = 2 }\n}\n");
    auto compiled = suite.compile();
    REQUIRE(compiled.modules.size() == 1);
    const auto& module = compiled.modules[0];
    auto string = [&](std::uint32_t index) { return module.strings[index]; };
    REQUIRE(module.effects.size() == 1);
    REQUIRE(module.effects[0].expects.size() == 2);
    CHECK(string(module.effects[0].expects[0]) == "A");
    REQUIRE(module.tests.size() == 1);
    CHECK(string(module.tests[0].docstring) == "doc");
    CHECK(module.tests[0].timeout_kind == relux::TimeoutKind::Assertion);
    CHECK(module.durations[module.tests[0].timeout] == 3'000'000'000);
    const auto& scope = module.scopes[module.tests[0].scope];
    REQUIRE(scope.markers.size() == 1);
    CHECK(string(scope.markers[0].text) == "skip if \"${CI}\"");
    CHECK(string(scope.markers[0].subject) == "CI");
    CHECK(scope.span.line == 5);
    CHECK(scope.span.column == 1);
    CHECK(scope.span.end_column == 13);
    auto again = relux::bytecode::read_module(relux::bytecode::write_module(module));
    REQUIRE(again);
    CHECK(*again == module);
}

TEST_CASE("what does not fit into a module is an error, not a crash") {
    auto suite = MemorySuite::of("test \"t\" {\n  shell s {\n    > " + repeat("${x}", 5000) + "\n  }\n}\n");
    auto compiled = suite.compile();
    CHECK(compiled.modules.empty());
    REQUIRE(compiled.invalid.size() == 1);
    CHECK(compiled.invalid[0].reason.find("limit exceeded") != std::string::npos);
}

TEST_CASE("many lets and shells take linear time and persistent registers") {
    std::string text = "test \"t\" {\n";
    for (int i = 0; i < 300; ++i) {
        text +=
            "  shell s {\n    let v" + std::to_string(i) + " = 1\n    > ${v" + std::to_string(i) + "}\n  }\n";
    }
    auto compiled = MemorySuite::of(text + "}\n").compile();
    REQUIRE(compiled.modules.size() == 1);
    CHECK(compiled.modules[0].scopes[0].frames[0].variable_count == 300);
    CHECK(relux::bytecode::verify(compiled.modules[0]));
}

TEST_CASE("long chains are followed or refused, never a crash") {
    std::string effects;
    for (int i = 0; i < 20000; ++i) {
        effects += "effect E" + std::to_string(i) + " {\n  start E" + std::to_string(i + 1) + "\n}\n";
    }
    auto chain = MemorySuite::of(effects + "effect E20000 {\n}\ntest \"t\" {\n  start E0\n}\n");
    CHECK(chain.diagnostics().find("limit exceeded: effects start each other more than 200 deep") !=
          std::string::npos);
    auto imports = MemorySuite::of("import m0\ntest \"t\" {\n  shell s {\n    f0()\n  }\n}\n");
    for (int i = 0; i < 5000; ++i) {
        const auto next = std::to_string(i + 1);
        imports.files["relux/lib/m" + std::to_string(i) + ".relux"] =
            "import m" + next + "\nfn f" + std::to_string(i) + "() {\n  f" + next + "()\n}\n";
    }
    auto broken = imports.compile();
    REQUIRE(broken.invalid.size() == 1);
    CHECK(broken.invalid[0].reason ==
          "relux/lib/m4999.relux:1:8: module `m5000` not found: there is no file relux/lib/m5000.relux");
    imports.files["relux/lib/m5000.relux"] = "fn f5000() {\n}\n";
    CHECK(imports.compile().modules.size() == 5002);
}
