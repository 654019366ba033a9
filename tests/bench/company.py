"""What a start should not notice: other projects in the cache, earlier runs, programs in PATH, other processes."""

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import sys


def fill_cache(cache, projects):
    """As many projects as that many users would have, from the files of those that are there. Those of earlier
    versions lie in the directory itself."""
    samples = [file for file in sorted(cache.rglob("*")) if file.is_file() and file.suffix in (".rxp", ".stamps")]
    for number in range(projects):
        name = hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest()
        directory = cache / name
        directory.mkdir()
        for sample in samples:
            shutil.copyfile(sample, directory / (name + sample.suffix))
        (cache / f"{name}.stamps").write_bytes(b"of an earlier version")
        (cache / f"like-{name}").symlink_to(name)


def add_runs(root, runs):
    """Earlier ones, each with the results of the latest."""
    out = root / "relux" / "out"
    summary = ((out / "latest").resolve() / "run_summary.toml").read_bytes()
    for number in range(runs):
        directory = out / f"run-2020-01-01-00-{number // 60 % 60:02}-{number % 60:02}-{number:010}"
        (directory / "artifacts").mkdir(parents=True)
        (directory / "run_summary.toml").write_bytes(summary)


def add_programs(directory, programs):
    directory.mkdir()
    for number in range(programs):
        program = directory / f"program-{number}"
        program.write_bytes(b"#!/bin/sh\n")
        program.chmod(0o755)


@contextlib.contextmanager
def processes(count):
    """That many processes of somebody else, that do nothing."""
    # Forked, as three thousand programs would take a while to start.
    script = ("import os, signal, sys\n"
              f"for _ in range({count}):\n"
              "    if os.fork() == 0:\n"
              "        os.close(1)\n"
              "        signal.pause()\n"
              "print('there', flush=True)\n"
              "signal.pause()\n")
    with subprocess.Popen([sys.executable, "-I", "-S", "-c", script], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL,
                          start_new_session=True, text=True) as parent:
        try:
            parent.stdout.readline()
            yield
        finally:
            os.killpg(parent.pid, signal.SIGKILL)
