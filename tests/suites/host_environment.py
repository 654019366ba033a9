"""What the environment in which Relux was started is to shells that nobody sits at (language 15.2)."""

from suite_checks import Project

HOST = {"COLUMNS": "40", "LINES": "10", "PAGER": "less", "GIT_PAGER": "less", "SYSTEMD_PAGER": "more",
        "MANPAGER": "less", "PSQL_PAGER": "less", "NO_COLOR": ""}
# What a shell shows of it. The text that is sent has no brackets, so its echo is not what is matched.
SHOW = 'printf "[%s]" "$COLUMNS" "$LINES" "$PAGER" "$GIT_PAGER" "$SYSTEMD_PAGER" "$MANPAGER" "$PSQL_PAGER" "$NO_COLOR"; echo'
PUT_RIGHT = "[][][cat][cat][cat][cat][cat][1]"

# The second test begins with a shell that was started early.
SHELLS = f"""effect Plain {{
    expose shell s
    shell s {{
        > {SHOW}
        <= {PUT_RIGHT}
    }}
    cleanup {{
        > {SHOW}
        <= {PUT_RIGHT}
        log("cleaned up")
    }}
}}
effect Overlaid {{
    expect PAGER
    expose shell s
    shell s {{
        > echo "overlaid with $PAGER"
        <? ^overlaid with of-the-overlay\\r$
    }}
}}
# skip unless PAGER = "cat"
# skip if COLUMNS
test "marked" {{
    PAGER ? ^cat$
    shell s {{
        > {SHOW}
        <= {PUT_RIGHT}
    }}
}}
test "early" {{
    shell s {{
        > {SHOW}
        <= {PUT_RIGHT}
    }}
}}
test "effects" {{
    start Plain
    start Overlaid {{ PAGER = "of-the-overlay" }}
    shell s {{
        > {SHOW}
        <= {PUT_RIGHT}
    }}
}}
"""
OF_THE_FILE = """# skip unless PAGER = "of-the-file"
test "a file" {
    shell s {
        > echo "by a file: $PAGER, $COLUMNS, <$NO_COLOR>"
        <= by a file: of-the-file, 123, <>
    }
}
"""
WORKFLOW = """name: Environment
steps:
  - name: show
    type: shell
    commands:
      - 'echo "[$COLUMNS][$PAGER][$NO_COLOR]"'
    assert:
      - [$.stdout, eq, "[][cat][1]"]
"""
READS = """test "reads" {
    shell s {
        > echo "the pager is ${PAGER}, the size <${COLUMNS}>"
        match_ok()
    }
}
"""


def check_shells(checks, options):
    with Project(options.binaries) as project:
        tests = project.root / "relux" / "tests"
        (project.root / "Relux.toml").write_text('name = "p"\n')
        (tests / "a.relux").write_text(SHELLS)
        (tests / "own").mkdir()
        (tests / "own" / "b.relux").write_text(OF_THE_FILE)
        (tests / "own" / ".env").write_text("PAGER=of-the-file\nCOLUMNS=123\nNO_COLOR=\n")
        names = ("marked", "early", "effects", "a file")
        runs = [("run", project.run("run", "-j", 1, extra_environment=HOST))]
        built = project.run("build", "-o", "s.rxb", program="reluxc", extra_environment=HOST)
        checks.check("host environment: builds", built.status == 0, built.said())
        runs.append(("an archive", project.run("run", "s.rxb", program="reluxvm", extra_environment=HOST)))
        for name, run in runs:
            outcomes = {test: run.outcome(test) for test in names}
            checks.check(f"host environment: {name}", set(outcomes.values()) == {"pass"}, f"{outcomes} {run.said()}")
            checks.check(f"host environment: {name}: the cleanup, too", "cleanup of" not in run.stderr, run.said())
        (tests / "a.relux").write_text('# skip unless NO_COLOR\ntest "colour" {\n    shell s {\n    }\n}\n')
        (project.root / "Relux.toml").write_text('[shell]\nterm = "xterm"\n')
        run = project.run("run", "-f", "relux/tests/a.relux", extra_environment=HOST)
        checks.check("host environment: another terminal may have colours", "NO_COLOR is empty" in run.said(),
                     run.said())


def check_workflow(checks, options):
    with Project(options.binaries) as project:
        (project.root / "w.yaml").write_text(WORKFLOW)
        run = project.run("flow", "run", "w.yaml", extra_environment=HOST)
        checks.check("host environment: a workflow", run.status == 0, run.said())


def check_incremental(checks, options):
    with Project(options.binaries) as project:
        (project.root / "Relux.toml").write_text("")
        (project.root / "relux" / "tests" / "a.relux").write_text(READS)

        def cached(**host):
            run = project.run("run", "--incremental", extra_environment=HOST | host)
            checks.check("host environment: incremental runs pass", run.status == 0, run.said())
            return "cached" in run.stdout + run.stderr

        cached()
        checks.check("host environment: what shells do not get runs nothing again", cached(COLUMNS="200", PAGER="more"))
        (project.root / ".env").write_text("PAGER=more\n")
        checks.check("host environment: a file that sets it runs the test again", not cached())
        checks.check("host environment: once", cached(PAGER="cat"))
        (project.root / ".env").write_text("PAGER=more\nCOLUMNS=80\n")
        checks.check("host environment: so does one that sets the size", not cached())


def check_host_environment(checks, options):
    check_shells(checks, options)
    check_workflow(checks, options)
    check_incremental(checks, options)
