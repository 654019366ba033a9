#!/usr/bin/env python3
"""The cache of compiled modules and incremental runs: what is done again after which change, and nothing else."""

import json
import os
import re

import cache_writers
from suite_checks import REPOSITORY, Project, run_parts, write

LIBRARY = '''pure fn twice(text) {
    let result = "${text}${text}"
    result
}

pure fn unused(text) {
    text
}

fn greet(name) {
    > echo "hello ${name}"
    <? ^hello (\\w+)$
    $1
}
'''
SERVICE = '''import greetings { greet }

# skip unless "${WITH_SERVICE}" = "yes"
effect Service {
    expect PORT
    expose s
    expose var ADDRESS
    let ADDRESS = "localhost:${PORT}"
    shell s {
        greet("service")
        > echo "listening on ${PORT}"
        <? ^listening on \\d+$
    }
}
'''
PLAIN = '''test "plain" {
    shell s {
        > echo one
        <? ^one$
    }
}
'''
USES = '''import greetings { greet, twice }

test "calls" {
    let wanted = twice("ab")
    shell s {
        greet("world")
        > echo ${wanted}
        <= abab
    }
}
'''
STARTS = '''import service { Service }

test "starts" {
    start Service as Db { PORT = "4000" }
    shell s {
        > echo "${Db.ADDRESS} ${MODE}"
        <? ^localhost:1?4000
        let tool = which("our-tool")
        > echo "tool: ${tool}"
        <? ^tool: /
    }
}
'''
FILES = {"relux/lib/greetings.relux": LIBRARY, "relux/lib/service.relux": SERVICE,
         "relux/tests/plain.relux": PLAIN, "relux/tests/uses.relux": USES, "relux/tests/starts.relux": STARTS}
ALL = {"plain", "calls", "starts"}
MANIFEST = '[run]\ninputs = ["data/**"]\n'


def replace(name, old, new):
    def change(project):
        text = (project.root / name).read_text(encoding="utf-8")
        if old not in text:
            raise ValueError(f"{old} is not in {name}")
        (project.root / name).write_text(text.replace(old, new), encoding="utf-8")
    return change


def fill(project):
    write(project, "Relux.toml", MANIFEST)
    write(project, ".env", "WITH_SERVICE=yes\nMODE=fast\n")
    write(project, "data/deep/one.json", "{}")
    tool = write(project, "bin/our-tool", "#!/bin/sh\n")
    tool.chmod(0o755)
    for name, text in FILES.items():
        write(project, name, text)


def with_tool(project):
    return {"PATH": f"{project.root}/bin:{os.environ['PATH']}"}


def compiled(project, *words, **more):
    """The modules that a build compiled, with the reasons."""
    run = project.run("build", "--why", "-o", "suite.rxb", *words, program="reluxc", **more)
    lines = [line.split(": compiled: ") for line in run.stderr.splitlines() if ": compiled: " in line]
    return run, {name.removeprefix("relux/"): why for name, why in lines}


def check_recompiling(checks, options):
    """What is compiled again after a change."""
    changes = [
        ("nothing", lambda project: None, {}),
        ("the times of a file", lambda project: (project.root / "relux/tests/uses.relux").touch(), {}),
        ("a body", replace("relux/lib/greetings.relux", 'echo "hello ${name}"', 'echo hello "${name}"'), {"lib/greetings.relux"}),
        ("a comment", replace("relux/tests/plain.relux", "test", "// a comment\ntest"), {"tests/plain.relux"}),
        ("an interface", replace("relux/lib/greetings.relux", "fn unused(text)", "fn unused(text, more)"),
         {"lib/greetings.relux", "lib/service.relux", "tests/uses.relux"}),
        ("a warning, and below it a body", lambda project: (
            replace("relux/tests/starts.relux", "let tool", 'let spare = "1"\n        let tool')(project),
            replace("relux/lib/greetings.relux", "    $1", "    // the name\n    $1")(project)),
         {"lib/greetings.relux", "tests/starts.relux"}),
        ("nothing, with a warning to show", lambda project: None, {"tests/starts.relux"}),
        ("going back to what was there before", replace("relux/tests/starts.relux", 'let spare = "1"\n        ', ""), {}),
        ("an effect's expectation", replace("relux/lib/service.relux", "expect PORT\n", "expect PORT\n    expect MODE\n"),
         {"lib/service.relux", "tests/starts.relux"}),
        ("a variable that an expectation needs", replace(".env", "MODE=fast\n", ""),
         {"lib/service.relux", "tests/starts.relux"}),
    ]
    with Project(options.binaries) as project:
        fill(project)
        run, first = compiled(project)
        checks.check("cold: all five modules are compiled", run.status == 0 and len(first) == 5, run.said())
        for name, change, expected in changes:
            change(project)
            run, again = compiled(project)
            missing = name == "a variable that an expectation needs"
            good = run.status == (1 if missing else 0)
            if missing:
                good = good and "expects MODE" in run.stderr
                again = again if not good else {module: "" for module in expected}
            checks.check(f"recompiled after {name}: {sorted(expected)}", good and set(again) == set(expected),
                         f"{again} {run.said()}")
            if name == "an interface":
                checks.check("the reason names the interface", "the interface of relux/lib/greetings.relux has changed"
                             in again.get("tests/uses.relux", ""), f"{again}")


def check_equal(checks, options):
    """Whatever the cache does, the archive is the same, byte for byte; also built elsewhere."""
    with Project(options.binaries) as project, Project(options.binaries) as other:
        for one in (project, other):
            fill(one)
        project.run("build", "--no-cache", "-o", "cold.rxb", program="reluxc")
        for name in ("first.rxb", "second.rxb"):
            project.run("build", "-o", name, program="reluxc")
        files = [(project.root / name).read_bytes() for name in ("cold.rxb", "first.rxb", "second.rxb")]
        checks.check("archives with and without the cache are equal", files[0] == files[1] == files[2])
        moved = other.run("build", "-o", "cold.rxb", program="reluxc",
                          extra_environment={"XDG_CACHE_HOME": str(project.parent / "cache")})
        dump = [one.run("dump", "--bytecode", one.root / "cold.rxb", program="reluxc").stdout for one in (project, other)]
        checks.check("another directory: the same modules, out of the same cache", moved.status == 0 and dump[0] == dump[1]
                     and dump[0], f"{moved.said()}")


FOLDED = '''import greetings { twice }

pure fn route(path) {
    let joined = "/api/${path}"
    joined
}

test "folds" {
    let wanted = twice("ab")
    shell s {
        let path = route(lower("USERS"))
        > echo ${path} ${wanted}
        <? ^${path} a
    }
}
'''
REMARKS = [
    '9:18: remark: not evaluated: twice("ab"): twice/1 is a function of relux/lib/greetings.relux, whose body may '
    'change without this module being compiled again',
    '11:26: remark: evaluated: lower("USERS") is "users"',
    '11:20: remark: evaluated: route("users") is "/api/users"',
    '13:12: remark: folded: "^/api/users a"',
    '13:9: remark: static pattern: /^/api/users a/',
]


def check_folding(checks, options):
    """What the compiler evaluates is told on demand, is the same every time, and leaves its events."""
    with Project(options.binaries) as project:
        fill(project)
        test = write(project, "relux/tests/folds.relux", FOLDED)

        def build(name, *words):
            return project.run("build", "-o", name, *words, program="reluxc")
        quiet = build("quiet.rxb")
        checks.check("no remarks unless asked for", quiet.status == 0 and "remark" not in quiet.stderr, quiet.said())
        told = build("told.rxb", "--remarks", "--why")
        lines = [line.removeprefix("relux/tests/folds.relux:") for line in told.stderr.splitlines() if ": remark: " in line
                 and "folds.relux" in line]
        checks.check("--remarks tells, also of what is cached", lines == sorted(REMARKS, key=lambda line: [
            int(part) for part in line.split(":")[:2]]), f"{lines}")
        checks.check("--remarks compiles everything anew", "folds.relux: compiled: --remarks" in told.stderr, told.said())
        build("again.rxb", "--no-cache")
        bytes_of = [(project.root / name).read_bytes() for name in ("quiet.rxb", "told.rxb", "again.rxb")]
        checks.check("with and without --remarks: the same bytes", bytes_of[0] == bytes_of[1] == bytes_of[2])

        def events():
            run = project.run("run", test)
            log = run.log_directory("folds") / "events.json"
            return run, json.loads(log.read_text(encoding="utf-8")) if run.tests else {"spans": {}, "events": []}
        run, log = events()
        calls = [(span["name"], [value for _, value in span["args"]], span["callee_kind"], span["result"],
                  span["location"]["line"]) for span in log["spans"].values() if span["kind"] == "fn-call" and span["is_pure"]]
        checks.check("calls that were evaluated are in the log", calls == [
            ("twice", ["ab"], "user", "abab", 9), ("lower", ["USERS"], "bif", "users", 11),
            ("route", ["users"], "user", "/api/users", 11)], f"{calls} {run.said()}")
        inside = [span["id"] for span in log["spans"].values() if span.get("name") == "route"]
        found = [(event["kind"], event["source"]["line"]) for event in log["events"] if event["span"] in inside]
        checks.check("with all that happens inside", found == [("interpolation", 4), ("var-let", 4), ("var-read", 5)], f"{found}")
        replace("relux/tests/folds.relux", '"/api/${path}"', '"/v2/${path}"')(project)
        replace("relux/lib/greetings.relux", '"${text}${text}"', '"a${text}"')(project)
        run, log = events()
        sent = [event["data"] for event in log["events"] if event["kind"] == "send"]
        checks.check("after changes: the values of now", run.status == 0 and sent[:1] == ["echo /v2/users aab"],
                     f"{sent} {run.said()}")
        replace("relux/tests/folds.relux", "pure fn", "# skip if NO_ROUTE\npure fn")(project)
        checks.check("the marker of a function that was evaluated decides about the test",
                     project.run("run", test, extra_environment={"NO_ROUTE": "1"}).outcome("folds") == "skipped"
                     and project.run("run", test).outcome("folds") == "pass")
        run = project.run("run", "--incremental", test)
        checks.check("incremental: nothing has changed", project.run("run", "--incremental", test).stdout.count("cached")
                     + project.run("run", "--incremental", test).stderr.count("cached") > 0, run.said())
        replace("relux/tests/folds.relux", "joined\n}", 'trim("${joined} ")\n}')(project)
        why = project.run("run", "--incremental", "--why", "folds", test)
        checks.check("incremental: the body of a function that was evaluated", "route/1" in why.stdout + why.stderr
                     or "itself has changed" in why.stdout + why.stderr, why.said() + why.stdout)


def check_damage(checks, options):
    """Entries that are damaged, cut short, foreign or unreadable are as if they were not there."""
    def flip(file):
        data = bytearray(file.read_bytes())
        for at in range(8, len(data), max(1, len(data) // 64)):
            data[at] ^= 0x41
        file.write_bytes(data)
    harms = {
        "every sixtieth byte changed": flip,
        "cut in half": lambda file: file.write_bytes(file.read_bytes()[:file.stat().st_size // 2]),
        "empty": lambda file: file.write_bytes(b""),
        "text": lambda file: file.write_text("hello\n" * 100),
        "of another version": lambda file: file.write_bytes(
            file.read_bytes()[:16] + b"0" * 32 + file.read_bytes()[48:]),
        "a module damaged": lambda file: file.write_bytes(
            file.read_bytes()[:200] + bytes(40) + file.read_bytes()[240:]),
    }
    for name, harm in harms.items():
        with Project(options.binaries) as project:
            fill(project)
            project.run("run", extra_environment=with_tool(project))
            packs = list((project.parent / "cache" / "relux").rglob("*.rxp"))
            for pack in packs:
                harm(pack)
            for stamps in (project.parent / "cache" / "relux").rglob("*.stamps"):
                harm(stamps)
            run = project.run("run", extra_environment=with_tool(project))
            checks.check(f"cache {name}: the run is as ever", packs and run.status == 0 and len(run.tests) == 3, run.said())
            run, again = compiled(project)
            checks.check(f"cache {name}: the build is as ever", run.status == 0, run.said())
            info = project.run("cache", "info")
            checks.check(f"cache {name}: info", info.status == 0 and "holds: " in info.stdout, info.stdout)
    with Project(options.binaries) as project:
        fill(project)
        (project.parent / "cache").mkdir()
        (project.parent / "cache" / "relux").write_text("a file, not a directory")
        run = project.run("run", extra_environment=with_tool(project))
        checks.check("a cache that can't be written: a warning, and the run", run.status == 0
                     and "nothing is cached" in run.stderr, run.said())


def check_cleaning(checks, options):
    with Project(options.binaries) as project:
        fill(project)
        project.run("run")
        directory = project.parent / "cache" / "relux"
        foreign = directory / "somebody's own.txt"
        foreign.write_text("kept")
        info = project.run("cache", "info")
        checks.check("cache info counts modules", "holds: 5 modules in 1 file" in info.stdout and str(directory) in info.stdout,
                     info.stdout)
        clean = project.run("cache", "clean")
        checks.check("cache clean removes what the cache has written, and nothing else",
                     clean.status == 0 and [file.name for file in directory.iterdir()] == [foreign.name], clean.said())
        checks.check("cache clean again", project.run("cache", "clean").status == 0)
        run = project.run("run", "--cache-dir", "own-cache", extra_environment=with_tool(project))
        checks.check("--cache-dir", run.status == 0 and list((project.root / "own-cache").rglob("*.rxp")), run.said())
        run = project.run("run", extra_environment={"RELUX_CACHE_LIMIT": "much"})
        checks.check("a limit that is none", run.status == 2 and "RELUX_CACHE_LIMIT" in run.stderr, run.said())
        limit = {"RELUX_CACHE_LIMIT": "20KB"}
        for number in range(30):
            replace("relux/tests/plain.relux", 'echo one', f'echo one; : {number}')(project)
            replace("relux/tests/plain.relux", f'echo one; : {number}', 'echo one')(project)
            write(project, "relux/tests/more.relux", PLAIN.replace("plain", f"more {number}"))
            project.run("run", "--list", extra_environment=limit)
        (directory / "trimmed").touch()
        os.utime(directory / "trimmed", (1_600_000_000, 1_600_000_000))
        whole = sum(file.stat().st_size for file in directory.rglob("*.rxp"))
        project.run("run", extra_environment=limit | with_tool(project))
        size = sum(file.stat().st_size for file in directory.rglob("*.rxp"))
        checks.check("the cache is trimmed to its limit when that is due", 0 < size <= 20_000 < whole, f"{whole}, then {size} bytes")
        for number in range(40):
            write(project, "relux/tests/more.relux", PLAIN.replace("plain", f"yet more {number}"))
            project.run("run", "--list")
        count = len(list(directory.rglob("*.rxp")))
        checks.check("many small changes don't leave many files", 0 < count <= 18, f"{count} files")


def check_writers(checks, options):
    """Sixteen at once on an empty cache, and writers that are killed."""
    with Project(options.binaries) as project:
        fill(project)
        cache_writers.add_bulk(project)
        cache_writers.check_many_writers(checks, project, 50 if options.soak else 3)
        cache_writers.check_killed_writers(checks, project, 200 if options.soak else 20)


def ran(run):
    """The names of the tests that were run, not taken from before."""
    cached = re.findall(r"^test \S+/(\S+): ok \(cached\)$", run.stderr, re.MULTILINE)
    return {name for name in run.tests} - set(cached)


def check_incremental(checks, options):
    """Each change, and the tests that it makes run again."""
    changes = [
        ("nothing", lambda project: None, set(), ""),
        ("a comment", replace("relux/lib/greetings.relux", "fn greet", "// says hello\nfn greet"), set(), ""),
        ("a docstring", replace("relux/tests/plain.relux", 'test "plain" {', 'test "plain" {\n    """What it does."""'),
         set(), ""),
        ("the order of functions", lambda project: write(project, "relux/lib/greetings.relux", "\n".join(
            reversed((project.root / "relux/lib/greetings.relux").read_text().split("\n\n")))), set(), ""),
        ("an unused function", replace("relux/lib/greetings.relux", "    text\n}", '    "${text}!"\n}'), set(), ""),
        ("the body of a function", replace("relux/lib/greetings.relux", 'echo "hello ${name}"', 'echo hello "${name}"'),
         {"calls", "starts"}, "fn greet/1 of relux/lib/greetings.relux has changed"),
        ("a pure function", replace("relux/lib/greetings.relux", '"${text}${text}"', '"${text}${text}${nothing}"'), {"calls"}, "fn twice/1"),
        ("a test", replace("relux/tests/plain.relux", "<? ^one$", "<? ^one"), {"plain"}, "the test itself has changed"),
        ("an overlay", replace("relux/tests/starts.relux", 'PORT = "4000"', 'PORT = "${NUMBER_OF_PORT}4000"'), {"starts"}, "the test itself"),
        ("an effect", replace("relux/lib/service.relux", "listening on ${PORT}", "listening on ${PORT}${nothing}"), {"starts"}, "effect Service"),
        ("an interface that nobody uses", replace("relux/lib/greetings.relux", "pure fn unused(text)",
                                                  "pure fn unused(text, other)"), set(), ""),
        ("a variable of .env that a test reads", replace(".env", "MODE=fast", "MODE=slow"), {"starts"}, "variable MODE"),
        ("a variable of .env that nobody reads", replace(".env", "MODE=slow", "MODE=slow\nOTHER=1"), set(), ""),
        ("a variable that was not set", replace(".env", "OTHER=1", "NUMBER_OF_PORT=1"), {"starts"},
         "variable NUMBER_OF_PORT"),
        ("a marker's variable", replace(".env", "WITH_SERVICE=yes", 'WITH_SERVICE="yes "'), {"starts"},
         "variable WITH_SERVICE"),
        ("the marker's variable set back", replace(".env", 'WITH_SERVICE="yes "', "WITH_SERVICE=yes"), {"starts"},
         "it did not pass"),
        ("an input file", lambda project: write(project, "data/deep/one.json", "[]"), ALL, "input data/deep/one.json"),
        ("one more input file", lambda project: write(project, "data/two.json", "[]"), ALL, "input data/"),
        ("a setting", lambda project: write(project, "Relux.toml", MANIFEST + '[timeout]\nmatch = "6s"\n'), ALL,
         "setting [timeout] match has changed"),
        ("a setting that does not matter", lambda project: write(
            project, "Relux.toml", MANIFEST.replace("[run]", "[run]\njobs = 2") + '[timeout]\nmatch = "6s"\n'), set(), ""),
        ("the shell", lambda project: write(project, "Relux.toml", MANIFEST + '[timeout]\nmatch = "6s"\n'
                                            '[shell]\ncommand = "/bin/bash"\n'), ALL, "setting [shell] command"),
        ("the executable that which() found", lambda project: write(project, "bin/our-tool", "#!/bin/sh\n: newer\n"),
         {"starts"}, "executable our-tool has changed"),
    ]
    with Project(options.binaries) as project:
        fill(project)

        def run_it(*words):
            return project.run("run", "--incremental", *words, extra_environment=with_tool(project))

        first = run_it("--junit", "--tap")
        checks.check("incremental: the first run runs all", first.status == 0 and ran(first) == ALL, first.said())
        for name, change, expected, reason in changes:
            change(project)
            told = ""
            for test in sorted(expected):
                told += project.run("run", "--incremental", "--why", test, extra_environment=with_tool(project)).stdout
            run = run_it()
            checks.check(f"after {name}: {sorted(expected) or 'nothing'} again", ran(run) == expected, run.said())
            checks.check(f"after {name}: --why says so", reason in told, told)
            if name == "a marker's variable":
                checks.check("a test that is skipped is not taken for one that passed",
                             run.outcome("starts") == "skipped", run.said())
        check_incremental_reports(checks, project, run_it)


# The key of a row of settings.def, with its table if that is not in the name of the row, and whether it counts.
SETTING = re.compile(r'^(?:(PROJECT|SHELL|TIMEOUT)_KEY\((\w+)|KEY\((\w+), (\w+)),.*?[\s,](Outcomes|Nothing),', re.M | re.S)
# Other values of keys whose defaults are words.
WORDS = {"name": '"other"', "language": '"0.8"', "command": '"/bin/bash"', "prompt": '"ready> "', "term": '"xterm"',
         "memory_limit": '"1GiB"', "leftover": '"fail"', "mode": '"0750"', "environment": '"all"'}


def another_value(key, default):
    """A value that the key may have, and does not have by default."""
    if key in WORDS:
        return WORDS[key]
    if default in ("true", "false", "[]"):
        return {"true": "false", "false": "true", "[]": '["other"]'}[default]
    # 65535 can't become more, nor the multiplier less; of a time-out or a size the number in front of the unit.
    return re.sub(r"\d+", lambda number: str(int(number[0]) + (-1 if int(number[0]) > 1000 else 1)), default, count=1)


def influences():
    """By table and key, which is empty above the tables: Outcomes or Nothing."""
    rows = SETTING.findall((REPOSITORY / "vm" / "run" / "settings.def").read_text(encoding="utf-8"))
    return {(table or row.lower().replace("project", ""), own or key): influence
            for row, own, table, key, influence in rows}


def check_settings(checks, options):
    """A change of each key of Relux.toml: only one that counts makes a test run again, and --why names it."""
    expected = influences()
    with Project(options.binaries) as project:
        project.run("init")
        lines = (project.root / "Relux.toml").read_text(encoding="utf-8")
        write(project, "relux/tests/plain.relux",
              'test "plain" {\n    shell s {\n        > echo one\n        <? ^one$\n    }\n}\n')
        write(project, "Relux.toml", "")
        first = project.run("run", "--incremental")
        checks.check("settings: the test passes", first.status == 0, first.said())
        table = ""
        seen = set()
        for header, key, default in re.findall(r"^# (?:\[(\w+)\]$|(\w+) = (.*?)(?: +# .*)?$)", lines, re.M):
            table = header or table
            if header:
                continue
            seen.add((table, key))
            shown = f"[{table}] {key}" if table else key
            value = another_value(key, default)
            write(project, "Relux.toml", (f"[{table}]\n" if table else "") + f"{key} = {value}\n")
            why = project.run("run", "--incremental", "--why", "plain")
            told = f"runs: setting {shown} has changed" in why.stdout
            checks.check(f"settings: {shown} counts only if its row says so",
                         why.status == 0 and told == (expected[table, key] == "Outcomes"),
                         f"{value}: {why.stdout}{why.stderr}")
        checks.check("settings: `relux init` has every key", seen == set(expected), f"{seen ^ set(expected)}")


def check_incremental_reports(checks, project, run_it):
    run = run_it("--junit", "--tap")
    checks.check("cached: counted as passed", run.status == 0 and "3 passed" in run.stderr and not ran(run), run.said())
    checks.check("cached: marked in the summary", all("unchanged since" in test.get("cached", "")
                                                      for test in run.tests.values()), f"{run.tests}")
    for report in ("junit.xml", "results.tap", "index.html"):
        text = (run.directory / report).read_text(encoding="utf-8")
        checks.check(f"cached: marked in {report}", text.count("unchanged since") == 3, text)
    lines = re.findall(r'<testcase name="([^"]*)" .* line="([1-9][0-9]*)"', (run.directory / "junit.xml").read_text(encoding="utf-8"))
    checks.check("cached: with the line of each in every report", len(lines) == 3 and {name: int(line) for name, line in lines}
                 == {name: test.get("line") for name, test in run.tests.items()}, f"{lines} {run.tests}")
    run = project.run("run", "--incremental", "--why", "starts", extra_environment=with_tool(project))
    for word in ("does not run", "effect Service of relux/lib/service.relux", "variable MODE", "executable our-tool",
                 "input data/two.json", "setting [shell] command", "last time: "):
        checks.check(f"--why tells {word}", word in run.stdout, run.stdout)
    run = run_it("--force")
    checks.check("--force runs everything", ran(run) == ALL, run.said())
    run = project.run("run", extra_environment=with_tool(project))
    checks.check("without the flag everything runs", ran(run) == ALL, run.said())
    state = project.root / "relux" / "out" / "incremental.state"
    for name, data in (("damaged", b"\x89RXI" + bytes(100)), ("empty", b""), ("cut", state.read_bytes()[:-20])):
        state.write_bytes(data)
        run = run_it()
        checks.check(f"a state that is {name}: everything runs", run.status == 0 and ran(run) == ALL, run.said())
    write(project, "relux/tests/plain.relux", PLAIN.replace("^one$", "^two$").replace("<?", "<~100ms?"))
    checks.check("a test that fails", run_it().outcome("plain") == "fail")
    again = run_it()
    checks.check("a failed test is never taken from before", ran(again) == {"plain"}, again.said())
    counted = PLAIN.replace('test "plain"', '# flaky\ntest "plain"').replace(
        "echo one", 'test -e "${__RELUX_SUITE_ROOT}/tried" && echo one; touch "${__RELUX_SUITE_ROOT}/tried"').replace(
            "<?", "<~100ms?")
    write(project, "relux/tests/plain.relux", counted)
    flaky = run_it("--flaky-retries", "2")
    checks.check("a flaky test passes at the second attempt", flaky.outcome("plain") == "pass", flaky.said())
    again = run_it("--flaky-retries", "2")
    checks.check("a flaky pass is not taken from before", ran(again) == {"plain"}, again.said())
    for words in (("--why", "plain"), ("--force",)):
        run = project.run("run", *words)
        checks.check(f"refused: {words[0]} without --incremental", run.status == 2, run.said())
    run = project.run("run", "--incremental", "--why", "no such test")
    checks.check("refused: --why of an unknown test", run.status == 2 and "no such test" in run.stderr, run.said())


def main():
    run_parts(__doc__, (check_recompiling, check_equal, check_folding, check_damage, check_cleaning, check_incremental,
                       check_settings, check_writers),
              soak="50 times sixteen writers at once, 200 writers that are killed")


if __name__ == "__main__":
    main()
