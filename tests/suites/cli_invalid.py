"""What an error makes invalid: the tests that reach it, and no others."""

from cli_support import listed, relux, write
from suite_checks import Project

LIBRARY = '''import deeper
fn good() {
    > echo good
    <? ^good$
}
fn bad() {
    missing()
}
pure fn bad_value() {
    "x" ? (
    "x"
}
fn calls_deeper() {
    deeper_bad()
}
effect Good {
    expose shell s
    shell s {
        > echo up
        <? ^up$
    }
}
effect BadCleanup {
    start Good
    cleanup {
        bad()
    }
}
effect Above {
    start BadCleanup
}
effect Overlaid {
    start Good { X = bad_value() }
}
fn recursive(n) {
    other(n)
}
fn other(n) {
    recursive(n)
    bad()
}
# run if bad_value()
effect Marked {
}
'''

# Name to body, and the words of the reason; none: it passes.
TESTS = {
    "before": ("shell s {\n good()\n}", None),
    "calls": ("shell s {\n bad()\n}", "relux/lib/m.relux:7:5: undefined function `missing/0`"),
    "starts": ("start Good as G\nshell G.s {\n > echo x\n <? ^x$\n}", None),
    "by a chain of starts": ("start Above", "m.relux:7:5: undefined function"),
    "by a chain of calls": ("shell s {\n calls_deeper()\n}", "relux/lib/deeper.relux:2:5: undefined function"),
    "by recursion": ("shell s {\n recursive(1)\n}", "m.relux:7:5: undefined function"),
    "by an overlay": ("start Overlaid", "m.relux:10:"),
    "by an effect's marker": ("start Marked", "invalid regex"),
    "by its own let": ("let x = bad_value()\nshell s {\n > echo ${x}\n <? ^x$\n}", "invalid regex"),
    "by its own cleanup": ("cleanup {\n bad()\n}", "undefined function"),
    "its own": ("start Nope", "relux/tests/a.relux:{line}: undefined effect `Nope`"),
    "after": ("shell s {\n good()\n}", None),
}


def suite(project):
    write(project, "Relux.toml", "")
    write(project, "relux/lib/m.relux", LIBRARY)
    write(project, "relux/lib/deeper.relux", "fn deeper_bad() {\n    nowhere()\n}\nfn unused() {\n    nowhere()\n}\n")
    text = "import m\n"
    for name, (body, _) in TESTS.items():
        text += f'test "{name}" {{\n{body}\n}}\n'
    write(project, "relux/tests/a.relux", text)


def check_reached(checks, project, name, run):
    """`run` has run the suite above."""
    text = (project.root / "relux" / "tests" / "a.relux").read_text(encoding="utf-8").splitlines()
    for test, (body, reason) in TESTS.items():
        wanted = "pass" if reason is None else "invalid"
        checks.check(f"invalid: {name}: {test} is {wanted}", run.outcome(test) == wanted, run.said())
        if reason is None:
            continue
        line = text.index(body.splitlines()[0], text.index(f'test "{test}" {{')) + 1
        said = run.tests.get(test, {}).get("skip_reason", "")
        checks.check(f"invalid: {name}: {test}: the reason", reason.replace("{line}", f"{line}:7") in said, said)
    checks.check(f"invalid: {name}: tests stand in the order of the file", list(run.tests) == list(TESTS), list(run.tests))
    count = sum(reason is None for _, reason in TESTS.values())
    checks.check(f"invalid: {name}: the counts, and exit status 1", run.status == 1 and
                 f"{count} passed; 0 failed; {len(TESTS) - count} invalid" in run.stderr, run.said())
    errors = run.stderr.count("error[E")
    checks.check(f"invalid: {name}: each error is said once", errors == 5, run.stderr)


def check_ways(checks, project):
    """With and without a cache, which keeps nothing of what reaches errors."""
    for name, words in (("without a cache", ["--no-cache"]), ("first run", []), ("second run", [])):
        check_reached(checks, project, name, relux(project, "run", *words))
    run = relux(project, "check")
    checks.check("invalid: check reports the errors", run.status == 1 and run.stderr.count("error[E") == 5
                 and not run.stdout, run.said())
    run = relux(project, "run", "--list")
    checks.check("invalid: --list has all tests in order", [key.split("::")[1] for key in listed(run)] == list(TESTS),
                 run.stdout)
    run = relux(project, "run", "-k", "before or after or ::starts")
    checks.check("invalid: what is left out decides nothing", run.status == 0 and "3 passed; 0 failed" in run.stderr,
                 run.said())
    run = relux(project, "build", "-o", project.parent / "x.rxb", program="reluxc")
    checks.check("invalid: no archive is made of errors", run.status == 1 and not (project.parent / "x.rxb").exists(),
                 run.said())


def check_mended(checks, project):
    """The cache: a body that is mended, and one that breaks, in a file whose interface stays."""
    write(project, "relux/lib/deeper.relux", "fn deeper_bad() {\n    > echo fine\n    <? ^fine$\n}\n")
    run = relux(project, "run")
    checks.check("invalid: mended below, the test that reached it passes", run.outcome("by a chain of calls") == "pass"
                 and run.outcome("calls") == "invalid", run.said())
    write(project, "relux/lib/m.relux", LIBRARY.replace("missing()", "good()").replace("? (", "? x"))
    write(project, "relux/tests/a.relux", (project.root / "relux/tests/a.relux").read_text(encoding="utf-8").replace(
        "start Nope", "start Good").replace("recursive(1)", "good()"))
    for name in ("mended", "mended, from the cache"):
        run = relux(project, "run")
        checks.check(f"invalid: {name}", run.status == 0 and run.stderr.count("error") == 0, run.said())
    write(project, "relux/lib/deeper.relux", "fn deeper_bad() {\n    nowhere()\n}\n")
    for name in ("broken again", "broken again, second run"):
        run = relux(project, "run")
        checks.check(f"invalid: {name}: the one test that reaches it", run.outcome("by a chain of calls") == "invalid"
                     and f"{len(TESTS) - 1} passed; 0 failed; 1 invalid" in run.stderr, run.said())


SMALL = {
    "an error that nothing reaches": ("fn unused() {\n missing()\n}\n", {"t": "pass"}),
    "an import that fails, and is not used": ("import nowhere\n", {"t": "pass"}),
    "two definitions of one name, not used": ("fn f() {\n}\nfn f() {\n}\n", {"t": "pass"}),
    "two definitions of one name, used": ("fn f() {\n}\nfn f() {\n}\n" + 'test "u" {\n shell s {\n f()\n }\n}\n',
                                          {"t": "pass", "u": "invalid"}),
    "a built-in that is defined anew, used": ('pure fn trim(x) {\n x\n}\ntest "u" {\n let x = trim("a")\n shell s {\n'
                                              ' > echo ${x}\n <? ^a$\n }\n}\n', {"t": "pass", "u": "invalid"}),
    "a name that can't be imported, used": ('import nowhere { f }\ntest "u" {\n shell s {\n f()\n }\n}\n',
                                            {"t": "pass", "u": "invalid"}),
    "an expectation that is not met": ('effect E {\n expect NOT_MET\n}\neffect F {\n start E\n}\ntest "u" {\n start F\n}\n'
                                       'test "v" {\n start F { NOT_MET = "1" }\n}\n',
                                       {"t": "pass", "u": "invalid", "v": "pass"}),
    "effects that start each other": ('effect A {\n start B\n}\neffect B {\n start A\n}\ntest "u" {\n start A\n}\n',
                                      {"t": "pass", "u": "invalid"}),
    "a marker of its own": ('# skip if nothing_such()\ntest "u" {\n}\n', {"t": "pass", "u": "invalid"}),
    "a syntax error": ("fn f( {\n}\n", {"t": "invalid"}),
}


def check_small(checks, project):
    for name, (text, outcomes) in SMALL.items():
        write(project, "relux/tests/small.relux",
              text + 'test "t" {\n shell s {\n > echo x\n <? ^x$\n }\n}\n')
        run = relux(project, "run", "relux/tests/small.relux")
        got = {test: run.outcome(test) for test in outcomes}
        checks.check(f"invalid: {name}", got == outcomes and "error[E" in run.stderr, f"{got}; {run.said()}")
        good = all(outcome == "pass" for outcome in outcomes.values())
        checks.check(f"invalid: {name}: exit status", run.status == (0 if good else 1), run.said())
        check = relux(project, "check", "relux/tests/small.relux")
        checks.check(f"invalid: {name}: check fails", check.status == 1, check.said())
    write(project, "relux/lib/broken.relux", "fn fine() {\n}\nfn f( {\n}\n")
    write(project, "relux/tests/small.relux", 'import broken\ntest "uses it" {\n shell s {\n fine()\n }\n}\n'
          'test "does not" {\n shell s {\n > echo x\n <? ^x$\n }\n}\n')
    for cached in ([], [], ["--no-cache"]):
        run = relux(project, "run", "relux/tests/small.relux", *cached)
        checks.check(f"invalid: what is of a file with a syntax error {cached}", run.outcome("uses it") == "invalid" and
                     run.outcome("does not") == "pass", run.said())


def check_invalid(checks, options):
    with Project(options.binaries) as project:
        suite(project)
        for part in (check_ways, check_mended, check_small):
            part(checks, project)
