#!/usr/bin/env python3
"""Runs all tests of a finished build and counts them: run_tests.py [quick].

Counted are doctest cases, the checks of the drivers in tests/suites, every other program that meson knows as a test,
and each lint. The last line is `N passed, N failed`, with `, N skipped` where some were.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Those that look at what happens when, load the machine on purpose, or leave few terminals to it (check_endings, which
# others failed beside) run alone; of the others two at a time.
DRIVERS_ALONE = ("check_timeouts", "check_echo_race", "check_sends", "check_stats", "check_attacks", "check_start",
                 "check_endings")
# The one that takes longest begins.
DRIVERS = ("check_threads", "check_cli", "check_language", "check_incremental", "check_workflows", "check_cache",
           "check_live_view", "check_causes", "check_docs", "check_services", "check_failing", "check_reports",
           "check_diagnostics")
DRIVERS_AT_ONCE = 2
DRIVER_LIMIT = 900  # seconds; they need about a tenth
# A report names functions, not lines: with debug information and -O2 this build takes 2.6 times as long.
# A third of it went into checking every access for null and for its object's size, and into going on after an error: the
# address sanitiser stops at what these two find. Another quarter went into checking every access for alignment, which
# is looked at where bytes of files become numbers (vm/bytecode), and into checks of addresses written out in each place
# instead of called.
SANITISERS = ["-Db_sanitize=address,undefined", "-Doptimization=1", "-Ddebug=false", "-Db_lundef=false",
              "-Dcpp_args=-fno-sanitize=null,object-size,alignment -fno-sanitize-recover=all "
              "--param=asan-instrumentation-with-call-threshold=0"]
SANITISER_OPTIONS = {"ASAN_OPTIONS": "detect_stack_use_after_return=1",
                     "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1"}

DOCTEST = re.compile(r"\[doctest\] test cases:\s*\d+\s*\|\s*(\d+) passed\s*\|\s*(\d+) failed\s*\|\s*(\d+) skipped")
COUNTS = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", re.MULTILINE)


FAILURE = re.compile(r"^.*\b(?:FAIL(?:ED)?|ERROR|no end after|Traceback|AddressSanitizer|runtime error)\b.*$", re.MULTILINE)
SHOWN_FAILURES = 20  # lines repeated of each part


class Total:
    """Counts, and what failed: repeated before the last line, where whoever sees only the end of a long log finds it."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.failures = []

    def add(self, part, passed, failed, skipped=0, output=""):
        self.passed += passed
        self.failed += failed
        self.skipped += skipped
        counts = f"== {part}: {passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else "")
        print(counts, flush=True)
        if failed:
            self.failures += [counts, *FAILURE.findall(output)[:SHOWN_FAILURES]]

    def print(self):
        for line in self.failures:
            print(line)
        print(self.line())

    def line(self):
        return f"{self.passed} passed, {self.failed} failed" + (f", {self.skipped} skipped" if self.skipped else "")


def counted(output, good):
    """(passed, failed, skipped) of a program: what it says itself, else it is one test. A program that ends badly
    has a failure, whatever it counted before."""
    found = DOCTEST.findall(output) or COUNTS.findall(output)
    passed, failed, skipped = (int(text or 0) for text in found[-1]) if found else (int(good), 0, 0)
    return passed, failed if failed or good else 1, skipped


def run_meson_tests(total, part, directory, extra_environment=None):
    """The tests that meson knows, each counted by what it printed."""
    log = directory / "meson-logs" / "testlog.json"
    log.unlink(missing_ok=True)
    # The multiplier is for machines that are slow and loaded too: only a test that hangs is ended.
    command = ["meson", "test", "-C", directory, "--no-rebuild", "--print-errorlogs",
               "--timeout-multiplier", "20"]
    status = subprocess.run(command, env=os.environ | (extra_environment or {}), check=False).returncode
    if not log.exists():
        total.add(part, 0, 1)
        return
    sums = [0, 0, 0]
    output = ""
    for line in log.read_text(encoding="utf-8").splitlines():
        test = json.loads(line)
        if test["result"] == "SKIP":
            sums[2] += 1
            continue
        counts = counted(test.get("stdout", ""), test["result"] == "OK")
        if counts[1]:
            output += f"FAILED: {test['name']}\n" + test.get("stdout", "") + test.get("stderr", "")
        for place, count in enumerate(counts):
            sums[place] += count
    if status != 0 and sums[1] == 0:
        sums[1] = 1
    total.add(part, *sums, output=output)


def introspect(directory, what):
    return json.loads(subprocess.run(["meson", "introspect", what, directory], check=True,
                                     stdout=subprocess.PIPE).stdout)


def test_programs(directory):
    """The ninja targets of the tests that meson knows, and of what they start."""
    files = {target["id"]: target["filename"][0] for target in introspect(directory, "--targets")}
    programs = set()
    for test in introspect(directory, "--tests"):
        programs.update([test["cmd"][0], *(files[depended] for depended in test["depends"])])
    return sorted(os.path.relpath(program, directory) for program in programs
                  if pathlib.Path(program).is_relative_to(directory))


def build_tests(total, part, directory):
    targets = os.environ | {"RELUX_BUILD_TARGETS": " ".join(test_programs(directory))}
    built = subprocess.run(["tools/build", directory], cwd=ROOT, env=targets, check=False).returncode == 0
    if not built:
        total.add(part, 0, 1)
    return built


def run_sanitised(total):
    directory = ROOT / "build-asan"
    if not (directory / "build.ninja").exists():
        subprocess.run(["meson", "setup", directory, *SANITISERS], cwd=ROOT, check=True)
    if build_tests(total, "sanitised build", directory):
        run_meson_tests(total, "unit tests under address and undefined behaviour sanitisers", directory, SANITISER_OPTIONS)


class Finished:
    """A program that has ended: what it printed and counted."""

    def __init__(self, part, output, good, seconds):
        self.part = f"{part} ({seconds:.0f} s)"
        self.output = output
        self.good = good

    def add_to(self, total):
        """Shown whole only if it failed."""
        if not self.good:
            print(self.output)
        total.add(self.part, *counted(self.output, self.good), output=self.output)


def run_program(part, command, limit):
    """A program that prints what it does."""
    started = time.monotonic()
    try:
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=limit,
                              check=False)
        output, good = done.stdout.decode(errors="replace"), done.returncode == 0
    except subprocess.TimeoutExpired as expired:
        output, good = (expired.stdout or b"").decode(errors="replace") + f"\nno end after {limit} s", False
    return Finished(part, output, good, time.monotonic() - started)


def run_driver(driver):
    return run_program(driver, [sys.executable, f"tests/suites/{driver}.py", ROOT / "build" / "bin"], DRIVER_LIMIT)


def run_drivers(total):
    with concurrent.futures.ThreadPoolExecutor(DRIVERS_AT_ONCE) as pool:
        for finished in concurrent.futures.as_completed([pool.submit(run_driver, driver) for driver in DRIVERS]):
            finished.result().add_to(total)
    for driver in DRIVERS_ALONE:
        run_driver(driver).add_to(total)


def main():
    quick = sys.argv[1:] == ["quick"]
    if sys.argv[1:] and not quick:
        sys.exit("usage: run_tests.py [quick]")
    total = Total()
    build = ROOT / "build"
    run_program("lint", ["tools/lint"], 600).add_to(total)
    if build_tests(total, "build of the tests", build):
        run_meson_tests(total, "unit tests", build)
    if not quick:
        run_program("demo", ["tools/demo"], DRIVER_LIMIT).add_to(total)
        run_program("headers", ["tools/lint", "--headers"], DRIVER_LIMIT).add_to(total)
        run_drivers(total)
        run_sanitised(total)
    total.print()
    return 1 if total.failed or not total.passed else 0


if __name__ == "__main__":
    sys.exit(main())
