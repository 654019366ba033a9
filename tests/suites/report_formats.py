"""The public formats of a run as their consumers read them: junit.xml, results.tap, run_summary.toml, the console.

One suite has a test for each kind of failure and each outcome; what every report says of it is in FAILURES.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import tomllib
import xml.etree.ElementTree

from suite_checks import REPOSITORY, Project, wait_for, write

MANIFEST = 'name = "formats"\nlanguage = "0.8"\n\n[flaky]\nmax_retries = 2\n'
KINDS = r'''pure fn inner(s) {
    s ? ^yes$
}

fn outer(s) {
    inner(s)
}

effect E {
    expose shell s
    shell s {
        outer("nope")
    }
}

effect Preamble {
    expose shell s
    "v" ? ^w$
    shell s {
        > true
    }
}

test "good" {
    shell s {
        > true
        match_ok()
    }
}

test "one # name \\ more" {
    shell s {
        > echo something else
        <~300ms? ^never$
    }
}

test "fail pattern" {
    shell s {
        !? ^bo+m
        > echo 'boom "x"'
        <~60s? ^never$
    }
}

test "exits" {
    shell s {
        > exit 3
        <? ^never$
    }
}

test "runtime" {
    shell s {
        split("a", "b", "nonsense")
    }
}

test "pure" {
    shell s {
        "the \"value\"" ? ^p\d$
    }
}

test "pure in calls" {
    start E as A
    shell A.s {
        > true
    }
}

test "pure in a preamble" {
    start Preamble as P
    shell P.s {
        > true
    }
}

test "multi" {
    shell s {
        > echo a
        <~300ms{
            ? ^a$
            = zzz
            = yyy
        }
    }
}

test "too long" ~300ms {
    shell s {
        <~60s? ^never$
    }
}

# skip if "1"
test "left out" {
    shell s {
        > true
    }
}

test "twin" {
    shell s {
        > true
        match_ok()
    }
}

# flaky
test "third time" {
    shell s {
        > echo x >>${__RELUX_RUN_ARTIFACTS}/tries; grep -c x ${__RELUX_RUN_ARTIFACTS}/tries
        <~300ms? ^3$
    }
}
'''
OTHERS = 'test "twin" {\n    shell s {\n        > true\n        match_ok()\n    }\n}\n'
BROKEN = 'test "broken" {\n    shell\n}\n'
# By name: the type, the message of the files, and words of the console.
FAILURES = {
    "one # name \\ more": ("MatchTimeout", "match timeout in shell 's': timed out waiting for ^never$",
                           ["match timeout in shell 's': timed out waiting for ^never$"]),
    "fail pattern": ("FailPatternMatched",
                     "fail pattern matched in shell 's': pattern ^bo+m triggered, matched: \"boom \\\"x\\\"\"",
                     ["fail pattern matched in shell 's': `^bo+m`"]),
    "exits": ("ShellExited", "shell 's' exited unexpectedly with exit code 3", []),
    "runtime": ("Runtime", None, ["runtime error in shell 's': "]),
    "pure": ("PureMatch",
             "pure match in shell 's' did not satisfy pattern ^p\\d$: value \"the \\\"value\\\"\" did not match",
             ["pure match in shell 's' did not match: "]),
    "pure in calls": ("PureMatch",
                      "pure match in shell 's' did not satisfy pattern ^yes$: value \"nope\" did not match",
                      ["pure match in shell 's' did not match: ", "  Call stack:\n"]),
    "pure in a preamble": ("PureMatch",
                           "pure match in Preamble did not satisfy pattern ^w$: value \"v\" did not match", []),
    "multi": ("MultiMatch", "multimatch did not satisfy all patterns in shell 's' (1/3 matched)",
              ["multimatch in shell 's' did not satisfy all patterns\n",
               "  matched:     ? ^a$\n  timed out:   = zzz\n  timed out:   = yyy\n"]),
}
CONTEXTS = {"pure": "shell s", "pure in calls": "fn inner", "pure in a preamble": "effect-preamble Preamble"}
OUTCOMES = {"good": "pass", "twin": "pass", "third time": "pass", "left out": "skipped", "too long": "cancelled",
            "broken": "invalid"} | dict.fromkeys(FAILURES, "fail")
TESTS = len(OUTCOMES) + 1  # there are twins
# Of the call stack, innermost first: what, and the line in kinds.relux.
CALL_STACK = (('call inner(s="nope")', 6), ('call outer(s="nope")', 12), ("in shell 's'", 11),
              ("in effect 'E' (as 'A')", 66), ("in test 'pure in calls'", 65))


def junit_problems(file):
    """What keeps Jenkins' xunit plug-in from reading the file; empty: nothing."""
    with tempfile.NamedTemporaryFile(suffix=".xml") as plain:
        document = xml.etree.ElementTree.parse(file)
        # In a job of Jenkins they are not written.
        for case in document.getroot().iter("testcase"):
            case.attrib.pop("file", None)
            case.attrib.pop("line", None)
        document.write(plain.name)
        schema = REPOSITORY / "tests" / "reports" / "junit.xsd"
        lint = subprocess.run(["xmllint", "--noout", "--schema", schema, plain.name], capture_output=True, text=True,
                              check=False)
    return "" if lint.returncode == 0 else lint.stderr


def parsed_tap(checks, name, file):
    """The assertions that npm's tap-parser finds, by their names; one that is no good is `not ok`."""
    proof = subprocess.run(["prove", "--exec", "cat", file], capture_output=True, text=True, check=False)
    said = proof.stdout + proof.stderr
    checks.check(f"{name}: prove finds no fault with the form", "Parse errors" not in said and "Result:" in said, said)
    # Debian's modules are where its own node looks; there may be another one.
    parser = subprocess.run(["tap-parser", "--json"], stdin=file.open(), capture_output=True, text=True, check=False,
                            env=os.environ | {"NODE_PATH": "/usr/share/nodejs"})
    events = json.loads(parser.stdout or "[]")
    final = next((event[1] for event in events if event[0] == "complete"), None)
    checks.check(f"{name}: tap-parser finds no fault with the form", final is not None and not final["failures"] or
                 final and all("tapError" not in failure for failure in final["failures"]), parser.stdout[-2000:])
    checks.check(f"{name}: nothing is outside the protocol", not [event for event in events if event[0] == "extra"])
    return [event[1] for event in events if event[0] == "assert"], said


def check_junit(checks, run):
    file = run.directory / "junit.xml"
    checks.check("formats: JUnit is valid for Jenkins", not junit_problems(file), junit_problems(file))
    cases = {case.get("name"): case for case in xml.etree.ElementTree.parse(file).getroot().iter("testcase")}
    for name, (kind, message, _) in FAILURES.items():
        failure = cases[name].find("failure")
        checks.check(f"JUnit: type and message of {name}", failure is not None and failure.get("type") == kind
                     and message in (None, failure.get("message")), failure is not None and failure.attrib)
    error = cases["too long"].find("error")
    checks.check("JUnit: why it was cancelled", (error.get("type"), error.get("message")) ==
                 ("cancelled", "cancelled: test-timeout"), f"{error.attrib}")
    error = cases["broken"].find("error")
    checks.check("JUnit: an invalid one", error.get("type") == "Invalid" and error.get("message"), f"{error.attrib}")
    places = {name: (case.get("file"), case.get("line")) for name, case in cases.items() if name != "twin"}
    source = KINDS.splitlines()
    wrong = {name: place for name, place in places.items() if name != "broken" and
             (place[0] != "relux/tests/kinds.relux" or f'test "{name}"' not in
              source[int(place[1]) - 1].replace("\\\\", "\\"))}
    checks.check("JUnit: file and line of each test", not wrong, f"{wrong}")
    checks.check("JUnit: file and line of an invalid one", places["broken"] == ("relux/tests/broken.relux", "2"),
                 f"{places['broken']}")
    for name, case in cases.items():
        if name in ("broken", "twin"):
            continue
        logs = run.tests[name]["log_dir"]
        lines = case.findtext("system-out").splitlines()
        wanted = [f"[[PROPERTY|log={logs}/event.html]]", f"[[PROPERTY|events_json={logs}/events.json]]",
                  f"[[ATTACHMENT|{logs}/event.html]]", f"[[ATTACHMENT|{logs}/events.json]]"]
        checks.check(f"JUnit: logs of {name}", all(line in lines for line in wanted) and all(
            (run.directory / line[:-2].split("|")[1]).is_file() for line in lines if "ATTACHMENT" in line), f"{lines}")
    flaky = [rerun.findtext("system-out").splitlines()[0] for rerun in cases["third time"].iter("flakyFailure")]
    logs = run.tests["third time"]["log_dir"]
    checks.check("JUnit: logs of the tries", flaky == [f"[[ATTACHMENT|{logs}/try-{number}/event.html]]"
                                                       for number in (1, 2)], f"{flaky}")


def check_tap(checks, run):
    file = run.directory / "results.tap"
    text = file.read_text(encoding="utf-8")
    checks.check("formats: TAP of version 13", text.startswith(f"TAP version 13\n1..{TESTS}\n"), text[:80])
    asserts, said = parsed_tap(checks, "formats: TAP", file)
    bad = len(FAILURES) + 2
    checks.check("TAP: prove sees the same tests", f"Tests: {TESTS} Failed: {bad}" in said, said)
    named = {entry["name"]: entry for entry in asserts}
    twins = ["twin (kinds.relux)", "twin (others.relux)"]
    wanted = (set(OUTCOMES) - {"twin", "broken"}) | set(twins)
    missing = wanted - {name.replace("\\\\", "\\").replace("\\#", "#") for name in named}
    checks.check("TAP: tests have their own names, twins their file too", not missing, f"{missing} {sorted(named)}")
    checks.check("TAP: an escaped name", r"- one \# name \\ more" + "\n" in text, text)
    good = named["good"]["diag"]
    logs = run.tests["good"]["log_dir"]
    checks.check("TAP: a pass has its duration and logs", list(good) == ["duration_ms", "log", "log_json"] and
                 (good["log"], good["log_json"]) == (f"{logs}/event.html", f"{logs}/events.json"), f"{good}")
    for name, (_, message, _) in FAILURES.items():
        entry = next(entry for entry in asserts if entry["name"].startswith(name.split(" #")[0])
                     and (entry["name"] == name or "#" in name))
        diag = entry["diag"]
        keys = [key for key in ("message", "shell", "context", "pattern", "file", "line", "duration_ms", "log",
                                "log_json") if key in diag]
        checks.check(f"TAP: what is said of {name}", list(diag) == keys and message in (None, diag["message"])
                     and diag.get("context") == CONTEXTS.get(name) and diag["file"] == "relux/tests/kinds.relux"
                     and {"duration_ms", "log", "log_json", "line"} <= set(keys), f"{diag}")
    checks.check("TAP: why it was cancelled", named["too long"]["diag"]["cancellation"] == "test-timeout"
                 and not named["too long"]["ok"], f"{named['too long']}")
    checks.check("TAP: skipped", named["left out"]["skip"] and named["left out"]["ok"], f"{named['left out']}")
    checks.check("TAP: invalid", re.search(r"^not ok \d+ - broken # INVALID .*parse error", text, re.MULTILINE), text)


def check_summary(checks, run):
    for name, (kind, message, _) in FAILURES.items():
        test = run.tests[name]
        checks.check(f"summary: {name}", test["failure_type"] == kind and message in (None, test["failure_summary"])
                     and (run.directory / test["log_dir"]).is_dir(), f"{test}")
    test = run.tests["too long"]
    checks.check("summary: a cancelled test", test["cancellation_reason"] == "test-timeout"
                 and test["cancellation_detail"] == "duration_ms=300"
                 and not [key for key in test if key.startswith("failure")], f"{test}")
    checks.check("summary: an invalid one has no logs", "log_dir" not in run.tests["broken"], f"{run.tests['broken']}")
    directory = run.log_directory("third time")
    tries = sorted(place.name for place in directory.iterdir() if place.name.startswith("try-"))
    checks.check("summary: the earlier tries stand beside the last", tries == ["try-1", "try-2"], f"{tries}")
    for place, said in ((directory / "try-1", "1"), (directory / "try-2", "2"), (directory, "3")):
        output = (place / "s.stdout.raw").read_text(encoding="utf-8")
        kind = json.loads((place / "events.json").read_text(encoding="utf-8"))["outcome"]
        checks.check(f"summary: try {said} is in {place.name}", re.search(rf"^{said}\r?$", output, re.MULTILINE)
                     and ("pass" in json.dumps(kind)) == (said == "3") and (place / "artifacts").is_dir(), output)


def check_console(checks, run):
    checks.check("console: a cancelled test has its tag",
                 re.search(r"^test kinds\.relux/too-long: .*cancelled \(test-timeout\) \(\d", run.stderr, re.MULTILINE),
                 run.stderr)
    blocks = {block.split(" ----\n")[0].split("/")[-1]: block for block in run.stderr.split("\n---- ")[1:]}
    for name, (_, _, words) in FAILURES.items():
        block = blocks.get(re.sub("-+", "-", re.sub("[^a-z]", "-", name)), "") or \
            next((text for slug, text in blocks.items() if slug.startswith(name.split(" ")[0])), "")
        missing = [word for word in words if word not in block]
        checks.check(f"console: {name}", not missing, f"{missing}: {block}")
    stack = blocks["pure-in-calls"].split("  Call stack:\n")[-1].splitlines()[:len(CALL_STACK)]
    wanted = [f"    {what} at relux/tests/kinds.relux:{line}" for what, line in CALL_STACK]
    checks.check("console: the call stack, innermost first", [line.rsplit(":", 1)[0] if line.count(":") > 1 else line
                                                              for line in stack] == wanted, "\n".join(stack))
    checks.check("console: only calls have a stack", "Call stack" not in blocks["pure"], blocks["pure"])
    checks.check("console: the result line", re.search(
        rf"result: FAILED\. 4 passed; {len(FAILURES)} failed; 1 cancelled; 1 invalid; 1 skipped; 2 flaky retries; ",
        run.stderr), run.said())


def check_github(checks, file):
    text = file.read_text(encoding="utf-8")
    rows = {line.split(" | ")[0].strip("| "): line for line in text.splitlines() if line.startswith("| ")}
    multi = rows.get("kinds.relux/multi", "")
    checks.check("GitHub: lines of a cell are divided by <br>", "patterns<br>matched:     ? ^a$<br>timed out:" in multi,
                 text)
    flaky = rows.get("kinds.relux/third-time", "")
    checks.check("GitHub: what passed on a retry is in the table", "| pass |" in flaky
                 and "passed after 2 retries<br>match timeout" in flaky, text)
    checks.check("GitHub: what passed at once is not", "kinds.relux/good" not in rows, text)


def write_suite(project):
    write(project, "Relux.toml", MANIFEST)
    write(project, "relux/tests/kinds.relux", KINDS)
    write(project, "relux/tests/others.relux", OTHERS)
    write(project, "relux/tests/broken.relux", BROKEN)


def check_mixed_run(checks, options):
    with Project(options.binaries) as project:
        write_suite(project)
        page = project.parent / "summary.md"
        run = project.run("run", "--junit", "--tap", "-j", 4, limit=120,
                          extra_environment={"GITHUB_STEP_SUMMARY": str(page)})
        wrong = {name: run.outcome(name) for name, outcome in OUTCOMES.items() if run.outcome(name) != outcome}
        if not checks.check("formats: outcomes", not wrong and run.directory is not None, f"{wrong} {run.said()}"):
            return
        check_junit(checks, run)
        check_tap(checks, run)
        check_summary(checks, run)
        check_console(checks, run)
        check_github(checks, page)
        merged = project.parent / "merged"
        done = subprocess.run([project.binaries / "relux", "merge-reports", run.directory, "--output", merged],
                              cwd=project.root, env=project.environment(), capture_output=True, text=True, check=False)
        checks.check("formats: merged reports keep types, reasons and places",
                     (merged / "junit.xml").exists() and not junit_problems(merged / "junit.xml")
                     and 'type="FailPatternMatched"' in (merged / "junit.xml").read_text(encoding="utf-8")
                     and 'message="cancelled: test-timeout"' in (merged / "junit.xml").read_text(encoding="utf-8")
                     and 'file="relux/tests/kinds.relux" line="' in (merged / "junit.xml").read_text(encoding="utf-8"),
                     done.stderr)
        shutil.rmtree(merged, ignore_errors=True)


def check_green_run(checks, options):
    with Project(options.binaries) as project:
        write_suite(project)
        run = project.run("run", "--junit", "--tap", "relux/tests/others.relux",
                          extra_environment={"JENKINS_URL": "http://127.0.0.1:1/"}, limit=120)
        text = (run.directory / "junit.xml").read_text(encoding="utf-8")
        schema = REPOSITORY / "tests" / "reports" / "junit.xsd"
        lint = subprocess.run(["xmllint", "--noout", "--schema", schema, run.directory / "junit.xml"],
                              capture_output=True, text=True, check=False)
        checks.check("green: in a job of Jenkins the file is valid as it is", lint.returncode == 0
                     and "line=" not in text, lint.stderr)
        asserts, said = parsed_tap(checks, "green: TAP", run.directory / "results.tap")
        checks.check("green: prove is content", "All tests successful" in said and len(asserts) == 1, said)


def check_repository(checks, options):
    """A suite that is not at the top of GitLab's repository."""
    with Project(options.binaries) as project:
        write_suite(project)
        for directory, wanted in ((project.parent, "project/relux/tests/others.relux"),
                                  (project.root, "relux/tests/others.relux"), ("/elsewhere", "relux/tests/others.relux")):
            run = project.run("run", "--junit", "relux/tests/others.relux",
                              extra_environment={"CI_PROJECT_DIR": str(directory)}, limit=120)
            text = (run.directory / "junit.xml").read_text(encoding="utf-8")
            checks.check(f"GitLab: files as {directory} has them", f'file="{wanted}" line="1"' in text, text)


def waiting(*names):
    return "".join(f'test "{name}" {{\n    shell s {{\n        > touch ${{__RELUX_RUN_ARTIFACTS}}/begun\n'
                   '        <~60s? ^never$\n    }\n}\n' for name in names)


def reasons(run):
    return {name: (test.get("cancellation_reason"), test.get("cancellation_detail"), "log_dir" in test)
            for name, test in run.tests.items() if test["outcome"] == "cancelled"}


def check_cancellations(checks, options):
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        write(project, "relux/tests/a.relux", waiting("waits", "comes later"))
        run = project.run("run", "--junit", "--tap", "--suite-timeout", "500ms", limit=120)
        checks.check("cancelled: by the suite's time-out", reasons(run) == {
            "waits": ("suite-timeout", "duration_ms=500", True),
            "comes later": ("suite-timeout", "duration_ms=500", False)}, f"{reasons(run)} {run.said()}")
        tags = re.findall(r"^test a\.relux/.*: (?:\S+ )?cancelled \(suite-timeout\)", run.stderr, re.MULTILINE)
        checks.check("cancelled: each line has the tag", len(tags) == 2, run.stderr)
        problems = junit_problems(run.directory / "junit.xml")
        checks.check("cancelled: JUnit is valid", not problems, problems)
        lines = {case.get("name"): case.get("line")
                 for case in xml.etree.ElementTree.parse(run.directory / "junit.xml").getroot().iter("testcase")}
        checks.check("cancelled: JUnit has the line of a test that never started", lines == {"waits": "1", "comes later": "7"}
                     and run.tests["comes later"].get("line") == 7, f"{lines} {run.tests}")
        write(project, "relux/tests/a.relux", 'test "bad" {\n    shell s {\n        <~1s? ^never$\n    }\n}\n'
              + waiting("waits", "comes later"))
        run = project.run("run", "--strategy", "fail-fast", "-j", 2, "--tap", limit=120)
        checks.check("cancelled: by fail-fast, which names the test", reasons(run) == {
            "waits": ("fail-fast", "trigger_test=bad", True),
            "comes later": ("fail-fast", "trigger_test=bad", False)}, f"{reasons(run)} {run.said()}")
        asserts, _ = parsed_tap(checks, "cancelled: TAP", run.directory / "results.tap")
        checks.check("cancelled: TAP names the reason", [entry["diag"].get("cancellation") for entry in asserts] ==
                     [None, "fail-fast", "fail-fast"], f"{asserts}")
        write(project, "relux/tests/a.relux", waiting("waits", "comes later"))
        latest = project.root / "relux" / "out" / "latest"
        latest.unlink()
        process = project.start("run")
        wait_for((latest / "artifacts" / "begun").exists, "a test that waits")
        process.send_signal(signal.SIGTERM)
        run = project.finish(process, 0)
        checks.check("cancelled: the first signal says what goes on",
                     run.stderr.count("\ncleaning up, again to stop now\n") == 1, run.stderr)
        checks.check("cancelled: by a signal", run.status == 130 and reasons(run) == {
            "waits": ("sigint", None, True), "comes later": ("sigint", None, False)}, f"{reasons(run)} {run.said()}")


def check_old_summaries(checks, options):
    """Runs of earlier versions stay in the history, under the words of today."""
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        write(project, "relux/tests/a.relux", OTHERS)
        old = ('[run]\nrun_id = "old"\ntimestamp = "2026-01-01T00:00:00Z"\nduration_ms = 1\nhostname = "h"\n'
               '\n[[tests]]\nname = "x"\npath = "a.relux"\noutcome = "fail"\nduration_ms = 1\n'
               'failure_type = "fail-pattern"\nfailure_summary = "s"\nflaky_retries = 0\n'
               '\n[[tests]]\nname = "y"\npath = "a.relux"\noutcome = "cancelled"\nduration_ms = 1\n'
               'failure_type = "test-timeout"\nfailure_summary = "s"\nflaky_retries = 0\n'
               '\n[[tests]]\nname = "z"\npath = "a.relux"\noutcome = "cancelled"\nduration_ms = 1\n'
               'failure_type = "cancelled"\nfailure_summary = "s"\nflaky_retries = 0\n')
        write(project, "relux/out/run-2026-01-01-00-00-00-old/run_summary.toml", old)
        run = project.run("history", "--failures", "--format", "toml")
        kinds = {test["name"]: test["failure_type"] for test in tomllib.loads(run.stdout).get("tests", [])}
        checks.check("history: failures of earlier versions", kinds == {"x": "FailPatternMatched", "y": "test-timeout"},
                     run.stdout + run.stderr)


def check_formats(checks, options):
    for part in (check_mixed_run, check_green_run, check_repository, check_cancellations, check_old_summaries):
        part(checks, options)
