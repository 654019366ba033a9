#!/usr/bin/env python3
"""Incremental runs of tests that send: what they name is an input of theirs, and what is the run's own is none."""

import os
import re
import shutil
import time

from suite_checks import REPOSITORY, Checks, Project, arguments, tests_in, write

CLOCK_REALTIME_COARSE = 5  # of Linux; Python has no name for it
SERVICES = REPOSITORY / "docs" / "tutorial" / "services"
CACHED = re.compile(r"^test (\S+): ok \(cached\)$", re.MULTILINE)


def ran(run):
    """The paths and slugs of the tests that were run, not taken from before."""
    return set(re.findall(r"^test (\S+/\S+): (?!ok \(cached\))", run.stderr, re.MULTILINE))


def let_age(path):
    """Waits until a change could not have the time of this one any more."""
    while time.clock_gettime_ns(CLOCK_REALTIME_COARSE) <= os.stat(path).st_ctime_ns:
        pass


def append(project, name, text):
    with open(project.root / name, "a", encoding="utf-8") as file:
        file.write(text)
    let_age(project.root / name)


def check_services(checks, options):
    count = tests_in(SERVICES / "relux" / "tests")
    with Project(options.binaries, SERVICES) as project:
        def run_it(name):
            run = project.run("run", "--incremental")
            checks.check(f"services, {name}: all pass", run.status == 0 and f"{count} passed" in run.stderr, run.said())
            return run

        first = run_it("first run")
        if any(first.outcome(name) == "skipped" for name in first.tests):
            checks.check("services: curl and jq are here", False, first.said())
            return
        everything = ran(first)
        checks.check("services: the first run runs all", len(everything) == count, f"{everything}")
        second = run_it("second run")
        checks.check("services: the second runs none", len(CACHED.findall(second.stderr)) == count and not ran(second),
                     second.said())
        why = project.run("run", "--incremental", "--why", "task CRUD").stdout
        for word in ("does not run", "file auth_service.py", "file db_service.py", "file task_service.py", "program curl\n",
                     "program jq\n", "input json_service.py", "setting [shell] command"):
            checks.check(f"services: --why lists {word.strip()}", f"    {word}" in why or f"  {word}" in why, why)
        checks.check("services: --why has nothing of the run", "__RELUX_TEST_ARTIFACTS" not in why
                     and "relux/out" not in why, why)
        append(project, "db_service.py", "# changed\n")
        checks.check("services: a change of the database runs all", ran(run_it("database")) == everything)
        append(project, "task_service.py", "# changed\n")
        why = project.run("run", "--incremental", "--why", "task CRUD").stdout
        checks.check("services: --why tells the change", "runs: file task_service.py has changed" in why, why)
        of_tasks = {test for test in everything if test.startswith("tasks/")}
        again = ran(run_it("tasks"))
        checks.check("services: a change of the task service runs its tests", again == of_tasks, f"{again}")
        append(project, "json_service.py", "# changed\n")
        checks.check("services: a change of what they import runs all", ran(run_it("import")) == everything)
        os.utime(project.root / "db_service.py")
        let_age(project.root / "db_service.py")
        checks.check("services: a new time is no change", not ran(run_it("time")))


# What a test sends, and the file or program that it depends on by that.
NAMING = {
    "relative": ("cat data/relative", "data/relative"),
    "absolute": ("cat ${__RELUX_SUITE_ROOT}/data/absolute", "data/absolute"),
    "the shell's variable": ('cat "$__RELUX_SUITE_ROOT/data/variable"', "data/variable"),
    "at home": ("cat ~/data/home", "data/home"),
    "the shell's directory": ('cat "$PWD/data/directory"', "data/directory"),
    "a pattern": ("cat data/patt*.txt", "data/pattern.txt"),
    "set in the shell": ("D=data/set; cat $D", "data/set"),
    "in quotes": ("cat 'data/in quotes'", "data/in quotes"),
    "with dots": ("cat ./data/../data//dots", "data/dots"),
    "of a subdirectory": ("cd data && cat of", "data/of"),
    "option": ("echo --config=data/option", "data/option"),
    "at sign": ("echo @data/at", "data/at"),
    "input": ("cat <data/input", "data/input"),
    "nested": ("sh -c 'cat data/nested; true'", "data/nested"),
    "substituted": ('echo "$(cat data/substituted)"', "data/substituted"),
    "added to": ("cat data/joined | cat", "data/joined"),
    "program of the project": ("bin/own", "bin/own"),
    "first": ("tool-a", "tools/tool-a"),
    "after a semicolon": (": ; tool-b", "tools/tool-b"),
    "after and": ("true && tool-c", "tools/tool-c"),
    "after a pipe": ("echo | tool-d", "tools/tool-d"),
    "after a setting": ("X=1 tool-e", "tools/tool-e"),
    "after env": ("env -u X Y=2 tool-f", "tools/tool-f"),
    "after exec": ("(exec tool-g)", "tools/tool-g"),
    "in a condition": ("if tool-h; then echo; fi", "tools/tool-h"),
    "in a substitution": ("echo $(tool-i)", "tools/tool-i"),
    "of another PATH": ("PATH=$__RELUX_SUITE_ROOT/bin:$PATH; other", "bin/other"),
}


def test(name, *lines):
    sends = "\n".join(f"        > {line}\n        match_prompt()" for line in lines)
    return f'test "{name}" {{\n    shell s {{\n{sends}\n    }}\n}}\n'


def slug(name):
    return "naming.relux/" + name.lower().replace("'", "-").replace(" ", "-")


def fill(project):
    write(project, "Relux.toml", "")
    write(project, "relux/tests/naming.relux", "".join(test(name, line) for name, (line, _) in NAMING.items()))
    for _, file in NAMING.values():
        write_file(project, file, "1")


def write_file(project, name, content):
    """By a rename, as installers do."""
    new = write(project, name + ".new", f"#!/bin/sh\necho {content}\n")
    new.chmod(0o755)
    new.rename(project.root / name)
    let_age(project.root / name)


def check_naming(checks, options):
    with Project(options.binaries) as project:
        fill(project)
        host = {"PATH": f"{project.root}/tools:{os.environ['PATH']}", "HOME": str(project.root)}
        run = project.run("run", "--incremental", extra_environment=host)
        checks.check("naming: all pass", run.status == 0 and len(ran(run)) == len(NAMING), run.said())
        run = project.run("run", "--incremental", extra_environment=host)
        checks.check("naming: nothing has changed", run.status == 0 and not ran(run), run.said())
        for number, (name, (line, file)) in enumerate(NAMING.items()):
            write_file(project, file, f"changed {number}")
            kind = "program" if file.startswith(("tools/", "bin/other")) else "file"
            shown = file.rsplit("/", 1)[1] if kind == "program" else file
            if "*" in line:
                kind, shown = "files", line.split()[1]
            why = project.run("run", "--incremental", "--why", name, extra_environment=host).stdout
            checks.check(f"naming, {name}: --why tells", f"{kind} {shown}" in why.split("\n")[1]
                         and "has changed" in why.split("\n")[1], why)
            run = project.run("run", "--incremental", extra_environment=host)
            checks.check(f"naming, {name}: `{line}` is run again, and nothing else", ran(run) == {slug(name)}, run.said())
            (project.root / file).unlink()
            again = project.run("run", "--incremental", "--why", name, extra_environment=host).stdout
            checks.check(f"naming, {name}: without it too", "is no longer there" in again, again)
            write_file(project, file, "1")
            project.run("run", "--incremental", extra_environment=host)


OWN = (test("own variables", 'echo "$__RELUX_TEST_ARTIFACTS $__RELUX_RUN_ID $PS1 $PS2 $HISTFILE $TERM $PROMPT_COMMAND"',
            "echo ${__RELUX_TEST_ARTIFACTS} ${__RELUX_RUN_ID} ${__RELUX_RUN_ARTIFACTS} ${__RELUX_TEST_ID} ${PS1}",
            "echo x > ${__RELUX_TEST_ARTIFACTS}/x; cat ${__RELUX_TEST_ARTIFACTS}/x")
       + test("a variable of the shell", 'echo "[$FROM_HOST]"')
       + test("its own output", "echo x > made; cat made")
       + test("not there", "test -e late || test -e data/later || cat data/deep/latest")
       + test("no program", "not-there-at-all")
       + test("a directory", "ls data"))


def check_other(checks, options):
    """What is not in the key, and what is in it though nothing names a file that is there."""
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        write(project, "relux/tests/naming.relux", OWN)
        write(project, "data/some")
        host = {"PATH": f"{project.root}/tools:{os.environ['PATH']}"}

        def run_it(**more):
            run = project.run("run", "--incremental", extra_environment=host | more)
            checks.check("others: all pass", run.status == 0, run.said())
            return ran(run)

        checks.check("others: all run", len(run_it()) == OWN.count('test "'))
        checks.check("others: none runs again", not run_it())
        checks.check("others: a variable that a shell is asked for", run_it(FROM_HOST="1") == {slug("a variable of the shell")})
        host["FROM_HOST"] = "1"
        for name in ("late", "data/later", "data/deep"):
            if name == "data/deep":
                (project.root / name).mkdir()
            else:
                write(project, name)
            let_age(project.root / name)
            why = project.run("run", "--incremental", "--why", "not there", extra_environment=host).stdout
            checks.check(f"others: {name} has come: --why", f"runs: file {name} is there now" in why, why)
            checks.check(f"others: {name} has come", run_it() == {slug("not there")})
        write_file(project, "tools/not-there-at-all", "1")
        checks.check("others: a program has come", run_it() == {slug("no program")})
        write(project, "data/another")
        checks.check("others: a directory's entries are no input", not run_it())
        why = project.run("run", "--incremental", "--why", "a directory", extra_environment=host).stdout
        checks.check("others: and --why says so", "directory data, not what is in it" in why, why)
        write(project, "relux/tests/naming.relux", OWN + test("grows", "echo x >> data/grows; cat data/grows"))
        checks.check("others: a test that changes its input runs", run_it() == {slug("grows")})
        checks.check("others: and always", run_it() == {slug("grows")})
        why = project.run("run", "--incremental", "--why", "grows", extra_environment=host).stdout
        checks.check("others: and --why says so", "file data/grows was changed while the run went on" in why, why)


WORKFLOW = '''name: commands
steps:
  - name: read
    type: shell
    commands: ["cat data/of-workflow"]
'''


def check_workflow(checks, options):
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        write(project, "relux/tests/commands.yaml", WORKFLOW)
        let_age(write(project, "data/of-workflow", "1\n"))
        runs = [project.run("run", "--incremental") for _ in range(2)]
        let_age(write(project, "data/of-workflow", "2\n"))
        runs.append(project.run("run", "--incremental"))
        checks.check("workflow: run, known, and run again when what its command names has changed",
                     [len(ran(run)) for run in runs] == [1, 0, 1] and not any(run.status for run in runs),
                     " | ".join(run.said() for run in runs))


def main():
    options = arguments(__doc__)
    checks = Checks()
    if shutil.which("curl") and shutil.which("jq"):
        check_services(checks, options)
    check_naming(checks, options)
    check_other(checks, options)
    check_workflow(checks, options)
    checks.finish()


if __name__ == "__main__":
    main()
