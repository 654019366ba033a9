// The suites printed in the tutorial compile as printed, without an error.
#include <fstream>
#include <sstream>

#include <doctest/doctest.h>

#include "compiler/compile.h"
#include "memory_suite.h"
#include "vm/bytecode/module_file.h"

namespace {

const std::filesystem::path kRoot = RELUX_PARALLEL_EXECUTION;

relux::compiler::CompiledSuite compile_tutorial() {
    relux::compiler::CompileOptions options;
    options.suite_root = kRoot;
    options.environment_has = [](std::string_view name, std::string_view) { return name == "SMOKE"; };
    return relux::compiler::compile_suite(
        options, {kRoot / "relux/tests/tasks/smoke.relux", kRoot / "relux/tests/tasks/errors.relux",
                  kRoot / "relux/tests/timeouts.relux"});
}

}  // namespace

TEST_CASE("the tutorial's suite compiles as printed") {
    auto suite = compile_tutorial();
    INFO(MemorySuite::text_of(suite.diagnostics));
    CHECK(suite.diagnostics.error_count() == 0);
    CHECK(suite.invalid.empty());
    CHECK(suite.test_modules == std::vector<std::string>{"relux/tests/tasks/smoke.relux",
                                                         "relux/tests/tasks/errors.relux",
                                                         "relux/tests/timeouts.relux"});
    std::vector<std::string> names;
    for (const auto& module : suite.modules) {
        names.push_back(module.name);
        CHECK(relux::bytecode::verify(module));
    }
    CHECK(names == std::vector<std::string>{"relux/lib/api/http.relux", "relux/lib/jq.relux",
                                            "relux/lib/service/auth.relux", "relux/lib/service/db.relux",
                                            "relux/lib/service/tasks.relux", "relux/tests/tasks/errors.relux",
                                            "relux/tests/tasks/smoke.relux", "relux/tests/timeouts.relux"});
}

TEST_CASE("compiling twice gives the same bytes") {
    auto first = compile_tutorial();
    auto second = compile_tutorial();
    REQUIRE(first.modules.size() == second.modules.size());
    for (std::size_t i = 0; i < first.modules.size(); ++i) {
        CHECK(relux::bytecode::write_module(first.modules[i]) ==
              relux::bytecode::write_module(second.modules[i]));
    }
}
