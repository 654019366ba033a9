"""Dumps of what the compiler writes, through the programs: archives, modules, files of the cache; also broken ones."""

import re
import struct

from cli_support import passing, relux, write
from suite_checks import REPOSITORY

LIBRARY = 'pure fn twice(text) {\n    "${text}${text}"\n}\n'
EFFECT = '''# skip if NEVER
effect Base {
    expect PORT
    expose s
    expose var ADDRESS
    let ADDRESS = "localhost:${PORT}"
    shell s {
        > echo up
        <~50s? ^up$
    }
}

effect Top {
    start Base as Base { PORT = "4000" }
    expose Base.s as t
}
'''
TEST = '''import twice { twice }
import effects { Base, Top }

fn hello(name) {
    > echo "${name}"
}

test "starts" @90s {
    """Says hello."""
    start Base as One { PORT = trim(" 4000 ") }
    start Top
    shell s {
        hello(twice("${One.ADDRESS}"))
        <? ^local
    }
    cleanup {
        > true
    }
}

''' + passing("one", "two")
FLOW = '''name: flow
config: {vars: {list: [1, 2]}, validate: [{name: list, type: array}]}
steps:
  - {name: ask, type: http, request: {url: "http://localhost/{{ list }}"}, ignore_error: true, timeout: 1s, cleanup: [x]}
  - {name: rows, type: db, engine: sqlite, query: SELECT 1, extract: {x: $}, assert: [["{{ list }}", not_null]]}
  - {name: both, type: shell, command: [echo a, echo b], parallel: true, assert: [[$, eq, b]]}
  - {name: either, type: if, condition: [x, not_null], then: [{name: yes-step, type: print, message: x}],
     else: [{name: no-step, type: print, message: y}]}
  - {name: each, type: loop, foreach: "list, item", steps: [{name: show, type: print, message: "{{ upper(item) }}"}]}
  - {name: called, type: call, file: ../lib/called.yaml}
'''
CALLED = "name: called\nsteps: [{name: inner, type: print, message: x}]\n"
RECORD = re.compile(r"^#### ([\w -]+)\n\n\| field \| type \| \|\n\|---\|---\|---\|\n((?:\|.*\n)+)", re.MULTILINE)
SECTION = re.compile(r"^\| (\d+) \| (\w+) \| ((?:text|list|u64)[^|`]*) \|", re.MULTILINE)
FAULT = re.compile(r"^(?P<file>.*): offset (?P<offset>\d+): (?P<what>.+)$")


def modules_of(archive):
    """The module files of an archive: a list of byte strings is its second section."""
    _, manifest_size, _, size = struct.unpack_from("<IIII", archive, 24)
    modules = archive[40 + manifest_size:][:size]
    count, = struct.unpack_from("<I", modules)
    at, found = 4, []
    for _ in range(count):
        length, = struct.unpack_from("<I", modules, at)
        found.append(modules[at + 4:at + 4 + length])
        at += 4 + length
    return found


def dumped(project, path, flag="--bytecode", program="reluxc"):
    return relux(project, "dump", flag, path, program=program)


def faults(run):
    return [FAULT.match(line) for line in run.stderr.splitlines()]


class Document:
    """Reads binary files by what docs/bytecode.md says of them, and nothing else."""

    NUMBERS = {"u8": "<B", "u16": "<H", "u32": "<I", "u64": "<Q", "i64": "<q", "flag": "<?"}

    def __init__(self):
        text = (REPOSITORY / "docs" / "bytecode.md").read_text(encoding="utf-8")
        self.records = {name: [row.split(" | ")[:2] for row in rows.removeprefix("| ").split("\n| ")]
                        for name, rows in RECORD.findall(text)}
        self.sections = [(name, types.split(", ")) for _, name, types in SECTION.findall(text)]
        self.version = int(re.search(r"The format version is (\d+)", text)[1])
        self.opcodes = int(re.search(r"there are (\d+) opcodes", text)[1])
        self.magics = {kind: bytes.fromhex(digits) for kind, digits in re.findall(
            r"(module|archive|magic) `((?:[0-9a-f]{2} ?){8})`", text.replace("\n", " "))}
        self.names = [name for name, _ in self.sections]

    def read(self, kind, data, at):
        """The value of that type at that offset, and where it ends."""
        if kind in self.NUMBERS:
            size = struct.calcsize(self.NUMBERS[kind])
            return struct.unpack_from(self.NUMBERS[kind], data, at)[0], at + size
        if kind == "hash":
            return data[at:at + 16], at + 16
        if kind == "text" or kind.startswith("list of "):
            count, = struct.unpack_from("<I", data, at)
            at += 4
            if kind == "text":
                return data[at:at + count], at + count
            values = []
            for _ in range(count):
                value, at = self.read(kind.removeprefix("list of "), data, at)
                values.append(value)
            return values, at
        record = {}
        for name, field in self.records[kind]:
            record[name], at = self.read(field, data, at)
        return record, at

    def envelope(self, data, kind, sections):
        """The values of all sections; every byte must belong to one."""
        version, count = struct.unpack_from("<II", data, 8)
        if data[:8] != self.magics[kind] or version != self.version or count != len(sections):
            raise ValueError(f"not a header as documented: {data[:16]}")
        at, found = 24 + 8 * count, {}
        for number, (name, types) in enumerate(sections):
            said, size = struct.unpack_from("<II", data, 24 + 8 * number)
            end, found[name] = at + size, []
            for each in types:
                value, at = self.read(each, data, at)
                found[name].append(value)
            if at != end or said != number + 1:
                raise ValueError(f"section {name} ends at {at}, not at {end}")
        if at != len(data):
            raise ValueError(f"{len(data) - at} bytes are left")
        return found


def check_document(checks, archive, pack):
    """What the compiler writes is what docs/bytecode.md says, to the last byte."""
    try:
        compare_document(checks, archive, pack)
    except (struct.error, ValueError, KeyError, TypeError) as error:
        checks.check("files are what docs/bytecode.md says", False, repr(error))


def compare_document(checks, archive, pack):
    document = Document()
    split = document.names.index("manifest")
    modules_have, archives_have = document.sections[:split], document.sections[split:]
    suite = document.envelope(archive, "archive", archives_have)
    files = suite["modules"][0]
    modules = [document.envelope(file, "module", modules_have) for file in files]
    names = [module["module"][0].decode() for module in modules]
    checks.check("an archive is what the document says", names == sorted(names) and len(names) > 2
                 and set(suite["manifest"][2]) <= {name.encode() for name in names}, f"{names}")
    chunks = [chunk for module in modules for chunk in module["chunks"][0]]
    words = [word for chunk in chunks for word in chunk["code"]]
    checks.check("so is the code", all(len(chunk["code"]) == len(chunk["places"]) for chunk in chunks)
                 and {word & 0xff for word in words} <= set(range(document.opcodes)), f"{len(words)} instructions")
    checks.check("with every record in use", all(
        any(module[section][part] for module in modules) for section, types in modules_have
        for part in range(len(types))), f"{[(name, len(types)) for name, types in modules_have]}")
    offset, size = struct.unpack_from("<QQ", pack, len(pack) - 32)
    table, end = document.read("list of pack entry", pack, offset)
    # Workflows are compiled when they are run.
    checks.check("a file of the cache is what the document says",
                 pack.startswith(document.magics["magic"]) and pack.endswith(document.magics["magic"])
                 and struct.unpack_from("<I", pack, 8)[0] == document.version and end == offset + size == len(pack) - 32
                 and sorted(pack[entry["offset"]:entry["offset"] + entry["size"]] for entry in table)
                 == sorted(file for file, name in zip(files, names) if name.endswith(".relux")),
                 f"{[entry['name'] for entry in table]}")


def check_broken(checks, project, name, data, what):
    """A broken file: no crash, exit status 1, and every line of standard error says where it is broken."""
    path = project.root / name
    path.write_bytes(data)
    run = dumped(project, path)
    found = faults(run)
    good = run.status == 1 and found and all(found) and all(int(fault["offset"]) <= len(data) for fault in found)
    checks.check(f"dump of {what}: said where, exit status 1", good, run.said())
    return run


def check_dump(checks, project):
    write(project, "relux/lib/twice.relux", LIBRARY)
    write(project, "relux/lib/effects.relux", EFFECT)
    test = write(project, "relux/tests/two.relux", TEST)
    write(project, "relux/tests/flow.yaml", FLOW)
    write(project, "relux/lib/called.yaml", CALLED)
    build = relux(project, "build", "-o", "suite.rxb", program="reluxc")
    archive = (project.root / "suite.rxb").read_bytes()
    cache, = (project.parent / "cache" / "relux").rglob("*.rxp")
    pack = cache.read_bytes()
    module = modules_of(archive)[-1]
    (project.root / "two.rxm").write_bytes(module)
    code = dumped(project, test).stdout
    for program in ("relux", "reluxc"):
        runs = {path: dumped(project, path, program=program) for path in ("suite.rxb", "two.rxm", cache)}
        checks.check(f"{program} dump --bytecode of module, archive and cache: the code of the source",
                     build.status == 0 and all(run.status == 0 and code.strip() in run.stdout and not run.stderr
                                               for run in runs.values()) and runs["two.rxm"].stdout == code,
                     f"{[run.said() for run in runs.values()]}")
    (project.root / "no-extension").write_bytes(archive)
    checks.check("what a file is shows in how it begins", dumped(project, "no-extension").status == 0)
    for path, expected in (("two.rxm", ("module file of ", "section 10, tests: offset ")),
                           ("suite.rxb", ("archive of ", "section 2, modules: offset ", "section 10, tests: offset ")),
                           (cache, ("cache file of ", "section 10, tests: offset "))):
        run = dumped(project, path, "--sections")
        checks.check(f"dump --sections of {path}", run.status == 0 and all(words in run.stdout for words in expected),
                     run.said())
    check_sections(checks, project)
    checks.check("--sections of a source is refused", dumped(project, test, "--sections").status == 2)
    checks.check("--ir of an archive is refused", dumped(project, "suite.rxb", "--ir").status == 2)
    check_document(checks, archive, pack)
    check_cut(checks, project, {"cut.rxm": module, "cut.rxb": archive, "cut.rxp": pack})
    check_changed(checks, project, {"changed.rxm": module, "changed.rxb": archive, "changed.rxp": pack})
    check_foreign(checks, project)


def check_sections(checks, project):
    """Every section of every module is told record by record, and nothing in it is but a number."""
    text = dumped(project, "suite.rxb", "--sections").stdout
    unnamed = [line for line in text.splitlines() if re.search(r"(?<![\w.])\d+\?", re.sub(r'"(?:[^"\\]|\\.)*"', "", line))]
    checks.check("--sections names all kinds and records", text and not unnamed, f"{unnamed[:10]}")
    empty = {name: 4 * len(types) for name, types in Document().sections}
    told = [(name, int(size), lines) for name, size, lines in re.findall(
        r"(?m)^ *section \d+, (\w+): offset \d+, (\d+) bytes?\n((?: +(?!section )\S.*\n)*)", text)]
    silent = [(name, size) for name, size, lines in told if name != "modules" and size > empty[name] and not lines]
    checks.check("--sections lists the records of every section", {name for name, _, lines in told if lines} >=
                 set(Document().names) - {"modules"} and not silent, f"{silent} of {[entry[0] for entry in told]}")
    for words in ('step 0 "ask", type "http", at "steps[0]", errors ignored, code chunk ', 'type "print", at "steps[3].else[0]"',
                  'loop 0 over "item", steps chunk ', 'workflow 0 "flow", set-up chunk ', ": workflow set-up, registers 0",
                  ": workflow steps, ", ": workflow step, ", 'template function 0 "upper"/1', "validate ", "cleanup ", "check.value ",
                  'workflow 0: workflow 0 of "relux/lib/called.yaml"'):
        checks.check(f"--sections has {words.strip()}", words in text, text[-3000:])


def check_cut(checks, project, files):
    for name, data in files.items():
        shown = []
        for size in (0, 1, 7, 8, 20, 30, len(data) // 2, len(data) - 1):
            run = check_broken(checks, project, name, data[:size], f"{name}, {size} of {len(data)} bytes")
            checks.check(f"{name}, {size} bytes: the fault is where it ends",
                         any(fault and int(fault["offset"]) == size for fault in faults(run)), run.said())
            shown.append(len(run.stdout))
        checks.check(f"{name}: the more there is, the more is shown", shown[-3:] == sorted(shown[-3:]) and shown[-1] > 1000,
                     f"{shown}")


def check_changed(checks, project, files):
    for name, data in files.items():
        for at in range(0, len(data), len(data) // 20):
            changed = bytearray(data)
            changed[at] ^= 0x10
            path = project.root / name
            path.write_bytes(changed)
            run = dumped(project, path)
            # What another compiler has written, and the padding between modules, is no damage.
            harmless = name.endswith(".rxp") and run.status == 0 and run.stdout
            checks.check(f"{name}, byte {at} changed: no crash, and said where",
                         harmless or run.status == 1 and faults(run) and all(faults(run)), run.said())


def check_foreign(checks, project):
    for name, data, where in (("picture.rxb", b"\x89PNG\r\n\x1a\n" + bytes(100), 1),
                              ("program.rxm", b"\x7fELF" + bytes(1000), 0), ("text.rxp", b"hello\n" * 100, 0),
                              ("zeros.rxb", bytes(5000), 0)):
        run = check_broken(checks, project, name, data, f"a foreign file, {name}")
        checks.check(f"{name}: the first byte that is wrong", [int(fault["offset"]) for fault in faults(run)] == [where],
                     run.said())
    missing = dumped(project, "missing.rxb")
    checks.check("dump of a file that is not there", missing.status == 2 and "missing.rxb" in missing.stderr, missing.said())
