#!/usr/bin/env python3
"""Runs what must fail: the outcome, the words, how soon, and that no process is left."""

import concurrent.futures
import json
import pathlib
import re
import signal
import time

from suite_checks import SUITES, Checks, Project, arguments

SOON = 20  # seconds; those tests would take 60 if nothing ended them earlier

# test: (file, outcome, first line of the failure, [other words in the output], at least s, at most s)
FAILURES = {
    "match timeout": ("matches", "fail", r"match timeout in shell 's': timed out waiting for .*\^never comes\$",
                      [r"400 ?ms", "something else"], 0.4, SOON),
    "match timeout of a literal": ("matches", "fail", "match timeout in shell 's': timed out waiting for .*never comes",
                                   [], 0.4, SOON),
    "multimatch": ("matches", "fail", r"multimatch did not satisfy all patterns in shell 's' \(1/2 matched\)",
                   [r"multimatch in shell 's' did not", r"matched: +\? \^one\$", "timed out: +. never comes"], 0.4, SOON),
    "invalid dynamic regex": ("matches", "fail", "invalid regex: ", [], 0, SOON),
    "pattern too complex": ("matches", "fail", "pattern is too complex", [], 0, 50),
    "pure match": ("matches", "fail", "pure match in .* did not satisfy pattern .* did not match",
                   ["pure match in .* did not match", "value that is there", "pattern that is not"], 0, SOON),
    "near miss: it came before the cursor": ("matches", "fail", "match timeout in shell 's'", ["before the cursor"],
                                             0.4, SOON),
    "fail pattern in an idle shell": ("fail_patterns", "fail", "fail pattern matched in shell 'watched': ",
                                      [r"panic: disk on fire", r"\^panic:", r"fail_patterns\.relux"], 0.7, SOON),
    "fail pattern literal": ("fail_patterns", "fail", "fail pattern matched in shell 'watched': ", ["PANIC"], 0, SOON),
    "fail pattern while the same shell waits": ("fail_patterns", "fail", "fail pattern matched in shell 's': ",
                                                ["panic: at once"], 0, SOON),
    "fail pattern set after its line came": ("fail_patterns", "fail", "fail pattern matched in shell 's': ",
                                             ["panic: unread"], 0, SOON),
    "fail pattern during a sleep": ("fail_patterns", "fail", "fail pattern matched in shell 'watched': ",
                                    ["panic: now"], 0.4, SOON),
    "fail pattern of a handed-over shell": ("fail_patterns", "fail", "fail pattern matched in shell '.*service'",
                                            ["error: typed and echoed"], 0, SOON),
    "fail pattern is inherited by a function": ("fail_patterns", "fail", "fail pattern matched in shell 's': ",
                                                ["panic: in a function", "calls_out"], 0, SOON),
    "shell exits": ("shells", "fail", "shell 's' exited unexpectedly with exit code 7", [], 0, SOON),
    "shell is killed": ("shells", "fail", "shell 's' exited unexpectedly by signal 9", [], 0, SOON),
    "send to a shell that has exited": ("shells", "fail", "shell 'gone' exited unexpectedly with exit code 3", [],
                                        0, SOON),
    "exit code mismatch": ("shells", "fail", r"\b42\b", [r"match_ok"], 0, SOON),
    "exit code is zero but should not be": ("shells", "fail", r"\b0\b", ["match_not_ok"], 0, SOON),
    "exit code is another": ("shells", "fail", r"\b42\b", ["match_not_ok"], 0, SOON),
    "line too long for a terminal": ("shells", "fail", r"runtime error in shell 's': .*\b4,?095\b", [], 0, SOON),
    "test tolerance": ("limits", "fail", r"test timeout \(700 ?ms\) exceeded", [], 0.7, SOON),
    "test assertion": ("limits", "fail", r"test timeout \(700 ?ms\) exceeded", [], 0.7, SOON),
    "test timeout while many shells are busy": ("limits", "fail", r"test timeout \(700 ?ms\) exceeded", [], 0.7, SOON),
    "recursion without end": ("limits", "fail", r"runtime error in shell 's': .*\b1,?000\b", ["calls_itself"], 0, SOON),
    "calls that triple at every level": ("limits", "fail", r"test timeout \(700 ?ms\) exceeded", ["thrice_0"], 0.7, SOON),
    "builtin refuses a number": ("limits", "fail", "runtime error in shell 's': ", ["split"], 0, SOON),
    "builtin refuses a mode": ("limits", "fail", "runtime error in shell 's': ", ["nonsense"], 0, SOON),
    "effect fails its set-up": ("chains", "fail", r"match timeout in shell '.*service': timed out waiting for .*door",
                                ["effect fails its set-up", "Above", "Broken", r"chains\.relux"], 0.4, SOON),
    "function fails": ("chains", "fail", "match timeout in shell 's'", ["outer_step", "inner_step", "<~400ms"],
                       0.4, SOON),
    "cleanup reads a variable of a start that failed": ("chains", "fail", "runtime error in ", ["split"], 0, SOON),
    "cleanup reads a variable that is passed on by one that failed": ("chains", "fail", "runtime error in ",
                                                                      ["split"], 0, SOON),
    "cleanups run after a failure": ("chains", "fail", "match timeout in shell 's'", [], 0.4, SOON),
    "cleanups run after a test timeout": ("chains", "fail", "test timeout ", [], 0.7, SOON),
    "leaves a child": ("processes", "fail", "match timeout in shell 's'", [], 0.4, SOON),
    "leaves children that ignore the hang-up": ("processes", "fail", "match timeout in shell 's'", [], 0.4, SOON),
    "leaves a daemon of its own session": ("processes", "fail", "match timeout in shell 's'", [], 0.4, SOON),
}
INVALID = {
    "invalid: its file has a syntax error": "expected",
    "invalid: assignment to a name never declared": "assignment to undeclared variable",
}
CLEANED_UP = ("cleanups run after a failure", "cleanups run after a test timeout")


def alone(binaries, name):
    """Runs one test in a project of its own; the checks as (name, good, why)."""
    file, outcome, first_line, words, least, most = FAILURES[name]
    with Project(binaries, SUITES / "failing") as project:
        run = project.run("run", "-f", f"relux/tests/{file}.relux", "-t", name, limit=120)
        left = project.processes_left()
        if run.outcome(name) == "missing":
            return [(name, False, run.said())]
        test = run.tests[name]
        seconds = run.seconds_of(name)
        results = [
            (f"{name}: {outcome}", test["outcome"] == outcome and run.status == 1, run.said()),
            (f"{name}: says {first_line}", re.search(first_line, test.get("failure_summary", "")),
             test.get("failure_summary")),
            (f"{name}: in time", least - 0.001 <= seconds <= most, f"{seconds:.3f} s, not {least} to {most} s"),
            (f"{name}: no process is left", not left, f"{left}"),
        ]
        if words:
            missing = [word for word in words if not re.search(word, run.stderr)]
            results.append((f"{name}: shows {', '.join(words)}", not missing, f"{missing} not in {run.said()}"))
        if name in CLEANED_UP:
            order = run.log_directory(name) / "artifacts" / "order"
            lines = order.read_text().splitlines() if order.exists() else []
            results.append((f"{name}: in order", lines == ["test cleaned up", "effect cleaned up"], f"{lines}"))
        return results


def check_each_alone(checks, options):
    with concurrent.futures.ThreadPoolExecutor(max_workers=4) as pool:
        for results in pool.map(lambda name: alone(options.binaries, name), FAILURES):
            for result in results:
                checks.check(*result)


def check_all_at_once(checks, options):
    with Project(options.binaries, SUITES / "failing") as project:
        run = project.run("run", "-j", 8)
        checks.check("all at once: exit status 1", run.status == 1, run.said())
        for name, (_, outcome, *_) in FAILURES.items():
            checks.check(f"all at once: {name}", run.outcome(name) == outcome, run.outcome(name))
        for name, words in INVALID.items():
            checks.check(f"all at once: {name}", run.outcome(name) == "invalid", run.outcome(name))
            checks.check(f"all at once: {name}: says {words}", words in run.stderr, run.said())
        passing = "passes among all that fail"
        checks.check(f"all at once: {passing}", run.outcome(passing) == "pass", run.outcome(passing))
        checks.check("all at once: the result line counts",
                     re.search(rf"test result: FAILED\. 1 passed; {len(FAILURES)} failed; \d+ invalid", run.stderr),
                     run.said())
        project.check_nothing_left(checks, "all at once")


SLOW_AND_FAST = {
    "a_fast.relux": 'test "fast" {\n    shell s {\n        > echo up; sleep 1\n        <~300ms? ^never$\n    }\n}\n',
    "b_slow.relux": """test "slow" {
    shell s {
        > touch '${__RELUX_RUN_ARTIFACTS}/slow-is-running'; sleep 1007
        <@60s? ^never$
    }
    cleanup {
        > touch '${__RELUX_RUN_ARTIFACTS}/slow-was-cleaned-up'
        match_ok()
    }
}
""",
    "c_later.relux": 'test "later" {\n    shell s {\n        > echo here\n        <? ^here$\n    }\n}\n',
}


def write_slow_and_fast(project):
    (project.root / "Relux.toml").write_text("")
    for name, text in SLOW_AND_FAST.items():
        (project.root / "relux" / "tests" / name).write_text(text)


def check_fail_fast(checks, options):
    with Project(options.binaries) as project:
        write_slow_and_fast(project)
        run = project.run("run", "-j", 2, "--strategy", "fail-fast", limit=120)
        outcomes = {name: run.outcome(name) for name in ("fast", "slow", "later")}
        checks.check("fail-fast: the rest is cancelled",
                     outcomes == {"fast": "fail", "slow": "cancelled", "later": "cancelled"},
                     f"{outcomes} {run.said()}")
        checks.check("fail-fast: at once", run.seconds < SOON, f"{run.seconds:.1f} s")
        checks.check("fail-fast: exit status 1", run.status == 1, run.said())
        project.check_nothing_left(checks, "fail-fast")


def wait_for(condition, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def check_interrupt(checks, options, name, signals):
    with Project(options.binaries) as project:
        write_slow_and_fast(project)
        out = project.root / "relux" / "out"
        started = time.monotonic()
        process = project.start("run", "-f", "relux/tests/b_slow.relux", "-f", "relux/tests/c_later.relux")
        running = wait_for(lambda: list(out.glob("run-*/artifacts/slow-is-running")))
        checks.check(f"{name}: the test is running", running)
        for number in signals:
            process.send_signal(number)
            time.sleep(0.01)
        run = project.finish(process, started, limit=60)
        checks.check(f"{name}: exit status 130", run.status == 130, run.said())
        if len(signals) == 1:
            outcomes = [run.outcome("slow"), run.outcome("later")]
            checks.check(f"{name}: both are cancelled", outcomes == ["cancelled", "cancelled"], f"{outcomes}")
            cleaned = list(out.glob("run-*/artifacts/slow-was-cleaned-up"))
            checks.check(f"{name}: the cleanup ran", cleaned, run.said())
        project.check_nothing_left(checks, name)


# The program writes a line in many pieces, so that the first ones are read before the last are written.
IN_PIECES = '''import os, time
for piece in [b"ERROR redis:", *[b" really"] * 2000, b" connection refused", b"\\n"]:
    os.write(1, piece)
time.sleep(1017)
'''
HIT_IN_PIECES = '''test "in pieces" {
    shell s {
        !? ^ERROR redis:
        > python3 '${__RELUX_SUITE_ROOT}/in_pieces.py'
        <@60s? ^never$
    }
}
'''


def check_whole_line(checks, options):
    """A fail pattern does not cut off what explains the line that it hits."""
    with Project(options.binaries) as project:
        (project.root / "Relux.toml").write_text("")
        (project.root / "in_pieces.py").write_text(IN_PIECES)
        (project.root / "relux" / "tests" / "a.relux").write_text(HIT_IN_PIECES)
        run = project.run("run", limit=120)
        summary = run.tests["in pieces"].get("failure_summary", "")
        reason = "really connection refused"
        checks.check("the whole line: in the message", summary.endswith(reason + '"') and reason + "`\n" in run.stderr, summary[-200:])
        events = json.loads((run.log_directory("in pieces") / "events.json").read_text())["events"]
        found = {event["kind"]: event for event in events if event["kind"] in ("fail-pattern-triggered", "error")}
        checks.check("the whole line: in the event", found["fail-pattern-triggered"]["matched_line"].endswith(reason)
                     and found["error"]["message"].endswith(reason + "`"), f"{found}"[-200:])
        checks.check("the whole line: at once", run.seconds < SOON, f"{run.seconds:.1f} s")
        project.check_nothing_left(checks, "the whole line")


def check_bad_shell(checks, options):
    """A shell that can't be started, and one that never gives a prompt."""
    for name, command, words in (("no such shell", '"/no/such/shell"', "/no/such/shell"),
                                 ("no prompt", '["/bin/sh", "-c", "echo stubborn; exec sleep 1008"]', "stubborn"),
                                 # The terminal stays open, and nobody waits for it.
                                 ("gone", '["/bin/sh", "-c", "trap \'\' HUP; sleep 1008 & exit 3"]',
                                  "exited unexpectedly with exit code 3 before its prompt appeared")):
        with Project(options.binaries) as project:
            (project.root / "Relux.toml").write_text(f'[shell]\ncommand = {command}\n[timeout]\nmatch = "500ms"\n')
            (project.root / "relux" / "tests" / "a.relux").write_text(SLOW_AND_FAST["c_later.relux"])
            run = project.run("run", limit=60)
            checks.check(f"{name}: fails", run.outcome("later") == "fail" and run.status == 1, run.said())
            checks.check(f"{name}: shows {words}", words in run.stderr, run.said())
            project.check_nothing_left(checks, name)


def check_usage(checks, options):
    with Project(options.binaries) as project:
        write_slow_and_fast(project)
        run = project.run("run", "relux/tests/nowhere.relux", limit=60)
        checks.check("a path that does not exist: exit status 2", run.status == 2 and "nowhere" in run.stderr,
                     run.said())
        run = project.run("run", "-t", "later", limit=60)
        checks.check("--test without a file", run.status == 2 and "--test requires exactly one --file" in run.stderr,
                     run.said())


def main():
    options = arguments(__doc__)
    assert pathlib.Path("/proc/self/environ").exists()
    checks = Checks()
    check_each_alone(checks, options)
    check_all_at_once(checks, options)
    check_fail_fast(checks, options)
    check_interrupt(checks, options, "interrupt", [signal.SIGINT])
    check_interrupt(checks, options, "terminate", [signal.SIGTERM])
    check_interrupt(checks, options, "interrupt twice", [signal.SIGINT, signal.SIGINT])
    check_whole_line(checks, options)
    check_bad_shell(checks, options)
    check_usage(checks, options)
    checks.finish()


if __name__ == "__main__":
    main()
