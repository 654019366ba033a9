// The IR and the bytecode of small programs, one idea each: golden/<case>.relux with .ir and .bytecode next
// to it, and golden/workflows/<case>.yaml with .bytecode. Together they have every opcode. With RELUX_BLESS=1
// in the environment the expected texts are rewritten instead; look at the difference.
#include <algorithm>
#include <iterator>
#include <set>

#include <doctest/doctest.h>

#include "compiler/workflow_compile.h"
#include "frontend/workflow/load.h"
#include "memory_suite.h"
#include "tests/support/golden_file.h"
#include "tests/support/module_builder.h"
#include "vm/bytecode/module_file.h"

namespace {

using namespace relux;
using bytecode::Instruction;
using bytecode::Opcode;

const std::filesystem::path kGolden = RELUX_GOLDEN;

std::vector<std::filesystem::path> cases(const std::filesystem::path& directory, std::string_view extension) {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        if (entry.path().extension() == extension) paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    return paths;
}

MemorySuite suite_of(const std::filesystem::path& path) {
    auto suite = MemorySuite::of(test_support::read_golden(path));
    if (path.stem() == "edition_0_8") suite.edition = frontend::Edition::V0_8;
    return suite;
}

/// The modules of a file of workflows and of the files that it calls and includes.
std::vector<bytecode::Module> workflow_modules(const std::filesystem::path& path) {
    workflow::LoadOptions options;
    options.working_directory = path.parent_path();
    options.read_file = [](const std::filesystem::path& file) { return read_file(file); };
    const auto set = workflow::load_workflows({path.filename().string()}, options);
    for (const auto& problem : set.problems)
        FAIL_CHECK(workflow::render(problem));
    REQUIRE(set.problems.empty());
    auto compiled = compiler::compile_workflows(
        set, {[](std::string_view file) { return std::string(file); }, [](std::string_view) { return ""; }});
    REQUIRE_MESSAGE(compiled.error.empty(), compiled.error);
    return std::move(compiled.modules);
}

/// `find` is kept for archives; no compiler makes it any more.
bytecode::Module module_with_find() {
    test_support::ModuleBuilder b("old.yaml");
    using I = Instruction;
    const auto setup = b.chunk(bytecode::ChunkKind::Setup, 0, {I::abc(Opcode::Done, 0)});
    const auto steps =
        b.chunk(bytecode::ChunkKind::Steps, 0,
                {I::abx(Opcode::Document, 0, b.string("{\"a\":1}")), I::abx(Opcode::Text, 1, b.string("$.a")),
                 I::abc(Opcode::Find, 2, 0, 1), I::abc(Opcode::Done, 0)});
    b.module.chunks[steps].document_count = 3;
    bytecode::Workflow workflow;
    workflow.name = b.string("Old");
    workflow.setup = setup;
    workflow.steps = steps;
    workflow.span = {1, 1, 2};
    b.module.workflows.push_back(workflow);
    return b.module;
}

std::string text_of(const std::vector<bytecode::Module>& modules) {
    std::string text;
    for (const auto& module : modules) {
        const auto verified = bytecode::verify(module);
        CHECK_MESSAGE(verified, (verified ? "" : verified.error().message));
        text += (text.empty() ? "" : "\n") + bytecode::disassemble(module);
    }
    return text;
}

}  // namespace

TEST_CASE("golden programs") {
    const auto paths = cases(kGolden, ".relux");
    CHECK(paths.size() >= 9);
    for (std::filesystem::path path : paths) {
        auto suite = suite_of(path);
        auto compiled = suite.compile();
        INFO(MemorySuite::text_of(compiled.diagnostics));
        REQUIRE(compiled.modules.size() == 1);
        test_support::compare_with_golden(path.replace_extension(".ir"), suite.ir());
        test_support::compare_with_golden(path.replace_extension(".bytecode"), text_of(compiled.modules));
    }
}

TEST_CASE("golden workflows") {
    const auto paths = cases(kGolden / "workflows", ".yaml");
    CHECK(paths.size() >= 4);
    for (std::filesystem::path path : paths)
        test_support::compare_with_golden(std::filesystem::path(path).replace_extension(".bytecode"),
                                          text_of(workflow_modules(path)));
    test_support::compare_with_golden(kGolden / "workflows" / "old.bytecode", text_of({module_with_find()}));
}

TEST_CASE("every opcode is in a golden program or workflow") {
    std::vector<bytecode::Module> modules = {module_with_find()};
    for (const auto& path : cases(kGolden, ".relux"))
        modules.push_back(std::move(suite_of(path).compile().modules.at(0)));
    for (const auto& path : cases(kGolden / "workflows", ".yaml"))
        std::ranges::move(workflow_modules(path), std::back_inserter(modules));
    std::set<Opcode> seen;
    for (const auto& module : modules) {
        for (const auto& chunk : module.chunks)
            std::ranges::transform(chunk.code, std::inserter(seen, seen.end()), &Instruction::opcode);
    }
    for (int i = 0; i < bytecode::kOpcodeCount; ++i) {
        const auto opcode = static_cast<Opcode>(i);
        CHECK_MESSAGE(seen.contains(opcode), bytecode::opcode_info(opcode).name);
    }
}
