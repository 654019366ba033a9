#!/usr/bin/env python3
"""What the programs say about sources before anything runs: explanations, generated pages, `check`, `.env` layers."""

import json
import re
import subprocess
import sys

from suite_checks import REPOSITORY, Checks, Project, arguments

SERVER = """effect Server {
    expect PORT
    expose log
    shell log {
        > echo up
        <? ^up$
    }
}
"""
SERVES = """import server
test "serves" {
    start Server
    shell s {
        > echo "on ${PORT}"
        <? ^on 5432$
    }
}
"""
WARNS = 'test "w" {\n    let unused = "é"\n    shell s {\n        > true\n        match_ok()\n    }\n}\n'
WRONG = 'test "x" {\n    shell s {\n        mathc_ok()\n    }\n}\n'
SKIPPED = """# skip if SLOW
test "slow one" {
    shell s {
        > true
        match_ok()
    }
}
# skip if __RELUX_RUN_ID
test "only a run knows" {
    shell s {
        > true
        match_ok()
    }
}
# skip unless uuid() ? ^a
test "chance" {
    shell s {
        > true
        match_ok()
    }
}
"""


def write(project, files):
    for name, text in files.items():
        path = project.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def check_explain(checks, project):
    diagnostics = (REPOSITORY / "frontend" / "diagnostics.def").read_text(encoding="utf-8")
    codes = re.findall(r'^DIAGNOSTIC\(\w+, "(\w+)"', diagnostics, re.MULTILINE)
    listed = project.run("explain", program="reluxc")
    checks.check("explain lists every code", [line.split()[0] for line in listed.stdout.splitlines()] == codes,
                 listed.said())
    for code in codes:
        one = project.run("explain", code, program="reluxc")
        parts = ("Wrong", "What is said to it:", "Right:", f"[{code}]")
        checks.check(f"explain {code}", one.status == 0 and all(part in one.stdout for part in parts), one.said())
    checks.check("explain takes lower case and is in relux too", project.run("explain", "e0205").status == 0)
    opcodes = (REPOSITORY / "vm" / "bytecode" / "opcodes.def").read_text(encoding="utf-8")
    names = re.findall(r'^OP\(\w+,\s*"([\w.]+)"', opcodes, re.MULTILINE)
    listed = project.run("explain", "op", program="reluxc")
    checks.check("explain op lists every opcode", [line.split()[0] for line in listed.stdout.splitlines()] == names,
                 listed.said())
    one = project.run("explain", "op", "match.re", program="reluxc")
    words = ("match.re", "pattern of the module's pool", "needs a shell", "Number 16, format ABC")
    checks.check("explain op match.re", one.status == 0 and all(word in one.stdout for word in words),
                 one.said() + one.stdout)
    for words, nearest in ((("E0250",), "E0205"), (("op", "match.er"), "match.re"), (("nonsense",), None)):
        run = project.run("explain", *words, program="reluxc")
        good = run.status == 2 and not run.stdout and (nearest is None or f"did you mean `{nearest}`?" in run.stderr)
        checks.check(f"explain {' '.join(words)} names the nearest", good, run.said())


def check_pages(checks, project):
    for page, command in (("diagnostics.md", ["explain", "--all", "--format", "markdown"]),
                          ("bytecode.md", ["explain", "op", "--all", "--format", "markdown"])):
        made = project.run(*command, program="reluxc")
        there = (REPOSITORY / "docs" / page).read_text(encoding="utf-8")
        checks.check(f"docs/{page} is current", made.stdout == there,
                     f"make it: reluxc {' '.join(command)} > docs/{page}")
    made = subprocess.run([sys.executable, REPOSITORY / "tools" / "make_wrong_programs.py", project.binaries, "--check"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    checks.check("docs/wrong_programs.md is current", made.returncode == 0,
                 "make it: tools/make_wrong_programs.py build/bin\n" + made.stdout)


def check_json(checks, project):
    write(project, {"Relux.toml": "", "relux/tests/w.relux": WARNS, "relux/tests/x.relux": WRONG,
                    "relux/tests/s.relux": SKIPPED})
    run = project.run("check", "--format", "json", extra_environment={"SLOW": "1"})
    try:
        found = json.loads(run.stdout)
    except ValueError as problem:
        checks.check("check --format json prints one document", False, f"{problem}: {run.stdout}")
        return
    checks.check("check --format json prints one document", run.status == 1 and run.stderr == "", run.said())
    by_code = {each["code"]: each for each in found["diagnostics"]}
    error = by_code.get("E0205", {})
    wanted = {"severity": "error", "file": "relux/tests/x.relux", "notes": [], "hint": None,
              "range": {"start": {"line": 3, "column": 9}, "end": {"line": 3, "column": 19}}}
    checks.check("an error as JSON", wanted.items() <= error.items() and "undefined function" in error["message"],
                 f"{error}")
    warning = by_code.get("W0302", {})
    checks.check("a warning as JSON", warning.get("severity") == "warning" and
                 warning["range"]["start"] == {"line": 2, "column": 9}, f"{warning}")
    checks.check("the counts as JSON", (found["errors"], found["warnings"], found["passed"]) == (1, 1, False),
                 f"{found}")
    checks.check("a skipped test as JSON", found["skipped"] == [
        {"file": "relux/tests/s.relux", "test": "slow one", "reason": 'skip if SLOW: SLOW is "1"'}],
                 f"{found['skipped']}")


def check_strict(checks, project):
    write(project, {"Relux.toml": "", "relux/tests/w.relux": WARNS, "relux/tests/s.relux": SKIPPED, ".env": "\nSLOW=1\n"})
    run = project.run("check")
    checks.check("warnings don't fail a check", run.status == 0 and run.stdout == "check passed\n" and
                 "warning[W0302]" in run.stderr, run.said())
    checks.check("a skipped test is mentioned with the line that decided it",
                 'skipped: s.relux/slow-one (skip if SLOW: SLOW is "1" (set at .env:2))' in run.stderr and
                 run.stderr.count("skipped:") == 1, run.said())
    run = project.run("check", "--strict")
    checks.check("--strict makes them fail it", run.status == 1 and run.stdout == "", run.said())
    run = project.run("run", "relux/tests/s.relux")
    checks.check("a run gives the same reason",
                 run.tests.get("slow one", {}).get("skip_reason") == 'skip if SLOW: SLOW is "1" (set at .env:2)',
                 run.said())


def check_layers(checks, project):
    write(project, {"Relux.toml": "", "relux/lib/server.relux": SERVER, "relux/tests/bare.relux": SERVES,
                    "relux/tests/with/deep/env.relux": SERVES, ".env": "BASE=54\n",
                    "relux/tests/with/.env": "export PORT=\"${BASE}32\"\n"})
    run = project.run("check")
    told = [line for line in run.stderr.splitlines() if line.startswith("  -->")]
    checks.check("an expectation is met by the .env file of the test's directory, not of another",
                 run.status == 1 and "effect Server expects PORT" in run.stderr and
                 all("relux/tests/bare.relux" in line or "server.relux" in line for line in told), run.said())
    run = project.run("run")
    checks.check("a test runs on its own layers", run.outcome("serves") == "pass" or
                 "1 passed; 0 failed; 1 invalid" in run.stderr, run.said())
    built = project.run("build", "relux/tests/with", "-o", "suite.rxb", program="reluxc")
    run = project.run("run", "suite.rxb", program="reluxvm")
    checks.check("so does a test of an archive", built.status == 0 and run.outcome("serves") == "pass",
                 built.said() + run.said())
    write(project, {"relux/tests/with/deep/.env": "A=1\nB='open\n"})
    for command in (("check",), ("run",)):
        run = project.run(*command)
        checks.check(f"{command[0]} names the line of a wrong .env file", run.status == 2 and
                     "relux/tests/with/deep/.env:2: the quote ' is never closed" in run.stderr, run.said())


def main():
    options = arguments(__doc__)
    checks = Checks()
    for part in (check_explain, check_pages, check_json, check_strict, check_layers):
        with Project(options.binaries) as project:
            part(checks, project)
    checks.finish()


if __name__ == "__main__":
    main()
