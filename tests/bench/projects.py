"""Writes the Relux projects of tools/bench. Each is what a user would write for the case, with default settings but for
the shell."""

import json
import pathlib
import shutil

SHELL_TIMEOUT = "120s"


def write_project(root, command, tests, settings=""):
    """A project at `root` with the files `tests`, by name, and nothing left of an earlier one."""
    root = pathlib.Path(root)
    shutil.rmtree(root, ignore_errors=True)
    (root / "relux" / "tests").mkdir(parents=True)
    (root / "Relux.toml").write_text(f"[shell]\ncommand = {json.dumps(command)}\n\n{settings}")
    for name, text in tests.items():
        (root / "relux" / "tests" / name).write_text(text)
    return root


def test(name, lines, shell="s"):
    body = "".join(f"        {line}\n" for line in lines)
    return f'test "{name}" {{\n    shell {shell} {{\n{body}    }}\n}}\n\n'


def round_trip(number):
    return [f"> echo token-{number}", f"<? ^token-{number}$"]


def round_trips(count):
    """Case A."""
    return {"a.relux": test("round trips", [line for i in range(count) for line in round_trip(i)])}


def flood(line, pattern, fail_pattern):
    """Cases B and B2."""
    lines = [f"~{SHELL_TIMEOUT}"]
    if fail_pattern:
        lines.append(f"!? {fail_pattern}")
    return {"b.relux": test("flood", lines + [f"> {line}", f"<? {pattern}"])}


def one_round_trip_each(count):
    """Cases C and D."""
    return {"d.relux": "".join(test(f"round trip {i}", round_trip(i)) for i in range(count))}


def large_lines(count, every, line, end):
    """Case K: every so many-th test prints one line, large and slow to come, among round trips."""
    return {"k.relux": "".join(
        test(f"large {i}", [f"> {line}", f"<? {end}$"]) if i % every == 0 else test(f"round trip {i}", round_trip(i))
        for i in range(count))}


def sleepers(count, line):
    """Case E: as many tests as shells, all at once."""
    lines = [f"~{SHELL_TIMEOUT}", f"> {line}", "<? ^done$"]
    return {"e.relux": "".join(test(f"sleeper {i}", lines) for i in range(count))}


def time_outs(count, milliseconds, busy):
    """Case F."""
    loud = ("    shell loud {\n"
            "        > yes 'a line of output that never ends, from a shell that prints at full speed'\n"
            "        <= at full speed\n    }\n") if busy else ""
    quiet = f"    shell quiet {{\n        <@{milliseconds}ms? ^never$\n    }}\n"
    return {"f.relux": "".join(f'test "time-out {i}" {{\n{loud}{quiet}}}\n\n' for i in range(count))}


# Case H: calls within calls, ten of each; a leaf has 14 instructions, a call two and a return one.
LEAF_INSTRUCTIONS = 14
LEVELS = 4


def instructions_of_string_work():
    count = LEAF_INSTRUCTIONS
    for _ in range(LEVELS - 1):
        count = 10 * (count + 2) + 1
    return 7 * (count + 2)


def string_work():
    """Case H: some 100,000 instructions between two sends."""
    text = ('pure fn level_0(text) {\n    let joined = "${text}-${text}"\n    let loud = upper(joined)\n'
            '    replace(loud, "T", "x")\n}\n\n')
    for level in range(1, LEVELS):
        text += f"pure fn level_{level}(text) {{\n" + f"    level_{level - 1}(text)\n" * 10 + "}\n\n"
    calls = [f'level_{LEVELS - 1}("token")'] * 7
    return {"h.relux": text + test("string work", round_trip(0) + calls + round_trip(1))}
