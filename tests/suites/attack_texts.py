"""Parts of check_attacks.py: names and texts by which others would write on the reader's screen."""

import json
import re
import tomllib
import urllib.parse
import xml.etree.ElementTree

from suite_checks import Project, write

LIMIT = 60
OVERRIDES = "".join(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
# In names of files and directories, which hold whatever bytes somebody likes.
DIRECTORY = "tests\u202egnp\x1b[2J\u009b31m #1?%41"
NAME = "na\u202eme \u2066of\u2069 \u009b31mit, \\x"
WRITTEN = NAME.replace("\\", "\\\\")  # as sources and TOML have it


def raw_controls(text):
    """Characters that turn text around or that a terminal obeys, but for newlines, tabs and colours."""
    for color in ("0", "1", "2", "1;31", "1;32", "1;33", "1;36", "31", "32", "33", "34", "36"):
        text = text.replace(f"\x1b[{color}m", "")
    return sorted({character for character in text if character in OVERRIDES or character == "\x7f" or "\x80" <= character < "\xa0"
                   or (character < " " and character not in "\n\t")})


def check_overrides(checks, options):
    """Bidirectional controls and escape sequences in names, messages and output, on the console and in every report."""
    with Project(options.binaries) as project:
        write(project, "Relux.toml", 'name = "suite\\u202eeman"\n')
        write(project, f"relux/tests/{DIRECTORY}/t.relux", f'''test "{WRITTEN}" {{
    shell s {{
        > printf 'out\\\\342\\\\200\\\\256put \\\\302\\\\233red \\\\233raw\\\\n'
        log("mess\u202eage")
        annotate("anno\u202etated")
        <~50ms= ne\u202ever
    }}
}}
test "good" {{
    shell s {{
        > echo one
        <? ^one$
    }}
}}
''')
        summary = project.root / "step-summary.md"
        run = project.run("run", "--junit", "--tap", "--trace-file", "trace.json", "--stats", limit=LIMIT,
                          extra_environment={"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)})
        checks.check("overrides: one fails, one passes", run.status == 1 and run.outcome(NAME) == "fail" and run.outcome("good") == "pass", run.said()[-600:])
        checks.check("overrides: none on the console", not raw_controls(run.stdout + run.stderr), f"{raw_controls(run.stdout + run.stderr)}; {run.said()}")
        checks.check("overrides: they show on the console", "\\u202e" in run.stderr, run.said())
        files = [path for path in sorted(run.directory.rglob("*")) if path.is_file() and path.suffix in (".html", ".json", ".toml", ".xml", ".tap")]
        for path in [*files, summary, project.root / "trace.json"]:
            # Not that of another encoding: bytes that are not UTF-8 are shown as such.
            odd = raw_controls(path.read_text(encoding="utf-8"))
            checks.check(f"overrides: none in {path.name} of {len(path.parts)}", not odd, f"{odd}")
        check_data(checks, run)
        check_links(checks, run)
        listed = project.run("run", "--list", limit=LIMIT)
        checks.check("overrides: none in the list of tests", listed.status == 0 and not raw_controls(listed.stdout), listed.stdout)
        for words in (["history", "--failures"], ["history", "--durations"], ["check"]):
            said = project.run(*words, limit=LIMIT)
            checks.check(f"overrides: none in what {' '.join(words)} says", not raw_controls(said.stdout + said.stderr), said.stdout + said.stderr)
        for form, read in (("toml", tomllib.loads), ("json", json.loads)):
            said = project.run("history", "--failures", "--format", form, limit=LIMIT)
            checks.check(f"overrides: none in history as {form}", not raw_controls(said.stdout), said.stdout)
            checks.check(f"overrides: history as {form} has the name", {NAME, f"{DIRECTORY}/t.relux"} <= texts_of(read(said.stdout)), said.stdout)
        merged = project.run("merge-reports", run.directory, "--output", project.root / "merged", limit=LIMIT)
        checks.check("overrides: reports are merged", merged.status == 0, merged.said())
        for path in (project.root / "merged").iterdir():
            if path.is_file():
                checks.check(f"overrides: none in the merged {path.name}", not raw_controls(path.read_text(encoding="utf-8")))
        checks.check("overrides: the merged summary has the name", NAME in texts_of(tomllib.loads((project.root / "merged/run_summary.toml").read_text())))
        write(project, f"relux/tests/{DIRECTORY}/t.relux", "nonsense \u202e\n")
        said = project.run("check", limit=LIMIT)
        checks.check("overrides: none in messages", said.status == 1 and "\\u202e" in said.stderr and not raw_controls(said.stderr), said.stderr)
        said = project.run("check", "--format", "json", limit=LIMIT)
        checks.check("overrides: none in messages for programs, which have them as data", not raw_controls(said.stdout)
                     and "\u202e" in json.dumps(json.loads(said.stdout), ensure_ascii=False), said.stdout)


def texts_of(value):
    """All texts in the data of a file."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return {text for part in value for text in texts_of(part)}
    return {value} if isinstance(value, str) else set()


def check_links(checks, run):
    """Links lead to files whatever their directories are called."""
    links = re.findall(r'href="([^"]*)"', (run.directory / "index.html").read_text(encoding="utf-8"))
    missing = [link for link in links if not (run.directory / urllib.parse.unquote(urllib.parse.urlsplit(link).path)).is_file()]
    checks.check("overrides: the page's links lead to the logs", len(links) == 3 and not missing, f"{links}")


def check_data(checks, run):
    """What programs read is the same text as ever."""
    tests = tomllib.loads((run.directory / "run_summary.toml").read_text(encoding="utf-8"))["tests"]
    checks.check("overrides: run_summary.toml has the name", any(test["name"] == NAME for test in tests), f"{tests}")
    cases = list(xml.etree.ElementTree.parse(run.directory / "junit.xml").getroot().iter("testcase"))
    checks.check("overrides: junit.xml has the path and the name", any(case.get("file") == f"relux/tests/{DIRECTORY}/t.relux".replace("\x1b", "\\x1b")
                 and case.get("name") == NAME for case in cases), f"{[case.attrib for case in cases]}")
    log = run.directory / next(test["log_dir"] for test in tests if test["name"] == NAME)
    events = json.loads((log / "events.json").read_text(encoding="utf-8"))
    received = [event.get("data", "") for event in events["events"] if event["kind"] == "recv"]
    checks.check("overrides: events.json has the output", any("out\u202eput \u009bred \\x9braw" in data for data in received), f"{received}")


def check_archive(checks, options):
    """The same names in an archive, which says them before it has been looked at."""
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        write(project, f"relux/tests/{DIRECTORY}/t.relux", f'test "{WRITTEN}" {{\n    shell s {{\n        <~10ms? ^never$\n    }}\n}}\n')
        built = project.run("build", "-o", "suite.rxb", program="reluxc", limit=LIMIT)
        checks.check("an archive: built", built.status == 0, built.said())
        for words, program in ((["run", "suite.rxb"], "reluxvm"), (["verify", "suite.rxb"], "reluxvm"), (["dump", "--sections", "suite.rxb"], "relux"),
                               (["dump", "--bytecode", "suite.rxb"], "relux")):
            said = project.run(*words, program=program, limit=LIMIT)
            checks.check(f"an archive: no overrides in what {program} {words[0]} {words[1]} says", not raw_controls(said.stdout + said.stderr),
                         f"{raw_controls(said.stdout + said.stderr)} {said.stdout[-500:]} {said.stderr[-500:]}")


PARTS = (check_overrides, check_archive)
