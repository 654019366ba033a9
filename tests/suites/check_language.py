#!/usr/bin/env python3
"""Runs the language suites of both editions and the cases; checks the table of coverage.

Every test of a suite passes, but those whose name begins with `skipped`, which are skipped, and those whose name begins
with `flaky`, which pass at the second try.
"""

from host_environment import check_host_environment
from language_cases import check_cases
from spec_coverage import check_coverage
from suite_checks import SUITES, Checks, Project, arguments, check_outcomes, tests_in

JOBS = 20
SECONDS = 60  # for one suite at JOBS; an idle machine needs about five
TESTS = 250  # of both editions together, at least

# What the cleanup blocks of a test write into artifacts/order.
CLEANUPS = {
    "cleanup: the test, then dependents before what they depend on": ["body", "test of the test", "top k lettered",
                                                                      "bottom k"],
    "cleanup: a failure in it is only a warning": ["before the failure"],
    "cleanup: the shells have ended before": ["ended"],
    "cleanup: it sees lets, overlay and environment, in a fresh shell": ["k let hello from the root [] k",
                                                                         "directory of its own"],
    "cleanup: once for each instance": ["cleaned up a"],
    "cleanup: a chain from the top": ["test", "three", "two", "one"],
    "cleanup: any statement is allowed": ["function", "function-changed 12", "end"],
    "cleanup: variables of the test as the body left them": ["after []"],
    "cleanup: background programs have ended before": ["ended"],
    "a variable in the test's cleanup": ["body", "ABC abc"],
    "siblings inside of an effect, and what it exposes of them": ["cleanup sees K"],
    "an assertion in a cleanup": ["a"],
    "a cleanup's shell has no fail pattern": ["reached"],
    "an exposed variable in a cleanup": ["body", "ONE"],
    "cleanup: a failing effect's cleanup does not stop the others": ["test", "fails", "two", "one"],
}


def expected(name):
    return "skipped" if name.startswith("skipped") else "pass"


def written(run, name):
    try:
        return (run.log_directory(name) / "artifacts" / "order").read_text().splitlines()
    except (OSError, KeyError) as problem:
        return [repr(problem)]


def check_cleanups(checks, run):
    for name, lines in CLEANUPS.items():
        if name in run.tests:
            found = written(run, name)
            checks.check(f"written by {name}", found == lines, f"{found}")


def check_flaky(checks, run):
    for name, test in run.tests.items():
        retries = 1 if name.startswith("flaky") else 0
        if test.get("flaky_retries", 0) != retries:
            checks.check(f"retries of {name}", False, f"{test}")
    checks.check("flaky retries are counted", True)


def check_suite(checks, options, suite):
    source = SUITES / suite
    with Project(options.binaries, source) as project:
        check = project.run("check")
        checks.check(f"{suite}: relux check", check.status == 0 and "check passed" in check.stdout + check.stderr,
                     check.said())
        run = project.run("run", "-j", JOBS)
        check_outcomes(checks, run, suite, expected)
        count = tests_in(source / "relux" / "tests")
        checks.check(f"{suite}: every test was reported", len(run.tests) == count, f"{len(run.tests)} of {count}")
        checks.check(f"{suite}: exit status 0", run.status == 0, run.said())
        checks.check(f"{suite}: in time", run.seconds < SECONDS, f"{run.seconds:.1f} s")
        check_cleanups(checks, run)
        check_flaky(checks, run)
        project.check_nothing_left(checks, suite)
        return run


def check_test_ids(checks, options):
    """The id of a test is its own, and the same in the next run (language 15.1)."""
    with Project(options.binaries, SUITES / "language") as project:
        ids = []
        for _ in range(2):
            run = project.run("run", "-f", "relux/tests/env/identity.relux")
            ids.append([(run.log_directory(name) / "artifacts" / "id").read_text() if name in run.tests else name
                        for name in ("the first test's id", "the second test's id")])
        checks.check("a test's id is the same in the next run", ids[0] == ids[1], f"{ids}")
        checks.check("two tests have two ids", ids[0][0] != ids[0][1], f"{ids}")


def main():
    options = arguments(__doc__, soak="20 runs of each suite at -j 20")
    checks = Checks()
    if options.soak:
        for number in range(20):
            print(f"run {number + 1} of 20", flush=True)
            for suite in ("language", "language_0_8"):
                check_suite(checks, options, suite)
        checks.finish()
    count = sum(len(check_suite(checks, options, suite).tests) for suite in ("language", "language_0_8"))
    checks.check(f"there are {TESTS} tests or more", count >= TESTS, f"{count}")
    check_test_ids(checks, options)
    check_host_environment(checks, options)
    check_cases(checks, options.binaries)
    check_coverage(checks)
    checks.finish()


if __name__ == "__main__":
    main()
