#!/usr/bin/env python3
"""Runs a suite with every outcome and reads its reports as their consumers do."""

import json
import pathlib
import subprocess
import sys

# Where Debian's packages are; the Python that runs this may be another one.
sys.path.append("/usr/lib/python3/dist-packages")

import junitparser  # noqa: E402

import report_events  # noqa: E402
from report_formats import check_formats, junit_problems, parsed_tap  # noqa: E402
from suite_checks import SUITES, Checks, Project, arguments  # noqa: E402

SECRETS = {"MY_PASSWORD": "s3cret-pass-word", "HIDDEN_VALUE": "zzz-hidden-zzz"}
LEARNED = "learned-later-1234"
OUTCOMES = {"passes & <angles>": "pass", "fails": "fail", "keeps secrets": "fail", "skipped": "skipped",
            "flaky passes later": "pass", "flaky never passes": "fail", "broken": "invalid"}
TOP_LEVEL = ["schema_version", "info", "outcome", "env", "shells", "spans", "events", "buffer_events", "sources",
             "artifacts"]
SPANS = {"test", "effect-setup", "effect-cleanup", "shell-block", "cleanup-block", "fn-call", "multi-match"}
EVENTS = {"shell-spawn", "shell-ready", "shell-switch", "shell-terminate", "effect-expose-shell", "effect-expose-var",
          "send", "recv", "match-start", "match-done", "multi-match-start", "multi-match-pattern-done",
          "multi-match-done", "fail-pattern-set", "timeout-set", "sleep-start", "sleep-done", "var-let", "var-read",
          "interpolation", "log", "annotate"}


def files_of(directory):
    return [file for file in pathlib.Path(directory).rglob("*") if file.is_file()]


def check_events(checks, run):
    for name, test in run.tests.items():
        if test["outcome"] == "invalid":
            continue
        for directory in [run.log_directory(name), *run.log_directory(name).glob("try-*")]:
            log = json.loads((directory / "events.json").read_text(encoding="utf-8"))
            order = [event["seq"] for event in log["events"]]
            times = [event["ts"] for event in log["events"]]
            ids = {span["id"] for span in log["spans"].values()}
            parents = {span["parent"] for span in log["spans"].values()} | {event["span"] for event in log["events"]}
            label = f"events of {name}, {directory.name}"
            checks.check(f"{label}: version and members", log["schema_version"] == 3 and list(log) == TOP_LEVEL,
                         f"{list(log)}")
            checks.check(f"{label}: in order", order == sorted(set(order)) and times == sorted(times), f"{order} {times}")
            checks.check(f"{label}: spans are a tree", parents - {None} <= ids, f"{parents - ids}")
            checks.check(f"{label}: a page", (directory / "event.html").read_text().endswith("</body></html>\n"))
    log = json.loads((run.log_directory("passes & <angles>") / "events.json").read_text(encoding="utf-8"))
    missing = SPANS - {span["kind"] for span in log["spans"].values()} | EVENTS - {event["kind"] for event in log["events"]}
    checks.check("events: every kind that this test makes is there", not missing, f"{missing}")
    setups = [span for span in log["spans"].values() if span["kind"] == "effect-setup"]
    checks.check("events: the second start reuses the effect",
                 [span["is_reuse"] for span in setups] == [False, True] and len({s["marker"] for s in setups}) == 1
                 and setups[0]["overlay"] == [["PORT", "5432"]], f"{setups}")
    calls = {span["name"]: span for span in log["spans"].values() if span["kind"] == "fn-call"}
    checks.check("events: calls have arguments and results",
                 calls["join"]["args"] == [["a", "a"], ["b", "B"]] and calls["join"]["result"] == "a-B" and calls["join"]["is_pure"]
                 and calls["upper"]["callee_kind"] == "bif" and calls["say"]["result"] == "said a-B", f"{calls}")
    shown = {entry["key"] for entry in log["env"]["bootstrap"] if "omitted" not in entry}
    checks.check("events: values of the environment are those that were read, not all",
                 "HOME" in shown and "PATH" not in shown, f"{shown}")
    checks.check("events: artifacts", [artifact["path"] for artifact in log["artifacts"]] == ["left"],
                 f"{log['artifacts']}")
    skipped = json.loads((run.log_directory("skipped") / "events.json").read_text(encoding="utf-8"))
    decisions = [span["decision"] for span in skipped["spans"].values() if span["kind"] == "marker-eval"]
    checks.check("events: a marker's decision", decisions == ["mark"], f"{skipped['spans']}")


def check_junit(checks, run):
    file = run.directory / "junit.xml"
    checks.check("JUnit: valid for Jenkins", not junit_problems(file), junit_problems(file))
    suite = next(iter(junitparser.JUnitXml.fromfile(str(file))))
    cases = {case.name: case for case in suite}
    checks.check("JUnit: a case for each test", sorted(cases) == sorted(run.tests), f"{sorted(cases)}")
    results = {name: type(case.result[0]).__name__ if case.result else None for name, case in cases.items()}
    expected = {"pass": None, "fail": "Failure", "skipped": "Skipped", "invalid": "Error"}
    for name, outcome in OUTCOMES.items():
        checks.check(f"JUnit: {name}", results.get(name) == expected[outcome], f"{results.get(name)}")
    checks.check("JUnit: totals", (suite.tests, suite.failures, suite.errors, suite.skipped) == (7, 3, 1, 1),
                 f"{suite}")
    text = file.read_text(encoding="utf-8")
    checks.check("JUnit: attempts are reruns", text.count("<flakyFailure ") == 1 and text.count("<rerunFailure ") == 1,
                 text)
    attached = [line.split("|")[1].rstrip("]") for line in text.splitlines() if "[[ATTACHMENT|" in line]
    checks.check("JUnit: attachments exist", attached and all((run.directory / path).is_file() for path in attached),
                 f"{attached}")


def check_tap(checks, run):
    _, said = parsed_tap(checks, "TAP", run.directory / "results.tap")
    checks.check("TAP: prove sees the same tests", "Tests: 7 Failed: 4" in said, said)


def check_secrets(checks, run):
    for file in files_of(run.directory):
        content = file.read_bytes()
        for name, value in SECRETS.items():
            checks.check(f"{name} is not in {file.relative_to(run.directory)}", value.encode() not in content)
        if "keeps-secrets" in str(file):
            checks.check(f"what was learned is not in {file.name}", LEARNED.encode() not in content)
    said = run.stdout + run.stderr
    checks.check("no secret is printed", not any(value in said for value in [*SECRETS.values(), LEARNED]), said)
    checks.check("but what was masked shows", "***" in said, said)


def check_page(checks, run):
    html = (run.directory / "index.html").read_text(encoding="utf-8")
    checks.check("index.html: a row for each test", html.count("<tr data-outcome=") == len(OUTCOMES))
    for file in files_of(run.directory):
        if file.suffix == ".html":
            text = file.read_text(encoding="utf-8")
            checks.check(f"{file.name} of {file.parent.name}: needs no network",
                         not any(word in text for word in ("src=", "http://", "https://", "@import")))


def check_full_disk(checks, options):
    """A run directory on a file system of a few pages; needs the right to mount one."""
    with Project(options.binaries, SUITES / "reports") as project:
        out = project.root / "relux" / "out"
        out.mkdir(parents=True)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=160k", "tmpfs", out], check=False,
                                 capture_output=True).returncode == 0
        if not mounted:
            print("skipped: a full disk (no right to mount)")
            return
        try:
            run = project.run("run", "--junit", "--tap", extra_environment=SECRETS, limit=120)
            checks.check("full disk: says so", "No space left" in run.stderr, run.said())
            checks.check("full disk: exit status is no success", run.status in (1, 2), run.said())
            half = [file for file in files_of(out) if file.name.endswith(".new")]
            for file in files_of(out):
                if file.suffix == ".json" and file.name == "events.json":
                    json.loads(file.read_text(encoding="utf-8"))
                if file.suffix == ".html":
                    if not file.read_text(encoding="utf-8").endswith("</html>\n"):
                        half.append(file)
            checks.check("full disk: what is there is whole", not half, f"{half}")
        finally:
            subprocess.run(["umount", out], check=False)


def main():
    options = arguments(__doc__)
    checks = Checks()
    with Project(options.binaries, SUITES / "reports") as project:
        run = project.run("run", "--junit", "--tap", "-j", 2, extra_environment=SECRETS, limit=120)
        for name, outcome in OUTCOMES.items():
            checks.check(f"outcome of {name}", run.outcome(name) == outcome, run.said())
        if run.directory is None:
            checks.finish()
        check_events(checks, run)
        check_junit(checks, run)
        check_tap(checks, run)
        check_secrets(checks, run)
        check_page(checks, run)
    check_full_disk(checks, options)
    check_formats(checks, options)
    for part in report_events.PARTS:
        part(checks, options)
    checks.finish()


if __name__ == "__main__":
    main()
