#!/usr/bin/env python3
"""Where a run's time goes: --stats, --trace-file and -j auto, against the event logs of the same run.

Sums are compared with what each test has recorded for itself, to the nanosecond; none with the speed of the machine.
"""

import collections
import contextlib
import decimal
import json
import os
import pathlib
import re
import resource
import signal
import subprocess
import tempfile
import time
import tomllib

from suite_checks import Project, run_parts, wait_for, write

LIMIT = 60  # seconds; nothing here needs more than a few

SUITE = '''fn greet(name) {
    > echo hello ${name}
    <? ^hello ${name}$
}
effect Db {
    expect PORT
    expose db
    shell db {
        > echo db on ${PORT}
        <? ^db on \\d+$
    }
    cleanup {
        > echo db gone
        <? ^db gone$
    }
}
effect Web {
    start Db as inner { PORT = "1" }
    expose web
    shell web {
        > echo web up
        <? ^web up$
    }
}
test "effects, shared and at once" {
    start Db as first { PORT = "1" }
    start Db as other { PORT = "2" }
    start Web as site
    shell s {
        greet("you")
        sleep("30ms")
        match_ok()
    }
    shell first.db {
        > echo again
        <= again
    }
    cleanup {
        > echo over
        <? ^over$
    }
}
test "several patterns" {
    shell s {
        > echo one two three
        <~5s{
            ? ^one
            = two
        }
        match_prompt()
        > echo long-name-of-a-thing-that-is-said-aloud-and-more-than-once-by-everybody
        <? ^long-name-of-a-thing-that-is-said-aloud-and-more-than-once-by-everybody$
        match_prompt()
        > i=0; while [ $i -lt 400000 ]; do i=$((i+1)); done; times
        <~100s? ^(\\d+)m([\\d.]+)s
    }
}
test "times out" {
    shell s {
        <@50ms? ^never$
    }
}
test "hits its fail pattern" {
    shell s {
        !? ^boom$
        > echo bo"om"
        <? ^never$
    }
}
test "an exit is no answer" {
    shell s {
        > exit 3
        <? ^never$
    }
}
# flaky
test "passes at last" {
    shell s {
        > test -e "$__RELUX_RUN_ARTIFACTS/tried" && echo yes || { touch "$__RELUX_RUN_ARTIFACTS/tried"; echo no; }
        <@2s? ^(yes|no)$
        let answer = $1
        answer ? ^yes$
    }
}
# skip
test "skipped" {
    shell s {
        > echo never
    }
}
'''

LONG = "long-name-of-a-thing-that-is-said-aloud-and-more-than-once-by-everybody"

SECRETS = '''test "keeps its secrets" {
    let token = "s3cret-value"
    shell s {
        > echo s3cret-value
        <? ^s3cret-value$
        match_prompt()
        > ./say.sh
        <? ^learned-(late)r$
        let api_token = "learned-${1}r"
        <~10ms? ^learned-later$
    }
}
'''

WAITS = '''test "ends first" {
    shell s {
        > echo first
        <? ^first$
    }
}
test "waits" {
    shell s {
        > touch "$__RELUX_RUN_ARTIFACTS/begun"; sleep 1000
        <~100s? ^never$
    }
    cleanup {
        > touch "$__RELUX_RUN_ARTIFACTS/cleaning"; while test -e wait; do sleep 0.01; done
        match_ok()
    }
}
'''


def event_logs(run):
    """Every attempt's event log, with its directory; times are exact."""
    for path in sorted(run.directory.rglob("events.json")):
        yield path.parent, json.loads(path.read_text(encoding="utf-8"), parse_float=decimal.Decimal)


def events_of(run, *kinds):
    return [event for _, log in event_logs(run) for event in log["events"] if event["kind"] in kinds]


def read_trace(path):
    """Its events, times in nanoseconds."""
    events = json.loads(path.read_text(encoding="utf-8"), parse_float=decimal.Decimal)["traceEvents"]
    for event in events:
        if "ts" in event:
            event["ts"] = int(event["ts"] * 1000)
    return events


def spans_of(events):
    """(spans, problems): each span with its duration, result and depth; what does not nest."""
    tracks, spans, problems = collections.defaultdict(list), [], []
    for event in events:
        stack = tracks[event["tid"]]
        if event["ph"] == "B":
            stack.append(event)
        elif event["ph"] == "E":
            if not stack:
                problems.append(f"an end without a beginning: {event}")
                continue
            span = stack.pop()
            span["dur"] = event["ts"] - span["ts"]
            span["depth"] = len(stack)
            span["within"] = [outer["cat"] for outer in stack]
            span["end"] = event.get("args", {})
            spans.append(span)
    problems += [f"never ended: {span['name']}" for stack in tracks.values() for span in stack]
    return spans, problems


def nanoseconds(milliseconds):
    return int(decimal.Decimal(milliseconds) * 1_000_000)


def waits_of(log, begins, ends):
    """How long each took, from the event that begins it in a shell to the next that ends it there."""
    since, durations = {}, []
    for event in log["events"]:
        if event["kind"] in begins:
            since[event["shell_marker"]] = event["ts"]
        elif event["kind"] in ends and event["shell_marker"] in since:
            durations.append(nanoseconds(event["ts"] - since.pop(event["shell_marker"])))
    return durations


MATCHES = ({"match-start", "multi-match-start"},
           {"match-done", "multi-match-done", "timeout", "multi-match-timeout"})


def table_of(run):
    return tomllib.loads((run.directory / "run_summary.toml").read_text(encoding="utf-8")).get("stats")


def check_statistics(checks, run):
    stats = table_of(run)
    said = run.stderr[run.stderr.rindex("test result:"):]
    checks.check("stats: said after the result line", "\nstatistics:\n  wall " in said, run.said())
    for words in ("compile and load", "of the runner", "starting", "waiting", "sleeping", "ending", "effects",
                  "round trips", "slowest tests", "slowest waits", "memory"):
        checks.check(f"stats: the words {words!r}", words in said, said)
    sends = events_of(run, "send")
    spawned = events_of(run, "shell-spawn")
    received = sum(path.stat().st_size for path in run.directory.rglob("*.stdout.raw"))
    sent = sum(path.stat().st_size for path in run.directory.rglob("*.stdin.raw"))
    for name, counted, wanted in (
            ("sends", stats["sends"], len(sends)),
            ("bytes sent", stats["bytes_sent"], sent),
            ("bytes of output", stats["bytes_received"], received),
            ("matches", stats["matches"], len(events_of(run, "match-done", "multi-match-done"))),
            ("time-outs", stats["timeouts"], len(events_of(run, "timeout", "multi-match-timeout"))),
            ("fail patterns", stats["fail_patterns"], len(events_of(run, "fail-pattern-triggered"))),
            ("shells", stats["shells"], len(spawned)),
            ("starts", stats["starting"]["count"], len(spawned)),
            ("ends", stats["ending"]["count"], len(events_of(run, "shell-terminate"))),
            ("waits", stats["waiting"]["count"], len(events_of(run, "match-start", "multi-match-start"))),
            ("sleeps", stats["sleeping"]["count"], len(events_of(run, "sleep-start"))),
            ("attempts", stats["attempts"]["count"], len(list(event_logs(run))) - 1)):  # one is skipped
        checks.check(f"stats: {name} are those of the event logs", counted == wanted, f"{counted}, not {wanted}")
    setups = [span for _, log in event_logs(run) for span in log["spans"].values() if span["kind"] == "effect-setup"]
    checks.check("stats: effects and shared ones",
                 (stats["effects"]["count"], stats["effects_shared"])
                 == (sum(not s["is_reuse"] for s in setups), sum(s["is_reuse"] for s in setups)) == (3, 1), f"{stats}")
    check_sums(checks, run, stats)


def check_sums(checks, run, stats):
    matched = sum(event["elapsed"] for event in events_of(run, "match-done", "multi-match-done"))
    in_blocks = sum(span["end_ts"] - span["start_ts"] for _, log in event_logs(run) for span in log["spans"].values()
                    if span["kind"] in ("shell-block", "cleanup-block"))
    spent = sum(stats[kind]["total_ms"] for kind in ("starting", "sending", "waiting", "sleeping"))
    waited = stats["waiting"]["total_ms"]
    # The stats are cut to microseconds.
    checks.check("stats: waiting is at least what matches took", waited + 0.001 >= float(matched), f"{waited} {matched}")
    checks.check("stats: shells spent no more than there was of their blocks", spent <= float(in_blocks),
                 f"{spent} {in_blocks}")
    checks.check("stats: sleeping is at least what was slept", stats["sleeping"]["total_ms"] >= 30, f"{stats['sleeping']}")
    parts = stats["load_ms"] + stats["tests_ms"] + stats["reports_ms"]
    checks.check("stats: the parts of the wall are no more than it", 0 < parts <= stats["wall_ms"] + 0.003, f"{stats}")
    attempts = sum(float(log["info"]["duration"]) for _, log in event_logs(run)
                   if log["outcome"]["kind"] != "skip")
    checks.check("stats: the time of attempts is that of their logs",
                 abs(stats["attempts"]["total_ms"] - attempts) < 0.001 * len(run.tests) + 0.001,
                 f"{stats['attempts']} {attempts}")
    # What the shell itself says it has used, up to the hundredth of a second in which it counts.
    log = (run.log_directory("several patterns") / "s.stdout.raw").read_text(encoding="utf-8")
    minutes, seconds = re.findall(r"^(\d+)m([\d.]+)s", log, re.MULTILINE)[0]
    used = 1000 * (60 * int(minutes) + float(seconds))
    children = stats["children"]["user_ms"] + stats["children"]["system_ms"]
    checks.check("stats: the shells' processor time is theirs", children >= used - 20, f"{children} {used}")
    checks.check("stats: the runner's is another", stats["runner"] != stats["children"], f"{stats}")
    checks.check("stats: the runner has used some, and memory", stats["runner"]["user_ms"] + stats["runner"]["system_ms"]
                 > 0 and stats["peak_memory_bytes"] > 1 << 20, f"{stats}")
    slow = stats["slowest_waits"]
    checks.check("stats: the slowest waits are in order, with places",
                 [wait["duration_ms"] for wait in slow] == sorted((w["duration_ms"] for w in slow), reverse=True)
                 and all(re.fullmatch(r"relux/tests/suite\.relux:\d+", wait["place"]) for wait in slow), f"{slow}")
    # On a loaded machine all that are listed may have lasted longer.
    checks.check("stats: the one that timed out is among them", "^never$" in [wait["what"] for wait in slow]
                 or min(wait["duration_ms"] for wait in slow) >= 50, f"{slow}")
    tests = stats["slowest_tests"]
    longest = max(run.tests.values(), key=lambda test: test["duration_ms"] if test["flaky_retries"] == 0 else 0)
    checks.check("stats: the slowest test is the one of the summary", longest["name"] in [t["name"] for t in tests[:2]],
                 f"{tests} {longest}")


def check_trace(checks, run, events, jobs):
    spans, problems = spans_of(events)
    checks.check("trace: spans nest, and each has its end", not problems, f"{problems}")
    times = [event["ts"] for event in events if "ts" in event]
    checks.check("trace: times go on", times == sorted(times) and times[0] >= 0)
    names = {event["tid"]: event["args"]["name"] for event in events if event.get("name") == "thread_name"}
    checks.check("trace: each track has a name of its own, and what is shown has a track",
                 len(set(names.values())) == len(names)
                 and {event["tid"] for event in events if event["ph"] in "BEi"} <= set(names), f"{names}")
    checks.check("trace: a track for each test at once",
                 sum(re.fullmatch(r"tests \d+", name) is not None for name in names.values()) == jobs, f"{names}")
    processes = [event["args"]["name"] for event in events if event.get("name") == "process_name"]
    checks.check("trace: one process, named after the run", processes == [f"relux run {run.directory.name[-10:]}"]
                 and len({event["pid"] for event in events}) == 1, f"{processes}")
    check_trace_sums(checks, run, spans)
    instants = collections.Counter(event["cat"] for event in events if event["ph"] == "i")
    for category, kinds in (("time-out", ("timeout", "multi-match-timeout")),
                            ("fail pattern", ("fail-pattern-triggered",)), ("failed", ("error", "cancelled"))):
        wanted = len(events_of(run, *kinds))
        checks.check(f"trace: a mark for each {category}", instants[category] == wanted > 0, f"{instants}")
    tests = [(span["args"]["name"], span["args"]["attempt"], span["end"]["outcome"]) for span in spans
             if span["cat"] == "test"]
    wanted = [(log["info"]["name"], log["info"]["attempt"], log["outcome"]["kind"].replace("skip", "skipped"))
              for _, log in event_logs(run)]
    checks.check("trace: a span for each attempt, with its outcome", sorted(tests) == sorted(wanted), f"{tests} {wanted}")
    sources = [span["args"]["source"] for span in spans if "source" in span.get("args", {})]
    checks.check("trace: places are lines of the suite", all(
        re.fullmatch(r"relux/tests/suite\.relux:\d+", place) for place in sources), f"{set(sources)}")
    counters = [event["args"] for event in events if event["ph"] == "C"]
    checks.check("trace: how many tests run is counted", counters and counters[-1]["running"] == 0
                 and max(counter["running"] for counter in counters) == jobs
                 and {counter["allowed"] for counter in counters} == {jobs}, f"{counters}")


def check_trace_sums(checks, run, spans):
    """Durations of spans, of each kind all of them, are those of the event logs."""
    logged = collections.defaultdict(list)
    for _, log in event_logs(run):
        for span in log["spans"].values():
            # What is shared and what is left to others takes no time there; the trace shows how long it waits.
            if span["end_ts"] is not None and not span.get("is_reuse") and not span.get("is_deferred"):
                logged[span["kind"]].append(nanoseconds(span["end_ts"] - span["start_ts"]))
            if span["kind"] == "fn-call" and not span["is_pure"]:
                logged["call"].append(logged["fn-call"][-1])
        logged["match"] += waits_of(log, *MATCHES)
        logged["start"] += waits_of(log, {"shell-spawn"}, {"shell-ready"})
        logged["sleep"] += waits_of(log, {"sleep-start"}, {"sleep-done"})
    logged["cleanup"] = logged["cleanup-block"] + logged["effect-cleanup"]
    for category, kind in (("effect", "effect-setup"), ("block", "shell-block"), ("cleanup", "cleanup"),
                           ("call", "call"), ("match", "match"), ("start", "start"), ("sleep", "sleep"),
                           ("markers", "markers")):
        shown = sorted(span["dur"] for span in spans if span["cat"] == category
                       and not span["name"].startswith(("share ", "release "))
                       # Waits that nothing has ended are those of a test that was stopped.
                       and (category not in ("match", "start", "sleep") or span["end"]))
        checks.check(f"trace: {category} takes as long as in the event logs, and as often",
                     shown == sorted(logged[kind]) and shown, f"{shown}\n{sorted(logged[kind])}")
    shells = [span for span in spans if span["cat"] == "shell"]
    ends = [span for span in spans if span["cat"] == "end"]
    spawned = len(events_of(run, "shell-spawn"))
    checks.check("trace: each shell has its life, and its end", len(shells) == len(ends) == spawned
                 and all(span["depth"] == 0 for span in shells) and all(span["depth"] == 1 for span in ends),
                 f"{len(shells)} {len(ends)} {spawned}")
    sends = [span for span in spans if span["cat"] == "send"]
    checks.check("trace: each send is there, with its text", len(sends) == len(events_of(run, "send"))
                 and any(span["name"] == "send echo again" for span in sends), f"{len(sends)}")
    checks.check("trace: what is long is shortened",
                 {f"send echo {LONG[:55]}…", f"match ^{LONG[:59]}…"} <= {span["name"] for span in spans}
                 and all(len(span["name"]) < 80 for span in spans), f"{sorted(span['name'] for span in spans)}")
    places = {(span["cat"], tuple(span["within"])) for span in spans}
    checks.check("trace: what belongs to what", {("match", ("shell", "block")), ("match", ("shell", "block", "call")),
                                                 ("sleep", ("shell", "block", "call")), ("teardown", ("test",)),
                                                 ("cleanup", ("test", "teardown")), ("start", ("shell", "block")),
                                                 ("start", ("shell",)), ("effect", ())} <= places, f"{places}")


def check_suite(checks, options):
    with Project(options.binaries) as project:
        write(project, "Relux.toml", '[flaky]\nmax_retries = 2\n')
        write(project, "relux/tests/suite.relux", SUITE)
        plain = project.run("run", "-j", "3")
        trace = project.root / "trace.json"
        run = project.run("run", "-j", "3", "--stats", "--trace-file", trace)
        outcomes = {name: test["outcome"] for name, test in run.tests.items()}
        checks.check("the suite ends as it should", outcomes == {
            "effects, shared and at once": "pass", "several patterns": "pass", "times out": "fail",
            "hits its fail pattern": "fail", "an exit is no answer": "fail", "passes at last": "pass",
            "skipped": "skipped"} and run.tests["passes at last"]["flaky_retries"] == 1, run.said())
        checks.check("neither flag changes an outcome",
                     outcomes == {name: test["outcome"] for name, test in plain.tests.items()}, plain.said())
        checks.check("without --stats there are none", "statistics:" not in plain.stderr and table_of(plain) is None)
        check_statistics(checks, run)
        events = read_trace(trace)
        check_trace(checks, run, events, 3)
        check_readers(checks, project, run)
        project.check_nothing_left(checks, "the suite")


def check_readers(checks, project, run):
    """Whatever reads summaries reads those with statistics."""
    history = project.run("history", "--durations")
    checks.check("history reads it", history.status == 0 and "several patterns" in history.stdout, history.said())
    merged = project.run("merge-reports", run.directory, "-o", project.root / "merged")
    checks.check("merge-reports reads it", merged.status == 0, merged.said())
    again = project.run("run", "--rerun")
    checks.check("--rerun reads it", again.status in (0, 1) and "running" in again.stderr, again.said())


def check_tracks(checks, options):
    """One test after another: tracks are used again. And a prompt that has to be typed is part of the start."""
    with Project(options.binaries) as project:
        write(project, "rc", "PS1='another$ '\n")
        write(project, "Relux.toml", f'[shell]\ncommand = ["/bin/bash", "--rcfile", "{project.root}/rc"]\n')
        write(project, "relux/tests/suite.relux", """effect Service {
    expose s
    shell s {
        > echo up
        match_ok()
    }
}
""" + "".join(f"""test "{name}" {{
    start Service as service
    shell t {{
        > echo down
        match_ok()
    }}
}}
""" for name in ("one", "two", "three")))
        run = project.run("run", "--trace-file", "t.json")
        events = read_trace(project.root / "t.json")
        spans, problems = spans_of(events)
        checks.check("tracks: the tests pass", run.status == 0 and not problems, f"{run.said()} {problems}")
        names = {event["args"]["name"] for event in events if event.get("name") == "thread_name"}
        checks.check("tracks: they are used again",
                     names == {"tests 1", "tests 1, effect 1", "tests 1, shell 1", "tests 1, shell 2"}, f"{names}")
        shown = sorted(span["dur"] for span in spans if span["cat"] == "start")
        logged = sorted(duration for _, log in event_logs(run)
                        for duration in waits_of(log, {"shell-spawn"}, {"shell-ready"}))
        typed = [event for event in events_of(run, "send") if "PS1=" in event["data"]]
        checks.check("tracks: a prompt that is typed belongs to the start", shown == logged and len(typed) == 6,
                     f"{shown} {logged} {typed}")


def check_secrets(checks, options):
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        write(project, "say.sh", "#!/bin/sh\necho learned-later\n").chmod(0o755)
        write(project, "relux/tests/suite.relux", SECRETS)
        run = project.run("run", "--stats", "--trace-file", "t.json")
        trace = (project.root / "t.json").read_text(encoding="utf-8")
        checks.check("secrets: the trace has none that was known", "s3cret-value" not in trace
                     and "match ^***$" in trace and "send echo ***" in trace, trace)
        said = run.stderr + (run.directory / "run_summary.toml").read_text(encoding="utf-8")
        checks.check("secrets: the statistics have none", "s3cret-value" not in said and "learned-later" not in said
                     and "^***$" in said, said)


def check_archive(checks, options):
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        write(project, "relux/tests/suite.relux", WAITS.split('test "waits"')[0])
        built = project.run("build", "-o", "suite.rxb", program="reluxc")
        run = project.run("run", "suite.rxb", "--stats", "--trace-file", "t.json", "-j", "auto", program="reluxvm")
        checks.check("an archive has statistics and a trace", built.status == 0 and run.status == 0
                     and table_of(run)["matches"] == 1 and read_trace(project.root / "t.json"), run.said())


def interrupted(project, signals, files):
    """A run that is sent each signal when the file of that name is there."""
    out = project.root / "relux" / "out"
    for latest in out.glob("latest"):
        latest.unlink()
    process = project.start("run", "-j", "1", "--stats", "--trace-file", "t.json")
    for number, name in zip(signals, files):
        wait_for((out / "latest" / "artifacts" / name).exists, f"{name}; {project.root}")
        if number == signal.SIGKILL:
            # A thread writes the trace.
            trace = project.root / "t.json"
            wait_for(lambda: '"outcome":"pass"' in trace.read_text(encoding="utf-8").replace(" ", ""),
                     "the test that has ended, in the trace")
        process.send_signal(number)
    return project.finish(process, time.monotonic(), LIMIT)


def check_interrupts(checks, options):
    for name, signals, status in (("Ctrl-C", [signal.SIGINT], 130), ("Ctrl-C twice", [signal.SIGINT] * 2, 130),
                                  ("SIGTERM", [signal.SIGTERM], 130), ("SIGKILL", [signal.SIGKILL], -9)):
        with Project(options.binaries) as project:
            write(project, "Relux.toml", "")
            write(project, "relux/tests/suite.relux", WAITS)
            if len(signals) == 2:
                write(project, "wait", "")
            run = interrupted(project, signals, ("begun", "cleaning"))
            spans, problems = spans_of(read_trace(project.root / "t.json"))
            checks.check(f"{name}: exit status", run.status == status, run.said())
            ends = {span["args"]["name"]: span["end"]["outcome"] for span in spans if span["cat"] == "test"}
            if signals == [signal.SIGKILL]:
                checks.check(f"{name}: the trace is valid, with what had ended", ends == {"ends first": "pass"}, f"{ends}")
                continue
            checks.check(f"{name}: the trace is whole", not problems
                         and ends == {"ends first": "pass", "waits": "cancelled"}, f"{problems} {ends}")
            checks.check(f"{name}: there are statistics", table_of(run)["matches"] >= 1
                         and "statistics:" in run.stderr, run.said())
            project.check_nothing_left(checks, name)


def check_wrong_files(checks, options):
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        write(project, "relux/tests/suite.relux", WAITS.split('test "waits"')[0])
        for path, why in (("none/t.json", "No such file or directory"), ("relux", "Is a directory"),
                          ("/proc/nothing/t.json", "No such file or directory")):
            run = project.run("run", "--trace-file", path)
            checks.check(f"a trace in {path} is refused", run.status == 2 and run.directory is None
                         and f"error: cannot write the trace {path}: {why}" in run.stderr, run.said())
        run = project.run("run", "--trace-file", "/dev/full")
        checks.check("no room for the trace fails no test", run.status == 0 and run.outcome("ends first") == "pass"
                     and run.stderr.count("cannot write the trace /dev/full: No space left on device") == 1, run.said())
        run = project.run("run", "--list", "--trace-file", "listed.json")
        checks.check("--list writes no trace", run.status == 0 and not (project.root / "listed.json").exists(), run.said())


@contextlib.contextmanager
def small_disk(size):
    """A directory with this many bytes of room, and the words when it is full; else a limit of files for all."""
    with tempfile.TemporaryDirectory() as mount:
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", mount], check=False,
                                 stderr=subprocess.DEVNULL).returncode == 0
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        if not mounted:
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield pathlib.Path(mount), "No space left on device" if mounted else "File too large"
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
            if mounted:
                subprocess.run(["umount", "-l", mount], check=False)


def check_full_disk(checks, options):
    """The trace fills a disk in the middle of a run."""
    with Project(options.binaries) as project, small_disk(131072) as (mount, why):
        write(project, "Relux.toml", "")
        body = "".join(f"        > echo {number}\n        match_prompt()\n" for number in range(100))
        tests = "".join(f'test "t{number}" {{\n    shell s {{\n{body}    }}\n}}\n' for number in range(10))
        write(project, "relux/tests/suite.relux", tests)
        trace = mount / "t.json"
        run = project.run("run", "--trace-file", trace)
        checks.check("full disk: every test passes", run.status == 0 and len(run.tests) == 10, run.said())
        checks.check("full disk: it is said, with the file",
                     run.stderr.count(f"warning: cannot write the trace {trace}: {why}") == 1, run.said())
        events = read_trace(trace)
        ended = [span for span in spans_of(events)[0] if span["cat"] == "test"]
        checks.check("full disk: the trace is valid up to there", 0 < len(ended) < 10, f"{len(ended)}")


def check_automatic(checks, options):
    cores = len(os.sched_getaffinity(0))
    with Project(options.binaries) as project:
        write(project, "Relux.toml", '[run]\njobs = "auto"\n')
        body = "        sleep(\"50ms\")\n        > echo hello-$((40 + 2))\n        <~50s? ^hello-42$\n"
        for number in range(40):
            write(project, f"relux/tests/t{number}.relux", f'test "t{number}" {{\n    shell s {{\n{body}    }}\n}}\n')
        trace = project.root / "t.json"
        run = project.run("run", "--stats", "--trace-file", trace)
        jobs = table_of(run)["jobs"]
        checks.check("auto: all pass", run.status == 0 and len(run.tests) == 40, run.said())
        # Fewer where a control group allows no more.
        first = jobs["first"]
        checks.check("auto: it begins with one for each core", jobs["automatic"] and 1 <= first <= cores, f"{jobs}")
        checks.check("auto: what was chosen is said", re.search(r"^  jobs +auto: \d+ to \d+, first \d+", run.stderr,
                                                               re.MULTILINE), run.stderr)
        checks.check("auto: the bounds hold", 1 <= jobs["least"] <= jobs["last"] <= jobs["most"] <= 16 * first, f"{jobs}")
        events = read_trace(trace)
        counters = [event["args"] for event in events if event["ph"] == "C"]
        allowed = [counter["allowed"] for counter in counters]
        checks.check("auto: the trace shows the same numbers", allowed[0] == first and min(allowed) == jobs["least"]
                     and max(allowed) == jobs["most"] and allowed[-1] == jobs["last"], f"{allowed} {jobs}")
        steps = [after - before for before, after in zip(allowed, allowed[1:]) if after != before]
        checks.check("auto: each change was counted", sum(step > 0 for step in steps) == jobs["raised"]
                     and sum(step < 0 for step in steps) == jobs["lowered"], f"{steps} {jobs}")
        tracks = [event["args"]["name"] for event in events if event.get("name") == "thread_name"
                  and re.fullmatch(r"tests \d+", event["args"]["name"])]
        checks.check("auto: no more tracks than tests at once", len(tracks) <= jobs["most"], f"{tracks}")
        checks.check("auto: no more run than was ever allowed",
                     max(counter["running"] for counter in counters) <= jobs["most"], f"{counters}")
        for words, number in ((["-j", "2"], 2), (["-j", "auto", "-j", "3"], 3)):
            fixed = table_of(project.run("run", "--stats", *words))["jobs"]
            checks.check(f"{' '.join(words)} beats the manifest", not fixed["automatic"]
                         and fixed["first"] == fixed["most"] == number, f"{fixed}")
        write(project, "Relux.toml", '[run]\njobs = 2\n')
        chosen = table_of(project.run("run", "--stats", "-j", "auto"))["jobs"]
        checks.check("-j auto beats the manifest", chosen["automatic"] and chosen["first"] == first, f"{chosen}")
        write(project, "Relux.toml", '[run]\njobs = "many"\n')
        refused = project.run("run")
        checks.check("another word is refused", refused.status == 2 and
                     'a whole number from 0 to 100000, or "auto"' in refused.stderr, refused.said())


def main():
    run_parts(__doc__, (check_suite, check_tracks, check_secrets, check_archive, check_interrupts, check_wrong_files,
                       check_full_disk, check_automatic))


if __name__ == "__main__":
    main()
