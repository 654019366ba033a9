// One module per rule of the verifier: the sample with a single thing wrong, and the message that names it.
#include <functional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/sample_module.h"
#include "vm/bytecode/limits.h"
#include "vm/bytecode/module_file.h"

using namespace relux::bytecode;
using relux::TimeoutKind;
using relux::test_support::I;
using relux::test_support::O;
using relux::test_support::sample_module;

namespace {

struct Case {
    std::string message;  ///< without `module "relux/tests/sample.relux": `
    std::function<void(Module&)> damage;
};

// Chunks of the sample: 0 greet, 1 twice, 2 Db's block, 3 Api's overlay, 4 Api's block, 5 declarations, 6
// block, 7 cleanup, 8 marker. Scopes: 0 Db, 1 Api, 2 the test.
constexpr std::size_t kGreet = 0, kTwice = 1, kDbBlock = 2, kOverlayChunk = 3, kApiBlock = 4,
                      kDeclarations = 5, kBlock = 6, kCleanup = 7, kMarkerChunk = 8;
constexpr std::size_t kDb = 0, kApi = 1, kTest = 2;

void check_all(const std::vector<Case>& cases) {
    for (const auto& test : cases) {
        auto module = sample_module();
        test.damage(module);
        auto status = verify(module);
        CAPTURE(test.message);
        REQUIRE_FALSE(status);
        CHECK(status.error().message == "module \"" + module.name + "\": " + test.message);
    }
}

/// Replaces one instruction of a chunk.
std::function<void(Module&)> code(std::size_t chunk, std::size_t index, I word) {
    return [=](Module& m) { m.chunks[chunk].code[index] = word; };
}

void append(Module& m, std::size_t chunk, I word) {
    auto& target = m.chunks[chunk];
    target.code.insert(target.code.end() - 1, word);
    target.spans.push_back(target.spans.back());
}

}  // namespace

TEST_CASE("header, pools and references") {
    check_all({
        {"header: the module has no name", [](Module& m) { m.name.clear(); }},
        {"header: the name is not a relative path", [](Module& m) { m.name = "/etc/passwd"; }},
        {"header: the name leaves the project", [](Module& m) { m.name = "a/../../b"; }},
        {"header: the name has a part that no file can have",
         [](Module& m) { m.name = "a/" + std::string(relux::kLongestFileName + 1, 'b'); }},
        {"header: the name is longer than a path can be",
         [](Module& m) {
             for (m.name = "a"; m.name.size() <= relux::kLongestPath;)
                 m.name += "/a";
         }},
        {"durations: a duration is not above 0", [](Module& m) { m.durations[1] = -1; }},
        {"function references: a string index is out of range",
         [](Module& m) { m.function_refs[0].name = 999; }},
        {"function references: a string index is out of range",
         [](Module& m) { m.function_refs[0].module = 999; }},
        {"function reference twice: no such function in this module",
         [](Module& m) { m.function_refs[0].arity = 2; }},
        {"effect references: a string index is out of range", [](Module& m) { m.effect_refs[0].name = 999; }},
        {"effect references: a string index is out of range",
         [](Module& m) { m.effect_refs[0].module = 999; }},
        {"effect reference PORT: no such effect in this module",
         [](Module& m) { m.effect_refs[0].name = m.effects[0].expects[0]; }},
        {"native references: a string index is out of range", [](Module& m) { m.native_refs[0].name = 999; }},
    });
}

TEST_CASE("functions and markers") {
    check_all({
        {"functions: a string index is out of range", [](Module& m) { m.functions[0].name = 999; }},
        {"function greet/1: defined twice", [](Module& m) { m.functions[1].name = m.functions[0].name; }},
        {"function greet/1: a string index is out of range",
         [](Module& m) { m.functions[0].parameters[0] = 999; }},
        {"function greet/1: its place ends before it begins",
         [](Module& m) {
             m.functions[0].span = {1, 5, 4};
         }},
        {"function greet/1: a chunk index is out of range", [](Module& m) { m.functions[0].chunk = 99; }},
        {"function greet/1: its chunk is of another kind", [](Module& m) { m.functions[0].chunk = kTwice; }},
        {"function greet/1: its chunk is of another kind", [](Module& m) { m.functions[0].pure = true; }},
        {"function greet/1: its chunk takes another number of arguments",
         [](Module& m) { m.chunks[kGreet].argument_count = 2; }},
        {"function greet/1: its chunk runs in another scope",
         [](Module& m) { m.chunks[kGreet].scope = kDb; }},
        {"chunk 0: a scope index is out of range", [](Module& m) { m.chunks[kGreet].scope = 3; }},
        {"scope \"greets\": unknown kind of marker",
         [](Module& m) { m.scopes[kTest].markers[0].kind = MarkerKind{3}; }},
        {"scope \"greets\": unknown modifier of a marker",
         [](Module& m) { m.scopes[kTest].markers[0].modifier = MarkerModifier{3}; }},
        {"scope \"greets\": a marker without its text",
         [](Module& m) { m.scopes[kTest].markers[0].text = kNone; }},
        {"scope \"greets\": a marker's condition without its subject",
         [](Module& m) { m.scopes[kTest].markers[0].subject = kNone; }},
        {"scope \"greets\": a string index is out of range",
         [](Module& m) { m.scopes[kTest].markers[0].subject = 999; }},
        {"scope \"greets\": a string index is out of range",
         [](Module& m) { m.scopes[kTest].markers[1].subject = 999; }},
        {"scope \"greets\": its place is line 99 of 19",
         [](Module& m) { m.scopes[kTest].markers[1].span.line = 99; }},
        {"scope \"greets\": a marker's condition and modifier don't agree",
         [](Module& m) { m.scopes[kTest].markers[1].modifier = MarkerModifier::Unless; }},
        {"scope \"greets\": a marker's condition and modifier don't agree",
         [](Module& m) { m.scopes[kTest].markers[0].modifier = MarkerModifier::None; }},
        {"scope \"greets\": its chunk is of another kind",
         [](Module& m) { m.scopes[kTest].markers[0].condition = kCleanup; }},
    });
}

TEST_CASE("scopes") {
    check_all({
        {"tests: a scope index is out of range", [](Module& m) { m.tests[0].scope = 3; }},
        {"effects: a scope index is out of range", [](Module& m) { m.effects[0].scope = 3; }},
        {"scope 0: it does not belong to exactly one test or effect",
         [](Module& m) { m.tests[0].scope = kDb; }},
        {"scopes: a string index is out of range", [](Module& m) { m.scopes[kTest].name = 999; }},
        {"scope \"greets\": its place has a line without a column",
         [](Module& m) {
             m.scopes[kTest].span = {1, 0, 0};
         }},
        {"scope \"greets\": a string index is out of range",
         [](Module& m) { m.scopes[kTest].slots[0] = 999; }},
        {"scope \"greets\": a chunk index is out of range",
         [](Module& m) { m.scopes[kTest].declarations = 99; }},
        {"scope \"greets\": its chunk is of another kind",
         [](Module& m) { m.scopes[kTest].declarations = kBlock; }},
        {"scope \"Api\": an alias variable's start is out of range",
         [](Module& m) { m.scopes[kApi].alias_variables[0].start = 1; }},
        {"scope \"Api\": a string index is out of range",
         [](Module& m) { m.scopes[kApi].alias_variables[0].name = 999; }},
        {"scope \"Api\": a shell's start is out of range",
         [](Module& m) { m.scopes[kApi].frames[1].start = 1; }},
        {"scope \"Api\": a string index is out of range",
         [](Module& m) { m.scopes[kApi].frames[1].name = 999; }},
        {"scope \"Api\": a shell is listed twice", [](Module& m) { m.scopes[kApi].frames[1].start = kNone; }},
        {"scope \"Db\": the name can't be that of a file",
         [](Module& m) { m.strings[m.scopes[kDb].frames[0].name] = "../s"; }},
        {"scope \"Db\": the name can't be that of a file",
         [](Module& m) { m.strings[m.scopes[kDb].frames[0].name] = std::string("s\0", 2); }},
        {"scope \"greets\": a shell has too many variables",
         [](Module& m) { m.scopes[kTest].frames[0].variable_count = kMaximumRegisters + 1; }},
        {"scope \"greets\": a block's frame is out of range",
         [](Module& m) { m.scopes[kTest].blocks[0].frame = 1; }},
        {"scope \"greets\": its place has a column without a line",
         [](Module& m) {
             m.scopes[kTest].blocks[0].span = {0, 1, 1};
         }},
        {"scope \"greets\": a chunk index is out of range",
         [](Module& m) { m.scopes[kTest].blocks[0].chunk = 99; }},
        {"scope \"greets\": its chunk is of another kind",
         [](Module& m) { m.scopes[kTest].blocks[0].chunk = kCleanup; }},
        {"scope \"greets\": its chunk runs in another scope",
         [](Module& m) { m.scopes[kTest].blocks[0].chunk = kDbBlock; }},
        {"scope \"greets\": its chunk belongs to something else too",
         [](Module& m) { m.scopes[kTest].blocks.push_back(m.scopes[kTest].blocks[0]); }},
        {"scope \"greets\": its chunk takes arguments",
         [](Module& m) { m.chunks[kBlock].argument_count = 1; }},
        {"scope \"greets\": its chunk is of another kind",
         [](Module& m) { m.scopes[kTest].cleanup = kGreet; }},
    });
}

TEST_CASE("starts, effects and tests") {
    check_all({
        {"scope \"greets\": a start's effect is out of range",
         [](Module& m) { m.scopes[kTest].starts[0].effect = 2; }},
        {"scope \"greets\": a string index is out of range",
         [](Module& m) { m.scopes[kTest].starts[0].alias = 999; }},
        {"scope \"greets\": its place is beyond line or column 16777216",
         [](Module& m) { m.scopes[kTest].starts[0].span.end_column = relux::kMaximumPlace + 1; }},
        {"scope \"greets\": a start waits for one that is out of range",
         [](Module& m) { m.scopes[kTest].starts[1].waits_for = {2}; }},
        {"scope \"greets\": its starts wait for each other",
         [](Module& m) { m.scopes[kTest].starts[0].waits_for = {1}; }},
        {"scope \"greets\": its starts wait for each other",
         [](Module& m) { m.scopes[kTest].starts[1].waits_for = {1}; }},
        {"scope \"Api\": its chunk is of another kind",
         [](Module& m) { m.scopes[kApi].starts[0].overlay = kApiBlock; }},
        {"effect Db: defined twice", [](Module& m) { m.scopes[kApi].name = m.scopes[kDb].name; }},
        {"effect Db: a string index is out of range", [](Module& m) { m.effects[0].expects[0] = 999; }},
        {"effect Db: its expectations are not in order",
         [](Module& m) { m.effects[0].expects.push_back(m.effects[0].expects[0]); }},
        {"effect Db: a string index is out of range", [](Module& m) { m.effects[0].exposes[0].name = 999; }},
        {"effect Db: a string index is out of range",
         [](Module& m) { m.effects[0].exposes[0].inner_name = 999; }},
        {"effect Db: exposes a name twice",
         [](Module& m) { m.effects[0].exposes.push_back(m.effects[0].exposes[0]); }},
        {"effect Db: exposes from a start that is out of range",
         [](Module& m) { m.effects[0].exposes[0].start = 0; }},
        {"effect Db: exposes a variable that is out of range",
         [](Module& m) { m.effects[0].exposes[1].slot = 1; }},
        {"effect Db: exposes a shell that it has not",
         [](Module& m) { m.effects[0].exposes[0].inner_name = m.scopes[kDb].slots[0]; }},
        {"effect Db: exposes a shell that it has not",
         [](Module& m) {  // listed, but nothing opens it
             m.scopes[kDb].frames.push_back({kNone, m.scopes[kDb].slots[0], 0});
             m.effects[0].exposes[0].inner_name = m.scopes[kDb].slots[0];
         }},
        {"effect D/b: the name can't be that of a file",
         [](Module& m) { m.strings[m.scopes[kDb].name] = "D/b"; }},
        {"effect Db: its place ends before it begins",
         [](Module& m) {
             m.effects[0].exposes[0].span = {1, 3, 2};
         }},
        {"test \"greets\": a string index is out of range", [](Module& m) { m.tests[0].docstring = 999; }},
        {"test \"greets\": unknown kind of time-out",
         [](Module& m) { m.tests[0].timeout_kind = TimeoutKind{3}; }},
        {"test \"greets\": its time-out is out of range", [](Module& m) { m.tests[0].timeout = 2; }},
    });
}

TEST_CASE("shape of a chunk") {
    check_all({
        {"chunk 9: it belongs to nothing", [](Module& m) { m.chunks.push_back(m.chunks[kCleanup]); }},
        {"chunk 0, more than 4096 registers", [](Module& m) { m.chunks[kGreet].register_count = 4097; }},
        {"chunk 0, more arguments than registers", [](Module& m) { m.chunks[kGreet].register_count = 0; }},
        {"chunk 6, fewer registers than its shell has variables",
         [](Module& m) { m.scopes[kTest].frames[0].variable_count = 4; }},
        {"chunk 7, no instructions", [](Module& m) { m.chunks[kCleanup].code.clear(); }},
        {"chunk 7, too many instructions",
         [](Module& m) {
             m.chunks[kCleanup].code.insert(m.chunks[kCleanup].code.begin(), kMaximumInstructions,
                                            I::abc(O::ResetBuffer, 0));
         }},
        {"chunk 7, not one place per instruction", [](Module& m) { m.chunks[kCleanup].spans.pop_back(); }},
        {"chunk 7, instruction 1 (send): its place is line 20 of 19",
         [](Module& m) { m.chunks[kCleanup].spans[1].line = 20; }},
        {"chunk 7, instruction 1 (send): the last instruction does not end the chunk",
         [](Module& m) {
             m.chunks[kCleanup].code.pop_back();
             m.chunks[kCleanup].spans.pop_back();
         }},
        {"chunk 7, instruction 1 (return): ends the chunk before its last instruction",
         code(kCleanup, 1, I::abc(O::Return, 0))},
        {"chunk 7, instruction 1: unknown opcode", code(kCleanup, 1, I{255})},
    });
}

TEST_CASE("instructions that the kind of a chunk forbids") {
    check_all({
        {"chunk 1, instruction 0 (reset): needs a shell in a pure chunk",
         code(kTwice, 0, I::abc(O::ResetBuffer, 0))},
        {"chunk 5, instruction 0 (reset): needs a shell in a pure chunk",
         code(kDeclarations, 0, I::abc(O::ResetBuffer, 0))},
        {"chunk 3, instruction 0 (reset): needs a shell in a pure chunk",
         code(kOverlayChunk, 0, I::abc(O::ResetBuffer, 0))},
        {"chunk 8, instruction 0 (reset): needs a shell in a pure chunk",
         code(kMarkerChunk, 0, I::abc(O::ResetBuffer, 0))},
        {"chunk 0, instruction 0 (env.get): needs a test or effect around the chunk",
         code(kGreet, 0, I::abx(O::EnvGet, 1, 0))},
        {"chunk 8, instruction 0 (env.get): needs a test or effect around the chunk",
         code(kMarkerChunk, 0, I::abx(O::EnvGet, 0, 0))},
        {"chunk 7, instruction 1 (overlay): is only legal in an overlay chunk",
         code(kCleanup, 1, I::abx(O::OverlaySet, 0, 0))},
        {"chunk 7, instruction 2 (decide.true): is only legal in a marker chunk",
         code(kCleanup, 2, I::abc(O::DecideTrue, 0))},
        {"chunk 8, instruction 1 (return): a marker chunk must end with a decision",
         code(kMarkerChunk, 1, I::abc(O::Return, 0))},
    });
}

TEST_CASE("calls that are only noted begin and end in one chunk, and nothing waits in between") {
    check_all({
        {"chunk 7, instruction 1 (note.return): ends a call that has not begun",
         code(kCleanup, 1, I::abc(O::NoteReturn, 0))},
        {"chunk 3, instruction 3 (return): stands inside a call that is only noted",
         code(kOverlayChunk, 1, I::abc(O::NoteNative, 0, 0, 1))},
        {"chunk 6, instruction 2 (match.re): stands inside a call that is only noted",
         code(kBlock, 1, I::abc(O::NoteCall, 1, 1, 1))},
        {"chunk 6, instruction 1 (note.call): 0 arguments for a reference that takes 1",
         code(kBlock, 1, I::abc(O::NoteCall, 1, 1, 0))},
    });
}

TEST_CASE("operands") {
    check_all({
        {"chunk 6, instruction 2 (match.re): register 3 is out of range, there are 3",
         code(kBlock, 2, I::abc(O::MatchRe, 3, 0, 0))},
        {"chunk 7, instruction 1 (send): register 1 is out of range, there are 1",
         code(kCleanup, 1, I::abc(O::Send, 1))},
        {"chunk 4, instruction 1 (match.lit): register 1 is out of range, there are 1",
         code(kApiBlock, 1, I::abc(O::MatchLit, 1))},
        {"chunk 0, instruction 2 (concat): register 4 is out of range, there are 4",
         code(kGreet, 2, I::abc(O::Concat, 3, 2, 3))},
        {"chunk 0, instruction 2 (concat): register 70000 is out of range, there are 4",
         code(kGreet, 2, I::abc(O::Concat, 3, 65535, 4466))},
        {"chunk 0, instruction 2 (concat): register 3 is read before it is written",
         code(kGreet, 2, I::abc(O::Concat, 3, 2, 2))},
        {"chunk 0, instruction 1 (move): register 3 is read before it is written",
         code(kGreet, 1, I::abc(O::Move, 2, 3))},
        {"chunk 6, instruction 2 (match.re.text): register 2 is read before it is written",
         code(kBlock, 2, I::abc(O::MatchReText, 2))},
        {"chunk 7, instruction 0 (load.k): string 999 is out of range, there are 20",
         code(kCleanup, 0, I::abx(O::LoadK, 0, 999))},
        {"chunk 6, instruction 2 (match.re): pattern 3 is out of range, there are 3",
         code(kBlock, 2, I::abc(O::MatchRe, 1, 3))},
        {"chunk 6, instruction 2 (match.re): duration 2 is out of range, there are 2",
         code(kBlock, 2, I::abc(O::MatchRe, 1, 0, 2, 1))},
        {"chunk 6, instruction 2 (match.re): unknown kind of time-out",
         code(kBlock, 2, I::abc(O::MatchRe, 1, 0, 0, 3))},
        {"chunk 6, instruction 2 (match.re): a duration without a kind of time-out",
         code(kBlock, 2, I::abc(O::MatchRe, 1, 0, 1, 0))},
        {"chunk 2, instruction 1 (scope.set): variable 1 is out of range, there are 1",
         code(kDbBlock, 1, I::abx(O::ScopeSet, 0, 1))},
        {"chunk 4, instruction 0 (alias.get): alias variable 1 is out of range, there are 1",
         code(kApiBlock, 0, I::abx(O::AliasGet, 0, 1))},
        {"chunk 5, instruction 0 (alias.get): reads from a start that is not set up before",
         [](Module& m) {
             m.scopes[kTest].alias_variables = {{0, m.scopes[kDb].slots[0]}};
             code(kDeclarations, 0, I::abx(O::AliasGet, 2, 0))(m);
         }},
        {"chunk 3, instruction 0 (alias.get): reads from a start that is not set up before",  // itself
         code(kOverlayChunk, 0, I::abx(O::AliasGet, 1, 0))},
        {"chunk 6, instruction 3 (capture): capture number out of range",
         code(kBlock, 3, I::abx(O::CaptureGet, 0, 65536))},
        {"chunk 7, instruction 1 (reset): an unused operand is not 0",
         code(kCleanup, 1, I::abc(O::ResetBuffer, 1))},
        {"chunk 7, instruction 1 (send): an unused operand is not 0",
         code(kCleanup, 1, I::abc(O::Send, 0, 1))},
        {"chunk 7, instruction 1 (send): an unused operand is not 0",
         code(kCleanup, 1, I::abc(O::Send, 0, 0, 1))},
        {"chunk 7, instruction 1 (send): an unused operand is not 0",
         code(kCleanup, 1, I::abc(O::Send, 0, 0, 0, 1))},
    });
}

TEST_CASE("calls") {
    check_all({
        {"chunk 6, instruction 1 (call): function reference 2 is out of range, there are 2",
         code(kBlock, 1, I::abc(O::Call, 1, 2, 1))},
        {"chunk 6, instruction 1 (call): 0 arguments for a reference that takes 1",
         code(kBlock, 1, I::abc(O::Call, 1, 1, 0))},
        {"chunk 6, instruction 1 (call): register 3 is out of range, there are 3",
         code(kBlock, 1, I::abc(O::Call, 2, 1, 1))},
        {"chunk 5, instruction 1 (call): calls an impure function in a pure chunk",
         code(kDeclarations, 1, I::abc(O::Call, 1, 1, 1))},
        {"chunk 3, instruction 1 (call.native): native reference 1 is out of range, there are 1",
         code(kOverlayChunk, 1, I::abc(O::CallNative, 0, 1, 1))},
        {"chunk 3, instruction 1 (call.native): 0 arguments for a reference that takes 1",
         code(kOverlayChunk, 1, I::abc(O::CallNative, 0, 0, 0))},
        {"chunk 3, instruction 1 (call.native): register 2 is out of range, there are 2",
         code(kOverlayChunk, 1, I::abc(O::CallNative, 1, 0, 1))},
        {"chunk 3, instruction 1 (call.native): register 1 is read before it is written",
         [](Module& m) { m.chunks[kOverlayChunk].code[0] = I::abx(O::LoadK, 0, 0); }},
        {"chunk 6, instruction 5 (send): register 2 is read before it is written",
         [](Module& m) { append(m, kBlock, I::abc(O::Send, 2)); }},  // lost in the call at instruction 1
        {"chunk 6, instruction 1 (call): the call would overwrite the shell's variables",
         [](Module& m) { m.scopes[kTest].frames[0].variable_count = 3; }},
    });
}

TEST_CASE("an overlay reads from the starts that its own waits for") {
    auto module = sample_module();
    auto& scope = module.scopes[kApi];
    scope.starts.insert(scope.starts.begin(),
                        {scope.starts[0].effect, kNone, kNone, {}, scope.starts[0].span});
    code(kOverlayChunk, 0, I::abx(O::AliasGet, 1, 0))(module);
    CHECK_FALSE(verify(module));
    scope.starts[1].waits_for = {0};
    CHECK(verify(module));
}

TEST_CASE("a name with a zero byte is refused, and shown with an escape") {
    auto module = sample_module();
    module.name += '\0';
    const auto status = verify(module);
    REQUIRE_FALSE(status);
    CHECK(status.error().message ==
          "module \"relux/tests/sample.relux\\0\": header: the name holds a zero byte");
}
