// Configuration: of a workflow, of a file, profiles and presets, and which of them wins.
#include <doctest/doctest.h>

#include "tests/unit/workflow/memory_files.h"

using namespace relux::workflow;
using namespace relux::workflow::test;

namespace {

const std::string steps = "steps:\n  - {name: s, type: print, message: x}\n";

Lines config_problems(const std::string& config) {
    return problems_of("name: w\nconfig: " + config + "\n" + steps);
}

std::string text_of(const std::optional<Template>& text) {
    return text ? text->source : "none";
}

/// `a=1 b=x`, templates as they are written.
std::string vars_of(const Config& config) {
    std::string text;
    for (const auto& variable : config.vars) {
        if (!text.empty()) text += " ";
        text += variable.name + "=";
        if (const auto* value = std::get_if<Template>(&variable.value.value)) text += value->source;
        if (const auto* value = std::get_if<std::int64_t>(&variable.value.value))
            text += std::to_string(*value);
    }
    return text;
}

struct Loaded {
    Config config;
    Lines problems;
};

Loaded load(const std::string& file, const std::string& own, const char* profile = nullptr) {
    MemoryFiles files{{{"a.yaml", "name: w\nconfig: " + own + "\n" + steps}}};
    if (!file.empty()) files.files["replay.yaml"] = file;
    if (profile != nullptr) files.options.profile = profile;
    auto set = files.load({"a.yaml"});
    return {set.documents.empty() ? Config{} : set.documents[0].config, rendered(set.problems)};
}

std::string merged_vars(const std::string& file, const std::string& own, const char* profile = nullptr) {
    auto loaded = load(file, own, profile);
    return loaded.problems.empty() ? vars_of(loaded.config) : loaded.problems[0];
}

}  // namespace

TEST_CASE("every key of a configuration") {
    auto config = workflow_of(R"(name: w
config:
  http: {base_url: "http://{{ host }}", headers: {A: b, N: 1}}
  postgres: {dsn: postgres://x}
  sqlite: {path: ':memory:'}
  redis: {addr: localhost:6379}
  vars: {a: 1, b: "{{ a }}", c: [x, {d: "{{ b }}"}]}
)" + steps)
                      .config;
    CHECK(text_of(config.base_url) == "http://{{ host }}");
    CHECK(config.base_url->parts.size() == 2);
    CHECK(config.headers.size() == 2);
    CHECK(text_of(config.postgres_dsn) == "postgres://x");
    CHECK(text_of(config.sqlite_path) == ":memory:");
    CHECK(text_of(config.redis_addr) == "localhost:6379");
    CHECK(vars_of(config) == "a=1 b={{ a }} c=");
    CHECK(at(config.vars[1].place) == "7:16");
}

TEST_CASE("a configuration with nothing in it") {
    CHECK(config_problems("{}").empty());
    CHECK(config_problems("{http: {}, postgres: {}, vars: {}}").empty());
    auto config = workflow_of("name: w\n" + steps).config;
    CHECK(text_of(config.base_url) == "none");
    CHECK(config.vars.empty());
}

TEST_CASE("a configuration that is wrong") {
    auto wrong = [](const std::string& config) {
        Lines lines;
        for (auto line : config_problems(config)) {
            line.erase(line.rfind(" (line "));
            lines.push_back(line.substr(std::string("a.yaml#1: config").size()));
        }
        return lines;
    };
    CHECK(wrong("[a]") == Lines{": must be a map, not a list"});
    CHECK(wrong("") == Lines{": must be a map, but nothing is there"});
    CHECK(wrong("{postgre: {}}") ==
          Lines{".postgre: unknown key `postgre` in a configuration; did you mean `postgres`?"});
    CHECK(wrong("{http: {baseurl: x}}") ==
          Lines{".http.baseurl: unknown key `baseurl` in config.http; did you mean `base_url`?"});
    CHECK(wrong("{http: x}") == Lines{".http: must be a map, not the string `x`"});
    CHECK(wrong("{http: {headers: [a]}}") == Lines{".http.headers: must be a map, not a list"});
    CHECK(wrong("{postgres: {url: x}}") ==
          Lines{".postgres.url: unknown key `url` in config.postgres; use dsn"});
    CHECK(wrong("{redis: {addr: 6379}}") ==
          Lines{".redis.addr: must be a string, not the integer 6379; quote it"});
    CHECK(wrong("{sqlite: {path: [a]}}") == Lines{".sqlite.path: must be a string, not a list"});
    CHECK(wrong("{vars: [a]}") == Lines{".vars: must be a map, not a list"});
    CHECK(wrong("{vars: {a b: 1}}").size() == 1);
    CHECK(wrong("{vars: {a: '{{ x'}}") == Lines{".vars.a: template: the `}}` is missing"});
    CHECK(wrong("{vars: {a: {b: ['{{ f() }}']}}}") == Lines{".vars.a.b[0]: template: unknown function `f`"});
}

TEST_CASE("config files are found by their names, in order") {
    for (const char* name : {"replay.yaml", "replay.yml", ".replay.yaml", ".replay.yml"}) {
        CAPTURE(name);
        MemoryFiles files{{{"a.yaml", "name: w\n" + steps}, {name, "config: {vars: {x: 1}}\n"}}};
        auto set = files.load({"a.yaml"});
        CHECK(rendered(set.problems) == Lines{});
        CHECK(vars_of(set.documents.at(0).config) == "x=1");
        CHECK(is_config_file_name(name));
    }
    MemoryFiles both{{{"a.yaml", "name: w\n" + steps},
                      {"replay.yml", "config: {vars: {x: 1}}\n"},
                      {".replay.yaml", "config: {vars: {x: 2}}\n"}}};
    CHECK(vars_of(both.load({"a.yaml"}).documents.at(0).config) == "x=1");
}

TEST_CASE("a config file is looked for in the working directory only") {
    MemoryFiles files{{{"sub/a.yaml", "name: w\n" + steps}, {"sub/replay.yaml", "config: {vars: {x: 1}}\n"}}};
    CHECK(files.load({"sub/a.yaml"}).documents.at(0).config.vars.empty());
}

TEST_CASE("--config names another file, which must be there") {
    MemoryFiles files{{{"a.yaml", "name: w\n" + steps},
                       {"replay.yaml", "config: {vars: {x: 1}}\n"},
                       {"other.yaml", "config: {vars: {x: 2}}\n"}}};
    files.options.config = "other.yaml";
    CHECK(vars_of(files.load({"a.yaml"}).documents.at(0).config) == "x=2");
    files.options.config = "nope.yaml";
    CHECK(files.problems({"a.yaml"}) == Lines{"nope.yaml: there is no such file"});
    files.options.config = "/w/other.yaml";
    CHECK(files.problems({"other.yaml"}) == Lines{"other.yaml: is a config file, not a workflow"});
}

TEST_CASE("a config file is never a workflow") {
    MemoryFiles files{{{"replay.yaml", "config: {}\n"}, {"sub/.replay.yml", "name: w\n" + steps}}};
    CHECK(files.problems({"replay.yaml"}) == Lines{"replay.yaml: is a config file, not a workflow"});
    CHECK(files.problems({"sub/.replay.yml"}) == Lines{"sub/.replay.yml: is a config file, not a workflow"});
}

TEST_CASE("a config file that is wrong") {
    auto wrong = [](const std::string& file) { return load(file, "{}").problems; };
    CHECK(wrong("name: w\n") == Lines{"replay.yaml#1: name: unknown key `name` in a config file; use config, "
                                      "profiles or presets (line 1, "
                                      "column 1)"});
    CHECK(wrong("- a\n") == Lines{"replay.yaml#1: must be a map, not a list (line 1, column 1)"});
    CHECK(wrong("config: [\n") == Lines{"replay.yaml#1: YAML: the list's `]` is missing, or a value that "
                                        "holds `[` or `{` needs quotes (line 2, "
                                        "column 1)"});
    CHECK(wrong("config: {}\n---\nconfig: {}\n") ==
          Lines{"replay.yaml#2: a config file has one document (line 3, column 1)"});
    CHECK(wrong("profiles: [a]\n") == Lines{"replay.yaml#1: profiles: must be a map of names to "
                                            "configurations, not a list (line 1, column 11)"});
    CHECK(wrong("profiles: {dev: {http: {url: x}}}\n") ==
          Lines{"replay.yaml#1: profiles.dev.http.url: unknown key `url` in config.http; use base_url, "
                "headers or debug "
                "(line 1, column 25)"});
    CHECK(wrong("presets: {a: {vars: {presets: b}}}\n") ==
          Lines{"replay.yaml#1: presets.a: a preset cannot opt into presets (line 1, column 31)"});
    CHECK(wrong("<unreadable>") == Lines{"replay.yaml: cannot be read: permission denied"});
    CHECK(wrong("# nothing\n").empty());
    CHECK(wrong("config: {vars: {a: \"\x01\"}}\n").size() == 1);
}

TEST_CASE("file, profile, preset, workflow: the later wins") {
    const std::string file = R"(config:
  http: {base_url: file, headers: {A: file, B: file}}
  postgres: {dsn: file}
  sqlite: {path: file}
  redis: {addr: file}
  vars: {a: file, b: file, c: file, d: file}
profiles:
  dev:
    http: {base_url: dev, headers: {b: dev}}
    postgres: {dsn: dev}
    vars: {b: dev, c: dev, d: dev}
presets:
  fast:
    postgres: {dsn: fast}
    sqlite: {path: fast}
    vars: {c: fast, d: fast, e: fast}
)";
    auto loaded = load(file, "{sqlite: {path: own}, vars: {presets: fast, d: own, f: own}}", "dev");
    CHECK(loaded.problems == Lines{});
    CHECK(text_of(loaded.config.base_url) == "dev");
    CHECK(text_of(loaded.config.postgres_dsn) == "fast");
    CHECK(text_of(loaded.config.sqlite_path) == "own");
    CHECK(text_of(loaded.config.redis_addr) == "file");
    CHECK(vars_of(loaded.config) == "a=file b=dev c=fast d=own e=fast f=own");
    REQUIRE(loaded.config.headers.size() == 2);
    CHECK(loaded.config.headers[1].name == "b");
    CHECK(loaded.config.headers[1].text.source == "dev");
}

TEST_CASE("without a profile or preset theirs are not used") {
    const std::string file = "profiles: {dev: {vars: {a: 1}}}\npresets: {p: {vars: {b: 1}}}\n";
    CHECK(merged_vars(file, "{}").empty());
}

TEST_CASE("presets: one, several, from the file or the profile") {
    const std::string presets = "presets: {p: {vars: {x: p}}, q: {vars: {x: q, y: q}}}\n";
    CHECK(merged_vars(presets, "{vars: {presets: p}}") == "x=p");
    CHECK(merged_vars(presets, "{vars: {presets: [q, p]}}") == "x=p y=q");
    CHECK(merged_vars("config: {vars: {presets: q}}\n" + presets, "{}") == "x=q y=q");
    CHECK(merged_vars("config: {vars: {presets: q}}\n" + presets, "{vars: {presets: []}}").empty());
    CHECK(merged_vars("profiles: {dev: {vars: {presets: p}}}\n" + presets, "{}", "dev") == "x=p");
}

TEST_CASE("presets that are wrong") {
    const std::string presets = "presets: {fast: {}, slow: {}}\n";
    CHECK(load(presets, "{vars: {presets: fats}}").problems ==
          Lines{"a.yaml#1: config.vars.presets: unknown preset `fats`; did you mean `fast`? (line 2, column "
                "26)"});
    CHECK(load(presets, "{vars: {presets: [fast, 5]}}").problems ==
          Lines{"a.yaml#1: config.vars.presets[1]: must be a string, not the integer 5; quote it (line 2, "
                "column 33)"});
    CHECK(
        load("", "{vars: {presets: fast}}").problems ==
        Lines{
            "a.yaml#1: config.vars.presets: no preset `fast`: there is no config file (line 2, column 26)"});
    CHECK(load(presets + "config: {vars: {presets: zzzz}}\n", "{}").problems ==
          Lines{"replay.yaml#1: config.vars.presets: unknown preset `zzzz`; use fast or slow (line 2, column "
                "26)"});
}

TEST_CASE("profiles that are not there") {
    CHECK(load("profiles: {dev: {}, prod: {}}\n", "{}", "prd").problems ==
          Lines{"replay.yaml: unknown profile `prd`; did you mean `prod`?"});
    CHECK(load("", "{}", "dev").problems == Lines{"no profile `dev`: there is no config file"});
}

TEST_CASE("a variable that is replaced keeps its place, so that others see the new value") {
    const std::string file =
        "config: {vars: {host: localhost, url: 'http://{{ host }}'}}\nprofiles: {prod: {vars: {host: "
        "example}}}\n";
    CHECK(merged_vars(file, "{}", "prod") == "host=example url=http://{{ host }}");
    CHECK(merged_vars(file, "{vars: {host: own}}") == "host=own url=http://{{ host }}");
}

TEST_CASE("what a variable uses from its own layer comes before it") {
    const std::string file = "config: {vars: {token: '', other: 1}}\n";
    CHECK(merged_vars(file, "{vars: {user: bob, token: '{{ upper(user) }}-t'}}") ==
          "user=bob token={{ upper(user) }}-t other=1");
    CHECK(merged_vars(file, "{vars: {a: 1, b: '{{ a }}', token: '{{ b }}'}}") ==
          "a=1 b={{ a }} token={{ b }} other=1");
    // A variable that is later in the own layer stays later: it is a mistake, found when the variables are
    // rendered.
    CHECK(merged_vars(file, "{vars: {token: '{{ user }}', user: bob}}") ==
          "token={{ user }} other=1 user=bob");
    CHECK(merged_vars(file, "{vars: {token: '{{ token }}'}}") == "token={{ token }} other=1");
}

TEST_CASE("layers that need each other do not go in a circle") {
    const std::string file =
        "config: {vars: {y: 1, x: '{{ y }}'}}\nprofiles: {p: {vars: {z: 2, y: '{{ z }}'}}}\n";
    CHECK(merged_vars(file, "{vars: {z: '{{ x }}'}}", "p") == "z={{ x }} y={{ z }} x={{ y }}");
}

TEST_CASE("very many variables that use each other") {
    std::string own = "{vars: {v0: 0";
    for (int i = 1; i < 20'000; ++i)
        own += ", v" + std::to_string(i) + ": '{{ v" + std::to_string(i - 1) + " }}'";
    auto loaded = load("config: {vars: {v19999: x}}\n", own + "}}");
    CHECK(loaded.problems == Lines{});
    REQUIRE(loaded.config.vars.size() == 20'000);
    CHECK(loaded.config.vars.front().name == "v0");
    CHECK(loaded.config.vars.back().name == "v19999");
}
