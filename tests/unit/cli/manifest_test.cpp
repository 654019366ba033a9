// Every key is read; every mistake is named with its line and the nearest right key.
#include "tools/project/manifest.h"

#include <chrono>

#include <doctest/doctest.h>

using namespace relux;
using namespace relux::cli;
using namespace std::chrono_literals;

namespace {

Manifest parsed(std::string_view text) {
    auto manifest = parse_manifest(text, "Relux.toml");
    REQUIRE_MESSAGE(manifest, (manifest ? std::string() : manifest.error().message));
    return *manifest;
}

std::string error_of(std::string_view text) {
    auto manifest = parse_manifest(text, "Relux.toml");
    REQUIRE(!manifest);
    return manifest.error().message;
}

}  // namespace

TEST_CASE("an empty file is valid and means the defaults") {
    auto manifest = parsed("");
    CHECK(manifest.name.empty());
    CHECK(manifest.language == frontend::Edition::V0_4);
    CHECK(manifest.shell.command == std::vector<std::string>{"/bin/sh"});
    CHECK(manifest.shell.prompt == "relux> ");
    CHECK(manifest.shell.columns == 65535);
    CHECK(manifest.shell.buffer_limit == 64u << 20);
    CHECK(manifest.timeout.match == 5s);
    CHECK(manifest.timeout.test == 5min);
    CHECK(manifest.timeout.suite == 10min);
    CHECK(manifest.asked_jobs.count == 1);
    CHECK(manifest.flaky_multiplier == 1.5);
    CHECK(manifest.port_range_end == 32767);
}

TEST_CASE("every key is read") {
    auto manifest = parsed(R"(name = "my-suite"
language = "0.8"
[shell]
command = ["/bin/bash", "--norc"]
prompt = "$ "
term = "xterm"
columns = 80
rows = 25
buffer_limit = "512 KiB"
[timeout]
match = "250ms"
test = "1m 30s"
suite = "1h"
[run]
jobs = 0
memory_limit = "96MiB"
[flaky]
max_retries = 3
timeout_multiplier = 2
[available_ports]
range_start = 20000
range_end = 20000
)");
    CHECK(manifest.name == "my-suite");
    CHECK(manifest.language == frontend::Edition::V0_8);
    CHECK(manifest.shell.command == std::vector<std::string>{"/bin/bash", "--norc"});
    CHECK(manifest.shell.prompt == "$ ");
    CHECK(manifest.shell.term == "xterm");
    CHECK(manifest.shell.columns == 80);
    CHECK(manifest.shell.rows == 25);
    CHECK(manifest.shell.buffer_limit == 512u * 1024);
    CHECK(manifest.timeout.match == 250ms);
    CHECK(manifest.timeout.test == 90s);
    CHECK(manifest.timeout.suite == 1h);
    CHECK(manifest.asked_jobs.count == 0);
    CHECK(manifest.memory_limit == std::size_t{96} << 20);
    CHECK(manifest.flaky_retries == 3);
    CHECK(manifest.flaky_multiplier == 2.0);
    CHECK(manifest.port_range_start == 20000);
    CHECK(manifest.port_range_end == 20000);
}

TEST_CASE("a command may be one string, which is not split") {
    CHECK(parsed("shell.command = \"/opt/my shell\"").shell.command ==
          std::vector<std::string>{"/opt/my shell"});
}

TEST_CASE("an unknown key names the nearest one") {
    CHECK(error_of("[shell]\nterm = \"dumb\"\npromt = \"$ \"\n") ==
          "Relux.toml:3: unknown key `promt` in [shell]: did you mean `prompt`?");
    CHECK(error_of("langauge = \"0.4\"\n") ==
          "Relux.toml:1: unknown key `langauge`: did you mean `language`?");
    CHECK(error_of("\n[timeouts]\n") == "Relux.toml:2: unknown key `timeouts`: did you mean `timeout`?");
    CHECK(error_of("max_retries = 2\n") == "Relux.toml:1: unknown key `max_retries`: it belongs in [flaky]");
    CHECK(error_of("[run]\nlanguage = \"0.4\"\n") ==
          "Relux.toml:2: unknown key `language` in [run]: it belongs above the tables");
    CHECK(error_of("[timeout]\nzzz = 1\n") ==
          "Relux.toml:2: unknown key `zzz` in [timeout]: the keys here are `match`, `test`, `suite`");
}

TEST_CASE("values of the wrong type or range are errors with their line") {
    CHECK(error_of("language = 0.4") == "Relux.toml:1: `language` must be \"0.4\" or \"0.8\"");
    CHECK(error_of("run = 1") == "Relux.toml:1: `run` must be a table: [run]");
    CHECK(error_of("[run]\njobs = 1.5").starts_with("Relux.toml:2: `jobs` in [run] must be a whole number"));
    CHECK(error_of("[run]\njobs = \"4\"") ==
          "Relux.toml:2: `jobs` in [run] must be a whole number from 0 to 100000, or \"auto\"");
    CHECK(error_of("[shell]\ncolumns = 65536")
              .starts_with("Relux.toml:2: `columns` in [shell] must be a whole number"));
    CHECK(error_of("[shell]\nrows = 0").starts_with("Relux.toml:2: `rows` in [shell]"));
    CHECK(error_of("[shell]\ncommand = []")
              .starts_with("Relux.toml:2: `command` in [shell] must be a program"));
    CHECK(error_of("[shell]\ncommand = [\n\"sh\",\n1]")
              .starts_with("Relux.toml:4: `command` in [shell] must be"));
    CHECK(
        error_of("[shell]\nprompt = \"\"").starts_with("Relux.toml:2: `prompt` in [shell] must be a string"));
    CHECK(error_of("[shell]\nprompt = \"a\\nb\"")
              .starts_with("Relux.toml:2: `prompt` in [shell] must be a string"));
    CHECK(error_of("[timeout]\nmatch = 5")
              .starts_with("Relux.toml:2: `match` in [timeout] must be a duration in quotes"));
    CHECK(error_of("[timeout]\nmatch = \"5 parsecs\"")
              .starts_with("Relux.toml:2: `match` in [timeout] must be a duration: "));
    CHECK(error_of("[flaky]\ntimeout_multiplier = 1.0").ends_with("must be a number greater than 1"));
    CHECK(error_of("[flaky]\ntimeout_multiplier = inf").ends_with("must be a number greater than 1"));
    CHECK(error_of("[flaky]\nmax_retries = -1").starts_with("Relux.toml:2: `max_retries` in [flaky]"));
    for (auto size : {"\"\"", "\"0B\"", "\"64\"", "\"64 mb\"", "\"MiB\"", "\"99999999999999999999GiB\"",
                      "\"999999999999999GiB\"", "64"}) {
        CAPTURE(size);
        CHECK(error_of("[shell]\nbuffer_limit = " + std::string(size)).find("must be a size in quotes") !=
              std::string::npos);
        CHECK(error_of("[run]\nmemory_limit = " + std::string(size))
                  .starts_with("Relux.toml:2: `memory_limit` in [run] must be a size in quotes"));
    }
    CHECK(error_of("[available_ports]\nrange_start = 2000\nrange_end = 1999") ==
          "Relux.toml:3: [available_ports] is empty: range_start 2000 is above range_end 1999");
}

TEST_CASE("the number of jobs may be left to the machine") {
    const auto manifest = parse_manifest("[run]\njobs = \"auto\"\n", "Relux.toml");
    REQUIRE(manifest);
    CHECK(manifest->asked_jobs.automatic);
    CHECK(manifest->asked_jobs.count == 0);
}

TEST_CASE("all mistakes are listed, a line each") {
    CHECK(error_of("nam = \"x\"\n[run]\njobs = -1\n") ==
          "Relux.toml:1: unknown key `nam`: did you mean `name`?\n"
          "Relux.toml:3: `jobs` in [run] must be a whole number from 0 to 100000, or \"auto\"");
}

TEST_CASE("text that is no TOML is an error with its line") {
    CHECK(error_of("name = \"x\"\n[run\n").starts_with("Relux.toml:2: "));
    CHECK(error_of("name = \xff").starts_with("Relux.toml:1: "));
}
