#!/usr/bin/env python3
"""Writes the seeds of the fuzzers from the tests and documents of this repository: make_seeds.py DIRECTORY [RELUXC].

Below DIRECTORY come `compile`, `files`, `match` and `module`, in the forms that tests/fuzz/targets.h describes. They are made,
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
import time

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


ENVIRONMENT = b"""# where it is
export HOST=example.test
BASE_URL="http://${HOST}:8080"  # with a port
LITERAL='${HOST}'
A=xxxxxxxx
A=${A}${A}
QUOTED="a\\n\\"b\\" \\$c"
"""
MANIFEST = b"""name = "all"
language = "0.8"
[shell]
command = ["/bin/bash", "--norc"]
buffer_limit = "64MiB"
columns = 80
[timeout]
match = "1m 30s"
[run]
jobs = "auto"
memory_limit = "1GiB"
inputs = ["bin/server", "data/**/*.json"]
[flaky]
timeout_multiplier = 1.5
[available_ports]
range_start = 1024
[report]
mask = ["ACME_*"]
unknown = 1
"""


def pack_of(data):
    """A pack's modules and table (compiler/cache_pack.h), the modules after their size as two bytes."""
    end = len(data) - 32
    offset, = struct.unpack_from("<Q", data, end)
    length, = struct.unpack_from("<I", data, 12)
    begin = 16 + length
    return struct.pack("<H", offset - begin) + data[begin:end]


def write_files(directory, relux=None):
    """Files that people write, and those that a run leaves."""
    write(directory, b"e" + ENVIRONMENT)
    write(directory, b"m" + MANIFEST)
    for manifest in sorted((ROOT / "tests/suites").glob("*/Relux.toml")):
        write(directory, b"m" + manifest.read_bytes())
    if relux is None:
        return
    with tempfile.TemporaryDirectory() as scratch:
        root = pathlib.Path(scratch)
        (root / "relux/tests").mkdir(parents=True)
        (root / "relux/tests/a.relux").write_text(
            'test "t" {\n  shell s {\n    > true\n    match_ok()\n  }\n}\ntest "f" {\n  shell s {\n    <~1ms? ^x$\n  }\n}\n')
        (root / "Relux.toml").write_text("")
        for _ in range(2):
            subprocess.run([relux, "run", "--incremental", "--cache-dir", root / "cache"], cwd=root, capture_output=True, check=False)
            time.sleep(2.1)  # files that were touched just now are left out of the stamps
        for pack in (root / "cache").rglob("*.rxp"):
            write(directory, b"p" + pack_of(pack.read_bytes()))
        for stamps in (root / "cache").rglob("*.stamps"):
            data = stamps.read_bytes()
            length, = struct.unpack_from("<I", data, 12)
            write(directory, b"t" + data[16 + length:-8])
        for state in (root / "relux/out").rglob("*"):
            if state.is_file() and state.read_bytes().startswith(b"\x89RXI"):
                write(directory, b"i" + state.read_bytes()[12:-8])
        archive = root / "suite.rxb"
        subprocess.run([relux.with_name("reluxc"), "build", "-o", archive, "--no-cache"], cwd=root, capture_output=True, check=True)
        write(directory, b"a" + archive.read_bytes())
        latest = root / "relux/out/latest"
        write(directory, b"s" + (latest / "run_summary.toml").read_bytes())
        write(directory, b"j" + (latest / "margins.json").read_bytes())


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
    compile_seeds, match_seeds, module_seeds, file_seeds = (target / name for name in ("compile", "match", "module", "files"))
    for directory in (compile_seeds, match_seeds, module_seeds, file_seeds):
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
    # Absolute: seeds are made in directories of their own.
    write_files(file_seeds, pathlib.Path(sys.argv[2]).absolute().with_name("relux") if len(sys.argv) > 2 else None)
    if len(sys.argv) > 2:
        write_modules(module_seeds, pathlib.Path(sys.argv[2]).absolute())


if __name__ == "__main__":
    main()
