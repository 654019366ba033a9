"""events.json of one test, checked against schema 3: every member, kind and field."""

import json

TEXT, NUMBER, FLAG, LIST, MAP = str, (int, float), bool, list, dict
NONE = type(None)
TEXT_OR_NULL, NUMBER_OR_NULL, MAP_OR_NULL = (str, NONE), (int, float, NONE), (dict, NONE)

TOP_LEVEL = ["schema_version", "info", "outcome", "env", "shells", "spans", "events", "buffer_events", "sources",
             "artifacts"]
LOCATION = {"file": TEXT, "line": int, "start": int, "end": int}
SPAN = {"id": int, "parent": (int, NONE), "start_ts": NUMBER, "end_ts": NUMBER_OR_NULL, "location": MAP_OR_NULL,
        "kind": TEXT}
SPANS = {
    "markers": {},
    "marker-eval": {"marker_kind": TEXT, "modifier": TEXT, "decision": TEXT},
    "test": {"name": TEXT},
    "effect-setup": {"effect": TEXT, "overlay": LIST, "alias": TEXT_OR_NULL, "dep_sources": LIST, "marker": TEXT,
                     "is_reuse": FLAG},
    "effect-cleanup": {"effect": TEXT, "alias": TEXT_OR_NULL, "setup_span": int, "marker": TEXT, "is_deferred": FLAG},
    "shell-block": {"shell": TEXT},
    "cleanup-block": {},
    "fn-call": {"name": TEXT, "args": LIST, "result": TEXT_OR_NULL, "callee_kind": TEXT, "is_pure": FLAG},
    "multi-match": {"shell": TEXT},
}
EVENT = {"seq": int, "ts": NUMBER, "span": int, "shell": TEXT_OR_NULL, "shell_marker": TEXT_OR_NULL,
         "source": MAP_OR_NULL, "kind": TEXT}
PATTERN = {"pattern": TEXT, "is_regex": FLAG}
EVENTS = {
    "shell-spawn": {"name": TEXT, "command": TEXT},
    "shell-ready": {"name": TEXT},
    "shell-switch": {"name": TEXT},
    "shell-terminate": {"name": TEXT},
    "effect-expose-shell": {"name": TEXT, "target": TEXT, "qualifier": TEXT_OR_NULL},
    "effect-expose-var": {"name": TEXT, "target": TEXT, "qualifier": TEXT_OR_NULL, "value": TEXT},
    "send": {"data": TEXT},
    "recv": {"data": TEXT},
    "match-start": PATTERN | {"effective": MAP},
    "match-done": {"matched": TEXT, "elapsed": NUMBER, "captures": MAP_OR_NULL, "buffer_seq": int},
    "timeout": {"pattern": TEXT, "buffer_seq": NONE, "effective": MAP},
    "multi-match-start": {"effective": MAP, "patterns": LIST},
    "multi-match-pattern-done": {"index": int, "elapsed": NUMBER, "buffer_seq": int},
    "multi-match-done": {"advance_to": int},
    "multi-match-timeout": {"unmatched": LIST},
    "fail-pattern-set": PATTERN,
    "fail-pattern-cleared": {},
    "fail-pattern-triggered": PATTERN | {"matched_line": TEXT, "buffer_seq": NONE},
    "sleep-start": {"duration": NUMBER},
    "sleep-done": {},
    "timeout-set": {"timeout": MAP, "previous": MAP},
    "var-let": {"name": TEXT, "value": TEXT},
    "var-assign": {"name": TEXT, "value": TEXT, "previous": TEXT},
    "var-read": {"name": TEXT, "value": TEXT},
    "interpolation": {"template": TEXT, "result": TEXT, "bindings": LIST},
    "string-eval": {"result": TEXT},
    "pure-match-start": PATTERN | {"value": TEXT},
    "pure-match-done": {"matched": TEXT, "captures": MAP},
    "pure-match-failed": {},
    "bool-check": {"evaluation": MAP},
    "annotate": {"text": TEXT},
    "log": {"message": TEXT},
    "warning": {"message": TEXT},
    "error": {"message": TEXT},
    "cancelled": {"reason": MAP},
}
WITHOUT_SOURCE = {"shell-spawn", "shell-ready", "shell-switch", "shell-terminate", "cancelled", "error", "warning",
                  "effect-expose-shell", "effect-expose-var"}
BUFFER_EVENT = {"seq": int, "ts": NUMBER, "shell": TEXT, "shell_marker": TEXT, "kind": TEXT}
BUFFER_EVENTS = {
    "grew": {"data": TEXT},
    "matched": {"before": TEXT, "matched": TEXT, "after": TEXT, "before_omitted": int, "after_omitted": int,
                "begin": int, "end": int},
    "reset": {"consumed": TEXT},
}
FAILURE = {"type": TEXT, "span": int, "event_seq": (int, NONE), "call_stack": LIST, "vars_in_scope": LIST}
FAILURES = {
    "match-timeout": {"shell": TEXT, "pattern": TEXT, "effective": MAP, "buffer_tail": TEXT},
    "fail-pattern-matched": {"shell": TEXT, "pattern": TEXT, "matched_line": TEXT, "buffer_tail": TEXT},
    "shell-exited": {"shell": TEXT, "exit_code": (int, NONE), "buffer_tail": TEXT},
    "multi-match": {"shell": TEXT, "patterns": LIST, "matched": LIST, "effective": MAP, "buffer_tail": TEXT},
    "pure-match": {"match_context": MAP, "value": TEXT, "pattern": TEXT, "is_regex": FLAG},
    "runtime": {"shell": TEXT_OR_NULL, "message": TEXT},
}
OUTCOMES = {
    "pass": {},
    "fail": FAILURE,
    "cancelled": {"reason": MAP, "span": int, "event_seq": (int, NONE), "shell": NONE, "call_stack": LIST},
    "skip": {"span": int, "event_seq": int, "marker_kind": TEXT, "evaluation": MAP, "location": MAP},
}
FRAME = {"span": int, "kind": TEXT, "name": TEXT, "args": LIST, "alias": TEXT_OR_NULL, "location": MAP}
REASONS = {"test-timeout": {"duration_ms": int}, "suite-timeout": {"duration_ms": int}, "fail-fast": {"trigger_test": TEXT},
           "sigint": {}}
EVALUATIONS = {"unconditional": {}, "bare": {"value": TEXT, "met": FLAG},
               "pure-match": PATTERN | {"value": TEXT, "met": FLAG}}
TOLERANCE = {"type": TEXT, "duration": TEXT, "multiplier": TEXT, "total_duration": TEXT, "source": MAP_OR_NULL}
ASSERTION = {"type": TEXT, "duration": TEXT, "source": MAP_OR_NULL}


class Log:
    """One events.json, and what is wrong with it."""

    def __init__(self, directory):
        self.directory = directory
        self.text = (directory / "events.json").read_text(encoding="utf-8")
        self.data = json.loads(self.text)
        self.spans = {int(key): span for key, span in self.data["spans"].items()}
        self.events = self.data["events"]
        self.buffer = self.data["buffer_events"]
        self.outcome = self.data["outcome"]
        self.faults = []

    def fields(self, where, value, wanted):
        for name, types in wanted.items():
            if name not in value:
                self.faults.append(f"{where}: no {name}")
            elif not isinstance(value[name], types) or (types is int and isinstance(value[name], bool)):
                self.faults.append(f"{where}: {name} is {value[name]!r}")

    def kind_of(self, where, value, kinds, key="kind"):
        wanted = kinds.get(value.get(key))
        if wanted is None:
            self.faults.append(f"{where}: unknown {key} {value.get(key)!r}")
        else:
            self.fields(f"{where}, {value[key]}", value, wanted)

    def location(self, where, value):
        if value is None:
            return
        self.fields(where, value, LOCATION)
        source = self.data["sources"].get(value["file"])
        if source is None:
            self.faults.append(f"{where}: no source {value['file']}")
            return
        before = source.encode()[:value["start"]]
        if not 0 <= value["start"] < value["end"] <= len(source.encode()) or before.count(b"\n") + 1 != value["line"]:
            self.faults.append(f"{where}: no such place {value}")

    def text_at(self, location):
        return self.data["sources"][location["file"]].encode()[location["start"]:location["end"]].decode()

    def timeout(self, where, value):
        self.fields(where, value, ASSERTION if value.get("type") == "assertion" else TOLERANCE)
        if value.get("type") not in ("assertion", "tolerance") or (value["type"] == "assertion") == ("multiplier" in value):
            self.faults.append(f"{where}: type {value}")
        self.location(where, value.get("source"))

    def check_form(self):
        data = self.data
        if list(data) != TOP_LEVEL or data["schema_version"] != 3:
            self.faults.append(f"members {list(data)}")
        if not self.text.startswith('{\n  "schema_version": 3,\n  "info": {\n    "name": '):
            self.faults.append("not indented by two spaces")
        self.fields("info", data["info"], {"name": TEXT, "path": TEXT, "duration_ms": int})
        for entry in data["env"]["bootstrap"]:
            self.fields("env", entry, {"key": TEXT, "value": TEXT, "source": MAP})
        for marker, shell in data["shells"].items():
            self.fields(f"shell {marker}", shell, {"marker": TEXT, "name": TEXT, "spawn_ts": NUMBER,
                                                  "terminate_ts": NUMBER_OR_NULL, "command": TEXT})
            if shell["marker"] != marker:
                self.faults.append(f"shell {marker} is called {shell['marker']}")
        for artifact in data["artifacts"]:
            self.fields("artifact", artifact, {"path": TEXT, "size": int, "mime": TEXT_OR_NULL})

    def check_spans(self):
        for identity, span in self.spans.items():
            where = f"span {identity}"
            self.fields(where, span, SPAN)
            self.kind_of(where, span, SPANS)
            if span["id"] != identity or (span["parent"] is not None and span["parent"] not in self.spans):
                self.faults.append(f"{where}: parent {span['parent']}")
            self.location(where, span["location"])
            if (span["location"] is None) != (span["kind"] in ("markers", "effect-cleanup")):
                self.faults.append(f"{where}: location of {span['kind']}")
            if (span["parent"] is None) != (span["kind"] in ("markers", "test")):
                self.faults.append(f"{where}: parent of {span['kind']}")
            # The clean-up of a dependency comes after that of the effect which releases it. A call that fails has no
            # end.
            outer = self.spans.get(span["parent"], span)
            times = [outer["start_ts"], span["start_ts"], span["end_ts"], outer["end_ts"]]
            times = [time for time in times if time is not None]
            if span["kind"] != "effect-cleanup" and times != sorted(times):
                self.faults.append(f"{where}: {span['kind']} lasts longer than what it is within: {span} {outer}")
        kinds = [span["kind"] for span in self.spans.values()]
        if kinds[0] != "markers" or (self.outcome["kind"] == "skip") == ("test" in kinds):
            self.faults.append(f"spans {kinds}")

    def check_events(self):
        numbers = [event["seq"] for event in self.events], [event["seq"] for event in self.buffer]
        if any(each != sorted(each) for each in numbers) or sorted(sum(numbers, [])) != list(range(sum(map(len, numbers)))):
            self.faults.append(f"seq {numbers}")
        matched = {event["seq"] for event in self.buffer if event["kind"] == "matched"}
        for event in self.events:
            where = f"event {event['seq']}"
            self.fields(where, event, EVENT)
            self.kind_of(where, event, EVENTS)
            self.location(where, event["source"])
            if event["kind"] in WITHOUT_SOURCE and event["source"] is not None:
                self.faults.append(f"{where}: {event['kind']} has a source")
            if event["span"] not in self.spans:
                self.faults.append(f"{where}: span {event['span']}")
            if (event["shell"] is None) != (event["shell_marker"] is None):
                self.faults.append(f"{where}: shell {event['shell']} {event['shell_marker']}")
            if event["kind"] == "error" and (event["shell"], event["shell_marker"]) != ("", ""):
                self.faults.append(f"{where}: an error in shell {event['shell']}")
            if event["shell_marker"] and event["shell_marker"] not in self.data["shells"]:
                self.faults.append(f"{where}: shell {event['shell_marker']}")
            for name in ("effective", "timeout", "previous"):
                if isinstance(event.get(name), dict):
                    self.timeout(f"{where}, {event['kind']}", event[name])
            for name in ("buffer_seq", "advance_to"):
                if event.get(name) is not None and event[name] not in matched:
                    self.faults.append(f"{where}: {name} {event[name]}")
            if event["kind"] == "bool-check":
                self.kind_of(where, event["evaluation"], EVALUATIONS, "shape")
            if event["kind"] == "cancelled":
                self.kind_of(where, event["reason"], REASONS, "type")
        for event in self.buffer:
            self.fields(f"buffer event {event['seq']}", event, BUFFER_EVENT)
            self.kind_of(f"buffer event {event['seq']}", event, BUFFER_EVENTS)

    def check_outcome(self):
        outcome = self.outcome
        self.kind_of("outcome", outcome, OUTCOMES)
        if "failure" in outcome:
            self.faults.append("outcome: what belongs to its kind is not flat")
        if outcome["kind"] == "fail":
            self.kind_of("outcome", outcome, FAILURES, "type")
        if outcome["kind"] == "cancelled":
            self.kind_of("outcome", outcome["reason"], REASONS, "type")
        if "effective" in outcome and outcome["effective"]:
            self.timeout("outcome", outcome["effective"])
        if "buffer_tail" in outcome and outcome["type"] in ("runtime", "pure-match"):
            self.faults.append("outcome: buffer_tail")
        for frame in outcome.get("call_stack", []):
            self.fields("call_stack", frame, FRAME)
            self.location("call_stack", frame["location"])
            kind = self.spans[frame["span"]]["kind"]
            if frame["kind"].replace("pure-", "") != kind:
                self.faults.append(f"call_stack: {frame}")
        if outcome.get("vars_in_scope", []) != sorted(outcome.get("vars_in_scope", [])):
            self.faults.append(f"vars_in_scope {outcome['vars_in_scope']}")

    def check(self):
        self.check_form()
        self.check_spans()
        self.check_events()
        self.check_outcome()
        return self.faults

    def all(self, kind, among=None):
        return [each for each in (among if among is not None else self.events) if each["kind"] == kind]

    def spans_of(self, kind):
        return [span for span in self.spans.values() if span["kind"] == kind]

    def frames(self):
        return [(frame["kind"], frame["name"]) for frame in self.outcome["call_stack"]]
