"""Failed tests once more: `--rerun failed`, and tries of flaky tests in one run."""

import json
import re
import xml.etree.ElementTree

from cli_support import failing, junit_cases, latest_run, listed, passing, refused, relux, skipped, write
from suite_checks import Project


def check_rerun(checks, options):
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        write(project, "relux/tests/a.relux", passing("good") + failing("bad"))
        write(project, "relux/tests/b.relux", skipped("left out") + passing("also good"))
        broken = write(project, "relux/tests/c.relux", 'test "broken" {\n')
        refused(checks, "--rerun: there is no earlier run", relux(project, "run", "--rerun"), "no earlier run")
        run = relux(project, "run")
        checks.check("--rerun: a run for it", run.status == 1 and run.directory is not None, run.said())
        run = relux(project, "run", "--rerun")
        checks.check("--rerun: what failed or is invalid, not what was skipped", run.status == 1
                     and sorted(run.tests) == ["bad", "broken"], run.said())
        run = relux(project, "run", "--rerun", "--list", "-k", "a.relux")
        checks.check("--rerun: of what the filter takes", listed(run) == ["a.relux::bad"], run.stdout)
        run = relux(project, "run", "--rerun", "-k", "b.relux", "--list")
        checks.check("--rerun: the filter takes nothing of it", run.status == 0 and not run.stdout, run.said())
        run = relux(project, "run", "relux/tests/b.relux")
        checks.check("--rerun: a run of a selection", run.status == 0 and run.directory is not None, run.said())
        run = relux(project, "run", "--rerun", "--list")
        checks.check("--rerun: what failed before it is remembered", listed(run) == ["a.relux::bad", "c.relux::broken"],
                     run.stdout)
        broken.write_text(passing("broken"), encoding="utf-8")
        run = relux(project, "run", "--rerun")
        checks.check("--rerun: what was mended passes", run.status == 1 and
                     {name: test["outcome"] for name, test in run.tests.items()} ==
                     {"bad": "fail", "broken": "pass"}, run.said())
        run = relux(project, "run", "--rerun")
        checks.check("--rerun: only what still fails", list(run.tests) == ["bad"], run.said())
        write(project, "relux/tests/a.relux", passing("good") + skipped("bad"))
        run = relux(project, "run")
        checks.check("--rerun: a failing test that is skipped", run.outcome("bad") == "skipped", run.said())
        run = relux(project, "run", "--rerun", "--list")
        checks.check("--rerun: has not passed by that", listed(run) == ["a.relux::bad"], run.stdout)
        write(project, "relux/tests/a.relux", passing("good", "bad"))
        run = relux(project, "run", "--rerun")
        checks.check("--rerun: until all is good", run.status == 0 and list(run.tests) == ["bad"], run.said())
        run = relux(project, "run", "--rerun")
        checks.check("--rerun: nothing to do is a success, and no run", run.status == 0 and run.directory is None
                     and "nothing to rerun" in run.stderr and not run.stdout, run.said())
        run = relux(project, "run", "--rerun", "--list")
        checks.check("--rerun: nothing to list", run.status == 0 and not run.stdout, run.said())
        write(project, "relux/tests/a.relux", failing("good") + passing("bad"))
        run = relux(project, "run", "--strategy", "fail-fast")
        checks.check("--rerun: a run that is cut short", run.outcome("bad") == "cancelled", run.said())
        run = relux(project, "run", "--rerun", "--list")
        checks.check("--rerun: what was cancelled too", listed(run) == [
            "a.relux::good", "a.relux::bad", "b.relux::left out", "b.relux::also good", "c.relux::broken"], run.stdout)
        damaged = latest_run(project.root) / "run_summary.toml"
        damaged.write_bytes(damaged.read_bytes()[:-40])
        run = relux(project, "run", "--rerun")
        checks.check("--rerun: it names a run that can't be read", f"--rerun: not read: {damaged.parent.resolve()}" in run.stderr, run.said())


FLAKY = '''# flaky
test "third time" {
    shell s {
        > cd "$__RELUX_SUITE_ROOT"; echo x >> tries; echo attempt $(wc -l < tries)
        <~100s? ^attempt \\d
        <@50s? ^relux>\\s
        > test $(wc -l < tries) -ge 3
        match_ok()
    }
}
test "not flaky" {
    shell s {
        > echo x >> "$__RELUX_SUITE_ROOT/once"; false
        match_ok()
    }
}
'''
NEVER = '''# flaky
test "never" {
    shell s {
        > false
        match_ok()
    }
}
'''


def flaky_run(project, *words):
    for name in ("tries", "once"):
        (project.root / name).unlink(missing_ok=True)
    return relux(project, "run", *words)


def lines_in(file):
    return len(file.read_text(encoding="utf-8").splitlines())


def check_attempts(checks, run):
    """Each try has a whole log of its own."""
    directory = run.log_directory("third time")
    tries = [directory / "try-1", directory / "try-2", directory]
    checks.check("flaky: three logs", sorted(directory.glob("try-*")) == tries[:2], f"{list(directory.iterdir())}")
    for number, place in enumerate(tries, 1):
        names = ("event.html", "events.json", "s.stdin.log", "s.stdin.raw", "s.stdout.log", "s.stdout.raw")
        missing = [name for name in names if not (place / name).exists()]
        if not checks.check(f"flaky: the log of try {number} is whole", not missing, f"{missing}"):
            continue
        output = (place / "s.stdout.raw").read_text(encoding="utf-8")
        said = re.findall(r"^attempt (\d)", output, re.MULTILINE)
        checks.check(f"flaky: the log of try {number} is its own", said == [str(number)], output)
        log = json.loads((place / "events.json").read_text(encoding="utf-8"))
        checks.check(f"flaky: outcome of try {number}", ("pass" in json.dumps(log["outcome"])) == (number == 3),
                     f"{log['outcome']}")
        bounds = [event["effective"]["applied_ms"] for event in log["events"] if event["kind"] == "match-start"][:2]
        checks.check(f"flaky: try {number}: tolerances grow, assertions do not",
                     bounds == [100_000 * 2 ** (number - 1), 50_000], f"{bounds}")


def check_flaky(checks, options):
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "[flaky]\nmax_retries = 4\ntimeout_multiplier = 2\n")
        write(project, "relux/tests/flaky.relux", FLAKY)
        run = flaky_run(project, "--junit")
        checks.check("flaky: it passes at the third try", run.outcome("third time") == "pass"
                     and run.tests["third time"]["flaky_retries"] == 2, run.said())
        checks.check("flaky: the result line", "1 passed; 1 failed; 2 flaky retries; finished" in run.stderr,
                     run.said())
        checks.check("flaky: other tests have one try", run.outcome("not flaky") == "fail"
                     and lines_in(project.root / "once") == 1 and run.tests["not flaky"]["flaky_retries"] == 0)
        if run.directory is not None:
            check_attempts(checks, run)
        for words, tries, outcome in ((["--flaky-retries", "1"], 2, "fail"), (["--flaky-retries=0"], 1, "fail"),
                                      (["--flaky-retries", "2"], 3, "pass")):
            run = flaky_run(project, *words)
            checks.check(f"flaky: {' '.join(words)} beats Relux.toml", lines_in(project.root / "tries") == tries
                         and run.outcome("third time") == outcome, run.said())
        run = flaky_run(project, "--flaky-retries", 1, "--flaky-multiplier", "1.25")
        checks.check("flaky: one retry is named as one", "; 1 flaky retry; finished" in run.stderr, run.said())
        log = json.loads((run.log_directory("third time") / "events.json").read_text(encoding="utf-8"))
        bounds = [event["effective"]["applied_ms"] for event in log["events"] if event["kind"] == "match-start"][:2]
        checks.check("flaky: --flaky-multiplier beats Relux.toml", bounds == [125_000, 50_000], f"{bounds}")
        write(project, "relux/tests/never.relux", NEVER)
        run = flaky_run(project, "--flaky-retries", 3, "--junit")
        junit_cases(checks, "flaky", run.directory / "junit.xml")
        cases = xml.etree.ElementTree.parse(run.directory / "junit.xml").getroot().iter("testcase")
        reruns = {case.get("name"): [child.tag for child in case if child.tag not in ("properties", "system-out")]
                  for case in cases}
        checks.check("flaky: reruns as Surefire writes them", reruns == {
            "third time": ["flakyFailure"] * 2, "not flaky": ["failure"], "never": ["failure"] + ["rerunFailure"] * 3},
            f"{reruns}")


# The command line, and the nearest right word that is named.
