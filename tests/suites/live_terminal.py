"""A terminal of tmux's in which a run draws its live view, and how its screen is compared."""

import contextlib
import os
import re
import shlex
import subprocess
import unicodedata

from suite_checks import MARK, wait_for

LIMIT = 30  # seconds; nothing here needs more than a few

# Every terminal runs this. Its settings are none that a terminal begins with, so that defaults would be seen.
SCRIPT = """stty -ixon erase '^H' quit '^G'
stty -g > before
trap : INT
while ! test -e start; do sleep 0.01; done
cd project
{command}
echo $? > ../status
cd ..
stty -g > after
echo the end
read -r line
echo "$line" > typed
exec sleep 1000
"""

# The keys of the view are read by a program that its caller may go on to use the terminal after, or beside.
PROGRAM = """#!/bin/sh
echo $$ > {parent}/runner
exec env {mark} {binary} "$@"
"""

TIME = re.compile(r"\d+h \d\dm \d\ds|\d+m \d\ds|\d+ h \d+ min|\d+ min \d+ s|\d+\.\d m?s|"
                  r"(?<=, )\d+(?:\.\d)?m?s\b|(?<=, )\d+m(?:\d+s)?\b")


def becomes(condition):
    """Whether it holds in time."""
    try:
        wait_for(condition, "")
    except TimeoutError:
        return False
    return True


def timeless(line):
    """The same at every run: without times, what follows from them, and the name of the run."""
    return TIME.sub("T", re.sub(r"run-[0-9]{4}-[\w-]+", "RUN", line)).replace("  T slow  ", "  T  ")


def width(text):
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def is_cut(shown, whole, columns):
    """Whether this is what fits on a line of `whole`; the last column stays free, and half of a wide character does
    not fit."""
    shown_width = width(shown)
    shown = timeless(shown)
    # A time at the edge may have lost its end.
    if not whole.startswith(shown):
        shown = re.sub(r"[\d.]+ ?m?$", "", shown)
    rest = whole[len(shown):]
    blanks = len(rest) - len(rest.lstrip())  # those at the end of a line cannot be seen
    return whole.startswith(shown) and shown_width < columns <= shown_width + blanks + 2


class Terminal:
    """A terminal in a server of tmux's that knows nothing else, in which `command` runs."""

    count = 0

    def __init__(self, project, command, columns=100, rows=30):
        self.project = project
        self.columns = columns
        self.rows = rows
        self.parent = project.parent
        # Not the one before, which may still be ending.
        Terminal.count += 1
        self.socket = self.parent / f"terminal-{Terminal.count}"
        for name in ("status", "before", "after", "typed", "start", "raw", "runner"):
            (self.parent / name).unlink(missing_ok=True)
        programs = self.parent / "programs"
        programs.mkdir(exist_ok=True)
        program = programs / "relux"
        program.write_text(PROGRAM.format(parent=shlex.quote(str(self.parent)), mark=f"{MARK}={project.mark}",
                                          binary=shlex.quote(str(project.binaries / "relux"))))
        program.chmod(0o755)
        script = self.parent / "script"
        script.write_text(SCRIPT.format(command=command))
        self.environment = project.environment({"PATH": f"{programs}:{os.environ['PATH']}"})
        for name in (MARK, "TMUX", "TMUX_PANE"):
            self.environment.pop(name, None)

    def __enter__(self):
        self.tmux("new-session", "-d", "-x", self.columns, "-y", self.rows, "-c", self.parent, "/bin/sh script")
        self.tmux("pipe-pane", "cat > raw")
        self.device = self.tmux("display-message", "-p", "#{pane_tty}").strip()
        (self.parent / "start").touch()
        return self

    def __exit__(self, *problem):
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            self.tmux("kill-server")

    def tmux(self, *words):
        command = ["tmux", "-u", "-S", self.socket, "-f", "/dev/null", *map(str, words)]
        done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=LIMIT,
                              cwd=self.parent, env=self.environment, encoding="utf-8")
        if done.returncode != 0:
            raise OSError(f"tmux {words}: {done.stderr}")
        return done.stdout

    def lines(self, *options):
        """The screen without the empty lines at its end. Lines that the terminal wrapped are whole."""
        lines = [line.rstrip() for line in self.tmux("capture-pane", "-p", "-J", *options).split("\n")]
        while lines and not lines[-1]:
            lines.pop()
        return lines

    def everything(self):
        """With what has left the screen at its top."""
        return self.lines("-S", "-")

    def has(self, words):
        return any(words in line for line in self.everything())

    def type(self, *keys):
        self.tmux("send-keys", *keys)

    def resize(self, columns, rows):
        self.columns = columns
        self.rows = rows
        self.tmux("resize-window", "-x", columns, "-y", rows)

    def runner(self):
        wait_for(lambda: (self.parent / "runner").exists() and (self.parent / "runner").read_text().endswith("\n"),
                 "the runner starts")
        return int((self.parent / "runner").read_text())

    def settings(self):
        return subprocess.run(["stty", "-F", self.device, "-g"], check=True, stdout=subprocess.PIPE,
                              text=True).stdout

    def settings_before(self):
        return (self.parent / "before").read_text()

    def stands(self, expected):
        """Whether these lines, without times, are the screen's last; those of the view may be cut."""
        shown = self.lines()[-len(expected):]
        return len(shown) == len(expected) and all(
            timeless(line) == whole or is_cut(line, whole, self.columns)
            for line, whole in zip(shown, expected))

    def check_screen(self, checks, name, expected):
        """These lines, and nothing else."""
        good = becomes(lambda: self.stands(expected) and len(self.lines()) == len(expected))
        checks.check(name, good, self.said())

    def check_last_lines(self, checks, name, expected):
        checks.check(name, becomes(lambda: self.stands(expected)), self.said())

    def said(self):
        return " / ".join(self.lines()[-40:])

    def ended(self):
        status = self.parent / "status"
        return status.exists() and status.read_text().endswith("\n") and self.has("the end")

    def finish(self, checks, name, status):
        """Waits for the end of the run; all that it has printed, without what the view has drawn."""
        if not becomes(self.ended):
            checks.check(f"{name}: the run ends", False, self.said())
            raise TimeoutError(name)
        got = (self.parent / "status").read_text().strip()
        checks.check(f"{name}: exit status {status}", got == str(status), f"{got}: {self.said()}")
        lines = self.everything()
        checks.check(f"{name}: the terminal is set as before",
                     (self.parent / "after").read_text() == self.settings_before(), "stty -g differs")
        # Whether what is typed comes back to the screen, and whether one who reads is made to wait for it.
        self.type("all as usual", "Enter")
        typed = self.parent / "typed"
        good = becomes(lambda: typed.exists() and typed.read_text().endswith("\n") and self.has("all as usual"))
        checks.check(f"{name}: the terminal works as before", good and typed.read_text() == "all as usual\n",
                     self.said())
        self.project.check_nothing_left(checks, name)
        return lines[:lines.index("the end")]
