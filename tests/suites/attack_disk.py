"""A disk that takes its time, by a library that is preloaded (slow_disk.c) and holds writes until a test lets them go."""

import subprocess

from suite_checks import SUITES, Project, write

# While the disk holds what `slow` has printed, and then its reports, only `opens the gates` can let them go: it never would
# if the writes were made where tests run.
TESTS = """
test "slow" {
    shell s {
        > yes x | head -n 100000; echo ov''er
        <~50s? ^over$
    }
}

test "opens the gates" {
    shell s {
        > until [ -e GATES/log.waits ]; do sleep 0.01; done; echo lo''g
        <~50s? ^log$
        > : > GATES/log.open
        > until [ -e GATES/events.waits ]; do sleep 0.01; done; echo eve''nts
        <~50s? ^events$
        > : > GATES/events.open; echo op''en
        <~50s? ^open$
    }
}
"""


def check_slow_disk(checks, options):
    name = "a slow disk"
    with Project(options.binaries) as project:
        library = project.root / "slow_disk.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, SUITES / "slow_disk.c", "-ldl"], check=True)
        gates = project.root / "gates"
        gates.mkdir()
        write(project, "Relux.toml", "")
        write(project, "relux/tests/disk.relux", TESTS.replace("GATES", str(gates)))
        run = project.run("run", "-j", "2", "--threads", "1", limit=120,
                          extra_environment={"SLOW_DISK": str(gates), "LD_PRELOAD": str(library)})
        outcomes = {test: run.outcome(test) for test in run.tests}
        checks.check(f"{name}: the other test goes on while a log and a report wait for it",
                     outcomes == {"slow": "pass", "opens the gates": "pass"}, run.said())
        checks.check(f"{name}: both have waited", all((gates / f"{gate}.waits").exists() for gate in ("log", "events")))
        log = run.log_directory("slow")
        raw = next(log.glob("s.stdout.raw"), None)
        checks.check(f"{name}: the log is whole", raw is not None and raw.read_bytes().count(b"x") >= 100000,
                     f"{raw and raw.stat().st_size} bytes")
        checks.check(f"{name}: so is the report", (log / "events.json").stat().st_size > 0)
        project.check_nothing_left(checks, name)
