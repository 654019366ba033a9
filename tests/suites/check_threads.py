#!/usr/bin/env python3
"""Runs on several threads, and with first shells started early or not: the same outcomes, whatever the way.

The suites of other drivers are run in both ways by those drivers themselves, with a `relux` that adds the flags.
"""

import collections
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib

from suite_checks import Checks, Project, SUITES, arguments, wait_for, write

LIMIT = 60
WAYS = (("--threads", "2"), ("--no-early-shells",))
DRIVERS = ("check_language", "check_failing", "check_services", "check_echo_race")


def suite(tests, body, head=""):
    return head + "".join(f'test "t{number}" {{\n    shell s {{\n{body}    }}\n}}\n' for number in range(tests))


@contextlib.contextmanager
def project_with(binaries, tests, manifest=""):
    """A project with one file of tests."""
    with Project(binaries) as project:
        write(project, "Relux.toml", manifest)
        write(project, "relux/tests/a.relux", tests)
        yield project


def wrapped(binaries, directory, flags):
    """Programs that run tests with these flags in front of others."""
    directory.mkdir()
    for program in ("relux", "reluxvm", "reluxc"):
        path = directory / program
        added = " ".join(flags)
        real = pathlib.Path(binaries).resolve() / program
        path.write_text(f'#!/bin/sh\ncase $1 in run) shift; exec {real} run {added} "$@" ;; esac\nexec {real} "$@"\n')
        path.chmod(0o755)
    return directory


def check_other_drivers(checks, binaries):
    counts = {}
    for flags in WAYS:
        with tempfile.TemporaryDirectory() as parent:
            programs = wrapped(binaries, pathlib.Path(parent) / "bin", flags)
            for driver in DRIVERS:
                ran = subprocess.run([sys.executable, SUITES / f"{driver}.py", programs], capture_output=True, text=True,
                                     errors="replace", check=False, timeout=600)
                lines = ran.stdout.strip().splitlines()
                failed = [line for line in lines if line.startswith("FAILED")]
                last = lines[-1] if lines else ran.stderr[-500:]
                checks.check(f"{driver} {' '.join(flags)}", ran.returncode == 0, "; ".join(failed[:10] + [last]))
                counts.setdefault(driver, set()).add(last)
    for driver, said in counts.items():
        checks.check(f"{driver}: as many checks in each way", len(said) == 1, sorted(said))


def threads_of(pid):
    with contextlib.suppress(OSError):
        return len(os.listdir(f"/proc/{pid}/task"))
    return 0


def check_spread(checks, binaries):
    """As many threads as asked for, but no more than tests at once; each runs tests."""
    for flags, lanes in ((["-j", "8", "--threads", "1"], 1), (["-j", "8", "--threads", "3"], 3),
                         (["-j", "2", "--threads", "64"], 2), (["-j", "1", "--threads", "8"], 1)):
        name = " ".join(flags)
        jobs = int(flags[1])
        # Each test says how many threads there are, and waits until as many as may run at once have begun.
        text = suite(8, "        > touch \"$__RELUX_RUN_ARTIFACTS/$$$$\"; cat /proc/$PPID/task/*/comm | grep -vc writes\n        <? ^\\d+$\n"
                        f"        > until [ $(ls \"$__RELUX_RUN_ARTIFACTS\" | wc -l) -ge {jobs} ]; do :; done; echo all\n"
                        "        <? ^all$\n")
        with project_with(binaries, text) as project:
            ran = project.run("run", "--no-early-shells", *flags, limit=LIMIT)
            checks.check(f"{name}: all pass", ran.status == 0 and len(ran.tests) == 8, ran.said())
            if ran.directory is None:
                continue
            seen = set()
            for log in ran.directory.glob("logs/**/s.stdout.raw"):
                seen.update(int(text) for text in re.findall(rb"^(\d+)\r$", log.read_bytes(), re.MULTILINE))
            # The thread of the run itself runs tests when there are no others. Those that write run none.
            expected = 1 if lanes == 1 else lanes + 1
            checks.check(f"{name}: {expected} threads", max(seen, default=0) == expected, seen)


def check_results(checks, binaries):
    """Reports, statistics and margins are those of all threads together."""
    text = ("".join(f'test "good {n}" {{\n    let port = available_port()\n    shell s {{\n        > echo is ${{port}}\n'
                    f'        <? ^is \\d+$\n    }}\n}}\n' for n in range(20)) +
            'test "bad" {\n    shell s {\n        <@1ms? ^never$\n    }\n}\n# skip\ntest "skipped" {\n    shell s {\n    }\n}\n'
            '# flaky\ntest "flaky" {\n    shell s {\n        > test -e "$__RELUX_RUN_ARTIFACTS/seen" && echo again'
            ' || touch "$__RELUX_RUN_ARTIFACTS/seen"\n        <@1s? ^again$\n    }\n}\n')
    outcomes = {}
    for flags in (["--threads", "1"], ["--threads", "4"]):
        name = " ".join(flags)
        with project_with(binaries, text, "[run]\njobs = 6\n[flaky]\nmax_retries = 2\n") as project:
            ran = project.run("run", "--stats", "--junit", "--tap", *flags, limit=LIMIT)
            checks.check(f"{name}: the run fails for its one bad test", ran.status == 1 and len(ran.tests) == 23, ran.said())
            if ran.directory is None:
                continue
            outcomes[name] = [(test, record["outcome"]) for test, record in ran.tests.items()]
            lines = re.findall(r"^test a\.relux/(\S+):", ran.stderr, re.MULTILINE)
            checks.check(f"{name}: each test has its line once", len(lines) == 23 == len(set(lines)), lines)
            summary = tomllib.loads((ran.directory / "run_summary.toml").read_text())
            stats = summary["stats"]
            checks.check(f"{name}: sends of all tests are counted", stats["sends"] == 22 or stats["sends"] == 24, stats["sends"])
            checks.check(f"{name}: attempts too", stats["attempts"]["count"] == 23, stats["attempts"])
            margins = json.loads((ran.directory / "margins.json").read_text())
            checks.check(f"{name}: and matches", sum(site["count"] for site in margins["sites"]) == 23,
                         [site["count"] for site in margins["sites"]])
            ports = [int(p) for log in ran.directory.glob("logs/**/s.stdout.raw")
                     for p in re.findall(rb"^is (\d+)\r$", log.read_bytes(), re.MULTILINE)]
            checks.check(f"{name}: tests had their ports", len(ports) == 20, ports)
            checks.check(f"{name}: nothing is left", not project.processes_left(), project.processes_left())
    checks.check("the same outcomes in the same order", len(set(map(str, outcomes.values()))) == 1, outcomes)


def check_endings(checks, binaries):
    """Interrupts, fail-fast, time-outs and questions reach every thread."""
    waiting = suite(6, "        > echo ready\n        <? ^ready$\n        sleep(\"1h\")\n")
    with project_with(binaries, waiting) as project:
        process = project.start("run", "-j", "6", "--threads", "3")
        out = project.root / "relux" / "out"
        wait_for(lambda: len(list(out.glob("run-*/logs/**/s.stdout.raw"))) == 6, "six shells")
        process.send_signal(signal.SIGUSR1)
        started = time.monotonic()
        lines = []
        # It goes on answering until the tests of all threads are there.
        while time.monotonic() - started < LIMIT:
            line = process.stderr.readline()
            lines.append(line)
            if len({name for name in re.findall(r"t\d\b", "".join(lines))}) == 6 and "sleep" in "".join(lines):
                break
            if not line:
                break
            if "running" in line:
                time.sleep(0)
                process.send_signal(signal.SIGUSR1)
        checks.check("SIGUSR1 shows the tests of all threads", len({name for name in re.findall(r"t\d\b", "".join(lines))}) == 6, "".join(lines[-30:]))
        process.send_signal(signal.SIGINT)
        ran = project.finish(process, started, LIMIT)
        checks.check("an interrupt ends them all", ran.status == 130 and
                     [record["outcome"] for record in ran.tests.values()] == ["cancelled"] * 6, ran.said())
        checks.check("and leaves nothing", not project.processes_left(), project.processes_left())
    for name, flags, tail in (("fail-fast", ["--strategy", "fail-fast"], "fail-fast"),
                              ("suite time-out", ["--suite-timeout", "1s"], "suite-timeout")):
        bad = 'test "bad" {\n    shell s {\n        <@50ms? ^never$\n    }\n}\n' if name == "fail-fast" else ""
        with project_with(binaries, bad + waiting) as project:
            ran = project.run("run", "-j", "4", "--threads", "2", *flags, limit=LIMIT)
            outcomes = collections.Counter(record["outcome"] for record in ran.tests.values())
            checks.check(f"{name}: what runs on other threads is cancelled",
                         ran.status == 1 and outcomes["cancelled"] == 6 and tail in ran.stderr, f"{outcomes} {ran.said()}")
            checks.check(f"{name}: nothing is left", not project.processes_left(), project.processes_left())
    with project_with(binaries, waiting) as project:
        process = project.start("run", "-j", "6", "--threads", "3")
        out = project.root / "relux" / "out"
        wait_for(lambda: len(list(out.glob("run-*/logs/**/s.stdout.raw"))) == 6, "six shells")
        process.kill()
        process.communicate()
        wait_for(lambda: not project.processes_left(), "the end of what a killed run had started")
        checks.check("nothing is left of a run that was killed", True)


def check_automatic(checks, binaries):
    with project_with(binaries, suite(60, "        > sleep 0.1; echo done\n        <? ^done$\n")) as project:
        ran = project.run("run", "-j", "auto", "--threads", "2", "--stats", limit=LIMIT)
        checks.check("-j auto on two threads", ran.status == 0 and len(ran.tests) == 60, ran.said())
        trace = project.root / "trace.json"
        ran = project.run("run", "-j", "4", "--threads", "2", "--trace-file", trace, limit=LIMIT)
        events = json.loads(trace.read_text())["traceEvents"]
        times = [event["ts"] for event in events if "ts" in event]
        checks.check("a trace is in order", ran.status == 0 and times == sorted(times), ran.said())


def check_bad_values(checks, binaries):
    with project_with(binaries, suite(1, "        > true\n")) as project:
        for flags, words in ((["--threads", "-1"], "--threads must not be negative"), (["--threads", "x"], "--threads")):
            ran = project.run("run", *flags, limit=LIMIT)
            checks.check(f"{' '.join(flags)} is an error", ran.status == 2 and words in ran.stderr, ran.said())
        for line, words in (("threads = -1", "`threads` in [run] must be a whole number from 0 to 1024"),
                            ("threads = 1025", "`threads` in [run] must be"),
                            ("early_shells = 1", "`early_shells` in [run] must be true or false")):
            write(project, "Relux.toml", f"[run]\n{line}\n")
            ran = project.run("run", limit=LIMIT)
            checks.check(f"{line} is an error", ran.status == 2 and words in ran.stderr, ran.said())
        for line in ("threads = 0", "threads = 4", "early_shells = false"):
            write(project, "Relux.toml", f"[run]\n{line}\n")
            ran = project.run("run", limit=LIMIT)
            checks.check(f"{line} is taken", ran.status == 0, ran.said())


def check_early_shells(checks, binaries):
    """Nothing of an early shell can be seen by the test before, or in what is written."""
    # A cleanup that ends every idle shell of the runner meets none that is waiting for its test.
    sweeping = "".join(
            f'test "t{n}" {{\n    shell s {{\n        > echo {n}\n        <? ^{n}$\n    }}\n    cleanup {{\n'
            "        > for p in $(cat /proc/$PPID/task/*/children); do [ $p = $$$$ ] || kill -9 $p; done; echo swept\n"
            "        <? ^swept$\n    }\n}\n" for n in range(20))
    with project_with(binaries, sweeping) as project:
        ran = project.run("run", limit=LIMIT)
        checks.check("cleanups that kill what they find", ran.status == 0 and len(ran.tests) == 20, ran.said())
    # What the shell is told of its test is there when it starts.
    command = 'command = ["/bin/sh", "-c", "cd \\"$__RELUX_TEST_ARTIFACTS\\" || exit 3; exec /bin/sh"]'
    with project_with(binaries, suite(5, "        > pwd\n        <? /artifacts$\n"), f"[shell]\n{command}\n") as project:
        ran = project.run("run", limit=LIMIT)
        checks.check("a shell that goes to its test's artifacts", ran.status == 0 and len(ran.tests) == 5, ran.said())
    logs = {}
    for flags in ((), ("--no-early-shells",)):
        text = suite(10, "        > env | grep -c RELUX_\n        <? ^\\d+$\n        > pwd | wc -c; stty size\n"
                         "        <? ^24 65535$\n        match_prompt()\n")
        with project_with(binaries, text) as project:
            ran = project.run("run", *flags, limit=LIMIT)
            checks.check(f"{' '.join(flags) or 'early shells'}: all pass", ran.status == 0, ran.said())
            if ran.directory is not None:
                logs[flags] = [(str(path.relative_to(ran.directory)), path.read_bytes())
                               for path in sorted(ran.directory.glob("logs/**/*.raw"))]
    same = len(logs) == 2 and [name for name, _ in logs[()]] == [name for name, _ in logs[("--no-early-shells",)]]
    # The directory of a project has a name of eight characters of chance, so its length is the same.
    checks.check("the same bytes in all logs", same and logs[()] == logs[("--no-early-shells",)], "they differ")


def main():
    binaries = arguments(__doc__).binaries
    checks = Checks()
    check_spread(checks, binaries)
    check_results(checks, binaries)
    check_endings(checks, binaries)
    check_automatic(checks, binaries)
    check_bad_values(checks, binaries)
    check_early_shells(checks, binaries)
    check_other_drivers(checks, binaries)
    checks.finish()


if __name__ == "__main__":
    main()
