#!/usr/bin/env python3
"""Runs every example of docs/reference and docs/tutorial: the fenced blocks of each page, in a project of its own.

The info string of a block says what it is. A block that says nothing is an error, so that no example is untested.

    ```relux test=pass                      a whole test file: every test passes, and `relux check` has no warning
    ```relux test=pass "words"              the same, and the words are in what `relux check` or `relux run` says
    ```relux test=fail "words" "more"       every test fails (also: skip, cancelled, invalid), and the words are said
    ```relux check=error "words"            only checked: exit status 1 (also: warning, pass), and the words are said
    ```relux body=pass                      statements, run as the body of one shell of one test (also: fail, error)
    ```relux lib=path/to/module             the module relux/lib/path/to/module.relux
    ```toml Relux.toml                      the project's Relux.toml from here on
    ```toml error "words"                   a Relux.toml that is refused with these words
    ```sh file=greet.sh                     a file of the project; one that starts with `#!` is made executable
    ```console                              `$ command` lines, each followed by what it prints on both streams
    ```text plain                           a picture; the only kind that is not run

Options: `as=NAME.relux` keeps a test file in relux/tests under that name, where consoles see it (others are gone after
their run). `edition=0.8` sets the edition for one block. `args="-m 2"` and `env="CI=1"` go to `relux run`.
`project=services` runs a console in a copy of docs/tutorial/services (also: workflows). Modules and files stay to the end of the page.

Output in a console is compared line by line up to durations, paths of the run directory, the seed of random names and
white space at the end of a line. A line that is only `...` stands for any number of lines, ` ...` at the end of a line
for the rest of it.

Also checked: the table of built-ins is the one that stdlib/natives.def gives (`--write` puts it in place), each has a
section with an example, configuration.md names exactly the flags that the programs have, and no link leads nowhere.
"""

import concurrent.futures
import os
import pathlib
import re
import subprocess

from suite_checks import REPOSITORY, Checks, Project, arguments

DOCS = REPOSITORY / "docs"
LIMIT = 60  # seconds for one example

FENCE = re.compile(r"^(\s*)(`{3,})(.*)$")
WORD = re.compile(r'([\w-]+)=(?:"([^"]*)"|(\S+))|"([^"]*)"|(\S+)')
# What a block can be, with the values that each kind can have; no values: any.
KINDS = {"test": ("pass", "fail", "skip", "cancelled", "invalid"), "check": ("pass", "warning", "error"),
         "body": ("pass", "warning", "error", "fail"), "lib": (), "file": ()}
OPTIONS = {*KINDS, "as", "edition", "args", "env", "project"}
FLAGS = {"Relux.toml", "error", "plain"}
OUTCOMES = {"pass": "pass", "fail": "fail", "skip": "skipped", "cancelled": "cancelled", "invalid": "invalid"}
BODY = 'test "example" {\n    shell s {\n%s    }\n}\n'


class Block:
    """One fenced block: its language, `options`, quoted `words`, bare `flags`, text, and line on the page."""

    def __init__(self, info, line):
        self.line = line
        self.language, _, rest = info.strip().partition(" ")
        self.options, self.words, self.flags = {}, [], []
        for key, quoted, plain, words, flag in WORD.findall(rest):
            if key:
                self.options[key] = quoted or plain
            elif words:
                self.words.append(words)
            else:
                self.flags.append(flag)
        self.lines = []

    @property
    def text(self):
        return "".join(line + "\n" for line in self.lines)


def blocks_of(text):
    """The fenced blocks of a page, in order."""
    blocks, fence = [], None
    for number, line in enumerate(text.splitlines(), start=1):
        found = FENCE.match(line)
        if fence is None:
            if found:
                fence = (found[1], found[2])
                blocks.append(Block(found[3], number))
        elif found and found[2] == fence[1] and not found[3]:
            fence = None
        else:
            blocks[-1].lines.append(line.removeprefix(fence[0]))
    if fence is not None:
        raise ValueError(f"the block at line {blocks[-1].line} has no end")
    return blocks


class Page:
    """Runs the blocks of one page in a project; collects (name, good, why)."""

    def __init__(self, path, binaries):
        self.path = path
        self.name = path.relative_to(DOCS).as_posix()
        self.binaries = binaries
        self.results = []
        self.manifest = ""

    def check(self, block, what, good, why=""):
        self.results.append((f"{self.name}:{block.line}: {what}", good, why))

    def run(self):
        text = self.path.read_text(encoding="utf-8")
        self.check_links(text)
        with Project(self.binaries) as project:
            self.project = project
            (project.root / "relux" / "lib").mkdir()
            self.write_manifest("")
            for block in blocks_of(text):
                self.run_block(block)
            left = project.processes_left()
            self.results.append((f"{self.name}: no process is left", not left, f"{left}"))
        return self.results

    def run_block(self, block):
        kinds = [kind for kind in KINDS if kind in block.options]
        unknown = set(block.options) - OPTIONS | set(block.flags) - FLAGS
        if unknown or any(block.options[kind] not in KINDS[kind] for kind in kinds if KINDS[kind]):
            self.check(block, "the block says what it is", False, f"unknown: {sorted(unknown) or block.options}")
        elif len(kinds) == 1:
            getattr(self, f"run_{kinds[0]}")(block)
        elif block.language == "toml" and "Relux.toml" in block.flags:
            self.manifest = block.text
            self.write_manifest(self.manifest)
            run = self.project.run("check", limit=LIMIT)
            self.check(block, "Relux.toml is accepted", "Relux.toml:" not in run.stdout + run.stderr, run.said())
        elif block.language == "toml" and "error" in block.flags:
            self.write_manifest(block.text)
            run = self.project.run("check", limit=LIMIT)
            self.check_said(block, "Relux.toml is refused", run, run.status in (1, 2))
            self.write_manifest(self.manifest)
        elif block.language == "console":
            self.run_console(block)
        elif block.language != "text" or block.flags != ["plain"]:
            self.check(block, "the block says what it is", False, "no convention in its info string")

    def write_manifest(self, text):
        (self.project.root / "Relux.toml").write_text(text)

    def write(self, place, text):
        path = self.project.root / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        if text.startswith("#!"):
            path.chmod(0o755)
        return path

    def run_lib(self, block):
        self.write(f"relux/lib/{block.options['lib']}.relux", block.text)

    def run_file(self, block):
        self.write(block.options["file"], block.text)

    def check_said(self, block, what, run, good):
        """What must be so, and the words that must be said."""
        missing = [words for words in block.words if words not in run.stdout + run.stderr]
        why = (f"{missing} not said; " if missing else "") + run.said() + run.stdout
        self.check(block, what, good and not missing, why)

    def with_example(self, block, text, do):
        """Calls `do(path)` with the example written and the edition set, and puts back what was there."""
        name = block.options.get("as", "example.relux")
        path = self.write(f"relux/tests/{name}", text)
        if edition := block.options.get("edition"):
            rest = re.sub(r"(?m)^language\s*=.*\n", "", self.manifest)
            self.write_manifest(f'language = "{edition}"\n{rest}')
        do(path.relative_to(self.project.root))
        self.write_manifest(self.manifest)
        if "as" not in block.options:
            path.unlink()

    def run_check(self, block, text=None):
        kind = block.options.get("check") or block.options["body"]

        def do(path):
            run = self.project.run("check", path, limit=LIMIT)
            said = run.stdout + run.stderr
            good = {"error": run.status == 1, "warning": run.status == 0 and "warning" in said,
                    "pass": run.status == 0 and "check passed" in said and "warning" not in said}[kind]
            self.check_said(block, f"relux check: {kind}", run, good)
        self.with_example(block, text or block.text, do)

    def run_body(self, block):
        text = BODY % "".join(f"        {line}\n" if line else "\n" for line in block.lines)
        if block.options["body"] in ("error", "warning"):
            self.run_check(block, text)
        else:
            self.run_test(block, text)

    def run_test(self, block, text=None):
        kind = block.options.get("test") or block.options["body"]
        outcome = OUTCOMES[kind]
        extra = dict(pair.split("=", 1) for pair in block.options.get("env", "").split())

        def do(path):
            check = self.project.run("check", path, limit=LIMIT, extra_environment=extra)
            run = self.project.run("run", path, *block.options.get("args", "").split(), limit=LIMIT,
                                   extra_environment=extra)
            run.stdout += check.stdout + check.stderr
            outcomes = {test["name"]: test["outcome"] for test in run.tests.values()}
            good = bool(outcomes) and all(found == outcome for found in outcomes.values())
            good = good and run.status == (0 if kind in ("pass", "skip") else 1)
            if kind == "pass" and not block.words:
                good = good and "warning" not in check.stdout + check.stderr
            self.check_said(block, f"every test: {kind}", run, good)
        self.with_example(block, text or block.text, do)

    def run_console(self, block):
        if block.options.get("project") in ("services", "workflows"):
            with Project(self.binaries, DOCS / "tutorial" / block.options["project"]) as project:
                self.compare_console(block, project)
        else:
            self.compare_console(block, self.project)

    def compare_console(self, block, project):
        commands, shown = commands_of(block.lines)
        if not commands:
            self.check(block, "the console has a command", False, "no line starts with `$ `")
            return
        printed = run_commands(commands, project)
        for command, expected, found in zip(commands, shown, printed):
            wanted = [normalised(line, project) for line in expected]
            real = [normalised(line, project) for line in found]
            self.check(block, f"$ {command}", same(wanted, real), "it prints\n" + "\n".join(found))

    def check_links(self, text):
        outside = re.sub(r"(?ms)^\s*```.*?^\s*```$", "", text)
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", outside):
            if "://" not in target:
                good = (self.path.parent / target).exists()
                self.results.append((f"{self.name}: the link to {target}", good, "no such file"))


def commands_of(lines):
    """The commands of a console and, for each, the lines shown after it."""
    commands, shown = [], []
    for line in lines:
        if line.startswith("$ "):
            commands.append(line[2:])
            shown.append([])
        elif shown:
            shown[-1].append(line)
    return commands, shown


def run_commands(commands, project):
    """What each command prints, in one shell, so that `cd`, `export` and `$?` work as typed."""
    end = "-- end of a command --"
    script = "".join(f"{command}\nstatus=$?; echo '{end}'; (exit $status)\n" for command in commands)
    path = f"{project.binaries}:{os.environ['PATH']}"
    done = subprocess.run(["sh", "-c", f"exec 2>&1\n{script}"], cwd=project.root, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, env=project.environment({"PATH": path}), timeout=LIMIT, check=False)
    parts = done.stdout.decode(errors="replace").split(f"{end}\n")
    return [part.splitlines() for part in parts[:len(commands)]] + [[]] * (len(commands) - len(parts) + 1)


def normalised(line, project):
    """A line of output without what differs between two runs."""
    line = line.replace(str(project.root), "/home/you/project").rstrip()
    line = re.sub(r"file://\S+", "URL", line)
    line = re.sub(r"\S*/relux/out/run-\S+", "RUN", line)
    line = re.sub(r"\brun-\d{4}-[\w-]+", "RUN", line)
    line = re.sub(r"\d+(?:\.\d+)? ?(?:ns|us|ms|s|m|h)\b(?: \d+(?:\.\d+)? ?s\b)?", "D", line)
    return re.sub(r"/home/you/[\w-]+", "PROJECT", line)


def same(wanted, found):
    """Whether the lines agree, `...` standing for any number of lines."""
    if not wanted:
        return not found
    if wanted[0] == "...":
        return any(same(wanted[1:], found[skipped:]) for skipped in range(len(found) + 1))
    if not found:
        return False
    line = found[0].startswith(wanted[0][:-3]) if wanted[0].endswith(" ...") else wanted[0] == found[0]
    return line and same(wanted[1:], found[1:])


# --- what is generated, or must agree with the programs ---

BUILTINS = DOCS / "reference" / "builtins.md"
TABLE = re.compile(r"(<!-- table from stdlib/natives\.def[^\n]*-->\n\n)(.*?)(\n<!-- end of the table -->)", re.DOTALL)


def natives():
    """(name, purity, signatures, what it does) of each built-in."""
    rows = (REPOSITORY / "stdlib" / "natives.def").read_text(encoding="utf-8")
    pattern = r'^NATIVE\(\w+, "(\w+)", \d+, \d+, (Pure|Constant|Shell), "((?:[^"\\]|\\.)*)"'
    for name, purity, text in re.findall(pattern, rows, re.MULTILINE):
        signatures, _, what = text.partition(": ")
        yield name, purity, signatures, what


def table_of_builtins():
    lines = ["| built-in | needs a shell | what it does |", "|---|---|---|"]
    for name, purity, signatures, what in natives():
        linked = f"[`{signatures}`](#{name})"
        lines.append(f"| {linked} | {'yes' if purity == 'Shell' else 'no'} | {what} |".replace("\\", "\\\\"))
    return "\n".join(lines) + "\n"


def check_builtins(checks, write):
    text = BUILTINS.read_text(encoding="utf-8")
    current = TABLE.sub(lambda found: found[1] + table_of_builtins() + found[3], text)
    if write:
        BUILTINS.write_text(current, encoding="utf-8")
        text = current
    checks.check("reference/builtins.md: the table is current", text == current and TABLE.search(text),
                 "run tests/suites/check_docs.py DIRECTORY --write")
    for name, *_ in natives():
        section = re.search(rf"(?ms)^### {name}$(.*?)(?=^##|\Z)", text)
        good = section is not None and any(f"{name}(" in block.text for block in blocks_of(section[1]))
        checks.check(f"reference/builtins.md: {name} has a section with an example", good, "missing")


FLAG = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
PROGRAMS = ("relux", "reluxc", "reluxvm")


def flags_of(binaries, program):
    """{command: flags} by the program's own help."""
    def help_of(*command):
        done = subprocess.run([pathlib.Path(binaries).resolve() / program, *command, "--help"], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=LIMIT, check=False)
        return done.stdout.split("\nExample")[0]
    commands = re.findall(r"(?m)^  ([a-z-]+) {2,}", help_of().partition("Subcommands:")[2])
    return {f"{program} {command}": set(FLAG.findall(help_of(command))) - {"--help", "--version"}
            for command in commands}


def flags_told(text, command):
    """The flags in the first column of the command's section; None without such a section."""
    section = re.search(rf"(?ms)^### `{command}`$(.*?)(?=^##|\Z)", text)
    if section is None:
        return None
    rows = [line for line in section[1].splitlines() if line.startswith("| `")]
    told = {flag for row in rows for flag in FLAG.findall(row.split("|")[1])}
    same_as = re.search(r"flags of `([^`]+)`", section[1])
    return told | (flags_told(text, same_as[1]) if same_as else set())


def check_flags(checks, binaries):
    """configuration.md has a section for each command, with a row for each of its flags and for nothing else."""
    text = (DOCS / "reference" / "configuration.md").read_text(encoding="utf-8")
    for program in PROGRAMS:
        for command, flags in flags_of(binaries, program).items():
            told = flags_told(text, command)
            if checks.check(f"configuration.md: {command} has a section", told is not None, "missing"):
                checks.check(f"configuration.md: flags of {command}", told == flags,
                             f"not on the page: {sorted(flags - told)}; only on the page: {sorted(told - flags)}")


def main():
    options = arguments(__doc__, write="put the generated table in place")
    checks = Checks()
    pages = [Page(path, options.binaries)
             for directory in ("reference", "tutorial") for path in sorted((DOCS / directory).glob("*.md"))]
    check_builtins(checks, options.write)
    check_flags(checks, options.binaries)
    with concurrent.futures.ThreadPoolExecutor(max_workers=4) as pool:
        for results in pool.map(Page.run, pages):
            for result in results:
                checks.check(*result)
    checks.finish()


if __name__ == "__main__":
    main()
