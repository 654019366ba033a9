"""What the parts of check_cli.py share: commands on generated projects, and what they said."""

import os
import pty
import select
import signal
import subprocess
import time
import xml.etree.ElementTree

from report_formats import junit_problems
from suite_checks import Run, write

LIMIT = 300  # seconds; a deadline for busy machines, nothing here needs more than a few

PASSES = '''test "{name}" {{
    shell s {{
        > echo hello-$((40 + 2))
        <~50s? ^hello-42$
    }}
}}
'''
FAILS = '''test "{name}" {{
    let word = "left"
    shell s {{
        word ? ^right$
    }}
}}
'''
SKIPPED = '# skip\n' + PASSES


def passing(*names):
    return "".join(PASSES.format(name=name) for name in names)


def failing(*names):
    return "".join(FAILS.format(name=name) for name in names)


def skipped(*names):
    return "".join(SKIPPED.format(name=name) for name in names)


def latest_run(root):
    latest = root / "relux" / "out" / "latest"
    return latest.resolve() if (latest / "run_summary.toml").exists() else None


def relux(project, *words, program="relux", environment=None, directory=None):
    """One command to its end. The run has a directory only if the command made one."""
    root = directory or project.root
    before = latest_run(root)
    started = time.monotonic()
    process = subprocess.Popen([project.binaries / program, *map(str, words)], cwd=root, text=True, errors="replace",
                               env=project.environment(environment), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    try:
        stdout, stderr = process.communicate(timeout=LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        stdout, stderr = process.communicate()
        stderr += f"\nkilled by the driver after {LIMIT} s"
    after = latest_run(root)
    return Run(process.returncode, stdout, stderr, time.monotonic() - started, after if after != before else None)


def listed(run):
    return run.stdout.splitlines()


def refused(checks, name, run, *words):
    """Bad usage: status 2, the words on standard error, nothing on standard output, and nothing was run."""
    checks.check(name, run.status == 2 and not run.stdout and run.directory is None
                 and all(word in run.stderr for word in words), f"{run.said()}; expected {words}")


KEYS = ["alpha.relux::starts quickly", "alpha.relux::stops slowly", "sub/beta.relux::starts slowly",
        "sub/beta.relux::and or not", "sub/gamma.relux::naïve 100% [x]"]


def suite_to_choose_from(project):
    write(project, "Relux.toml", "")
    write(project, "relux/tests/alpha.relux", passing("starts quickly", "stops slowly"))
    write(project, "relux/tests/sub/beta.relux", passing("starts slowly", "and or not"))
    write(project, "relux/tests/sub/gamma.relux", passing("naïve 100% [x]"))


def shards(project, count, environment=None, directory=None):
    """The lists of all parts."""
    runs = [relux(project, "run", "--list", "--shard", f"{index}/{count}", environment=environment,
                  directory=directory) for index in range(1, count + 1)]
    return [listed(run) for run in runs], runs


def junit_cases(checks, name, file):
    """`path::name` of each case of a valid document."""
    if not checks.check(f"{name}: JUnit is valid for Jenkins", not junit_problems(file), junit_problems(file)):
        return []
    cases = xml.etree.ElementTree.parse(file).getroot().iter("testcase")
    return [f"{case.get('classname')}.relux::{case.get('name')}" for case in cases]


class Terminal:
    """A program on a terminal of its own, as somebody at a keyboard has it."""

    def __init__(self, command, directory, environment, columns=1000):
        self.output = ""
        self.process, self.descriptor = pty.fork()
        if self.process == 0:
            os.chdir(directory)
            # Wide enough that no line is ever broken.
            subprocess.run(["stty", "cols", str(columns), "rows", "50"], check=False)
            os.execvpe(command[0], list(map(str, command)), environment)

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        if self.process:
            os.kill(self.process, signal.SIGKILL)
            os.waitpid(self.process, 0)
        os.close(self.descriptor)

    def type(self, keys):
        os.write(self.descriptor, keys.encode())

    def read(self, seconds):
        """More output; False at the end."""
        if not select.select([self.descriptor], [], [], max(seconds, 0))[0]:
            raise TimeoutError(f"the terminal shows {self.output[-500:]!r}")
        try:
            got = os.read(self.descriptor, 65536)
        except OSError:  # how Linux says that the other side is closed
            return False
        self.output += got.decode(errors="replace")
        return bool(got)

    def wait_for(self, pattern):
        """What was shown up to the end of the pattern, which is taken away."""
        deadline = time.monotonic() + LIMIT
        while not (found := pattern.search(self.output)):
            if not self.read(deadline - time.monotonic()):
                raise TimeoutError(f"the terminal closed after {self.output[-500:]!r}")
        before, self.output = self.output[:found.end()], self.output[found.end():]
        return before

    def to_end(self):
        """(status, all output) of a program that ends by itself."""
        deadline = time.monotonic() + LIMIT
        while self.read(deadline - time.monotonic()):
            pass
        _, status = os.waitpid(self.process, 0)
        self.process = None
        return os.waitstatus_to_exitcode(status), self.output
