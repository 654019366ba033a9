#!/usr/bin/env python3
"""What a hostile or crowded machine does to the runner: signals that nobody expects, limits, disks that fill up.

After each: the run goes on, or ends with all its reports and the right exit status.
"""

import contextlib
import fcntl
import json
import os
import pathlib
import pty
import resource
import signal
import subprocess
import tempfile
import termios
import time
import tomllib
import xml.etree.ElementTree

import attack_files
import attack_limits
import attack_secrets
import attack_texts
from attack_disk import check_slow_disk
from check_endings import LIMIT, WAITS, begun, check_reports, limited, many_tests, run_with
from suite_checks import Project, run_parts, wait_for, write

# Those that end a process by default and are no crash, beside the ones of check_endings.
ENDING = (signal.SIGQUIT, signal.SIGALRM, signal.SIGXCPU, signal.SIGXFSZ, signal.SIGUSR2, signal.SIGVTALRM,
          signal.SIGPROF, signal.SIGIO, signal.SIGPWR, signal.SIGSTKFLT, signal.SIGRTMIN, signal.SIGRTMAX)
REPEATED = (signal.SIGXCPU, signal.SIGXFSZ)  # by the system, as long as the limit is passed


def start_waiting(project):
    started = time.monotonic()
    process = project.start("run", "-j", "1", "--junit", "--tap")
    wait_for(lambda: begun(project), "the test begins")
    return process, started


def check_signals(checks, options):
    for number in ENDING:
        with Project(options.binaries) as project:
            write(project, "Relux.toml", "")
            write(project, "relux/tests/waits.relux", WAITS)
            process, started = start_waiting(project)
            process.send_signal(number)
            run = project.finish(process, started, LIMIT)
            name = signal.Signals(number).name if number < signal.SIGRTMIN else f"signal {int(number)}"
            checks.check(f"{name}: exit status 130", run.status == 130, run.said())
            check_reports(checks, name, run, {"waits": "cancelled", "comes later": "cancelled"})
            project.check_nothing_left(checks, name)


def check_signals_twice(checks, options):
    """The second one ends cleanups too, but for limits, of which the system tells again and again."""
    for number in (signal.SIGQUIT, *REPEATED):
        with Project(options.binaries) as project:
            write(project, "Relux.toml", "")
            write(project, "relux/tests/waits.relux", WAITS)
            write(project, "wait", "the cleanup does not end by itself")
            process, started = start_waiting(project)
            process.send_signal(number)
            wait_for(lambda: any((project.root / "relux" / "out").glob("run-*/logs/**/cleaning")), "the cleanup begins")
            process.send_signal(number)
            if number in REPEATED:
                (project.root / "wait").unlink()
            run = project.finish(process, started, LIMIT)
            cleaned = any((project.root / "relux" / "out").glob("run-*/artifacts/cleaned"))
            checks.check(f"{number.name} twice: exit status 130", run.status == 130, run.said())
            checks.check(f"{number.name} twice: the cleanup {'ran' if number in REPEATED else 'did not run'}",
                         cleaned == (number in REPEATED))


def check_ignored_signals(checks, options):
    """What whoever started the runner ignores, it ignores; its shells have every signal at its default."""
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        write(project, "relux/tests/one.relux", '''test "goes on" {
    shell s {
        // The C library starts programs with its own two signals, 32 and 33, ignored.
        > grep -E 'Sig(Blk|Ign)' /proc/self/status | grep -vcE ':.0*(18)?0{7,}$'
        <? ^0\\r?$
        > touch "$__RELUX_TEST_ARTIFACTS/begun"; while ! test -e go; do sleep 0.01; done; echo went
        <~50s? ^went$
    }
}
''')

        def ignore():
            for number in (signal.SIGALRM, signal.SIGUSR2, signal.SIGXFSZ):
                signal.signal(number, signal.SIG_IGN)
        process = subprocess.Popen([project.binaries / "relux", "run"], cwd=project.root, text=True, stdin=subprocess.DEVNULL,
                                   env=project.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   preexec_fn=ignore, restore_signals=False)
        started = time.monotonic()
        wait_for(lambda: begun(project), "the test begins")
        for number in (signal.SIGALRM, signal.SIGUSR2, signal.SIGXFSZ):
            process.send_signal(number)
        write(project, "go")
        run = project.finish(process, started, LIMIT)
        checks.check("ignored signals: the run goes on", run.status == 0, run.said())


def check_file_size(checks, options):
    """`ulimit -f`: the log of a shell reaches the limit, and the run ends with its reports."""
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        write(project, "relux/tests/loud.relux", '''test "loud" {
    shell s {
        > seq 200000
        <~100s? ^never$
    }
}
test "comes later" {
    shell s {
        > echo later
        <? ^later$
    }
}
''')
        run = run_with(project, ["run", "-j", "1", "--junit", "--tap"], limited(resource.RLIMIT_FSIZE, 200_000, 200_000))
        checks.check("ulimit -f: exit status 130", run.status == 130, run.said())
        check_reports(checks, "ulimit -f", run, {"loud": "cancelled", "comes later": "cancelled"})
        checks.check("ulimit -f: it says which log is not whole", "File too large" in run.stderr, run.said())
        project.check_nothing_left(checks, "ulimit -f")
        # The cache can't be written either, which costs nothing but time.
        checked = run_with(project, ["check"], limited(resource.RLIMIT_FSIZE, 0, 0))
        checks.check("ulimit -f 0: a check goes on", checked.status == 0, checked.said())


@contextlib.contextmanager
def small_disk(size):
    """A directory on a file system of its own; None where it can't be mounted."""
    with tempfile.TemporaryDirectory() as mount:
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", mount], check=False,
                                 stderr=subprocess.DEVNULL).returncode == 0
        try:
            yield pathlib.Path(mount) if mounted else None
        finally:
            if mounted:
                subprocess.run(["umount", mount], check=True)


def check_full_disk(checks, options):
    """The tests fill the disk to the last byte; summary, junit.xml, results.tap and the page are there."""
    with small_disk("2m") as disk, Project(options.binaries) as project:
        if disk is None:
            print("no small disk can be mounted here: a full one is not tested")
            return
        write(project, "Relux.toml", "")
        fill = 'head -c 4000000 /dev/zero > "$__RELUX_RUN_ARTIFACTS/fill-$$" 2>&1; echo fill""ed'
        write(project, "relux/tests/fills.relux", "".join(f'''test "fills {number}" {{
    shell s {{
        > {fill}
        <~20s? filled
        <~10ms? ^never$
    }}
}}
''' for number in range(60)))
        (project.root / "relux" / "out").symlink_to(disk)
        run = project.run("run", "-j", "4", "--junit", "--tap", limit=LIMIT)
        checks.check("full disk: the disk is full", os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize < 300_000)
        checks.check("full disk: it says why logs are missing", "No space left on device" in run.stderr, run.said())
        check_reports(checks, "full disk", run, {f"fills {number}": "fail" for number in range(60)})
        leftovers = [path.name for path in disk.glob("run-*/*") if path.name.endswith(".new")]
        checks.check("full disk: nothing is left of the room", not leftovers, f"{leftovers}")
        project.check_nothing_left(checks, "full disk")
        (project.root / "relux" / "out").unlink()


# Ports are taken first and listened on later, as by a server that takes its time to start.
SERVES = """import pathlib, socket, sys, time
server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
time.sleep(0.2)
server.bind(("127.0.0.1", int(sys.argv[1])))
server.listen()
print("listening", flush=True)
input()
"""
RUNS = 8


def serving_tests(serves, name, count=3):
    return "".join(f'''test "{name} {number}" {{
    let port = available_port()
    shell server {{
        !? Error
        > python3 {serves} ${{port}}
        <~60s? ^listening$
    }}
    shell client {{
        > python3 -c 'import socket; socket.create_connection(("127.0.0.1", ${{port}})); print("connected")'
        <~60s? ^connected$
    }}
}}
''' for number in range(count))


def finish_all(checks, name, processes):
    for number, process in enumerate(processes):
        _, stderr = process.communicate(timeout=LIMIT * 3)
        checks.check(f"{name}: run {number} passes", process.returncode == 0, stderr[-700:])
        problems = [line for line in stderr.splitlines() if line.startswith(("error", "warning", "note"))]
        checks.check(f"{name}: run {number} has nothing to complain about", not problems, f"{problems}")


# Hardly more ports than the tests of all runs hold at once.
PORTS = f"[available_ports]\nrange_start = 21000\nrange_end = {21000 + RUNS * 2 + 3}\n"


def check_runs_at_once(checks, options):
    """Eight runs in one project, each of its own file; what they have learned is put together."""
    with Project(options.binaries) as project:
        write(project, "Relux.toml", PORTS)
        serves = write(project, "serves.py", SERVES)
        files = []
        for number in range(RUNS):
            files.append(f"relux/tests/serves_{number}.relux")
            write(project, files[-1], serving_tests(serves, f"of {number}"))
        name = "runs at once"
        finish_all(checks, name, [project.start("run", "-j", "2", "--incremental", "--junit", "--tap", file) for file in files])
        out = project.root / "relux" / "out"
        summaries = list(out.glob("run-*/run_summary.toml"))
        checks.check(f"{name}: each has a directory of its own", len(summaries) == RUNS, f"{len(summaries)}")
        checks.check(f"{name}: latest is one of them", (out / "latest").resolve() in [path.parent for path in summaries])
        strays = [path.name for path in out.iterdir() if path.name.startswith("latest-") or ".new" in path.name]
        checks.check(f"{name}: nothing half-done is left", not strays, f"{strays}")
        history = project.start("history", "--failures")
        _, stderr = history.communicate(timeout=LIMIT)
        checks.check(f"{name}: history reads them all", history.returncode == 0 and "skipped" not in stderr, stderr)
        run = project.run("run", "-j", "2", "--incremental", limit=LIMIT)
        cached = run.stderr.count("ok (cached)")
        checks.check(f"{name}: every run's results are remembered", run.status == 0 and cached == 3 * RUNS,
                     f"{cached} of {3 * RUNS} cached; {run.said()}")
        project.check_nothing_left(checks, name)


def check_projects_at_once(checks, options):
    """Eight projects at once, with one cache and one range of ports."""
    with contextlib.ExitStack() as stack:
        projects = [stack.enter_context(Project(options.binaries)) for _ in range(RUNS)]
        report = projects[0].parent / "shared.xml"
        for project in projects:
            write(project, "Relux.toml", PORTS)
            write(project, "relux/tests/serves.relux", serving_tests(write(project, "serves.py", SERVES), "test"))
        name = "projects at once"
        environment = {"XDG_CACHE_HOME": str(projects[0].parent / "cache"), "XML_OUTPUT_FILE": str(report)}
        finish_all(checks, name, [project.start("run", "-j", "2", extra_environment=environment) for project in projects])
        cases = list(xml.etree.ElementTree.parse(report).getroot().iter("testcase"))
        checks.check(f"{name}: a report that all write is one of them", len(cases) == 3, f"{len(cases)}")
        for project in projects:
            project.check_nothing_left(checks, name)


def full_pipe():
    """(reading, writing) ends of a pipe that has no room left, as of a reader that does not read."""
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    os.set_blocking(writing, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writing, b"x" * 4096)
    os.set_blocking(writing, True)
    return reading, writing


def start_unread(project, writing, **streams):
    return subprocess.Popen([project.binaries / "relux", "run", "-j", "4", "--junit", "--tap"], cwd=project.root,
                            env=project.environment(), stdin=subprocess.DEVNULL, **({"stdout": writing, "stderr": writing} | streams))


def ends_within(process, seconds):
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
        return True
    return False


def summary_of(project):
    latest = project.root / "relux" / "out" / "latest" / "run_summary.toml"
    return tomllib.loads(latest.read_text(encoding="utf-8"))["tests"] if latest.exists() else []


def check_unread_console(checks, options):
    """Nobody reads what the run prints: its tests go on all the same, and a signal ends it."""
    name = "nobody reads"
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        write(project, "relux/tests/many.relux", many_tests(12) + many_tests(4, "> seq 2000").replace('"number', '"fails')
              .replace("<~50s?", "<~50ms?"))
        reading, writing = full_pipe()
        process = start_unread(project, writing)
        wait_for(lambda: len(summary_of(project)) == 16, "the summary")
        checks.check(f"{name}: all tests have run", [test["outcome"] for test in summary_of(project)].count("pass") == 12)
        checks.check(f"{name}: the run waits for a reader", not ends_within(process, 0.2))
        process.send_signal(signal.SIGTERM)
        checks.check(f"{name}: a signal ends it all the same", ends_within(process, LIMIT) and process.returncode == 1,
                     f"{process.returncode}")
        process = start_unread(project, writing)
        wait_for(lambda: len(summary_of(project)) == 16 and
                 (project.root / "relux" / "out" / "latest" / "results.tap").exists(), "the second summary")
        os.close(writing)
        with os.fdopen(reading, "rb") as reader:
            said = reader.read().decode().lstrip("x")
        checks.check(f"{name}: who reads late gets all of it", said.startswith("running 16 tests\n") and
                     said.count("... ok (") + said.count(": ok (") + said.count(" ok (") >= 12 and "\ntest result: FAILED. 12 passed; 4 failed" in said,
                     said[-500:])
        checks.check(f"{name}: and the run ends", ends_within(process, LIMIT) and process.returncode == 1)
        project.check_nothing_left(checks, name)


def check_interrupt_unread(checks, options):
    """SIGTERM is heard while tests run, whoever reads."""
    name = "SIGTERM while nobody reads"
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        write(project, "relux/tests/waits.relux", many_tests(3) + WAITS)
        reading, writing = full_pipe()
        process = start_unread(project, writing)
        wait_for(lambda: begun(project), "the test begins")
        process.send_signal(signal.SIGTERM)
        checks.check(f"{name}: exit status 130", ends_within(process, LIMIT) and process.returncode == 130,
                     f"{process.returncode}")
        outcomes = {test["name"]: test["outcome"] for test in summary_of(project)}
        checks.check(f"{name}: the reports are there", outcomes.get("waits") == "cancelled" and len(outcomes) == 5, f"{outcomes}")
        os.close(writing)
        os.close(reading)
        project.check_nothing_left(checks, name)


def check_unread_trace(checks, options):
    """A trace that goes to whoever does not read it."""
    name = "a trace that nobody reads"
    for ended_by in ("reader", "signal"):
        with Project(options.binaries) as project:
            write(project, "Relux.toml", "")
            # Enough for more than the pipe and a block hold.
            write(project, "relux/tests/many.relux", many_tests(60, "\n        ".join(["> echo once", "<? ^once$"] * 20 + ["> echo hello-$((40 + 2))"])))
            pipe = project.root / "trace"
            os.mkfifo(pipe)
            reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
            started = time.monotonic()
            process = project.start("run", "--trace-file", pipe)
            # The lines of the tests come though nobody takes the trace.
            lines = []
            while sum(" ok (" in line for line in lines) < 60 and (line := process.stderr.readline()):
                lines.append(line)
            checks.check(f"{name}: all tests run", sum(" ok (" in line for line in lines) == 60, f"{lines[-3:]}")
            if ended_by == "reader":
                os.set_blocking(reading, True)
                with os.fdopen(reading, "rb", closefd=False) as reader:
                    events = json.loads(reader.read())["traceEvents"]
                checks.check(f"{name}: who reads late gets all of it", len(events) > 60 * 40, f"{len(events)} events")
            else:
                process.send_signal(signal.SIGTERM)
            run = project.finish(process, started, LIMIT)
            os.close(reading)
            checks.check(f"{name}: the run ends by the {ended_by}", run.status == 0 and len(run.tests) == 60, run.said())
            checks.check(f"{name}: it says so if the trace is not whole", ("nobody takes it" in run.stderr) == (ended_by == "signal"), run.said())


def check_stopped_terminal(checks, options):
    """The same on a terminal that Ctrl-S has stopped, with the live view."""
    name = "a stopped terminal"
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        write(project, "relux/tests/waits.relux", many_tests(3) + WAITS)
        master, terminal = pty.openpty()
        termios.tcflow(terminal, termios.TCOOFF)
        process = subprocess.Popen([project.binaries / "relux", "run", "-j", "4"], cwd=project.root, stdin=terminal,
                                   stdout=terminal, stderr=terminal, start_new_session=True,
                                   env=project.environment({"TERM": "xterm"}))
        wait_for(lambda: begun(project), "the test begins")
        process.send_signal(signal.SIGTERM)
        checks.check(f"{name}: a signal ends the run", ends_within(process, LIMIT) and process.returncode == 130,
                     f"{process.returncode}")
        checks.check(f"{name}: the summary is there", len(summary_of(project)) == 5)
        os.close(terminal)
        os.close(master)
        project.check_nothing_left(checks, name)


def main():
    run_parts(__doc__, (check_signals, check_signals_twice, check_ignored_signals, check_file_size, check_full_disk,
                       check_runs_at_once, check_projects_at_once,
                       check_unread_console, check_interrupt_unread, check_unread_trace, check_stopped_terminal,
                       check_slow_disk,
                       *attack_limits.PARTS, *attack_files.PARTS, *attack_secrets.PARTS, *attack_texts.PARTS))


if __name__ == "__main__":
    main()
