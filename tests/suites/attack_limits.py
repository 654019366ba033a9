"""Parts of check_attacks.py: inputs that are larger than anybody writes.

Each is refused, or shown shortened, in words that name the place and the limit; and what is slower than linear in their
size would not end before the driver does.
"""

from suite_checks import Project, write

LIMIT = 120  # seconds; nothing here needs more than a few
GOOD = 'test "good" {\n    shell s {\n        > echo one\n        <? ^one$\n    }\n}\n'


def check_errors_in_one_line(checks, options):
    """Recovery is linear: millions of braces, names and lists on one line."""
    many = {
        "braces": "{" * 4_000_000,
        "blocks": 'test "a" {\nshell s {\n' + "{" * 2_000_000,
        "shells": 'test "a" {\n' + "shell s {" * 400_000,
        "lists": "import a { " * 400_000,
        "closed blocks": "{ } " * 400_000,
        "overlays": 'test "a" {\nstart A { ' + "B = { " * 400_000,
        "tests of one name": 'test "a" {\n}\n' * 30_000,
        "functions of one name": "fn a() {\n}\n" * 30_000,
    }
    for name, text in many.items():
        with Project(options.binaries) as project:
            write(project, "Relux.toml", "")
            write(project, "relux/tests/many.relux", text + "\n")
            run = project.run("check", limit=LIMIT)
            checks.check(f"many {name}: errors, and not too many", run.status == 1 and "check failed: " in run.stderr
                         and len(run.stderr) < 200_000, f"{len(run.stderr)} bytes; {run.said()[-600:]}")


def check_long_lines(checks, options):
    """A place that no instruction can hold is refused with the line."""
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        write(project, "relux/tests/good.relux", GOOD)
        write(project, "relux/tests/long.relux", 'test "long" {\n    shell s {\n        > echo ' + "x" * 17_000_000 + "\n    }\n}\n")
        run = project.run("check", limit=LIMIT)
        said = run.stderr[:2000]
        checks.check("a line of 17 MB: an error with place and limit", run.status == 1 and "E0216" in said and "16777215" in said
                     and "relux/tests/long.relux:3:" in said, said)
        run = project.run("run", limit=LIMIT)
        checks.check("a line of 17 MB: other files run all the same", run.status == 1 and run.outcome("good") == "pass", run.said()[-600:])
        write(project, "relux/tests/long.relux", "\n" * 17_000_000)
        run = project.run("check", limit=LIMIT)
        checks.check("17,000,000 lines: an error with the limit", run.status == 1 and "E0216" in run.stderr and "16777215" in run.stderr,
                     run.said()[-600:])


def check_many_mistakes(checks, options):
    """Of a manifest that is none, a hundred mistakes are shown."""
    with Project(options.binaries) as project:
        write(project, "relux/tests/good.relux", GOOD)
        write(project, "Relux.toml", "".join(f"key{number} = 1\n" for number in range(50_000)))
        run = project.run("check", limit=LIMIT)
        checks.check("50,000 unknown keys: few messages, and how many there are more", run.status == 2
                     and run.stderr.count("\n") < 120 and "49900 more mistakes" in run.stderr, run.said()[-600:])
        write(project, "Relux.toml", "[\n{")
        run = project.run("check", limit=LIMIT)
        checks.check("a bracket before a brace: an error with its place", run.status == 2 and "Relux.toml:1: " in run.stderr, run.said()[-600:])
        write(project, "Relux.toml", "# " + "x" * (16 * 1024 * 1024))
        run = project.run("check", limit=LIMIT)
        checks.check("a manifest of 16 MiB: its limit", run.status == 2 and "Relux.toml" in run.stderr and "16777216" in run.stderr,
                     run.said()[-600:])


def check_growing_variables(checks, options):
    """Variables of `.env` that refer to each other grow no further than the system takes them."""
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        write(project, "relux/tests/good.relux", GOOD)
        write(project, ".env", "A0=xxxxxxxx\n" + "".join(f"A{number + 1}=${{A{number}}}${{A{number}}}\n" for number in range(60)))
        run = project.run("run", limit=LIMIT)
        checks.check("doubled 60 times: an error with place and limit", run.status == 2 and ".env:15: " in run.stderr
                     and "131072" in run.stderr, run.said()[-600:])
        write(project, ".env", "A=" + "x" * 100_000 + "\n" + "".join(f"A{number}=${{A}}\n" for number in range(100)))
        run = project.run("run", limit=LIMIT)
        checks.check("too many long ones: an error with place and limit", run.status == 2 and ".env:6" in run.stderr
                     and "6291456" in run.stderr, run.said()[-600:])
        write(project, ".env", "A=" + "x" * 131_000 + "\n")
        run = project.run("run", limit=LIMIT)
        checks.check("as long as the system takes it: runs", run.status == 0, run.said()[-600:])


def check_deep_chain(checks, options):
    """Of a thousand calls within each other both ends are shown."""
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        calls = "".join(f"fn f{number}() {{\n    f{number + 1}()\n}}\n" for number in range(990))
        write(project, "relux/tests/deep.relux", calls + "fn f990() {\n    <~10ms? ^never$\n}\n"
              + 'test "deep" {\n    shell s {\n        f0()\n    }\n}\n')
        run = project.run("run", "--junit", limit=LIMIT)
        checks.check("990 calls: the first and the last, and how many are left out", run.status == 1 and "fn f3/0" in run.stderr
                     and "fn f990/0" in run.stderr and "fn f500/0" not in run.stderr and "more places" in run.stderr, run.said()[-600:])
        write(project, "relux/tests/deep.relux", "".join(f"pure fn f{number}(a) {{\n    f{number + 1}(a)\n}}\n" for number in range(900))
              + 'pure fn f900(a) {\n    a ? ^never$\n    a\n}\ntest "deep" {\n    shell s {\n        > echo $((1 + 1))\n'
              + '        <? ^(2)$\n        f0($1)\n    }\n}\n')
        pure = project.run("run", limit=LIMIT)
        checks.check("900 pure calls: few lines", pure.status == 1 and pure.stderr.count("\n") < 200, f"{pure.said()[-600:]}")
        checks.check("990 calls: few lines", run.stderr.count("\n") < 200, f"{run.stderr.count(chr(10))} lines")
        page = (run.log_directory("deep") / "event.html").read_text(encoding="utf-8")
        junit = (run.directory / "junit.xml").read_text(encoding="utf-8")
        checks.check("990 calls: reports are as short", "more places" in page and "more places" in junit, junit[-600:])


def check_long_names(checks, options):
    """A shell may be called as its author likes; its logs are called as the system takes it."""
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        long = "s" * 300
        write(project, "relux/tests/names.relux", 'test "long names" {\n' + "".join(
            f"    shell {long}{end} {{\n        > echo o''ne\n        <? ^one$\n    }}\n" for end in "ab") + "}\n")
        run = project.run("run", limit=LIMIT)
        logs = sorted(path.name for path in run.log_directory("long names").glob("*.stdout.raw"))
        checks.check("shells with names of 300 letters: each has its logs", run.status == 0 and len(logs) == 2
                     and "warning" not in run.stderr, f"{logs}; {run.said()[-600:]}")


PARTS = (check_errors_in_one_line, check_long_lines, check_many_mistakes, check_growing_variables, check_deep_chain, check_long_names)
