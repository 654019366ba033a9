"""Dumps of what the compiler writes, through the programs: archives, modules, files of the cache; also broken ones."""

import re
import struct

from cli_support import passing, relux, write

LIBRARY = 'pure fn twice(text) {\n    "${text}${text}"\n}\n'
TEST = 'import twice { twice }\n\n' + passing("one", "two")
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
    test = write(project, "relux/tests/two.relux", TEST)
    build = relux(project, "build", "-o", "suite.rxb", program="reluxc")
    archive = (project.root / "suite.rxb").read_bytes()
    cache, = (project.parent / "cache" / "relux").glob("*.rxp")
    pack = cache.read_bytes()
    module = modules_of(archive)[1]
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
    checks.check("--sections of a source is refused", dumped(project, test, "--sections").status == 2)
    checks.check("--ir of an archive is refused", dumped(project, "suite.rxb", "--ir").status == 2)
    check_cut(checks, project, {"cut.rxm": module, "cut.rxb": archive, "cut.rxp": pack})
    check_changed(checks, project, {"changed.rxm": module, "changed.rxb": archive, "changed.rxp": pack})
    check_foreign(checks, project)


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
