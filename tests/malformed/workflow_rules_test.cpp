// One module per rule of the verifier for workflows: a sound one with a single thing wrong, and the message
// that names it.
#include <functional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/module_builder.h"
#include "vm/bytecode/limits.h"
#include "vm/bytecode/module_file.h"

using namespace relux::bytecode;
using relux::TimeoutKind;
using relux::test_support::ModuleBuilder;
using I = Instruction;
using O = Opcode;

namespace {

// Chunks: 0 set-up, 1 the list of steps, 2 step `a`, 3 its branch, 4 the loop's list, 5 step `b`.
constexpr std::size_t kSetup = 0, kStepList = 1, kStepA = 2, kBranch = 3, kLoopList = 4;

Module sample_workflow() {
    ModuleBuilder b("relux/tests/flow.yaml");
    const auto text = b.string("x");
    const auto done = I::abc(O::Done, 0);
    const auto chunk = [&](ChunkKind kind, std::uint16_t documents, std::vector<I> code) {
        const auto index = b.chunk(kind, 0, std::move(code));
        b.module.chunks[index].document_count = documents;
        return index;
    };
    b.module.template_functions.push_back({b.string("upper"), 1});
    b.module.durations.push_back(1);
    b.path("$.a");
    const auto setup =
        chunk(ChunkKind::Setup, 1, {I::abx(O::Text, 0, text), I::abx(O::Configure, 0, text), done});
    const auto steps =
        chunk(ChunkKind::Steps, 1,
              {I::abx(O::Document, 0, text), I::abx(O::Include, 0, 0), I::abx(O::Step, 0, 0), done});
    const auto step_a =
        chunk(ChunkKind::Step, 3,
              {I::abx(O::Text, 1, text), I::abc(O::Apply, 0, 0, 1), I::abx(O::BranchTrue, 0, 3),
               I::abx(O::ForEach, 0, 0), I::abc(O::HttpRequest, 0, 0, 0, 1), I::abc(O::Join, 2, 0, 2),
               I::abc(O::Check, 0, 0, 2, 8), I::abx(O::CallWorkflow, 0, 1), done});
    const auto branch = chunk(ChunkKind::Steps, 0, {done});
    const auto list = chunk(ChunkKind::Steps, 0, {I::abx(O::Step, 0, 1), done});
    const auto step_b = chunk(ChunkKind::Step, 0, {done});
    REQUIRE(branch == kBranch);
    b.module.steps.push_back({b.string("a"), text, text, false, step_a, {1, 1, 2}});
    b.module.steps.push_back({b.string("b"), text, text, true, step_b, {1, 1, 2}});
    b.module.loops.push_back({text, list});
    b.module.workflows.push_back({b.string("w"), setup, steps, {1, 1, 2}});
    b.module.workflow_refs.push_back({kNone, 0, kNone, kNone});
    b.module.workflow_refs.push_back({kNone, 0, kNone, b.string("a")});
    Scope scope;
    scope.name = b.string("w");
    b.module.scopes.push_back(scope);
    b.module.tests.push_back({0, kNone, TimeoutKind::None, 0, 0});
    return b.module;
}

struct Case {
    std::string message;
    std::function<void(Module&)> damage;
};

std::function<void(Module&)> code(std::size_t chunk, std::size_t index, I word) {
    return [=](Module& m) { m.chunks[chunk].code[index] = word; };
}

void check_all(const std::vector<Case>& cases) {
    for (const auto& test : cases) {
        auto module = sample_workflow();
        test.damage(module);
        const auto status = verify(module);
        CAPTURE(test.message);
        REQUIRE_FALSE(status);
        CHECK(status.error().message == "module \"" + module.name + "\": " + test.message);
    }
}

}  // namespace

TEST_CASE("the sample of a workflow is sound, and the same after a round trip") {
    const auto module = sample_workflow();
    const auto status = verify(module);
    REQUIRE_MESSAGE(status, (status ? "" : status.error().message));
    const auto read = read_module(write_module(module));
    REQUIRE(read);
    CHECK(*read == module);
    CHECK(disassemble(module).find("step \"a\" [x] at x") != std::string::npos);
}

TEST_CASE("tables of workflows") {
    check_all({
        {"test \"w\": its workflow is out of range", [](Module& m) { m.tests[0].workflow = 1; }},
        {"test \"w\": it is a workflow and has parts of other tests",
         [](Module& m) {
             m.scopes[0].frames.push_back({kNone, 0, 0});
             Chunk block{ChunkKind::Block, 1, 0, 0, 0, {I::abx(O::LoadK, 0, 0), I::abc(O::Return, 0)},
                         {{}, {}}};
             m.chunks.push_back(block);
             m.scopes[0].blocks.push_back({0, static_cast<std::uint32_t>(m.chunks.size() - 1), {}});
         }},
        {"steps: a string index is out of range", [](Module& m) { m.steps[0].name = 99; }},
        {"step \"a\": a string index is out of range", [](Module& m) { m.steps[0].type = 99; }},
        {"step \"a\": its chunk is of another kind", [](Module& m) { m.steps[0].chunk = kStepList; }},
        {"step \"b\": its chunk belongs to something else too", [](Module& m) { m.steps[1].chunk = kStepA; }},
        {"step \"a\": its place has a column without a line", [](Module& m) { m.steps[0].span.line = 0; }},
        {"loops: its chunk is of another kind", [](Module& m) { m.loops[0].chunk = kSetup; }},
        {"loops: a string index is out of range", [](Module& m) { m.loops[0].item = 99; }},
        {"workflow \"w\": its chunk is of another kind", [](Module& m) { m.workflows[0].setup = kStepList; }},
        {"workflow \"w\": a chunk index is out of range", [](Module& m) { m.workflows[0].steps = 99; }},
        {"workflow references: no such workflow in this module",
         [](Module& m) { m.workflow_refs[0].workflow = 1; }},
        {"workflow references: a target's module without a target",
         [](Module& m) { m.workflow_refs[0].target_module = 0; }},
        {"path \"$.a b\": it is no path", [](Module& m) { m.paths[0] = "$.a b"; }},
        {"template functions: a string index is out of range",
         [](Module& m) { m.template_functions[0].name = 99; }},
    });
}

TEST_CASE("steps make trees") {
    check_all({
        {"chunk 4: a step is reached from two places", code(kLoopList, 0, I::abx(O::Step, 0, 0))},
        {"chunk 2: its chunk belongs to something else too", code(kStepA, 3, I::abx(O::BranchFalse, 0, 3))},
        {"chunk 2: its chunk is of another kind", code(kStepA, 2, I::abx(O::BranchTrue, 0, kSetup))},
        {"chunk 2: a loop is reached from two places", code(kStepA, 7, I::abx(O::ForEach, 0, 0))},
        {"chunk 2, instruction 2 (branch.true): chunk 99 is out of range, there are 6",
         [](Module& m) {
             m.chunks[kStepA].code[2] = I::abx(O::BranchTrue, 0, 99);
             // The branch is somebody's all the same.
             m.chunks[kStepA].code.insert(m.chunks[kStepA].code.begin() + 3,
                                          I::abx(O::BranchTrue, 0, kBranch));
             m.chunks[kStepA].spans.push_back({1, 1, 2});
         }},
    });
}

TEST_CASE("instructions of workflows") {
    const auto a = [](std::size_t index, I word) { return code(kStepA, index, word); };
    check_all({
        {"chunk 2, instruction 0 (load.k): is not legal in a workflow", a(0, I::abx(O::LoadK, 0, 0))},
        {"chunk 2, instruction 0 (step): is only legal in a list of steps", a(0, I::abx(O::Step, 0, 99))},
        {"chunk 2, instruction 0 (done): ends the chunk before its last instruction",
         a(0, I::abc(O::Done, 0))},
        {"chunk 0, instruction 0 (print): document register 0 is read before it is written",
         [](Module& m) {
             m.chunks[kSetup].code[0] = I::abc(O::Print, 0);
             m.chunks[kSetup].kind = ChunkKind::Step;
             m.workflows[0].setup = kStepA;
             m.steps[0].chunk = kSetup;
             m.chunks[kStepA].kind = ChunkKind::Setup;
         }},
        {"chunk 0, instruction 1 (print): waits in a set-up", code(kSetup, 1, I::abc(O::Print, 0))},
        {"chunk 2, instruction 0 (text): document register 3 is out of range, there are 3",
         a(0, I::abx(O::Text, 3, 0))},
        {"chunk 2, instruction 0 (text): string 99 is out of range, there are 5",
         a(0, I::abx(O::Text, 1, 99))},
        {"chunk 2, instruction 1 (apply): template function 1 is out of range, there are 1",
         a(1, I::abc(O::Apply, 0, 1, 1))},
        {"chunk 2, instruction 1 (apply): 2 arguments for a reference that takes 1",
         a(1, I::abc(O::Apply, 0, 0, 2))},
        {"chunk 2, instruction 0 (apply): document register 2 is read before it is written",
         a(0, I::abc(O::Apply, 1, 0, 1))},
        {"chunk 2, instruction 3 (for.each): loop 1 is out of range, there are 1",
         [](Module& m) { m.chunks[kStepA].code[3] = I::abx(O::ForEach, 0, 1); }},
        {"chunk 2, instruction 4 (http): duration 9 is out of range, there are 1",
         a(4, I::abc(O::HttpRequest, 0, 0, 9, 1))},
        {"chunk 2, instruction 4 (http): unknown kind of time-out", a(4, I::abc(O::HttpRequest, 0, 0, 0, 3))},
        {"chunk 2, instruction 5 (join): document register 3 is out of range, there are 3",
         a(5, I::abc(O::Join, 2, 0, 4))},
        {"chunk 2, instruction 6 (check): path 1 is out of range, there are 1",
         a(6, I::abc(O::Check, 0, 1, 2, 8))},
        {"chunk 2, instruction 6 (check): comparison 9 is out of range, there are 9",
         a(6, I::abc(O::Check, 0, 0, 2, 9))},
        {"chunk 2, instruction 7 (call.workflow): workflow reference 9 is out of range, there are 2",
         a(7, I::abx(O::CallWorkflow, 0, 9))},
        {"chunk 1, instruction 1 (include): includes one step alone",
         code(kStepList, 1, I::abx(O::Include, 0, 1))},
        {"chunk 1, instruction 2 (step): step 9 is out of range, there are 2",
         code(kStepList, 2, I::abx(O::Step, 0, 9))},
        {"chunk 2, more than 4096 document registers",
         [](Module& m) { m.chunks[kStepA].document_count = kMaximumRegisters + 1; }},
    });
}

TEST_CASE("chunks of shells have no document registers") {
    ModuleBuilder b("relux/tests/a.relux");
    b.function("f", true, {}, 1, {I::abx(O::LoadK, 0, b.string("x")), I::abc(O::Return, 0)});
    REQUIRE(verify(b.module));
    b.module.chunks[0].document_count = 1;
    const auto status = verify(b.module);
    REQUIRE_FALSE(status);
    CHECK(status.error().message.ends_with("function f/0: its chunk has document registers"));
    b.module.chunks[0].document_count = 0;
    b.module.chunks[0].code[0] = I::abx(O::Text, 0, 0);
    const auto text = verify(b.module);
    REQUIRE_FALSE(text);
    CHECK(text.error().message.ends_with("instruction 0 (text): is only legal in a workflow"));
}
