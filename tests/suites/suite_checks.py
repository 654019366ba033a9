"""What the drivers of the suites share: running a built `relux` on a copy of a project and telling what came of it.

A driver prints one line per check, `ok NAME` or `FAILED NAME: WHY`, and ends with `N passed, N failed`; its exit status
is 1 if any failed. Checks of time compare with the time-outs in question, never with the speed of the machine.
"""

import argparse
import atexit
import contextlib
import fcntl
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
import uuid

SUITES = pathlib.Path(__file__).resolve().parent
REPOSITORY = SUITES.parent.parent
CLOCK_REALTIME_COARSE = 5  # of Linux; the module time has no name for it
WAIT = 60  # seconds, for what comes in a few milliseconds on a machine that is not busy
MARK = "RELUX_SUITE_MARK"  # in the environment of every process that a run starts

# What is started hears every signal, also where a script has started this driver in the background, or nohup has.
for _signal in (signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM):
    signal.signal(_signal, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)

# Nothing that is started reads the user's own files: a bash would run their ~/.bashrc, which may take its time, print,
# or wait for another program.
_home = tempfile.mkdtemp(prefix="relux-home-")
os.environ["HOME"] = _home
_started_by = os.getpid()


@atexit.register
def _remove_home():
    if os.getpid() == _started_by:
        shutil.rmtree(_home, ignore_errors=True)


class Checks:
    """Counts and prints."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    def check(self, name, good, why=""):
        if good:
            self.passed += 1
            print(f"ok {name}", flush=True)
        else:
            self.failed += 1
            print(f"FAILED {name}: {why}", flush=True)
        return good

    def finish(self):
        print(f"{self.passed} passed, {self.failed} failed")
        sys.exit(1 if self.failed or not self.passed else 0)


class Run:
    """One finished run. `tests` are the records of run_summary.toml by name."""

    def __init__(self, status, stdout, stderr, seconds, directory):
        self.status = status
        self.stdout = stdout
        self.stderr = stderr
        self.seconds = seconds
        self.directory = directory  # None if the run left no summary
        self.tests = {}
        if directory is not None:
            summary = tomllib.loads((directory / "run_summary.toml").read_text(encoding="utf-8"))
            self.tests = {test["name"]: test for test in summary.get("tests", [])}

    def outcome(self, name):
        return self.tests.get(name, {}).get("outcome", "missing")

    def seconds_of(self, name):
        return self.tests[name]["duration_ms"] / 1000

    def log_directory(self, name):
        return self.directory / self.tests[name]["log_dir"]

    def said(self):
        """The end of what the run printed, for messages."""
        return f"exit status {self.status}; " + " / ".join(self.stderr.strip().splitlines()[-25:])


def wait_for_next_tick():
    """A file that was changed in the very tick of the kernel's clock in which an incremental run starts counts as changed
    meanwhile. Files have their times from the fine clock or the coarse one, by kernel and file system."""
    now = time.time_ns()
    while time.clock_gettime_ns(CLOCK_REALTIME_COARSE) <= now:
        os.sched_yield()


class Project:
    """A copy of a project in a directory of its own, gone with the `with` block."""

    def __init__(self, binaries, source=None):
        self.binaries = pathlib.Path(binaries).resolve()
        self.source = source
        self.mark = f"mark-{uuid.uuid4()}"

    def __enter__(self):
        self.parent = pathlib.Path(tempfile.mkdtemp(prefix="relux-suite-"))
        self.root = self.parent / "project"
        if self.source is None:
            (self.root / "relux" / "tests").mkdir(parents=True)
        else:
            shutil.copytree(self.source, self.root, ignore=shutil.ignore_patterns("out", "__pycache__"))
        return self

    def __exit__(self, *problem):
        for process in self.processes_left():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        shutil.rmtree(self.parent, ignore_errors=True)

    def environment(self, extra=None):
        # What a CI system sets would change how a run behaves.
        names = {name: value for name, value in os.environ.items()
                 if name not in ("SMOKE", "CI", "GREETING", "NO_COLOR", "XML_OUTPUT_FILE", "JENKINS_URL")
                 and not name.startswith(("GITHUB_", "CI_", "TEST_", "TESTBRIDGE_", "RELUX"))}
        names.update({MARK: self.mark, "XDG_CACHE_HOME": str(self.parent / "cache"), "PYTHONDONTWRITEBYTECODE": "1"})
        return names | (extra or {})

    def start(self, *arguments, program="relux", extra_environment=None):
        if "--incremental" in arguments:
            wait_for_next_tick()
        return subprocess.Popen(
            [self.binaries / program, *map(str, arguments)], cwd=self.root, text=True, errors="replace",
            env=self.environment(extra_environment), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)

    def finish(self, process, started, limit=300):
        """Waits for a started run; one that exceeds `limit` seconds is killed and has the status -9."""
        try:
            stdout, stderr = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            process.kill()
            stdout, stderr = process.communicate()
            stderr += f"\nkilled by the driver after {limit} s"
        latest = self.root / "relux" / "out" / "latest"
        directory = latest.resolve() if (latest / "run_summary.toml").exists() else None
        return Run(process.returncode, stdout, stderr, time.monotonic() - started, directory)

    def run(self, *arguments, program="relux", extra_environment=None, limit=300):
        # A run that leaves no summary must not be taken for the run before it.
        with contextlib.suppress(FileNotFoundError):
            (self.root / "relux" / "out" / "latest").unlink()
        started = time.monotonic()
        return self.finish(self.start(*arguments, program=program, extra_environment=extra_environment), started, limit)

    def processes_left(self):
        """The ids of all living processes that a run of this project started."""
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            with contextlib.suppress(OSError):
                if f"{MARK}={self.mark}".encode() in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
        return found

    def check_nothing_left(self, checks, name):
        left = self.processes_left()
        commands = []
        for process in left:
            with contextlib.suppress(OSError):
                commands.append(pathlib.Path(f"/proc/{process}/cmdline").read_text().replace("\0", " "))
        checks.check(f"{name}: no process is left", not left, f"still there: {commands}")


def write(project, name, text=""):
    """A file of the project; its path."""
    path = project.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


CLAIMED_PORTS = []  # open files; their locks end with this process


def first_outgoing_port():
    """Where the range begins that the kernel takes ports of outgoing connections from."""
    try:
        return int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="utf-8").split()[0])
    except OSError:
        return 32768


def free_ports(count):
    """Ports of 127.0.0.1 that nobody listens at now, that no outgoing connection gets, and that no other process gets
    from here as long as this one lives."""
    end = first_outgoing_port()
    places = list(range(max(1024, end - 12000), end)) or list(range(20000, 32000))
    directory = pathlib.Path(tempfile.gettempdir()) / "relux-test-ports"
    if not directory.exists():
        directory.mkdir(exist_ok=True)
        directory.chmod(0o1777)
    # Not all from the same place on, or all would look at the same ones first.
    begin = os.getpid() * 37 % len(places)
    ports = []
    for port in places[begin:] + places[:begin]:
        if len(ports) == count:
            return ports
        with contextlib.suppress(OSError):
            # pylint: disable=consider-using-with
            claim = open(directory / str(port), "w", encoding="utf-8")
            try:
                fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
            except OSError:
                claim.close()
                raise
            CLAIMED_PORTS.append(claim)
            ports.append(port)
    if len(ports) < count:
        raise RuntimeError(f"of the ports from {places[0]} to {places[-1]} only {len(ports)} are free")
    return ports


def wait_for(condition, what):
    deadline = time.monotonic() + WAIT
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.005)


def check_outcomes(checks, run, prefix, expected):
    """One check for each test; `expected(name)` is the outcome that it must have."""
    if not run.tests:
        checks.check(f"{prefix}: the run has results", False, run.said())
    for name, test in run.tests.items():
        wanted = expected(name)
        why = f"{test['outcome']}, expected {wanted}: {test.get('failure_summary') or test.get('skip_reason') or ''}"
        checks.check(f"{prefix}: {test['path']}/{name}", test["outcome"] == wanted, why)


def tests_in(directory):
    """How many tests the files below a directory define."""
    lines = (line for file in directory.rglob("*.relux") for line in file.read_text(encoding="utf-8").splitlines())
    return sum(line.lstrip("\ufeff").startswith('test "') for line in lines)


@contextlib.contextmanager
def busy_cores(count):
    """Keeps `count` cores busy."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def run_parts(description, parts, **switches):
    """A driver's main: each part is called with the checks and the options, whatever came of the one before."""
    options = arguments(description, **switches)
    checks = Checks()
    for part in parts:
        began = time.monotonic()
        try:
            part(checks, options)
        except Exception as error:  # whatever it is, the other parts have something to tell
            checks.check(f"{part.__name__} goes to its end", False, repr(error))
        print(f"{part.__name__}: {time.monotonic() - began:.1f} s", flush=True)
    checks.finish()


def arguments(description, **options):
    """Every driver takes the directory of the programs; `options` are switches with their help."""
    parser = argparse.ArgumentParser(description=description.strip().splitlines()[0])
    parser.add_argument("binaries", help="directory that holds relux, reluxc and reluxvm")
    for name, text in options.items():
        parser.add_argument(f"--{name.replace('_', '-')}", action="store_true", help=text)
    return parser.parse_args()
