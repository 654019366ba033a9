"""Workflows for check_workflows.py, with what is said of them."""

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
