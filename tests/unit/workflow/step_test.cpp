// Steps: the common keys and those of each type.
#include <doctest/doctest.h>

#include "tests/unit/workflow/memory_files.h"

using namespace relux::workflow;
using namespace relux::workflow::test;

namespace {

template <class Action>
Action action_of(const std::string& keys) {
    auto step = step_of(keys);
    INFO(step.name);
    REQUIRE(std::holds_alternative<Action>(step.action));
    return std::get<Action>(step.action);
}

std::string source(const Value& value) {
    const auto* text = std::get_if<Template>(&value.value);
    return text == nullptr ? "no text" : text->source;
}

}  // namespace

TEST_CASE("the common keys of a step") {
    auto step = step_of(
        "type: shell\ncommand: x\nignore_error: true\ntimeout: 1m30s\n"
        "extract: {a: $.x, b: y}\nassert: [[$, not_null]]");
    CHECK(step.name == "s");
    CHECK(step.ignore_error);
    CHECK(step.timeout == std::chrono::seconds(90));
    REQUIRE(step.extract.size() == 2);
    CHECK(step.extract[0].variable == "a");
    CHECK(to_string(std::get<relux::value::Path>(step.extract[1].path.content)) == "$.y");
    CHECK(at(step.extract[0].place) == "8:15");
    CHECK(at(step.extract[0].path.place) == "8:18");
    CHECK(step.assertions.size() == 1);
    CHECK(type_name(step) == "shell");
}

TEST_CASE("defaults") {
    auto step = step_of("type: shell\ncommand: x");
    CHECK_FALSE(step.ignore_error);
    CHECK_FALSE(step.timeout.has_value());
    CHECK(step.extract.empty());
    CHECK(step_of("type: http\nrequest: {url: /}").timeout == std::chrono::seconds(30));
    CHECK(step_of("type: http\nrequest: {url: /}\ntimeout: 2s").timeout == std::chrono::seconds(2));
}

TEST_CASE("a step's name") {
    CHECK(problems_of("name: w\nsteps:\n  - {type: print, message: x}\n") ==
          Lines{"a.yaml#1: steps[0].name: `name` is required, but missing (line 3, column 5)"});
    CHECK(
        problems_of("name: w\nsteps:\n  - {name: 7, type: print, message: x}\n") ==
        Lines{"a.yaml#1: steps[0].name: must be a string, not the integer 7; quote it (line 3, column 12)"});
    auto step =
        workflow_of("name: w\nsteps:\n  - {name: 'get {{ user }}', type: print, message: x}\n").steps.at(0);
    CHECK(step.name == "get {{ user }}");
    CHECK(step.title.parts.size() == 2);
}

TEST_CASE("step names are unique, nested ones too") {
    CHECK(problems_of(R"(name: w
steps:
  - {name: a, type: print, message: x}
  - name: b
    type: if
    condition: [x, not_null]
    then: [{name: a, type: print, message: x}]
    else: [{name: b, type: print, message: x}]
  - name: c
    type: loop
    foreach: l, i
    steps: [{name: c, type: print, message: x}, {name: d, type: print, message: x}]
)") == Lines{
           "a.yaml#1: steps[1].then[0].name: the name `a` is taken by the step in line 3 (line 7, column 19)",
           "a.yaml#1: steps[1].else[0].name: the name `b` is taken by the step in line 4 (line 8, column 19)",
           "a.yaml#1: steps[2].steps[0].name: the name `c` is taken by the step in line 9 (line 12, column "
           "20)"});
}

TEST_CASE("types") {
    CHECK(step_problems("message: x") == Lines{".type: `type` is required, but missing"});
    CHECK(step_problems("type: htpp") == Lines{".type: unknown type `htpp`; did you mean `http`?"});
    CHECK(step_problems("type: carrot") ==
          Lines{".type: unknown type `carrot`; use http, shell, db, print, if, loop or call"});
    CHECK(step_problems("type: 5") == Lines{".type: must be a string, not the integer 5; quote it"});
    CHECK(step_problems("type: HTTP\nrequest: {url: /}")[0].starts_with(".type: unknown type `HTTP`"));
}

TEST_CASE("unknown keys, when the type is not known either") {
    CHECK(step_problems("type: htpp\nasert: []\nrequest: {}") ==
          Lines{".type: unknown type `htpp`; did you mean `http`?",
                ".asert: unknown key `asert`; did you mean `assert`?"});
}

TEST_CASE("keys that belong to another type") {
    CHECK(step_problems("type: shell\ncommand: x\nquery: y") ==
          Lines{".query: unknown key `query` in a step of type shell; it is a key of db"});
    CHECK(step_problems("type: print\nmessage: x\ncommand: y") ==
          Lines{".command: unknown key `command` in a step of type print; it is a key of shell and db"});
    CHECK(step_problems("type: http\nrequest: {url: /}\ncomand: y") ==
          Lines{".comand: unknown key `comand` in a step of type http; use name, type, extract, assert, "
                "ignore_error, timeout, cleanup or request"});
    CHECK(step_problems("type: loop\nforeach: a, b\nthen: []\nsteps: [{name: t, type: print, message: m}]") ==
          Lines{".then: unknown key `then` in a step of type loop; it is a key of if"});
}

TEST_CASE("timeouts") {
    auto timeout = [](const std::string& text) {
        auto step = step_of("type: shell\ncommand: x\ntimeout: " + text);
        return step.timeout ? relux::format_duration(*step.timeout) : step.name;
    };
    CHECK(timeout("500ms") == "500ms");
    CHECK(timeout("30s") == "30s");
    CHECK(timeout("1m30s") == "1m30s");
    CHECK(timeout("\"2h\"") == "2h");
    auto wrong = [](const std::string& text) {
        return step_problems("type: shell\ncommand: x\ntimeout: " + text);
    };
    CHECK(wrong("5") == Lines{".timeout: must be a duration with a unit, as in `5s`, not the integer 5"});
    CHECK(wrong("1.5") == Lines{".timeout: must be a duration, as in `30s`, not the number 1.5"});
    CHECK(wrong("[5s]") == Lines{".timeout: must be a duration, as in `30s`, not a list"});
    CHECK(wrong("5x") == Lines{".timeout: unknown unit `x`: use ns, us, ms, s, m, h or d"});
    CHECK(wrong("0s") == Lines{".timeout: a duration must be longer than zero"});
    CHECK(wrong("-5s") == Lines{".timeout: missing number before `-`"});
    CHECK(wrong("1m 30s") == Lines{".timeout: a duration is written without spaces, for example `1m30s`"});
    CHECK(wrong("99999999999h") == Lines{".timeout: duration is too long: at most about 292 years"});
    CHECK(wrong("\"\"") == Lines{".timeout: missing duration, for example `250ms` or `1m30s`"});
}

TEST_CASE("ignore_error") {
    CHECK(step_problems("type: print\nmessage: x\nignore_error: yes") ==
          Lines{".ignore_error: must be true or false, not the string `yes`"});
    CHECK(step_problems("type: print\nmessage: x\nignore_error: 1") ==
          Lines{".ignore_error: must be true or false, not the integer 1"});
    CHECK(step_of("type: print\nmessage: x\nignore_error: TRUE").ignore_error);
}

TEST_CASE("extract") {
    auto wrong = [](const std::string& text) {
        return step_problems("type: shell\ncommand: x\nextract: " + text);
    };
    CHECK(wrong("[a]") == Lines{".extract: must be a map of variables to paths, not a list"});
    CHECK(wrong("") == Lines{".extract: must be a map of variables to paths, but nothing is there"});
    CHECK(wrong("{a: 5}") == Lines{".extract.a: must be a path, not the integer 5"});
    CHECK(wrong("{a: '$.x['}") ==
          Lines{".extract.a: path `$.x[`: a number, `*`, a slice `a:b` or a quoted name is wanted "
                "after `[`, not the end (column 5)"});
    CHECK(wrong("{a: ''}") ==
          Lines{".extract.a: path ``: a path is empty; `$` is the whole document (column 1)"});
    CHECK(wrong("{a b: $}") ==
          Lines{".extract[\"a b\"]: `a b` cannot be a variable: a name has letters, digits, `_` "
                "and `-`, and begins with a letter or `_`"});
    CHECK(wrong("{9a: $}").size() == 1);
    CHECK(wrong("{a.b: $}").size() == 1);
    CHECK(wrong("{true: $}") == Lines{".extract.true: `true` cannot be a variable: it is a literal"});
    CHECK(wrong("{ a-b: $, _c: $, ü: $ }").empty());
    CHECK(wrong("{a: $, a: $}") == Lines{".extract.a: duplicate key `a`; it is there in line 6 already"});
}

TEST_CASE("paths may have templates in them, but are none") {
    auto step = step_of("type: shell\ncommand: x\nextract: {a: \"$.items[{{ index }}].id\"}");
    REQUIRE(step.extract.size() == 1);
    CHECK(std::get<Template>(step.extract[0].path.content).parts.size() == 3);
    CHECK(step_problems("type: shell\ncommand: x\nextract: {a: \"{{ role }}\"}") ==
          Lines{".extract.a: a path is wanted here, not a template; for the variable write `role`"});
    CHECK(step_problems("type: shell\ncommand: x\nextract: {a: \"{{ upper(x) }}\"}") ==
          Lines{".extract.a: a path is wanted here, not a template"});
    CHECK(step_problems("type: shell\ncommand: x\nextract: {a: \"$.{{ foo( }}\"}") ==
          Lines{".extract.a: template: unknown function `foo`"});
}

TEST_CASE("the place of a wrong path is the place in the path") {
    CHECK(problems_of(around("type: shell\ncommand: x\nextract: {a: \"$.x y\"}")) ==
          Lines{"a.yaml#1: steps[0].extract.a: path `$.x y`: a name cannot hold ` `; write it in brackets: "
                "[\"a name\"] (column 4) (line 6, column 22)"});
}

TEST_CASE("http: every key") {
    auto action = action_of<HttpAction>(R"(type: http
request:
  method: post
  url: "/users/{{ id }}"
  headers:
    Authorization: Bearer {{ token }}
    X-Count: 5
  body:
    name: "{{ name }}"
    tags: [a, 1, true, null, 1.5]
    "{{ key }}": x)");
    CHECK(*action.method.text() == "POST");
    CHECK(action.url.parts.size() == 2);
    REQUIRE(action.headers.size() == 2);
    CHECK(action.headers[0].name == "Authorization");
    CHECK(*action.headers[1].text.text() == "5");
    REQUIRE(action.body.has_value());
    const auto& body = std::get<ValueMap>(action.body->value);
    REQUIRE(body.size() == 3);
    CHECK(std::get<Template>(body[0].value.value).expression() != nullptr);
    const auto& tags = std::get<std::vector<Value>>(body[1].value.value);
    CHECK(source(tags[0]) == "a");
    CHECK(std::get<std::int64_t>(tags[1].value) == 1);
    CHECK(std::get<bool>(tags[2].value));
    CHECK(std::holds_alternative<std::monostate>(tags[3].value));
    CHECK(std::get<double>(tags[4].value) == 1.5);
    CHECK(body[2].name == "{{ key }}");
}

TEST_CASE("http: defaults and bodies") {
    auto action = action_of<HttpAction>("type: http\nrequest: {url: http://x/}");
    CHECK(*action.method.text() == "GET");
    CHECK_FALSE(action.body.has_value());
    CHECK(source(*action_of<HttpAction>("type: http\nrequest: {url: /, body: 'a={{ b }}'}").body) ==
          "a={{ b }}");
    CHECK(std::get<std::vector<Value>>(
              action_of<HttpAction>("type: http\nrequest: {url: /, body: [1]}").body->value)
              .size() == 1);
    CHECK(*action_of<HttpAction>("type: http\nrequest: {url: /, method: PROPFIND}").method.text() ==
          "PROPFIND");
    CHECK(action_of<HttpAction>("type: http\nrequest: {url: /, method: '{{ m }}'}").method.expression() !=
          nullptr);
}

TEST_CASE("http: what is wrong") {
    auto wrong = [](const std::string& request) { return step_problems("type: http\nrequest: " + request); };
    CHECK(step_problems("type: http") == Lines{".request: `request` is required, but missing"});
    CHECK(
        step_problems("type: http\nurl: /") ==
        Lines{
            ".request: `request` is required, but missing",
            ".url: unknown key `url` in a step of type http; use name, type, extract, assert, ignore_error, "
            "timeout, cleanup or request"});
    CHECK(wrong("GET /") == Lines{".request: must be a map, not the string `GET /`"});
    CHECK(wrong("{method: GET}") == Lines{".request.url: `url` is required, but missing"});
    CHECK(wrong("{url: 5}") == Lines{".request.url: must be a string, not the integer 5; quote it"});
    CHECK(wrong("{url: ''}") == Lines{".request.url: must not be empty"});
    CHECK(wrong("{url: /, metod: GET}") ==
          Lines{".request.metod: unknown key `metod` in a request; did you mean `method`?"});
    CHECK(wrong("{url: /, method: GETT}") ==
          Lines{".request.method: unknown method `GETT`; did you mean `GET`?"});
    CHECK(wrong("{url: /, method: 'G T'}").size() == 1);
    CHECK(wrong("{url: /, method: ''}").size() == 1);
    CHECK(wrong("{url: /, method: [GET]}") == Lines{".request.method: must be a string, not a list"});
    CHECK(wrong("{url: /, body: 5}") ==
          Lines{".request.body: must be a map, a list or a string, not the integer 5"});
    CHECK(wrong("{url: /, body: }") ==
          Lines{".request.body: must be a map, a list or a string, but nothing is there"});
    CHECK(wrong("{url: '/{{ id }', body: {a: [{b: '{{ uper(x) }}'}]}}") ==
          Lines{".request.url: template: `}}` is wanted, not `}`",
                ".request.body.a[0].b: template: unknown function `uper`; did you mean `upper`?"});
}

TEST_CASE("http: headers") {
    auto wrong = [](const std::string& headers) {
        return step_problems("type: http\nrequest: {url: /, headers: " + headers + "}");
    };
    CHECK(wrong("[a]") == Lines{".request.headers: must be a map, not a list"});
    CHECK(wrong("{A: {b: c}}") == Lines{".request.headers.A: must be a string, not a map"});
    CHECK(wrong("{A: }") == Lines{".request.headers.A: must be a string, but nothing is there"});
    CHECK(wrong("{A b: c}") == Lines{".request.headers[\"A b\"]: `A b` cannot be the name of a header"});
    CHECK(wrong("{'A:': c}") == Lines{".request.headers[\"A:\"]: `A:` cannot be the name of a header"});
    CHECK(wrong("{A: \"x\\ny: z\"}") == Lines{".request.headers.A: a header must be one line"});
    CHECK(wrong("{Accept: a, accept: b}") ==
          Lines{".request.headers.accept: the header `Accept` is there already: case makes no difference"});
}

TEST_CASE("shell") {
    auto action = action_of<ShellAction>("type: shell\ncommand: echo {{ x }}\ndir: /tmp/{{ y }}");
    REQUIRE(action.commands.size() == 1);
    CHECK(action.commands[0].parts.size() == 2);
    CHECK_FALSE(action.parallel);
    CHECK(action.directory->source == "/tmp/{{ y }}");
    action = action_of<ShellAction>("type: shell\nparallel: true\ncommands:\n  - a\n  - |\n    b\n    c");
    CHECK(action.parallel);
    CHECK(action.commands.at(1).source == "b\nc\n");
    CHECK(action_of<ShellAction>("type: shell\ncommand: [a, b]").commands.size() == 2);
    action = action_of<ShellAction>("type: shell\nshell: {command: a, dir: /tmp}");
    CHECK(action.commands.at(0).source == "a");
    CHECK(action.directory->source == "/tmp");
    CHECK(step_of("type: shell\nshell: {command: a, timeout: 2s}").timeout == std::chrono::seconds(2));
}

TEST_CASE("shell: what is wrong") {
    auto wrong = [](const std::string& keys) { return step_problems("type: shell\n" + keys); };
    CHECK(wrong("dir: x") == Lines{".command: a shell step needs `command` or `commands`"});
    CHECK(wrong("command: a\ncommands: [b]") ==
          Lines{".command: a step has `command` or `commands`, not both"});
    CHECK(wrong("command: [a, [b]]") == Lines{".command[1]: must be a string, not a list"});
    CHECK(wrong("command: true") == Lines{".command: must be a string, not the boolean true; quote it"});
    CHECK(wrong("command: ''") == Lines{".command: must not be empty"});
    CHECK(wrong("commands: a") == Lines{".commands: must be a list, not the string `a`"});
    CHECK(wrong("commands: []") == Lines{".commands: must not be empty"});
    CHECK(wrong("commands: [a, [b]]") == Lines{".commands[1]: must be a string, not a list"});
    CHECK(wrong("command: a\nparallel: 1") == Lines{".parallel: must be true or false, not the integer 1"});
    CHECK(wrong("command: a\ndir: 5") == Lines{".dir: must be a string, not the integer 5; quote it"});
    CHECK(wrong("comand: a") ==
          Lines{".command: a shell step needs `command` or `commands`",
                ".comand: unknown key `comand` in a step of type shell; did you mean `command`?"});
}

TEST_CASE("places in block texts") {
    CHECK(problems_of(around("type: shell\ncommand: |\n  one\n  two {{ a b }}")) ==
          Lines{"a.yaml#1: steps[0].command: template: `}}` is wanted, not `b` (line 7, column 16)"});
}

TEST_CASE("db") {
    auto action = action_of<DbAction>("type: db\nquery: select {{ x }}");
    CHECK(action.engine == DbAction::Engine::Postgres);
    CHECK(action.query.parts.size() == 2);
    CHECK(action_of<DbAction>("type: db\nengine: postgres\nquery: x").engine == DbAction::Engine::Postgres);
    CHECK(action_of<DbAction>("type: db\nengine: sqlite\nquery: x").engine == DbAction::Engine::Sqlite);
    action = action_of<DbAction>("type: db\nengine: redis\ncommand: [SET, \"k{{ i }}\", 5, true]");
    CHECK(action.engine == DbAction::Engine::Redis);
    REQUIRE(action.command.size() == 4);
    CHECK(*action.command[2].text() == "5");
    CHECK(*action.command[3].text() == "true");
}

TEST_CASE("db: what is wrong") {
    auto wrong = [](const std::string& keys) { return step_problems("type: db\n" + keys); };
    CHECK(wrong("engine: sqlite") == Lines{".query: `query` is required, but missing"});
    CHECK(wrong("query: [a]") == Lines{".query: must be a string, not a list"});
    CHECK(wrong("query: ''") == Lines{".query: must not be empty"});
    CHECK(wrong("engine: mysql\nquery: x") ==
          Lines{".engine: unknown engine `mysql`; use postgres, sqlite or redis"});
    CHECK(wrong("engine: sqlit\nquery: x") ==
          Lines{".engine: unknown engine `sqlit`; did you mean `sqlite`?"});
    CHECK(wrong("engine: redis") == Lines{".command: `command` is required, but missing"});
    CHECK(wrong("engine: redis\nquery: x") ==
          Lines{".query: redis takes `command`, a list of words, not `query`"});
    CHECK(wrong("engine: redis\ncommand: GET x") ==
          Lines{".command: must be a list, not the string `GET x`"});
    CHECK(wrong("engine: redis\ncommand: []") == Lines{".command: must not be empty"});
    CHECK(wrong("engine: redis\ncommand: [GET, ~]") ==
          Lines{".command[1]: must be a string, but nothing is there"});
    CHECK(wrong("command: [GET, x]") ==
          Lines{".command: only redis takes `command`; write `engine: redis` or `query`"});
}

TEST_CASE("print") {
    CHECK(action_of<PrintAction>("type: print\nmessage: 'x {{ y }}'").message.parts.size() == 2);
    CHECK(action_of<PrintAction>("type: print\nmessage: ''").message.parts.empty());
    CHECK(step_problems("type: print") == Lines{".message: `message` is required, but missing"});
    CHECK(step_problems("type: print\nmessage: [a]") == Lines{".message: must be a string, not a list"});
    CHECK(step_problems("type: print\nmessage: {{ x }}") ==
          Lines{".message: must be a string, not a map",
                ".message: a key cannot be a map; a template needs quotes: \"{{ name }}\""});
}

TEST_CASE("print has nothing to look at") {
    CHECK(step_problems("type: print\nmessage: x\nextract: {a: $}\nassert: [[$, not_null]]") ==
          Lines{".extract: a print step has no result that `extract` could look at"});
}

TEST_CASE("if") {
    auto action = action_of<IfAction>(R"(type: if
condition: [role, ==, admin]
then:
  - {name: a, type: print, message: x}
  - name: b
    type: if
    condition: {path: x, op: not_null}
    then: [{name: c, type: print, message: y}]
else:
  - {name: d, type: print, message: z})");
    CHECK(action.condition.op == relux::value::Operator::Equal);
    CHECK(source(*action.condition.expected) == "admin");
    REQUIRE(action.then_steps.size() == 2);
    CHECK(action.then_steps[1].key_path == "steps[0].then[1]");
    CHECK(std::get<IfAction>(action.then_steps[1].action).then_steps[0].key_path ==
          "steps[0].then[1].then[0]");
    CHECK(action.else_steps.size() == 1);
}

TEST_CASE("if: what is wrong") {
    const std::string then = "\nthen: [{name: t, type: print, message: m}]";
    CHECK(step_problems("type: if" + then) == Lines{".condition: `condition` is required, but missing"});
    CHECK(step_problems("type: if\ncondition: [a, not_null]") ==
          Lines{".then: `then` is required, but missing"});
    CHECK(step_problems("type: if\ncondition: [a, not_null]\nthen: []") ==
          Lines{".then: must have at least one step"});
    CHECK(step_problems("type: if\ncondition: [a, not_null]\nthen: x") ==
          Lines{".then: must be a list of steps, not the string `x`"});
    CHECK(step_problems("type: if\ncondition: [a, not_null]\nelse:" + then) ==
          Lines{".else: must be a list of steps, but nothing is there"});
    CHECK(step_problems("type: if\ncondition: a == b" + then) ==
          Lines{".condition: must be [path, operator, value], [path, not_null] or {path, op, value}, not the "
                "string `a == b`"});
    CHECK(step_problems("type: if\ncondition: [a, eqs, 1]" + then) ==
          Lines{".condition[1]: unknown operator `eqs`; did you mean `eq`?"});
    CHECK(step_problems("type: if\ncondition: [\"{{ role }\", eq, 1]" + then) ==
          Lines{".condition[0]: template: `}}` is wanted, not `}`"});
    CHECK(step_problems("type: if\ncondition: [a, not_null]\nthen: [{name: t, type: prnt}]") ==
          Lines{".then[0].type: unknown type `prnt`; did you mean `print`?"});
}

TEST_CASE("loop") {
    auto action = action_of<LoopAction>(
        "type: loop\nforeach: \"data.users[0].ids, id\"\nsteps:\n  - {name: a, type: print, message: '{{ "
        "index }}'}");
    CHECK(variable_text(action.list) == "data.users[0].ids");
    CHECK(action.item == "id");
    REQUIRE(action.steps.size() == 1);
    CHECK(action.steps[0].key_path == "steps[0].steps[0]");
    CHECK(at(action.place) == "5:14");
    CHECK(
        action_of<LoopAction>("type: loop\nforeach: a,b\nsteps: [{name: a, type: print, message: x}]").item ==
        "b");
}

TEST_CASE("loop: what is wrong") {
    auto wrong = [](const std::string& text) {
        return step_problems("type: loop\nsteps: [{name: a, type: print, message: x}]\nforeach: " + text);
    };
    CHECK(step_problems("type: loop") ==
          Lines{".foreach: `foreach` is required, but missing", ".steps: `steps` is required, but missing"});
    CHECK(
        wrong("users") ==
        Lines{".foreach: must be \"list_variable, item_variable\" or \"1..30, item_variable\", not `users`"});
    CHECK(wrong("[users, user]") == Lines{".foreach: must be a string, as in \"users, user\", not a list"});
    CHECK(wrong("\"users,\"").size() == 1);
    CHECK(wrong("\", user\"") == Lines{".foreach: the list ``: a variable's name is wanted, not the end"});
    CHECK(wrong("\"a b, user\"") == Lines{".foreach: the list `a b`: unexpected ` ` after the variable"});
    CHECK(wrong("\"a, b c\"").size() == 1);
    CHECK(wrong("\"a, index\"") ==
          Lines{".foreach: the item cannot be named `index`: that is the number of the round"});
    CHECK(wrong("\"{{ a }}, b\"") ==
          Lines{".foreach: the list is a variable's name, not a template: \"users, user\""});
    CHECK(step_problems("type: loop\nforeach: a, b\nsteps: []") ==
          Lines{".steps: must have at least one step"});
}
