"""Runs a program and says what that cost: of the whole process, and of the program apart from its children."""

import dataclasses
import os
import pathlib
import subprocess

MEGABYTE = 1e6


class RunFailed(Exception):
    pass


@dataclasses.dataclass
class Cost:
    wall: float  # seconds, from before the start of the process to its end
    own: float  # seconds of processor time of the program, all its threads
    all: float  # the same with all its children
    memory: float  # MB: the largest resident size of it or one of its children
    output: str  # standard output and standard error
    start: int  # nanoseconds, as the floor tells moments

    def values(self, name, numbers=False):
        """What the program printed as lines `name value`."""
        found = [line.split()[1] for line in self.output.splitlines() if line.startswith(name + " ")]
        return [int(value) for value in found] if numbers else found


class Runner:
    """Runs programs in `directory`, with an environment that is the same for all."""

    def __init__(self, floor, directory):
        self.floor = str(floor)
        self.directory = pathlib.Path(directory)
        home = self.directory / "home"
        home.mkdir(parents=True, exist_ok=True)
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8",
                            "XDG_CACHE_HOME": str(self.directory / "cache"),
                            # Of these Relux and the floor make their own; the peers are given the same.
                            "PS1": "relux> ", "PS2": "", "PROMPT_COMMAND": "", "HISTFILE": "", "TERM": "dumb"}

    def run(self, command, directory=None, status=0):
        """`status`: what it must end with; None: whatever."""
        log = self.directory / "output.log"
        done = subprocess.run([self.floor, "measure", str(log), "--", *map(str, command)], env=self.environment,
                              cwd=directory or self.directory, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False)
        output = log.read_text(errors="replace") if log.exists() else ""
        if done.returncode != 0:
            raise RunFailed(f"{command}: the measuring ended with {done.returncode}: {done.stderr}")
        values = {name: int(value) for name, value in (line.split() for line in done.stdout.splitlines())}
        if status is not None and values["status"] != status:
            raise RunFailed(f"{' '.join(map(str, command))} ended with {values['status']}:\n{output[-3000:]}")
        return Cost(values["wall"] / 1e9, values["own"] / 1e9, values["all"] / 1e9,
                    values["memory"] * 1024 / MEGABYTE, output, values["start"])
