#!/usr/bin/env python3
"""Runs the language suite: every test passes, but those whose name begins with `skipped`, which are skipped."""

from suite_checks import SUITES, Checks, Project, arguments, check_outcomes, tests_in

CLEANUPS = {
    "cleanup: the test, then dependents before what they depend on": ["body", "test of the test", "top k lettered",
                                                                      "bottom k"],
    "cleanup: a failure in it is only a warning": ["before the failure"],
    "cleanup: the shells have ended before": ["ended"],
}


def expected(name):
    return "skipped" if name.startswith("skipped") else "pass"


def check_cleanups(checks, run):
    for name, lines in CLEANUPS.items():
        try:
            found = (run.log_directory(name) / "artifacts" / "order").read_text().splitlines()
        except (OSError, KeyError) as problem:
            found = [repr(problem)]
        checks.check(f"written by {name}", found[:len(lines)] == lines, f"{found}")


def main():
    options = arguments(__doc__)
    checks = Checks()
    source = SUITES / "language"
    with Project(options.binaries, source) as project:
        check = project.run("check")
        checks.check("relux check", check.status == 0 and "check passed" in check.stdout + check.stderr, check.said())
        run = project.run("run", "-j", "4")
        check_outcomes(checks, run, "language", expected)
        count = tests_in(source / "relux" / "tests")
        checks.check("every test was reported", len(run.tests) == count, f"{len(run.tests)} of {count}")
        checks.check("exit status 0", run.status == 0, run.said())
        check_cleanups(checks, run)
        flaky = run.tests.get("flaky: passes at the second try", {})
        checks.check("a flaky retry is counted", flaky.get("flaky_retries") == 1, f"{flaky}")
        project.check_nothing_left(checks, "language")
    checks.finish()


if __name__ == "__main__":
    main()
