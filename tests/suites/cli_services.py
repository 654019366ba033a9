"""What CI services and terminals tell a run, and what it tells them: Bazel, GitLab, GitHub, NO_COLOR, CI."""

import re

from cli_support import (KEYS, Terminal, failing, junit_cases, listed, passing, refused, relux, shards, skipped,
                         suite_to_choose_from, write)
from suite_checks import Project


def check_bazel(checks, project):
    parts = []
    for index in range(3):
        status_file = project.parent / f"status-{index}"
        run = relux(project, "run", "--list", environment={
            "TEST_SHARD_INDEX": str(index), "TEST_TOTAL_SHARDS": "3", "TEST_SHARD_STATUS_FILE": str(status_file)})
        checks.check(f"Bazel: shard {index} says that it is one", run.status == 0 and status_file.exists()
                     and "TEST_SHARD_INDEX" in run.stderr, run.said())
        parts.append(listed(run))
    checks.check("Bazel: the shards are those of --shard", parts == shards(project, 3)[0] and all(parts), f"{parts}")
    bazel = {"TEST_SHARD_INDEX": "1", "TEST_TOTAL_SHARDS": "3"}
    run = relux(project, "run", "--list", "--shard", "1/3", environment=bazel)
    checks.check("Bazel: --shard beats the environment", listed(run) == parts[0], run.stdout)
    whole = sorted(KEYS)
    for name, environment in (("one shard", {"TEST_SHARD_INDEX": "0", "TEST_TOTAL_SHARDS": "1"}),
                              ("no index", {"TEST_TOTAL_SHARDS": "3"}), ("no total", {"TEST_SHARD_INDEX": "2"}),
                              ("empty", {"TEST_SHARD_INDEX": "", "TEST_TOTAL_SHARDS": ""})):
        run = relux(project, "run", "--list", environment=environment)
        checks.check(f"Bazel: {name} is no part", sorted(listed(run)) == whole, run.stdout + run.said())
    for environment, said in (({"TEST_SHARD_INDEX": "3", "TEST_TOTAL_SHARDS": "3"}, "TEST_SHARD_INDEX=3"),
                              ({"TEST_SHARD_INDEX": "x", "TEST_TOTAL_SHARDS": "3"}, "TEST_SHARD_INDEX is `x`"),
                              ({"TEST_SHARD_INDEX": "0", "TEST_TOTAL_SHARDS": "-2"}, "TEST_TOTAL_SHARDS is `-2`"),
                              (bazel | {"TEST_SHARD_STATUS_FILE": "/nowhere/status"}, "/nowhere/status")):
        refused(checks, f"Bazel: {environment}", relux(project, "run", environment=environment), said)
    xml = project.parent / "test.xml"
    run = relux(project, "run", environment=bazel | {"XML_OUTPUT_FILE": str(xml)})
    checks.check("Bazel: XML_OUTPUT_FILE is written, and no junit.xml", run.status == 0 and run.directory is not None
                 and not (run.directory / "junit.xml").exists(), run.said())
    checks.check("Bazel: with the tests of the shard", sorted(junit_cases(checks, "Bazel", xml)) == sorted(parts[1]))
    run = relux(project, "run", environment={"XML_OUTPUT_FILE": "/nowhere/test.xml"})
    checks.check("Bazel: an XML_OUTPUT_FILE that can't be written is no success", run.status == 2
                 and "/nowhere/test.xml" in run.stderr, run.said())


def check_gitlab(checks, project):
    parts = [listed(relux(project, "run", "--list", environment={"CI_NODE_INDEX": str(index), "CI_NODE_TOTAL": "2"}))
             for index in (1, 2)]
    checks.check("GitLab: the shards are those of --shard", parts == shards(project, 2)[0] and all(parts), f"{parts}")
    run = relux(project, "run", "--list", environment={"CI_NODE_TOTAL": "1"})
    checks.check("GitLab: without `parallel` it is no part", sorted(listed(run)) == sorted(KEYS), run.stdout)
    for index in ("0", "3", "two"):
        refused(checks, f"GitLab: CI_NODE_INDEX={index}", relux(
            project, "run", environment={"CI_NODE_INDEX": index, "CI_NODE_TOTAL": "2"}), "CI_NODE_INDEX")


MANY_WAYS = '''test "a, b: 100%" {
    let word = "left, 50%2C: one"
    shell s {
        word ? ^right, 50%: two$
    }
}
# flaky
test "second time" {
    shell s {
        > cd "$__RELUX_SUITE_ROOT" && if test -e tried; then rm tried; else touch tried; false; fi
        match_ok()
    }
}
'''


def unescaped(text):
    for code, character in (("%0A", "\n"), ("%0D", "\r"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, character)
    return text


def annotations(text):
    """(level, properties, message) as GitHub's runner reads them."""
    found = []
    for level, properties, message in re.findall(r"^::(error|warning) ([^\n]*?)::(.*)$", text, re.MULTILINE):
        pairs = dict(pair.split("=", 1) for pair in properties.split(","))
        found.append((level, {name: unescaped(value) for name, value in pairs.items()}, unescaped(message)))
    return found


def check_github(checks, options):
    with Project(options.binaries) as project:
        write(project, "Relux.toml", 'name = "a | suite"\n[flaky]\nmax_retries = 1\n')
        write(project, "relux/tests/deep/ways.relux", MANY_WAYS + passing("good") + skipped("left out"))
        write(project, "relux/tests/broken.relux", 'test "broken" {\n')
        summary = project.parent / "summary.md"
        summary.write_text("what another step wrote\n", encoding="utf-8")
        github = {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(project.parent), "CI": "true",
                  "GITHUB_STEP_SUMMARY": str(summary)}
        run = relux(project, "run", environment=github)
        found = annotations(run.stderr)
        checks.check("GitHub: an annotation for each that is not good", run.status == 1
                     and [(level, place["file"]) for level, place, _ in found] ==
                     [("error", "project/relux/tests/broken.relux"), ("error", "project/relux/tests/deep/ways.relux"),
                      ("warning", "project/relux/tests/deep/ways.relux")], run.stderr)
        if len(found) == 3:
            _, place, message = found[1]
            checks.check("GitHub: the line of the failure", (place["line"], place["col"]) == ("4", "9"), f"{place}")
            checks.check("GitHub: the words of the failure, whatever they hold", "left, 50%2C: one" in message
                         and "right, 50%: two" in message, message)
            checks.check("GitHub: the test is the title", place["title"] == "deep/ways.relux/a--b--100",
                         f"{place}")
            checks.check("GitHub: a flaky test is a warning", found[2][2] == "passed after 1 retry", f"{found[2]}")
        text = summary.read_text(encoding="utf-8")
        checks.check("GitHub: the summary is added to", text.startswith("what another step wrote\n###"), text)
        checks.check("GitHub: the summary has the counts", "\n| 2 | 1 | 0 | 1 | 1 | " in text, text)
        checks.check("GitHub: the summary has what did not pass",
                     text.count("\n| deep/ways.relux/a--b--100 | fail | ") == 1
                     and text.count("\n| broken.relux/broken | invalid | ") == 1, text)
        checks.check("GitHub: no name breaks the table", "a \\| suite" in text, text)
        relux(project, "run", environment=github)
        checks.check("GitHub: a second run is added too", summary.read_text(encoding="utf-8").count("### Relux") == 2)
        run = relux(project, "run", environment={"GITHUB_STEP_SUMMARY": "/nowhere/summary"})
        checks.check("GitHub: a summary that can't be written is a warning", run.status == 1
                     and "warning: cannot write /nowhere/summary" in run.stderr, run.said())
        checks.check("GitHub: elsewhere there are no annotations", not annotations(run.stderr), run.stderr)
        run = relux(project, "run", "-k", "good", environment={"GITHUB_STEP_SUMMARY": "/nowhere/summary"})
        checks.check("GitHub: and a success stays one", run.status == 0, run.said())


def on_terminal(project, *words, **environment):
    """(status, output) of a command on a terminal that has colours."""
    with Terminal([project.binaries / "relux", *words], project.root,
                  project.environment({"TERM": "xterm-256color"} | environment)) as terminal:
        return terminal.to_end()


def check_terminals(checks, options):
    escape = "\x1b"
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        write(project, "relux/tests/mixed.relux", passing("good") + failing("bad"))
        line = re.compile(r"^test mixed\.relux/good: \|\.\. ok \(", re.MULTILINE)
        result = re.compile(r"^test result: FAILED\. 1 passed; 1 failed; finished in ", re.MULTILINE)
        redirected = relux(project, "run")
        checks.check("redirected: plain lines without colours", line.search(redirected.stderr)
                     and escape not in redirected.stderr and redirected.stderr.startswith("running 2 tests\n"),
                     redirected.stderr)
        cases = (("live view", [], {}, True, True), ("--progress plain", ["--progress", "plain"], {}, False, True),
                 ("CI", [], {"CI": "true"}, False, True),
                 ("NO_COLOR and CI", [], {"CI": "true", "NO_COLOR": "1"}, False, False),
                 ("NO_COLOR and --progress plain", ["--progress=plain"], {"NO_COLOR": "1"}, False, False),
                 ("an empty NO_COLOR", ["--progress=plain"], {"NO_COLOR": ""}, False, True),
                 ("a dumb terminal", [], {"TERM": "dumb"}, False, False),
                 ("--progress tui in CI", ["--progress", "tui"], {"CI": "1"}, True, True))
        for name, words, environment, live, colours in cases:
            status, output = on_terminal(project, "run", *words, **environment)
            output = output.replace("\r\n", "\n")
            # Colours end in m; all else moves the cursor or erases.
            moves = re.findall(r"\x1b\[[0-9;?]*[A-La-ln-z]", output)
            checks.check(f"terminal, {name}: {'live' if live else 'plain'}", status == 1 and bool(moves) == live,
                         f"{status} {output!r}")
            checks.check(f"terminal, {name}: colours", bool(re.search(r"\x1b\[[0-9;]*m", output)) == colours,
                         f"{output!r}")
            checks.check(f"terminal, {name}: the lines at the end", result.search(output) and
                         (live or line.search(output)), f"{output!r}")
        run = relux(project, "run", "--progress", "tui")
        checks.check("redirected: --progress tui says that it can't", run.status == 1
                     and "needs a terminal" in run.stderr and line.search(run.stderr), run.said())


def check_services(checks, options):
    with Project(options.binaries) as project:
        suite_to_choose_from(project)
        check_bazel(checks, project)
    with Project(options.binaries) as project:
        suite_to_choose_from(project)
        check_gitlab(checks, project)
