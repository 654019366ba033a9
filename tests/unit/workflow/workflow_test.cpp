// The keys of a document, names, and how problems are shown.
#include <doctest/doctest.h>

#include "tests/unit/workflow/memory_files.h"

using namespace relux::workflow;
using namespace relux::workflow::test;

namespace {

const std::string steps = "steps:\n  - {name: s, type: print, message: x}\n";

Lines header_problems(const std::string& header) {
    return problems_of(header + steps);
}

}  // namespace

TEST_CASE("a workflow as small as it can be") {
    auto workflow = workflow_of("name: W\n" + steps);
    CHECK(workflow.name == "W");
    CHECK(workflow.file == "a.yaml");
    CHECK(workflow.document == 1);
    CHECK(at(workflow.place) == "1:1");
    REQUIRE(workflow.steps.size() == 1);
    CHECK(workflow.steps[0].key_path == "steps[0]");
    CHECK(at(workflow.steps[0].place) == "3:5");
}

TEST_CASE("every key of a workflow") {
    CHECK(
        header_problems("name: w\nversion: v0.1\ndescription: |\n  text\nconfig: {}\ninclude: []\n").empty());
}

TEST_CASE("the page's examples") {
    auto set = MemoryFiles{{{"full-suite.yaml", R"(# full-suite.yaml
name: Auth Tests
steps:
  - name: test-login
    type: http
    request:
      method: POST
      url: /auth/login

---
name: Cache Tests
steps:
  - name: parallel-redis
    type: shell
    parallel: true
    commands:
      - "redis-cli SET k1 v1"
      - "redis-cli SET k2 v2"
      - "redis-cli SET k3 v3"

---
name: DB Tests
steps:
  - name: check-db
    type: db
    query: "SELECT count(*) as cnt FROM users"
    assert:
      - ["$[0].cnt", "gt", 0]
)"},
                            {"slow-tasks.yaml", R"(# slow-tasks.yaml
name: Slow Task A
steps:
  - name: sleep
    type: shell
    command: sleep 5
  - name: done-a
    type: print
    message: "Task A finished"

---
name: Slow Task B
steps:
  - name: sleep
    type: shell
    command: sleep 7
  - name: done-b
    type: print
    message: "Task B finished"
)"}}}.load({"full-suite.yaml", "slow-tasks.yaml"});
    CHECK(rendered(set.problems) == Lines{});
    REQUIRE(set.documents.size() == 5);
    CHECK(set.documents[1].name == "Cache Tests");
    CHECK(set.documents[1].document == 2);
    CHECK(std::get<ShellAction>(set.documents[1].steps[0].action).commands.size() == 3);
    CHECK(set.documents[4].name == "Slow Task B");
    CHECK(set.documents[4].file == "slow-tasks.yaml");
    CHECK(set.files == std::vector<std::string>{"full-suite.yaml", "slow-tasks.yaml"});
    CHECK(set.documents[4].place.file == 1);
}

TEST_CASE("missing keys") {
    CHECK(problems_of(steps) == Lines{"a.yaml#1: name: `name` is required, but missing (line 1, column 1)"});
    CHECK(problems_of("name: w\n") ==
          Lines{"a.yaml#1: steps: `steps` is required, but missing (line 1, column 1)"});
    CHECK(problems_of("{}\n") ==
          Lines{"a.yaml#1: name: `name` is required, but missing (line 1, column 1)",
                "a.yaml#1: steps: `steps` is required, but missing (line 1, column 1)"});
}

TEST_CASE("unknown keys name the nearest") {
    CHECK(
        header_problems("name: w\nstpes: 1\n") ==
        Lines{
            "a.yaml#1: stpes: unknown key `stpes` in a workflow; did you mean `steps`? (line 2, column 1)"});
    CHECK(
        header_problems("name: w\nfoo: 1\n") ==
        Lines{
            "a.yaml#1: foo: unknown key `foo` in a workflow; use name, version, description, config, include "
            "or steps (line 2, column 1)"});
    CHECK(header_problems("name: w\n\"a b\": 1\n")[0].starts_with("a.yaml#1: [\"a b\"]: unknown key `a b`"));
}

TEST_CASE("names") {
    CHECK(header_problems("name: 5\n") ==
          Lines{"a.yaml#1: name: must be a string, not the integer 5; quote it (line 1, column 7)"});
    CHECK(header_problems("name: true\n") ==
          Lines{"a.yaml#1: name: must be a string, not the boolean true; quote it (line 1, column 7)"});
    CHECK(header_problems("name:\n") ==
          Lines{"a.yaml#1: name: must be a string, but nothing is there (line 1, column 1)"});
    CHECK(header_problems("name: [a]\n") ==
          Lines{"a.yaml#1: name: must be a string, not a list (line 1, column 7)"});
    CHECK(header_problems("name: \" \"\n") == Lines{"a.yaml#1: name: must not be empty (line 1, column 7)"});
    CHECK(header_problems("name: \"a\\nb\"\n") ==
          Lines{"a.yaml#1: name: must be one line, without tabs (line 1, column 7)"});
    CHECK(header_problems("name: \"5\"\n").empty());
    CHECK(workflow_of("name: Tests für {{ x }}\n" + steps).name == "Tests für {{ x }}");
}

TEST_CASE("versions") {
    CHECK(header_problems("name: w\nversion: v0.2\n") ==
          Lines{"a.yaml#1: version: must be `v0.1`, not `v0.2` (line 2, column 10)"});
    CHECK(header_problems("name: w\nversion: 0.1\n") ==
          Lines{"a.yaml#1: version: must be `v0.1`, not the number 0.1 (line 2, column 10)"});
    CHECK(header_problems("name: w\nversion:\n") ==
          Lines{"a.yaml#1: version: must be `v0.1`, not nothing (line 2, column 1)"});
    CHECK(header_problems("name: w\nversion: 'v0.1'\n").empty());
}

TEST_CASE("descriptions are ignored, but are texts") {
    CHECK(header_problems("name: w\ndescription: 'with {{ broken'\n").empty());
    CHECK(header_problems("name: w\ndescription:\n").empty());
    CHECK(header_problems("name: w\ndescription: [a]\n") ==
          Lines{"a.yaml#1: description: must be a string, not a list (line 2, column 14)"});
}

TEST_CASE("a document that is no map") {
    CHECK(problems_of("- a\n") ==
          Lines{"a.yaml#1: a workflow is a map with `name` and `steps`, not a list (line 1, column 1)"});
    CHECK(problems_of("just text\n") ==
          Lines{"a.yaml#1: a workflow is a map with `name` and `steps`, not the string `just text` (line 1, "
                "column 1)"});
}

TEST_CASE("steps that are no list") {
    CHECK(problems_of("name: w\nsteps: {}\n") ==
          Lines{"a.yaml#1: steps: must be a list of steps, not a map (line 2, column 8)"});
    CHECK(problems_of("name: w\nsteps:\n") ==
          Lines{"a.yaml#1: steps: must be a list of steps, but nothing is there (line 2, column 1)"});
    CHECK(problems_of("name: w\nsteps: []\n") ==
          Lines{"a.yaml#1: steps: must have at least one step (line 2, column 8)"});
    CHECK(problems_of("name: w\nsteps: [a, 5]\n") ==
          Lines{"a.yaml#1: steps[0]: must be a map, not the string `a` (line 2, column 9)",
                "a.yaml#1: steps[1]: must be a map, not the integer 5 (line 2, column 12)"});
}

TEST_CASE("files without a workflow") {
    CHECK(problems_of("") == Lines{"a.yaml: there is no workflow in it"});
    CHECK(problems_of("---\n---\n# nothing\n") == Lines{"a.yaml: there is no workflow in it"});
    CHECK(MemoryFiles{}.problems({"nope.yaml"}) == Lines{"nope.yaml: there is no such file"});
    CHECK(MemoryFiles{{{"a.yaml", "<unreadable>"}}}.problems({"a.yaml"}) ==
          Lines{"a.yaml: cannot be read: permission denied"});
}

TEST_CASE("every problem of every document of every file is reported, in order") {
    MemoryFiles files{{{"b.yaml", "name: 1\n" + steps + "---\nnam: x\n---\nname: [\n"},
                       {"a.yaml", "versoin: 1\nname: w\n" + steps}}};
    CHECK(files.problems({"b.yaml", "nope.yaml", "a.yaml"}) ==
          Lines{"b.yaml#1: name: must be a string, not the integer 1; quote it (line 1, column 7)",
                "b.yaml#2: nam: unknown key `nam` in a workflow; did you mean `name`? (line 5, column 1)",
                "b.yaml#2: name: `name` is required, but missing (line 5, column 1)",
                "b.yaml#2: steps: `steps` is required, but missing (line 5, column 1)",
                "b.yaml#3: YAML: the list's `]` is missing, or a value that holds `[` or `{` needs quotes "
                "(line 8, "
                "column 1)",
                "nope.yaml: there is no such file",
                "a.yaml#1: versoin: unknown key `versoin` in a workflow; did you mean `version`? (line 1, "
                "column 1)"});
}

TEST_CASE("the queue: arguments, then documents; a file named twice is there twice") {
    MemoryFiles files{
        {{"a.yaml", "name: a1\n" + steps + "---\n---\nname: a2\n" + steps}, {"b.yaml", "name: b\n" + steps}}};
    auto set = files.load({"b.yaml", "a.yaml", "b.yaml"});
    CHECK(rendered(set.problems) == Lines{});
    std::string order;
    for (const auto& document : set.documents)
        order += document.name + "#" + std::to_string(document.document) + " ";
    CHECK(order == "b#1 a1#1 a2#2 b#1 ");
    CHECK(set.files == std::vector<std::string>{"b.yaml", "a.yaml"});
}

TEST_CASE("two workflows may have one name, and their steps too") {
    CHECK(problems_of("name: w\n" + steps + "---\nname: w\n" + steps).empty());
}

TEST_CASE("a mistake in an anchor is reported once") {
    CHECK(problems_of("name: w\nsteps:\n  - &s {name: s, type: prnt, message: x}\n  - {<<: *s, name: t}\n") ==
          Lines{"a.yaml#1: steps[0].type: unknown type `prnt`; did you mean `print`? (line 3, column 24)"});
}

TEST_CASE("anchors and merges make steps") {
    auto workflow = workflow_of(
        "name: w\nsteps:\n  - &s {name: s, type: shell, command: a, dir: d}\n  - {<<: *s, name: t, command: "
        "b}\n");
    REQUIRE(workflow.steps.size() == 2);
    CHECK(workflow.steps[1].name == "t");
    const auto& action = std::get<ShellAction>(workflow.steps[1].action);
    CHECK(action.commands[0].source == "b");
    CHECK(action.directory->source == "d");
}

TEST_CASE("rendering a problem") {
    CHECK(render({"f.yaml", 2, "steps[0].type", {0, 7, 11}, "m"}) ==
          "f.yaml#2: steps[0].type: m (line 7, column 11)");
    CHECK(render({"f.yaml", 0, "", {}, "m"}) == "f.yaml: m");
    CHECK(render({"", 0, "", {}, "m"}) == "m");
    CHECK(render({"f\x1b.yaml", 0, "", {}, "m"}) == "f\\x1b.yaml: m");
}

TEST_CASE("key paths") {
    KeyPath root;
    CHECK(root.text().empty());
    auto steps_key = root.key("steps");
    auto first = steps_key.item(0);
    CHECK(first.text() == "steps[0]");
    CHECK(first.key("a b").text() == "steps[0][\"a b\"]");
    CHECK(first.key("").text() == "steps[0][\"\"]");
    CHECK(root.item(3).text() == "[3]");
    CHECK(root.key(std::string(100, 'k')).text() == std::string(40, 'k') + "…");
}

TEST_CASE("suggestions") {
    std::vector<std::string_view> known{"http", "shell"};
    CHECK(suggestion("htp", known) == "; did you mean `http`?");
    CHECK(suggestion("zzzz", known) == "; use http or shell");
    CHECK(suggestion("x", {}).empty());
    CHECK(suggestion(std::string(1'000'000, 'h'), known) == "; use http or shell");
}
