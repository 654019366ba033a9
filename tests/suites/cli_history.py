"""What earlier runs tell: `relux history` in every form, damaged runs, and `relux merge-reports` of shards."""

import json
import os
import pathlib
import re
import shutil
import tomllib

from cli_support import failing, junit_cases, passing, refused, relux, skipped, write
from suite_checks import Project

FORMS = ("flaky", "failures", "first-fail", "durations", "margins")

CHANGES = '''test "changes" {
    shell s {
        > test ! -e "$__RELUX_SUITE_ROOT/broken"
        match_ok()
    }
}
# flaky
test "retried" {
    shell s {
        > cd "$__RELUX_SUITE_ROOT" && if test -e tried; then rm tried; else touch tried; false; fi
        match_ok()
    }
}
'''
# The close match takes at least three quarters of its time-out, however fast the machine is; on a slow one it takes
# all of it, which is close too.
MARGINS = '''test "close" {
    shell s {
        > sleep 0.3; echo close
        <~400ms? ^close$
    }
}
test "at ease" {
    shell s {
        > echo at ease
        <~50s? ^at ease$
    }
}
'''


def history(project, form, *words):
    """(the run, its rows) as programs get them."""
    run = relux(project, "history", f"--{form}", "--format", "json", *words)
    whole = json.loads(run.stdout) if run.status == 0 else {}
    return run, whole.get("sites" if form == "margins" else "tests", [])


def picked(rows, *keys):
    return [tuple(row[key] for key in keys) for row in rows]


def check_forms(checks, project, runs):
    """`runs`: five of them, in which `changes` passed, failed, passed, failed, failed."""
    run, rows = history(project, "flaky")
    checks.check("history --flaky: share of changes, and retries", picked(
        rows, "path", "name", "changes", "change_share", "runs", "retries") ==
        [("changes.relux", "changes", 3, 0.75, 5, 0), ("changes.relux", "retried", 0, 0.0, 5, 5)], run.stdout)
    run, rows = history(project, "failures")
    checks.check("history --failures: how often, by kind, the most frequent first", picked(
        rows, "name", "failures", "runs", "failure_type", "last_run") ==
        [("never", 5, 5, "PureMatch", runs[4]["run_id"]), ("changes", 3, 5, "Runtime", runs[4]["run_id"])],
        run.stdout)
    run, rows = history(project, "first-fail")
    checks.check("history --first-fail: the last change from pass to fail", picked(
        rows, "name", "run_id", "last_pass_run_id", "now") ==
        [("changes", runs[3]["run_id"], runs[2]["run_id"], "fail")], run.stdout)
    run, rows = history(project, "durations")
    expected = {}
    for one in runs:
        for test in one["tests"]:
            if test["outcome"] == "pass":
                expected.setdefault(test["name"], []).append(test["duration_ms"])
    got = {row["name"]: (row["min_ms"], row["max_ms"], round(row["mean_ms"], 6), row["runs"]) for row in rows}
    checks.check("history --durations: least, greatest and mean of what passed", got == {
        name: (min(taken), max(taken), round(sum(taken) / len(taken), 6), len(taken))
        for name, taken in expected.items()}, run.stdout)
    means = [row["mean_ms"] for row in rows]
    checks.check("history --durations: the longest first", means == sorted(means, reverse=True), f"{means}")


def check_selection(checks, project):
    run, rows = history(project, "failures", "--last", 2)
    checks.check("history --last 2: only these runs", picked(rows, "name", "failures", "runs") ==
                 [("changes", 2, 2), ("never", 2, 2)], run.stdout)
    run, rows = history(project, "flaky", "--last", 2)
    checks.check("history --last 2: no change in them", picked(rows, "name") == [("retried",)], run.stdout)
    run, rows = history(project, "durations", "--top", 1)
    checks.check("history --top 1: the first line", len(rows) == 1, run.stdout)
    everything = history(project, "durations")[1]
    for words in (["relux/tests/deep"], ["relux/tests/deep/"], ["relux/tests/deep/steady.relux"],
                  [project.root / "relux" / "tests" / "deep"], ["nowhere", "relux/tests/deep"]):
        run, rows = history(project, "durations", "--tests", *words)
        shown = [str(word).replace(str(project.root), "ROOT") for word in words]
        checks.check(f"history --tests {shown}", rows == [row for row in everything
                                                          if row["path"] == "deep/steady.relux"] != [], run.stdout)
    run, rows = history(project, "durations", "--tests", "relux/tests/dee")
    checks.check("history --tests: half a name is no directory", run.status == 0 and not rows, run.stdout)


def check_formats(checks, project):
    for form in FORMS:
        run, rows = history(project, form)
        checks.check(f"history --{form}: nothing but the answer on standard output", run.status == 0
                     and not run.stderr and json.loads(run.stdout)["runs"] == 5, run.said())
        toml = relux(project, "history", f"--{form}", "--format", "toml")
        checks.check(f"history --{form}: TOML says what JSON says", toml.status == 0
                     and tomllib.loads(toml.stdout) == json.loads(run.stdout), toml.stdout)
        human = relux(project, "history", f"--{form}")
        lines = human.stdout.splitlines()
        words = [f"{row['path']}::{row['name']}" if "name" in row else f"{row['file']}:{row['line']}" for row in rows]
        good = len(lines) == len(rows) + 1 and all(word in line for word, line in zip(words, lines[1:]))
        checks.check(f"history --{form}: a line for each row, for people", human.status == 0
                     and (good if rows else len(lines) == 1), human.stdout)
        same = relux(project, "history", f"--{form}", "--format", "human")
        checks.check(f"history --{form}: which is the default", same.stdout == human.stdout)


def check_damage(checks, project):
    """Runs that can't be read are named, and change nothing."""
    out = project.root / "relux" / "out"
    whole = (out / "latest" / "run_summary.toml").read_text(encoding="utf-8")
    before = {form: history(project, form)[0].stdout for form in FORMS}
    damage = {"run-2026-01-01-00-00-00-nosummary": None, "run-2026-01-01-00-00-01-truncated": whole[:len(whole) // 2],
              "run-2026-01-01-00-00-02-empty": "", "run-2026-01-01-00-00-03-garbage": "\0\x01\x7f[[[",
              "run-2026-01-01-00-00-04-outcome": whole.replace('"pass"', '"maybe"'),
              "run-2026-01-01-00-00-05-notables": "tests = [1]\n[run]\n",
              # Newest of all, and not named as runs are.
              "run-2999-01-01-00-00-00-newest": "[run\n", "somebodys": "="}
    for name, text in damage.items():
        (out / name).mkdir()
        if text is not None:
            (out / name / "run_summary.toml").write_text(text, encoding="utf-8")
    (out / "run-2026-01-01-00-00-07-directory" / "run_summary.toml").mkdir(parents=True)
    damage["run-2026-01-01-00-00-07-directory"] = None
    (out / "run-a-file").write_text("not a directory\n", encoding="utf-8")
    for form in FORMS:
        run = history(project, form)[0]
        checks.check(f"history --{form}: damaged runs change nothing", run.status == 0
                     and run.stdout == before[form], run.said())
        lines = run.stderr.splitlines()
        checks.check(f"history --{form}: each is named, and skipped", len(lines) == len(damage) and all(
            sum(name in line and line.startswith("warning: skipped ") for line in lines) == 1 for name in damage),
            run.stderr)
    run, rows = history(project, "failures", "--last", 2)
    checks.check("history --last: damaged runs do not count", picked(rows, "name", "failures", "runs") ==
                 [("changes", 2, 2), ("never", 2, 2)], run.stdout)
    (out / "latest").unlink()
    (out / "latest").symlink_to("run-2999-01-01-00-00-00-newest")
    run = relux(project, "run", "--rerun", "--list")
    checks.check("--rerun: of the newest run that can be read", run.status == 0 and run.stdout.splitlines() == [
        "changes.relux::changes", "deep/never.relux::never"], run.stdout + run.said())
    extended = whole.replace("[run]\n", 'format = "later"\n[run]\nnumbers = [1, 2]\n').replace(
        "[[tests]]\n", "[[tests]]\nlater = { key = true }\n").replace(
        re.search(r'run_id = "(\w+)"', whole).group(1), "AnotherOne")
    (out / "run-2999-01-01-00-00-00-newest" / "run_summary.toml").write_text(extended, encoding="utf-8")
    run, rows = history(project, "failures")
    checks.check("history: keys that are not known do no harm", picked(rows, "name", "failures") ==
                 [("never", 6), ("changes", 4)], run.said())


def check_order(checks, project):
    """Runs of one second, in the wrong order by name, as by chance they may be; on a machine that gets slower."""
    write(project, "Relux.toml", "")
    for number, duration in enumerate((1000, 1000, 1500, 1600)):
        run_id = "aaaaaaaaa" + "dcba"[number]
        summary = write(project, f"relux/out/run-2026-01-01-00-00-00-{run_id}/run_summary.toml", f'''[run]
run_id = "{run_id}"
timestamp = "2026-01-01T00:00:00Z"
duration_ms = {duration}
hostname = "h"

[[tests]]
name = "slower"
path = "a.relux"
outcome = "pass"
duration_ms = {duration}
flaky_retries = 0
''')
        os.utime(summary, (1_800_000_000 + number, 1_800_000_000 + number))
    run, rows = history(project, "durations")
    checks.check("history --durations: the trend", picked(rows, "min_ms", "max_ms", "mean_ms", "trend") ==
                 [(1000, 1600, 1275.0, 0.55)], run.stdout)
    for last, least in ((1, 1600), (2, 1500), (3, 1000)):
        run, rows = history(project, "durations", "--last", last)
        checks.check(f"history --last {last}: of runs of one second, those that ended last",
                     picked(rows, "min_ms", "max_ms", "runs") == [(least, 1600, last)], run.stdout)
    human = relux(project, "history", "--durations")
    checks.check("history --durations: the trend, for people", "+55 %" in human.stdout, human.stdout)


def check_margins(checks, project):
    write(project, "Relux.toml", "")
    write(project, "relux/tests/margins.relux", MARGINS)
    for _ in range(2):
        relux(project, "run")
    run, rows = history(project, "margins")
    checks.check("history --margins: only matches that came close", picked(rows, "file", "line", "count", "timeout") ==
                 [("relux/tests/margins.relux", 4, 2, "~400ms")], run.stdout)
    if rows:
        checks.check("history --margins: how close", rows[0]["max"] >= 0.7
                     and rows[0]["max"] >= rows[0]["p99"] >= rows[0]["median"] * 0.8, run.stdout)
        suggested = re.match(r"~(\d+)s", rows[0]["suggested_timeout"])
        checks.check("history --margins: a time-out that would leave room", suggested
                     and int(suggested.group(1)) >= 1, run.stdout)
    human = relux(project, "history", "--margins")
    checks.check("history --margins: the line to change, for people", "relux/tests/margins.relux:4 " in human.stdout,
                 human.stdout)
    latest = project.root / "relux" / "out" / "latest"
    (latest / "margins.json").write_text('{"sites": [{}', encoding="utf-8")
    run, rows = history(project, "margins")
    checks.check("history --margins: damaged margins are named and skipped", run.status == 0
                 and "margins.json" in run.stderr and picked(rows, "count") == [(1,)], run.said())


def check_usage(checks, project):
    refused(checks, "history: a form is needed", relux(project, "history"), "--flaky", "--margins")
    refused(checks, "history: one form only", relux(project, "history", "--flaky", "--failures"), "--flaky")
    for words, said in ((["--flakyy"], "did you mean `--flaky`?"), (["--flaky", "--last", "0"], "above 0"),
                        (["--flaky", "--last", "x"], "`x`"), (["--flaky", "--top", "-1"], "--top"),
                        (["--flaky", "--format", "jsn"], "did you mean `json`?"),
                        (["--flaky", "--manifest", "nowhere.toml"], "nowhere.toml")):
        refused(checks, f"history {' '.join(words)}", relux(project, "history", *words), said)


def check_history(checks, options):
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "[flaky]\nmax_retries = 1\n")
        for form in FORMS:
            run = relux(project, "history", f"--{form}")
            checks.check(f"history --{form}: without runs", run.status == 0 and "no runs" in run.stderr
                         and len(run.stdout.splitlines()) == 1, run.said())
        write(project, "relux/tests/changes.relux", CHANGES)
        write(project, "relux/tests/deep/steady.relux", passing("steady"))
        write(project, "relux/tests/deep/never.relux", failing("never") + skipped("left out"))
        broken = project.root / "broken"
        runs = []
        for passes in (True, False, True, False, False):
            broken.unlink(missing_ok=True) if passes else broken.touch()
            run = relux(project, "run", "-j", 4)
            if not checks.check(f"history: run {len(runs)} for it", run.directory is not None
                                and run.outcome("changes") == ("pass" if passes else "fail"), run.said()):
                return
            summary = tomllib.loads((run.directory / "run_summary.toml").read_text(encoding="utf-8"))
            runs.append(summary["run"] | {"tests": summary["tests"]})
        check_forms(checks, project, runs)
        check_selection(checks, project)
        check_formats(checks, project)
        check_usage(checks, project)
        check_damage(checks, project)
    with Project(options.binaries) as project:
        check_order(checks, project)
    with Project(options.binaries) as project:
        check_margins(checks, project)


TESTS = 11
ARTIFACT = '''test "leaves something" {
    shell s {
        > echo left > "$__RELUX_RUN_ARTIFACTS/left"
        match_ok()
    }
}
'''


def suite_to_cut(project):
    write(project, "Relux.toml", "")
    write(project, "relux/tests/many.relux", passing(*(f"number {number}" for number in range(TESTS - 4))))
    write(project, "relux/tests/deep/mixed.relux",
          failing("wrong") + skipped("left out") + ARTIFACT + passing("<angles> & \\\"quotes\\\""))


def shards_of(checks, options, project, count):
    """Run directories of a pipeline: each part on a machine of its own, brought to one place."""
    gathered = project.parent / "gathered"
    seen = []
    for index in range(1, count + 1):
        with Project(options.binaries, project.root) as machine:
            run = relux(machine, "run", "--shard", f"{index}/{count}", "--junit", "--tap", "-j", 2)
            name = f"merge: shard {index}/{count}"
            if not checks.check(f"{name} runs", run.status in (0, 1) and run.directory is not None, run.said()):
                continue
            seen += junit_cases(checks, name, run.directory / "junit.xml")
            shutil.copytree(run.directory, gathered / f"job-{index}" / run.directory.name)
    whole = sorted(relux(project, "run", "--list").stdout.splitlines())
    checks.check("merge: the shards' JUnit have each test once", sorted(seen) == whole and len(whole) == TESTS,
                 f"{seen}")
    return gathered, whole


def summary_of(directory):
    return tomllib.loads((directory / "run_summary.toml").read_text(encoding="utf-8"))


def check_merged(checks, name, directory, whole):
    summary = summary_of(directory)
    keys = [f"{test['path']}::{test['name']}" for test in summary["tests"]]
    checks.check(f"{name}: every test once", sorted(keys) == whole, f"{keys}")
    outcomes = {test["name"]: test["outcome"] for test in summary["tests"]}
    checks.check(f"{name}: with its outcome", outcomes["wrong"] == "fail" and outcomes["left out"] == "skipped"
                 and sum(outcome == "pass" for outcome in outcomes.values()) == TESTS - 2, f"{outcomes}")
    logs = [directory / test["log_dir"] / "event.html" for test in summary["tests"]]
    checks.check(f"{name}: with its logs", all(log.exists() for log in logs), f"{logs}")
    checks.check(f"{name}: one JUnit", sorted(junit_cases(checks, name, directory / "junit.xml")) == whole)
    tap = (directory / "results.tap").read_text(encoding="utf-8")
    checks.check(f"{name}: one TAP", f"1..{TESTS}" in tap, tap)
    page = (directory / "index.html").read_text(encoding="utf-8")
    checks.check(f"{name}: one page", page.count("<tr data-outcome=") == TESTS)
    checks.check(f"{name}: artifacts of the runs", [path.read_text(encoding="utf-8") for path in
                                                    directory.glob("artifacts/*/left")] == ["left\n"])
    return summary


def check_merge(checks, options):
    with Project(options.binaries) as project:
        suite_to_cut(project)
        gathered, whole = shards_of(checks, options, project, 3)
        parts = sorted(gathered.glob("job-*/run-*"))
        ids = {summary_of(part)["run"]["run_id"] for part in parts}
        run = relux(project, "merge-reports", gathered)
        checks.check("merge: shards make one run", run.status == 0 and run.directory is not None
                     and run.stdout == f"{run.directory}\n" and "warning" not in run.stderr
                     and f"merged 3 runs, {TESTS} tests, 1 not passed" in run.stderr, run.said() + run.stdout)
        if run.directory is None:
            return
        summary = check_merged(checks, "merge", run.directory, whole)
        checks.check("merge: it says of which runs", set(summary["run"]["merged_from"]) == ids, f"{summary['run']}")
        rerun = relux(project, "run", "--rerun", "--list")
        checks.check("merge: --rerun is of the merged run", rerun.stdout.splitlines() ==
                     ["deep/mixed.relux::wrong"], rerun.stdout + rerun.said())
        check_merged_history(checks, project, parts)
        named = project.parent / "merged elsewhere"
        run = relux(project, "merge-reports", *parts, "-o", named, directory=project.parent)
        checks.check("merge -o: outside of any project", run.status == 0 and run.stdout == f"{named}\n", run.said())
        check_merged(checks, "merge -o", named, whole)
        again = project.parent / "in another order"
        relux(project, "merge-reports", *reversed(parts), "--output", again)
        checks.check("merge: the order of the parts does not show",
                     (again / "run_summary.toml").read_text(encoding="utf-8") ==
                     (named / "run_summary.toml").read_text(encoding="utf-8"))
        check_merge_warnings(checks, options, project, parts)
        check_merge_errors(checks, project, parts)


def check_merged_history(checks, project, parts):
    """A merged run is a run; its parts, where they are in the same place, are not counted again."""
    run, rows = history(project, "failures")
    checks.check("merge: history reads the merged run", json.loads(run.stdout)["runs"] == 1
                 and picked(rows, "name", "failures", "runs") == [("wrong", 1, 1)], run.said())
    for part in parts:
        shutil.copytree(part, project.root / "relux" / "out" / part.name)
    run, rows = history(project, "failures")
    checks.check("merge: history does not count the parts again", json.loads(run.stdout)["runs"] == 1
                 and picked(rows, "name", "failures", "runs") == [("wrong", 1, 1)], run.said())
    write(project, "relux/out/run-2020-01-01-00-00-00-aaaaaaaaaa/run_summary.toml",
          '[run]\nrun_id = "aaaaaaaaaa"\ntimestamp = "2020-01-01T00:00:00Z"\n')
    for last in (1, 2):
        run, rows = history(project, "failures", "--last", last)
        checks.check(f"merge: history --last {last} does not count the parts either", json.loads(run.stdout)["runs"] ==
                     last and picked(rows, "name") == [("wrong",)], run.said())


def check_merge_warnings(checks, options, project, parts):
    def merged(name, *words):
        target = project.parent / name
        run = relux(project, "merge-reports", *words, "-o", target)
        return run, summary_of(target) if run.status == 0 else {}

    run, _ = merged("one missing", parts[0], parts[2])
    checks.check("merge: a missing shard is named", run.status == 0 and "missing: shard 2/3" in run.stderr, run.said())
    twice = project.parent / "the same again"
    shutil.copytree(parts[0], twice)
    run, summary = merged("one twice", *parts, twice)
    checks.check("merge: the same run twice counts once", run.status == 0 and "is the same run as" in run.stderr
                 and len(summary["tests"]) == TESTS and "merged 3 runs" in run.stderr, run.said())
    with Project(options.binaries, project.root) as machine:
        # Mends what failed, in a run that is later than the parts.
        write(machine, "relux/tests/deep/mixed.relux", passing("wrong"))
        later = relux(machine, "run", "relux/tests/deep/mixed.relux")
        copied = project.parent / later.directory.name
        shutil.copytree(later.directory, copied)
        text = (copied / "run_summary.toml").read_text(encoding="utf-8")
        text = re.sub(r'timestamp = "\d+', 'timestamp = "2999', text)
        (copied / "run_summary.toml").write_text(text, encoding="utf-8")
    run, summary = merged("one later", copied, *parts)
    outcomes = [test["outcome"] for test in summary["tests"] if test["name"] == "wrong"]
    checks.check("merge: of a test that ran twice the later run counts", outcomes == ["pass"]
                 and "deep/mixed.relux::wrong ran in" in run.stderr, run.said())
    other = project.parent / "another plan"
    shutil.copytree(parts[1], other)
    text = (other / "shard.toml").read_text(encoding="utf-8")
    (other / "shard.toml").write_text(re.sub(r'plan = "\w+"', 'plan = "00000000"', text), encoding="utf-8")
    run, _ = merged("two plans", parts[0], other, parts[2])
    checks.check("merge: shards that were cut in different ways", run.status == 0
                 and "different plan" in run.stderr, run.said())


def check_merge_errors(checks, project, parts):
    empty = project.parent / "nothing here"
    empty.mkdir()
    damaged = project.parent / "damaged part"
    shutil.copytree(parts[0], damaged)
    (damaged / "run_summary.toml").write_text("[run\n", encoding="utf-8")
    foreign = project.parent / "no run"
    foreign.mkdir()
    (foreign / "run_summary.toml").write_text("a = 1\n", encoding="utf-8")
    target = project.parent / "never made"
    for name, words, said in (
            ("nothing to merge", [], "merge-reports needs DIR"),
            ("a directory that is not there", [parts[0], "nowhere"], "nowhere is no directory"),
            ("a file", [project.root / "Relux.toml"], "Relux.toml is no directory"),
            ("a directory without runs", [parts[0], empty], f"there is no run in {empty}"),
            ("a damaged part", [parts[1], damaged], "run_summary.toml:1"),
            ("a summary of something else", [foreign], "has no [run]"),
            ("a target that is not empty", [parts[0], "-o", project.root], "not an empty directory"),
            ("a target that is a file", [parts[0], "-o", project.root / "Relux.toml"], "not an empty directory"),
            ("a wrong flag", [parts[0], "--outptu", target], "did you mean `--output`?")):
        refused(checks, f"merge: {name}", relux(project, "merge-reports", *words), said)
    refused(checks, "merge: no project and no --output",
            relux(project, "merge-reports", parts[0], directory=pathlib.Path(empty)), "--output")
