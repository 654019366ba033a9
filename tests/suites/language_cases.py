"""Small sources, each with what the product must say to it: the files tests/suites/cases/*.cases.

A case begins with `=== NAME`, then come lines `KEY: VALUE`, then its files, each under a line `--- PATH` (without one
the text is relux/tests/a.relux). Keys:

  edition   0.4, 0.8 or both (the default: the case is tried in each)
  refused   `relux check` has exit status 1 and says all of these words, divided by ` | `
  warned    `relux check` has exit status 0 and says these words; with --strict it has exit status 1
  accepted  `relux check` has exit status 0 and says `check passed`; a value names words that must not come
  fails     `relux run` has exit status 1, the test `t` is `fail`, and the run says these words
  passes    `relux run` has exit status 0; a value names words that must come
  first     words in the first line of the failure
  errors    how many errors there are, neither more nor fewer
  without   words that must not come
  status    the exit status of a refused or failing case, if it is not 1
  flags     more arguments for `relux run`
  outcome   the outcome of test `t` of a failing case, if it is not `fail`
  escaped   the sources are read with Python's escapes, for bytes that can't stand in a file
"""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import tempfile

from suite_checks import SUITES, Project

DEFAULT_FILE = "relux/tests/a.relux"
KINDS = ("refused", "warned", "accepted", "fails", "passes")
KEYS = (*KINDS, "edition", "first", "errors", "without", "escaped", "status", "outcome", "flags")
EDITIONS = ("0.4", "0.8")


class Case:
    def __init__(self, file, name):
        self.name = f"{file.stem}: {name}"
        self.keys = {}
        self.files = {}

    def kind(self):
        kinds = [kind for kind in KINDS if kind in self.keys]
        if len(kinds) != 1:
            raise ValueError(f"{self.name}: one of {', '.join(KINDS)} is needed")
        return kinds[0]

    def editions(self):
        edition = self.keys.get("edition", "both")
        return EDITIONS if edition == "both" else (edition,)

    def words(self, key):
        return [word.strip() for word in self.keys.get(key, "").split(" | ") if word.strip()]

    def write(self, root, edition):
        manifest = self.files.get("Relux.toml", "")
        (root / "Relux.toml").write_text(f'language = "{edition}"\n{manifest}')
        for path, text in self.files.items():
            if path == "Relux.toml":
                continue
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            if "escaped" in self.keys:
                (root / path).write_bytes(text.encode("latin-1").decode("unicode_escape").encode("latin-1"))
            else:
                (root / path).write_text(text, encoding="utf-8")


def read_cases(file):
    cases = []
    path = None
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(keepends=True), start=1):
        if line.startswith("=== "):
            cases.append(Case(file, line[4:].strip()))
            path = None
        elif not cases:
            continue  # what stands before the first case is for the reader
        elif line.startswith("--- "):
            path = line[4:].strip()
            cases[-1].files[path] = ""
        elif path is not None:
            cases[-1].files[path] += line
        else:
            key, colon, value = line.partition(":")
            if not line.strip():
                continue
            if not colon or key not in KEYS:
                path = DEFAULT_FILE
                cases[-1].files[path] = line
                continue
            if key in cases[-1].keys:
                raise ValueError(f"{file.name}:{number}: {key} twice")
            cases[-1].keys[key] = value.strip()
    return cases


def all_cases(directory=SUITES / "cases"):
    return [case for file in sorted(directory.glob("*.cases")) for case in read_cases(file)]


def check_in(binaries, root, *flags):
    """What `relux check` says: the exit status and all its words."""
    environment = os.environ | {"XDG_CACHE_HOME": str(root / "cache")}
    done = subprocess.run([pathlib.Path(binaries).resolve() / "relux", "check", *flags], cwd=root, env=environment,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
                          check=False)
    return done.returncode, done.stdout.decode(errors="replace")


def shown(text):
    return " / ".join(text.strip().splitlines()[-30:])


def problems_of_words(case, text):
    kind = case.kind()
    wanted = case.words(kind) if kind != "accepted" else []
    unwanted = case.words("without") + (case.words(kind) if kind == "accepted" else [])
    problems = [f"`{word}` is missing" for word in wanted if word not in text]
    problems += [f"`{word}` is there" for word in unwanted if word in text]
    if "errors" in case.keys:
        count = len(re.findall(r"^error\[", text, re.MULTILINE))
        if count != int(case.keys["errors"]):
            problems.append(f"{count} errors")
    return problems


def try_check(binaries, case, edition):
    with tempfile.TemporaryDirectory(prefix="relux-case-") as directory:
        root = pathlib.Path(directory)
        case.write(root, edition)
        kind = case.kind()
        status, text = check_in(binaries, root)
        problems = problems_of_words(case, text)
        if status != (int(case.keys.get("status", 1)) if kind == "refused" else 0):
            problems.append(f"exit status {status}")
        if (kind == "refused") == ("check passed" in text):
            problems.append("`check passed` does not fit")
        if kind == "warned" and check_in(binaries, root, "--strict")[0] != 1:
            problems.append("--strict does not refuse it")
        return problems, text


def try_run(binaries, case, edition):
    with Project(binaries) as project:
        case.write(project.root, edition)
        run = project.run("run", *case.keys.get("flags", "").split(), limit=120)
        kind = case.kind()
        problems = problems_of_words(case, run.stderr)
        outcome = case.keys.get("outcome", "fail") if kind == "fails" else "pass"
        status = int(case.keys.get("status", 1)) if kind == "fails" else 0
        if run.outcome("t") != outcome or run.status != status:
            problems.append(f"outcome {run.outcome('t')}, exit status {run.status}")
        first = first_line(run.stderr, "/t ----\n")
        problems += [f"`{word}` is not in `{first}`" for word in case.words("first") if word not in first]
        return problems, run.stderr


def first_line(text, heading):
    """Of the failure below a heading; empty: there is none."""
    return text.partition(heading)[2].partition("\n")[0]


def try_case(binaries, case, edition):
    """(name, good, why)"""
    attempt = try_run if case.kind() in ("fails", "passes") else try_check
    problems, text = attempt(binaries, case, edition)
    return f"{case.name} ({edition})", not problems, f"{'; '.join(problems)}: {shown(text)}"


def check_cases(checks, binaries, only="", directory=SUITES / "cases"):
    tries = [(binaries, case, edition) for case in all_cases(directory) if only in case.name for edition in case.editions()]
    with concurrent.futures.ThreadPoolExecutor(max_workers=4) as pool:
        for result in pool.map(lambda one: try_case(*one), tries):
            checks.check(*result)
