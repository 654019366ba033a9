"""Tests that together need more than there is of descriptors or terminals, for check_endings.py: they take turns."""

import contextlib
import resource
import subprocess
import sys
import time

from suite_checks import Project, write

LIMIT = 120  # seconds

# Each of its shells is still open when the last one has been asked.
THREE_SHELLS = '''test "number {number}" {{
    shell a {{
        > echo a-$((40 + {number}))
        <~50s? ^a-{answer}$
    }}
    shell b {{
        > echo b-$((40 + {number}))
        <~50s? ^b-{answer}$
    }}
    shell c {{
        > echo c-$((40 + {number}))
        <~50s? ^c-{answer}$
    }}
}}
'''

# Two shells of the effect, one of which stays, and two of the test.
WITH_EFFECT = '''effect Service {
    expect NAME
    expose shell served
    shell helper {
        > echo helps-$((1 + 1))
        <~50s? ^helps-2$
    }
    shell served {
        > echo serves-$((1 + 1))
        <~50s? ^serves-2$
    }
    cleanup {
        > true
        match_ok()
    }
}
'''

USES_EFFECT = '''test "served {number}" {{
    start Service as one {{
        NAME = "one"
    }}
    start Service as two {{
        NAME = "two"
    }}
    shell one.served {{
        > echo one-$((40 + {number}))
        <~50s? ^one-{answer}$
    }}
    shell own {{
        > echo own-$((40 + {number}))
        <~50s? ^own-{answer}$
    }}
}}
'''


def tests(template, count):
    return "".join(template.format(number=number, answer=40 + number) for number in range(count))


def many_shells(name, count):
    return f'test "{name}" {{\n' + "".join(
        f"    shell s{number} {{\n        > echo hello-$((40 + {number}))\n"
        f"        <~50s? ^hello-{40 + number}$\n    }}\n" for number in range(count)) + "}\n"


def run(project, *command, prepare=None, before=()):
    started = time.monotonic()
    with contextlib.suppress(FileNotFoundError):
        (project.root / "relux" / "out" / "latest").unlink()
    process = subprocess.Popen([*before, project.binaries / "relux", "run", *map(str, command)], cwd=project.root, text=True,
                               errors="replace", env=project.environment(), stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=prepare)
    return project.finish(process, started, LIMIT)


def descriptors(count):
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (count, count))


# Takes so many of the terminals that the mount has, and becomes the command.
HOLDING = """import os, sys
for _ in range(int(sys.argv[1])):
    os.set_inheritable(os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY), True)
os.execv(sys.argv[2], sys.argv[2:])
"""
# The same beside the command, until there is a file `let-go`.
HOLDING_FOR_A_WHILE = """import os, sys, time
ready, told = os.pipe()
if os.fork():
    os.close(told)
    os.read(ready, 1)
    os.execv(sys.argv[2], sys.argv[2:])
held = [os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY) for _ in range(int(sys.argv[1]))]
os.write(told, b"x")
while not os.path.exists("let-go"):
    time.sleep(0.01)
for descriptor in held:
    os.close(descriptor)
open("gone", "w").close()
"""

# The second and the third wait for each other.
LETS_GO = """test "lets go" {
    shell s {
        > touch let-go; while ! test -e gone; do sleep 0.01; done; echo is-go""ne
        <~50s? ^is-gone$
    }
}
test "one" {
    shell s {
        > touch one; while ! test -e two; do sleep 0.01; done; echo is-the""re
        <~20s? ^is-there$
    }
}
test "two" {
    shell s {
        > touch two; while ! test -e one; do sleep 0.01; done; echo is-the""re
        <~20s? ^is-there$
    }
}
"""


def terminals(count, held=0, holding=HOLDING):
    """The beginning of a command that sees a mount of /dev/pts with so many terminals."""
    mount = f"mount -t devpts -o newinstance,max={count},ptmxmode=0666 none /dev/pts && exec \"$@\""
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", mount, "sh",
            *([sys.executable, "-c", holding, str(held)] if held else [])]


def private_terminals():
    """Whether this user may mount them."""
    return subprocess.run([*terminals(12), "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0


def check_all_pass(checks, name, finished, count):
    passed = sum(test["outcome"] == "pass" for test in finished.tests.values())
    return checks.check(f"{name}: all pass", finished.status == 0 and passed == count == len(finished.tests),
                        f"{passed} of {count} passed; {finished.said()}")


def check_waiting_for_descriptors(checks, options):
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        write(project, "relux/tests/three.relux", tests(THREE_SHELLS, 80))
        for limit, jobs, threads in ((64, 1, 1), (64, 8, 1), (64, 64, 2), (200, 64, 1), (200, 64, 2)):
            finished = run(project, "-j", jobs, "--threads", threads, prepare=descriptors(limit))
            name = f"{limit} descriptors, 80 tests of three shells at -j {jobs} and {threads} threads"
            check_all_pass(checks, name, finished, 80)
            checks.check(f"{name}: that they wait is said once, if they do",
                         finished.stderr.count("wait for their turn") == (jobs > 1), finished.said())
        write(project, "relux/tests/three.relux", WITH_EFFECT + tests(USES_EFFECT, 20) + tests(THREE_SHELLS, 20))
        finished = run(project, "-j", 16, prepare=descriptors(64))
        check_all_pass(checks, "64 descriptors, shells of effects", finished, 40)
        finished = run(project, "-j", 8, prepare=descriptors(4096))
        check_all_pass(checks, "descriptors enough", finished, 40)
        checks.check("descriptors enough: nobody waits", "wait for their turn" not in finished.stderr, finished.said())
        project.check_nothing_left(checks, "too few descriptors")


def check_too_large(checks, options):
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        write(project, "relux/tests/large.relux", many_shells("large", 100) + tests(THREE_SHELLS, 3))
        finished = run(project, "-j", 4, prepare=descriptors(64))
        failure = finished.tests.get("large", {}).get("failure_summary", "")
        checks.check("a test that needs more than the limit fails", finished.outcome("large") == "fail" and
                     "needs 100 shells at once" in failure and "the limit is 64" in failure, finished.said())
        checks.check("a test that needs more than the limit starts no shell",
                     not list(finished.log_directory("large").glob("*.stdout*")), finished.said())
        checks.check("beside a test that needs more than the limit the others pass",
                     sum(test["outcome"] == "pass" for test in finished.tests.values()) == 3, finished.said())
        # More than is counted on for each shell, and still as many as there can be.
        write(project, "relux/tests/large.relux", many_shells("large", 10) + tests(THREE_SHELLS, 10))
        finished = run(project, "-j", 4, prepare=descriptors(64))
        check_all_pass(checks, "a test that fits in by itself runs alone", finished, 11)
        project.check_nothing_left(checks, "too large")


def check_waiting_for_terminals(checks, options):
    if not private_terminals():
        print("the checks of few terminals need a mount of their own, which this user may not make")
        return
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        write(project, "relux/tests/three.relux", tests(THREE_SHELLS, 80))
        for jobs, threads in ((1, 1), (8, 1), (8, 2), (64, 1), (64, 2)):
            finished = run(project, "-j", jobs, "--threads", threads, before=terminals(12))
            check_all_pass(checks, f"12 terminals, 80 tests of three shells at -j {jobs} and {threads} threads",
                           finished, 80)
        finished = run(project, "-j", 8, before=terminals(5, held=2))
        check_all_pass(checks, "3 terminals that others leave", finished, 80)
        write(project, "relux/tests/three.relux", tests(THREE_SHELLS, 1))
        finished = run(project, before=terminals(2))
        failure = finished.tests.get("number 0", {}).get("failure_summary", "")
        checks.check("a test that needs more terminals than there are fails", "needs 3 shells at once" in failure and
                     "no more than 2 terminals" in failure, finished.said())
        write(project, "relux/tests/three.relux", many_shells("one", 1))
        finished = run(project, before=terminals(3, held=3))
        failure = finished.tests.get("one", {}).get("failure_summary", "")
        checks.check("a shell that nobody can give back to fails", "all terminals of the system" in failure,
                     finished.said())
        # Before it gave up after the time-out of a match.
        checks.check("a shell that nobody can give back to fails at once", finished.seconds_of("one") < 3,
                     finished.said())
        write(project, "take.py", TAKE)
        write(project, "relux/tests/three.relux", THIEF + "".join(many_shells(f"other {i}", 1) for i in range(6)))
        finished = run(project, "-j", 4, "--threads", 2, before=terminals(12))
        check_all_pass(checks, "terminals that are taken meanwhile", finished, 7)
        write(project, "relux/tests/three.relux", LETS_GO)
        finished = run(project, "-j", 3, before=terminals(12, held=11, holding=HOLDING_FOR_A_WHILE))
        check_all_pass(checks, "terminals that others let go of are used", finished, 3)
        project.check_nothing_left(checks, "too few terminals")


# Takes all terminals that are left, while other tests run.
THIEF = '''test "takes all" {
    shell thief {
        > python3 take.py
        <~50s? ^let go$
    }
}
'''

TAKE = '''import contextlib, os, time
held = []
with contextlib.suppress(OSError):
    while True:
        held.append(os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY))
time.sleep(0.7)
for descriptor in held:
    os.close(descriptor)
print("let go")
'''

PARTS = (check_waiting_for_descriptors, check_too_large, check_waiting_for_terminals)
