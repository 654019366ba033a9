// Files that use other files: include, call, circles, depth, targets.
#include <doctest/doctest.h>

#include "tests/unit/workflow/memory_files.h"

using namespace relux::workflow;
using namespace relux::workflow::test;

namespace {

std::string print_step(const std::string& name) {
    return "  - {name: " + name + ", type: print, message: x}\n";
}

std::string printing(const std::string& name) {
    return "name: " + name + "\nsteps:\n" + print_step(name);
}

/// A workflow with one step that calls.
std::string calling(const std::string& keys) {
    return "name: w\nsteps:\n  - {name: c, type: call, " + keys + "}\n";
}

const CallAction& call_of(const WorkflowSet& set) {
    return std::get<CallAction>(set.documents.at(0).steps.at(0).action);
}

}  // namespace

TEST_CASE("call: every key") {
    MemoryFiles files{{{"a.yaml", calling("file: lib/b.yaml, with: {user: '{{ u }}', n: 1}, target: login, "
                                          "returns: {token: data.token, id: '$.ids[0]'}")},
                       {"lib/b.yaml", printing("login")}}};
    auto set = files.load({"a.yaml"});
    CHECK(rendered(set.problems) == Lines{});
    const auto& call = call_of(set);
    CHECK(call.file == "lib/b.yaml");
    CHECK(call.target == "login");
    REQUIRE(call.with.size() == 2);
    CHECK(call.with[0].name == "user");
    CHECK(std::get<Template>(call.with[0].value.value).expression() != nullptr);
    REQUIRE(call.returns.size() == 2);
    CHECK(call.returns[0].variable == "token");
    CHECK(to_string(std::get<relux::value::Path>(call.returns[1].path.content)) == "$.ids[0]");
    REQUIRE(set.callees.size() == 1);
    CHECK(set.callees[call.workflow].name == "login");
    CHECK(set.callees[call.workflow].file == "lib/b.yaml");
    CHECK(find_step(set, set.callees[call.workflow], "login") != nullptr);
}

TEST_CASE("call: returns as a list of names") {
    MemoryFiles files{{{"a.yaml", calling("file: b.yaml, returns: [token]")}, {"b.yaml", printing("b")}}};
    auto set = files.load({"a.yaml"});
    CHECK(rendered(set.problems) == Lines{});
    CHECK(call_of(set).returns.at(0).variable == "token");
    CHECK(to_string(std::get<relux::value::Path>(call_of(set).returns.at(0).path.content)) == "$.token");
}

TEST_CASE("a file without a name can be called, with its file's name") {
    MemoryFiles files{{{"a.yaml", calling("file: b.yaml")}, {"b.yaml", "steps:\n" + print_step("x")}}};
    auto set = files.load({"a.yaml"});
    CHECK(rendered(set.problems) == Lines{});
    CHECK(set.callees.at(0).name == "b.yaml");
    CHECK(files.problems({"b.yaml"}) ==
          Lines{"b.yaml#1: name: `name` is required, but missing (line 1, column 1)"});
}

TEST_CASE("call: what is wrong") {
    auto wrong = [](const std::string& keys) {
        MemoryFiles files{{{"a.yaml", calling(keys)}, {"b.yaml", printing("b")}}};
        Lines lines;
        for (auto line : files.problems({"a.yaml"})) {
            line.erase(line.rfind(" (line "));
            lines.push_back(line.substr(std::string("a.yaml#1: steps[0]").size()));
        }
        return lines;
    };
    CHECK(wrong("target: x") == Lines{".file: `file` is required, but missing"});
    CHECK(wrong("file: [b.yaml]") == Lines{".file: must be a string, not a list"});
    CHECK(wrong("file: 'b{{ x }}.yaml'") ==
          Lines{".file: a file cannot be named by a template: files are read before anything runs"});
    CHECK(wrong("file: nope.yaml") == Lines{".file: `nope.yaml`: there is no such file"});
    CHECK(wrong("file: b.yaml, target: c") == Lines{".target: `b.yaml` has no step `c`; use b"});
    CHECK(wrong("file: b.yaml, target: 5") ==
          Lines{".target: must be a string, not the integer 5; quote it"});
    CHECK(wrong("file: b.yaml, with: [a]") == Lines{".with: must be a map, not a list"});
    CHECK(wrong("file: b.yaml, with: {a b: 1}").size() == 1);
    CHECK(wrong("file: b.yaml, with: {a: '{{ uper(x) }}'}") ==
          Lines{".with.a: template: unknown function `uper`; did you mean `upper`?"});
    CHECK(
        wrong("file: b.yaml, returns: token") ==
        Lines{
            ".returns: must be a list of variables, or a map of variables to paths, not the string `token`"});
    CHECK(wrong("file: b.yaml, returns: [a b, 5]").size() == 2);
    CHECK(wrong("file: b.yaml, returns: {a: $.x[}").size() == 1);
    CHECK(wrong("file: b.yaml, steps: []") ==
          Lines{".steps: unknown key `steps` in a step of type call; it is a key of loop"});
}

TEST_CASE("files are found from the calling file") {
    MemoryFiles files{{{"sub/a.yaml", calling("file: ../lib/b.yaml")},
                       {"lib/b.yaml", calling("file: c/d.yaml")},
                       {"lib/c/d.yaml", printing("d")},
                       {"abs.yaml", calling("file: /w/lib/c/d.yaml")}}};
    auto set = files.load({"sub/a.yaml", "abs.yaml"});
    CHECK(rendered(set.problems) == Lines{});
    REQUIRE(set.callees.size() == 2);
    CHECK(set.callees[0].file == "lib/b.yaml");
    CHECK(set.callees[1].file == "/w/lib/c/d.yaml");  // the name under which it was met first
    CHECK(std::get<CallAction>(set.documents[1].steps[0].action).workflow == 1);
}

TEST_CASE("a file that is used often is read once") {
    MemoryFiles files{{{"a.yaml",
                        "name: w\nsteps:\n  - {name: a, type: call, file: b.yaml}\n"
                        "  - {name: b, type: call, file: ./b.yaml}\n"
                        "  - {name: c, type: call, file: x/../b.yaml}\n"},
                       {"b.yaml", "nme: x\nsteps:\n" + print_step("b")}}};
    auto set = files.load({"a.yaml", "a.yaml"});
    CHECK(set.callees.size() == 1);
    CHECK(rendered(set.problems) ==
          Lines{"b.yaml#1: nme: unknown key `nme` in a workflow; did you mean `name`? (line 1, column 1)"});
}

TEST_CASE("a called file that cannot be used says why, at every call") {
    MemoryFiles files{{{"a.yaml",
                        "name: w\nsteps:\n  - {name: a, type: call, file: many.yaml}\n"
                        "  - {name: b, type: call, file: many.yaml, target: x}\n"
                        "  - {name: c, type: call, file: empty.yaml}\n"
                        "  - {name: d, type: call, file: replay.yaml}\n"
                        "  - {name: e, type: call, file: secret.yaml}\n"},
                       {"many.yaml", printing("x") + "---\n" + printing("y")},
                       {"empty.yaml", "# nothing\n"},
                       {"replay.yaml", "config: {}\n"},
                       {"secret.yaml", "<unreadable>"}}};
    CHECK(
        files.problems({"a.yaml"}) ==
        Lines{
            "a.yaml#1: steps[0].file: `many.yaml`: has 2 workflows; a file that is called or included has "
            "one "
            "(line 3, column 33)",
            "a.yaml#1: steps[1].file: `many.yaml`: has 2 workflows; a file that is called or included has "
            "one "
            "(line 4, column 33)",
            "a.yaml#1: steps[2].file: `empty.yaml`: there is no workflow in it (line 5, column 33)",
            "a.yaml#1: steps[3].file: `replay.yaml`: is a config file, not a workflow (line 6, column 33)",
            "a.yaml#1: steps[4].file: `secret.yaml`: cannot be read: permission denied (line 7, column 33)"});
}

TEST_CASE("a called file with mistakes reports them in its own name") {
    MemoryFiles files{{{"a.yaml", calling("file: b.yaml, target: b")},
                       {"b.yaml", "name: b\nsteps:\n  - {name: b, type: prnt}\n"}}};
    CHECK(files.problems({"a.yaml"}) ==
          Lines{"b.yaml#1: steps[0].type: unknown type `prnt`; did you mean `print`? (line 3, column 21)"});
    files.files["b.yaml"] = "name: [\n";
    CHECK(files.problems({"a.yaml"}).size() == 2);
}

TEST_CASE("a called file that is no text at all") {
    MemoryFiles files{{{"a.yaml", calling("file: b.yaml")}, {"b.yaml", std::string("a\0b", 3)}}};
    CHECK(files.problems({"a.yaml"}) ==
          Lines{"a.yaml#1: steps[0].file: `b.yaml`: cannot be read (line 3, column 33)",
                "b.yaml: a NUL byte: this is no text file (line 1, column 2)"});
}

TEST_CASE("circles") {
    MemoryFiles self{{{"a.yaml", calling("file: a.yaml")}}};
    CHECK(self.problems({"a.yaml"}) ==
          Lines{"a.yaml#1: steps[0].file: calls go in a circle: a.yaml -> a.yaml (line 3, column 33)"});
    MemoryFiles two{{{"a.yaml", calling("file: b.yaml")}, {"b.yaml", calling("file: ./a.yaml")}}};
    CHECK(
        two.problems({"a.yaml"}) ==
        Lines{
            "a.yaml#1: steps[0].file: calls go in a circle: b.yaml -> a.yaml -> b.yaml (line 3, column 33)"});
    MemoryFiles behind{{{"a.yaml", calling("file: b.yaml")},
                        {"b.yaml", calling("file: c.yaml")},
                        {"c.yaml", calling("file: b.yaml")}}};
    CHECK(
        behind.problems({"a.yaml"}) ==
        Lines{
            "c.yaml#1: steps[0].file: calls go in a circle: b.yaml -> c.yaml -> b.yaml (line 3, column 33)"});
    MemoryFiles including{{{"a.yaml", "name: w\ninclude: [{file: a.yaml}]\nsteps:\n" + print_step("x")}}};
    CHECK(including.problems({"a.yaml"}) ==
          Lines{"a.yaml#1: include[0].file: includes go in a circle: a.yaml -> a.yaml (line 2, column 18)"});
}

TEST_CASE("a circle in a branch, behind a target, or through an include is a circle") {
    MemoryFiles branch{{{"a.yaml",
                         "name: w\nsteps:\n  - name: i\n    type: if\n    condition: [x, not_null]\n"
                         "    then: [{name: c, type: call, file: a.yaml}]\n"}}};
    CHECK(branch.problems({"a.yaml"}).size() == 1);
    MemoryFiles mixed{{{"a.yaml", "name: w\ninclude: [{file: b.yaml}]\nsteps:\n" + print_step("x")},
                       {"b.yaml", calling("file: a.yaml, target: x")}}};
    CHECK(mixed.problems({"a.yaml"}).at(0).find("go in a circle") != std::string::npos);
}

TEST_CASE("two calls of one file are no circle") {
    MemoryFiles files{{{"a.yaml",
                        "name: w\nsteps:\n  - {name: a, type: call, file: b.yaml}\n"
                        "  - {name: b, type: call, file: c.yaml}\n"},
                       {"b.yaml", calling("file: c.yaml")},
                       {"c.yaml", printing("c")}}};
    CHECK(files.problems({"a.yaml"}) == Lines{});
}

TEST_CASE("calls nest up to 100 deep") {
    MemoryFiles files;
    for (int i = 0; i < 150; ++i)
        files.files["f" + std::to_string(i) + ".yaml"] = calling("file: f" + std::to_string(i + 1) + ".yaml");
    files.files["f150.yaml"] = printing("end");
    CHECK(files.problems({"f50.yaml"}) == Lines{});
    auto problems = files.problems({"f49.yaml"});
    REQUIRE(problems.size() == 2);
    CHECK(problems[0] ==
          "f49.yaml#1: steps[0].file: calls and includes nest more than 100 deep; --max-call-depth sets how "
          "deep they may "
          "(line 3, column 33)");
    // A shorter way to the same file does not hide the longer one.
    files.files["f49.yaml"] =
        "name: w\nsteps:\n  - {name: a, type: call, file: f51.yaml}\n"
        "  - {name: b, type: call, file: f50.yaml}\n";
    CHECK(files.problems({"f49.yaml"}) == Lines{"f49.yaml#1: steps[1].file: calls and includes nest more "
                                                "than 100 deep; --max-call-depth sets how deep they "
                                                "may (line 4, column 33)"});
}

TEST_CASE("a chain without end ends") {
    MemoryFiles files{{{"a.yaml", calling("file: d/a.yaml")}}};
    files.options.working_directory = "/w";
    int reads = 0;
    files.options.read_file = [&](const std::filesystem::path& path) -> relux::Result<std::string> {
        ++reads;
        if (path.filename() != "a.yaml") return relux::Error{"", ENOENT};
        return calling("file: d/a.yaml");
    };
    auto set = load_workflows({"a.yaml"}, files.options);
    CHECK(set.problems.size() == 2);
    CHECK(reads < 110);
}

TEST_CASE("a tree of files without end ends") {
    LoadOptions options;
    options.working_directory = "/w";
    options.read_file = [&](const std::filesystem::path& path) -> relux::Result<std::string> {
        if (path.filename() != "a.yaml") return relux::Error{"", ENOENT};
        return std::string(
            "name: w\nsteps:\n  - {name: a, type: call, file: d/a.yaml}\n  - {name: b, type: call, file: "
            "e/a.yaml}\n");
    };
    auto set = load_workflows({"a.yaml"}, options);
    REQUIRE_FALSE(set.problems.empty());
    CHECK(set.problems[0].message.find("more than 10000 files are called or included") != std::string::npos);
}

TEST_CASE("include: steps of other files in front") {
    MemoryFiles files{{{"a.yaml",
                        "name: w\ninclude:\n  - {file: b.yaml, with: {x: '{{ y }}'}}\n  - file: lib/c.yaml\n"
                        "steps:\n" +
                            print_step("own")},
                       {"b.yaml", printing("b")},
                       {"lib/c.yaml", "include: [{file: d.yaml}]\nsteps:\n" + print_step("c")},
                       {"lib/d.yaml", "steps:\n" + print_step("d")}}};
    auto set = files.load({"a.yaml"});
    CHECK(rendered(set.problems) == Lines{});
    const auto& workflow = set.documents.at(0);
    REQUIRE(workflow.includes.size() == 2);
    CHECK(workflow.includes[0].with.at(0).name == "x");
    CHECK(set.callees[workflow.includes[0].workflow].steps[0].name == "b");
    const auto& second = set.callees[workflow.includes[1].workflow];
    CHECK(second.steps[0].name == "c");
    CHECK(set.callees[second.includes.at(0).workflow].steps[0].name == "d");
    CHECK(find_step(set, workflow, "d") != nullptr);
    CHECK(find_step(set, workflow, "own") != nullptr);
    CHECK(find_step(set, workflow, "nope") == nullptr);
}

TEST_CASE("include: own steps may be none, then") {
    MemoryFiles files{
        {{"a.yaml", "name: w\ninclude: [{file: b.yaml}]\nsteps: []\n"}, {"b.yaml", printing("b")}}};
    CHECK(files.problems({"a.yaml"}) == Lines{});
}

TEST_CASE("include: what is wrong") {
    auto wrong = [](const std::string& include) {
        MemoryFiles files{{{"a.yaml", "name: w\ninclude: " + include + "\nsteps:\n" + print_step("x")},
                           {"b.yaml", printing("b")}}};
        Lines lines;
        for (auto line : files.problems({"a.yaml"})) {
            line.erase(line.rfind(" (line "));
            lines.push_back(line.substr(std::string("a.yaml#1: include").size()));
        }
        return lines;
    };
    CHECK(wrong("b.yaml") == Lines{": must be a list of {file, as, with}, not the string `b.yaml`"});
    CHECK(wrong("[b.yaml]") == Lines{"[0]: must be a map, not the string `b.yaml`"});
    CHECK(wrong("[{with: {}}]") == Lines{"[0].file: `file` is required, but missing"});
    CHECK(wrong("[{file: 5}]") == Lines{"[0].file: must be a string, not the integer 5; quote it"});
    CHECK(wrong("[{file: nope.yaml}]") == Lines{"[0].file: `nope.yaml`: there is no such file"});
    CHECK(wrong("[{file: b.yaml, wiht: {}}]") ==
          Lines{"[0].wiht: unknown key `wiht` in an include; did you mean `with`?"});
    CHECK(wrong("[{file: b.yaml, with: x}]") == Lines{"[0].with: must be a map, not the string `x`"});
    CHECK(wrong("[{file: '{{ f }}'}]") ==
          Lines{"[0].file: a file cannot be named by a template: files are read before anything runs"});
    CHECK(wrong("[{file: b.yaml}, {file: ./b.yaml}]") ==
          Lines{"[1].file: `b.yaml` is included twice; step names would not be unique"});
}

TEST_CASE("step names are unique across included files") {
    MemoryFiles files{
        {{"a.yaml", "name: w\ninclude: [{file: b.yaml}, {file: c.yaml}]\nsteps:\n" + print_step("b")},
         {"b.yaml", printing("b")},
         {"c.yaml", "steps:\n" + print_step("b")}}};
    CHECK(files.problems({"a.yaml"}) == Lines{"a.yaml#1: steps[0].name: the name `b` is taken by a step of "
                                              "b.yaml, line 3, which is included (line "
                                              "4, column 12)",
                                              "c.yaml#1: steps[0].name: the name `b` is taken by a step of "
                                              "b.yaml, line 3, included by a.yaml (line "
                                              "2, column 12)"});
}

TEST_CASE("a file that comes in by two ways is there twice") {
    MemoryFiles files{
        {{"a.yaml", "name: w\ninclude: [{file: b.yaml}, {file: c.yaml}]\nsteps:\n" + print_step("x")},
         {"b.yaml", "include: [{file: d.yaml}]\nsteps:\n" + print_step("b")},
         {"c.yaml", "include: [{file: d.yaml}]\nsteps:\n" + print_step("c")},
         {"d.yaml", "steps:\n" + print_step("d")}}};
    CHECK(files.problems({"a.yaml"}) == Lines{"a.yaml#1: include[1].file: `d.yaml` is included twice; step "
                                              "names would not be unique (line 2, column "
                                              "34)"});
}

TEST_CASE("targets may be nested or included steps, but not steps of another call") {
    MemoryFiles files{
        {{"a.yaml", calling("file: b.yaml, target: nested")},
         {"b.yaml",
          "name: b\ninclude: [{file: c.yaml}]\nsteps:\n  - name: l\n    type: loop\n    foreach: a, b\n"
          "    steps: [{name: nested, type: print, message: x}]\n  - {name: k, type: call, file: d.yaml}\n"},
         {"c.yaml", "steps:\n" + print_step("included")},
         {"d.yaml", printing("far")}}};
    CHECK(files.problems({"a.yaml"}) == Lines{});
    files.files["a.yaml"] = calling("file: b.yaml, target: included");
    CHECK(files.problems({"a.yaml"}) == Lines{});
    files.files["a.yaml"] = calling("file: b.yaml, target: includd");
    CHECK(files.problems({"a.yaml"}).at(0).find("did you mean `included`?") != std::string::npos);
    files.files["a.yaml"] = calling("file: b.yaml, target: far");
    CHECK(files.problems({"a.yaml"}).size() == 1);
}

TEST_CASE("configuration of included files lies below the workflow's own") {
    MemoryFiles files{
        {{"a.yaml",
          "name: w\nconfig: {vars: {b: own}}\ninclude: [{file: b.yaml}]\nsteps:\n" + print_step("x")},
         {"b.yaml", "config: {vars: {a: included, b: included, c: included}}\nsteps:\n" + print_step("b")},
         {"replay.yaml", "config: {vars: {c: file, d: file}}\n"}}};
    auto set = files.load({"a.yaml"});
    CHECK(rendered(set.problems) == Lines{});
    std::string text;
    for (const auto& variable : set.documents.at(0).config.vars)
        text += variable.name + "=" + std::get<Template>(variable.value.value).source + " ";
    CHECK(text == "c=included d=file a=included b=own ");
}

TEST_CASE("called files have a merged configuration too") {
    MemoryFiles files{{{"a.yaml", calling("file: b.yaml")},
                       {"b.yaml", "name: b\nconfig: {vars: {x: 1}}\nsteps:\n" + print_step("b")},
                       {"replay.yaml", "config: {redis: {addr: r}}\n"}}};
    auto set = files.load({"a.yaml"});
    REQUIRE(set.callees.size() == 1);
    CHECK(set.callees[0].config.redis_addr->source == "r");
    CHECK(set.callees[0].config.vars.size() == 1);
}

TEST_CASE("a file that is run and called is there in both lists") {
    MemoryFiles files{{{"a.yaml", calling("file: b.yaml")}, {"b.yaml", "name: b\nsteps: 5\n"}}};
    auto set = files.load({"a.yaml", "b.yaml"});
    CHECK(set.documents.size() == 2);
    CHECK(set.callees.size() == 1);
    CHECK(rendered(set.problems) ==
          Lines{"b.yaml#1: steps: must be a list of steps, not the integer 5 (line 2, column 8)"});
}
