// Tests what the optimiser folds, what it leaves alone, and that nobody can tell the difference: programs run
// with and without it, and every event and every wish to the shell must be the same, with its line.
#include <algorithm>
#include <filesystem>

#include <doctest/doctest.h>

#include "memory_suite.h"
#include "tests/support/fake_host.h"
#include "tests/support/golden_file.h"
#include "vm/bytecode/module_file.h"
#include "vm/exec/program.h"
#include "vm/run/value_search.h"

namespace {

using namespace relux;
namespace exits = exec::exits;

/// Writes down what the interpreter tells and wants.
class Recorder final : public test_support::FakeHost {
  public:
    std::string trace;

    void note(const exec::Note& note) override {
        static constexpr const char* kKinds[] = {"let",  "assign", "read",    "string",  "interpolation",
                                                 "call", "assert", "matches", "differs", "decision",
                                                 "call", "return", "call"};
        using Kind = exec::Note::Kind;
        line(note.module, note.span);
        trace += kKinds[static_cast<int>(note.kind)];
        trace += " " + std::string(note.name);
        const bool entered = note.kind == Kind::PureCallEnter || note.kind == Kind::NativeEnter;
        for (const auto& argument : note.arguments) {
            // Parts may be joined before they are told.
            if (note.kind == Kind::Interpolation) {
                trace += argument.view();
            } else {
                trace += " (" + std::string(argument.view()) + ")";
            }
        }
        if (note.kind == Kind::NativeCall) {
            // The event log ends the call at once.
            trace += "\n";
            line(note.module, note.span);
            trace += "return ";
        }
        if (!entered) trace += "=" + std::string(note.value);
        trace += "\n";
    }
    Result<exec::SearchAnswer> search(std::string_view pattern, std::string_view subject) override {
        return run::search_value(patterns_, pattern, subject, match::Pattern::Effort::Whole);
    }
    void line(const exec::LinkedModule& module, const bytecode::Span& span) {
        trace += module.code.name + ":" + std::to_string(span.line) + " ";
    }

  private:
    match::PatternCache patterns_;
};

/// Runs every scope of a module: markers, declarations, overlays, blocks and cleanup, each whatever has
/// happened before. Shells answer at once.
class Runner {
  public:
    explicit Runner(const compiler::CompiledSuite& suite) {
        auto linked = exec::Program::link(suite.modules);
        REQUIRE_MESSAGE(linked, (linked ? "" : linked.error().message));
        program_ = std::move(*linked);
    }

    std::string trace() {
        for (const auto& module : program_->modules()) {
            for (const auto& function : module->code.functions)
                markers(*module, function.markers);
            for (const auto& scope : module->code.scopes)
                run(*module, scope);
        }
        return std::move(host_.trace);
    }

  private:
    void markers(const exec::LinkedModule& module, const std::vector<bytecode::Marker>& markers) {
        exec::Fiber fiber;
        for (const auto& marker : markers)
            run(fiber, module, marker.condition, nullptr, 0);
    }

    void run(const exec::LinkedModule& module, const bytecode::Scope& scope) {
        markers(module, scope.markers);
        test_support::FakeScope variables(scope.slots.size());
        exec::Fiber declarations;
        bool good = run(declarations, module, scope.declarations, &variables, 0);
        for (const auto& start : scope.starts)
            good = good && run(declarations, module, start.overlay, &variables, 0);
        std::vector<exec::Fiber> frames(scope.frames.size());
        for (const auto& block : scope.blocks) {
            good = good && run(frames[block.frame], module, block.chunk, &variables,
                               scope.frames[block.frame].variable_count);
        }
        exec::Fiber cleanup;
        run(cleanup, module, scope.cleanup, &variables, 0);
    }

    /// False when it has failed.
    bool run(exec::Fiber& fiber, const exec::LinkedModule& module,
             bytecode::OptionalIndex<bytecode::Chunk> index, exec::ScopeContext* scope,
             std::uint16_t persistent) {
        if (index == bytecode::kNone) return true;
        fiber.enter(module, module.code.chunks[index], scope, persistent);
        exec::Interpreter interpreter(host_);
        while (true) {
            const auto exit = interpreter.run(fiber);
            for (const auto& frame : fiber.frames())
                host_.line(*frame.module, frame.chunk->spans[frame.pc]);
            note_exit(exit);
            for (const auto& [key, value] : fiber.overlay)
                host_.trace += " " + std::string(key) + "=" + std::string(value.view());
            host_.trace += "\n";
            if (std::holds_alternative<exits::Failed>(exit)) return false;
            if (std::holds_alternative<exits::Finished>(exit) || std::holds_alternative<exits::Decided>(exit))
                return true;
            const auto* wanted = std::get_if<exec::ShellExit>(&exit);
            REQUIRE(wanted != nullptr);
            if (std::holds_alternative<exits::CallEnter>(*wanted) ||
                std::holds_alternative<exits::CallLeave>(*wanted))
                continue;
            if (std::holds_alternative<exits::Match>(*wanted)) {
                fiber.resume_with(exec::Value("matched"), {exec::Value("matched"), exec::Value("group")});
            } else {
                const auto* send = std::get_if<exits::Send>(wanted);
                fiber.resume_with(send != nullptr ? send->text : exec::Value("answer"));
            }
        }
    }

    void note_exit(const exec::Exit& exit) {
        host_.trace += "exit " + std::to_string(exit.index());
        std::visit([this](const auto& what) { note(what); }, exit);
    }
    template <class... T>
    void note(const std::variant<T...>& exit) {
        host_.trace += "." + std::to_string(exit.index());
        std::visit([this](const auto& what) { note(what); }, exit);
    }
    void note(const exec::Value& value) { host_.trace += " " + std::string(value.view()); }
    void note(const exec::PatternSpec& pattern) {
        host_.trace += " /" + std::string(pattern.text.view()) + "/" + (pattern.is_regex ? "regex" : "");
    }
    void note(const Timeout& timeout) {
        host_.trace += " " + std::to_string(static_cast<int>(timeout.kind)) + "~" +
                       std::to_string(timeout.written.count());
    }
    template <class T>
    void note(const std::vector<T>& list) {
        for (const auto& what : list)
            note(what);
    }
    /// Any exit: the members that it has.
    template <class T>
    void note(const T& exit) {
        if constexpr (requires { exit.message; }) host_.trace += " " + exit.message;
        if constexpr (requires { exit.holds; }) host_.trace += exit.holds ? " holds" : "";
        if constexpr (requires { exit.raw; }) host_.trace += exit.raw ? " raw" : "";
        if constexpr (requires { exit.result; }) note(exit.result);
        if constexpr (requires { exit.text; }) note(exit.text);
        if constexpr (requires { exit.value; }) note(exit.value);
        if constexpr (requires { exit.pattern; }) note(exit.pattern);
        if constexpr (requires { exit.patterns; }) note(exit.patterns);
        if constexpr (requires { exit.timeout; }) note(exit.timeout);
        if constexpr (requires { exit.arguments; }) note(exit.arguments);
    }

    Recorder host_;
    std::unique_ptr<exec::Program> program_;
};

compiler::CompiledSuite compiled(MemorySuite& suite, bool optimise, bool remarks = false) {
    auto options = suite.options();
    options.optimise = optimise;
    options.remarks = remarks;
    std::vector<std::filesystem::path> paths;
    for (const auto& [name, text] : suite.files) {
        if (name.starts_with("relux/tests/")) paths.push_back("/suite/" + name);
    }
    auto made = compiler::compile_suite(options, paths);
    INFO(MemorySuite::text_of(made.diagnostics));
    REQUIRE(made.diagnostics.error_count() == 0);
    for (const auto& module : made.modules)
        REQUIRE(bytecode::verify(module));
    return made;
}

/// The bytecode of a.relux after the line that starts with `title`, up to the next title, without numbers.
std::string code(const compiler::CompiledSuite& suite, const std::string& title) {
    std::istringstream text(bytecode::disassemble(suite.modules.back()));
    std::string line, found;
    bool inside = false;
    while (std::getline(text, line)) {
        if (line.starts_with("        ;")) continue;
        const bool instruction = line.size() > 14 && line[5] >= '0' && line[5] <= '9';
        if (instruction && inside) {
            std::string words = line.substr(14);
            words.erase(0, words.find_first_not_of(' '));
            while (words.find("  ") != std::string::npos)
                words.erase(words.find("  "), 1);
            found += words + "\n";
        }
        if (!instruction) inside = line.find(title) != std::string::npos;
    }
    return found;
}

/// Compiles a test file both ways, compares what they do, and returns the optimised suite.
compiler::CompiledSuite same(MemorySuite suite) {
    auto optimised = compiled(suite, true, true);
    auto plain = compiled(suite, false);
    const auto wanted = Runner(plain).trace();
    const auto got = Runner(optimised).trace();
    const auto [differs, expected] = std::mismatch(got.begin(), got.end(), wanted.begin(), wanted.end());
    const auto at = static_cast<std::size_t>(expected - wanted.begin());
    const auto line = wanted.rfind('\n', at) + 1;
    CHECK(got.substr(std::min(line, got.size()), 300) == wanted.substr(line, 300));
    return optimised;
}
compiler::CompiledSuite same(const std::string& text) {
    return same(MemorySuite::of(text));
}

std::string in_block(const std::string& statements) {
    return "test \"t\" {\n  shell s {\n" + statements + "  }\n}\n";
}

constexpr const char* kPlace = "relux/tests/a.relux:";

}  // namespace

TEST_CASE(
    "optimiser: the golden programs and those of the language's suite do the same with and without it") {
    int count = 0;
    for (const char* directory : {RELUX_GOLDEN, RELUX_LANGUAGE_SUITE}) {
        for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
            if (entry.path().extension() != ".relux" ||
                entry.path().string().find("/lib/") != std::string::npos)
                continue;
            auto suite = MemorySuite::of(test_support::read_golden(entry.path()));
            auto tried = suite.compile();
            if (tried.diagnostics.error_count() != 0) continue;  // it imports, or is of edition 0.8
            CAPTURE(entry.path().string());
            same(std::move(suite));
            ++count;
        }
    }
    CHECK(count > 30);
}

TEST_CASE("optimiser: texts out of constants and variables that hold constants") {
    auto suite = same(
        "test \"t\" {\n  let host = \"localhost\"\n  let port = 80\n  let url = \"http://${host}:${port}\"\n"
        "  shell s {\n    > curl ${url}/x\n  }\n}\n");
    CHECK(code(suite, "shell s") ==
          "note.text \"curl http://localhost:80/x\"\nload.k r0, \"curl http://localhost:80/x\"\nsend r0\n"
          "load.k r0, \"\"\nreturn r0\n");
    CHECK(suite.remarks == std::string(kPlace) + "4:14: remark: folded: \"http://localhost:80\"\n" + kPlace +
                               "6:7: remark: folded: \"curl http://localhost:80/x\"\n");
}

TEST_CASE("optimiser: neighbours that are known become one part") {
    auto suite = same(in_block("    let a = \"x\"\n    <? ^(.)$\n    > 1${a}2${1}3${a}4\n"));
    CHECK(code(suite, "shell s")
              .find("load.k r1, \"1x2\"\ncapture r2, $1\nload.k r3, \"3x4\"\n"
                    "concat r1, r1..r3\nsend r1\n") != std::string::npos);
}

TEST_CASE("optimiser: a variable is what was assigned last, also from another block") {
    auto suite = same(
        "test \"t\" {\n  let v = 1\n  shell s {\n    let w = 1\n    > ${v}${w}\n    v := 2\n    > ${v}${w}\n "
        " }\n"
        "  shell other {\n    let w2 = \"x\"\n    > ${v}${w2}\n  }\n"
        "  shell s {\n    w := $1\n    > ${v}${w}\n  }\n}\n"
        "");
    (void)suite;
}

TEST_CASE("optimiser: what a match or a function gives is not known") {
    auto suite =
        same("fn f() {\n  \"x\"\n}\n" +
             in_block("    let a = <? ^b$\n    let b = f()\n    > ${a}${b}\n    a := 1\n    > ${a}${b}\n"));
    const auto text = code(suite, "shell s");
    CHECK(text.find("move r3, r0\nmove r4, r1\nconcat") == std::string::npos);
    CHECK(text.find("concat") != std::string::npos);
    CHECK(text.find("note.text") == std::string::npos);
}

TEST_CASE("optimiser: a cleanup may run before a variable has its value") {
    auto suite = same(
        "test \"t\" {\n  let a = \"x\"\n  a ? ^y$\n  let b = \"z\"\n  shell s {\n    > ${a}${b}\n  }\n"
        "  cleanup {\n    let c = \"own\"\n    > ${b}\n    > ${c}\n  }\n}\n");
    CHECK(code(suite, "cleanup").find("scope.get r1, b\nconcat r1, r1\nsend r1\nnote.text \"own\"") !=
          std::string::npos);
    CHECK(suite.remarks.find("10:7: remark: not folded: a cleanup may run before `b` has its value\n") !=
          std::string::npos);
}

TEST_CASE("optimiser: patterns out of constants become static ones, but for invalid ones") {
    auto suite =
        same(in_block("    let n = 4\n    let bad = \"(\"\n    <~2s? ^${n}$\n    !? x${n}\n    <? ${bad}\n   "
                      " <{\n      ? ${n}\n    }\n"
                      "    n ? ^${n}$\n"));
    const auto text = code(suite, "shell s");
    CHECK(text.find("note.text \"^4$\"\nmatch.re r2, /^4$/, ~2s\n") != std::string::npos);
    CHECK(text.find("fail.re /x4/") != std::string::npos);
    CHECK(text.find("match.re.text r2") != std::string::npos);
    CHECK(text.find("multi.re /4/") != std::string::npos);
    CHECK(text.find("assert.re r0, /^4$/") != std::string::npos);
    CHECK(suite.remarks.find(":8:5: remark: left to run time: the pattern /(/ is invalid") ==
          std::string::npos);
    CHECK(suite.remarks.find(":7:5: remark: left to run time: the pattern /(/ is invalid") !=
          std::string::npos);
    CHECK(suite.remarks.find(":5:5: remark: static pattern: /^4$/") != std::string::npos);
}

TEST_CASE("optimiser: calls of pure functions and built-ins with constant arguments") {
    auto suite =
        same("pure fn twice(text) {\n  let result = \"${text}${text}\"\n  upper(result)\n}\n" +
             in_block("    > ${1}\n    let a = twice(twice(\"ab\"))\n    len(a)\n    trim(\" x \")\n"));
    const auto text = code(suite, "shell s");
    CHECK(text.find("\ncall ") == std::string::npos);
    CHECK(text.find("call.native") == std::string::npos);
    CHECK(text.find("note.call") != std::string::npos);
    CHECK(suite.remarks.find(":8:13: remark: evaluated: twice(\"ABAB\") is \"ABABABAB\"\n") !=
          std::string::npos);
    CHECK(suite.remarks.find(":9:5: remark: evaluated: len(\"ABABABAB\") is \"8\"\n") != std::string::npos);
    CHECK(suite.modules[0].function_refs.size() == 1);  // markers and incremental runs follow it
}

TEST_CASE("optimiser: markers, overlays and functions too; what they refer to stays referred to") {
    auto suite = same(
        "# skip unless CI\npure fn twice(s) {\n  \"${s}${s}\"\n}\n"
        "# skip if twice(\"a\") = \"aa\"\n# run if \"x\" ? ^${HOME}\n"
        "effect E {\n  expect K\n  expose s\n  shell s {\n  }\n}\n"
        "# skip unless twice(\"b\") ? ^bb$\ntest \"t\" {\n  let k = \"v\"\n  start E { K = twice(k) }\n"
        "  start E as Other { K = \"${k}w\" }\n  shell s {\n    > ${k}\n  }\n}\n");
    for (const char* part : {"marker # skip if", "marker # skip unless t", "overlay"}) {
        CAPTURE(part);
        CHECK(code(suite, part).find("note.call ") != std::string::npos);
    }
    // The function's own marker decides about every test that can reach it.
    const auto& module = suite.modules[0];
    REQUIRE(module.function_refs.size() == 1);
    for (const auto& chunk : module.chunks) {
        for (const auto word : chunk.code)
            CHECK(word.opcode() != bytecode::Opcode::Call);
    }
}

TEST_CASE("optimiser: calls that are left to run time, and why") {
    struct Case {
        std::string call, why;
    };
    const std::string functions =
        "pure fn home() {\n  \"${HOME}\"\n}\npure fn digits(s) {\n  s ? \\d+\n  $0\n}\n"
        "pure fn bad(s) {\n  split(s, \",\", \"x\")\n}\npure fn again(s) {\n  again(\"${s}\")\n}\n"
        "pure fn f1(s) {\n  \"${s}${s}${s}${s}${s}${s}${s}${s}\"\n}\npure fn f2(s) {\n  "
        "f1(f1(f1(f1(f1(s)))))\n}\n"
        "pure fn secret() {\n  uuid()\n}\n";
    const Case cases[] = {
        {"home()", "it reads HOME from the environment"},
        {"digits(\"a1\")", "it matches a pattern"},
        {"bad(\"a\")", "it fails: split: index `x` is not a number; parts count from 0"},
        {"split(\"a\", \",\", \"x\")", "it fails: split: index `x` is not a number; parts count from 0"},
        {"again(\"x\")", "calls stand too deep inside each other"},
        {"f2(\"x\")", "a text of more than 4096 bytes"},
        {"rand(\"8\")", "the value of rand depends on more than its arguments"},
        {"sha1(\"8\")", "the value of sha1 depends on more than its arguments"},
        {"upper(\"ä\")", "an argument of upper is not ASCII"},
        {"secret()", ""},
        {"uuid()", ""},
    };
    for (const Case& each : cases) {
        CAPTURE(each.call);
        auto suite = same(functions + in_block("    " + each.call + "\n"));
        const std::string remark = ": remark: not evaluated: ";
        const auto at = suite.remarks.rfind(remark + each.call.substr(0, each.call.find('(')));
        CHECK((at != std::string::npos) == !each.why.empty());
        if (at != std::string::npos)
            CHECK(suite.remarks.substr(at).find(": " + each.why + "\n") != std::string::npos);
        CHECK(code(suite, "shell s").find("note.call") == std::string::npos);
    }
}

TEST_CASE(
    "optimiser: functions of other modules are left alone: their bodies are not part of what the cache "
    "knows") {
    MemorySuite suite = MemorySuite::of("import lib { same }\n" + in_block("    same(\"x\")\n"));
    suite.files["relux/lib/lib.relux"] = "pure fn same(s) {\n  s\n}\n";
    auto made = same(std::move(suite));
    CHECK(code(made, "shell s").find("call r0, relux/lib/lib.relux:same/1, r1") != std::string::npos);
    CHECK(made.remarks.find(
              "not evaluated: same(\"x\"): same/1 is a function of relux/lib/lib.relux, whose body may "
              "change without this module being compiled again") != std::string::npos);
}

TEST_CASE("optimiser: inside a function, only calls that call no further functions") {
    auto suite = same(
        "pure fn leaf(s) {\n  \"<${s}>\"\n}\npure fn tree(s) {\n  leaf(s)\n}\n"
        "fn f() {\n  leaf(\"a\")\n  tree(\"b\")\n}\n" +
        in_block("    f()\n    tree(\"c\")\n"));
    CHECK(suite.remarks.find(":8:3: remark: evaluated: leaf(\"a\") is \"<a>\"") != std::string::npos);
    CHECK(suite.remarks.find(":9:3: remark: not evaluated: tree(\"b\"): inside a function, calls that call "
                             "further functions are left to run time") != std::string::npos);
    CHECK(suite.remarks.find("evaluated: tree(\"c\") is \"<c>\"") != std::string::npos);
}

TEST_CASE("optimiser: calls that double at every level, and texts that do, come to an end") {
    std::string text = "pure fn g0(s) {\n  s\n}\n";
    for (int i = 1; i < 15; ++i) {
        const auto callee = "g" + std::to_string(i - 1);
        text += "pure fn g" + std::to_string(i) + "(s) {\n  " + callee + "(s)\n  " + callee + "(s)\n}\n";
    }
    std::string lines = "    let a0 = \"0123456789abcdef\"\n";
    for (int i = 1; i < 16; ++i) {
        const auto before = "${a" + std::to_string(i - 1) + "}";
        lines += "    let a" + std::to_string(i) + " = \"" + before + before + "\"\n";
    }
    auto suite = same(text + in_block(lines + "    g6(\"x\")\n"));
    CHECK(suite.remarks.find("not evaluated: g6(\"x\"): it takes too many steps") != std::string::npos);
    std::size_t longest = 0;
    for (const auto& string : suite.modules[0].strings)
        longest = std::max(longest, string.size());
    CHECK(longest == 4096);
}

TEST_CASE("optimiser: a block that fills the registers stays compilable") {
    std::string lines;
    for (int i = 0; i < 4094; ++i)
        lines += "    let _v" + std::to_string(i) + " = \"a\"\n";
    auto program = MemorySuite::of(
        "pure fn f(a) {\n  many(a, a, a, a, a, a, a, a)\n}\npure fn many(a, b, c, d, e, f, g, h) {\n  "
        "h\n}\n" +
        in_block(lines + "    f(1)\n"));
    auto suite = compiled(program, true);
    REQUIRE(suite.modules.size() == 1);
    CHECK(code(suite, "shell s").find("\ncall r4094, f/1, r4095\n") != std::string::npos);
}

TEST_CASE("optimiser: the same source gives the same bytes") {
    auto text =
        "pure fn twice(s) {\n  \"${s}${s}\"\n}\n" + in_block("    let a = twice(\"ab\")\n    <? ^${a}$\n");
    auto first = MemorySuite::of(text);
    auto second = MemorySuite::of(text);
    CHECK(bytecode::write_module(compiled(first, true).modules[0]) ==
          bytecode::write_module(compiled(second, true, true).modules[0]));
    CHECK(compiled(first, true).remarks.empty());
}
