#!/usr/bin/env python3
"""Makes docs/wrong_programs.md: make_wrong_programs.py BINARIES [--check].

Each file of tests/wrong_programs is a program with one mistake; below it stands what `relux check` says, or, where
nothing is wrong before it runs, what `relux run` says of the failure. `.v08` in a name means `language = "0.8"`. What differs from
run to run (times, directories, a prompt at the end of output) is replaced. --check compares instead of writing; exit status 1 if they differ.
"""

import argparse
import difflib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAMS = ROOT / "tests" / "wrong_programs"
PAGE = ROOT / "docs" / "wrong_programs.md"
INTRODUCTION = """\
<!-- Made by tools/make_wrong_programs.py from tests/wrong_programs: change those. -->

# Wrong programs, and what Relux says to them

Each program has one mistake. The first part shows what `relux check` says, and `relux run` says the same before it
runs the other files; the second part shows programs that go wrong when they run. `reluxc explain CODE` says more about
a code, and [diagnostics.md](diagnostics.md) has all of them.
"""
MANIFEST = '[timeout]\nmatch = "1s"\n'
LIMIT = 60  # seconds; a program needs about two


def title(file):
    words = re.sub(r"^\d+_", "", file.name.split(".")[0]).replace("_", " ")
    return words[0].upper() + words[1:]


def environment():
    """No variable of whoever runs this may decide what a program says."""
    return {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C.UTF-8", "TERM": "dumb"}


def relux(binaries, project, *arguments):
    return subprocess.run([binaries / "relux", *arguments], cwd=project, env=environment(), text=True, check=False,
                          timeout=LIMIT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def steady(output, project):
    """Without what no two runs have in common."""
    output = output.replace(str(project), "/project")
    output = re.sub(r"\b\d+(\.\d+)? (µs|us|ms|s)\b", "… ms", output)
    # A shell that is busy may not say its status in time.
    output = re.sub(r"at the prompt since .*", "at the prompt since … s", output)
    # Where a test fails at once, the prompt behind its output may come before or after that.
    output = re.sub(r"^ +\| relux> \n(?! +\| )", "", output, flags=re.MULTILINE)
    return output.strip("\n")


def failure(output):
    """What a run says about its one test, without the lines around it."""
    found = re.search(r"^---- .* ----$(.*?)^  logs: ", output, re.MULTILINE | re.DOTALL)
    return found.group(1) if found else output


def said(binaries, project, name):
    checked = relux(binaries, project, "check", f"relux/tests/{name}")
    output = checked.stdout.replace("check passed\n", "")
    if output.strip():
        return "check", steady(output, project)
    return "run", steady(failure(relux(binaries, project, "run", f"relux/tests/{name}").stdout), project)


def section(binaries, file):
    later = ".v08." in file.name
    with tempfile.TemporaryDirectory(prefix="relux-wrong-") as directory:
        project = pathlib.Path(directory).resolve() / "project"
        (project / "relux" / "tests").mkdir(parents=True)
        shutil.copytree(PROGRAMS / "lib", project / "relux" / "lib")
        (project / "Relux.toml").write_text(('language = "0.8"\n' if later else "") + MANIFEST, encoding="utf-8")
        name = re.sub(r"^\d+_", "", file.name).replace(".v08", "")
        text = file.read_text(encoding="utf-8")
        (project / "relux" / "tests" / name).write_text(text, encoding="utf-8")
        command, output = said(binaries, project, name)
    edition = ' (`language = "0.8"`)' if later else ""
    return command, f"### {title(file)}{edition}\n\n```\n{text}```\n\nsays\n\n```\n{output}\n```\n"


def page(binaries):
    parts = {"check": [], "run": []}
    for file in sorted(PROGRAMS.glob("*.relux")):
        command, text = section(binaries, file)
        parts[command].append(text)
    return "\n".join([INTRODUCTION, "## Before anything runs\n", *parts["check"], "## When it runs\n", *parts["run"]])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binaries", type=pathlib.Path, help="directory that holds relux")
    parser.add_argument("--check", action="store_true", help="compare with the page instead of writing it")
    options = parser.parse_args()
    made = page(options.binaries.resolve())
    if not options.check:
        PAGE.write_text(made, encoding="utf-8")
        return 0
    there = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    sys.stdout.writelines(difflib.unified_diff(there.splitlines(True), made.splitlines(True), "committed", "made"))
    return 0 if there == made else 1


if __name__ == "__main__":
    sys.exit(main())
