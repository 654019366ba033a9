"""Parts of check_attacks.py: ways around the masking of secrets, and masks where there is no secret."""

import itertools

from suite_checks import Project, write

LIMIT = 60
# With all that some writer escapes: quotes, backslashes, markup, percent signs, a slash.
AWKWARD = 'p"a\\ss&<w>o\'rd%/42'
PLAIN = "kei4Hohx"


def everything(project, run):
    """(name, text) of all that a person or a program reads of a run."""
    yield "stdout", run.stdout
    yield "stderr", run.stderr
    for path in sorted(run.directory.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(run.directory)), path.read_text(encoding="utf-8", errors="replace")
    summary = project.root / "step-summary.md"
    if summary.exists():
        yield summary.name, summary.read_text(encoding="utf-8")


def forms_of(secret):
    """The secret as it would stand in text, JSON, TOML, XML, HTML and a quoted value."""
    quoted = secret.replace("\\", "\\\\").replace('"', '\\"')
    markup = secret.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    forms = {secret, quoted, quoted.replace("\\", "\\\\").replace('"', '\\"'), markup, markup.replace('"', "&quot;"),
             quoted.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;"), quoted.replace("/", "\\/")}
    return forms


def check_masked(checks, name, project, run, secrets):
    found = [(file, form) for file, text in everything(project, run) for secret in secrets for form in forms_of(secret)
             if form in text]
    checks.check(f"{name}: no report, log or line has it, however it is written", not found, f"{found[:5]}")
    checks.check(f"{name}: what was masked shows", any("***" in text for _, text in everything(project, run)), run.said()[-600:])


def check_escaped(checks, options):
    """A secret that is shown escaped, cut or within another text."""
    with Project(options.binaries) as project:
        write(project, "Relux.toml", 'language = "0.8"\n')
        write(project, "relux/tests/shows.relux", '''fn inner(text) {
    <~10ms= ${text}
}
test "a value that is not another" {
    let seen := "${DB_PASSWORD}"
    seen = something else
}
test "a value that does not match" {
    let seen := "before ${DB_PASSWORD} after"
    seen ? ^never$
}
# skip if DB_PASSWORD ? never
test "a marker" {
    shell s {
        > true
    }
}
test "a call" {
    shell s {
        inner(DB_PASSWORD)
    }
}
test "output" {
    shell s {
        > printf '%s\\n' "$DB_PASSWORD"; printf '{"password": "%s"}\\n' "$JSON_FORM"
        <~50ms? ^never$
    }
}
test "a long line" {
    shell s {
        !? ^fai''l
        > printf '%s' xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx "$DB_PASSWORD" yyyyy; echo
        <~50ms? ^x+z
    }
}
test "learned" {
    shell s {
        > echo '"quo''ted"\\\\value-17'
        <? ^("quoted".*-17)$
        let api_token := $1
        <~50ms= ${api_token}
    }
}
''')
        quoted = AWKWARD.replace("\\", "\\\\").replace('"', '\\"')
        run = project.run("run", "--junit", "--tap", "--trace-file", "trace.json", "--stats", limit=LIMIT, extra_environment={
            "DB_PASSWORD": AWKWARD, "JSON_FORM": quoted, "GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(project.root / "step-summary.md")})
        checks.check("escaped: the tests fail as they should", run.status == 1 and run.outcome("a value that is not another") == "fail",
                     run.said()[-600:])
        check_masked(checks, "escaped", project, run, [AWKWARD, '"quoted"\\value-17'])
        trace = (project.root / "trace.json").read_text(encoding="utf-8")
        checks.check("escaped: nor has the trace", not any(form in trace for form in forms_of(AWKWARD)))


def shown(project, *words):
    """What a run of a test that prints the variables shows of them: {name: shown text}."""
    run = project.run("run", *words, limit=LIMIT)
    text = (run.log_directory("shows") / "s.stdout.raw").read_text(encoding="utf-8")
    lines = [line.rstrip("\r").split("=", 1) for line in text.splitlines() if line.count("=") == 1]
    return run, {name.removeprefix("shown-"): value for name, value in lines if name.startswith("shown-")}


def prints(names):
    return 'test "shows" {\n    shell s {\n' + "".join(
        f"        > echo shown-{name}=${name}\n        <? ^shown-{name}=.*$\n" for name in names) + "    }\n}\n"


MASKED = {"GITHUB_PAT": PLAIN, "BEARER": "abcd1234", "HTTP_AUTHORIZATION": "Basic-Zm9vOmJhcg", "AUTH_TOKEN": "abc-1", "AUTH_KEY": "abc-2",
          "apiKey": "abc-3", "dbPassword": "abc-4", "PGPASSWORD": "abc-5", "AWS_SECRET_ACCESS_KEY": "abc/6", "SESSION_TOKENS": "abc-7",
          "MY_APIKey": "abc-8", "X_TOKEN2": "abc-9", "LISTED": "enabled", "LISTED_NUMBER": "34567"}
NOT_MASKED = {"PATTERN": "pat-tern-1", "TOKENIZER": "tok-eniser", "SECRETARY": "sec-retary", "PATH_OF_IT": "pa-th", "COMPATIBLE": "com-pat", "KEY_ID": "key-id1",
              "TOKEN_PORT": "23456", "TOKEN_RATIO": "1.25", "TOKEN_FILE": "/run/secrets/token", "SECRET_ENABLED": "true", "PASSWORD_MODE": "required",
              "PIN_TOKEN": "abc", "MONKEY": "mon-key"}


def check_names(checks, options):
    """Which variables are secret goes by words of their names, and never by the name alone for what is everywhere."""
    with Project(options.binaries) as project:
        write(project, "Relux.toml", '[report]\nmask = ["LISTED*"]\n')
        values = MASKED | NOT_MASKED
        write(project, ".env", "".join(f"{name}='{value}'\n" for name, value in values.items()))
        write(project, "relux/tests/shows.relux", prints(values))
        run, found = shown(project)
        checks.check("names: the test passes", run.status == 0, run.said()[-600:])
        for name in MASKED:
            checks.check(f"{name} is a secret", found.get(name) == "***", f"{found.get(name)}")
        for name, value in NOT_MASKED.items():
            checks.check(f"{name}={value} is none", found.get(name) == value, f"{found.get(name)}")
        doctor = project.run("doctor", limit=LIMIT)
        checks.check("doctor names what is too short", "never masked: PIN_TOKEN" in doctor.stdout and "4 characters" in doctor.stdout, doctor.stdout)


def check_urls(checks, options):
    """Of a URL in any variable the password is secret, and nothing else."""
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        write(project, ".env", "DATABASE=postgres://ann:SECRET@db.example/shop\nMIRROR=\"first http://x.example then redis://:o%70en-9@y.example:6379/0\"\n"
              "HOME_PAGE=http://ann@example:80/a:b@c\n")
        write(project, "relux/tests/shows.relux", '''test "shows" {
    let learned = "mysql://root:Learned1@127.0.0.1/x"
    shell s {
        > echo shown-DATABASE=$DATABASE; echo shown-MIRROR=$MIRROR; echo shown-HOME_PAGE=$HOME_PAGE; echo shown-DECODED=open-9
        <? ^shown-DECODED
        > echo shown-LEARNED=${learned}
        <? ^shown-LEARNED.*$
    }
}
''')
        run, found = shown(project)
        wanted = {"DATABASE": "postgres://ann:***@db.example/shop", "MIRROR": "first http://x.example then redis://:***@y.example:6379/0",
                  "HOME_PAGE": "http://ann@example:80/a:b@c", "DECODED": "***", "LEARNED": "mysql://root:***@127.0.0.1/x"}
        checks.check("URLs: passwords are masked, and nothing else", run.status == 0 and found == wanted, f"{found}; {run.said()[-300:]}")


# The services of the chapter on parallel execution as shells: each says where it listens, and hands out tokens by number.
SERVICES = '''effect Db {
    expect DB_PORT
    expose service
    shell service {
        > echo "listening" on ${DB_PORT}
        <~10s? ^listening on ${DB_PORT}$
    }
}
effect Auth {
    expect DB_PORT, AUTH_PORT
    start Db
    expose service
    shell service {
        > echo "auth" on ${AUTH_PORT}, db on ${DB_PORT}
        <~10s? ^auth on ${AUTH_PORT}, db on ${DB_PORT}$
    }
}
effect Tasks {
    expect DB_PORT, AUTH_PORT, TASKS_PORT
    start Db
    start Auth
    expose service
    shell service {
        > echo "tasks" on ${TASKS_PORT}
        <~10s? ^tasks on ${TASKS_PORT}$
    }
}
pure fn url(port, path) {
    "http://localhost:${port}${path}"
}
fn login(url, body) {
    > echo '${body}' to ${url}; echo token=$((41000 + 17))
    <? ^token=(.*)$
    $1
}
'''
CRUD = '''import services
test "task CRUD NUMBER" {
    """
    Log in, create a task, read it back, update it, and delete it.
    """
    let db_port = available_port()
    let auth_port = available_port()
    let tasks_port = available_port()
    let token_port = tasks_port
    start Tasks {
        DB_PORT = db_port
        AUTH_PORT = auth_port
        TASKS_PORT = tasks_port
    }
    shell client {
        log("login as alice")
        let token = login(url(token_port, "/login"), "{\\"login\\": \\"alice\\", \\"password\\": \\"alice_secret\\"}")
        log("auth token: ${token}")
        > echo "Authorization: Bearer ${token}" ${tasks_port}
        <? ^Authorization: Bearer ${token} ${tasks_port}$
        > echo failing; exit
        LAST
    }
}
'''


def check_nothing_masked(checks, options):
    """A suite of services and ports, with passwords in its own text: nothing of it is a secret."""
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "[run]\njobs = 2\n")
        write(project, "relux/lib/services.relux", SERVICES)
        for number, last in enumerate(("<? ^failing$", "<~50ms? ^never$")):
            write(project, f"relux/tests/crud_{number}.relux", CRUD.replace("NUMBER", str(number)).replace("LAST", last))
        run = project.run("run", "--junit", "--tap", limit=LIMIT)
        checks.check("services: one passes, one fails", run.outcome("task CRUD 0") == "pass" and run.outcome("task CRUD 1") == "fail", run.said()[-600:])
        masked = [name for name, text in everything(project, run) if "***" in text]
        checks.check("services: nothing is masked", not masked, f"{masked}")
        texts = list(itertools.islice(everything(project, run), 2, None))
        checks.check("services: there was something to mask", any("41017" in text for _, text in texts), f"{[name for name, _ in texts]}")


PARTS = (check_escaped, check_names, check_urls, check_nothing_masked)
