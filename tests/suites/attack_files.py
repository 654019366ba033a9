"""Parts of check_attacks.py: files that others change while they are read, or that are no files at all."""

import json
import os
import pathlib

from suite_checks import Project, write

LIMIT = 60  # seconds; whatever waits for a writer would wait for ever
GOOD = 'test "good" {\n    shell s {\n        > echo one\n        <? ^one$\n    }\n}\n'
LIBRARY = "fn helper() {\n    > echo help''ed\n    <? ^helped$\n}\n"
USES = 'import helping\ntest "uses" {\n    shell s {\n        helper()\n    }\n}\n'


def make_pipe(path):
    os.mkfifo(path)


def make_endless(path):
    path.symlink_to("/dev/zero")


def make_huge(path):
    with open(path, "wb") as file:
        file.truncate(5 << 30)


def make_directory(path):
    path.mkdir()


def make_blocking(path):
    path.symlink_to("/proc/kmsg")


def make_broken(path):
    path.symlink_to("nowhere")


KINDS = {"a pipe": make_pipe, "a link to /dev/zero": make_endless, "a file of 5 GiB": make_huge, "a directory": make_directory,
         "a link to /proc/kmsg": make_blocking}


def replace(path, make):
    """Puts what `make` makes where a file is, or was."""
    if path.is_symlink() or path.is_file() or path.exists():
        path.unlink()
    path.parent.mkdir(parents=True, exist_ok=True)
    make(path)


def remove(path):
    if path.is_dir() and not path.is_symlink():
        path.rmdir()
    else:
        path.unlink()


def check_inputs(checks, options):
    """What people write: refused with its name, at once."""
    cases = {
        ".env": (["run"], 2),
        "relux/.env": (["run"], 2),
        "Relux.toml": (["run", "--manifest", "Relux.toml"], 2),
        "relux/lib/helping.relux": (["check"], 1),
    }
    for kind, make in KINDS.items():
        for file, (words, status) in cases.items():
            if kind == "a directory" and file.endswith(".env"):
                continue  # as Python's virtual environments have it
            with Project(options.binaries) as project:
                write(project, "Relux.toml", "")
                write(project, "relux/tests/good.relux", GOOD)
                write(project, "relux/lib/helping.relux", LIBRARY)
                write(project, "relux/tests/uses.relux", USES)
                replace(project.root / file, make)
                run = project.run(*words, limit=LIMIT)
                checks.check(f"{file} is {kind}: refused by name", run.status == status and pathlib.Path(file).name in run.stderr
                             and "internal error" not in run.stderr, run.said()[-600:])
    for kind, make in KINDS.items():
        with Project(options.binaries) as project:
            write(project, "Relux.toml", "")
            replace(project.root / "suite.rxb", make)
            for words, program in ((["run", "suite.rxb"], "reluxvm"), (["verify", "suite.rxb"], "reluxvm"),
                                   (["dump", "--sections", "suite.rxb"], "relux")):
                run = project.run(*words, program=program, limit=LIMIT)
                checks.check(f"an archive is {kind}: {program} {words[0]} refuses it", run.status in (1, 2) and "suite.rxb" in run.stderr
                             and "internal error" not in run.stderr, run.said()[-600:])


def check_found_files(checks, options):
    """What is found under a test's name is not left out because it can't be read; nor is a project's own manifest."""
    kinds = {**KINDS, "a link to nothing": make_broken}
    del kinds["a directory"]
    for kind, make in kinds.items():
        for file in ("broken.relux", "broken.yaml"):
            with Project(options.binaries) as project:
                write(project, "Relux.toml", "")
                write(project, "relux/tests/good.relux", GOOD)
                make(project.root / "relux/tests" / file)
                run = project.run("run", limit=LIMIT)
                checks.check(f"{file} is {kind}: the run fails and says why", run.status == 1 and run.outcome("good") == "pass"
                             and f"tests/{file}" in run.stderr and "1 invalid" in run.stderr, run.said()[-600:])
        with Project(options.binaries) as project:
            (project.parent / "Relux.toml").touch()
            write(project, "relux/tests/good.relux", GOOD)
            make(project.root / "Relux.toml")
            run = project.run("run", limit=LIMIT)
            checks.check(f"the nearest Relux.toml is {kind}: no other is taken", run.status == 2 and f"{project.root}/Relux.toml" in run.stderr,
                         run.said()[-600:])
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        write(project, "relux/tests/good.relux", GOOD)
        (project.root / "relux/tests/.#good.relux").symlink_to("somebody@somewhere.123")
        (project.root / "relux/tests/linked").symlink_to(".")
        run = project.run("run", limit=LIMIT)
        checks.check("an editor's hidden link and a link to a directory: passed over", run.status == 0 and len(run.tests) == 1, run.said()[-600:])


def own_files(project):
    """What runs have left: the cache's, and what the project's runs remember."""
    return [path for base in (project.parent / "cache", project.root / "relux" / "out") for path in sorted(base.rglob("*"))
            if path.suffix in (".rxp", ".stamps", ".json", ".toml") or path.name in ("incremental", "state")]


def check_own_files(checks, options):
    """What an earlier run has written is a miss when it is no file any more: the run passes as if it were not there."""
    for kind, make in KINDS.items():
        with Project(options.binaries) as project:
            write(project, "Relux.toml", "")
            write(project, "relux/tests/good.relux", GOOD)
            for _ in range(2):
                project.run("run", "--incremental", limit=LIMIT)
            files = own_files(project)
            checks.check(f"{kind}: there are files to replace", len(files) >= 4, f"{files}")
            for path in files:
                replace(path, make)
            run = project.run("run", "--incremental", limit=LIMIT)
            checks.check(f"everything that earlier runs left is {kind}: the run passes", run.status == 0 and run.outcome("good") == "pass",
                         run.said()[-600:])
            history = project.run("history", "--failures", limit=LIMIT)
            checks.check(f"everything that earlier runs left is {kind}: history says what it skips", history.status == 0, history.said()[-600:])


def padded(count):
    """Modules whose texts make a pack that is not read whole."""
    return "".join(f"fn filler{number}() {{\n    > echo {'x' * 4000}{number}\n}}\n" for number in range(count))


def check_cut_packs(checks, options):
    """A pack of the cache that is cut short while the run uses it, at whatever place: its modules are compiled again."""
    for size, name in ((0, "all"), (40, "all but the magic"), (100_000, "the rest of it")):
        with Project(options.binaries) as project:
            write(project, "Relux.toml", "")
            cache = project.parent / "cache" / "relux"
            write(project, "relux/tests/a_first.relux", f'''test "cuts" {{
    shell s {{
        > for pack in {cache}/*/*.rxp; do truncate -s {size} $pack; done; echo cut$?
        <? ^cut0$
    }}
}}
''')
            for number in range(4):
                write(project, f"relux/tests/b_{number}.relux", padded(120) + GOOD.replace("good", f"good {number}"))
            project.run("build", "-o", "all.rxb", program="reluxc", limit=LIMIT)
            packs = list(cache.rglob("*.rxp"))
            checks.check("a large pack: there is one", any(pack.stat().st_size > 1 << 20 for pack in packs), f"{packs}")
            run = project.run("run", "-j", "1", "--no-early-shells", limit=LIMIT)
            checks.check(f"a large pack loses {name} while tests run: all pass", run.status == 0 and len(run.tests) == 5, run.said()[-600:])
            run = project.run("run", "-k", "not cuts", limit=LIMIT)
            checks.check(f"a large pack has lost {name}: the next run passes too", run.status == 0, run.said()[-600:])


def check_logs(checks, options):
    """A test that puts pipes where its own logs and reports are written keeps nobody waiting."""
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        write(project, "relux/tests/hostile.relux", '''test "hostile" {
    shell s {
        > cd "$__RELUX_TEST_ARTIFACTS/.."; rm -f s.*; for each in s.stdin.raw s.stdin.log s.stdout.raw s.stdout.log; do mkfifo $each; done; echo do''ne
        <? ^done$
        > yes xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx | head -n 5000; echo mo''re
        <~20s? ^more$
        let token = "learned-in-this-test"
    }
}
''')
        write(project, "relux/tests/other.relux", GOOD)
        run = project.run("run", "--junit", "--tap", limit=LIMIT)
        checks.check("pipes in place of logs: the run ends with its reports", run.status != -9 and run.outcome("good") == "pass"
                     and run.outcome("hostile") != "missing", run.said()[-600:])
        checks.check("pipes in place of logs: it says which can't be written", ".raw" in run.stderr or ".log" in run.stderr, run.said()[-600:])
        events = run.log_directory("hostile") / "events.json"
        checks.check("pipes in place of logs: the events are there", "events" in json.loads(events.read_text(encoding="utf-8")))
        project.check_nothing_left(checks, "pipes in place of logs")


PARTS = (check_inputs, check_found_files, check_own_files, check_cut_packs, check_logs)
