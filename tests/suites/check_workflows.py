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
from workflow_spellings import check_spellings

SERVERS = REPOSITORY / "tests" / "clients" / "servers.py"
DURATION = re.compile(r"(?<=\] )\d+ ms$", re.MULTILINE)

SEED_SHELL = '''name: Slow Task A
steps:
  - name: sleep
    type: shell
    command: sleep 1
  - name: done-a
    type: print
    message: "Task A finished"

---
name: Slow Task B
steps:
  - name: sleep
    type: shell
    command: sleep 1
  - name: done-b
    type: print
    message: "Task B finished"
---
name: Slow Task C
steps:
  - name: sleep
    type: shell
    command: sleep 1
'''

FULL_SUITE = '''# full-suite.yaml
name: Auth Tests
config:
  http:
    base_url: http://127.0.0.1:{HTTP}/echo
    headers:
      X-All: "{{{{ name }}}}"
steps:
  - name: test-login
    type: http
    request:
      method: POST
      url: /auth/login
      headers:
        x-one: "1"
      body:
        user: "{{{{ lower('ADA') }}}}"
        tags: [1, "{{{{ add(1, 1) }}}}"]
    extract:
      method: data.method
      body: $.data.body
    assert:
      - [status, eq, 200]
      - ["$.header['Content-Type'][0]", eq, application/json]
      - [$.data.path, eq, /echo/auth/login]
      - ["{{{{ body }}}}", not_null]
  - name: body
    type: print
    message: "{{{{ method }}}} {{{{ jsonPick(body, '$.user') }}}} {{{{ body }}}}"
---
name: Cache Tests
config:
  redis:
    addr: 127.0.0.1:{REDIS}
steps:
  - name: parallel-redis
    type: shell
    parallel: true
    commands:
      - "redis-cli -p {REDIS} SET k1 v1"
      - "redis-cli -p {REDIS} SET k2 v2"
      - "redis-cli -p {REDIS} SET k3 v3"
  - name: read
    type: db
    engine: redis
    command: [GET, k2]
    assert:
      - [$, eq, v2]
---
name: DB Tests
config:
  postgres:
    dsn: "postgres://tester:secret%20word@127.0.0.1:{POSTGRES}/postgres"
steps:
  - name: make
    type: db
    query: "CREATE TABLE IF NOT EXISTS users(id int, name text); DELETE FROM users; INSERT INTO users VALUES (1, 'Ada'), (2, null)"
  - name: check-db
    type: db
    query: "SELECT count(*) as cnt FROM users"
    assert:
      - ["$[0].cnt", "gt", 0]
  - name: types
    type: db
    query: "SELECT 1::int4 AS i, 2::int8 AS l, true AS b, null AS n, 1.5::float8 AS f, 'x' AS t"
    assert:
      - ["$[0].i", gt, 0]
      - ["$[0].l", eq, 2]
      - ["$[0].b", eq, true]
      - ["$[0].n", eq, null]
      - ["$[0].f", eq, 1.5]
      - ["$[0].t", ne, true]
  - name: none
    type: db
    query: SELECT * FROM users WHERE id = 99
    assert:
      - [$, eq, []]
'''

# Traps of section 6 of the specification that fit into one document: a name and the steps.
TRAPS = {
    "ampersands and quotes go as they are": '''
  - name: url
    type: http
    request:
      url: "http://127.0.0.1:{HTTP}/echo?q={{{{ value }}}}"
    extract: {{path: $.data.path}}
  - name: shell
    type: shell
    command: "printf '%s' '{{{{ value }}}}'"
    assert: [[$, eq, "a&b \\"c\\""]]
  - name: sql
    type: db
    engine: sqlite
    query: "SELECT '{{{{ value }}}}' AS v"
    assert: [["$[0].v", eq, "a&b \\"c\\""]]
''',
    "a trailing newline is no part of the output": '''
  - name: newline
    type: shell
    command: "printf 'five\\\\n\\\\n'"
    extract: {{five: $.stdout_0}}
    assert: [[$, eq, five], [stdout_0, eq, five]]
  - name: again
    type: shell
    command: "test '{{{{ five }}}}' = five"
''',
    "numbers read wholly": '''
  - name: numbers
    type: shell
    command: 'echo "{{\\"a\\": \\"5 apples\\", \\"n\\": \\"5\\", \\"b\\": true}}"'
    assert:
      - [$.n, eq, 5]
      - [$.a, ne, 5]
      - [$.b, ne, "true"]
      - [$.missing, eq, null]
''',
    "an extracted variable hides one of the environment": '''
  - name: before
    type: print
    message: "{{{{ TRAP }}}}"
  - name: extract
    type: shell
    command: echo extracted
    extract: {{TRAP: $}}
  - name: after
    type: shell
    command: "test '{{{{ TRAP }}}}' = extracted && test $TRAP = environment"
''',
    "paths of what all steps see": '''
  - name: lists
    type: shell
    command: "echo '{{\\"a\\": [1, 2, 3], \\"b\\": {{\\"id\\": 7}}, \\"c\\": [{{\\"id\\": 8}}]}}'"
    extract: {{last: "$.a[-1]", all: "$.a[*]", some: "$.a[0:2]", ids: $..id}}
    assert:
      - [$.a, contains, 2]
      - ["$.a[0]", in, [1, 9]]
      - {{path: $.b, op: not_null}}
  - name: see
    type: if
    condition: [last, ge, 3]
    then:
      - name: then-step
        type: print
        message: "{{{{ last }}}} {{{{ all }}}} {{{{ some }}}} {{{{ ids }}}}"
    assert: [[last, eq, 3]]
  - name: each
    type: loop
    foreach: "all, item"
    steps:
      - name: "inner"
        type: shell
        command: "echo {{{{ index }}}}:{{{{ item }}}}"
        extract: {{latest: $}}
  - name: latest
    type: print
    message: "{{{{ latest }}}}"
''',
}

# What fails: steps, and what the lines must hold.
FAILURES = {
    "undefined variable": ('''
  - name: undefined
    type: print
    message: "{{{{ valeu }}}}"
''', ["FAIL    undefined [print]", "undefined variable `valeu`; did you mean `value`?", 'message: "{{ valeu }}"']),
    "wrong type of comparison": ('''
  - name: types
    type: shell
    command: echo '"text"'
    assert: [[$, gt, 3], [$, eq, x], [$, contains, ex]]
''', ["assert[0] $: expected gt 3, got \"text\"", "string", "assert[1] $: expected eq \"x\", got \"text\""]),
    "an answer that is not the expected one": ('''
  - name: status
    type: http
    request: {{url: "http://127.0.0.1:{HTTP}/status?code=500"}}
    assert: [[status, eq, 200]]
''', ["assert[0] status: expected eq 200, got 500", "sent: GET `http://127.0.0.1:{HTTP}/status?code=500`",
      'came back: {"status":500']),
    "no match": ('''
  - name: nothing
    type: shell
    command: echo '{{}}'
    extract: {{token: $.data.token}}
''', ["extract token: nothing at $.data.token"]),
    "a command that fails": ('''
  - name: command
    type: shell
    commands: ["true", "echo out; echo wrong >&2; exit 7", "touch never"]
''', ["commands[1]: `echo out; echo wrong >&2; exit 7` ended with status 7", "stderr: wrong", "stdout: out"]),
    "the lowest of the parallel ones": ('''
  - name: parallel
    type: shell
    parallel: true
    commands: ["sleep 0.3; exit 4", "exit 5", "sleep 0.1"]
''', ["commands[0]: `sleep 0.3; exit 4` ended with status 4"]),
    "a command past its time-out": ('''
  - name: slow
    type: shell
    timeout: 300ms
    command: "sleep 1000 & sleep 1000"
''', ["FAIL    slow [shell]", "timed out after 300ms"]),
    "a server that never answers": ('''
  - name: never
    type: http
    timeout: 300ms
    request: {{url: "http://127.0.0.1:{HTTP}/never"}}
''', ["timed out after 300ms", "GET http://127.0.0.1:{HTTP}/never"]),
    "a slow server": ('''
  - name: slow
    type: http
    timeout: 300ms
    request: {{url: "http://127.0.0.1:{HTTP}/slow"}}
''', ["timed out after 300ms"]),
    "a server that closes half-way": ('''
  - name: half
    type: http
    request: {{url: "http://127.0.0.1:{HTTP}/half"}}
''', ["GET http://127.0.0.1:{HTTP}/half:"]),
    "a redirect loop": ('''
  - name: loop
    type: http
    request: {{url: "http://127.0.0.1:{HTTP}/loop"}}
''', ["more than 10 redirects"]),
    "100 MB": ('''
  - name: large
    type: http
    request: {{url: "http://127.0.0.1:{HTTP}/large?megabytes=100"}}
''', ["larger than the limit of 67108864 bytes"]),
    "nobody there": ('''
  - name: closed
    type: http
    request: {{url: "http://127.0.0.1:1/"}}
''', ["GET http://127.0.0.1:1/"]),
    "a relative address without a base": ('''
  - name: relative
    type: http
    request: {{url: /x}}
''', ["`/x` is relative, and config.http.base_url is not set"]),
    "wrong SQL": ('''
  - name: sql
    type: db
    engine: sqlite
    query: SELECT nonsense
''', ["no such column: nonsense"]),
    "a database that goes away in a query": ('''
  - name: gone
    type: db
    query: SELECT pg_terminate_backend(pg_backend_pid())
''', ["terminating connection"]),
    "a query past its time-out": ('''
  - name: slow
    type: db
    timeout: 300ms
    query: SELECT pg_sleep(1000)
''', ["timed out after 300ms"]),
    "an error of Redis": ('''
  - name: redis
    type: db
    engine: redis
    command: [INCR, "{{{{ value }}}}", extra]
''', ["ERR wrong number of arguments"]),
    "a list that is none": ('''
  - name: loop
    type: loop
    foreach: "value, item"
    steps: [{{name: inner, type: print, message: x}}]
''', ["FAIL    loop [loop]", "a string"]),
    "a directory that is not there": ('''
  - name: directory
    type: shell
    dir: /tmp/relux-no-such-directory
    command: pwd
''', ["FAIL    directory [shell]", "dir: /tmp/relux-no-such-directory is no directory"]),
    "a step in a branch": ('''
  - name: branch
    type: if
    condition: [value, not_null]
    then: [{{name: inner, type: shell, command: "exit 3"}}]
''', ["FAIL    inner [shell]", "FAIL    branch [if]", "step inner failed"]),
}

HEAD = '''name: {name}
config:
  vars: {{value: 'a&b "c"'}}
  postgres: {{dsn: "postgres://tester:secret%20word@127.0.0.1:{POSTGRES}/postgres"}}
  redis: {{addr: "127.0.0.1:{REDIS}"}}
steps:'''

PROBLEMS = '''name: One
steps:
  - name: a
    type: htp
---
name: Two
stepz: []
---
name: Three
version: v9
steps:
  - name: a
    type: print
    message: "{{ uper(x) }}"
    assert: [[$, eq, 1]]
  - name: a
    type: shell
    command: "true"
    extract: {x: "$.["}
'''


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
