"""events.json as its readers know it: every member, kind and field of schema 3, on suites that produce all of them."""

import os
import re
import shutil
import signal

from event_log import EVENTS, SPANS, Log
from suite_checks import SUITES, WAIT, Project, wait_for, write


def equal(checks, name, found, wanted):
    checks.check(f"events.json: {name}", found == wanted, f"{found!r}, expected {wanted!r}")


def check_top_level(checks, log):
    data = log.data
    equal(checks, "info", (data["info"]["name"], data["info"]["path"]), ("kinds", "relux/tests/kinds.relux"))
    entries = {entry["key"]: entry for entry in data["env"]["bootstrap"]}
    equal(checks, "env is sorted", list(entries), sorted(entries))
    equal(checks, "env: a value that was read", (entries["HOME"]["value"], entries["HOME"]["source"]),
          (os.environ["HOME"], {"kind": "base"}))
    equal(checks, "env: a value that was not read", (entries["UNREAD"]["value"], entries["UNREAD"].get("omitted")),
          ("", True))
    equal(checks, "env: from a .env file", (entries["FROM_FILE"]["value"], entries["FROM_FILE"]["source"]),
          ("of the file", {"kind": "dot-env", "path": ".env"}))
    equal(checks, "env: a secret is masked", entries["FILE_TOKEN"]["value"], "***")
    equal(checks, "env: the runtime's own", entries["__RELUX_RUN_ID"]["source"], {"kind": "relux-internal"})
    cleanup = [shell for shell in data["shells"].values() if shell["name"] == "__cleanup"]
    equal(checks, "cleanup shells are named", len(cleanup), 4)
    equal(checks, "artifacts", [(each["path"], each["mime"]) for each in data["artifacts"]],
          [("left.txt", "text/plain"), ("sub/data", None)])
    equal(checks, "sources", list(data["sources"]), ["relux/lib/words.relux", "relux/tests/kinds.relux"])


def check_span_fields(checks, log):
    equal(checks, "every kind of span", sorted({span["kind"] for span in log.spans.values()}), sorted(SPANS))
    markers = [(span["marker_kind"], span["modifier"], span["decision"]) for span in log.spans_of("marker-eval")]
    equal(checks, "markers", markers, [("skip", "unless", "pass"), ("run", "if", "mark"), ("flaky", "if", "pass"),
                                       ("run", "if", "mark")])
    equal(checks, "a marker's place is its line", log.text_at(log.spans_of("marker-eval")[0]["location"]),
          '# skip unless "${HOME}" ? ^/')
    setups = log.spans_of("effect-setup")
    equal(checks, "set-ups", [(each["effect"], each["alias"], each["overlay"], each["is_reuse"]) for each in setups],
          [("Service", "Svc", [], False), ("Db", "Inner", [["PORT", "5432"]], False),
           ("Db", "Direct", [["PORT", "5432"]], True), ("Plain", "P", [["WORD", "hi 5432"]], False)])
    equal(checks, "dep_sources", [each["dep_sources"] for each in setups], [[], [], [], [["WORD", "Direct"]]])
    equal(checks, "a reuse has the marker of the set-up and no duration",
          (setups[1]["marker"] == setups[2]["marker"], setups[2]["end_ts"]), (True, setups[2]["start_ts"]))
    cleanups = log.spans_of("effect-cleanup")
    equal(checks, "a release for each start", sorted((each["effect"], each["alias"], each["is_deferred"])
                                                     for each in cleanups),
          [("Db", "Direct", True), ("Db", "Inner", False), ("Plain", "P", False), ("Service", "Svc", False)])
    by_alias = {each["alias"]: each for each in cleanups}
    equal(checks, "releases belong to what releases",
          [by_alias[alias]["parent"] for alias in ("Svc", "Direct", "P", "Inner")], [0, 0, 0, by_alias["Svc"]["id"]])
    equal(checks, "a deferred release has no duration", by_alias["Direct"]["end_ts"], by_alias["Direct"]["start_ts"])
    equal(checks, "a release names the set-up", by_alias["Inner"]["setup_span"], setups[1]["id"])
    blocks = log.spans_of("cleanup-block")
    equal(checks, "cleanup blocks", sorted(span["parent"] for span in blocks),
          sorted([0, by_alias["Inner"]["id"], by_alias["Svc"]["id"], by_alias["P"]["id"]]))
    equal(checks, "a cleanup block's place is its own", {log.text_at(span["location"])[:9] for span in blocks},
          {"cleanup {"})
    shells = log.spans_of("shell-block")
    equal(checks, "shell blocks as written", [span["shell"] for span in shells],
          ["db", "Inner.db", "Svc.main", "s", "Svc.main"])
    equal(checks, "a shell block's place is its name", [log.text_at(span["location"]) for span in shells],
          [span["shell"] for span in shells])
    calls = {span["name"]: span for span in log.spans_of("fn-call")}
    equal(checks, "arguments of functions", (calls["join"]["args"], calls["say"]["args"], calls["upper"]["args"]),
          ([["a", "a"], ["b", "B"]], [["text", "said a-B"]], [["$0", "b"]]))
    equal(checks, "results of functions", (calls["join"]["result"], calls["say"]["result"], calls["join"]["is_pure"],
                                           calls["say"]["is_pure"], calls["upper"]["callee_kind"]),
          ("a-B", "[said a-B]", True, False, "bif"))
    equal(checks, "places of calls", [log.text_at(calls[name]["location"]) for name in ("say", "match_ok", "sleep")],
          ['say("said ${joined}")', "match_ok()", 'sleep("1ms")'])


def check_event_fields(checks, log):
    expected = set(EVENTS) - {"timeout", "multi-match-timeout", "fail-pattern-triggered", "error", "cancelled",
                              "pure-match-failed"} | {"timeout"}
    equal(checks, "every kind of event of a test that passes", sorted(expected - {event["kind"] for event in log.events}),
          [])
    names = [event["shell"] for event in log.all("shell-switch")]
    equal(checks, "names after a hand-over", names, ["db", "Inner(Db).db", "Svc(Service).main", "s", "Svc(Service).main",
                                                     "__cleanup", "__cleanup", "__cleanup", "__cleanup"])
    markers = {event["shell_marker"] for event in log.events if event["shell"] in ("db", "Inner(Db).db")}
    equal(checks, "the marker stays", markers, {"Inner.db"})
    kinds = [event["kind"] for event in log.events if event["shell"] == "s"
             and event["kind"] in ("shell-spawn", "shell-ready", "shell-switch")]
    equal(checks, "the switch comes after ready", kinds, ["shell-spawn", "shell-ready", "shell-switch"])
    blocks = {span["id"]: span for span in log.spans_of("shell-block")}
    ends = {event["name"]: blocks[event["span"]]["shell"] for event in log.all("shell-terminate")
            if event["span"] in blocks}
    equal(checks, "a shell ends on the span of its last block", ends, {"Svc(Service).main": "Svc.main", "s": "s"})
    exposed = [(event["name"], event["target"], event["qualifier"]) for event in log.all("effect-expose-shell")]
    equal(checks, "exposed shells", exposed, [("db", "db", None), ("main", "db", "Inner")])
    sends = [event["data"] for event in log.all("send")]
    equal(checks, "sends without the newline that is added", [data for data in sends if data in ("echo ready 5432", "typed")],
          ["echo ready 5432", "typed"])


def check_match_events(checks, log):
    starts = {event["pattern"]: event for event in log.all("match-start")}
    equal(checks, "an own time-out", {key: value for key, value in starts["four"]["effective"].items() if key != "source"},
          {"type": "tolerance", "duration": "1m 30s", "multiplier": "1.5", "total_duration": "2m 15s",
           "applied_ms": 135000.0})
    equal(checks, "where it is written", log.text_at(starts["four"]["effective"]["source"]), "<~1m30s? four")
    equal(checks, "the configured default", starts["ready"]["effective"]["source"], None)
    equal(checks, "an assertion", {key: value for key, value in starts["^(th\\w+)$"]["effective"].items()
                                   if key in ("type", "duration", "multiplier")}, {"type": "assertion", "duration": "2s"})
    done = {event["matched"]: event for event in log.all("match-done")}
    equal(checks, "captures", (done["[said a-B]"]["captures"], done["ready"]["captures"]),
          ({"0": "[said a-B]", "1": "said", "2": "a-B"}, None))
    multi = log.all("multi-match-start")[0]
    equal(checks, "patterns of a multimatch", multi["patterns"],
          [{"pattern": "^(two)$", "is_regex": True}, {"pattern": "one", "is_regex": False}])
    equal(checks, "a multimatch's place is the whole statement",
          (log.text_at(multi["source"])[:6], log.text_at(multi["source"])[-1]), ("<~2s{\n", "}"))
    matched = {event["seq"]: event for event in log.all("matched", log.buffer)}
    steps = {event["index"]: matched[event["buffer_seq"]]["matched"] for event in log.all("multi-match-pattern-done")}
    equal(checks, "a buffer event for each pattern", steps, {0: "two", 1: "one"})
    equal(checks, "advance_to reaches farthest", matched[log.all("multi-match-done")[0]["advance_to"]]["matched"], "two")
    equal(checks, "fail patterns", [(event["pattern"], event["is_regex"]) for event in log.all("fail-pattern-set")],
          [("panic [0-9]+", True), ("literal panic", False)])
    changes = [(event["previous"]["type"], event["timeout"]["duration"]) for event in log.all("timeout-set")]
    equal(checks, "changes of the time-out", changes, [("tolerance", "3s"), ("tolerance", "2s")])


def check_value_events(checks, log):
    assigned = [(event["name"], event["value"], event["previous"]) for event in log.all("var-assign")]
    equal(checks, "assignments", assigned, [("count", "2", "1")])
    reads = {(event["name"], event["value"]): event for event in log.all("var-read")}
    for read in (("NOT_SET_ANYWHERE", ""), ("joined", "a-B"), ("greeting", "hi 5432"), ("PORT", "5432"),
                 ("FLAKY_KINDS", ""), ("both", "a-B"), ("text", "xyz"), ("1", "x")):
        checks.check(f"events.json: {read[0]} was read", read in reads, f"{list(reads)}")
    equal(checks, "a read has its own place", log.text_at(reads["NOT_SET_ANYWHERE", ""]["source"]), "NOT_SET_ANYWHERE")
    strings = {event["result"]: event for event in log.all("interpolation")}
    equal(checks, "interpolations", [(strings[text]["template"], strings[text]["bindings"])
                                     for text in ("said a-B", "a-B", "hi 5432")],
          [("said ${joined}", [["joined", "a-B"]]), ("${a}-${b}", [["a", "a"], ["b", "B"]]),
           ("hi ${PORT}", [["PORT", "5432"]])])
    equal(checks, "an interpolation's place has its quotes", log.text_at(strings["said a-B"]["source"]),
          '"said ${joined}"')
    plain = {(event["result"], log.text_at(event["source"])) for event in log.all("string-eval")}
    equal(checks, "strings without interpolations", plain >= {("1", '"1"'), ("a", '"a"'), ("b", '"b"')}, True)
    equal(checks, "every one has its quotes", {text[0] + text[-1] for _, text in plain}, {'""'})


def check_pure_events(checks, log):
    pure = [(event["value"], event["pattern"], event["is_regex"]) for event in log.all("pure-match-start")]
    equal(checks, "pure matches", [("a-B", "a-B", False) in pure, ("a-b", "a-b", False) in pure,
                                   (os.environ["HOME"], "^/", True) in pure, ("2", "^(\\d)$", True) in pure], [True] * 4)
    equal(checks, "captures of a pure match", [event["captures"] for event in log.all("pure-match-done")
                                               if event["matched"] == "2"], [{"0": "2", "1": "2"}])
    evaluations = [event["evaluation"] for event in log.all("bool-check")]
    equal(checks, "checks of markers", evaluations,
          [{"shape": "pure-match", "value": os.environ["HOME"], "pattern": "^/", "is_regex": True, "met": True},
           {"shape": "pure-match", "value": "a-b", "pattern": "a-b", "is_regex": False, "met": True},
           {"shape": "bare", "value": "", "met": False}, {"shape": "unconditional"}])
    for span in log.spans_of("marker-eval"):
        equal(checks, f"a check is last in its marker {span['id']}",
              [event["kind"] for event in log.events if event["span"] == span["id"]][-1], "bool-check")
    warning = log.all("warning")[0]
    equal(checks, "a cleanup's warning", (log.spans[warning["span"]]["kind"], warning["shell"]),
          ("cleanup-block", "__cleanup"))


def check_buffer(checks, log):
    grown = {}
    for event in log.all("grew", log.buffer):
        grown[event["shell_marker"]] = grown.get(event["shell_marker"], "") + event["data"]
    received = {}
    for event in log.all("recv"):
        received[event["shell_marker"]] = received.get(event["shell_marker"], "") + event["data"]
    equal(checks, "grew brings what was received", grown, received)
    # Inside a multimatch the cursor stays, so what its patterns found lies behind the same place.
    inside = {event["buffer_seq"] for event in log.all("multi-match-pattern-done")}
    whole, cursor = grown["s"], 0
    for event in log.buffer:
        if event["shell_marker"] != "s" or event["kind"] == "grew":
            continue
        if event["kind"] == "matched":
            begin, end = event["begin"], event["end"]
            shown = whole[cursor:begin][-len(event["before"]):] if event["before"] else ""
            good = whole[begin:end] == event["matched"] and shown == event["before"] \
                and whole[end:].startswith(event["after"]) and event["before_omitted"] == begin - cursor - len(shown)
        else:
            end = cursor + len(event["consumed"])
            good = whole[cursor:end] == event["consumed"]
        checks.check(f"events.json: buffer event {event['seq']}, {event['kind']}", good, f"{event} of {whole[cursor:]!r}")
        if event["seq"] not in inside:
            cursor = end
        elif event["seq"] == log.all("multi-match-done")[0]["advance_to"]:
            farthest = end
        if event["seq"] == max(inside):
            cursor = farthest


def check_failures(checks, logs):
    def outcome(name):
        return logs[name].outcome

    def of(name, *members):
        return [outcome(name).get(member) for member in members]

    log = logs["match-timeout"]
    equal(checks, "match-timeout", of("match-timeout", "type", "shell", "pattern", "vars_in_scope"),
          ["match-timeout", "s", "^not there$", [["again", "^not there$"], ["wanted", "^not there$"]]])
    equal(checks, "its call stack", log.frames(), [("test", "match-timeout"), ("shell-block", "s"), ("fn-call", "wait_for")])
    equal(checks, "its arguments", log.outcome["call_stack"][2]["args"], [["wanted", "^not there$"]])
    equal(checks, "its event and time-out", (log.all("timeout")[0]["seq"], log.outcome["effective"]["duration"]),
          (log.outcome["event_seq"], "100ms"))
    checks.check("events.json: its output", "here it is" in log.outcome["buffer_tail"], log.outcome["buffer_tail"])
    equal(checks, "fail-pattern-matched", of("fail-pattern-matched", "type", "pattern", "is_regex", "matched_line"),
          ["fail-pattern-matched", "panic [0-9]+", True, "panic 42"])
    equal(checks, "shell-exited", of("shell-exited", "type", "shell", "exit_code"), ["shell-exited", "s", 3])
    equal(checks, "ended by a signal", of("shell-killed", "type", "exit_code"), ["shell-exited", None])
    log = logs["multi-match"]
    equal(checks, "multi-match", of("multi-match", "type", "shell", "matched", "patterns"),
          ["multi-match", "s", [0, 2], [{"pattern": "^(aaa)$", "is_regex": True}, {"pattern": "zzz", "is_regex": False},
                                        {"pattern": "^bbb$", "is_regex": True}]])
    equal(checks, "its unmatched", log.all("multi-match-timeout")[0]["unmatched"], [1])
    equal(checks, "its span", log.spans[log.outcome["span"]]["kind"], "multi-match")
    equal(checks, "the place of a failure in a multimatch", log.spans[log.outcome["span"]]["location"]["line"],
          log.all("multi-match-start")[0]["source"]["line"])
    for name, context, stack, variables in (
            ("pure-match of a test", {"type": "test-preamble", "name": "pure-match of a test"}, [], [["outer", "o"]]),
            ("pure-match of an effect", {"type": "effect-preamble", "name": "Broken"}, [], [["shade", "dark blue"]]),
            ("pure-match of an overlay", {"type": "fn", "name": "must_be_word"},
             [("test", "pure-match of an overlay"), ("pure-fn-call", "must_be_word")], []),
            ("pure-match of a function", {"type": "fn", "name": "must_be_word"},
             [("test", "pure-match of a function"), ("pure-fn-call", "must_be_word")], [["outer", "o"]]),
            ("pure-match of a shell", {"type": "shell", "name": "s"},
             [("test", "pure-match of a shell"), ("shell-block", "s")], [["mine", "m"], ["outer", "o"]]),
            ("pure-match of a called function", {"type": "fn", "name": "must_be_word"},
             [("test", "pure-match of a called function"), ("shell-block", "s"), ("pure-fn-call", "must_be_word")],
             [["mine", "m"]])):
        equal(checks, name, (of(name, "type", "match_context", "vars_in_scope"), logs[name].frames()),
              (["pure-match", context, variables], stack))
        equal(checks, f"event of {name}", outcome(name)["event_seq"], logs[name].all("pure-match-failed")[-1]["seq"])
    equal(checks, "value and pattern", of("pure-match of a shell", "value", "pattern", "is_regex"), ["m", "^x", True])
    for name, shell, said in (("invalid regex", "s", "invalid regex: "), ("bad argument", "s", "`many` is not an exit code"),
                              ("wrong exit code", "s", "exit code 1, expected 0")):
        checks.check(f"events.json: {name}", outcome(name)["type"] == "runtime" and outcome(name)["shell"] == shell
                     and said in outcome(name)["message"], f"{outcome(name)}")
    log = logs["wrong exit code"]
    equal(checks, "the place of a failure in match_ok()", log.text_at(log.spans[log.outcome["span"]]["location"]),
          "match_ok()")
    log = logs["failed set-up"]
    equal(checks, "a failed set-up", (log.frames(), log.outcome["call_stack"][1]["alias"], log.outcome["vars_in_scope"]),
          ([("test", "failed set-up"), ("effect-setup", "Fails"), ("shell-block", "inside")], "F",
           [["attempt", "1"], ["setting", "x"]]))
    equal(checks, "an error is on the parent of the set-up", [event["span"] for event in log.all("error")], [0])
    cleanups = {span["effect"]: span for span in log.spans_of("effect-cleanup")}
    equal(checks, "releases after a failed set-up", (cleanups["Fails"]["parent"], cleanups["Base"]["parent"]),
          (0, cleanups["Fails"]["id"]))


def check_endings(checks, logs):
    log = logs["test-timeout"]
    equal(checks, "a time-out of the test", (log.outcome["kind"], log.outcome["reason"], log.outcome["shell"]),
          ("cancelled", {"type": "test-timeout", "duration_ms": 300}, None))
    equal(checks, "its call stack", log.frames(), [("test", "test-timeout"), ("shell-block", "s"), ("fn-call", "sleep")])
    cancelled = log.all("cancelled")[0]
    equal(checks, "its event", (cancelled["reason"], log.spans[cancelled["span"]]["name"]),
          (log.outcome["reason"], "sleep"))
    before = [event["seq"] for event in log.events if event["seq"] < cancelled["seq"]][-1]
    equal(checks, "the event before it", log.outcome["event_seq"], before)
    for name, kind, line, evaluation in (
            ("skipped by a match", "skip", '# skip if "${HOME}" ? ^/',
             {"shape": "pure-match", "value": os.environ["HOME"], "pattern": "^/", "is_regex": True, "met": True}),
            ("skipped without a condition", "skip", "# skip", {"shape": "unconditional"}),
            ("not run", "run", "# run if NOT_SET_ANYWHERE", {"shape": "bare", "value": "", "met": False}),
            ("skipped by a function", "skip", '# skip unless must_be_word("two words")',
             {"shape": "bare", "value": "", "met": False})):
        log = logs[name]
        equal(checks, name, (log.outcome["kind"], log.outcome["marker_kind"], log.text_at(log.outcome["location"]),
                             log.outcome["evaluation"]), ("skip", kind, line, evaluation))
        check = [event for event in log.events if event["seq"] == log.outcome["event_seq"]]
        equal(checks, f"the check of {name}", [(event["kind"], event["span"]) for event in check],
              [("bool-check", log.outcome["span"])])


def logs_of(checks, run, label):
    logs = {}
    for name in run.tests:
        logs[name] = Log(run.log_directory(name))
        faults = logs[name].check()
        checks.check(f"events.json of {name}: schema 3, {label}", not faults, "; ".join(faults[:6]))
        page = (run.log_directory(name) / "event.html").read_text(encoding="utf-8")
        checks.check(f"event.html of {name}: whole, {label}", page.endswith("</body></html>\n"), page[-80:])
    return logs


def check_titles(checks, run):
    """What people read of spans: a marker as it is written, an alias and a flag in words."""
    pages = "".join((run.log_directory(name) / "event.html").read_text(encoding="utf-8") for name in run.tests)
    titles = re.findall(r"<summary>.*?<b>(.*?)</b>", pages)
    markers = [title for title in titles if title.startswith("marker-eval ")]
    checks.check("event.html: markers are told once", "marker-eval run if join(&quot;a&quot;, &quot;b&quot;) = &quot;a-b&quot;" in markers
                 and not any(marker.count(" if ") > 1 for marker in markers), f"{markers}")
    checks.check("event.html: starts with their aliases and as reuses", any(" as Direct " in title for title in titles)
                 and any(title.endswith(" (reuse)") for title in titles) and "(is_" not in "".join(titles), f"{titles}")


def check_kinds(checks, options):
    with Project(options.binaries, SUITES / "reports" / "events") as project:
        write(project, ".env", 'FROM_FILE="of the file"\nFILE_TOKEN=hidden-of-file\n')
        run = project.run("run", "-m", "1.5", "-j", 2, extra_environment={"UNREAD": "of the host"}, limit=WAIT)
        logs = logs_of(checks, run, "all kinds")
        check_titles(checks, run)
        if len(logs) < 20:
            checks.check("events.json: the suite runs", False, run.said())
            return
        log = logs["kinds"]
        equal(checks, "kinds passes", run.outcome("kinds"), "pass")
        check_top_level(checks, log)
        check_span_fields(checks, log)
        check_event_fields(checks, log)
        check_match_events(checks, log)
        check_value_events(checks, log)
        check_pure_events(checks, log)
        check_buffer(checks, log)
        check_failures(checks, logs)
        check_endings(checks, logs)


SLOW = 'test "waits" {\n    shell s {\n        sleep("50s")\n    }\n}\n'


def check_cancellations(checks, options):
    """What ends a test from outside."""
    with Project(options.binaries) as project:
        write(project, "Relux.toml", 'name = "x"\n')
        write(project, "relux/tests/slow.relux", SLOW)
        run = project.run("run", "--suite-timeout", "300ms", limit=WAIT)
        log = logs_of(checks, run, "suite time-out")["waits"]
        equal(checks, "a time-out of the suite", log.outcome["reason"], {"type": "suite-timeout", "duration_ms": 300})
        shutil.rmtree(project.root / "relux" / "out")
        process = project.start("run")
        wait_for(lambda: list((project.root / "relux" / "out").glob("*/logs/**/s.stdout.raw")), "the shell is started")
        process.send_signal(signal.SIGINT)
        run = project.finish(process, 0, WAIT)
        log = logs_of(checks, run, "interrupt")["waits"]
        equal(checks, "an interrupt", log.outcome["reason"], {"type": "sigint"})
        write(project, "relux/tests/fails.relux", 'test "fails" {\n    shell s {\n        <~300ms= never\n    }\n}\n')
        run = project.run("run", "-j", 2, "--strategy", "fail-fast", limit=WAIT)
        log = logs_of(checks, run, "fail-fast")["waits"]
        equal(checks, "another test's failure", log.outcome.get("reason"), {"type": "fail-fast", "trigger_test": "fails"})


def check_own_timeout_in_0_4(checks, options):
    with Project(options.binaries) as project:
        write(project, "Relux.toml", 'name = "x"\nlanguage = "0.4"\n')
        write(project, "relux/tests/slow.relux", SLOW.replace('"waits"', '"waits" @300ms'))
        run = project.run("run", limit=WAIT)
        outcome = logs_of(checks, run, "edition 0.4")["waits"].outcome
        equal(checks, "a test's own time-out in edition 0.4", [outcome.get(name) for name in ("type", "message", "shell")],
              ["runtime", "test timeout (300ms) exceeded", None])


def check_size(checks, options):
    """The log of many matches is not much longer than what it tells of."""
    lines = "".join(f"        > echo {'x' * 40}-{number}\n        <? ^x+-({number})$\n" for number in range(300))
    with Project(options.binaries) as project:
        write(project, "Relux.toml", 'name = "x"\n')
        write(project, "relux/tests/many.relux",
              'test "much" {\n    shell s {\n        > seq 1 60000; echo e"n"d\n        <? ^end$\n' + lines + "    }\n}\n")
        run = project.run("run", limit=WAIT)
        equal(checks, "many matches pass", run.outcome("much"), "pass")
        directory = run.log_directory("much")
        output = sum(file.stat().st_size for file in directory.glob("*.stdout.raw"))
        size = (directory / "events.json").stat().st_size
        matches = len(Log(directory).all("match-done"))
        checks.check("events.json: at most 3 x the output and 4 KiB a match", size <= 3 * output + 4096 * matches,
                     f"{size} bytes for {output} bytes of output and {matches} matches")
        matched = Log(directory).all("matched", Log(directory).buffer)
        checks.check("events.json: at most 1 KiB beside a match",
                     all(len(event["before"]) <= 1024 and len(event["after"]) <= 1024 for event in matched)
                     and any(event["before_omitted"] > 300_000 for event in matched), "")


def check_whole_environment(checks, options):
    with Project(options.binaries) as project:
        write(project, "Relux.toml", 'name = "x"\n[report]\nenvironment = "all"\n')
        write(project, "relux/tests/a.relux", 'test "a" {\n    shell s {\n        match_prompt()\n    }\n}\n'
              .replace("match_prompt()", "> true"))
        run = project.run("run", extra_environment={"UNREAD": "of the host", "SOME_TOKEN": "hidden-of-host"}, limit=WAIT)
        entries = {entry["key"]: entry for entry in Log(run.log_directory("a")).data["env"]["bootstrap"]}
        equal(checks, "[report] environment", (entries["UNREAD"]["value"], entries["SOME_TOKEN"]["value"]),
              ("of the host", "***"))


def check_long_page(checks, options):
    """A page shows how a long test began and how it ended, and says what it leaves out."""
    tens = "".join(f"pure fn level_{n}(text) {{\n" + f"    level_{n - 1}(text)\n" * 10 + "}\n\n" for n in (1, 2, 3))
    with Project(options.binaries) as project:
        write(project, "Relux.toml", 'name = "x"\n')
        write(project, "relux/tests/long.relux",
              "pure fn level_0(text) {\n    upper(text)\n}\n\n" + tens +
              "pure fn first(text) {\n    text ? ^a$\n    level_3(text)\n}\n\n"
              "pure fn last(text) {\n    level_3(text)\n    level_3(text)\n    level_3(text)\n    level_3(text)\n"
              "    text ? ^b$\n}\n\n"
              'test "long" {\n    shell s {\n        first("a")\n        last("a")\n    }\n}\n')
        run = project.run("run", limit=WAIT)
        directory = run.log_directory("long")
        log = Log(directory)
        recorded = len(log.events) + len(log.data["spans"]) - 1
        page = (directory / "event.html").read_text(encoding="utf-8")
        shown = page.count("<summary>") + page.count('<div class="row')
        left_out = re.search(r"(\d+) events and spans between", page)
        checks.check("event.html: a long test's page has its first and last 2,500 rows",
                     recorded > 12000 and 5000 <= shown <= 5010 and left_out is not None
                     and int(left_out[1]) + shown == recorded, f"{shown} of {recorded}, {left_out}")
        opened = re.findall(r"<details open class=bad><summary>.*?<b>(.*?)</b>", page)
        checks.check("event.html: how a long test began, and the way to its failure",
                     ">fn first(a)<" in page and any(title == "fn last(a)" for title in opened)
                     and "&#10007; " in page, f"{opened}")


PARTS = (check_kinds, check_cancellations, check_own_timeout_in_0_4, check_size, check_whole_environment,
         check_long_page)
