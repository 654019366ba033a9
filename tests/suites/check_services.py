#!/usr/bin/env python3
"""Runs the example of docs/tutorial/services: from its sources, from an archive, and with --soak over and over."""

import os
import re

from suite_checks import REPOSITORY, Checks, Project, arguments, busy_cores, check_outcomes, tests_in

SOURCE = REPOSITORY / "docs" / "tutorial" / "services"


def check_run(checks, project, name, run, count):
    check_outcomes(checks, run, name, lambda test: "pass")
    checks.check(f"{name}: exit status 0", run.status == 0, run.said())
    checks.check(f"{name}: the result line counts", f"{count} passed; 0 failed" in run.stderr, run.said())
    project.check_nothing_left(checks, name)


def check_logs(checks, run):
    """Four log files for each shell, and time stamps in two of them."""
    directory = run.log_directory("task CRUD")
    for suffix in ("stdin.raw", "stdin.log", "stdout.raw", "stdout.log"):
        file = directory / f"client.{suffix}"
        checks.check(f"log file {file.name}", file.exists() and file.stat().st_size > 0, f"{file}")
    log = directory / "client.stdout.log"
    text = log.read_text(errors="replace") if log.exists() else ""
    checks.check("time stamps in the log", re.search(r"(?m)^\[\+\d+\.\d+s\] .*http status: 200", text), text[:300])


def check_archive(checks, project, count):
    """Compiled ahead of time, the suite runs with its sources moved away."""
    build = project.run("build", ".", "-o", "s.rxb", program="reluxc")
    checks.check("reluxc build", build.status == 0 and (project.root / "s.rxb").exists(), build.said())
    (project.root / "relux" / "lib").rename(project.parent / "lib")
    (project.root / "relux" / "tests").rename(project.parent / "tests")
    run = project.run("run", "s.rxb", "-j", "4", program="reluxvm")
    check_run(checks, project, "archive", run, count)


def check_tools(checks, project):
    run = project.run("check")
    checks.check("relux check", run.status == 0 and "check passed" in run.stdout + run.stderr, run.said())
    # The example is the user's own text, which has one `let` that nothing reads.
    warnings = re.findall(r"^warning\[(W\d+)\]", run.stderr, re.MULTILINE)
    checks.check("relux check warns of nothing that is written and not meant", warnings == ["W0302"], run.stderr)
    for stage in ("tokens", "ast", "ir", "bytecode"):
        dump = project.run("dump", f"--{stage}", "relux/lib/service/db.relux", program="reluxc")
        checks.check(f"reluxc dump --{stage}", dump.status == 0 and "DB_PORT" in dump.stdout, dump.said())


def soak(checks, project):
    for jobs, times, extra, load in ((4, 50, [], 0), (8, 20, ["-m", "3"], os.cpu_count())):
        with busy_cores(load):
            for number in range(1, times + 1):
                run = project.run("run", "-j", jobs, *extra)
                name = f"soak -j {jobs} {' '.join(extra)} {number} of {times}"
                checks.check(name, run.status == 0, run.said())
                project.check_nothing_left(checks, name)


def main():
    options = arguments(__doc__, soak="50 runs at -j 4, then 20 at -j 8 with all cores busy")
    checks = Checks()
    count = tests_in(SOURCE / "relux" / "tests")
    with Project(options.binaries, SOURCE) as project:
        if options.soak:
            soak(checks, project)
            checks.finish()
        check_tools(checks, project)
        run = project.run("run", "-j", "4")
        check_run(checks, project, "services", run, count)
        if run.outcome("task CRUD") == "pass":
            check_logs(checks, run)
        smoke = project.run("run", "-j", "4", extra_environment={"SMOKE": "1"})
        skipped = [name for name in smoke.tests if smoke.outcome(name) == "skipped"]
        checks.check("SMOKE skips the error tests", smoke.status == 0 and len(skipped) == 11,
                     f"{skipped} {smoke.said()}")
        check_archive(checks, project, count)
    checks.finish()


if __name__ == "__main__":
    main()
