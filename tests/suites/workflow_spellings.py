"""Spellings of workflows that existing files use, each in a file of its own, against the real servers; for
check_workflows.py."""

import dataclasses
import os
import pathlib
import signal
import sys
import tempfile

from suite_checks import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "tests" / "clients"))
import servers  # noqa: E402


@dataclasses.dataclass
class Spelling:
    """A file, how it is run, and what its output must hold and must not."""

    text: str
    holds: tuple = ()
    lacks: tuple = ()
    flags: tuple = ()
    status: int = 0
    environment: dict = dataclasses.field(default_factory=dict)


REDIS_JSON = '''name: Redis JSON
config: {redis: {addr: "127.0.0.1:@REDIS@"}}
steps:
  - {name: set, type: db, db: {engine: redis, command: [SET, user, '{"name": "ada", "tags": ["x", "y"]}']}}
  - name: get
    type: db
    db: {engine: redis, command: [GET, user]}
    extract: {whole: $, name_: $.name, last: "tags[-1]"}
    assert:
      - [$, eq, '{"name": "ada", "tags": ["x", "y"]}']
      - [$.name, eq, ada]
      - ["$.tags[*]", contains, y]
      - [res.name, eq, ada]
  - {name: show, type: print, message: "{{ name_ }} {{ last }} {{ whole }}"}
  - {name: clear, type: db, engine: redis, command: [DEL, user]}
'''

VALIDATE = '''name: Validate
config:
  vars: {port: "8080", user: ada, tags: [a], options: {x: 1}, ready: true}
  validate:
    - {name: port, type: number, required: true}
    - {name: user, type: string, pattern: "^[a-z]+$"}
    - {name: tags, type: array}
    - {name: options, type: object}
    - {name: ready, type: bool}
    - {name: host, type: string, default: "local{{ port }}"}
    - {name: FROM_HOST, type: number, required: true}
    - {name: absent, type: number}
steps:
  - {name: show, type: print, message: "{{ host }} {{ FROM_HOST }}"}
'''

INVALID = '''name: Invalid
config:
  vars: {port: http, user: "Ada 1", tags: {a: 1}}
  validate:
    - {name: port, type: number}
    - {name: user, pattern: "^[a-z]+$"}
    - {name: tags, type: array}
    - {name: host, required: true}
steps:
  - {name: never, type: shell, command: touch never-validated}
'''

SPELLINGS = {
    "shell in a map": Spelling('''name: Map
steps:
  - name: one
    type: shell
    shell: {command: "pwd; echo two", dir: /tmp, timeout: 30s}
    assert: [[$, eq, "/tmp\\ntwo"]]
  - name: several
    type: shell
    shell:
      parallel: true
      commands: [echo a, echo b]
    assert: [[$, eq, b], [stdout_0, eq, a]]
''', ("PASS    one [shell]", "PASS    several [shell]")),
    "a time-out in the map": Spelling('''name: Timeout
steps:
  - {name: slow, type: shell, shell: {command: sleep 1000, timeout: 200ms}}
''', ("timed out after 200ms",), status=1),
    "both ways at once": Spelling('''name: Both
steps:
  - name: twice
    type: shell
    command: "true"
    shell: {command: "true", cmd: x}
  - name: both
    type: shell
    shell: {commands: [a], command: b}
  - {name: none, type: shell, shell: {dir: /}}
  - {name: sql, type: db, engine: sqlite, db: {engine: sqlite, query: SELECT 1}}
''', ("steps[0].command: `command` is in `shell` too; write it once (line 5, column 14)",
      "steps[0].shell.cmd: unknown key `cmd` in `shell`", "steps[1].shell.command: a step has `command` or `commands`",
      "steps[2].shell.command: a shell step needs `command` or `commands`", "steps[3].engine: `engine` is in `db` too"),
                             status=2),
    "command with a list": Spelling('''name: List
steps:
  - {name: list, type: shell, command: [echo a, echo b], assert: [[stdout_0, eq, a], [stdout_1, eq, b]]}
''', ("PASS    list [shell]",)),
    "db in a map": Spelling('''name: DB
config: {postgres: {dsn: "postgres://tester:secret%20word@127.0.0.1:@POSTGRES@/postgres"}}
steps:
  - {name: default, type: db, db: {query: SELECT 1 AS n}, assert: [["$[0].n", eq, 1]]}
  - {name: sqlite, type: db, db: {engine: sqlite, query: SELECT 2 AS n}, assert: [["$[0].n", eq, 2]]}
''', ("PASS    default [db]", "PASS    sqlite [db]")),
    "a Redis with a password": Spelling('''name: Password
config: {redis: {addr: "127.0.0.1:@SECURED@", password: open-sesame, db: 3}}
steps:
  - {name: set, type: db, engine: redis, command: [SET, where, three]}
  - {name: which, type: db, engine: redis, command: [CLIENT, INFO], extract: {info: $}, assert: [[$, contains, " db=3 "]]}
  - {name: tell, type: print, message: "the password is open-sesame"}
''', ("PASS    which [db]", "the password is ***"), ("open-sesame",)),
    "a wrong password": Spelling('''name: Wrong password
config: {redis: {addr: "127.0.0.1:@SECURED@", password: "{{ REDIS_PASSWORD }}"}}
steps:
  - {name: ping, type: db, engine: redis, command: [PING]}
''', ("FAIL    ping [db]", ", AUTH: WRONGPASS"), ("close-sesame",), status=1,
                               environment={"REDIS_PASSWORD": "close-sesame"}),
    "http debug": Spelling('''name: Debug
config:
  http:
    base_url: http://127.0.0.1:@HTTP@/echo
    debug: true
    headers: {Authorization: Bearer t0ps3cret, X-Plain: visible, Cookie: session=abcdef}
steps:
  - {name: ask, type: http, request: {method: POST, url: /x, body: {user: ada}}}
''', ("PASS    ask [http]", "          > POST http://127.0.0.1:@HTTP@/echo/x\n", "> Authorization: ***\n", "> Cookie: ***\n",
      "> X-Plain: visible\n", '> {"user":"ada"}\n', "< 200\n", "< Content-Type: application/json\n",
      '"path":"/echo/x"'), ("t0ps3cret", "session=abcdef")),
    "no debug": Spelling('''name: Silent
config: {http: {base_url: "http://127.0.0.1:@HTTP@/echo"}}
steps:
  - {name: ask, type: http, request: {url: /x}}
''', ("PASS    ask [http]",), ("> GET",)),
    "validate": Spelling(VALIDATE, ("local8080 12",), environment={"FROM_HOST": "12"}),
    "validate lists every violation": Spelling(
        INVALID, ('config.validate: `port` must be a number, not a string: "http"',
                  'config.validate: `user` must match the pattern ^[a-z]+$, got "Ada 1"',
                  "config.validate: `tags` must be an array, not a map",
                  "config.validate: `host` is required, but missing; set it in config.vars or in the environment",
                  "FAILED  Invalid"), ("never [shell]",), status=1),
    "include with a prefix": Spelling('''name: Prefix
include:
  - {file: part.yaml, as: first, with: {word: one}}
  - {file: part.yaml, as: second, with: {word: two}}
steps:
  - {name: say, type: print, message: "{{ said }}"}
''', ("PASS    first.say [shell]", "PASS    second.say [shell]", "PASS    say [print]", "          two\n")),
    "include without what its rules want": Spelling('''name: Rules
include:
  - {file: part.yaml, as: first}
steps:
  - {name: never, type: print, message: x}
''', ("config.validate: `word` is required, but missing",), ("first.say", "never"), status=1),
    "cleanup": Spelling('''name: Cleanup
config: {vars: {kept: 1, gone: 2}}
steps:
  - {name: take, type: shell, command: echo 5, extract: {five: $}, cleanup: [gone]}
  - {name: fails, type: shell, command: exit 1, ignore_error: true, cleanup: [five]}
  - {name: see, type: if, condition: [five, eq, null], then: [{name: five-is-gone, type: print, message: "{{ kept }}"}]}
  - {name: use, type: print, message: "{{ gone }}"}
''', ("PASS    five-is-gone [print]", "undefined variable `gone`", "message: \"{{ gone }}\""), status=1),
    "ranges": Spelling('''name: Ranges
steps:
  - name: up
    type: loop
    foreach: "1..3, attempt"
    steps: [{name: up-step, type: print, message: "{{ index }}:{{ attempt }}"}]
  - name: down
    type: loop
    foreach: "2..-1, n"
    steps: [{name: down-step, type: print, message: "down {{ n }}"}]
''', ("0:1\n", "2:3\n", "down 2\n", "down -1\n"), ("3:4", "down -2")),
    "a range that is too long": Spelling('''name: Long
steps:
  - {name: long, type: loop, foreach: "1..10001, n", steps: [{name: inner, type: print, message: x}]}
''', ("steps[0].foreach: a range has at most 10000 numbers; `1..10001` has 10001 (line 3, column 39)",), status=2),
    "a template on the left": Spelling('''name: Left
config: {vars: {status: 200, user: ada, list: [1, 2], flag: false}}
steps:
  - name: number
    type: if
    condition: ["{{ status }}", gt, 100]
    then: [{name: is-number, type: print, message: x}]
  - name: text
    type: if
    condition: ["{{ user }}-{{ status }}", eq, ada-200]
    then: [{name: is-text, type: print, message: x}]
  - name: typed
    type: if
    condition: ["{{ list }}", contains, 2]
    then: [{name: is-list, type: print, message: x}]
  - name: boolean
    type: if
    condition: ["{{ flag }}", eq, false]
    then: [{name: is-boolean, type: print, message: x}]
  - name: path
    type: if
    condition: ["$.{{ upper('x') }}", not_null]
    then: [{name: never, type: print, message: x}]
''', tuple(f"PASS    is-{name} [print]" for name in ("number", "text", "list", "boolean")), ("never",)),
    "assert on print": Spelling('''name: Print
config: {vars: {user: ada, count: 3}}
steps:
  - name: good
    type: print
    message: "{{ user }}"
    assert: [[user, eq, ada], ["{{ user }}!", eq, "ada!"], ["{{ count }}", gt, 2], [$.count, le, 3]]
  - {name: bad, type: print, message: x, assert: [["{{ user }}", eq, bob], [count, eq, 4]]}
''', ("PASS    good [print]", 'assert[0] {{ user }}: expected eq "bob", got "ada"', "assert[1] count: expected eq 4, got 3"),
                                status=1),
    "a template on the left of an answer": Spelling('''name: Answer
config: {vars: {user: ada}}
steps:
  - name: shell
    type: shell
    command: 'echo "{\\"ada\\": 5}"'
    assert: [["{{ user }}", eq, ada], ["$.{{ user }}", eq, 5], ["{{ user }}", not_null]]
''', ("PASS    shell [shell]",)),
    "an undefined name on the left": Spelling('''name: Undefined
config: {vars: {user: ada}}
steps:
  - {name: typo, type: print, message: x, assert: [["{{ usr }}", eq, ada]]}
''', ("undefined variable `usr`; did you mean `user`?", "at undefined.yaml:4: - {name: typo"), status=1),
    "JSON text in Redis": Spelling(REDIS_JSON, ('ada y {"name": "ada", "tags": ["x", "y"]}',)),
    "JSON on standard output": Spelling('''name: Output
steps:
  - name: json
    type: shell
    command: echo '{"status":"up","n":[1,2]}'
    extract: {text: $.stdout, state: res.stdout.status, last: "$.stdout.n[-1]", first: "stdout_0.n[0]"}
    assert:
      - [res.stdout.status, eq, up]
      - [$.stdout, eq, '{"status":"up","n":[1,2]}']
      - [stdout.nothing, eq, null]
      - [status, eq, up]
  - {name: show, type: print, message: "{{ text }} {{ state }} {{ last }} {{ first }}"}
''', ('{"status":"up","n":[1,2]} up 2 1',)),
    "calls as deep as is asked for": Spelling('''name: Deep
steps:
  - {name: down, type: call, file: depth-1.yaml}
''', ("PASS    bottom [print]", "PASS    down [call]"), flags=("--max-call-depth", "150")),
    "calls too deep": Spelling('''name: Deep
steps:
  - {name: down, type: call, file: depth-1.yaml}
''', ("steps[0].file: calls and includes nest more than 100 deep; --max-call-depth sets how deep they may",), status=2),
    "calls deeper than is asked for": Spelling('''name: Shallow
steps:
  - {name: down, type: call, file: depth-118.yaml}
''', ("calls and includes nest more than 2 deep",), flags=("--max-call-depth", "2"), status=2),
    "functions with blanks": Spelling('''name: Blanks
config: {vars: {x: abc, n: 2}}
steps:
  - {name: show, type: print, message: '{{upper "x"}} {{ upper x }} {{ add n 3 -1 }} {{ upper (lower "Q") }} {{ add (len x) 1 }} {{ upper(trim " y ") }} {{ join (split "a,b" ",") "-" }}'}
''', ("X ABC 4 Q 4 Y a-b",)),
    "a function with blanks and too many arguments": Spelling('''name: Arity
steps:
  - {name: show, type: print, message: '{{ upper x y }} {{ uper "x" }}'}
''', ("steps[0].message: template: upper takes 1 argument, not 2",), status=2),
}

PART = '''name: Part
config:
  validate: [{name: word, type: string, required: true}]
steps:
  - {name: say, type: shell, command: "echo {{ word }}", extract: {said: $}}
'''
CIRCLE = '''name: Circle
include: [{file: circle.yaml, as: again}]
steps: [{name: a, type: print, message: x}]
'''


def filled(text, ports):
    for name, port in ports.items():
        text = text.replace(f"@{name}@", str(port))
    return text


def write_callees(root):
    (root / "part.yaml").write_text(PART)
    for number in range(1, 121):
        inner = (f"{{name: next, type: call, file: depth-{number + 1}.yaml}}" if number < 120
                 else "{name: bottom, type: print, message: x}")
        (root / f"depth-{number}.yaml").write_text(f"name: Depth\nsteps: [{inner}]\n")


def check_each(checks, project, ports):
    for name, spelling in SPELLINGS.items():
        file = "undefined.yaml" if name.startswith("an undefined") else "spelling.yaml"
        (project.root / file).write_text(filled(spelling.text, ports))
        run = project.run("flow", "run", file, *spelling.flags, extra_environment=spelling.environment)
        said = run.stdout + run.stderr
        missing = [words for words in spelling.holds if filled(words, ports) not in said]
        there = [words for words in spelling.lacks if words in said]
        checks.check(f"spelling: {name}", run.status == spelling.status and not missing and not there,
                     f"status {run.status}, no {missing}, but {there} in {said}")
    checks.check("nothing runs after a violation", not (project.root / "never-validated").exists())


def check_flags(checks, project, ports):
    (project.root / "spelling.yaml").write_text(filled(SPELLINGS["no debug"].text, ports))
    for flag in ("-d", "--debug"):
        run = project.run("flow", "run", "spelling.yaml", flag)
        checks.check(f"{flag} shows requests", run.status == 0 and "> GET http://" in run.stdout and "< 200" in run.stdout,
                     run.stdout + run.stderr)
    (project.root / "circle.yaml").write_text(CIRCLE)
    circle = project.run("flow", "validate", "circle.yaml")
    checks.check("a file that includes itself with a prefix is a circle",
                 circle.status == 1 and "includes go in a circle: circle.yaml -> circle.yaml" in circle.stderr, circle.stderr)


def check_reports(checks, project):
    (project.root / "two.yaml").write_text('''name: Good
steps: [{name: a, type: shell, command: "echo $API_TOKEN"}, {name: b, type: print, message: "{{ API_TOKEN }}"}]
---
name: Bad
steps: [{name: a, type: shell, command: exit 3}]
''')
    plain = project.run("flow", "run", "two.yaml")
    checks.check("without a flag no reports are written", not (project.root / "relux" / "out").exists(), plain.stderr)
    run = project.run("flow", "run", "two.yaml", "-j", "2", "--junit", "--tap", extra_environment={"API_TOKEN": "tok-12345"})
    latest = project.root / "relux" / "out" / "latest"
    texts = {path.relative_to(latest): path.read_text(errors="replace") for path in latest.rglob("*") if path.is_file()}
    names = {str(path) for path in texts}
    checks.check("--junit and --tap write all reports",
                 run.status == 1 and {"junit.xml", "results.tap", "run_summary.toml", "index.html"} <= names
                 and any(name.endswith("events.json") for name in names), f"{names} {run.stderr}")
    checks.check("where they are is said on standard error alone", "reports: file://" in run.stderr
                 and "reports:" not in run.stdout, run.stderr)
    checks.check("a test for each workflow", 'tests="2"' in texts.get(pathlib.Path("junit.xml"), "")
                 and "not ok 2" in texts.get(pathlib.Path("results.tap"), ""), str(texts.get(pathlib.Path("results.tap"))))
    leaks = [str(path) for path, text in texts.items() if "tok-12345" in text]
    checks.check("secrets are in no report", not leaks and "tok-12345" not in run.stdout + run.stderr, f"{leaks} {run.stdout}")
    for words, told in ((("-c", "2", "-j", "3"), "give one of them"), (("-j", "-1"), "from 0"),
                        (("--max-call-depth", "0"), "from 1")):
        wrong = project.run("flow", "run", "two.yaml", *words)
        checks.check(f"{' '.join(words)} is refused", wrong.status == 2 and told in wrong.stderr, wrong.stderr)


SECRETS = '''name: Secrets
config:
  http: {base_url: "http://127.0.0.1:@HTTP@/echo"}
  vars: {db_password: from-vars-1, plain: visible-1}
steps:
  - {name: print, type: print, message: "{{ API_TOKEN }} {{ db_password }} {{ plain }}"}
  - {name: "named {{ API_TOKEN }}", type: shell, command: "echo found-4"}
  - {name: take, type: shell, command: "echo extracted-2", extract: {session_token: $}}
  - {name: show, type: print, message: "{{ session_token }}"}
  - {name: list, type: if, condition: [plain, not_null], then: [{name: inner, type: print, message: "{{ session_token }}"}]}
  - {name: ask, type: http, request: {method: POST, url: /, body: {password: in-body-3}}, assert: [[status, eq, 418]]}
'''


def check_secrets(checks, project, ports):
    (project.root / "secrets.yaml").write_text(filled(SECRETS, ports))
    values = ("tok-98765", "from-vars-1", "extracted-2", "in-body-3")
    for words in ((), ("-c", "4"), ("-d",)):
        run = project.run("flow", "run", "secrets.yaml", *words, extra_environment={"API_TOKEN": "tok-98765"})
        said = run.stdout + run.stderr
        checks.check(f"secrets are masked by flow run {' '.join(words)}",
                     run.status == 1 and not any(value in said for value in values) and "*** *** visible-1" in said
                     and "named *** [shell]" in said and "came back: " in said, said)


def check_spellings(checks, project):
    """All of them; `project` is one that other checks use too."""
    ports = {name: os.environ[f"RELUX_TEST_{name}_PORT"] for name in ("HTTP", "POSTGRES", "REDIS")}
    write_callees(project.root)
    with tempfile.TemporaryDirectory() as directory, open(os.devnull, "wb") as log:
        secured, ports["SECURED"] = servers.start(lambda port: servers.Server(
            ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--dir", directory, "--save", "",
             "--appendonly", "no", "--requirepass", "open-sesame"],
            b"Ready to accept connections", signal.SIGKILL, log))
        try:
            check_each(checks, project, ports)
        finally:
            secured.stop()
    check_flags(checks, project, ports)
    check_reports(checks, project)
    check_secrets(checks, project, ports)
