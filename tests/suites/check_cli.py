#!/usr/bin/env python3
"""The command line as people and CI systems use it: what is selected, in which order and part, and what is refused.

What CI services, history, merged runs, completion and the making of projects need is in modules of their own.
"""

import re
import shutil
import tomllib

from cli_completions import check_completions
from cli_dump import check_dump
from cli_history import check_history, check_merge
from cli_invalid import check_invalid
from cli_modes import check_modes
from cli_names import check_names_agree
from cli_paths import check_paths
from cli_projects import check_doctor, check_manual, check_scaffold
from cli_retries import check_flaky, check_rerun
from cli_services import check_github, check_services, check_terminals
from cli_support import (KEYS, failing, junit_cases, listed, passing, refused, relux, shards, skipped,
                         suite_to_choose_from, write)
from suite_checks import Project, run_parts

# The expression, and which of KEYS it takes.
FILTERS = (
    ("slowly", (1, 2)), ("starts", (0, 2)), ("Starts", ()), (".relux::st", (0, 1, 2)), ("alpha", (0, 1)),
    ("100%", (4,)), ("naïve", (4,)),
    ("sub/*", (2, 3, 4)), ("beta*", ()), ("*beta*", (2, 3)), ("*slowly", (1, 2)), ("slow*", ()), ("*::st?rts*", (0, 2)),
    ("[ab]lpha*", (0, 1)), ("[!a]*", (2, 3, 4)), ("*[y]", (0, 1, 2)), ("sub/beta.relux::*", (2, 3)),
    ("/^alpha/", (0, 1)), ("/quick|naïve/", (0, 4)), ("/slowly$/", (1, 2)), ("/::st[ao]/", (0, 1, 2)),
    (r"/sub\/beta/", (2, 3)), (r"/\[x\]$/", (4,)), (r"/\d+%/", (4,)),
    ("starts and slowly", (2,)), ("quickly or naïve", (0, 4)), ("not slowly", (0, 3, 4)), ("not not slowly", (1, 2)),
    ("quickly or starts and slowly", (0, 2)), ("(quickly or starts) and slowly", (2,)),
    ("not alpha and slowly", (2,)), ("not (alpha or beta)", (4,)), ("alpha and not /slow/", (0,)),
    ("( ( (quickly) ) )", (0,)), ("(quickly)or(naïve)", (0, 4)), ("  starts\tand\n slowly ", (2,)),
    ('"and"', (3,)), ("'or not'", (3,)), ('"starts slowly"', (2,)), ('not "and or not" and sub/*', (2, 4)),
    ('"sub/*"', (2, 3, 4)),
)
# The expression, what is said of it, and the column that is pointed at.
WRONG_FILTERS = (
    ("", "expected a text", 1), ("   ", "expected a text", 4), ("and", "expected a text", 1),
    ("starts or", "expected a text", 10), ("not", "expected a text", 4), ("starts and and", "expected a text", 12),
    ("starts slowly", "a text with spaces needs quotes", 8), ("(starts", "this `(` is never closed", 1),
    ("starts)", "nothing is open for this `)`", 7), ("()", "expected a text", 2),
    ("(starts slowly)", "expected `and`, `or` or `)`", 9), ("starts and /(/", "invalid regex", 12),
    ("/starts", "has no `/` at its end", 1), ('naïve or "starts', "this quote is never closed", 10),
    ("(" * 300 + "a" + ")" * 300, "nested too deeply", None),
)


def check_filters(checks, project):
    for expression, wanted in FILTERS:
        run = relux(project, "run", "--list", "--filter", expression)
        keys = [KEYS[place] for place in wanted]
        if keys:
            checks.check(f"-k {expression!r}", run.status == 0 and listed(run) == keys, f"{run.stdout} {run.said()}")
        else:
            refused(checks, f"-k {expression!r} takes none", run, f"no test matches --filter {expression}")
    for expression, words, column in WRONG_FILTERS:
        run = relux(project, "run", "-k", expression)
        pointed = f"(column {column})" if column else "(column "
        refused(checks, f"-k {expression[:20]!r} is refused", run, words, pointed)
        if column:
            caret = [line for line in run.stderr.splitlines() if line.strip() == "^"]
            checks.check(f"-k {expression[:20]!r}: the caret", caret == [" " * (column + 1) + "^"], run.stderr)
    run = relux(project, "run", "--list", "-k", "alpha", "-k", "naïve")
    checks.check("-k twice: the last counts", listed(run) == [KEYS[4]], run.stdout)


def check_names(checks, project):
    file = "relux/tests/alpha.relux"
    for name, words, wanted in (
            ("one", [file, "-t", "stops slowly"], (1,)),
            ("by --file", ["--file", file, "--test", "stops slowly"], (1,)),
            ("two, in the order of the file", ["-f", file, "-t", "stops slowly", "-t", "starts quickly"], (0, 1)),
            ("a flag with `=`", [f"--file={file}", "--test=stops slowly"], (1,)),
            ("and a filter", [file, "-t", "stops slowly", "-t", "starts quickly", "-k", "quickly"], (0,))):
        run = relux(project, "run", "--list", *words)
        checks.check(f"-t: {name}", listed(run) == [KEYS[place] for place in wanted], run.stdout + run.said())
    for name, words in (("no file", []), ("a directory", ["relux/tests/sub"]),
                        ("two files", [file, "-f", "relux/tests/sub/gamma.relux"])):
        refused(checks, f"-t: {name}", relux(project, "run", "-t", "stops slowly", *words),
                "--test requires exactly one --file")
    refused(checks, "-t: the nearest name", relux(project, "run", file, "-t", "stop slowly"),
            'no test is named "stop slowly"', 'did you mean "stops slowly"?')
    refused(checks, "-t: one of two is wrong", relux(project, "run", file, "-t", "starts quickly", "-t", "xyz"),
            'no test is named "xyz"')
    refused(checks, "-t: a part of a name", relux(project, "run", file, "-t", "stops"), "no test is named")


def check_list(checks, project):
    run = relux(project, "run", "--list")
    checks.check("--list: all tests in order, nothing else, nothing run", run.status == 0 and listed(run) == KEYS
                 and not run.stderr and not (project.root / "relux" / "out").exists(), run.said())
    write(project, "relux/tests/.hidden/no.relux", passing("hidden"))
    write(project, "relux/tests/other/Relux.toml", "")
    write(project, "relux/tests/other/no.relux", passing("of another project"))
    write(project, "relux/tests/notes.txt", "no test\n")
    run = relux(project, "run", "--list")
    checks.check("--list: not what is hidden, of another project, or no test", listed(run) == KEYS, run.stdout)
    run = relux(project, "run", "--list", "relux/tests/sub", "-f", "relux/tests/sub/beta.relux", "./relux/tests/sub/")
    checks.check("--list: what is named twice is there once", listed(run) == KEYS[2:], run.stdout)
    run = relux(project, "run", "--list", "gamma.relux", directory=project.root / "relux" / "tests" / "sub")
    checks.check("--list: paths are of the current directory", listed(run) == KEYS[4:], run.stdout + run.said())
    refused(checks, "a path that does not exist, before anything runs",
            relux(project, "run", "relux/tests/alpha.relux", "nowhere"), "nowhere does not exist")
    run = relux(project, "run", "--list", "--manifest", project.root / "Relux.toml", directory=project.parent)
    checks.check("--list: another directory's project by --manifest", listed(run) == KEYS, run.stdout + run.said())
    broken = write(project, "relux/tests/broken.relux", 'test "never ends" {\n')
    run = relux(project, "run", "--list")
    checks.check("--list: with a file that is wrong the others are there, and it is said",
                 run.status == 1 and [key for key in listed(run) if not key.startswith("broken")] == KEYS
                 and "broken.relux:1" in run.stderr, run.stdout + run.said())
    broken.unlink()


def check_archive(checks, project):
    """A suite that was compiled before is chosen from in the same ways."""
    archive = project.root / "suite.rxb"
    built = relux(project, "build", "-o", archive, program="reluxc")
    checks.check("archive: it is built", built.status == 0, built.said())
    for words in ([], ["-k", "slowly and not alpha"], ["--shuffle=3"], ["--shard", "2/3"]):
        wanted = relux(project, "run", "--list", *words)
        run = relux(project, "run", archive, "--list", *words, program="reluxvm")
        checks.check(f"archive: --list {' '.join(words)} as from sources", run.status == 0 and run.stdout
                     and run.stdout == wanted.stdout, run.stdout + run.said())
    run = relux(project, "run", archive, "-t", "starts slowly", program="reluxvm")
    checks.check("archive: a test by name", run.status == 0 and list(run.tests) == ["starts slowly"], run.said())


def check_empty(checks, project):
    (project.root / "relux" / "tests" / "nothing").mkdir()
    for name, words, said in (("a filter", ["-k", "xyz"], "no test matches --filter xyz"),
                              ("a directory", ["relux/tests/nothing"], "no tests were found")):
        refused(checks, f"nothing selected by {name}", relux(project, "run", *words), said, "--allow-empty")
        run = relux(project, "run", "--allow-empty", *words)
        checks.check(f"nothing selected by {name}: --allow-empty", run.status == 0 and run.directory is None
                     and said in run.stderr and not run.stdout, run.said())
        run = relux(project, "run", "--allow-empty", "--list", *words)
        checks.check(f"nothing selected by {name}: --list", run.status == 0 and not run.stdout, run.said())
    run = relux(project, "run", "--allow-empty", "-k", "alpha", "--list")
    checks.check("--allow-empty: what there is is selected", listed(run) == KEYS[:2], run.stdout)
    refused(checks, "--allow-empty: a wrong filter is wrong all the same",
            relux(project, "run", "--allow-empty", "-k", "(x"), "never closed")


def check_choice(checks, options):
    with Project(options.binaries) as project:
        suite_to_choose_from(project)
        check_filters(checks, project)
        check_names(checks, project)
        check_list(checks, project)
        check_archive(checks, project)
        check_empty(checks, project)


def numbered(count):
    return [f"number {number}" for number in range(count)]


def suite_to_divide(project, count=40):
    write(project, "Relux.toml", "")
    names = numbered(count)
    write(project, "relux/tests/one.relux", passing(*names[:count // 2]))
    write(project, "relux/tests/deep/two.relux", passing(*names[count // 2:]))


def copy_of(project, place):
    """The same project elsewhere: its history too, but no times of files, as from version control and a CI cache."""
    shutil.copytree(project.root, place, symlinks=True, copy_function=shutil.copyfile)
    return place


def check_shuffle(checks, options):
    with Project(options.binaries) as project:
        suite_to_divide(project)
        plain = listed(relux(project, "run", "--list"))
        run = relux(project, "run", "--list", "--shuffle=7")
        order = listed(run)
        checks.check("--shuffle=7: every test once", sorted(order) == sorted(plain) and len(plain) == 40, run.stdout)
        checks.check("--shuffle=7: in another order", order != plain and order != plain[::-1], run.stdout)
        checks.check("--shuffle=7: the seed is said", "--shuffle=7 gives this order again" in run.stderr, run.stderr)
        again = relux(project, "run", "--list", "--shuffle=7", directory=copy_of(project, project.parent / "copy"))
        checks.check("--shuffle=7: the same order again, also elsewhere", listed(again) == order, again.stdout)
        orders = {tuple(listed(relux(project, "run", "--list", f"--shuffle={seed}"))) for seed in range(5)}
        checks.check("--shuffle: an order for each seed", len(orders) == 5)
        run = relux(project, "run", "--list", "--shuffle")
        seed = re.search(r"--shuffle=(\d+) gives this order again", run.stderr)
        if checks.check("--shuffle: the seed that was drawn is said", seed is not None, run.stderr):
            again = relux(project, "run", "--list", f"--shuffle={seed.group(1)}")
            checks.check("--shuffle: and gives the order again", listed(again) == listed(run) != [], again.stdout)
        run = relux(project, "run", "--shuffle=7", "-k", "one.relux")
        ran = re.findall(r"^test one\.relux/number-(\d+): ", run.stderr, re.MULTILINE)
        wanted = [key.split(" ")[-1] for key in order if key.startswith("one.relux")]
        checks.check("--shuffle=7: tests run in the order that is listed, also fewer of them", run.status == 0
                     and ran == wanted, run.said())
        run = relux(project, "run", "--list", "--shuffle", "relux/tests/one.relux")
        checks.check("--shuffle: what comes after it is no seed", run.status == 0 and len(listed(run)) == 20,
                     run.said())
        for seed in ("abc", "-1", "1.5", "18446744073709551616"):
            refused(checks, f"--shuffle={seed}", relux(project, "run", f"--shuffle={seed}"), f"`{seed}`", "--shuffle")


def plans_in(runs):
    return {found for run in runs for found in re.findall(r", plan (\w+)", run.stderr)}


def check_shards_without_history(checks, project):
    whole = listed(relux(project, "run", "--list"))
    for count in (1, 2, 3, 7, 40, 43):
        parts, runs = shards(project, count)
        together = [key for part in parts for key in part]
        checks.check(f"--shard I/{count}: complete and disjoint", all(run.status == 0 for run in runs)
                     and sorted(together) == sorted(whole) and len(whole) == 40, f"{parts}")
        sizes = [len(part) for part in parts]
        checks.check(f"--shard I/{count}: of equal size", max(sizes) - min(sizes) <= 1, f"{sizes}")
        checks.check(f"--shard I/{count}: in the order of the whole", all(
            part == [key for key in whole if key in part] for part in parts), f"{parts}")
        if count > 1:
            checks.check(f"--shard I/{count}: one plan", len(plans_in(runs)) == 1, f"{plans_in(runs)}")
    halves, _ = shards(project, 2)
    filtered = [listed(relux(project, "run", "--list", "-k", "deep/*", "--shard", f"{index}/2")) for index in (1, 2)]
    checks.check("--shard: of what the filter takes", sorted(sum(filtered, [])) ==
                 sorted(key for key in whole if key.startswith("deep/")) and all(len(part) == 10 for part in filtered),
                 f"{filtered}")
    shuffled = [listed(relux(project, "run", "--list", "--shuffle=5", "--shard", f"{index}/2")) for index in (1, 2)]
    checks.check("--shard: the parts do not depend on the order", [sorted(part) for part in shuffled] ==
                 [sorted(part) for part in halves] and shuffled != halves, f"{shuffled}")
    run = relux(project, "run", "--shard", "43/43", "--junit", directory=copy_of(project, project.parent / "last"))
    checks.check("--shard: a part without tests is a success, with its reports", run.status == 0
                 and run.directory is not None and "running 0 tests" in run.stderr, run.said())
    if run.directory:
        checks.check("--shard: no cases", not junit_cases(checks, "--shard: no tests", run.directory / "junit.xml"))
    for text in ("0/2", "3/2", "2", "x/2", "1/0", "-1/2", "1/2/3", "1/", "1/100001"):
        refused(checks, f"--shard {text}", relux(project, "run", "--list", "--shard", text), "--shard", text)


# Thousandths of a second. The first takes as long as all others together.
DURATIONS = [400_000, 90_000, 60_000, 60_000, 50_000] + [10_000] * 14


def check_shards_with_history(checks, options):
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        names = numbered(len(DURATIONS))
        write(project, "relux/tests/timed.relux", passing(*names))
        run = relux(project, "run", "-j", 4)
        if not checks.check("--shard: there is history", run.status == 0 and run.directory is not None, run.said()):
            return
        # As if that run had taken so long.
        summary = run.directory / "run_summary.toml"
        taken = iter(DURATIONS)
        text = re.sub(r"(?<=\n\[\[tests\]\]\n)(.*?\n)duration_ms = \d+", lambda found:
                      f"{found.group(1)}duration_ms = {next(taken)}", summary.read_text(encoding="utf-8"),
                      flags=re.DOTALL)
        summary.write_text(text, encoding="utf-8")
        seconds = {f"{test['path']}::{test['name']}": test["duration_ms"] for test in tomllib.loads(text)["tests"]}
        checks.check("--shard: history has the durations", sorted(seconds.values()) == sorted(DURATIONS), text)
        whole = listed(relux(project, "run", "--list"))
        for count in (2, 3, 4):
            parts, runs = shards(project, count)
            together = [key for part in parts for key in part]
            checks.check(f"--shard I/{count} with history: complete and disjoint", sorted(together) ==
                         sorted(whole) == sorted(seconds), f"{parts}")
            loads = [sum(seconds[key] for key in part) for part in parts]
            best = max(max(DURATIONS), sum(DURATIONS) / count)
            checks.check(f"--shard I/{count} with history: balanced by durations", max(loads) <= best * 4 / 3,
                         f"{loads}, at best {best}")
            longest = [part for part in parts if "timed.relux::number 0" in part]
            checks.check(f"--shard I/{count} with history: the longest is alone", longest ==
                         [["timed.relux::number 0"]], f"{longest}")
            checks.check(f"--shard I/{count} with history: it is said", all("balanced by 1 run" in run.stderr
                                                                            for run in runs), runs[0].stderr)
        elsewhere, other_runs = shards(project, 4, directory=copy_of(project, project.parent / "copy"))
        checks.check("--shard with history: the same on another copy", elsewhere == parts
                     and plans_in(runs) == plans_in(other_runs) and len(plans_in(runs)) == 1, f"{elsewhere}")
        write(project, "relux/tests/new.relux", passing(*(f"new {number}" for number in range(5))))
        parts, _ = shards(project, 3)
        together = [key for part in parts for key in part]
        checks.check("--shard with history: tests that it does not know are in one part each", sorted(together) ==
                     sorted(listed(relux(project, "run", "--list"))), f"{parts}")


def check_shards(checks, options):
    with Project(options.binaries) as project:
        suite_to_divide(project)
        check_shards_without_history(checks, project)
    check_shards_with_history(checks, options)


RUNS_TOGETHER = '''test "fails when the other runs" {
    let word = "left"
    shell s {
        > while ! test -e "$__RELUX_SUITE_ROOT/begun"; do sleep 0.01; done; echo it runs
        <~50s? ^it runs$
        word ? ^right$
    }
}
test "is stopped" {
    shell s {
        > touch "$__RELUX_SUITE_ROOT/begun"; sleep 1000
        <~100s? ^never$
    }
    cleanup {
        > touch "$__RELUX_SUITE_ROOT/cleaned"
        match_ok()
    }
}
test "never starts" {
    shell s {
        > touch "$__RELUX_SUITE_ROOT/started"
        match_ok()
    }
}
'''


def check_strategy(checks, options):
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        write(project, "relux/tests/together.relux", RUNS_TOGETHER)
        run = relux(project, "run", "-j", 2, "--strategy", "fail-fast", "--junit")
        checks.check("fail-fast: status 1, and what came of each", run.status == 1 and
                     [run.outcome(name) for name in ("fails when the other runs", "is stopped", "never starts")] ==
                     ["fail", "cancelled", "cancelled"], run.said())
        checks.check("fail-fast: no test starts after the failure", not (project.root / "started").exists())
        checks.check("fail-fast: the one that ran is cleaned up", (project.root / "cleaned").exists())
        checks.check("fail-fast: the result line", "0 passed; 1 failed; 2 cancelled; finished" in run.stderr,
                     run.said())
        checks.check("fail-fast: JUnit has all", run.directory is not None
                     and len(junit_cases(checks, "fail-fast", run.directory / "junit.xml")) == 3)
        project.check_nothing_left(checks, "fail-fast")
        write(project, "relux/tests/together.relux", failing("first") + passing("second") + failing("third"))
        for words, wanted in ((["--strategy=fail-fast"], ["fail", "cancelled", "cancelled"]),
                              (["--strategy", "all"], ["fail", "pass", "fail"]), ([], ["fail", "pass", "fail"])):
            run = relux(project, "run", *words)
            checks.check(f"run {' '.join(words)}: one after the other", run.status == 1 and
                         [run.outcome(name) for name in ("first", "second", "third")] == wanted, run.said())


MISSPELT = (
    (["run", "--shardd", "1/2"], "--shard"), (["run", "--lst"], "--list"), (["run", "--rerunn"], "--rerun"),
    (["run", "--jbos", "4"], "--jobs"), (["run", "--jbos=4"], "--jobs"), (["run", "--junitt"], "--junit"),
    (["run", "--alow-empty"], "--allow-empty"), (["run", "--timeout-mulitplier", "2"], "--timeout-multiplier"),
    (["run", "--strategie", "all"], "--strategy"), (["check", "--strickt"], "--strict"),
    (["new", "--tets", "a"], "--test"), (["init", "--hlep"], "--help"), (["history", "--marginz"], "--margins"),
    (["merge-reports", "x", "--ouput", "y"], "--output"), (["doctor", "--manifets", "x"], "--manifest"),
    (["completions", "--instal"], "--install"), (["dump", "--bytecod", "x"], "--bytecode"),
    (["explain", "--formta", "text"], "--format"), (["--verson"], "--version"), (["historia"], "history"),
    (["chekc"], "check"),
)
# The command line, and what is said of it.
WRONG_VALUES = (
    (["-j", "x"], "--jobs needs a whole number or `auto`, not `x`"), (["-j", "-1"], "--jobs must not be negative"),
    (["-j", "1.5"], "--jobs needs a whole number"), (["-j", ""], "--jobs needs a whole number"), (["-j"], "--jobs"),
    (["-j", "99999999999"], "--jobs needs a whole number"), (["-j", "Auto"], "--jobs needs a whole number or `auto`"),
    (["-m", "0"], "--timeout-multiplier must be a finite number greater than 0"),
    (["-m", "-1"], "--timeout-multiplier must be a finite number greater than 0"),
    (["-m", "inf"], "--timeout-multiplier"), (["-m", "nan"], "--timeout-multiplier"),
    (["-m", "2x"], "--timeout-multiplier"), (["--flaky-multiplier", "1"], "--flaky-multiplier must be a finite number "
                                                                          "greater than 1"),
    (["--flaky-retries", "-2"], "--flaky-retries must not be negative"),
    (["--flaky-retries", "many"], "--flaky-retries needs a whole number, not `many`"),
    (["--test-timeout", "5"], "--test-timeout: missing unit"), (["--test-timeout", "0s"], "--test-timeout"),
    (["--test-timeout", "5y"], "--test-timeout"), (["--suite-timeout", "soon"], "--suite-timeout"),
    (["--suite-timeout", "99999999d"], "--suite-timeout"), (["--suite-timeout", "-5s"], "--suite-timeout"),
    (["--strategy", "fast"], "--strategy is one of all and fail-fast, not `fast`"),
    (["--strategy", "fail-fats"], "did you mean `fail-fast`?"),
    (["--progress", "plan"], "did you mean `plain`?"), (["--manifest", "nowhere.toml"], "nowhere.toml"),
    (["--manifest", "relux"], "relux"),
)


def check_usage(checks, options):
    with Project(options.binaries) as project:
        suite_to_choose_from(project)
        for words, nearest in MISSPELT:
            refused(checks, f"relux {' '.join(words)} names {nearest}", relux(project, *words),
                    f"did you mean `{nearest}`?", "--help")
        for program, words, nearest in (("reluxc", ["build", "--strp"], "--strip"),
                                        ("reluxvm", ["run", "--shrad", "1/2"], "--shard"),
                                        ("reluxvm", ["verifi", "x"], "verify")):
            refused(checks, f"{program} {' '.join(words)} names {nearest}", relux(project, *words, program=program),
                    f"did you mean `{nearest}`?", "--help")
        for words, said in WRONG_VALUES:
            refused(checks, f"run {' '.join(words)}", relux(project, "run", *words), said)
        refused(checks, "a flag that is like no other", relux(project, "run", "--xyzzy"), "unknown flag `--xyzzy`")
        refused(checks, "no command at all", relux(project), "Usage:")
        refused(checks, "no project", relux(project, "run", directory=project.parent), "no Relux.toml")
        run = relux(project, "run", "-j", 9, "-j", 2, "-m", 3, "-m", "1.5", "-k", "alpha", "--test-timeout", "1m 30s",
                    "--suite-timeout=5m", "--strategy", "fail-fast", "--strategy", "all")
        checks.check("a flag that stands twice: the last counts", run.status == 0 and len(run.tests) == 2, run.said())
        check_help(checks, project)


# The command line, and all that is said of it.
OWN_SENTENCES = (
    (["history"], "history needs one of --flaky, --failures, --first-fail, --durations and --margins"),
    (["history", "--flaky", "--margins"], "--flaky and --margins exclude each other"),
    (["history", "--flaky", "--last"], "--last needs a value: N"),
    (["new", "--test", "a", "--lib", "b"], "--test and --lib exclude each other"),
    (["new", "--effect"], "--effect needs a value: MODULE"),
    (["run", "--tap=yes"], "--tap takes no value: `--tap=yes`"), (["run", "--rerun=false"], "--rerun takes no value: `--rerun=false`"),
    (["run", "--list=x"], "--list takes no value: `--list=x`"), (["check", "--strict="], "--strict takes no value: `--strict=`"),
    (["nonsense", "run"], "unexpected argument `nonsense`"), (["--tap", "run"], "`--tap` belongs behind `run`"),
    (["history", "--failures=true"], "--failures takes no value: `--failures=true`"),
    (["run", "--help=1"], "--help takes no value: `--help=1`"), (["--version=2"], "--version takes no value: `--version=2`"),
    (["dump", "x.relux"], "dump needs one of --tokens, --ast, --ir, --bytecode and --sections"),
    (["dump", "--ast"], "dump needs FILE"), (["dump", "--ast", "--ir", "x"], "--ast and --ir exclude each other"),
    (["merge-reports"], "merge-reports needs DIR"), (["help", "hisotry"], "unknown command `hisotry`; did you mean "
                                                                         "`history`?"),
)


def check_command_names(checks, project):
    """A path, a test and a value may be called like a command."""
    write(project, "check/new.relux", 'test "history" {\n    shell s {\n        > echo hi\n        <? ^hi$\n    }\n}\n')
    write(project, "flow", "")
    for words in (["check"], ["-f", "check"], ["-k", "history", "check"], ["-t", "history", "check/new.relux"]):
        run = relux(project, "run", *words)
        checks.check(f"run {' '.join(words)}: a path is not taken for a command", run.status == 0
                     and [test["name"] for test in run.tests.values()] == ["history"], run.said())
    refused(checks, "run flow: a path is not taken for a command", relux(project, "run", "flow"), "flow is neither a directory")


def check_own_sentences(checks, project):
    for words, said in OWN_SENTENCES:
        run = relux(project, *words)
        refused(checks, f"relux {' '.join(words)}: in our words", run, f"error: {said}\n", "--help")
    for words in (["help"], ["help", "run"]):
        run = relux(project, *words)
        checks.check(f"relux {' '.join(words)}", run.status == 0 and "Usage: " in run.stdout and not run.stderr,
                     run.said())
    explain = relux(project, "explain", "--help").stdout
    checks.check("relux explain --help: its words", "[WORD...]" in explain, explain)
    forms = relux(project, "history", "--help").stdout
    checks.check("relux history --help: its forms", "\nForms (exactly one):\n  --flaky" in forms, forms)


def check_help(checks, project):
    check_own_sentences(checks, project)
    check_command_names(checks, project)
    for program in ("relux", "reluxc", "reluxvm"):
        top = relux(project, "--help", program=program)
        commands = re.findall(r"^  ([\w-]+) {2,}", top.stdout.split("Subcommands:")[-1].split("\n\n")[0], re.MULTILINE)
        checks.check(f"{program} --help: commands", len(commands) >= 2 and "Example:" in top.stdout, top.stdout)
        for words in ([], *([command] for command in commands)):
            name = " ".join([program, *words])
            run = relux(project, *words, "--help", program=program)
            checks.check(f"{name} --help: an example, on standard output", run.status == 0 and not run.stderr
                         and re.search(rf"^Example:\n  .*\b{name}\b", run.stdout, re.MULTILINE),
                         run.stdout + run.said())
            if words:
                asked = relux(project, "help", *words, program=program)
                checks.check(f"{program} help {words[0]}: the same", asked.stdout == run.stdout, asked.said())
            checks.check(f"{name} --help: nothing of how it is made", not any(
                odd in run.stdout for odd in ("(0x)", "[Option Group", "following options")), run.stdout)
            short = relux(project, *words, "-h", program=program)
            checks.check(f"{name} -h: the same", short.stdout == run.stdout)
            short = relux(project, *words, "-V", program=program)
            run = relux(project, *words, "--version", program=program)
            checks.check(f"{name} -V: the same as --version", short.stdout == run.stdout and short.status == 0,
                         short.said())
            checks.check(f"{name} --version", run.status == 0 and not run.stderr
                         and re.fullmatch(rf"{program} \d+\.\d+\.\d+\S*\n", run.stdout), run.stdout + run.said())


def check_many(checks, options):
    """500 tests: how many at once changes nothing but the time."""
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        for number in range(50):
            names = [f"test {number} {place}" for place in range(10)]
            write(project, f"relux/tests/part_{number % 5}/file_{number}.relux",
                  passing(*names[:8]) + failing(names[8]) + skipped(names[9]))
        results = []
        for jobs in (1, 20, "auto"):
            run = relux(project, "run", "-j", jobs, "--junit", "--tap")
            checks.check(f"500 tests, -j {jobs}: the result line", run.status == 1 and re.search(
                r"^test result: FAILED\. 400 passed; 50 failed; 50 skipped; finished in ", run.stderr, re.MULTILINE),
                run.said())
            lines = re.findall(r"^test (part_\S+): (\S+) ?(ok|FAILED)?", run.stderr, re.MULTILINE)
            checks.check(f"500 tests, -j {jobs}: a line for each", len(set(lines)) == len(lines) == 500,
                         f"{len(lines)}")
            if run.directory is None:
                return
            cases = junit_cases(checks, f"500 tests, -j {jobs}", run.directory / "junit.xml")
            tap = (run.directory / "results.tap").read_text(encoding="utf-8")
            points = re.findall(r"^(?:not )?ok \d+ .*$", tap, re.MULTILINE)
            page = (run.directory / "index.html").read_text(encoding="utf-8")
            checks.check(f"500 tests, -j {jobs}: the page has each once", all(
                page.count(f">{name}<") == 1 for name in run.tests) and len(run.tests) == 500)
            logs = {test["log_dir"] for test in run.tests.values()}
            checks.check(f"500 tests, -j {jobs}: each has a log of its own", len(logs) == 500 and all(
                (run.directory / log / "events.json").exists() for log in logs))
            records = [(test["path"], test["name"], test["outcome"], test.get("failure_summary"),
                        test.get("log_dir")) for test in run.tests.values()]
            results.append((sorted(lines), cases, points, records))
            project.check_nothing_left(checks, f"500 tests, -j {jobs}")
        for name, one, *others in zip(("lines", "JUnit", "TAP", "summary"), *results):
            for jobs, other in zip((20, "auto"), others):
                checks.check(f"500 tests: {name} at -j {jobs} as at -j 1", one == other and len(one) == 500,
                             f"{[pair for pair in zip(one, other) if pair[0] != pair[1]][:5]}")


def check_completion(checks, options):
    with Project(options.binaries) as project:
        check_completions(checks, project)


def check_dumps(checks, options):
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        check_dump(checks, project)


def main():
    run_parts(__doc__, (check_choice, check_paths, check_shuffle, check_shards, check_strategy, check_rerun, check_flaky,
                       check_usage, check_services, check_github, check_terminals, check_scaffold, check_doctor,
                       check_manual, check_history, check_merge, check_names_agree, check_invalid, check_dumps,
                       check_completion, check_modes, check_many))


if __name__ == "__main__":
    main()
