#!/usr/bin/env python3
"""The command line: which tests run, in which order and where; what CI systems say and get; history and completions."""

import itertools
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import tomllib
import xml.etree.ElementTree

# Where Debian's packages are; the Python that runs this may be another one.
sys.path.append("/usr/lib/python3/dist-packages")

import junitparser  # noqa: E402

from suite_checks import REPOSITORY, Checks, Project, arguments, tests_in  # noqa: E402

ONE = '''test "{name}" {{
    shell s {{
        > {command}
        match_ok()
    }}
}}
'''
# With ${STATE} in the host's environment a test passes or fails as the check wants it.
GIVEN = '''test "{name}" {{
    shell s {{
        > test -e "${{__RELUX_SUITE_ROOT}}/{slug}-is-well"
        match_ok()
    }}
}}
'''
FILES = {"auth/login": ["logs in", "refuses a wrong password"], "auth/logout": ["logs out"],
         "tasks/crud": ["creates", "reads (slow)", "deletes"], "smoke": ["a/b", "is up"]}
ALL = ["auth/login.relux::logs in", "auth/login.relux::refuses a wrong password", "auth/logout.relux::logs out",
       "smoke.relux::a/b", "smoke.relux::is up",
       "tasks/crud.relux::creates", "tasks/crud.relux::reads (slow)", "tasks/crud.relux::deletes"]


def write(project, name, text):
    path = project.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def fill(project, manifest=""):
    write(project, "Relux.toml", manifest)
    for file, names in FILES.items():
        write(project, f"relux/tests/{file}.relux", "".join(ONE.format(name=name, command="true") for name in names))


def listed(run):
    return run.stdout.splitlines()


def check_filters(checks, options):
    """Each selection is listed, and what is listed is what runs."""
    selections = {
        (): ALL,
        ("relux/tests/auth",): ALL[:3],
        ("-f", "relux/tests/smoke.relux", "relux/tests/auth/logout.relux"): [*ALL[3:5], ALL[2]],
        ("-f", "relux/tests/smoke.relux", "-t", "is up"): [ALL[4]],
        ("relux/tests/auth/login.relux", "-t", "logs in", "-t", "refuses a wrong password"): ALL[:2],
        ("-k", "auth"): ALL[:3],
        ("-k", "log"): ALL[:3],
        ("-k", "auth/* and not logs"): [ALL[1]],
        ("-k", "*::creates"): [ALL[5]],
        ("-k", "creates or deletes"): [ALL[5], ALL[7]],
        ("-k", "not (auth or tasks)"): ALL[3:5],
        ("-k", "not not smoke"): ALL[3:5],
        ("-k", "(auth or tasks) and (creates or 'logs in')"): [ALL[0], ALL[5]],
        ("-k", "/^tasks.*(creates|slow)/"): ALL[5:7],
        ("-k", r"/a\/b/"): [ALL[3]],
        ("-k", '"reads (slow)"'): [ALL[6]],
        ("-k", "auth and not logs", "relux/tests/auth/login.relux"): [ALL[1]],
    }
    with Project(options.binaries) as project:
        fill(project)
        for selection, expected in selections.items():
            run = project.run("run", "--list", *selection)
            checks.check(f"list {' '.join(selection)}", run.status == 0 and sorted(listed(run)) == sorted(expected),
                         f"{listed(run)} {run.said()}")
        checks.check("a list makes no run directory", not (project.root / "relux" / "out").exists())
        run = project.run("run", "-k", "creates or deletes", "-j", "2")
        checks.check("a filtered run runs just these", sorted(run.tests) == ["creates", "deletes"], run.said())


def check_refusals(checks, options):
    """What the command line can't mean is told, with status 2, before anything runs."""
    refused = {
        ("-k", "nothing-like-it"): ["no test", "--allow-empty"],
        ("-k", "two words"): ["quotes"],
        ("-k", "(auth"): [")"],
        ("-k", "auth and"): ["and"],
        ("-k", "/a(b/"): ["parenthesis"],
        ("-t", "is up"): ["--test requires exactly one --file"],
        ("-t", "is up", "relux/tests/auth"): ["--test requires exactly one --file"],
        ("-t", "is upp", "-f", "relux/tests/smoke.relux"): ["is upp", "is up"],
        ("--jbos", "3"): ["--jobs"],
        ("--shufle",): ["--shuffle"],
        ("-j", "many"): ["many"],
        ("-j", "-1"): ["--jobs"],
        ("-m", "0"): ["--timeout-multiplier"],
        ("-m", "inf"): ["--timeout-multiplier"],
        ("--shard", "0/2"): ["0/2"],
        ("--shard", "3/2"): ["3/2"],
        ("--shard", "half"): ["half"],
        ("--strategy", "some"): ["all", "fail-fast"],
        ("--progress", "loud"): ["plain", "tui"],
        ("--test-timeout", "soon"): ["soon"],
        ("--flaky-multiplier", "1"): ["1"],
        ("relux/tests/no-such.relux",): ["no-such.relux"],
        ("--manifest", "no-such.toml"): ["no-such.toml"],
        ("--rerun",): ["run"],
    }
    with Project(options.binaries) as project:
        fill(project)
        for words, told in refused.items():
            run = project.run("run", *words)
            checks.check(f"refused: {' '.join(words)}",
                         run.status == 2 and not run.stdout and all(word in run.stderr for word in told), run.said())
        checks.check("what is refused makes no run directory", not (project.root / "relux" / "out").exists())
        run = project.run("run", "-k", "nothing-like-it", "--allow-empty")
        checks.check("--allow-empty", run.status == 0, run.said())
        for program in ("relux", "reluxc", "reluxvm"):
            run = project.run("nonsense", program=program)
            checks.check(f"{program} nonsense", run.status == 2 and "nonsense" in run.stderr, run.said())
        run = project.run("histroy")
        checks.check("relux histroy names history", run.status == 2 and "history" in run.stderr, run.said())


def order_of(run):
    """The tests of a run at -j 1 in the order in which they ended."""
    return re.findall(r"^test (\S+):", run.stderr, re.MULTILINE)


def check_order(checks, options):
    with Project(options.binaries) as project:
        fill(project)
        for file in range(4):
            write(project, f"relux/tests/more_{file}.relux",
                  "".join(ONE.format(name=f"test {number}", command="true") for number in range(5)))
        plain = order_of(project.run("run"))
        checks.check("without a flag: files by name, tests as written", plain == order_of(project.run("run")), f"{plain}")
        first = project.run("run", "--shuffle")
        seed = re.search(r"--shuffle=(\d+)", first.stderr)
        checks.check("--shuffle prints its seed", seed is not None, first.said())
        again = project.run("run", f"--shuffle={seed.group(1)}")
        checks.check("--shuffle=SEED gives the order again", order_of(again) == order_of(first), again.said())
        checks.check("a shuffled run runs all", sorted(order_of(first)) == sorted(plain))
        orders = {tuple(order_of(project.run("run", f"--shuffle={number}"))) for number in (1, 2, 3)}
        checks.check("other seeds, other orders", len(orders) == 3 and tuple(plain) not in orders)


def parts(project, count, *words, **more):
    return [listed(project.run("run", "--list", "--shard", f"{index}/{count}", *words, **more))
            for index in range(1, count + 1)]


def check_shards(checks, options):
    with Project(options.binaries) as project:
        fill(project)
        write(project, "relux/tests/slow.relux", ONE.format(name="takes long", command="true"))
        everything = sorted([*ALL, "slow.relux::takes long"])
        for count in (1, 2, 3, 9, 20):
            shards = parts(project, count)
            checks.check(f"{count} shards without history: complete, nothing twice",
                         sorted(itertools.chain(*shards)) == everything, f"{shards}")
        run = project.run("run", "-j", "4")
        checks.check("the run that the next shards are balanced by", run.status == 0, run.said())
        summary = run.directory / "run_summary.toml"
        head, *tests = summary.read_text(encoding="utf-8").split("[[tests]]")
        tests = [re.sub(r"duration_ms = \d+", f"duration_ms = {900 if 'takes long' in test else 100}", test)
                 for test in tests]
        summary.write_text("[[tests]]".join([head, *tests]), encoding="utf-8")
        shards = parts(project, 2)
        slow = next(shard for shard in shards if "slow.relux::takes long" in shard)
        checks.check("2 shards with history: complete, nothing twice", sorted(itertools.chain(*shards)) == everything)
        checks.check("2 shards with history: what takes long is alone", len(slow) == 1, f"{shards}")
        copy = pathlib.Path(shutil.copytree(project.root, project.parent / "copy", symlinks=True))
        with Project(options.binaries) as other:
            shutil.rmtree(other.root)
            shutil.move(copy, other.root)
            checks.check("the same history elsewhere gives the same shards", parts(other, 2) == shards)
        empty = project.run("run", "--shard", "20/20")
        checks.check("an empty shard of a suite that has tests is a success", empty.status == 0, empty.said())


def check_environment_shards(checks, options):
    """What Bazel and GitLab say counts as a --shard does; --shard goes first."""
    with Project(options.binaries) as project:
        fill(project)
        shards = parts(project, 3)
        for index in range(3):
            status = project.parent / f"status-{index}"
            xml = project.parent / f"test-{index}.xml"
            bazel = {"TEST_TOTAL_SHARDS": "3", "TEST_SHARD_INDEX": str(index), "TEST_SHARD_STATUS_FILE": str(status),
                     "XML_OUTPUT_FILE": str(xml)}
            gitlab = {"CI_NODE_TOTAL": "3", "CI_NODE_INDEX": str(index + 1)}
            checks.check(f"Bazel's shard {index}",
                         listed(project.run("run", "--list", extra_environment=bazel)) == shards[index])
            checks.check(f"GitLab's shard {index + 1}",
                         listed(project.run("run", "--list", extra_environment=gitlab)) == shards[index])
            run = project.run("run", extra_environment=bazel)
            shutil.rmtree(project.root / "relux" / "out")  # every shard must see the same history
            cases = [case.name for suite in junitparser.JUnitXml.fromfile(str(xml)) for case in suite]
            checks.check(f"Bazel's XML file of shard {index}", run.status == 0 and sorted(cases) == sorted(run.tests),
                         f"{cases} {run.said()}")
            checks.check(f"Bazel's status file of shard {index}", status.exists())
        run = project.run("run", "--list", "--shard", "1/1", extra_environment=gitlab)
        checks.check("--shard goes before the environment", len(listed(run)) == len(ALL), run.said())
        for name, value in (("TEST_SHARD_INDEX", "3"), ("TEST_SHARD_INDEX", "x"), ("TEST_TOTAL_SHARDS", "-3")):
            run = project.run("run", extra_environment=bazel | {name: value})
            checks.check(f"{name}={value} is refused", run.status == 2 and name in run.stderr, run.said())


def check_github(checks, options):
    with Project(options.binaries) as project:
        fill(project)
        write(project, "relux/tests/fails.relux", ONE.format(name="goes, wrong: 100%", command="false"))
        summary = project.parent / "summary.md"
        github = {"GITHUB_ACTIONS": "true", "CI": "true", "GITHUB_STEP_SUMMARY": str(summary),
                  "GITHUB_WORKSPACE": str(project.root)}
        run = project.run("run", extra_environment=github)
        notes = [line for line in run.stderr.splitlines() if line.startswith("::error ")]
        checks.check("GitHub: one annotation at the statement",
                     len(notes) == 1 and "file=relux/tests/fails.relux,line=4" in notes[0]
                     and "title=fails.relux/goes--wrong--100::" in notes[0], f"{notes}")
        text = summary.read_text(encoding="utf-8")
        checks.check("GitHub: the step summary counts and names", "| 8 | 1 |" in text and "goes--wrong" in text, text)
        run = project.run("run", extra_environment=github | {"GITHUB_STEP_SUMMARY": str(project.parent / "no/dir.md")})
        checks.check("GitHub: a summary that can't be written changes no outcome",
                     run.status == 1 and "warning: " in run.stderr, run.said())
        run = project.run("run")
        checks.check("elsewhere: none of it", "::error" not in run.stderr)


def check_outcomes_between_runs(checks, options):
    """--rerun, fail-fast, flaky retries: what they run, and what they leave."""
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        for name in ("one", "two", "three"):
            write(project, f"relux/tests/{name}.relux", GIVEN.format(name=name, slug=name))
        write(project, "relux/tests/skipped.relux", "# skip\n" + ONE.format(name="left out", command="true"))
        write(project, "relux/tests/invalid.relux", 'test "invalid" { shell s { nonsense() } }\n')
        write(project, "one-is-well", "")
        run = project.run("run")
        checks.check("a run with every outcome", run.status == 1 and len(run.tests) == 5, run.said())
        rerun = project.finish(project.start("run", "--rerun"), 0)
        checks.check("--rerun: all that did not pass",
                     sorted(rerun.tests) == ["invalid", "left out", "three", "two"], f"{rerun.tests.keys()}")
        write(project, "two-is-well", "")
        rerun = project.finish(project.start("run", "--rerun"), 0)
        rerun = project.finish(project.start("run", "--rerun"), 0)
        checks.check("--rerun: what passed meanwhile is not run again",
                     sorted(rerun.tests) == ["invalid", "left out", "three"], f"{rerun.tests.keys()}")
        for path in ("invalid", "skipped"):
            (project.root / f"relux/tests/{path}.relux").unlink()
        write(project, "three-is-well", "")
        project.finish(project.start("run", "--rerun"), 0)
        rerun = project.finish(project.start("run", "--rerun"), 0)
        checks.check("--rerun: nothing to do is a success", rerun.status == 0, rerun.said())
        (project.root / "one-is-well").unlink()
        run = project.run("run", "--strategy", "fail-fast", "relux/tests/one.relux", "relux/tests/two.relux")
        checks.check("fail-fast: what has not begun is cancelled",
                     (run.outcome("one"), run.outcome("two"), run.status) == ("fail", "cancelled", 1), run.said())


def check_flaky(checks, options):
    counted = '''# flaky
test "{name}" {{
    shell s {{
        > echo x >> "${{__RELUX_SUITE_ROOT}}/{name}.count"; test $(wc -l < "${{__RELUX_SUITE_ROOT}}/{name}.count") -ge {good}
        match_ok()
    }}
}}
'''
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        write(project, "relux/tests/third.relux", counted.format(name="third", good=3))
        write(project, "relux/tests/never.relux", counted.format(name="never", good=100))
        run = project.run("run", "--flaky-retries", "3", "--junit")
        checks.check("flaky: passes at the third attempt, fails after the fourth",
                     (run.outcome("third"), run.outcome("never")) == ("pass", "fail"), run.said())
        counts = [len((project.root / f"{name}.count").read_text().split()) for name in ("third", "never")]
        checks.check("flaky: as many attempts as allowed", counts == [3, 4], f"{counts}")
        for name, attempts in (("third", 3), ("never", 4)):
            logs = [directory for directory in (run.log_directory(name), *run.log_directory(name).glob("retry-*"))
                    if (directory / "events.json").exists() and (directory / "s.stdout.log").exists()]
            checks.check(f"flaky: {name} has the logs of {attempts} attempts", len(logs) == attempts, f"{logs}")
        cases = xml.etree.ElementTree.parse(run.directory / "junit.xml").getroot().iter("testcase")
        reruns = {case.get("name"): [child.tag for child in case if child.tag in
                                     ("flakyFailure", "rerunFailure", "failure")] for case in cases}
        checks.check("flaky: reruns as Surefire writes them",
                     reruns == {"third": ["flakyFailure"] * 2, "never": ["failure"] + ["rerunFailure"] * 3}, f"{reruns}")


def check_history(checks, options):
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        for name in ("steady", "changing"):
            write(project, f"relux/tests/{name}.relux", GIVEN.format(name=name, slug=name))
        write(project, "steady-is-well", "")
        for well in (True, False, True, False):
            marker = project.root / "changing-is-well"
            marker.touch() if well else marker.unlink()
            project.run("run")
        forms = ("--flaky", "--failures", "--first-fail", "--durations", "--margins")
        for form, format_name in itertools.product(forms, ("human", "json", "toml")):
            run = project.run("history", form, "--format", format_name)
            good = run.status == 0 and run.stdout
            try:
                {"human": str, "json": json.loads, "toml": tomllib.loads}[format_name](run.stdout)
            except ValueError as error:
                good = False
                run.stderr += repr(error)
            checks.check(f"history {form} --format {format_name}", good, run.stdout + run.said())
        for form, names in (("--flaky", "changing"), ("--failures", "changing"), ("--first-fail", "changing")):
            run = project.run("history", form)
            checks.check(f"history {form} names what it is about", names in run.stdout and "steady" not in run.stdout,
                         run.stdout)
        run = project.run("history", "--durations", "--top", "1", "--format", "json")
        checks.check("history --top 1", [len(rows) for rows in json.loads(run.stdout).values() if isinstance(rows, list)]
                     == [1], run.stdout)
        run = project.run("history", "--failures", "--last", "2")
        checks.check("history --last 2", re.search(r"\b1\b", run.stdout), run.stdout)
        run = project.run("history", "--durations", "--tests", "relux/tests/steady.relux")
        checks.check("history --tests", "steady" in run.stdout and "changing" not in run.stdout, run.stdout)
        for words in ((), ("--flaky", "--failures"), ("--durations", "--format", "xml"), ("--durations", "--last", "x")):
            run = project.run("history", *words)
            checks.check(f"refused: history {' '.join(words)}", run.status == 2, run.said())
        runs = sorted((project.root / "relux" / "out").glob("run-*"))
        (runs[0] / "run_summary.toml").write_text("[run\nrun_id=", encoding="utf-8")
        (runs[1] / "run_summary.toml").write_bytes(b"\0\xff\xfe" * 100)
        run = project.run("history", "--durations")
        checks.check("history: damaged runs are named and left out", run.status == 0 and "steady" in run.stdout
                     and all(directory.name in run.stderr for directory in runs[:2]), run.said())


def check_merging(checks, options):
    with Project(options.binaries) as project:
        fill(project)
        write(project, "relux/tests/fails.relux", ONE.format(name="goes wrong", command="false"))
        shards = []
        for index in (1, 2, 3):
            run = project.run("run", "--shard", f"{index}/3", "--junit", "--tap")
            if run.directory is None:
                raise ValueError(run.said())
            # Parts that saw different histories would not be complete.
            shards.append(pathlib.Path(shutil.move(run.directory, project.parent / f"shard-{index}")))
            shutil.rmtree(project.root / "relux" / "out", ignore_errors=True)
        tests = sorted(itertools.chain(*[[test["name"] for test in tests_of(directory)] for directory in shards]))
        run = project.run("merge-reports", *shards, "-o", "merged")
        merged = project.root / "merged"
        checks.check("merge-reports: exit status", run.status == 0, run.said())
        checks.check("merge-reports: every test once", sorted(test["name"] for test in tests_of(merged)) == tests)
        suites = junitparser.JUnitXml.fromfile(str(merged / "junit.xml"))
        cases = sorted(case.name for suite in suites for case in suite)
        checks.check("merge-reports: JUnit", cases == tests, f"{cases}")
        schema = REPOSITORY / "tests" / "reports" / "junit.xsd"
        valid = subprocess.run(["xmllint", "--noout", "--schema", schema, merged / "junit.xml"], capture_output=True,
                               text=True, check=False)
        checks.check("merge-reports: JUnit by the schema", valid.returncode == 0, valid.stderr)
        checks.check("merge-reports: TAP", f"\n1..{len(tests)}\n" in (merged / "results.tap").read_text())
        logs = [merged / test["log_dir"] / "events.json" for test in tests_of(merged)]
        checks.check("merge-reports: the logs are there", all(log.exists() for log in logs), f"{logs}")
        checks.check("merge-reports: a page", (merged / "index.html").read_text().rstrip().endswith("</html>"))
        shutil.rmtree(project.root / "relux" / "out", ignore_errors=True)
        run = project.run("merge-reports", "merged")
        run = project.run("history", "--failures")
        checks.check("history over a merged run", "goes wrong" in run.stdout, run.stdout + run.said())
        for words, told in ((("no-such",), "no-such"), (("relux/tests",), "relux/tests"), (("merged", "-o", "merged"), "merged")):
            run = project.run("merge-reports", *words)
            checks.check(f"refused: merge-reports {' '.join(words)}", run.status == 2 and told in run.stderr, run.said())


def tests_of(directory):
    return tomllib.loads((directory / "run_summary.toml").read_text(encoding="utf-8"))["tests"]


BASH = '''source completions
COMP_WORDS=({words}); COMP_CWORD=$(({count} - 1)); COMP_LINE="${{COMP_WORDS[*]}}"; COMP_POINT=${{#COMP_LINE}}
_relux; printf '%s\\n' "${{COMPREPLY[@]}}"
'''
# Completion in zsh happens only in its line editor, hence a terminal: what it offers is listed on TAB.
ZSH = r'''zmodload zsh/zpty
zpty z 'PS1=; TERM=dumb zsh -f -i'
zpty -w z $'stty -echo; fpath=($PWD $fpath); autoload -Uz compinit; compinit -u -D; LISTMAX=1000; setopt no_beep'
zpty -w z $'zstyle ":completion:*" list-packed false; zstyle ":completion:*" menu no; bindkey "^I" list-choices'
zpty -w z $'PATH=$OUR:$PATH; print re\'\'ady'
zpty -r z text '*ready*'
zpty -n -w z "{line}"$'\t'
zpty -n -w z $'\C-u'"print do"\'\'"ne"$'\n'
zpty -r z text '*done*'
print -r -- "$text"
'''


def offered(project, shell, words, environment):
    """What a shell offers for the last of the words."""
    if shell == "bash":
        script = BASH.format(words=" ".join(f"'{word}'" for word in words), count=len(words))
    elif shell == "zsh":
        script = ZSH.format(line=" ".join(words))
    else:
        line = " ".join(f'"{word}"' if " " in word else word for word in words)
        script = f"source completions; complete -C '{line}'"
    command = {"bash": ["bash", "--norc", "-c"], "zsh": ["zsh", "-f", "-c"], "fish": ["fish", "--no-config", "-c"]}
    ran = subprocess.run([*command[shell], script], cwd=project.root, capture_output=True, text=True, timeout=60,
                         env=environment, check=False)
    return ran.stdout, ran.stdout + ran.stderr


def check_completions(checks, options):
    cases = [(("relux", ""), ["run", "check", "history", "merge-reports", "doctor"]),
             (("relux", "hist"), ["history"]),
             (("relux", "run", "--fl"), ["--flaky-retries", "--flaky-multiplier"]),
             (("relux", "run", "--strategy", ""), ["all", "fail-fast"]),
             (("relux", "run", "relux/tests/sm"), ["relux/tests/smoke.relux"]),
             (("relux", "history", "--format", ""), ["human", "toml", "json"]),
             (("relux", "run", "-f", "relux/tests/auth/logout.relux", "-t", ""), ["logs out"])]
    for shell in ("bash", "zsh", "fish"):
        with Project(options.binaries) as project:
            fill(project)
            run = project.run("completions", "--shell", shell)
            checks.check(f"{shell}: printed, nothing written", run.status == 0 and len(run.stdout) > 100, run.said())
            # A shell finds relux by its PATH, and zsh the function by its file's name.
            write(project, "_relux" if shell == "zsh" else "completions", run.stdout)
            environment = project.environment({"PATH": f"{project.binaries}:{os.environ['PATH']}", "TERM": "dumb",
                                               "OUR": str(project.binaries), "HOME": str(project.parent)})
            for words, expected in cases:
                found, said = offered(project, shell, words, environment)
                plain = found.replace("\\ ", " ")
                checks.check(f"{shell}: {' '.join(words)}", all(word in plain for word in expected), said)
            home = project.parent / "home"
            installed = project.run("completions", "--shell", shell, "--install",
                                    extra_environment={"HOME": str(home)})
            scripts = [file for file in home.rglob("*relux*") if file.is_file()]
            checks.check(f"{shell}: installed", installed.status == 0 and len(scripts) == 1
                         and scripts[0].read_text() == run.stdout, f"{scripts} {installed.said()}")
            foreign = write(project, "foreign", "# somebody's own\n")
            kept = project.run("completions", "--shell", shell, "--install", "--path", str(foreign))
            checks.check(f"{shell}: a foreign file is kept",
                         kept.status == 2 and foreign.read_text() == "# somebody's own\n", kept.said())
    with Project(options.binaries) as project:
        run = project.run("completions", extra_environment={"SHELL": "/bin/tcsh"})
        checks.check("a shell that has no completions", run.status == 2 and "bash" in run.stderr, run.said())


def check_scaffolds(checks, options):
    with Project(options.binaries) as project:
        shutil.rmtree(project.root)
        project.root.mkdir()
        run = project.run("init")
        files = sorted(str(file.relative_to(project.root)) for file in project.root.rglob("*") if file.is_file())
        checks.check("init", run.status == 0 and "Relux.toml" in files and "relux/.gitignore" in files, f"{files}")
        text = (project.root / "Relux.toml").read_text()
        checks.check("init: every key is a comment", not tomllib.loads(text), text)
        active = re.sub(r"^# ?(?=[\[a-z_]+.*)", "", text, flags=re.MULTILINE)
        write(project, "Relux.toml", active)
        run = project.run("check")
        checks.check("init: the keys, no longer comments, are valid", "Relux.toml" not in run.stderr, run.said())
        write(project, "Relux.toml", text)
        again = project.run("init")
        checks.check("init overwrites nothing", again.status == 2 and (project.root / "Relux.toml").read_text() == text,
                     again.said())
        for words in (("--test", "login/smoke"), ("--effect", "service/db"), ("--lib", "api/http.relux")):
            run = project.run("new", *words)
            checks.check(f"new {' '.join(words)}", run.status == 0 and run.stdout.count("\n") == 1, run.said())
            again = project.run("new", *words)
            checks.check(f"new {' '.join(words)} again is refused", again.status == 2 and "exists" in again.stderr,
                         again.said())
        for words in (("--test", "../up"), ("--test", "Login"), ("--lib", "a//b"), ("--effect", "9a"), ("--lib", "")):
            run = project.run("new", *words)
            checks.check(f"refused: new {' '.join(words)}", run.status == 2, run.said())
        run = project.run("run")
        checks.check("what was made passes as it is", run.status == 0 and run.tests, run.said())


def check_doctor(checks, options):
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        run = project.run("doctor")
        checks.check("doctor: all is well here", run.status == 0 and "FAILED" not in run.stdout, run.stdout)
        for word in ("shell", "prompt", "terminals", "descriptors", "versions"):
            checks.check(f"doctor looks at {word}", word in run.stdout, run.stdout)
        write(project, "Relux.toml", '[shell]\ncommand = "/no/such/shell"\n')
        run = project.run("doctor")
        checks.check("doctor: a shell that is not there", run.status == 1 and "/no/such/shell" in run.stdout, run.stdout)
        write(project, "Relux.toml", '[shell]\ncommand = ["/bin/sh", "-c", "exec sleep 1009"]\n[timeout]\nmatch="300ms"\n')
        run = project.run("doctor")
        checks.check("doctor: a shell without a prompt", run.status == 1 and "prompt" in run.stdout, run.stdout)
        project.check_nothing_left(checks, "doctor")


def check_help(checks, options):
    with Project(options.binaries) as project:
        for program in ("relux", "reluxc", "reluxvm"):
            run = project.run("--help", program=program)
            commands = re.findall(r"^  ([a-z][a-z-]+) {2,}", run.stdout, re.MULTILINE)
            checks.check(f"{program} --help", run.status == 0 and commands, run.stdout)
            for command in commands:
                run = project.run(command, "--help", program=program)
                checks.check(f"{program} {command} --help has an example", run.status == 0 and "\nExample" in run.stdout
                             and f"{program} {command}" in run.stdout.split("\nExample")[1], run.stdout)
            run = project.run("--version", program=program)
            checks.check(f"{program} --version", run.status == 0 and re.fullmatch(rf"{program} \S+\n", run.stdout),
                         run.stdout)
        written = [project.run("manual", "--output", "manual", program=program).status
                   for program in ("relux", "reluxc", "reluxvm")]
        pages = sorted((project.root / "manual").glob("*.1"))
        checks.check("man pages", written == [0, 0, 0] and {"relux.1", "reluxc.1", "reluxvm.1", "relux-run.1"}
                     <= {page.name for page in pages}, f"{pages}")
        for page in pages:
            shown = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z", page], capture_output=True, text=True,
                                   check=False)
            checks.check(f"man page {page.name} is well formed", shown.returncode == 0 and not shown.stderr,
                         shown.stderr)


def check_many(checks, options):
    """Five hundred tests at once: every one once in every report, in the order of the files."""
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        expected = []
        for file in range(10):
            names = [f"test {file}-{number}" for number in range(50)]
            expected += names
            write(project, f"relux/tests/file_{file}.relux", "".join(ONE.format(name=name, command="true")
                                                                     for name in names))
        run = project.run("run", "-j", "20", "--junit", "--tap")
        checks.check("500 tests: pass", run.status == 0, run.said())
        checks.check("500 tests: the summary has each once, in order", [test["name"] for test in tests_of(run.directory)]
                     == expected)
        cases = [case.name for suite in junitparser.JUnitXml.fromfile(str(run.directory / "junit.xml")) for case in suite]
        checks.check("500 tests: JUnit has each once, in order", cases == expected)
        tap = re.findall(r"^ok (\d+) - (.*)$", (run.directory / "results.tap").read_text(), re.MULTILINE)
        checks.check("500 tests: TAP has each once, in order", [int(number) for number, _ in tap] == list(range(1, 501)))
        page = (run.directory / "index.html").read_text()
        checks.check("500 tests: the page has each once", all(page.count(f">{name}<") == 1 for name in expected))
        lines = re.findall(r"^test \S+/(\S+): \S+ ok", run.stderr, re.MULTILINE)
        checks.check("500 tests: a line each", sorted(lines) == sorted(name.replace(" ", "-") for name in expected),
                     f"{len(lines)} lines")
        logs = [run.directory / test["log_dir"] / "events.json" for test in tests_of(run.directory)]
        checks.check("500 tests: logs of their own", len({str(log) for log in logs}) == 500
                     and all(log.exists() for log in logs))


def main():
    options = arguments(__doc__)
    checks = Checks()
    for part in (check_filters, check_refusals, check_order, check_shards, check_environment_shards, check_github,
                 check_outcomes_between_runs, check_flaky, check_history, check_merging, check_completions,
                 check_scaffolds, check_doctor, check_help, check_many):
        began = time.monotonic()
        try:
            part(checks, options)
        except (OSError, KeyError, AttributeError, ValueError, subprocess.SubprocessError) as error:
            checks.check(f"{part.__name__} goes to its end", False, repr(error))
        print(f"{part.__name__}: {time.monotonic() - began:.1f} s", flush=True)
    checks.finish()


if __name__ == "__main__":
    main()
