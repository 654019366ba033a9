"""The cases of tools/bench: what is run, by whom, and which figures come of it.

A case has contenders, functions that do it once and give figures by name. `floor` is the program that does nothing but
the case, `relux` is Relux, the others are peers. A figure says its unit, whether more is better, and the goal: a bound
on Relux's value, given the floor's.
"""

import dataclasses
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time
import tomllib
from typing import Callable

import company
import make_suite
import projects

MEBIBYTE = 1 << 20
BASH = ["/bin/bash", "--norc", "--noprofile"]
DASH = ["/bin/dash"]
PEERS = pathlib.Path(__file__).resolve().parent / "peers"
EXPECT = ["expect", "-f", str(PEERS / "cases.exp"), "--"]
PEXPECT = ["/usr/bin/python3", str(PEERS / "pexpect_cases.py")]


@dataclasses.dataclass
class Figure:
    unit: str
    goal: str = ""  # in words
    reached: Callable[[float, float | None], bool] | None = None  # by Relux's median and the floor's
    more_is_better: bool = False
    digits: int = 1


def at_most(factor):
    """A goal relative to the floor."""
    return f"≤ {factor:.2f} × floor", lambda relux, floor: relux <= factor * floor


def at_least(factor):
    return f"≥ {factor:.2f} × floor", lambda relux, floor: relux >= factor * floor


@dataclasses.dataclass
class Case:
    key: str
    title: str
    figures: dict[str, Figure]
    contenders: dict[str, Callable[[], dict[str, float]]]
    rounds: int = 99  # at most
    once: tuple[str, ...] = ()  # contenders that are too slow for more than one round


class Cases:
    """All cases, at full size or, if `quick`, at one that takes seconds."""

    def __init__(self, runner, binaries, quick):
        self.runner = runner
        self.relux = str(pathlib.Path(binaries) / "relux")
        self.reluxc = str(pathlib.Path(binaries) / "reluxc")
        self.reluxvm = str(pathlib.Path(binaries) / "reluxvm")
        self.quick = quick
        self.removed = 0

    def all(self):
        """By letter."""
        return {
            "A": [self.round_trips("bash", BASH), self.round_trips("dash", DASH)],
            "B": [self.flood()],
            "B2": self.floods(),
            "C": [self.one_test(), self.start_in_company()],
            "D": [self.many_tests(1), self.many_tests(8)],
            "E": [self.at_once(count) for count in ((50,) if self.quick else (500, 2000))],
            "F": [self.time_outs(False), self.time_outs(True)],
            "G": [self.compile()],
            "H": [self.string_work()],
            "I": [self.large_run()],
            "K": [self.large_lines()],
        }

    # Helpers

    def floor(self, *arguments, shell=BASH):
        return self.runner.run([self.runner.floor, *arguments, "--", *shell])

    def peer(self, program, *arguments, shell=BASH):
        return self.runner.run([*program, *arguments, "--", *shell])

    def project(self, name, tests, shell=BASH, settings=""):
        return projects.write_project(self.runner.directory / name, shell, tests, settings)

    def run_project(self, root, *flags, status=0, program=None):
        """One run, with nothing left of earlier ones: the directory of results is new to it."""
        # Moved, not deleted: where many files have just gone, some file systems make new ones slowly.
        out = root / "relux" / "out"
        if out.exists():
            self.removed += 1
            (self.runner.directory / "removed").mkdir(exist_ok=True)
            out.rename(self.runner.directory / "removed" / str(self.removed))
        return self.runner.run([program or self.relux, "run", *flags], root, status)

    # A

    def round_trips(self, name, shell):
        count = 200 if self.quick else 2000
        root = self.project(f"a-{name}", projects.round_trips(count), shell)

        def figures(cost):
            return {"wall": cost.wall / count * 1e6, "own CPU": cost.own / count * 1e6,
                    "all CPU": cost.all / count * 1e6, "memory": cost.memory}

        return Case(
            f"A {name}", f"{count} round trips in one {name}, each",
            {"wall": Figure("µs", *at_most(1.10)), "own CPU": Figure("µs", *at_most(2.50)),
             "all CPU": Figure("µs"), "memory": Figure("MB")},
            {"floor": lambda: figures(self.floor("round-trips", count, shell=shell)),
             "relux": lambda: figures(self.run_project(root)),
             "expect": lambda: figures(self.peer(EXPECT, "round-trips", count, shell=shell)),
             "pexpect": lambda: figures(self.peer(PEXPECT, "round-trips", count, shell=shell))})

    # B

    def emitted(self, size, chunk):
        return f"{self.runner.floor} emit {size} {chunk}"

    def flood(self):
        size = (2 if self.quick else 64) * MEBIBYTE
        text = self.runner.directory / "flood.txt"
        log = self.runner.directory / "flood.log"
        line = f"cat {text}"
        root = self.project("b", projects.flood(line, "^flood-done$", r"^panic: \d+$"))
        idle = self.project("b-idle", projects.one_round_trip_each(1))
        text.write_text(self.runner.run([self.runner.floor, "emit", size, MEBIBYTE]).output)

        def figures(cost, base):
            return {"speed": size / MEBIBYTE / cost.wall, "own CPU": cost.own, "memory": cost.memory,
                    "memory above idle": cost.memory - base}

        def relux():
            return figures(self.run_project(root), self.run_project(idle).memory)

        def floor():
            base = self.floor("tests", 1, 1).memory
            return figures(self.floor("flood", line, "^flood-done$", r"^panic: \d+$", log), base)

        def peer(program):
            base = self.peer(program, "tests", 0, 1).memory
            return figures(self.peer(program, "flood", line), base)

        return Case("B", f"{size // MEBIBYTE} MiB of lines, a match of the last, a fail pattern on all",
                    {"speed": Figure("MiB/s", *at_least(0.92), more_is_better=True), "own CPU": Figure("s", digits=2),
                     "memory": Figure("MB"),
                     "memory above idle": Figure("MB", "≤ 33.6 MB", lambda relux, _: relux <= 33.6)},
                    {"floor": floor, "relux": relux,
                     "expect": lambda: peer(EXPECT), "pexpect": lambda: peer(PEXPECT)})

    def floods(self):
        words = ("alpha beta gamma delta epsilon zeta theta iota kappa lambda mumu nunu xixi pipi rhorho sigma tautau "
                 "upsilon phiphi chichi").split()
        last = "^flood-done$"
        patterns = {
            "spans all lines": (r"(?s)worker-7.*?flood-done", ""),
            "never matches": (last, r"^panic: \d+$"),
            "20 alternatives": (last, f"(?:{'|'.join(words)})!"),
            "look-behind": (last, r"(?<=error: )\d+"),
        }
        return [self.flood_of(name, *pair) for name, pair in patterns.items()]

    def flood_of(self, name, pattern, fail_pattern):
        sizes = {1: MEBIBYTE // 2, 4096: 16 * MEBIBYTE, 65536: 16 * MEBIBYTE}
        if self.quick:
            sizes = {1: MEBIBYTE // 16, 4096: MEBIBYTE, 65536: MEBIBYTE}
        log = self.runner.directory / "flood.log"

        def floor(size, chunk):
            return self.floor("flood", self.emitted(size, chunk), pattern, fail_pattern, log)

        def relux(size, chunk):
            line = self.emitted(size, chunk)
            return self.run_project(self.project("b2", projects.flood(line, pattern, fail_pattern)))

        def figures(run):
            values = {f"writes of {chunk}": size / MEBIBYTE / run(size, chunk).wall for chunk, size in sizes.items()}
            full = sizes[4096]
            # The time that three quarters more take, against the time of a quarter: 3 if linear.
            quarter = run(full // 4, 4096).own
            values["growth"] = (run(full, 4096).own - quarter) / quarter / 3
            return values

        figure = Figure("MiB/s", *at_least(0.5), more_is_better=True)
        return Case(f"B2 {name}", f"the same, pattern {name}",
                    {**{f"writes of {chunk}": figure for chunk in sizes},
                     "growth": Figure("×", "≤ 1.50: linear", lambda relux, _: relux <= 1.5, digits=2)},
                    {"floor": lambda: figures(floor), "relux": lambda: figures(relux)}, rounds=3)

    # C, D

    def one_test(self):
        root = self.project("c", projects.one_round_trip_each(1))

        def figures(cost):
            return {"wall": cost.wall * 1e3, "own CPU": cost.own * 1e3, "all CPU": cost.all * 1e3,
                    "memory": cost.memory}

        return Case("C", "the whole program for one test with one shell",
                    {"wall": Figure("ms", "≤ floor + 4 ms", lambda relux, floor: relux <= floor + 4),
                     "own CPU": Figure("ms"), "all CPU": Figure("ms"), "memory": Figure("MB")},
                    {"floor": lambda: figures(self.floor("tests", 1, 1)),
                     "relux": lambda: figures(self.run_project(root)),
                     "expect": lambda: figures(self.peer(EXPECT, "tests", 0, 1)),
                     "pexpect": lambda: figures(self.peer(PEXPECT, "tests", 0, 1))})

    def start_in_company(self):
        roots = {who: self.project(f"c-{who}", projects.one_round_trip_each(1)) for who in ("alone", "company")}
        times = 3 if self.quick else 20

        def figures(who):
            cache = self.runner.directory / f"c-{who}-cache"
            costs = [self.runner.run([self.relux, "run", "--cache-dir", cache], roots[who]) for _ in range(times)]
            return {"wall": statistics.median(cost.wall for cost in costs) * 1e3,
                    "own CPU": statistics.median(cost.own for cost in costs) * 1e3}

        def among_others():
            cache = self.runner.directory / "c-company-cache"
            size = 50 if self.quick else 1000
            if not cache.exists():
                figures("company")
                company.fill_cache(cache, 5 * size)
                company.add_runs(roots["company"], size)
            with company.processes(3 * size):
                return figures("company")

        more = ("≤ floor + 0.5 ms", lambda relux, floor: relux <= floor + 0.5)
        return Case("C company", "the same with 5,000 projects in the cache, 1,000 earlier runs and 3,000 processes of "
                    "others (floor: Relux without them)",
                    {"wall": Figure("ms", *more, digits=2), "own CPU": Figure("ms", *more, digits=2)},
                    {"floor": lambda: figures("alone"), "relux": among_others}, rounds=3)

    def many_tests(self, jobs):
        count = 40 if self.quick else 500
        root = self.project("d", projects.one_round_trip_each(count))
        bats = self.runner.directory / "d.bats"
        bats.write_text("".join(
            f'@test "round trip {i}" {{\n    run bash --norc --noprofile -c "echo token-{i}"\n'
            f'    [ "$output" = "token-{i}" ]\n}}\n\n' for i in range(count)))

        def figures(cost):
            return {"wall": cost.wall, "own CPU": cost.own, "all CPU": cost.all, "memory": cost.memory}

        def of_many_processes(cost):
            return {"wall": cost.wall, "all CPU": cost.all}

        def peer(program):
            if jobs == 1:
                return figures(self.peer(program, "tests", 0, count))
            # None of them runs several at once by itself: that many processes, each with its part.
            parts = [(count * i // jobs, count * (i + 1) // jobs) for i in range(jobs)]
            lines = [f"{' '.join(program)} tests {first} {end} -- {' '.join(BASH)} &" for first, end in parts]
            return of_many_processes(self.runner.run(["/bin/sh", "-c", "\n".join(lines) + "\nwait"]))

        return Case(f"D -j {jobs}", f"{count} tests with a shell each, {jobs} at a time",
                    {"wall": Figure("s", *at_most(1.25 if jobs == 1 else 1.15), digits=2),
                     "own CPU": Figure("s", digits=2), "all CPU": Figure("s", digits=2), "memory": Figure("MB")},
                    {"floor": lambda: figures(self.floor("tests", count, jobs)),
                     "relux": lambda: figures(self.run_project(root, "-j", jobs)),
                     "expect": lambda: peer(EXPECT), "pexpect": lambda: peer(PEXPECT),
                     **({"bats": lambda: of_many_processes(self.runner.run(["bats", bats]))} if jobs == 1 else {})},
                    once=("bats",))

    # E

    def at_once(self, count):
        line = "sleep 1; echo done" if self.quick else "sleep 5; echo done"
        root = self.project(f"e-{count}", projects.sleepers(count, line), DASH)
        idle = self.project("e-idle", projects.one_round_trip_each(1), DASH)

        def figures(cost, base):
            return {"wall": cost.wall, "own CPU": cost.own, "memory": cost.memory,
                    "memory a shell": (cost.memory - base) * 1e6 / 1024 / count}

        def floor():
            return figures(self.floor("open", count, line, shell=DASH), self.floor("tests", 1, 1, shell=DASH).memory)

        def relux():
            return figures(self.run_project(root, "-j", count), self.run_project(idle).memory)

        def peer(program):
            return figures(self.peer(program, "open", count, line, shell=DASH),
                           self.peer(program, "tests", 0, 1, shell=DASH).memory)

        # expect waits with select(), which has no room for that many.
        expect = {"expect": lambda: peer(EXPECT)} if count <= 500 else {}
        return Case(f"E {count}", f"{count} shells open at once, each `{line}`",
                    {"wall": Figure("s", *at_most(1.10), digits=2), "own CPU": Figure("s", digits=2),
                     "memory": Figure("MB"),
                     "memory a shell": Figure("KiB", "≤ 16 KiB", lambda relux, _: relux <= 16)},
                    {"floor": floor, "relux": relux, **expect, "pexpect": lambda: peer(PEXPECT)}, rounds=2,
                    once=("expect", "pexpect"))

    # F

    def time_outs(self, busy):
        count = 4 if self.quick else 50
        root = self.project("f", projects.time_outs(count, 200, busy), settings='[timeout]\nsuite = "1h"\n')
        mode = "busy" if busy else "idle"

        def figures(late):
            return {"median": statistics.median(late), "worst": max(late), "earliest": min(late)}

        def of(cost):
            return figures([value / 1e6 for value in cost.values("late", numbers=True)])

        def relux():
            self.run_project(root, status=1)
            late = []
            for file in sorted((root / "relux" / "out" / "latest").glob("logs/**/events.json")):
                late.append(lateness(json.loads(file.read_text())["events"]))
            if len(late) != count:
                raise ValueError(f"{len(late)} time-outs of {count}")
            return figures(late)

        peers = {} if busy else {"pexpect": lambda: of(self.peer(PEXPECT, "time-outs", count, 200))}
        return Case(f"F {mode}", f"{count} matches that time out after 200 ms, {mode}: how late",
                    {"median": Figure("ms", "≤ 0.5 ms", lambda relux, _: relux <= 0.5, digits=2),
                     "worst": Figure("ms", "≤ 5 ms", lambda relux, _: relux <= 5, digits=2),
                     "earliest": Figure("ms", "never early", lambda relux, _: relux >= 0, digits=2)},
                    {"floor": lambda: of(self.floor("time-outs", count, 200, mode)), "relux": relux, **peers},
                    rounds=1)

    # K

    def large_lines(self):
        """Every tenth test prints 300 KB in one line, beside busy loops, one for each core."""
        count, jobs, every = (40, 16, 10) if self.quick else (500, 64, 10)
        line = "printf '%0300000d' 0; echo -end"
        root = self.project("k", projects.large_lines(count, every, line, "0-end"))

        def beside_loops(run):
            loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count())]
            try:
                return run()
            finally:
                for loop in loops:
                    loop.kill()
                    loop.wait()

        def figures(times, cost, failed):
            return {"large line": statistics.median(times), "slowest": max(times), "wall": cost.wall, "failed": failed}

        def floor():
            cost = beside_loops(lambda: self.floor("lines", count, jobs, every, line, "0-end"))
            return figures([value / 1e9 for value in cost.values("line", numbers=True)], cost, 0)

        def relux():
            cost = beside_loops(lambda: self.run_project(root, "-j", jobs, "--threads", 1, status=None))
            summary = tomllib.loads((root / "relux" / "out" / "latest" / "run_summary.toml").read_text())
            times = [test["duration_ms"] / 1e3 for test in summary["tests"] if test["name"].startswith("large")]
            return figures(times, cost, sum(test["outcome"] != "pass" for test in summary["tests"]))

        return Case("K", f"{count} tests, {jobs} at a time in one thread; every tenth prints 300 KB in a line, busy loops beside",
                    {"large line": Figure("s", *at_most(1.50), digits=2), "slowest": Figure("s", digits=2),
                     "wall": Figure("s", digits=2),
                     "failed": Figure("", "0", lambda relux, _: relux == 0, digits=0)},
                    {"floor": floor, "relux": relux}, rounds=3)

    # G

    def to_first_shell(self, root, note, *words, program=None):
        """Milliseconds of wall and own processor time from the start of a run to its first shell, where it is ended."""
        note.unlink(missing_ok=True)
        cost = self.run_project(root, *words, status=130, program=program)
        noted = {name: int(value) for name, value in map(str.split, note.read_text().splitlines())}
        return (noted["at"] - cost.start) / 1e6, noted["own"] / 1e6

    def large_suite(self):
        """Its directory, its bytes of source, and where its first shell notes when it was started."""
        modules, tests = (40, 400) if self.quick else (2000, 20000)
        root = self.runner.directory / "suite"
        note = self.runner.directory / "first-shell"
        size = make_suite.write_suite(root, modules, tests)
        command = [self.runner.floor, "note-start", str(note), "--", *DASH]
        with open(root / "Relux.toml", "a", encoding="utf-8") as manifest:
            manifest.write(f"\n[shell]\ncommand = {json.dumps(command)}\n")
        # Sources that were written just now are read again by the next run, because their times don't tell yet.
        time.sleep(2.1)
        return root, size, note, f"{modules} modules with {tests} tests, {size / 1e6:.1f} MB"

    def compile(self):
        root, size, note, title = self.large_suite()
        changed = root / "relux" / "tests" / "group_7" / "module_7.relux"
        text = changed.read_text()
        archive = self.runner.directory / "suite.rxb"

        def relux():
            changed.write_text(text)
            shutil.rmtree(self.runner.directory / "cache", ignore_errors=True)
            cold = self.runner.run([self.relux, "run", "--list"], root)
            # Knows the file that was written just now.
            self.runner.run([self.relux, "run", "--list"], root)
            warm = self.to_first_shell(root, note)
            changed.write_text(text.replace('> echo "${name}: ${value}"', '> echo "${name}:" "${value}"'))
            after = self.to_first_shell(root, note)
            changed.write_text(text)
            build = self.runner.run([self.reluxc, "build", "--no-cache", "-o", archive], root)
            load = self.to_first_shell(root, note, archive, program=self.reluxvm)
            return {"cold": size / 1e6 / cold.wall, "cold, a core": size / 1e6 / cold.own, "cold, all": cold.wall * 1e3,
                    "memory": cold.memory, "warm": warm[0], "warm, own CPU": warm[1], "one change": after[0],
                    "one change, own CPU": after[1], "archive": archive.stat().st_size / 1e6,
                    "archive, build": build.wall * 1e3, "archive, build, own CPU": build.own * 1e3,
                    "archive, load": load[0], "archive, load, own CPU": load[1]}

        def floor():
            cost = self.runner.run([self.runner.floor, "read", root])
            return {"cold": size / 1e6 / cost.wall, "cold, a core": size / 1e6 / cost.own, "cold, all": cost.wall * 1e3,
                    "memory": cost.memory}

        speed = {"goal": "≥ 20 MB/s", "reached": lambda relux, _: relux >= 20, "more_is_better": True}
        return Case("G", f"{title}: compiled, and started up to the first test's shell (floor: reads them)",
                    {"cold": Figure("MB/s", more_is_better=True), "cold, a core": Figure("MB/s of own CPU", **speed),
                     "cold, all": Figure("ms"), "memory": Figure("MB"),
                     "warm": Figure("ms", "≤ 50 ms", lambda relux, _: relux <= 50), "warm, own CPU": Figure("ms"),
                     "one change": Figure("ms", "≤ 60 ms", lambda relux, _: relux <= 60),
                     "one change, own CPU": Figure("ms"), "archive": Figure("MB"), "archive, build": Figure("ms"),
                     "archive, build, own CPU": Figure("ms"), "archive, load": Figure("ms"),
                     "archive, load, own CPU": Figure("ms")},
                    {"floor": floor, "relux": relux}, rounds=5)

    # H

    def string_work(self):
        root = self.project("h", projects.string_work())
        count = projects.instructions_of_string_work()

        def relux():
            cost = self.run_project(root)
            report = next((root / "relux" / "out" / "latest").glob("logs/**/events.json"))
            events = json.loads(report.read_text())["events"]
            first = next(event["ts"] for event in events if event["kind"] == "match-done")
            # The next send waits for its reader, which is not this case's.
            last = max(event["ts"] for event in events if event["kind"] in ("var-let", "interpolation"))
            return {"speed": count / 1e6 / ((last - first) / 1e3), "wall": cost.wall * 1e3, "memory": cost.memory}

        def floor():
            cost = self.runner.run([self.runner.floor, "strings", count])
            nanoseconds = cost.values("elapsed", numbers=True)[0]
            return {"speed": count / 1e6 / (nanoseconds / 1e9), "wall": cost.wall * 1e3, "memory": cost.memory}

        return Case("H", f"{count} instructions of string work between two sends",
                    {"speed": Figure("million/s", "≥ 30 million/s", lambda relux, _: relux >= 30, more_is_better=True),
                     "wall": Figure("ms"), "memory": Figure("MB")},
                    {"floor": floor, "relux": relux})

    # I

    def large_run(self):
        modules, tests = (10, 100) if self.quick else (1000, 10000)
        root = self.runner.directory / "large"
        small = self.runner.directory / "large-part"
        make_suite.write_suite(root, modules, tests)
        make_suite.write_suite(small, modules // 10, tests // 10)

        def relux():
            part = self.run_project(small, "-j", 64)
            whole = self.run_project(root, "-j", 64)
            page = (root / "relux" / "out" / "latest" / "index.html").stat().st_size
            return {"wall": whole.wall, "own CPU": whole.own, "all CPU": whole.all, "memory": whole.memory,
                    "memory a test": (whole.memory - part.memory) * 1e6 / 1024 / (tests - tests // 10),
                    "index.html": page / 1e6}

        def floor():
            cost = self.floor("tests", tests, 64, shell=DASH)
            return {"wall": cost.wall, "own CPU": cost.own, "all CPU": cost.all, "memory": cost.memory}

        return Case("I", f"{tests} tests of {modules} modules in one run, -j 64 (floor: one round trip each)",
                    {"wall": Figure("s", digits=1), "own CPU": Figure("s", digits=2), "all CPU": Figure("s"),
                     "memory": Figure("MB"),
                     "memory a test": Figure("KiB", "flat: ≤ 4 KiB", lambda relux, _: relux <= 4),
                     "index.html": Figure("MB", "opens: ≤ 20 MB", lambda relux, _: relux <= 20, digits=2)},
                    {"floor": floor, "relux": relux}, rounds=1)


def lateness(events):
    """Milliseconds by which the time-out of the match of `^never$` came after its moment."""
    started = next(event for event in events if event["kind"] == "match-start" and event["pattern"] == "^never$")
    ended = next(event for event in events if event["kind"] == "timeout")
    return ended["ts"] - started["ts"] - started["effective"]["applied_ms"]
