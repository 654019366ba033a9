#!/usr/bin/env python3
"""The live view of a run, in terminals of tmux: what stands on the screen while tests run, and what is left of it.

Tests wait for files that the driver makes, so a screen stands still, but for its times, until it has been compared.
"""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

from live_terminal import LIMIT, Terminal, becomes, is_cut, timeless
from suite_checks import Project, run_parts, wait_for, write

ELAPSED = re.compile(r"running, (\d+\.\d) s")
SUMMARY = re.compile(r"\d+/\d+ tests")


def waiting(name, file):
    """A test that waits for a file."""
    return f'''test "{name}" {{
    shell s {{
        > while ! test -e {file}; do sleep 0.1; done; echo went
        <~100s? ^went$
    }}
}}
'''


def quick(count):
    return "".join(f'''test "quick {number}" {{
    shell s {{
        > echo hello
        <~50s? ^hello$
    }}
}}
''' for number in range(count))


NORMAL = '''fn wait_for_it() {
    > while ! test -e go-function; do sleep 0.05; done; echo went
    <~100s? ^went$
}
effect Service {
    expose shell service
    shell service {
        > echo up
        <? ^up$
    }
    cleanup {
        > while ! test -e go-cleanup; do sleep 0.05; done; echo cleaned
        <~100s? ^cleaned$
    }
}
test "fails" {
    shell s {
        > echo wrong
        match_ok()
        <~10ms? ^right$
    }
}
test "waits in a function" {
    start Service as S
    shell inner {
        wait_for_it()
    }
}
test "waits for 日本語日本語" {
    let token = "${API_TOKEN}"
    shell s {
        > while ! test -e go-wide; do sleep 0.05; done; echo went
        <~100s? ^(日本語日本語日本語日本語|${token}|went)$
    }
}
'''

FAILURE = '''match timeout in shell 's': timed out waiting for ^right$
  relux/tests/normal.relux:16:1: test "fails"
    16 | test "fails" {
  relux/tests/normal.relux:17:5: shell s
    17 |     shell s {
  relux/tests/normal.relux:20:9
    20 |         <~10ms? ^right$
       |         ^^^^^^^^^^^^^^^
  time-out: 10ms tolerance, from the operation itself
  output after the cursor of shell 's': (nothing)
'''
IN_FUNCTION = "relux/tests/normal.relux:3: waiting for ^went$, T of 1m40s"
WIDE = "relux/tests/normal.relux:33: waiting for ^(日本語日本語日本語日本語|***|went)$, T of 1m40s"


def without_state(lines):
    """Without the line that tells what the shell was doing: whether it can say its status in time differs."""
    return [line for line in lines if not line.startswith("  shell 's': ")]


def check_normal(checks, options):
    for columns, rows in ((100, 30), (30, 8)):
        name = f"{columns}x{rows}"
        with Project(options.binaries) as project:
            write(project, "Relux.toml")
            write(project, ".env", "API_TOKEN=open-sesame\n")
            write(project, "relux/tests/normal.relux", NORMAL)
            with Terminal(project, "relux run -j 3", columns, rows) as terminal:
                failure = ["running 3 tests", "test normal.relux/fails: |.....x FAILED (T)", *FAILURE.splitlines()]
                block = ["1/3 tests, 1 failed, 2 running, T",
                         f"  T  normal.relux/waits-in-a-function  inner at {IN_FUNCTION}",
                         f"  T  normal.relux/waits-for-日本語日本語  s at {WIDE}"]
                terminal.check_last_lines(checks, f"{name}: what runs, and what each test waits for", block)
                shown = without_state([timeless(line) for line in terminal.everything()])
                checks.check(f"{name}: the failure is there, whole, as it happens", shown[:len(failure)] == failure,
                             f"{shown}")
                checks.check(f"{name}: the settings of the terminal are the view's",
                             terminal.settings() != terminal.settings_before())

                question = ["running for T: 2 tests",
                            "  normal.relux/waits-in-a-function, T", f"    shell inner at {IN_FUNCTION}",
                            "  normal.relux/waits-for-日本語日本語, T", f"    shell s at {WIDE}"]
                # One by one, or the view would read them all at once.
                for key in ("x", "Enter", "T", "Up", "t"):
                    terminal.type(key)
                asked = becomes(lambda: sum("running for" in line for line in terminal.everything()) == 1)
                checks.check(f"{name}: key t prints what every test waits for, other keys nothing", asked,
                             terminal.said())
                checks.check(f"{name}: that has every shell", becomes(lambda: holds(terminal, question)),
                             terminal.said())
                os.kill(terminal.runner(), signal.SIGUSR1)
                asked = becomes(lambda: sum("running for" in line for line in terminal.everything()) == 2)
                checks.check(f"{name}: so does SIGUSR1", asked and holds(terminal, question), terminal.said())
                terminal.check_last_lines(checks, f"{name}: the view goes on below", block)

                write(project, "go-function")
                terminal.check_last_lines(checks, f"{name}: a cleanup is shown too", [
                    block[0], "  T  normal.relux/waits-in-a-function  cleanup at relux/tests/normal.relux:13: "
                    "waiting for ^cleaned$, T of 1m40s", block[2]])
                write(project, "go-cleanup")
                terminal.check_last_lines(checks, f"{name}: a test that has ended is above the view", [
                    "test normal.relux/waits-in-a-function: {|..}|(..)|.. ok (T)",
                    "2/3 tests, 1 failed, 1 running, T", block[2]])
                write(project, "go-wide")
                lines = terminal.finish(checks, name, 1)
                checks.check(f"{name}: nothing is left of the view",
                             not any("running, " in line or re.match(r"  \d", line) for line in lines), f"{lines}")
                checks.check(f"{name}: a secret stays one", not any("open-sesame" in line for line in lines))


def holds(terminal, expected):
    """Whether these lines stand somewhere, one after the other."""
    shown = [timeless(line) for line in terminal.everything()]
    # A wide character that does not fit at the edge leaves a blank there.
    shown = [re.sub(r"(?<=[本語日]) (?=[本語日])", "", line) for line in shown]
    return any(shown[at:at + len(expected)] == expected for at in range(len(shown)))


def set_duration(project, name, seconds):
    """Changes what the latest run tells about a test."""
    summary = project.root / "relux" / "out" / "latest" / "run_summary.toml"
    text = summary.read_text(encoding="utf-8")
    changed = re.sub(rf'(name = "{name}"[^\[]*?\nduration_ms = )\S+', rf"\g<1>{seconds * 1000}", text)
    assert changed != text, text
    summary.write_text(changed, encoding="utf-8")


def check_history(checks, options):
    """Earlier runs tell what is slow and what is left to do."""
    with Project(options.binaries) as project:
        write(project, "Relux.toml")
        write(project, "relux/tests/known.relux", waiting("long", "go") + waiting("short", "go") +
              waiting("later", "go"))
        write(project, "go")
        checks.check("history: the earlier run", project.run("run", limit=LIMIT).status == 0)
        (project.root / "go").unlink()
        for test, seconds in (("long", 3600), ("short", 0), ("later", 7200)):
            set_duration(project, test, seconds)
        place = "s at relux/tests/known.relux:{}: waiting for ^went$, T of 1m40s"
        with Terminal(project, "relux run -j 2") as terminal:
            terminal.check_screen(checks, "history: what is left is estimated", [
                "running 3 tests",
                "0/3 tests, 2 running, T, about T left",
                f"  T  known.relux/long  {place.format(4)}",
                f"  T  known.relux/short  {place.format(10)}"])
            checks.check("history: a slow test is marked", becomes(lambda: is_slow(terminal, "short")), terminal.said())
            checks.check("history: and no other", not is_slow(terminal, "long"), terminal.said())
            # An hour that has begun and two that have not, for two at a time.
            checks.check("history: the estimate", terminal.has("about 1 h 29 min left"), terminal.said())
            colored = terminal.tmux("capture-pane", "-p", "-e")
            checks.check("history: slow is coloured", re.search(r"\x1b\[33m(\x1b\[\d+m)*[ \d.]+ s slow", colored),
                         repr(colored))
            write(project, "go")
            terminal.finish(checks, "history", 0)
        (project.root / "go").unlink()
        for test in ("long", "short", "later"):
            set_duration(project, test, 0)
        with Terminal(project, "NO_COLOR=1 relux run -j 2") as terminal:
            checks.check("history: the latest run counts", becomes(lambda: is_slow(terminal, "long")), terminal.said())
            checks.check("history: longer than ever is no reason to expect an end", terminal.lines()[-3].startswith("0/3 ")
                         and not terminal.has("left"), terminal.said())
            checks.check("history: NO_COLOR", "\x1b[" not in terminal.tmux("capture-pane", "-p", "-e"))
            write(project, "go")
            terminal.finish(checks, "history: NO_COLOR", 0)


def is_slow(terminal, name):
    return any(re.match(rf"  [\d.]+ s slow  known\.relux/{name}  ", line) for line in terminal.lines())


def check_many(checks, options):
    """More running tests than lines, in a terminal that changes its size."""
    with Project(options.binaries) as project:
        write(project, "Relux.toml")
        write(project, "relux/tests/many.relux",
              quick(40) + "".join(waiting(f"waits {number}", "go") for number in range(20)))

        def block(shown):
            lines = [f"  T  many.relux/waits-{number}  s at relux/tests/many.relux:{244 + 6 * number}: "
                     "waiting for ^went$, T of 1m40s" for number in range(shown)]
            return ["40/60 tests, 20 running, T", *lines, f"  and {20 - shown} more"]

        with Terminal(project, "relux run -j 20") as terminal:
            terminal.check_last_lines(checks, "more tests than lines: the oldest, and how many more", block(11))
            for columns, rows, shown in ((60, 20, 11), (30, 8, 4), (140, 40, 11), (40, 30, 11), (100, 10, 6),
                                         (100, 30, 11)):
                terminal.resize(columns, rows)
                terminal.check_last_lines(checks, f"resized to {columns}x{rows}: the view fits", block(shown))
            write(project, "go")
            lines = [timeless(line) for line in terminal.finish(checks, "resized", 0)]
            expected = [f"test many.relux/quick-{number}: |.. ok (T)" for number in range(40)] + [
                f"test many.relux/waits-{number}: |.. ok (T)" for number in range(20)]
            checks.check("resized: every line is there once",
                         sorted(line for line in lines if line.startswith("test many")) == sorted(expected),
                         f"{lines}")


def check_cleared_screen(checks, options):
    """A view that stands at the very top leaves no copies of itself in what tmux keeps of the past."""
    with Project(options.binaries) as project:
        write(project, "Relux.toml")
        write(project, "relux/tests/one.relux", waiting("one", "go"))
        with Terminal(project, "relux run") as terminal:
            terminal.check_screen(checks, "cleared screen: the view before", [
                "running 1 test", "0/1 tests, 1 running, T",
                "  T  one.relux/one  s at relux/tests/one.relux:4: waiting for ^went$, T of 1m40s"])
            pathlib.Path(terminal.device).write_text("\x1b[2J\x1b[H")

            def elapsed():
                return [float(found[1]) for found in map(ELAPSED.search, terminal.lines()) if found]

            wait_for(elapsed, "the view comes back")
            since = elapsed()[0]
            wait_for(lambda: elapsed() and elapsed()[0] > since + 0.75, "the view is drawn several times")
            copies = sum(bool(SUMMARY.match(line)) for line in terminal.everything())
            checks.check("cleared screen: no copies of the view", copies <= 2, f"{copies}")
            write(project, "go")
            terminal.finish(checks, "cleared screen", 0)


MIXED = quick(3) + '''test "fails" {
    shell s {
        > echo wrong
        match_ok()
        <~10ms? ^right$
    }
}
# skip
test "is skipped" {
    shell s {
    }
}
''' + waiting("last", "go")


def check_final_lines(checks, options):
    """The same lines as plain output, but that a failure is shown when it happens; and none is ever torn."""
    with Project(options.binaries) as project:
        write(project, "Relux.toml")
        write(project, "go")
        write(project, "relux/tests/mixed.relux", MIXED)
        plain = without_state(timeless(line.rstrip()) for line in project.run("run").stderr.rstrip("\n").split("\n"))
        checks.check("final lines: plain output", plain[0] == "running 6 tests" and
                     plain[-2] == "test result: FAILED. 4 passed; 1 failed; 1 skipped; finished in T", f"{plain}")
        begin = plain.index("---- mixed.relux/fails ----") + 1
        end = next(at for at in range(begin, len(plain)) if plain[at].startswith("  logs: "))
        failed = next(at for at in range(len(plain)) if " FAILED (T)" in plain[at]) + 1
        # The only failure is not shown twice.
        expected = plain[:failed] + plain[begin:end] + [""] + plain[failed:begin] + plain[end:]
        for command in ("relux run", "relux run --progress tui", "CI=1 relux run --progress tui",
                        "relux run < /dev/null", "relux run | cat"):
            with Terminal(project, command) as terminal:
                # A pipe has the exit status of its last command.
                lines = terminal.finish(checks, command, 0 if "|" in command else 1)
                checks.check(f"{command}: the lines of plain output", without_state(map(timeless, lines)) == expected,
                             f"{lines}")
        for command in ("relux run --progress plain", "CI=1 relux run", "relux run 2>&1 | cat"):
            with Terminal(project, command) as terminal:
                lines = terminal.finish(checks, command, 0 if "|" in command else 1)
                checks.check(f"{command}: is plain output", without_state(map(timeless, lines)) == plain, f"{lines}")

        write(project, "relux/tests/mixed.relux", quick(150))
        with Terminal(project, "relux run -j 12") as terminal:
            lines = [timeless(line) for line in terminal.finish(checks, "parallel output", 0)]
            expected = sorted(f"test mixed.relux/quick-{number}: |.. ok (T)" for number in range(150))
            checks.check("parallel output: nothing is torn", lines[0] == "running 150 tests" and
                         sorted(lines[1:151]) == expected and lines[151] == "" and len(lines) == 154 and
                         lines[152] == "test result: ok. 150 passed; 0 failed; finished in T (T cumulative)",
                         f"{lines}")


def check_plain(checks, options):
    """Where there is no view, nothing is drawn, keys are not taken, and SIGUSR1 is answered."""
    warning = "warning: --progress tui needs a terminal on standard error; progress is plain"
    with Project(options.binaries) as project:
        write(project, "Relux.toml")
        write(project, "relux/tests/one.relux", waiting("one", "go").replace("> while", "> touch begun; while"))
        for command in ("relux run --progress plain", "TERM=dumb relux run", "TERM=dumb relux run --progress tui",
                        "TERM= relux run"):
            before = ["running 1 test"] + ([warning] if "tui" in command else [])
            question = ["running for T: 1 test", "  one.relux/one, T",
                        "    shell s at relux/tests/one.relux:4: waiting for ^went$, T of 1m40s"]
            for file in ("go", "begun"):
                (project.root / file).unlink(missing_ok=True)
            with Terminal(project, command) as terminal:
                terminal.check_screen(checks, f"{command}: no view", before)
                # Asked until it says that the test waits, for nothing else tells; not before it has begun, for until
                # then the signal ends the runner.
                wait_for((project.root / "begun").exists, "the test begins")
                wait_for(lambda: asked_again(terminal, question), "an answer")
                checks.check(f"{command}: SIGUSR1 prints what the test waits for", holds(terminal, question),
                             terminal.said())
                checks.check(f"{command}: the terminal keeps its settings",
                             terminal.settings() == terminal.settings_before())
                write(project, "go")
                lines = [timeless(line) for line in terminal.finish(checks, command, 0)]
                checks.check(f"{command}: nothing but lines", lines[:len(before)] == before and
                             lines[-4:-1] == ["test one.relux/one: |.. ok (T)", "",
                                              "test result: ok. 1 passed; 0 failed; finished in T"], f"{lines}")
                raw = terminal.parent / "raw"
                wait_for(lambda: b"the end" in raw.read_bytes(), "what the terminal got")
                checks.check(f"{command}: no escape sequences", b"\x1b" not in raw.read_bytes(), "there are")

        run = project.run("run", "--progress", "tui", limit=LIMIT)
        lines = [timeless(line) for line in run.stderr.splitlines()]
        checks.check("a pipe: plain, with a warning", run.status == 0 and lines[:3] == [
            "running 1 test", warning, "test one.relux/one: |.. ok (T)"] and "\x1b" not in run.stderr, f"{lines}")


def asked_again(terminal, question):
    os.kill(terminal.runner(), signal.SIGUSR1)
    time.sleep(0.05)  # an answer a millisecond would be more than tmux keeps
    return holds(terminal, question)


STUBBORN = '''test "one" {
    shell s {
        > sleep 1000
        <~100s? ^never$
    }
    cleanup {
        > while ! test -e go; do sleep 0.05; done; touch cleaned; echo done
        <~100s? ^done$
    }
}
test "later" {
    shell s {
    }
}
'''


def check_interrupts(checks, options):
    running = "  T  one.relux/one  "
    for name, twice in (("Ctrl-C", False), ("Ctrl-C twice", True)):
        with Project(options.binaries) as project:
            write(project, "Relux.toml")
            write(project, "relux/tests/one.relux", STUBBORN)
            with Terminal(project, "relux run") as terminal:
                terminal.check_screen(checks, f"{name}: the view before", [
                    "running 2 tests", "0/2 tests, 1 running, T",
                    running + "s at relux/tests/one.relux:4: waiting for ^never$, T of 1m40s"])
                terminal.type("C-c")
                terminal.check_last_lines(checks, f"{name}: the view shows the cleanup", [
                    "0/2 tests, 1 running, T",
                    running + "cleanup at relux/tests/one.relux:8: waiting for ^done$, T of 1m40s"])
                if twice:
                    terminal.type("C-c")
                else:
                    write(project, "go")
                lines = [timeless(line) for line in terminal.finish(checks, name, 130)]
                checks.check(f"{name}: the cleanup {'did not run' if twice else 'ran'}",
                             (project.root / "cleaned").exists() != twice)
                checks.check(f"{name}: the result line", lines[-2] ==
                             "test result: FAILED. 0 passed; 0 failed; 2 cancelled; finished in T", f"{lines}")
                checks.check(f"{name}: nothing is left of the view",
                             not any("running, " in line for line in lines), f"{lines}")


def check_job_control(checks, options):
    """Ctrl-Z gives the terminal back; in the background nothing is drawn over what the shell shows."""
    view = ["0/1 tests, 1 running, T",
            "  T  one.relux/one  s at relux/tests/one.relux:4: waiting for ^went$, T of 1m40s"]
    answer = ["sh> running for T: 1 test", "  one.relux/one, T",
              "    shell s at relux/tests/one.relux:4: waiting for ^went$, T of 1m40s"]
    with Project(options.binaries) as project:
        write(project, "Relux.toml")
        write(project, "relux/tests/one.relux", waiting("one", "go"))
        # A shell that does not set the terminal itself, as those do that edit lines.
        with Terminal(project, "PS1='sh> ' dash -i") as terminal:
            terminal.check_screen(checks, "job control: a shell", ["sh>"])
            before = terminal.settings()
            terminal.type("relux run", "Enter")
            terminal.check_last_lines(checks, "job control: the view", view)
            checks.check("job control: the settings of the terminal are the view's", terminal.settings() != before)
            terminal.type("C-z")
            # The shell says what it has stopped on a line of its own.
            gone = becomes(lambda: len(stopped(terminal)) == 4 and "relux run" in stopped(terminal)[2] and
                           stopped(terminal)[:2] + stopped(terminal)[3:] == ["sh> relux run", "running 1 test", "sh>"])
            checks.check("Ctrl-Z: the view is gone", gone, terminal.said())
            checks.check("Ctrl-Z: the terminal is set as before", terminal.settings() == before)
            terminal.type("fg", "Enter")
            terminal.check_last_lines(checks, "fg: the view is there again", ["sh> fg", "relux run", *view])
            checks.check("fg: the settings of the terminal are the view's",
                         becomes(lambda: terminal.settings() != before))
            terminal.type("t")
            checks.check("fg: keys are taken", becomes(lambda: terminal.has("running for")), terminal.said())
            terminal.check_last_lines(checks, "fg: the view goes on", view)
            terminal.type("C-z")
            wait_for(lambda: terminal.lines()[-1] == "sh>", "the prompt")
            terminal.type("bg", "Enter")
            wait_for(lambda: terminal.stands(["sh> bg", "[1] relux run", "sh>"]), "the prompt")
            # Being asked takes the runner through its loop: whatever being continued makes it do, it has done.
            os.kill(terminal.runner(), signal.SIGUSR1)
            checks.check("bg: the run goes on",
                         becomes(lambda: sum("running for" in line for line in terminal.everything()) == 2),
                         terminal.said())
            checks.check("bg: nothing is drawn", terminal.stands(answer), terminal.said())
            checks.check("bg: the terminal is set as before", terminal.settings() == before)
            write(project, "go")
            checks.check("bg: the run ends", becomes(lambda: terminal.has("test result: ok. 1 passed")),
                         terminal.said())
            terminal.type("wait; exit", "Enter")
            terminal.finish(checks, "job control", 0)

        check_unannounced_stop(checks, project, view)


def check_unannounced_stop(checks, project, view):
    """SIGSTOP: nobody can tell that it comes, so the shell has to set the terminal, as most do."""
    (project.root / "go").unlink()
    with Terminal(project, "PS1='sh> ' bash --norc --noprofile -i") as terminal:
        wait_for(lambda: terminal.stands(["sh>"]), "the prompt")
        terminal.type("relux run", "Enter")
        terminal.check_last_lines(checks, "SIGSTOP: the view before", [view[0] + ", about T left", view[1]])
        os.kill(terminal.runner(), signal.SIGSTOP)
        wait_for(lambda: terminal.lines()[-1] == "sh>", "the prompt")
        time.sleep(0.3)  # until drawing is due, which is then the first that the runner would do
        terminal.type("bg", "Enter")
        checks.check("SIGSTOP, bg: what the shell prints stays",
                     becomes(lambda: terminal.has("sh> bg") and terminal.has("relux run &")), terminal.said())
        os.kill(terminal.runner(), signal.SIGUSR1)
        checks.check("SIGSTOP, bg: the run goes on", becomes(lambda: terminal.has("running for")), terminal.said())
        write(project, "go")
        checks.check("SIGSTOP, bg: the run ends", becomes(lambda: terminal.has("test result: ok. 1 passed")),
                     terminal.said())
        terminal.type("wait; exit", "Enter")
        terminal.finish(checks, "SIGSTOP, bg", 0)


def stopped(terminal):
    return [line for line in terminal.lines() if line]


def check_impatient_stream(checks, options):
    """Standard error that does not block, because someone else who has it set it so, gets every byte."""
    with Project(options.binaries) as project:
        write(project, "Relux.toml")
        write(project, "relux/tests/many.relux", quick(20))
        reading, writing = os.pipe()
        os.set_blocking(writing, False)
        filling = 0
        with contextlib.suppress(BlockingIOError):
            while True:
                filling += os.write(writing, b"." * 4096)
        process = subprocess.Popen([project.binaries / "relux", "run", "-j", "4"], cwd=project.root,
                                   env=project.environment(), stdin=subprocess.DEVNULL, stderr=writing)
        os.close(writing)
        # Nobody reads: one that does not wait for that has lost all it has to say by now.
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(1)
        with open(reading, "rb") as stream:
            lines = [timeless(line) for line in stream.read().decode()[filling:].splitlines()]
        checks.check("a stream that does not block: nothing is lost", process.wait(LIMIT) == 0 and
                     lines[:1] == ["running 20 tests"] and len(lines) == 24, f"{lines}")
        project.check_nothing_left(checks, "a stream that does not block")


FLOW = '''name: First
steps:
  - {name: "hello {{ API_TOKEN }}", type: print, message: "token {{ API_TOKEN }}"}
  - name: wait for go
    type: shell
    command: "until test -e go-first; do sleep 0.05; done; echo {{ API_TOKEN }}"
---
name: Second
steps:
  - {name: second wait, type: shell, command: "until test -e go-second; do sleep 0.05; done"}
'''
FLOW_LINES = ["workflow: First (flow.yaml#1)", "  PASS    hello *** [print] T", "          token ***",
              "  PASS    wait for go [shell] T", "workflow: Second (flow.yaml#2)", "  PASS    second wait [shell] T",
              "summary:", "  PASSED  First (flow.yaml#1)", "  PASSED  Second (flow.yaml#2)",
              "2 workflows: 2 passed, 0 failed, 0 skipped"]
FLOW_FIRST = ("  T  flow.yaml/first  wait for go [shell] at flow.yaml:4: waiting for "
              "`until test -e go-first; do sleep 0.05; done; echo ***`, T")
FLOW_SECOND = ("  T  flow.yaml/second  second wait [shell] at flow.yaml:10: waiting for "
               "`until test -e go-second; do sleep 0.05; done`, T")


def flow_lines(lines):
    return [re.sub(r"\b\d+ ms$", "T", timeless(line)) for line in lines]


def check_flow_screen(checks, terminal, name, expected):
    """These lines, and nothing else; those of the view are told by where they begin."""
    def good():
        shown = terminal.lines()
        return len(shown) == len(expected) and all(
            flow_lines([line]) == [whole] or is_cut(line, whole, terminal.columns)
            for line, whole in zip(shown, expected))
    checks.check(name, becomes(good), terminal.said())


def check_flow(checks, options):
    """Workflows: the step that runs is shown, and in the end there is what there is without a terminal."""
    for words, columns in (("-c 1", 160), ("-c 1", 60), ("-c 2", 160)):
        name = f"flow run {words}, {columns} columns"
        with Project(options.binaries) as project:
            write(project, "flow.yaml", FLOW)
            with Terminal(project, f"env API_TOKEN=open-sesame relux flow run flow.yaml {words}", columns, 30) as terminal:
                together = words == "-c 2"
                check_flow_screen(checks, terminal, f"{name}: the step that runs", (
                    ["0/2 workflows, 2 running, T", FLOW_FIRST, FLOW_SECOND] if together
                    else FLOW_LINES[:3] + ["0/2 workflows, 1 running, T", FLOW_FIRST]))
                write(project, "go-second" if together else "go-first")
                # The lines of the second wait for those of the first.
                check_flow_screen(checks, terminal, f"{name}: the next step", (
                    ["1/2 workflows, 1 running, T", FLOW_FIRST] if together
                    else FLOW_LINES[:5] + ["1/2 workflows, 1 running, T", FLOW_SECOND]))
                write(project, "go-first" if together else "go-second")
                lines = terminal.finish(checks, name, 0)
                checks.check(f"{name}: what is left is the result", flow_lines(lines) == FLOW_LINES, f"{lines}")
            plain = project.run("flow", "run", "flow.yaml", *words.split(), extra_environment={"API_TOKEN": "open-sesame"})
            checks.check(f"{name}: it is what there is without a terminal",
                         flow_lines(plain.stdout.splitlines()) == FLOW_LINES and not plain.stderr,
                         plain.stdout + plain.stderr)
    check_flow_streams(checks, options)


def check_flow_streams(checks, options):
    """The view is on standard error; the lines go where standard output goes."""
    with Project(options.binaries) as project:
        write(project, "flow.yaml", FLOW)
        output = project.root / "output"
        with Terminal(project, "env API_TOKEN=open-sesame relux flow run flow.yaml > output", 160, 30) as terminal:
            check_flow_screen(checks, terminal, "flow run > file: the view alone is on the terminal",
                              ["0/2 workflows, 1 running, T", FLOW_FIRST])
            write(project, "go-first")
            write(project, "go-second")
            lines = terminal.finish(checks, "flow run > file", 0)
            checks.check("flow run > file: the lines are in the file", not lines
                         and flow_lines(output.read_text().splitlines()) == FLOW_LINES, f"{lines} {output.read_text()}")
        for command in ("relux flow run flow.yaml 2> errors", "relux flow run flow.yaml --progress plain",
                        "env CI=1 relux flow run flow.yaml"):
            with Terminal(project, f"env API_TOKEN=open-sesame {command}", 160, 30) as terminal:
                lines = terminal.finish(checks, command, 0)
                raw = (project.parent / "raw").read_bytes()
                checks.check(f"{command}: nothing is drawn", flow_lines(lines) == FLOW_LINES and b"\x1b[J" not in raw,
                             f"{lines}")


def check_tmux(checks, _options):
    checks.check("tmux is installed", shutil.which("tmux"), "see tools/setup")


def main():
    run_parts(__doc__, (check_tmux, check_normal, check_history, check_many, check_cleared_screen, check_final_lines,
                       check_plain, check_interrupts, check_job_control, check_impatient_stream,
                       check_flow))


if __name__ == "__main__":
    main()
