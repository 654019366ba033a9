#!/usr/bin/env python3
"""Runs the examples of the time-outs chapter, and what must time out at -m 0.5, 1 and 3: `~` scales, `@` does not."""

import json
import re

from suite_checks import SUITES, Project, check_outcomes, run_parts, tests_in

MULTIPLIERS = (0.5, 1, 3)
# A time-out never fires early. The summary has whole milliseconds, hence the one; and a match begins a moment before its
# event is written.
EARLY = 0.001


def documented(name):
    """(seconds, is scaled) of a test in fires.relux."""
    found = re.match(r"(scaled|fixed) (\d+)ms:", name)
    if found:
        return int(found[2]) / 1000, found[1] == "scaled"
    assert name == "shell timeout fires within bound", name
    return 1.0, True


def events_of(run, name):
    return json.loads((run.log_directory(name) / "events.json").read_text(encoding="utf-8"))


def waited(run, name):
    """How long the match that timed out has waited, in seconds: what starts the shell before it is no part of that. For
    the time-out of a test the whole of it counts."""
    starts = {"match-start", "multi-match-start"}
    began = None
    for event in events_of(run, name)["events"]:
        if event["kind"] in starts:
            began = event["ts"]
        if event["kind"] in ("timeout", "multi-match-timeout") and began is not None:
            return (event["ts"] - began) / 1000
    return run.seconds_of(name)


def check_durations(checks, name, runs):
    """`runs` by multiplier. What applied is exact, and nothing fires before it. That nothing fires late is a matter of
    virtual time (tests/virtual_time/timeout_test.cpp): here the machine may be as slow as it likes."""
    seconds, scaled = documented(name)
    for m in MULTIPLIERS:
        applies = seconds * m if scaled else seconds
        timeout = events_of(runs[m], name)["outcome"]["timeout"]
        took = waited(runs[m], name)
        checks.check(f"{name}: applies at -m {m}", timeout["effective"] == round(applies * 1000) and
                     timeout["kind"] == ("tolerance" if scaled else "assertion"), f"{timeout}")
        checks.check(f"{name}: not early at -m {m}", took >= applies - EARLY, f"{took:.3f} s")


def run_fires(checks, project, files, file):
    """The tests of a file, all of which just wait, for each multiplier, checked by their names."""
    runs = {}
    for m in MULTIPLIERS:
        # At once, so that three runs take as long as three of them.
        runs[m] = project.run("run", "-m", m, "-j", 12, files / file)
        checks.check(f"{file} at -m {m}: exit status 1", runs[m].status == 1, runs[m].said())
        check_outcomes(checks, runs[m], f"{file} at -m {m}", lambda name: "fail")
    names = list(runs[1].tests)
    checks.check(f"{file}: every test was reported", len(names) == tests_in_file(files / file), f"{names}")
    for name in names:
        if all(run.outcome(name) == "fail" for run in runs.values()):
            check_kind(checks, name, runs[1].tests[name])
            check_durations(checks, name, runs)


def check_fires(checks, options):
    with Project(options.binaries, SUITES / "timeouts_fail") as project:
        files = project.root / "relux" / "tests"
        run_fires(checks, project, files, "fires.relux")
        short = project.run("run", "-j", 4, files / "short.relux")
        check_outcomes(checks, short, "short", lambda name: "fail")
        # It is also how long shells may take to start, so it is for this file alone.
        manifest = project.root / "Relux.toml"
        manifest.write_text(manifest.read_text(encoding="utf-8").replace('match = "60s"', 'match = "3s"'), encoding="utf-8")
        run_fires(checks, project, files, "configured.relux")
        project.check_nothing_left(checks, "fires")


def tests_in_file(file):
    return file.read_text(encoding="utf-8").count('\ntest "')


def check_kind(checks, name, test):
    """Whose time-out it was: the match's or the test's."""
    words = "match timeout in shell"
    if "test" in name.partition(":")[2] or "on test" in name:
        words = r"test timeout \(.*\) exceeded"
    elif "multimatch" in name:
        words = "multimatch did not satisfy all patterns in shell"
    checks.check(f"{name}: says {words}", re.search(words, test.get("failure_summary", "")), f"{test}")


def check_examples(checks, options):
    source = SUITES / "timeouts"
    with Project(options.binaries, source) as project:
        for m in (1, 3):
            run = project.run("run", "-m", m, "-j", 4)
            check_outcomes(checks, run, f"examples at -m {m}", lambda name: "pass")
            count = tests_in(source / "relux" / "tests")
            checks.check(f"examples at -m {m}: every test was reported", len(run.tests) == count, run.said())
        project.check_nothing_left(checks, "examples")


def check_outer_bounds(checks, options):
    """The time-outs of a whole test and of the whole run, from the command line; both are tolerances."""
    test = 'test "waits" {\n    shell s {\n        <@300s? ^never$\n    }\n}\n'
    for flag, outcome in (("--test-timeout", "fail"), ("--suite-timeout", "cancelled")):
        with Project(options.binaries) as project:
            (project.root / "Relux.toml").write_text("")
            (project.root / "relux" / "tests" / "waits.relux").write_text(test)
            # The last one would take two minutes if it were not scaled.
            for written, m in ((1, 1), (1, 3), (120, 0.005)):
                run = project.run("run", flag, f"{written}s", "-m", m)
                checks.check(f"{flag} {written}s at -m {m}: {outcome}", run.outcome("waits") == outcome, run.said())
                checks.check(f"{flag} {written}s at -m {m}: is scaled", written * m <= run.seconds < 60,
                             f"{run.seconds:.3f} s")
            project.check_nothing_left(checks, flag)


def main():
    run_parts(__doc__, (check_examples, check_fires, check_outer_bounds))


if __name__ == "__main__":
    main()
