#!/usr/bin/env python3
"""YAML workflows by `relux flow` and in projects, against a real web server, PostgreSQL, Redis and SQLite."""

import json
import os
import re
import signal
import subprocess
import sys
import time

from suite_checks import REPOSITORY, Checks, Project, arguments
from workflow_documents import FAILURES, FULL_SUITE, HEAD, PROBLEMS, SEED_SHELL, TRAPS
from workflow_spellings import check_spellings

SERVERS = REPOSITORY / "tests" / "clients" / "servers.py"
DURATION = re.compile(r"(?<=\] )\d+ ms$", re.MULTILINE)


def ports():
    return {name: os.environ[f"RELUX_TEST_{name}_PORT"] for name in ("HTTP", "POSTGRES", "REDIS")}


def plain(text):
    return DURATION.sub("N ms", text)


def document(name, steps):
    return (HEAD + steps).format(name=json.dumps(name), **ports())


def flow(project, *words, **options):
    return project.run("flow", "run", *words, **options)


def check_seed(checks, project):
    (project.root / "slow-tasks.yaml").write_text(SEED_SHELL)
    one = flow(project, "slow-tasks.yaml")
    three = flow(project, "slow-tasks.yaml", "--concurrency", "3")
    checks.check("three workflows that sleep a second take three one by one, and less at once",
                 one.status == 0 and three.status == 0 and one.seconds >= 3 and three.seconds < one.seconds - 1,
                 f"{one.seconds} and {three.seconds}: {one.stderr}{three.stderr}")
    checks.check("what they print is the same but for durations", plain(one.stdout) == plain(three.stdout),
                 one.stdout + three.stdout)
    checks.check("the lines are those of the specification", plain(one.stdout) == '''workflow: Slow Task A (slow-tasks.yaml#1)
  PASS    sleep [shell] N ms
  PASS    done-a [print] N ms
          Task A finished
workflow: Slow Task B (slow-tasks.yaml#2)
  PASS    sleep [shell] N ms
  PASS    done-b [print] N ms
          Task B finished
workflow: Slow Task C (slow-tasks.yaml#3)
  PASS    sleep [shell] N ms
summary:
  PASSED  Slow Task A (slow-tasks.yaml#1)
  PASSED  Slow Task B (slow-tasks.yaml#2)
  PASSED  Slow Task C (slow-tasks.yaml#3)
3 workflows: 3 passed, 0 failed, 0 skipped
''', one.stdout)
    # Templates are rendered when a step starts, before it has extracted anything.
    (project.root / "full-suite.yaml").write_text(FULL_SUITE.format(**ports()).replace(
        '      - ["{{ body }}", not_null]\n', ""))
    outputs = set()
    for concurrency in ("1", "4"):
        run = flow(project, "full-suite.yaml", "--concurrency", concurrency, "--fail-fast")
        checks.check(f"the full suite passes at -c {concurrency}", run.status == 0, run.stdout + run.stderr)
        outputs.add(plain(run.stdout))
    checks.check("the full suite prints the same at -c 1 and 4", len(outputs) == 1, str(outputs))
    checks.check("an HTTP body is rendered and sent as JSON",
                 'POST ada {"user":"ada","tags":[1,2]}' in outputs.pop(), run.stdout)


def check_traps(checks, project):
    for name, steps in TRAPS.items():
        (project.root / "trap.yaml").write_text(document(name, steps))
        run = flow(project, "trap.yaml", extra_environment={"TRAP": "environment"})
        checks.check(f"trap: {name}", run.status == 0, run.stdout + run.stderr)
    checks.check("values of loops and branches", "3 [1,2,3] [1,2] [7,8]" in run.stdout and "2:3" in run.stdout, run.stdout)


def check_failures(checks, project):
    files = []
    for number, (name, (steps, _)) in enumerate(FAILURES.items()):
        files.append(f"failure-{number:02}.yaml")
        (project.root / files[-1]).write_text(document(name, steps))
    run = flow(project, "failure-*.yaml", "-c", "8")
    blocks = run.stdout.split("workflow: ")[1:]
    checks.check("failures end with status 1", run.status == 1, f"{run.status} {run.stderr}")
    for block, (name, (_, words)) in zip(blocks, FAILURES.items()):
        wanted = [word.format(**ports()) if "{HTTP}" in word else word for word in words]
        missing = [word for word in wanted if word not in block]
        checks.check(f"failure: {name}", block.startswith(name) and not missing, f"no {missing} in {block}")
    checks.check("later steps do not run", not (project.root / "never").exists())
    project.check_nothing_left(checks, "failures")


def check_problems(checks, project):
    (project.root / "bad.yaml").write_text(PROBLEMS)
    (project.root / "ran").unlink(missing_ok=True)
    (project.root / "good.yaml").write_text('name: Good\nsteps:\n  - {name: a, type: shell, command: "touch ran"}\n')
    run = flow(project, "good.yaml", "bad.yaml", "nothing-*.yaml", "missing.yaml")
    for words in ("bad.yaml#1: steps[0].type: unknown type `htp`; did you mean `http`? (line 4, column 11)",
                  "bad.yaml#2: stepz: unknown key", "bad.yaml#3: version", "uper", "steps[1].name",
                  "steps[1].extract.x", "nothing-*.yaml: no file matches the pattern", "missing.yaml: there is no such file"):
        checks.check(f"a problem that is told: {words}", words in run.stderr, run.stderr)
    checks.check("with problems nothing runs", run.status == 2 and not (project.root / "ran").exists(), str(run.status))
    validate = project.run("flow", "validate", "bad.yaml")
    checks.check("validate tells the same, with status 1", validate.status == 1 and "unknown type" in validate.stderr,
                 validate.stderr)
    sound = project.run("flow", "validate", "good.yaml")
    checks.check("validate of what is sound runs nothing",
                 sound.status == 0 and not (project.root / "ran").exists(), sound.stderr)


def check_isolation(checks, project):
    documents = []
    for number in range(50):
        documents.append(f'''name: W{number}
steps:
  - {{name: one, type: shell, command: "echo {number}", extract: {{same: $}}}}
  - {{name: two, type: shell, command: "echo {{{{ same }}}}", assert: [[$, eq, {number}]]}}
  - {{name: three, type: print, message: "{{{{ same }}}} {{{{ add(same, 1) }}}}"}}
''')
    (project.root / "fifty.yaml").write_text("---\n".join(documents))
    first = flow(project, "fifty.yaml", "-c", "1")
    checks.check("50 workflows that extract one name to different values pass one by one", first.status == 0, first.stdout)
    same = [plain(flow(project, "fifty.yaml", "-c", "8").stdout) == plain(first.stdout) for _ in range(20)]
    checks.check("output is equal at -c 1 and -c 8 over 20 runs", all(same), str(same))


def check_fail_fast(checks, project):
    documents = ['name: F\nsteps:\n  - {name: fails, type: shell, command: "exit 1"}\n']
    documents += [f'name: Q{number}\nsteps:\n  - {{name: a, type: shell, command: "sleep 2"}}\n' for number in range(100)]
    (project.root / "queue.yaml").write_text("---\n".join(documents))
    run = flow(project, "queue.yaml", "-c", "2", "--fail-fast")
    counts = re.search(r"101 workflows: (\d+) passed, 1 failed, (\d+) skipped", run.stdout)
    checks.check("--fail-fast skips most of the queue, and what runs goes on",
                 run.status == 1 and counts is not None and int(counts[1]) >= 1 and int(counts[2]) > 90, run.stdout[-300:])
    checks.check("what was skipped is listed", "  SKIPPED Q99 (queue.yaml#101)" in run.stdout, run.stdout[-300:])
    everything = flow(project, "queue.yaml", "-c", "101")
    checks.check("without it everything runs", "100 passed, 1 failed, 0 skipped" in everything.stdout, everything.stdout[-300:])


def check_calls(checks, project):
    (project.root / "lib").mkdir(exist_ok=True)
    (project.root / "lib" / "login.yaml").write_text('''name: Login
config: {vars: {role: user}}
steps:
  - {name: compute, type: shell, command: "echo {{ user }}-{{ role }}", extract: {ticket: $}}
  - {name: other, type: shell, command: "echo other", extract: {ticket: $}}
''')
    (project.root / "lib" / "common.yaml").write_text('''name: Common
steps:
  - {name: prepare, type: shell, command: "echo {{ where }}", extract: {prepared: $}}
''')
    (project.root / "caller.yaml").write_text('''name: Caller
include:
  - {file: lib/common.yaml, with: {where: here}}
steps:
  - {name: login, type: call, file: lib/login.yaml, with: {user: ada}, target: compute, returns: {got: $.ticket}}
  - {name: again, type: call, file: lib/login.yaml, with: {user: bob, role: admin}, returns: {second: ticket}}
  - {name: show, type: print, message: "{{ prepared }} {{ got }} {{ second }}"}
  - {name: leak, type: print, message: "{{ role }}"}
''')
    run = flow(project, "caller.yaml")
    checks.check("calls, targets, returns and includes", "here ada-user other" in run.stdout, run.stdout + run.stderr)
    example = REPOSITORY / "docs" / "tutorial" / "workflows"
    done = subprocess.run([example / "with_services", project.binaries / "relux", "flow", "run", "services/notes.yaml", "-c", "3"],
                          cwd=example, capture_output=True, text=True, check=False)
    checks.check("the example passes; what is called has the connections of its caller",
                 done.returncode == 0 and "3 workflows: 3 passed" in done.stdout, done.stdout + done.stderr)
    checks.check("variables of a called workflow stay there", "undefined variable `role`" in run.stdout, run.stdout)


def check_config(checks, project):
    (project.root / "replay.yaml").write_text('''config: {vars: {a: file, b: file, c: file, d: file}}
profiles:
  ci: {vars: {b: profile, c: profile, d: profile}}
presets:
  fast: {vars: {c: preset, d: preset}}
''')
    (project.root / "config.yaml").write_text('''name: Config
config: {vars: {presets: [fast], d: own}}
steps:
  - {name: show, type: print, message: "{{ a }} {{ b }} {{ c }} {{ d }}"}
''')
    run = flow(project, "config.yaml", "--profile", "ci")
    checks.check("file, profile, preset, own", "file profile preset own" in run.stdout, run.stdout + run.stderr)
    unknown = flow(project, "config.yaml", "--profile", "cy")
    checks.check("an unknown profile is told", unknown.status == 2 and "unknown profile `cy`; use ci" in unknown.stderr, unknown.stderr)
    (project.root / "replay.yaml").unlink()


def check_interrupt(checks, project):
    (project.root / "long.yaml").write_text('''name: Long
steps:
  - {name: begun, type: print, message: begun}
  - {name: long, type: shell, command: "sleep 1000"}
  - {name: never, type: print, message: x}
---
name: Queued
steps: [{name: a, type: print, message: x}]
''')
    process = project.start("flow", "run", "long.yaml")
    started = time.monotonic()
    while "begun" not in (line := process.stdout.readline()) and line:
        pass
    while len(project.processes_left()) < 2 and process.poll() is None:
        os.sched_yield()
    process.send_signal(signal.SIGINT)
    run = project.finish(process, started)
    checks.check("an interrupt ends with 130 and the summary",
                 run.status == 130 and "FAILED  Long" in run.stdout and "SKIPPED Queued" in run.stdout, run.stdout + str(run.status))
    project.check_nothing_left(checks, "interrupt")


def mixed(number):
    return document(f"Mixed {number}", '''
  - {{name: sql, type: db, engine: sqlite, query: "CREATE TABLE t(a); INSERT INTO t VALUES (''' + str(number) + '''); SELECT a FROM t",
     extract: {{a: "$[0].a"}}}}
  - {{name: redis, type: db, engine: redis, command: [SET, "mixed-{{{{ a }}}}", "{{{{ a }}}}"]}}
  - {{name: postgres, type: db, query: "SELECT {{{{ a }}}}::int AS a", assert: [["$[0].a", eq, "{{{{ a }}}}"]]}}
  - {{name: web, type: http, request: {{url: "http://127.0.0.1:{HTTP}/echo/{{{{ a }}}}"}}, extract: {{path: $.data.path}}}}
  - {{name: shell, type: shell, command: "echo {{{{ path }}}}", assert: [[$, eq, "/echo/{{{{ a }}}}"]]}}
  - name: branch
    type: if
    condition: [a, ge, 0]
    then: [{{name: print, type: print, message: "{{{{ a }}}}"}}]
''')


def check_mixed(checks, project, count):
    (project.root / "mixed.yaml").write_text("---\n".join(mixed(number) for number in range(count)))
    before = connections()
    one = flow(project, "mixed.yaml", "-c", "1")
    between = connections()
    many = flow(project, "mixed.yaml", "-c", "32")
    checks.check(f"{count} workflows of all kinds of steps pass", one.status == 0 and many.status == 0,
                 one.stdout[-500:] + many.stdout[-500:])
    checks.check("they print the same at -c 1 and -c 32", plain(one.stdout) == plain(many.stdout))
    # One more is the question itself.
    checks.check("a workflow has one connection to a web server", between - before == count + 1, f"{between - before}")
    left = subprocess.run(["redis-cli", "-p", ports()["REDIS"], "client", "list"], capture_output=True, text=True, check=True)
    checks.check("no connection is left", len(left.stdout.splitlines()) == 1, left.stdout)


def connections():
    done = subprocess.run(["curl", "-s", "--noproxy", "*", f"http://127.0.0.1:{ports()['HTTP']}/connections"],
                          capture_output=True, text=True, check=True)
    return int(done.stdout)


def check_project(checks, options):
    with Project(options.binaries) as project:
        (project.root / "Relux.toml").write_text("")
        tests = project.root / "relux" / "tests"
        (tests / "plain.relux").write_text('test "plain" {\n  shell s {\n    > echo $((1 + 1))\n    <? ^2$\n  }\n}\n')
        (tests / "flows.yaml").write_text('''name: passes
steps:
  - {name: a, type: shell, command: "echo {{ FROM_HOST }}"}
---
name: fails
steps:
  - {name: b, type: shell, command: "echo v2", assert: [[$, eq, v1]]}
''')
        (tests / "compose.yml").write_text("services:\n  db: {image: x}\n")
        (tests / "wrong.yaml").write_text("name: wrong\nsteps:\n  - {name: a, type: prnt, message: x}\n")
        host = {"FROM_HOST": "1"}
        run = project.run("run", "-j", "3", "--junit", "--tap", extra_environment=host)
        checks.check("workflows run beside tests",
                     [run.outcome(name) for name in ("plain", "passes", "fails")] == ["pass", "pass", "fail"], run.said())
        checks.check("a wrong file is invalid with its reason", "did you mean `print`?" in run.stderr, run.stderr)
        checks.check("a failed step is told with its place", "step 'b' failed: assert[0] $: expected eq \"v1\", got \"v2\"" in run.stderr
                     and "relux/tests/flows.yaml:7:5: step \"b\"" in run.stderr, run.stderr)
        events = json.loads((run.log_directory("fails") / "events.json").read_text())
        names = [event["kind"] for event in events["events"]]
        checks.check("requests and answers are events", "request" in names and "answer" in names, str(names))
        checks.check("they are in the other reports", "fails" in (run.directory / "junit.xml").read_text()
                     and "flows.yaml" in (run.directory / "results.tap").read_text())
        (tests / "wrong.yaml").unlink()
        listed = project.run("run", "--list")
        checks.check("they are listed", "flows.yaml::passes\nflows.yaml::fails\n" in listed.stdout, listed.stdout)
        chosen = project.run("run", "-k", "passes", extra_environment=host)
        checks.check("they are filtered", list(chosen.tests) == ["passes"], chosen.said())
        project.run("run", "-j", "2", extra_environment=host)
        again = project.run("run", "--rerun", extra_environment=host)
        checks.check("they are rerun", "fails" in again.tests and "passes" not in again.tests, again.said())
        built = project.run("build", "-o", "suite.rxb", program="reluxc")
        archived = project.run("run", "suite.rxb", program="reluxvm", extra_environment=host)
        checks.check("an archive has them", built.status == 0 and archived.outcome("passes") == "pass"
                     and archived.outcome("fails") == "fail", built.stderr + archived.said())
        dumped = project.run("dump", "--bytecode", "suite.rxb", program="reluxc")
        checks.check("a dump shows them", 'workflow "passes"' in dumped.stdout and "commands" in dumped.stdout, dumped.stdout[:500])
        first = project.run("run", "--incremental", extra_environment=host)
        second = project.run("run", "--incremental", extra_environment=host)
        third = project.run("run", "--incremental", extra_environment={"FROM_HOST": "2"})
        checks.check("what passed is not run again, what failed is", first.outcome("passes") == "pass"
                     and "passes: ok (cached" in second.stderr and "fails: " in second.stderr, second.stderr)
        checks.check("a variable that a template reads makes a workflow run again", "passes: ok (cached" not in third.stderr,
                     third.stderr)
        project.check_nothing_left(checks, "project")


def main():
    if "RELUX_TEST_REDIS_PORT" not in os.environ:
        os.execv(sys.executable, [sys.executable, str(SERVERS), sys.executable, *sys.argv])
    options = arguments(__doc__, full="500 workflows of all kinds instead of 60")
    checks = Checks()
    with Project(options.binaries) as project:
        for part in (check_seed, check_traps, check_failures, check_problems, check_isolation, check_fail_fast, check_calls,
                     check_config, check_interrupt):
            part(checks, project)
        check_mixed(checks, project, 500 if options.full else 60)
        project.check_nothing_left(checks, "all")
    with Project(options.binaries) as project:
        check_spellings(checks, project)
        project.check_nothing_left(checks, "spellings")
    check_project(checks, options)
    checks.finish()


if __name__ == "__main__":
    main()
