#!/usr/bin/env python3
"""What a start looks at: its own project, however many others there are. Counted are system calls, not time."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

from suite_checks import REPOSITORY, Project, run_parts, write

sys.path.insert(0, str(REPOSITORY / "tests" / "bench"))
import company  # noqa: E402

TEST = 'test "one" {\n    shell s {\n        > echo one\n        <? ^one$\n    }\n}\n'
# Those that look for something in files. How often a terminal is looked at is a matter of time.
CALLS = ("open", "openat", "stat", "lstat", "newfstatat", "statx", "access", "faccessat2", "readlink", "readlinkat",
         "getdents64", "unlink", "unlinkat", "rename", "utimensat")
PROJECTS, RUNS, PROGRAMS, PROCESSES = 500, 300, 500, 300
# Of looks at the processes that the shell itself starts, which may come once more or less.
SPREAD = 25
FEW_NUMBERS = 1_000_000
LONG_AGO = (1_600_000_000, 1_600_000_000)
SLOW = 'test "slow" {\n    shell s {\n        > sleep 0.3; echo one\n        <? ^one$\n    }\n}\n'


def calls(project, *words):
    """How many system calls of those kinds a run makes itself, without its shells."""
    log = project.parent / "strace.log"
    command = ["strace", "-f", "-o", str(log), "-e", f"trace={','.join(f'?{name}' for name in CALLS)},execve",
               project.binaries / "relux", *words]
    done = subprocess.run(command, cwd=project.root, env=project.environment(environment(project)), text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    executed = {}
    count = 0
    named = {}
    for line in log.read_text(errors="replace").splitlines():
        process, _, call = line.partition(" ")
        name = call.strip().partition("(")[0]
        if name == "execve":
            executed[process] = executed.get(process, 0) + 1
        # What another program does after its start is not the run's.
        elif name in CALLS and executed.get(process, 0) <= (process == first(executed)):
            count += 1
            named[name] = named.get(name, 0) + 1
    return done, count, named, len(re.findall(r"/proc/\d+/environ", log.read_text(errors="replace")))


def first(executed):
    return next(iter(executed), None)


def environment(project):
    return {"PATH": f"{project.parent}/programs:{os.environ['PATH']}"}


def check_calls(checks, options):
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        write(project, "relux/tests/one.relux", TEST)
        (project.parent / "programs").mkdir()
        for _ in range(2):
            project.run("run")
        done, alone, of_alone, _ = calls(project, "run")
        print(f"{alone} calls")
        checks.check("the run alone passes", done.returncode == 0 and "1 passed" in done.stdout, done.stdout)
        (project.parent / "programs").rmdir()
        company.fill_cache(project.parent / "cache" / "relux", PROJECTS)
        company.add_runs(project.root, RUNS)
        company.add_programs(project.parent / "programs", PROGRAMS)
        with company.processes(PROCESSES):
            done, among, of_among, _ = calls(project, "run")
            write(project, "relux/tests/one.relux", SLOW)
            slow, _, _, looks = calls(project, "run")
        checks.check("the run among others passes", done.returncode == 0 and "1 passed" in done.stdout, done.stdout)
        checks.check("a start looks at no other project, earlier run, program or process", among <= alone + SPREAD,
                     f"{alone} calls alone, {among} among others: {of_alone} {of_among}")
        # Where there are few numbers for processes, those of old ones may have come round by then: each is looked at.
        few = int(pathlib.Path("/proc/sys/kernel/pid_max").read_text(encoding="utf-8")) < FEW_NUMBERS
        checks.check("nor does the end of a shell that has lived for longer", slow.returncode == 0
                     and (few or looks <= SPREAD), f"{looks} looks into the environment of processes; {slow.stdout}")


def packs_of(project):
    return sorted((project.parent / "cache" / "relux").rglob("*.rxp"))


def check_trimming(checks, options):
    """Once a day, by one, after the results."""
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        write(project, "relux/tests/one.relux", TEST)
        project.run("run")
        cache = project.parent / "cache" / "relux"
        mark = cache / "trimmed"
        checks.check("a run leaves the mark", mark.exists())
        company.fill_cache(cache, 20)
        for pack in packs_of(project):
            os.utime(pack, LONG_AGO)
        limit = {"RELUX_CACHE_LIMIT": "1KB"}
        before = packs_of(project)
        project.run("run", extra_environment=limit)
        checks.check("as long as the mark is new, nothing goes", packs_of(project) == before)
        os.utime(mark, LONG_AGO)
        run = project.run("run", extra_environment=limit)
        left = packs_of(project)
        checks.check("when it is old, what was not used for longest goes", run.status == 0 and len(left) == 1, f"{left}")
        checks.check("the mark is new again", mark.stat().st_mtime > LONG_AGO[1])
        os.utime(mark, LONG_AGO)
        at_once = [project.start("run", extra_environment=limit) for _ in range(8)]
        said = [process.communicate()[1] for process in at_once]
        checks.check("eight that find it old are no harm", not any(process.returncode for process in at_once)
                     and not any("warning" in text for text in said) and len(packs_of(project)) == 1, "\n".join(said))
        checks.check("what the run has used is the last to go", ": compiled: " not in project.run(
            "build", "--why", "-o", "x.rxb", program="reluxc").stderr, f"{left}")


def check_checkouts(checks, options):
    """Another checkout of a project has what the first has compiled."""
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        write(project, "relux/tests/one.relux", TEST)
        other = project.parent / "elsewhere" / "project"
        shutil.copytree(project.root, other)
        project.run("run")
        project.root = other
        run = project.run("build", "--why", "-o", "x.rxb", program="reluxc")
        checks.check("another checkout compiles nothing again", run.status == 0 and ": cached" in run.stderr
                     and ": compiled: " not in run.stderr, run.said())
        write(project, "relux/tests/one.relux", TEST.replace("one", "two"))
        run = project.run("build", "--why", "-o", "x.rxb", program="reluxc")
        checks.check("but what it has changed", run.stderr.count(": compiled: ") == 1, run.said())


def main():
    run_parts(__doc__, (check_calls, check_trimming, check_checkouts))


if __name__ == "__main__":
    main()
