#!/usr/bin/env python3
"""What a hostile or crowded machine does to the runner: signals that nobody expects, limits, disks that fill up.

After each: the run goes on, or ends with all its reports and the right exit status.
"""

import contextlib
import os
import pathlib
import resource
import signal
import subprocess
import tempfile
import time

from check_endings import LIMIT, WAITS, begun, check_reports, limited, run_with
from suite_checks import Checks, Project, arguments, wait_for, write

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


def main():
    options = arguments(__doc__)
    checks = Checks()
    for part in (check_signals, check_signals_twice, check_ignored_signals, check_file_size, check_full_disk):
        try:
            part(checks, options)
        except (OSError, KeyError, TimeoutError, subprocess.SubprocessError) as error:
            checks.check(f"{part.__name__} goes to its end", False, repr(error))
    checks.finish()


if __name__ == "__main__":
    main()
