#!/usr/bin/env python3
"""Writes the seeds of the fuzzers from the tests and documents of this repository: make_seeds.py DIRECTORY.

Below DIRECTORY come `compile` and `match`, in the forms that tests/fuzz/targets.h describes. They are made, not kept:
what fuzzing learnt from them is in tests/fuzz/corpus.
"""

import hashlib
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
LONGEST = 4096
FENCE = re.compile(rb"^```(?:relux)?\n(.*?)^```", re.MULTILINE | re.DOTALL)
OPERATOR = re.compile(rb"^\s*<(\?|=)\s+(.*)$", re.MULTILINE)
LITERAL = re.compile(r'^ +"((?:[^"\\]|\\.)*)"sv,?', re.MULTILINE)
DURATION = re.compile(rb"[~@]((?:\d+(?:ns|us|ms|s|m|h|d))+)")
OUTPUTS = (b"hello\r\nrelux> echo hello\r\nhello\r\nrelux> ", b"a\rb\r\nc\n\rd\r\r\n\r\re\n\n\r\n",
           b"ok \xff\xfe bad \xc3( \xe2\x82( \xf0\x9f\x98 a\x80\x80z end \xc3", b"foo bar 42 of 42 \xc3\xbc\r\n$ ")


def programs():
    """(text, whether it is of edition 0.8) of every program there is."""
    for path in sorted((ROOT / "tests").rglob("*.relux")):
        later = ".v08." in path.name or "language_0_8" in path.parts
        yield path.read_bytes(), later
    for path in sorted((ROOT / "docs").rglob("*.relux")):
        yield path.read_bytes(), False
    for path in sorted((ROOT / "docs").rglob("*.md")):
        for block in FENCE.findall(path.read_bytes()):
            yield block, False


def write(directory, data):
    if len(data) > LONGEST:
        data = data[:LONGEST]
    (directory / hashlib.sha1(data).hexdigest()[:16]).write_bytes(data)


def main():
    target = pathlib.Path(sys.argv[1])
    compile_seeds, match_seeds = target / "compile", target / "match"
    for directory in (compile_seeds, match_seeds):
        directory.mkdir(parents=True, exist_ok=True)
    patterns, durations = set(), {b"1m30s", b"1m 30s", b"292y", b"106751d", b"9223372036854775807ns", b"0s", b"5"}
    for text, later in programs():
        for bits in (1, 13) if later else (0, 12):
            write(compile_seeds, bytes([ord("0") + bits]) + text)
        if b"test " not in text:
            write(compile_seeds, (b"3" if later else b"2") + text)
        patterns.update(OPERATOR.findall(text))
        durations.update(DURATION.findall(text))
    cut_test = (ROOT / "tests/unit/match/cut_independence_test.cpp").read_text(encoding="utf-8")
    for literal in LITERAL.findall(cut_test):
        if "\\x" not in literal.replace("\\\\", ""):
            patterns.add((b"?", literal.replace('\\"', '"').replace("\\\\", "\\").encode()))
    for number, (operator, pattern) in enumerate(sorted(patterns)):
        kind = b"r" if operator == b"?" else b"l"
        write(match_seeds, kind + bytes([number % 64]) + pattern + b"\n" + OUTPUTS[number % len(OUTPUTS)])
    for duration in durations:
        write(match_seeds, b"d" + duration)


if __name__ == "__main__":
    main()
