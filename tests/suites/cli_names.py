"""How a test is called wherever it is named: names that are not ASCII keep their letters, none is empty, and no two
tests of a file have one slug."""

import json
import shutil
import signal
import subprocess
import tomllib
import unicodedata
import urllib.parse

from cli_support import PASSES, failing, junit_cases, listed, passing, refused, relux, skipped, write
from suite_checks import Project, wait_for

# Name to slug, in the order of the file.
NAMES = {
    "漢字": "漢字", "かな": "かな", "Ошибка входа": "ошибка-входа", "a b": "a-b", "A-b": "a-b-2", "a b 2": "a-b-2-2",
    "???": "test", "🎉": "test-2", unicodedata.normalize("NFD", "Über"): "über", "हिन्दी": "हिन्दी",
}


def tap_names(directory):
    lines = (directory / "results.tap").read_text(encoding="utf-8").splitlines()
    return [line.split(" - ", 1)[1] for line in lines if line.startswith(("ok ", "not ok "))]


def in_tap(name):
    return name.replace("\\", "\\\\").replace("#", "\\#")


def check_reports_agree(checks, project):
    slugs = list(NAMES.values())
    run = relux(project, "run", "--tap", "--junit", "--stats")
    shown = [line.split(": ", 1)[0] for line in run.stderr.splitlines() if line.startswith("test ") and ".relux/" in line]
    checks.check("names: the console", shown == [f"test t.relux/{slug}" for slug in slugs], run.said())
    logs = run.directory / "logs" / "relux" / "tests" / "t"
    checks.check("names: log directories", sorted(path.name for path in logs.iterdir()) == sorted(slugs),
                 sorted(path.name for path in logs.iterdir()))
    checks.check("names: TAP has them as they are written", tap_names(run.directory) == [in_tap(name) for name in NAMES],
                 tap_names(run.directory))
    checks.check("names: JUnit has them as they are written",
                 junit_cases(checks, "names", run.directory / "junit.xml") == [f"t.relux::{name}" for name in NAMES])
    summary = tomllib.loads((run.directory / "run_summary.toml").read_text(encoding="utf-8"))["tests"]
    checks.check("names: the summary has name, slug and log directory of one test",
                 [(test["name"], test["slug"], test["log_dir"]) for test in summary]
                 == [(name, slug, f"logs/relux/tests/t/{slug}") for name, slug in NAMES.items()], summary)
    slow = [line.split("t.relux/")[1] for line in run.stderr.splitlines()
            if line.startswith("    ") and " t.relux/" in line and " of " not in line]
    checks.check("names: the slowest tests of --stats", len(slow) == 5 and set(slow) <= set(slugs), run.stderr)
    page = (run.directory / "index.html").read_text(encoding="utf-8")
    checks.check("names: the page links each log", all(f'logs/relux/tests/t/{urllib.parse.quote(slug)}/event.html"' in page for slug in slugs))


def check_selection(checks, project):
    for name, slug in NAMES.items():
        for flag, words in (("-k", [f"t.relux/{slug}"]), ("-k glob", [f"t.relux/{slug}*"]),
                            ("-k regex", [f"/^t\\.relux\\/{slug}$/"])):
            run = relux(project, "run", "--list", "-k", *words)
            checks.check(f"names: {flag} {words[0]}, as the console shows it", f"t.relux::{name}" in listed(run),
                         run.stdout + run.said())
        run = relux(project, "run", "--list", "relux/tests/t.relux", "-t", slug)
        # A test that is written so goes before one whose slug it is.
        checks.check(f"names: -t {slug}", listed(run) == [f"t.relux::{slug if slug in NAMES else name}"],
                     run.stdout + run.said())
    for expression, names in (("漢字", ["漢字"]), ("t.relux::??", ["漢字", "かな"]), ("*::[あ-ん]*", ["かな"]),
                              ("*::[!!-~]?", ["漢字", "かな"]), ("/::\\p{Cyrillic}/", ["Ошибка входа"]),
                              ("ошибка", []), ("t.relux/ошибка", ["Ошибка входа"]),
                              ("t.relux/a-b and not t.relux/a-b-2", ["a b"])):
        run = relux(project, "run", "--list", "--allow-empty", "-k", expression)
        checks.check(f"names: -k {expression}", listed(run) == [f"t.relux::{name}" for name in names],
                     run.stdout + run.said())


def check_memory(checks, project):
    """What is remembered from one run to the next."""
    first = relux(project, "run", "--incremental")
    again = relux(project, "run", "--incremental")
    checks.check("names: --incremental knows them again", first.status == 0 and again.status == 0
                 and again.stderr.count("ok (cached)") == len(NAMES), again.said())
    run = relux(project, "run", "--incremental", "--why", "t.relux/ошибка-входа")
    checks.check("names: --why takes what the console shows", run.status == 0
                 and "t.relux::Ошибка входа" in run.stdout + run.stderr, run.said())
    run = relux(project, "history", "--durations", "--format", "json")
    checks.check("names: history", {row["name"] for row in json.loads(run.stdout)["tests"]} == set(NAMES), run.stdout)
    run = relux(project, "history", "--durations")
    # How wide Devanagari is depends on the terminal.
    ends = {column_of(line, " ms") for line in run.stdout.splitlines() if " ms" in line and "हिन्दी" not in line}
    checks.check("names: the columns of history stand below each other", len(ends) == 1, run.stdout)
    runs = []
    for index in (1, 2):
        # Shards with one history, which here is none.
        root = project.parent / f"shard-{index}"
        shutil.copytree(project.root, root, ignore=shutil.ignore_patterns("out"))
        runs.append(relux(project, "run", "--shard", f"{index}/2", "--tap", "--junit", directory=root))
    merged = relux(project, "merge-reports", *(run.directory for run in runs), "-o", project.parent / "merged")
    checks.check("names: shards together have all of them", merged.status == 0
                 and sorted(tap_names(project.parent / "merged")) == sorted(map(in_tap, NAMES)), merged.said())


def column_of(line, word):
    """The column of a terminal in which `word` begins first."""
    before = line[:line.index(word)]
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in before)


def check_failures(checks, project):
    write(project, "relux/tests/u.relux", failing("Ёлка", "漢字!") + skipped("漢字", "漢字?") + passing("漢字 漢字"))
    run = relux(project, "run", "--tap", "relux/tests/u.relux", environment={"GITHUB_ACTIONS": "true"})
    shown = ["u.relux/ёлка", "u.relux/漢字", "u.relux/漢字-2", "u.relux/漢字-3", "u.relux/漢字-漢字"]
    checks.check("names: failures begin with them", "\n---- u.relux/ёлка ----\n" in run.stderr
                 and "\n---- u.relux/漢字 ----\n" in run.stderr, run.said())
    checks.check("names: TAP of failures and skipped ones", tap_names(run.directory)[1:] == [
        "漢字!", "漢字 # SKIP skip", "漢字? # SKIP skip", "漢字 漢字"], tap_names(run.directory))
    checks.check("names: titles of GitHub's annotations", all(f"title={name}::" in run.stderr + run.stdout
                                                              for name in shown[:2]), run.stdout + run.said())
    check = relux(project, "check")
    checks.check("names: check numbers what is skipped as a run does", all(
        f"skipped: {name} (skip" in check.stderr for name in shown[2:4]), check.stderr)
    run = relux(project, "run", "--rerun", "--list")
    checks.check("names: --rerun", {"u.relux::Ёлка", "u.relux::漢字!"} <= set(listed(run))
                 and "u.relux::漢字 漢字" not in listed(run), run.stdout + run.said())
    refused(checks, "names: -t, the nearest name", relux(project, "run", "relux/tests/u.relux", "-t", "Ёлки"),
            'did you mean "Ёлка"?')
    write(project, "relux/tests/u.relux", 'test "漢字" {\n')
    run = relux(project, "run", "--tap", "relux/tests/u.relux")
    checks.check("names: a file whose tests are not known has only its own", [
        name.split(" # INVALID ")[0] for name in tap_names(run.directory)] in (["u.relux"], ["漢字"]) and "---- " not in run.stderr, tap_names(run.directory))
    (project.root / "relux" / "tests" / "u.relux").unlink()


def check_long(checks, project):
    write(project, "relux/tests/long.relux", passing("x" * 300, "x" * 299 + "y", "x" + "漢" * 100))
    run = relux(project, "run", "relux/tests/long.relux")
    logs = run.directory / "logs" / "relux" / "tests" / "long"
    checks.check("names: long ones are cut between characters", run.status == 0
                 and sorted(path.name for path in logs.iterdir())
                 == ["x" * 240, "x" * 240 + "-2", "x" + "漢" * 79], run.said())
    (project.root / "relux" / "tests" / "long.relux").unlink()


def check_progress(checks, project):
    write(project, "relux/tests/waits.relux", '''test "待つ" {
    shell s {
        > touch started; while ! test -e go; do sleep 0.05; done
        match_ok()
    }
}
'''.replace("touch started", 'cd "$__RELUX_SUITE_ROOT"; touch started'))
    process = subprocess.Popen([project.binaries / "relux", "run", "relux/tests/waits.relux"], cwd=project.root,
                               env=project.environment(), text=True, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    wait_for((project.root / "started").exists, "the test has begun")
    process.send_signal(signal.SIGUSR1)
    lines = []
    for line in process.stderr:
        lines.append(line)
        if line.startswith("  waits.relux"):
            write(project, "go")
    process.wait()
    checks.check("names: what runs now, when asked", any(line.startswith("  waits.relux/待つ, ") for line in lines), lines)
    (project.root / "relux" / "tests" / "waits.relux").unlink()


def check_names_agree(checks, options):
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        write(project, "relux/tests/t.relux", "".join(PASSES.format(name=name) for name in NAMES))
        for part in (check_reports_agree, check_selection, check_memory, check_failures, check_long, check_progress):
            part(checks, project)
