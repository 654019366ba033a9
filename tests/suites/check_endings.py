#!/usr/bin/env python3
"""Every way a run can end: interrupts, killed runners, broken shells, full disks, too few descriptors.

After each: reports that are whole or not there at all, the right exit status, and no process left.
"""

import contextlib
import json
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import tempfile
import time
import tomllib
import xml.etree.ElementTree

import ending_leftovers
import ending_scarcity
from suite_checks import Project, run_parts, wait_for, write

LIMIT = 60  # seconds; nothing here needs more than a few

WAITS = '''test "waits" {
    shell s {
        > touch "$__RELUX_TEST_ARTIFACTS/begun"; sleep 1000
        <~100s? ^never$
    }
    cleanup {
        > touch "$__RELUX_TEST_ARTIFACTS/cleaning"; while test -e wait; do sleep 0.01; done
        match_ok()
        > echo cleaned > "$__RELUX_RUN_ARTIFACTS/cleaned"
        match_ok()
    }
}
test "comes later" {
    shell s {
        > echo later
        <? ^later$
    }
}
'''

# What a process can do to get away: a session of its own, two forks, signals ignored, itself stopped.
HIDING = r'''import os, signal, sys, time
def hide(stop):
    if os.fork():
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    for number in range(3):
        os.close(number)
    if stop:
        os.kill(os.getpid(), signal.SIGSTOP)
    while True:
        time.sleep(100)
for stop in (False, True):
    hide(stop)
time.sleep(0.2)
print("hid", flush=True)
'''


def begun(project):
    return any((project.root / "relux" / "out").glob("run-*/logs/**/begun"))


def check_reports(checks, name, run, outcomes):
    """All reports are there, and agree."""
    if not checks.check(f"{name}: there is a summary", run.directory is not None, run.said()):
        return
    for test, outcome in outcomes.items():
        checks.check(f"{name}: `{test}` is {outcome}", run.outcome(test) == outcome, run.outcome(test))
    junit = xml.etree.ElementTree.parse(run.directory / "junit.xml").getroot()
    checks.check(f"{name}: junit.xml has every test", len(list(junit.iter("testcase"))) == len(run.tests))
    tap = (run.directory / "results.tap").read_text(encoding="utf-8")
    checks.check(f"{name}: results.tap has every test",
                 tap.startswith("TAP version 13\n") and f"1..{len(run.tests)}" in tap, tap)
    checks.check(f"{name}: the page is there", (run.directory / "index.html").stat().st_size > 0)
    for test, record in run.tests.items():
        log = run.directory / record.get("log_dir", "") / "events.json"
        if record.get("log_dir") and log.exists():
            events = json.loads(log.read_text(encoding="utf-8"))
            checks.check(f"{name}: events of `{test}`", events["schema_version"] == 3, "version")


def check_interrupts(checks, options):
    for name, first, second in (("Ctrl-C", signal.SIGINT, None), ("SIGTERM", signal.SIGTERM, None),
                                ("SIGHUP", signal.SIGHUP, None), ("Ctrl-C twice", signal.SIGINT, signal.SIGINT)):
        with Project(options.binaries) as project:
            write(project, "Relux.toml", "")
            write(project, "relux/tests/waits.relux", WAITS)
            if second:
                write(project, "wait", "the first cleanup does not end by itself")
            started = time.monotonic()
            process = project.start("run", "--junit", "--tap")
            wait_for(lambda: begun(project), "the test begins")
            process.send_signal(first)
            if second:
                cleaning = project.root / "relux" / "out"
                wait_for(lambda: any(cleaning.glob("run-*/logs/**/cleaning")), "the cleanup begins")
                process.send_signal(second)
            run = project.finish(process, started, LIMIT)
            checks.check(f"{name}: exit status 130", run.status == 130, run.said())
            checks.check(f"{name}: the result line", "2 cancelled" in run.stderr, run.said())
            check_reports(checks, name, run, {"waits": "cancelled", "comes later": "cancelled"})
            cleaned = any((project.root / "relux" / "out").glob("run-*/artifacts/cleaned"))
            checks.check(f"{name}: the cleanup {'did not run' if second else 'ran'}", cleaned == (second is None))
            project.check_nothing_left(checks, name)


def check_impatience(checks, options):
    """Interrupts that keep coming until the process is gone change neither the reports nor the exit status."""
    for number in (signal.SIGINT, signal.SIGTERM):
        for attempt in range(10):
            with Project(options.binaries) as project:
                write(project, "Relux.toml", "")
                write(project, "relux/tests/waits.relux", WAITS)
                started = time.monotonic()
                process = project.start("run", "-j", "1", "--junit", "--tap")
                wait_for(lambda: begun(project), "the test never began")
                while process.poll() is None and time.monotonic() < started + LIMIT:
                    process.send_signal(number)
                    time.sleep(0.0002)  # a storm would leave the runner no time for anything else
                run = project.finish(process, started, LIMIT)
                name = f"{number.name} all the time, {attempt}"
                checks.check(f"{name}: exit status 130", run.status == 130, run.said())
                check_reports(checks, name, run, {"waits": "cancelled", "comes later": "cancelled"})
                project.check_nothing_left(checks, name)


def check_killed_runner(checks, options):
    """SIGKILL of the runner: shells, their children and daemons that hide die."""
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        hiding = write(project, "hide.py", HIDING)
        write(project, "relux/tests/hides.relux", f'''test "hides" {{
    shell s {{
        > python3 {hiding}
        <~30s? ^hid$
        > touch "$__RELUX_TEST_ARTIFACTS/begun"; sleep 1000 & sleep 1000
        <~100s? ^never$
    }}
}}
''')
        process = project.start("run")
        wait_for(lambda: begun(project), "the test begins")
        many = len(project.processes_left())
        checks.check("SIGKILL: there is something to end", many >= 5, f"{many}")
        process.kill()
        process.wait()
        with contextlib.suppress(TimeoutError):
            wait_for(lambda: not project.processes_left(), "the end")
        project.check_nothing_left(checks, "SIGKILL")
        process.communicate()
        latest = project.root / "relux" / "out" / "latest" / "run_summary.toml"
        checks.check("SIGKILL: no half-written summary", not latest.exists())
        run = project.run("history", "--failures")
        checks.check("SIGKILL: history goes on", run.status == 0, run.said())


def check_hiding(checks, options):
    """What hides from the end of its test is ended all the same, and named."""
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        hiding = write(project, "hide.py", HIDING)
        write(project, "relux/tests/hides.relux", f'''effect Hider {{
    expose shell service
    shell service {{
        > python3 {hiding} effect
        <~30s? ^hid$
    }}
}}
test "hides" {{
    start Hider as Hidden
    shell s {{
        > python3 {hiding} test
        <~30s? ^hid$
    }}
}}
''')
        run = project.run("run", "--junit", "--tap", limit=LIMIT)
        checks.check("hiding: the test passes", run.status == 0, run.said())
        project.check_nothing_left(checks, "hiding")
        for word, line in (("effect", 4), ("test", 11)):
            named = [text for text in run.stderr.splitlines() if f"hide.py {word}" in text and "killed" in text]
            checks.check(f"hiding: what the {word} left is named", len(named) == 2, run.said())
            place = f"relux/tests/hides.relux:{line}"
            checks.check(f"hiding: with the statement of the {word} that started it",
                         all(place in text for text in named), f"{named}")
        write(project, "Relux.toml", '[run]\nleftover = "fail"\n')
        run = project.run("run", limit=LIMIT)
        checks.check("hiding: leftover = \"fail\" fails the test",
                     run.status == 1 and run.outcome("hides") == "fail", run.said())
        checks.check("hiding: and says why", "left" in run.tests["hides"].get("failure_summary", ""), run.said())
        write(project, "Relux.toml", '[run]\nleftover = "wran"\n')
        run = project.run("run", limit=LIMIT)
        checks.check("hiding: a wrong value is refused", run.status == 2 and "leftover" in run.stderr, run.said())


def check_shells(checks, options):
    """Shells that don't come up, or go."""
    failing = (
        ("exits at once", 'command = ["/bin/sh", "-c", "exit 3"]', "exited unexpectedly with exit code 3"),
        ("is killed", 'command = ["/bin/sh", "-c", "kill -9 $$"]', "exited unexpectedly by signal 9"),
        ("never prompts", 'command = ["/bin/sh", "-c", "echo loud; exec sleep 1000"]', "no prompt"),
        ("does not exist", 'command = "/no/such/shell"', "/no/such/shell"),
        ("is a directory", 'command = "/tmp"', "/tmp"),
    )
    for name, command, words in failing:
        with Project(options.binaries) as project:
            write(project, "Relux.toml", f'[shell]\n{command}\n[timeout]\nmatch = "500ms"\n')
            write(project, "relux/tests/one.relux", 'test "one" {\n    shell s {\n        > echo hi\n    }\n}\n')
            run = project.run("run", "--junit", "--tap", limit=LIMIT)
            checks.check(f"a shell that {name}: exit status 1", run.status == 1, run.said())
            checks.check(f"a shell that {name}: it is said", words in run.stderr, run.said())
            check_reports(checks, f"a shell that {name}", run, {"one": "fail"})
            project.check_nothing_left(checks, f"a shell that {name}")


def many_tests(count, statement="> echo hello-$((40 + 2))"):
    return "".join(f'''test "number {number}" {{
    shell s {{
        {statement}
        <~50s? ^hello-42$
    }}
}}
''' for number in range(count))


def limited(limit, *values):
    return lambda: resource.setrlimit(limit, values)


def run_with(project, arguments_, prepare=None, **more):
    """A run that is started in a way of its own."""
    started = time.monotonic()
    with contextlib.suppress(FileNotFoundError):
        (project.root / "relux" / "out" / "latest").unlink()
    process = subprocess.Popen([project.binaries / "relux", *arguments_], cwd=project.root, text=True, errors="replace",
                               env=project.environment(), stdin=subprocess.DEVNULL, preexec_fn=prepare,
                               **({"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | more))
    return project.finish(process, started, LIMIT)


def check_few_descriptors(checks, options):
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        write(project, "relux/tests/many.relux", many_tests(30))
        run = run_with(project, ["run", "-j", "30"], limited(resource.RLIMIT_NOFILE, 60, 60))
        checks.check("few descriptors: tests wait for their turn and pass", run.status == 0 and
                     len(run.tests) == 30, run.said())
        checks.check("few descriptors: it is said once", run.stderr.count("descriptors") == 1, run.said())
        run = run_with(project, ["run", "-j", "30"], limited(resource.RLIMIT_NOFILE, 60, 4096))
        checks.check("few descriptors: the soft limit is no limit", run.status == 0 and "descriptors" not in run.stderr,
                     run.said())
        run = run_with(project, ["run", "-j", "30"], limited(resource.RLIMIT_NOFILE, 12, 12))
        checks.check("hardly any descriptors: a clear failure", run.status in (1, 2) and
                     "descriptor" in run.stderr.lower() + "too many open files", run.said())
        project.check_nothing_left(checks, "few descriptors")
        write(project, "relux/tests/many.relux", f'''test "limits" {{
    shell s {{
        > ulimit -n
        <? ^60\\r?$
        > ls -l /proc/self/fd | grep -c '^l'
        <? ^4\\r?$
        // The C library starts programs with its own two signals, 32 and 33, ignored.
        > grep -E 'Sig(Blk|Ign)' /proc/self/status | grep -vcE ':.0*(18)?0{{7,}}$'
        <? ^0\\r?$
    }}
}}
''')
        run = run_with(project, ["run"], limited(resource.RLIMIT_NOFILE, 60, 4096))
        checks.check("a shell has the limits, descriptors and signals that we were given", run.status == 0, run.said())


def check_few_terminals(checks, options):
    """Terminals of the whole system are few: tests wait until there are some again."""
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        write(project, "relux/tests/many.relux", many_tests(8))
        most = int(pathlib.Path("/proc/sys/kernel/pty/max").read_text())
        resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
        held = []
        try:
            while len(held) < most:
                held.append(os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY))
        except OSError:
            pass
        try:
            if len(held) < 10 or os.path.exists("/dev/pts/ptmx") and not held:
                checks.check("few terminals: all of them can be taken", False, f"{len(held)}")
            for descriptor in held[:2]:
                os.close(descriptor)
            held = held[2:]
            run = project.run("run", "-j", "8", limit=LIMIT)
            checks.check("few terminals: tests wait for their turn and pass", run.status == 0 and len(run.tests) == 8,
                         run.said())
            # The second is said when somebody else has taken one of them between the look and the shell.
            said = sum(run.stderr.count(words) for words in ("wait for their turn", "fewer tests run at once"))
            checks.check("few terminals: it is said once", said == 1, run.said())
        finally:
            for descriptor in held:
                os.close(descriptor)
        project.check_nothing_left(checks, "few terminals")


def check_full_disk(checks, options):
    with Project(options.binaries) as project, tempfile.TemporaryDirectory() as mount:
        write(project, "Relux.toml", "")
        write(project, "relux/tests/many.relux", many_tests(3, "> seq 30000 | sed s/^/0123456789/; echo hello-$((40+2))"))
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", mount], check=False,
                                 stderr=subprocess.DEVNULL).returncode == 0
        if mounted:
            (project.root / "relux" / "out").symlink_to(mount)
        prepare = None if mounted else limited(resource.RLIMIT_FSIZE, 100_000, 100_000)
        try:
            run = run_with(project, ["run", "--junit", "--tap"], prepare)
            checks.check("full disk: the run ends with an error", run.status in (1, 2), run.said())
            words = "No space left on device" if mounted else "File too large"
            checks.check("full disk: it says why", words in run.stderr, run.said())
            whole = True
            for summary in (project.root / "relux" / "out").glob("run-*/run_summary.toml"):
                whole &= len(tomllib.loads(summary.read_text(encoding="utf-8")).get("tests", [])) == 3
            for page in (project.root / "relux" / "out").glob("run-*/junit.xml"):
                whole &= len(list(xml.etree.ElementTree.parse(page).getroot().iter("testcase"))) == 3
            checks.check("full disk: what is there is whole", whole)
            project.check_nothing_left(checks, "full disk")
        finally:
            if mounted:
                (project.root / "relux" / "out").unlink()
                subprocess.run(["umount", mount], check=True)


def check_vanishing_directory(checks, options):
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        write(project, "relux/tests/waits.relux", '''test "goes on" {
    shell s {
        > touch "$__RELUX_TEST_ARTIFACTS/begun"
        > while ! test -e go; do sleep 0.01; done; echo went
        <~50s? ^went$
    }
}
test "comes later" {
    shell s {
        > echo later
        <? ^later$
    }
}
''')
        started = time.monotonic()
        process = project.start("run", "--junit", "--tap")
        wait_for(lambda: begun(project), "the test begins")
        out = project.root / "relux" / "out"
        for directory in out.glob("run-*"):
            while directory.exists():
                shutil.rmtree(directory, ignore_errors=True)
        write(project, "go", "")
        run = project.finish(process, started, LIMIT)
        checks.check("vanished directory: no crash, an error", run.status in (1, 2), run.said())
        checks.check("vanished directory: it says why", "No such file or directory" in run.stderr, run.said())
        project.check_nothing_left(checks, "vanished directory")


def check_two_runs(checks, options):
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        write(project, "relux/tests/many.relux", many_tests(20))
        processes = [project.start("run", "-j", "4", "--junit") for _ in range(4)]
        for number, process in enumerate(processes):
            _, stderr = process.communicate(timeout=LIMIT)
            checks.check(f"runs at once: run {number} passes", process.returncode == 0, stderr[-500:])
        summaries = list((project.root / "relux" / "out").glob("run-*/run_summary.toml"))
        checks.check("runs at once: each has a directory of its own", len(summaries) == 4, f"{len(summaries)}")
        latest = project.root / "relux" / "out" / "latest"
        checks.check("runs at once: latest is one of them", latest.resolve() in [path.parent for path in summaries])


CLOCK = r'''#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>
#include <sys/time.h>
/* The wall clock jumps by a day, back and forth, at each look. */
static long jump(void) { static long side; side = !side; return side ? 86400 : -86400; }
int clock_gettime(clockid_t clock, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(clock, now);
    if (clock == CLOCK_REALTIME) now->tv_sec += jump();
    return result;
}
int gettimeofday(struct timeval *now, void *zone) {
    struct timespec exact;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &exact);
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return 0;
}
time_t time(time_t *out) {
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    if (out) *out = exact.tv_sec;
    return exact.tv_sec;
}
'''


def check_jumping_clock(checks, options):
    with Project(options.binaries) as project:
        source = write(project, "clock.c", CLOCK)
        library = project.root / "clock.so"
        built = subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=False)
        checks.check("jumping clock: the clock is built", built.returncode == 0)
        write(project, "Relux.toml", "")
        write(project, "relux/tests/timed.relux", many_tests(3) + '''test "times out" {
    shell s {
        <~200ms? ^never$
    }
}
''')
        run = project.run("run", extra_environment={"LD_PRELOAD": str(library)}, limit=LIMIT)
        checks.check("jumping clock: tests pass and time out as ever",
                     [run.outcome(name) for name in ("number 0", "number 1", "number 2", "times out")]
                     == ["pass", "pass", "pass", "fail"], run.said())
        if run.tests:
            checks.check("jumping clock: durations are real", 200 <= run.tests["times out"]["duration_ms"] < 20_000 and
                         run.seconds < 30, f"{run.tests['times out']}")


def check_no_output(checks, options):
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        write(project, "relux/tests/many.relux", many_tests(5))
        reading, writing = os.pipe()
        os.close(reading)
        run = run_with(project, ["run", "-j", "2"], stderr=writing, stdout=writing)
        os.close(writing)
        checks.check("a closed pipe: the tests run all the same", run.status == 0 and len(run.tests) == 5,
                     f"status {run.status}, {len(run.tests)} tests")

        def close_all():
            for number in range(3):
                os.close(number)
        run = run_with(project, ["run", "-j", "2"], close_all, stdout=None, stderr=None)
        checks.check("no descriptors 0 to 2: the tests run all the same", run.status == 0 and len(run.tests) == 5,
                     f"status {run.status}, {run.tests}")
        project.check_nothing_left(checks, "no output")


def main():
    run_parts(__doc__, (check_interrupts, check_impatience, check_killed_runner, check_hiding, check_shells,
                       check_few_descriptors, check_few_terminals, check_full_disk, check_vanishing_directory,
                       check_two_runs, check_jumping_clock, check_no_output, *ending_leftovers.PARTS,
                       *ending_scarcity.PARTS))


if __name__ == "__main__":
    main()
