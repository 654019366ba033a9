#!/usr/bin/env python3
"""Fails for functions of more than 60 lines and files of more than 600; lines are counted from a function's first to its
closing brace, as ctags sees them.

A function that is better long says why in a comment with a line `Long: REASON.`, directly above it or at the top of its
body, a file in the comment that it begins with (`// Long: ` in C++, `# Long: ` in Python). A reason that nothing needs
any more fails too.
"""

import ast
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOPS = ("compiler", "frontend", "stdlib", "tests", "tools", "vm")
CPP = (".h", ".cpp")
OTHER = (".def", ".re", ".yy", ".py")
FILE_LINES = 600
FUNCTION_LINES = 60
REASON = re.compile(r"\s*(?://|#) Long: \S.*\.$")
COMMENT = re.compile(r"\s*(?://|#)")
# The macros of doctest that begin a test, for ctags to take it for a function.
TESTS = ("TEST_CASE", "TEST_CASE_FIXTURE", "SCENARIO")


def cpp_functions(paths):
    """(path, first line, last line) of each function, lambdas among them."""
    names = "".join(f"{path.relative_to(ROOT)}\n" for path in paths)
    done = subprocess.run(["ctags", "-L", "-", "--languages=C++", "--kinds-C++=f", "--fields=+ne", "--output-format=json",
                           *(f"-D{name}(...)=void {name.lower()}()" for name in TESTS), "-f", "-"],
                          cwd=ROOT, input=names, capture_output=True, text=True, check=True)
    for line in done.stdout.splitlines():
        tag = json.loads(line)
        if "end" in tag:
            yield ROOT / tag["path"], tag["line"], tag["end"]


def python_functions(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield path, node.lineno, node.end_lineno


def comment_from(lines, index, step):
    """Indexes of the comment's lines that begin or end at this one."""
    while 0 <= index < len(lines) and COMMENT.match(lines[index]):
        yield index
        index += step


def reasons_of_function(lines, first, last):
    """Indexes of the lines that excuse the function."""
    body = next((index for index in range(first - 1, last) if lines[index].rstrip().endswith(("{", ":"))), first - 1) + 1
    around = [*comment_from(lines, first - 2, -1), *comment_from(lines, body, 1)]
    return [index for index in around if REASON.fullmatch(lines[index])]


class Checked:
    def __init__(self, path):
        self.name = path.relative_to(ROOT).as_posix()
        self.lines = path.read_text(encoding="utf-8").splitlines()
        self.used = set()
        self.problems = []

    def check_file(self):
        if len(self.lines) <= FILE_LINES:
            return
        start = 1 if self.lines[0].startswith("#!") else 0
        reasons = [index for index in comment_from(self.lines, start, 1) if REASON.fullmatch(self.lines[index])]
        self.used.update(reasons)
        if not reasons:
            self.problems.append(f"{self.name}: error: {len(self.lines)} lines, more than {FILE_LINES}")

    def check_function(self, first, last):
        length = last - first + 1
        if length <= FUNCTION_LINES:
            return
        reasons = reasons_of_function(self.lines, first, last)
        self.used.update(reasons)
        if not reasons:
            self.problems.append(
                f"{self.name}:{first}: error: a function of {length} lines, more than {FUNCTION_LINES}")

    def check_reasons(self):
        for index, line in enumerate(self.lines):
            if REASON.fullmatch(line) and index not in self.used:
                self.problems.append(f"{self.name}:{index + 1}: error: nothing here is so long that it needs a reason")


def main():
    paths = sorted(path for top in TOPS for path in (ROOT / top).rglob("*") if path.suffix in CPP + OTHER)
    files = {path: Checked(path) for path in paths}
    functions = [*cpp_functions(path for path in paths if path.suffix in CPP),
                 *(each for path in paths if path.suffix == ".py" for each in python_functions(path))]
    for checked in files.values():
        checked.check_file()
    for path, first, last in functions:
        files[path].check_function(first, last)
    for checked in files.values():
        checked.check_reasons()
    problems = [problem for checked in files.values() for problem in checked.problems]
    print(*problems, sep="\n", end="\n" if problems else "")
    longest = max((last - first + 1 for _, first, last in functions), default=0)
    print(f"lengths: {len(files)} files, {len(functions)} functions, the longest of {longest} lines, "
          f"{len(problems)} errors")
    return 1 if problems or not functions else 0


if __name__ == "__main__":
    sys.exit(main())
