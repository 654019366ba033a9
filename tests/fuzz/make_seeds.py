#!/usr/bin/env python3
"""Writes the seeds of the fuzzers from the tests and documents of this repository: make_seeds.py DIRECTORY [RELUXC].

Below DIRECTORY come `compile`, `match` and `module`, in the forms that tests/fuzz/targets.h describes. They are made,
not kept: what fuzzing learnt from them is in tests/fuzz/corpus. Given a reluxc, `module` also gets the suites' modules.
"""

import hashlib
import pathlib
import random
import re
import struct
import subprocess
import sys
import tempfile

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


def modules_of(archive):
    """The module files in an archive (vm/bytecode/file_envelope.h): a list of byte strings is its second section."""
    _, manifest_size, _, size = struct.unpack_from("<IIII", archive, 24)
    modules = archive[40 + manifest_size:][:size]
    count, = struct.unpack_from("<I", modules)
    at = 4
    for _ in range(count):
        length, = struct.unpack_from("<I", modules, at)
        yield modules[at + 4:at + 4 + length]
        at += 4 + length


def as_sections(module):
    """A module file's sections, each after its length as two bytes."""
    count, = struct.unpack_from("<I", module, 12)
    sizes = [struct.unpack_from("<I", module, 28 + 8 * i)[0] for i in range(count)]
    at = 24 + 8 * count
    data = b""
    for size in sizes:
        data += struct.pack("<H", size) + module[at:at + size]
        at += size
    return data


def write_modules(directory, reluxc):
    """The modules of the suites, as files and as sections, and archives of one module."""
    with tempfile.TemporaryDirectory() as scratch:
        archive = pathlib.Path(scratch) / "suite.rxb"
        for project in sorted((ROOT / "tests/suites").glob("*/Relux.toml")):
            command = [reluxc, "build", project.parent, "-o", archive, "--strip", "--no-cache"]
            # Suites of wrong programs don't compile.
            if subprocess.run(command, capture_output=True, check=False).returncode != 0:
                continue
            for module in modules_of(archive.read_bytes()):
                if len(module) < LONGEST:
                    write(directory, b"f" + module)
                    write(directory, b"s" + as_sections(module))
        tests = pathlib.Path(scratch) / "relux/tests"
        tests.mkdir(parents=True)
        (tests / "a.relux").write_text('test "t" {\n  shell s {\n    > true\n    match_ok()\n  }\n}\n')
        (pathlib.Path(scratch) / "Relux.toml").write_text("")
        subprocess.run([reluxc, "build", scratch, "-o", archive, "--no-cache"], capture_output=True, check=True)
        write(directory, b"a" + archive.read_bytes())


def write_decisions(directory):
    """Decisions by chance, a fixed sequence; the zero says that no number is to be made wrong."""
    chance = random.Random(1)
    for number in range(60):
        size = chance.choice((50, 100, 200, 400))
        decisions = bytes(chance.randrange(256 if chance.random() < 0.6 else 8) for _ in range(size))
        write(directory, b"b" + (b"\0" if number % 3 else b"") + decisions)


def write(directory, data):
    if len(data) > LONGEST:
        data = data[:LONGEST]
    (directory / hashlib.sha1(data).hexdigest()[:16]).write_bytes(data)


def main():
    target = pathlib.Path(sys.argv[1])
    compile_seeds, match_seeds, module_seeds = target / "compile", target / "match", target / "module"
    for directory in (compile_seeds, match_seeds, module_seeds):
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
    write_decisions(module_seeds)
    if len(sys.argv) > 2:
        write_modules(module_seeds, sys.argv[2])


if __name__ == "__main__":
    main()
