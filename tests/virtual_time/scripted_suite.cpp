#include "tests/virtual_time/scripted_suite.h"

#include <filesystem>
#include <stdlib.h>

#include <doctest/doctest.h>

#include "compiler/compile.h"
#include "compiler/workflow_compile.h"
#include "frontend/diagnostic.h"
#include "frontend/workflow/load.h"
#include "vm/exec/program.h"

namespace relux::virtual_time {

namespace {

struct Silent final : run::RunListener {
    void on_test_started(const run::TestCase&) override {}
    void on_test_finished(const run::TestCase&, const report::TestResult&) override {}
};

std::string echo_answer(std::string_view command) {
    command.remove_prefix(std::string_view("echo").size());
    if (command.starts_with(' ')) command.remove_prefix(1);
    return std::string(command) + "\r\n";
}

run::TestCase test_case(std::string_view module, std::uint32_t number, std::string_view name) {
    run::TestCase made;
    made.module = module;
    made.number = number;
    made.path = "main.relux";
    made.name = name;
    made.module_logs = "logs/relux/tests/main";
    return made;
}

}  // namespace

io::ShellScript ordinary_shell() {
    io::ShellScript script;
    script.prompt_from_environment()
        .on_send("echo ::$?::", 1ms, "::0::\r\n")
        .on_send("echo*", 1ms, echo_answer)
        .exit_on_send("exit *", 1ms, io::ExitStatus{false, 3});
    return script;
}

ScriptedSuite::ScriptedSuite() {
    settings.suite_root = "/suite";
    settings.run_directory = directory_.path();
    settings.run_id = "id";
    settings.program = "/bin/relux";
    loop.set_script(ordinary_shell());
}

void ScriptedSuite::add_module(std::string_view name, std::string_view source) {
    modules_["/suite/relux/lib/" + std::string(name) + ".relux"] = source;
}

std::unique_ptr<exec::Program> ScriptedSuite::compile(std::string_view source) {
    const std::string file = "/suite/relux/tests/main.relux";
    modules_[file] = source;
    compiler::CompileOptions options;
    options.suite_root = "/suite";
    options.environment_has = [this](std::string_view name, std::string_view) {
        return settings.environment.contains(std::string(name));
    };
    options.read_file = [this](const std::filesystem::path& path) -> Result<std::string> {
        const auto module = modules_.find(path.string());
        if (module == modules_.end()) return Error{"no such file", ENOENT};
        return module->second;
    };
    auto compiled = compiler::compile_suite(options, {file});
    for (const auto& diagnostic : compiled.diagnostics.diagnostics()) {
        if (frontend::diagnostic_info(diagnostic.code).severity == frontend::Severity::Error) {
            FAIL(frontend::render(diagnostic, false));
        }
    }
    auto program = exec::Program::link(std::move(compiled.modules));
    REQUIRE_MESSAGE(program, program.error().message);
    return std::move(*program);
}

run::SuiteResult ScriptedSuite::run(std::string_view source) {
    const auto program = compile(source);
    const auto* module = program->find_module("relux/tests/main.relux");
    REQUIRE(module != nullptr);
    std::vector<run::TestCase> tests;
    for (const auto& test : module->code.tests) {
        const auto number = static_cast<std::uint32_t>(tests.size());
        tests.push_back(
            test_case(module->code.name, number, module->string(module->code.scopes[test.scope].name)));
    }
    return run_tests(*program, tests);
}

run::SuiteResult ScriptedSuite::run_workflows(const std::map<std::string, std::string>& sources) {
    workflow::LoadOptions load;
    load.working_directory = "/suite";
    load.read_file = [&sources](const std::filesystem::path& path) -> Result<std::string> {
        const auto source = sources.find(path.filename().string());
        if (source == sources.end()) return Error{"no such file", ENOENT};
        return source->second;
    };
    std::vector<std::string> names;
    for (const auto& [name, source] : sources)
        names.push_back(name);
    const auto set = workflow::load_workflows(names, load);
    for (const auto& problem : set.problems)
        FAIL(workflow::render(problem));
    auto compiled = compiler::compile_workflows(
        set, {[](std::string_view file) { return std::string(file); }, [](std::string_view) { return ""; }});
    REQUIRE_MESSAGE(compiled.error.empty(), compiled.error);
    std::vector<run::TestCase> tests;
    for (const auto& each : compiled.workflows)
        tests.push_back(test_case(each.module, each.test, each.name));
    auto program = exec::Program::link(std::move(compiled.modules));
    REQUIRE_MESSAGE(program, program.error().message);
    return run_tests(**program, tests);
}

run::SuiteResult ScriptedSuite::run_tests(exec::Program& program, const std::vector<run::TestCase>& tests) {
    Silent listener;
    return run::run_suite(loop, program, tests, settings, listener, instruments);
}

std::string ScriptedSuite::summary(const run::SuiteResult& result) {
    REQUIRE(result.results.size() == 1);
    return result.results[0].failure ? result.results[0].failure->summary : std::string();
}

}  // namespace relux::virtual_time
