// Tests what every opcode does, one small chunk each, against a world that is not there.
#include "vm/exec/interp.h"

#include <doctest/doctest.h>

#include "tests/support/exits.h"
#include "tests/support/fake_host.h"
#include "tests/support/module_builder.h"
#include "vm/bytecode/module_file.h"

using namespace relux;
using namespace relux::exec;
using relux::TimeoutKind;
using relux::bytecode::ChunkKind;
using relux::bytecode::Instruction;
using relux::bytecode::Opcode;
using relux::test_support::FakeHost;
using relux::test_support::FakeScope;
using relux::test_support::ModuleBuilder;
using I = Instruction;
using O = Opcode;
namespace exits = relux::exec::exits;

namespace {

/// One test with a shell of `variables` variables whose blocks are run one by one.
struct Machine {
    ModuleBuilder b{"a.relux"};
    std::uint16_t variables;
    std::uint32_t scope_index;
    FakeHost host;
    FakeScope scope{2};
    std::unique_ptr<Program> program;
    Fiber fiber;
    Interpreter interpreter{host};

    explicit Machine(std::uint16_t variable_count = 0)
        : variables(variable_count), scope_index(b.test("t", variable_count)) {
        b.module.scopes[scope_index].slots = {b.string("a"), b.string("b")};
    }

    /// Adds a block; all of them before the first run.
    void block(std::uint16_t registers, std::vector<I> code) {
        b.block(scope_index, registers, std::move(code));
    }

    void link() {
        auto verified = bytecode::verify(b.module);
        REQUIRE_MESSAGE(verified, (verified ? "" : verified.error().message));
        auto linked = Program::link({b.module});
        REQUIRE_MESSAGE(linked, (linked ? "" : linked.error().message));
        program = std::move(*linked);
    }
    Exit enter(std::size_t block = 0) {
        if (!program) link();
        const auto& module = *program->modules()[0];
        fiber.enter(module, module.code.chunks[module.code.scopes[scope_index].blocks[block].chunk], &scope,
                    variables);
        return run();
    }
    Exit enter_chunk(std::uint32_t chunk) {
        if (!program) link();
        const auto& module = *program->modules()[0];
        fiber.enter(module, module.code.chunks[chunk], &scope, 0);
        return run();
    }
    Exit run() { return interpreter.run(fiber); }
    Exit answer(std::string_view value) {
        fiber.resume_with(Value(value));
        return run();
    }
};

template <class T>
bool is(const Exit& exit) {
    return test_support::get_exit<T>(exit) != nullptr;
}
template <class T>
T as(const Exit& exit) {
    const auto* found = test_support::get_exit<T>(exit);
    REQUIRE(found != nullptr);
    return *found;
}
std::string result(const Exit& exit) {
    return std::string(as<exits::Finished>(exit).result.view());
}
std::string failure(const Exit& exit) {
    return as<exits::Failed>(exit).message;
}

std::vector<std::string> texts(const std::vector<Value>& values) {
    std::vector<std::string> out;
    for (const auto& value : values)
        out.emplace_back(value.view());
    return out;
}

}  // namespace

TEST_CASE("load.k, move, concat, return") {
    Machine m;
    m.block(4, {I::abx(O::LoadK, 0, m.b.string("ab")), I::abx(O::LoadK, 1, m.b.string("")),
                I::abc(O::Move, 2, 0), I::abc(O::Concat, 3, 0, 3), I::abc(O::Return, 3)});
    auto exit = m.enter();
    CHECK(result(exit) == "abab");
    CHECK(m.fiber.finished());
    CHECK(m.host.notes == std::vector<std::string>{"interpolation =abab"});
}

TEST_CASE("a join may write one of its parts; a join of nothing is empty") {
    Machine m;
    m.block(2, {I::abx(O::LoadK, 0, m.b.string("x")), I::abx(O::LoadK, 1, m.b.string("y")),
                I::abc(O::Concat, 0, 0, 2), I::abc(O::Return, 0)});
    m.block(1, {I::abc(O::Concat, 0, 0, 0), I::abc(O::Return, 0)});
    CHECK(result(m.enter(0)) == "xy");
    CHECK(result(m.enter(1)) == "");
}

TEST_CASE("scope, environment and alias variables") {
    Machine m;
    m.b.module.effect_refs = {};
    auto effect = m.b.effect("E");
    m.b.module.scopes[effect].slots = {m.b.string("v")};
    m.b.module.effects[0].exposes = {{true, m.b.string("v"), bytecode::kNone, m.b.string("v"), 0, {1, 1, 2}}};
    m.b.module.scopes[m.scope_index].starts = {
        {m.b.effect_ref("E"), bytecode::kNone, bytecode::kNone, {}, {1, 1, 2}}};
    m.b.module.scopes[m.scope_index].alias_variables = {{0, m.b.string("v")}};
    m.block(6,
            {I::abx(O::ScopeGet, 0, 1), I::abx(O::ScopeSet, 0, 0), I::abx(O::EnvGet, 1, m.b.string("OVER")),
             I::abx(O::EnvBase, 2, m.b.string("BASE")), I::abx(O::EnvBase, 3, m.b.string("OVER")),
             I::abx(O::AliasGet, 4, 0), I::abc(O::Concat, 5, 0, 5), I::abc(O::Return, 5)});
    m.scope.slots[1] = Value("b;");
    m.scope.overlays["OVER"] = "over;";
    m.host.environment["BASE"] = "base;";
    CHECK(result(m.enter()) == "b;over;base;alias 0");
    CHECK(m.scope.slots[0].view() == "b;");
}

TEST_CASE("notes of let and assignment") {
    Machine m;
    m.block(1, {I::abx(O::LoadK, 0, m.b.string("1")), I::abx(O::NoteLet, 0, m.b.string("x")),
                I::abx(O::NoteAssign, 0, m.b.string("y")), I::abc(O::Return, 0)});
    m.enter();
    CHECK(m.host.notes == std::vector<std::string>{"let x=1", "assign y=1"});
}

TEST_CASE("a shell's variables and captures persist between its blocks, other registers start empty") {
    Machine m(1);
    m.block(2, {I::abx(O::LoadK, 0, m.b.string("kept")), I::abx(O::LoadK, 1, m.b.string("lost")),
                I::abc(O::AssertRe, 0, m.b.pattern("ept")), I::abc(O::Return, 0)});
    m.block(3, {I::abx(O::CaptureGet, 1, 0), I::abx(O::CaptureGet, 2, 1), I::abc(O::Concat, 2, 0, 3),
                I::abc(O::Return, 2)});
    CHECK(result(m.enter(0)) == "kept");
    CHECK(result(m.enter(1)) ==
          "keptept"
          "t");
    CHECK(result(m.enter(1)) ==
          "keptept"
          "t");
}

TEST_CASE("a capture that is not there is empty") {
    Machine m;
    m.block(1, {I::abx(O::CaptureGet, 0, 7), I::abc(O::Return, 0)});
    CHECK(result(m.enter()) == "");
}

TEST_CASE("sends leave with the text and resume") {
    Machine m;
    m.block(2, {I::abx(O::LoadK, 0, m.b.string("ls")), I::abc(O::Send, 0), I::abc(O::SendRaw, 0),
                I::abc(O::Return, 0)});
    auto exit = m.enter();
    CHECK(as<exits::Send>(exit).text.view() == "ls");
    CHECK_FALSE(as<exits::Send>(exit).raw);
    CHECK(m.fiber.frames()[0].pc == 1);
    exit = m.answer("ls");
    CHECK(as<exits::Send>(exit).raw);
    exit = m.answer("other");
    CHECK(result(exit) == "ls");
}

TEST_CASE("matches leave with pattern and time-out; text and captures come back") {
    Machine m;
    auto two = m.b.duration(2'000'000'000);
    m.block(3, {I::abc(O::MatchRe, 0, m.b.pattern("^a"), two, 1), I::abx(O::CaptureGet, 1, 1),
                I::abc(O::MatchReText, 1, 0, two, 2), I::abx(O::LoadK, 2, m.b.string("lit")),
                I::abc(O::MatchLit, 2), I::abc(O::Concat, 0, 0, 3), I::abc(O::Return, 0)});
    auto exit = m.enter();
    CHECK(as<exits::Match>(exit).pattern.text.view() == "^a");
    CHECK(as<exits::Match>(exit).pattern.is_regex);
    CHECK(as<exits::Match>(exit).timeout.kind == TimeoutKind::Tolerance);
    CHECK(as<exits::Match>(exit).timeout.written.count() == 2'000'000'000);

    m.fiber.resume_with(Value("A;"), {Value("A;"), Value("group")});
    exit = m.run();
    CHECK(as<exits::Match>(exit).pattern.text.view() == "group");
    CHECK(as<exits::Match>(exit).pattern.is_regex);
    CHECK(as<exits::Match>(exit).timeout.kind == TimeoutKind::Assertion);

    m.fiber.resume_with(Value("B;"), {});
    exit = m.run();
    CHECK(as<exits::Match>(exit).pattern.text.view() == "lit");
    CHECK_FALSE(as<exits::Match>(exit).pattern.is_regex);
    CHECK(as<exits::Match>(exit).timeout.kind == TimeoutKind::None);
    CHECK(result(m.answer("lit")) == "A;B;lit");
}

TEST_CASE("reset, time-out and fail patterns") {
    Machine m;
    m.block(1,
            {I::abc(O::ResetBuffer, 0), I::abc(O::SetTimeout, 0, 0, m.b.duration(5), 2),
             I::abc(O::FailRe, 0, m.b.pattern("err")), I::abx(O::LoadK, 0, m.b.string("dyn")),
             I::abc(O::FailReText, 0), I::abc(O::FailLit, 0), I::abc(O::FailClear, 0), I::abc(O::Return, 0)});
    CHECK(is<exits::ResetBuffer>(m.enter()));
    auto exit = m.answer("");
    CHECK(as<exits::SetTimeout>(exit).timeout.kind == TimeoutKind::Assertion);
    CHECK(as<exits::SetTimeout>(exit).timeout.written.count() == 5);
    for (auto [text, is_regex] : {std::pair("err", true), std::pair("dyn", true), std::pair("dyn", false)}) {
        exit = m.answer("");
        CHECK(as<exits::SetFailPattern>(exit).pattern.text.view() == text);
        CHECK(as<exits::SetFailPattern>(exit).pattern.is_regex == is_regex);
    }
    CHECK(is<exits::ClearFailPattern>(m.answer("")));
    CHECK(is<exits::Finished>(m.answer("")));
}

TEST_CASE("a multimatch gathers its patterns and leaves once; the next one starts anew") {
    Machine m;
    m.block(
        1, {I::abx(O::LoadK, 0, m.b.string("x")), I::abc(O::MultiRe, 0, m.b.pattern("p")),
            I::abc(O::MultiReText, 0), I::abc(O::MultiLit, 0), I::abc(O::MultiWait, 0, 0, m.b.duration(9), 1),
            I::abc(O::MultiLit, 0), I::abc(O::MultiWait, 0), I::abc(O::Return, 0)});
    auto exit = m.enter();
    REQUIRE(as<exits::MultiMatch>(exit).patterns.size() == 3);
    CHECK(as<exits::MultiMatch>(exit).patterns[0].text.view() == "p");
    CHECK(as<exits::MultiMatch>(exit).patterns[0].is_regex);
    CHECK(as<exits::MultiMatch>(exit).patterns[1].is_regex);
    CHECK(as<exits::MultiMatch>(exit).patterns[2].text.view() == "x");
    CHECK_FALSE(as<exits::MultiMatch>(exit).patterns[2].is_regex);
    CHECK(as<exits::MultiMatch>(exit).timeout.written.count() == 9);
    CHECK(as<exits::MultiMatch>(m.answer("")).patterns.size() == 1);
    CHECK(is<exits::Finished>(m.answer("")));
}

TEST_CASE("assertions on values") {
    Machine m;
    m.block(2, {I::abx(O::LoadK, 0, m.b.string("hello\n")), I::abx(O::LoadK, 1, m.b.string("ell")),
                I::abc(O::AssertReText, 0, 1), I::abx(O::CaptureGet, 1, 1), I::abc(O::Return, 1)});
    m.block(1, {I::abx(O::LoadK, 0, m.b.string("hello\n")), I::abc(O::AssertRe, 0, m.b.pattern("bye")),
                I::abc(O::Return, 0)});
    m.block(2, {I::abx(O::LoadK, 0, m.b.string("a")), I::abx(O::LoadK, 1, m.b.string("b")),
                I::abc(O::AssertEq, 0, 0), I::abc(O::AssertEq, 0, 1), I::abc(O::Return, 0)});
    m.block(1, {I::abx(O::LoadK, 0, m.b.string("*")), I::abc(O::AssertReText, 0, 0), I::abc(O::Return, 0)});
    m.block(1, {I::abx(O::LoadK, 0, m.b.string("!")), I::abc(O::AssertReText, 0, 0), I::abc(O::Return, 0)});
    CHECK(result(m.enter(0)) == "l");
    CHECK(m.host.notes == std::vector<std::string>{"assert-start ell=hello\n", "assert-done ell=ell"});

    auto exit = m.enter(1);
    CHECK(as<exits::Failed>(exit).kind == exits::Failed::Kind::PureMatch);
    CHECK(failure(exit) == "value \"hello\\n\" does not match /bye/");
    CHECK(m.host.notes.back() == "assert-failed bye=hello\n");
    CHECK(m.fiber.frames()[0].pc == 1);

    exit = m.enter(2);
    CHECK(as<exits::Failed>(exit).kind == exits::Failed::Kind::PureMatch);
    CHECK(failure(exit) == "value \"a\" is not \"b\"");
    CHECK(m.fiber.frames()[0].pc == 3);

    exit = m.enter(3);
    CHECK(as<exits::Failed>(exit).kind == exits::Failed::Kind::InvalidRegex);
    CHECK(failure(exit) == "nothing to repeat");
    exit = m.enter(4);
    CHECK(as<exits::Failed>(exit).kind == exits::Failed::Kind::Runtime);
    CHECK(failure(exit) == "pattern is too complex");
}

TEST_CASE("overlay entries are kept in order, and dropped by the next chunk") {
    Machine m;
    m.b.effect("E");
    auto overlay = m.b.chunk(ChunkKind::Overlay, 1,
                             {I::abx(O::LoadK, 0, m.b.string("1")), I::abx(O::OverlaySet, 0, m.b.string("B")),
                              I::abx(O::OverlaySet, 0, m.b.string("A")), I::abc(O::Return, 0)},
                             m.scope_index);
    m.b.module.scopes[m.scope_index].starts = {
        {m.b.effect_ref("E"), bytecode::kNone, overlay, {}, {1, 1, 2}}};
    m.block(1, {I::abx(O::LoadK, 0, m.b.string("1")), I::abc(O::Return, 0)});
    CHECK(is<exits::Finished>(m.enter_chunk(overlay)));
    REQUIRE(m.fiber.overlay.size() == 2);
    CHECK(m.fiber.overlay[0].first == "B");
    CHECK(m.fiber.overlay[1].first == "A");
    CHECK(m.fiber.overlay[1].second.view() == "1");
    m.enter();
    CHECK(m.fiber.overlay.empty());
}

TEST_CASE("markers decide") {
    struct Case {
        I decision;
        bool holds;
    };
    for (auto text : {"", "x"}) {
        bool filled = text[0] != '\0';
        Machine probe;
        auto pattern = probe.b.pattern("x");
        for (const auto& test :
             {Case{I::abc(O::DecideTrue, 0), filled}, Case{I::abc(O::DecideEq, 0, 1), filled},
              Case{I::abc(O::DecideRe, 0, pattern), filled}, Case{I::abc(O::DecideReText, 0, 1), filled}}) {
            Machine m;
            m.b.pattern("x");
            m.b.module.scopes[m.scope_index].markers = {
                m.b.marker(bytecode::MarkerKind::Skip, "skip if V", "V", 2,
                           {I::abx(O::EnvBase, 0, m.b.string("V")), I::abx(O::LoadK, 1, m.b.string("x")),
                            test.decision})};
            m.host.environment["V"] = text;
            auto exit = m.enter_chunk(0);
            CHECK(as<exits::Decided>(exit).holds == test.holds);
            CHECK(as<exits::Decided>(exit).value.view() == text);
            CHECK(m.fiber.finished());
        }
    }
}

TEST_CASE("pure functions run inside, impure ones are bracketed") {
    Machine m(1);
    m.b.function("twice", true, {"x"}, 2,
                 {I::abc(O::Move, 1, 0), I::abc(O::Concat, 0, 0, 2), I::abc(O::Return, 0)});
    m.b.function("say", false, {"x", "y"}, 3,
                 {I::abc(O::Concat, 2, 0, 2), I::abc(O::Send, 2), I::abc(O::Return, 2)});
    m.block(4, {I::abx(O::LoadK, 0, m.b.string("v")), I::abx(O::LoadK, 2, m.b.string("ab")),
                I::abc(O::Call, 1, m.b.function_ref("twice", 1), 1), I::abc(O::Move, 2, 1),
                I::abx(O::LoadK, 3, m.b.string("!")), I::abc(O::Call, 1, m.b.function_ref("say", 2), 2),
                I::abc(O::Concat, 1, 0, 2), I::abc(O::Return, 1)});
    auto exit = m.enter();
    CHECK(as<exits::CallEnter>(exit).function == &m.program->modules()[0]->code.functions[1]);
    CHECK(texts(as<exits::CallEnter>(exit).arguments) == std::vector<std::string>{"abab", "!"});
    REQUIRE(m.fiber.frames().size() == 2);
    CHECK(m.fiber.frames()[0].pc == 5);
    CHECK(m.fiber.frames()[1].function == as<exits::CallEnter>(exit).function);

    exit = m.run();
    CHECK(as<exits::Send>(exit).text.view() == "abab!");
    exit = m.answer("abab!");
    CHECK(as<exits::CallLeave>(exit).function == &m.program->modules()[0]->code.functions[1]);
    CHECK(as<exits::CallLeave>(exit).result.view() == "abab!");
    REQUIRE(m.fiber.frames().size() == 1);
    CHECK(m.fiber.frames()[0].pc == 5);
    exit = m.run();
    CHECK(result(exit) == "vabab!");
}

TEST_CASE("a function has its own captures, which vanish") {
    Machine m;
    m.b.function(
        "f", true, {"x"}, 2,
        {I::abx(O::CaptureGet, 1, 0), I::abc(O::AssertEq, 1, 0), I::abx(O::LoadK, 1, m.b.string("q")),
         I::abc(O::AssertRe, 1, m.b.pattern("q")), I::abc(O::Return, 1)});
    m.block(2, {I::abx(O::LoadK, 0, m.b.string("abc")), I::abc(O::AssertRe, 0, m.b.pattern("abc")),
                I::abx(O::LoadK, 1, m.b.string("")), I::abc(O::Call, 0, m.b.function_ref("f", 1), 1),
                I::abx(O::CaptureGet, 0, 0), I::abc(O::Return, 0)});
    CHECK(result(m.enter()) == "abc");
}

TEST_CASE("the result of a returning variable stays in the variable") {
    Machine m(1);
    m.block(1, {I::abx(O::LoadK, 0, m.b.string("x")), I::abc(O::Return, 0)});
    m.block(1, {I::abc(O::Return, 0)});
    CHECK(result(m.enter(0)) == "x");
    CHECK(result(m.enter(1)) == "x");
    CHECK(result(m.enter(1)) == "x");
}

TEST_CASE("natives: pure ones run here, shell ones leave") {
    Machine m;
    m.block(3, {I::abx(O::LoadK, 1, m.b.string(" x ")),
                I::abc(O::CallNative, 0, m.b.native_ref("trim", 1), 1), I::abx(O::LoadK, 1, m.b.string("7")),
                I::abc(O::CallNative, 2, m.b.native_ref("match_prompt", 0), 0),
                I::abc(O::CallNative, 0, m.b.native_ref("match_not_ok", 1), 1), I::abc(O::Concat, 0, 0, 3),
                I::abc(O::Return, 0)});
    auto exit = m.enter();
    CHECK(m.host.notes == std::vector<std::string>{"native trim=x"});
    CHECK(as<exits::ShellCall>(exit).native == find_native("match_prompt", 0));
    CHECK(as<exits::ShellCall>(exit).arguments.empty());
    exit = m.answer("$ ");
    CHECK(as<exits::ShellCall>(exit).native == find_native("match_not_ok", 1));
    CHECK(texts(as<exits::ShellCall>(exit).arguments) == std::vector<std::string>{"7"});
    exit = m.answer("p");
    CHECK(result(exit) == "p7$ ");
}

TEST_CASE("what the compiler has evaluated leaves its events, and counts as calls") {
    Machine m;
    auto twice = m.b.function_ref("twice", 1);
    m.b.function("twice", true, {"x"}, 2, {I::abc(O::Return, 0)});
    m.block(4,
            {I::abx(O::LoadK, 2, m.b.string("ab")), I::abc(O::NoteCall, 1, twice, 1),
             I::abx(O::NoteText, 0, m.b.string("abab")), I::abx(O::NoteString, 0, m.b.string("plain")),
             I::abx(O::LoadK, 3, m.b.string("ab")), I::abx(O::NoteRead, 3, m.b.string("name")),
             I::abc(O::NoteNative, 2, m.b.native_ref("uuid", 0), 0), I::abx(O::LoadK, 3, m.b.string("inner")),
             I::abc(O::NoteReturn, 3), I::abx(O::LoadK, 0, m.b.string("abab")), I::abc(O::NoteReturn, 0),
             I::abc(O::Concat, 3, 0, 2), I::abc(O::Return, 3)});
    auto exit = m.enter();
    CHECK(m.host.notes == std::vector<std::string>{"pure-enter twice=", "interpolation =abab",
                                                   "string =plain", "read name=ab",
                                                   "native-enter uuid=", "pure-leave =inner",
                                                   "pure-leave =abab", "interpolation =abab"});
    CHECK(result(exit) == "abab");  // the registers that calls write hold nothing
}

TEST_CASE("a call that was evaluated is one too deep where the call would have been") {
    Machine m;
    auto self = m.b.function_ref("f", 0);
    auto leaf = m.b.function_ref("leaf", 0);
    const auto empty = m.b.string("");
    m.b.function("leaf", true, {}, 1, {I::abx(O::LoadK, 0, empty), I::abc(O::Return, 0)});
    m.b.function("f", true, {}, 2,
                 {I::abc(O::NoteCall, 0, leaf, 0), I::abx(O::LoadK, 1, empty), I::abc(O::NoteReturn, 1),
                  I::abc(O::Call, 0, self, 0), I::abc(O::Return, 0)});
    m.block(1, {I::abc(O::Call, 0, self, 0), I::abc(O::Return, 0)});
    auto exit = m.enter();
    CHECK(failure(exit) == "call depth over 1000");
    CHECK(m.fiber.frames().size() == 1001);
    CHECK(m.fiber.frames().back().pc == 0);
}

TEST_CASE("a native's error is a run-time failure") {
    Machine m;
    m.block(2, {I::abx(O::LoadK, 1, m.b.string("x")), I::abc(O::CallNative, 0, m.b.native_ref("rand", 1), 1),
                I::abc(O::Return, 0)});
    auto exit = m.enter();
    CHECK(as<exits::Failed>(exit).kind == exits::Failed::Kind::Runtime);
    CHECK(failure(exit) == "rand: length `x` is not a number; write how many characters");
}

TEST_CASE("recursion ends in a failure that shows every call") {
    for (bool pure : {true, false}) {
        Machine m;
        auto self = m.b.function_ref("f", 0);
        m.b.function("f", pure, {}, 1, {I::abc(O::Call, 0, self, 0), I::abc(O::Return, 0)});
        m.block(1, {I::abc(O::Call, 0, self, 0), I::abc(O::Return, 0)});
        auto exit = m.enter();
        int entered = 0;
        for (; is<exits::CallEnter>(exit); exit = m.run())
            ++entered;
        CHECK(as<exits::Failed>(exit).kind == exits::Failed::Kind::Runtime);
        CHECK(failure(exit) == "call depth over 1000");
        CHECK(m.fiber.frames().size() == 1001);
        CHECK(entered == (pure ? 0 : 1000));
        // The fiber is good for another chunk, a cleanup for example.
        CHECK(!is<exits::Finished>(m.enter()));
    }
}

TEST_CASE("a value that doubles at every call ends in a failure, not in all memory") {
    Machine m;
    auto self = m.b.function_ref("f", 1);
    m.b.function("f", true, {"x"}, 4,
                 {I::abc(O::Move, 1, 0), I::abc(O::Concat, 3, 0, 2), I::abc(O::Call, 2, self, 1),
                  I::abc(O::Return, 2)});
    m.block(2, {I::abx(O::LoadK, 1, m.b.string("0123456789abcdef")), I::abc(O::Call, 0, self, 1),
                I::abc(O::Return, 0)});
    m.host.keep_notes = false;
    auto exit = m.enter();
    CHECK(failure(exit) == "a value longer than 256 MiB");
}

TEST_CASE("calls that double at every level end in a failure") {
    Machine m;
    m.b.function("f40", true, {}, 1, {I::abx(O::LoadK, 0, m.b.string("")), I::abc(O::Return, 0)});
    for (int i = 39; i >= 0; --i) {
        auto next = m.b.function_ref("f" + std::to_string(i + 1), 0);
        m.b.function("f" + std::to_string(i), true, {}, 1,
                     {I::abc(O::Call, 0, next, 0), I::abc(O::Call, 0, next, 0), I::abc(O::Return, 0)});
    }
    m.block(1, {I::abc(O::Call, 0, m.b.function_ref("f0", 0), 0), I::abc(O::Return, 0)});
    CHECK(failure(m.enter()) == "more than 10 million function calls without a wait");
}

TEST_CASE(
    "work without a wait is limited: text that is joined, searched, compared, noted and given to built-ins") {
    Machine m;
    auto text = m.b.string(std::string(600, 'x'));
    auto load = I::abx(O::LoadK, 1, text);
    const std::vector<I> heavy = {
        I::abc(O::Concat, 0, 1, 1),     I::abc(O::AssertReText, 1, 1),
        I::abc(O::AssertEq, 1, 1),      I::abx(O::NoteLet, 1, text),
        I::abx(O::NoteAssign, 1, text), I::abc(O::CallNative, 0, m.b.native_ref("len", 1), 1),
        I::abx(O::NoteText, 0, text),
    };
    for (auto word : heavy)
        m.block(2, {load, word, word, I::abc(O::ResetBuffer, 0), word, word, I::abc(O::Return, 1)});
    m.link();
    const auto& module = *m.program->modules()[0];
    for (std::size_t i = 0; i < heavy.size(); ++i) {
        CAPTURE(i);
        const auto& chunk = module.code.chunks[module.code.scopes[m.scope_index].blocks[i].chunk];
        Fiber fiber;
        Interpreter enough(m.host, 10'000);
        fiber.enter(module, chunk, &m.scope, 0);
        CHECK(is<exits::ResetBuffer>(enough.run(fiber)));
        fiber.resume_with({});
        // A wait begins anew.
        CHECK(is<exits::Finished>(enough.run(fiber)));

        Interpreter little(m.host, 700);
        fiber.enter(module, chunk, &m.scope, 0);
        const auto exit = little.run(fiber);
        REQUIRE(is<exits::Failed>(exit));
        CHECK(failure(exit) == "more work than can be done without a wait");
        CHECK(fiber.frames().back().pc >= 1);
    }
}

TEST_CASE("a call is paid for by the length of its code") {
    Machine m;
    std::vector<I> code(1000, I::abx(O::LoadK, 0, m.b.string("")));
    code.push_back(I::abc(O::Return, 0));
    m.b.function("long", true, {}, 1, code);
    auto call = I::abc(O::Call, 0, m.b.function_ref("long", 0), 0);
    m.block(1, {call, call, I::abc(O::Return, 0)});
    m.link();
    const auto& module = *m.program->modules()[0];
    const auto& chunk = module.code.chunks[module.code.scopes[m.scope_index].blocks[0].chunk];
    m.fiber.enter(module, chunk, &m.scope, 0);
    CHECK(failure(Interpreter(m.host, 20'000).run(m.fiber)) == "more work than can be done without a wait");
    m.fiber.enter(module, chunk, &m.scope, 0);
    CHECK(is<exits::Finished>(Interpreter(m.host, 40'000).run(m.fiber)));
}
