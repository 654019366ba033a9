#!/usr/bin/env python3
"""Checks that every #include keeps to the table of layers.

Separate libraries keep a layer from linking what stands above it; this keeps it from including it. The table itself
must have no circle, and the rooms of tools/ no more than six floors.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# What a layer may include besides itself: layers, or single files where only those are meant.
ALLOWED = {
    "vm/base": [],
    "vm/value": ["vm/base"],
    "vm/bytecode": ["vm/base", "vm/value"],
    "vm/match": ["vm/base"],
    "vm/data": ["vm/base", "vm/value", "vm/match/long_search.h", "vm/match/pattern.h"],
    "vm/io": ["vm/base"],
    "vm/clients": ["vm/base", "vm/io"],
    # The interpreter and the built-in functions call each other; the two headers are where they meet.
    "vm/exec": ["vm/base", "vm/value", "vm/bytecode", "vm/data", "stdlib/natives.def", "stdlib/natives_pure.h"],
    "vm/report": ["vm/base"],
    "vm/run": ["vm/base", "vm/bytecode", "vm/clients", "vm/data", "vm/exec", "vm/io", "vm/match", "vm/report"],
    "stdlib": ["vm/base", "vm/exec"],
    # Before its parent: a path belongs to the first layer that fits.
    "frontend/workflow": ["vm/base", "vm/value"],
    "frontend": ["vm/base"],
    "compiler": ["vm/base", "vm/value", "vm/bytecode", "vm/data", "frontend", "frontend/workflow", "vm/match/pattern.h",
                 "vm/exec/natives.h", "vm/exec/host.h",
                 "vm/exec/program.h", "stdlib/natives.def"],
    # The rooms of the programs, floor by floor.
    "tools/cli": ["vm/base"],
    "tools/history": ["tools/cli", "vm/base", "vm/report", "vm/run"],
    "tools/project": ["tools/cli", "compiler", "frontend", "frontend/workflow", "vm/base", "vm/bytecode", "vm/exec",
                      "vm/report", "vm/run"],
    "tools/explain": ["tools/cli", "tools/project", "tools/select", "compiler", "frontend", "vm/base", "vm/bytecode",
                      "vm/exec", "vm/match"],
    "tools/increment": ["tools/cli", "tools/history", "tools/project", "compiler", "vm/base", "vm/exec", "vm/report",
                        "vm/run"],
    "tools/screen": ["tools/cli", "tools/history", "vm/base", "vm/io", "vm/report", "vm/run"],
    "tools/select": ["tools/cli", "tools/history", "tools/project", "vm/base", "vm/exec", "vm/match", "vm/report",
                     "vm/run"],
    "tools/shell": ["tools/cli", "tools/project", "frontend", "vm/base", "vm/io", "vm/report", "vm/run"],
    "tools/running": ["tools/cli", "tools/history", "tools/increment", "tools/project", "tools/screen", "tools/select",
                      "compiler", "vm/base", "vm/exec", "vm/io", "vm/report", "vm/run"],
    "tools/commands": ["tools/cli", "tools/explain", "tools/history", "tools/project", "tools/running", "tools/select",
                       "tools/shell", "compiler", "frontend", "frontend/workflow", "vm/base", "vm/bytecode",
                       "vm/report", "vm/run"],
    # The programs, and the subcommands that only one of them has.
    "tools/relux": ["tools/cli", "tools/commands"],
    "tools/reluxc": ["tools/cli", "tools/commands", "tools/project", "compiler", "vm/base", "vm/bytecode"],
    "tools/reluxvm": ["tools/cli", "tools/commands", "vm/base", "vm/bytecode", "vm/exec"],
}
# Where two layers meet though one stands above the other: the files, not the layers, know each other.
MEETINGS = {("vm/exec", "stdlib")}
MOST_FLOORS_OF_TOOLS = 6
ANYTHING = ("tests/bench", "tests")
TOPS = ("compiler", "frontend", "stdlib", "tests", "tools", "vm")
# Headers of libraries that one layer hides from all others.
# The benchmark's floor is what Relux is compared with, so it has nothing of ours between it and PCRE2.
OWNERS = {"uv.h": ("vm/io",), "pcre2.h": ("vm/match", "tests/bench"), "curl/curl.h": ("vm/clients",),
          "libpq-fe.h": ("vm/clients",), "sqlite3.h": ("vm/clients",), "hiredis/hiredis.h": ("vm/clients",),
          "hiredis/async.h": ("vm/clients",),
          # tools/cli compiles the library; the others read Relux.toml and the summaries of runs with it.
          "toml++/toml.h": ("tools/cli", "tools/history", "tools/project")}
# Too slow to compile to stand in a header of ours; but for those that are there to show it to their layer.
NOT_IN_HEADERS = re.compile(r"nlohmann/.*|toml\+\+/.*|CLI/.*|yaml-cpp/.*|regex")
SHOWS_LIBRARY = {"vm/data/json.h": "nlohmann/json.hpp", "vm/clients/json_value.h": "nlohmann/json.hpp"}
# A library that throws is wrapped in one file.
EDGES = {"yaml-cpp/": "frontend/workflow/yaml_events.cpp"}

SUFFIXES = (".h", ".cpp", ".def", ".re", ".yy")
INCLUDE = re.compile(r'\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)')


def layer_of(path):
    """The layer that a path below the root belongs to, None if none."""
    return next((layer for layer in (*ALLOWED, *ANYTHING) if path.startswith(layer + "/")), None)


def edges_of(layer):
    """The layers that a layer's row leads to."""
    targets = {layer_of(f"{entry}/") or layer_of(entry) for entry in ALLOWED[layer]}
    return sorted(target for target in targets if target is not None and (layer, target) not in MEETINGS)


def circle_in_table():
    """The layers of a circle, in order; empty if there is none."""
    done = set()

    def search(layer, way):
        if layer in way:
            return way[way.index(layer):] + [layer]
        if layer in done:
            return []
        found = next(filter(None, (search(target, [*way, layer]) for target in edges_of(layer))), [])
        done.add(layer)
        return found

    return next(filter(None, (search(layer, []) for layer in ALLOWED)), [])


def floor_of(layer):
    """The floor of a room of tools/, the lowest being 1. The table has no circle."""
    return 1 + max((floor_of(target) for target in edges_of(layer) if target.startswith("tools/")), default=0)


def problems_of_table():
    """What is wrong with the table itself, line by line."""
    circle = circle_in_table()
    if circle:
        return [f"a circle of layers: {' -> '.join(circle)}"]
    return [f"{room} is on floor {floor_of(room)} of tools/; there are at most {MOST_FLOORS_OF_TOOLS}"
            for room in ALLOWED if room.startswith("tools/") and floor_of(room) > MOST_FLOORS_OF_TOOLS]


def problem_with(name, layer, quoted, angled):
    """What is wrong with one #include, None if nothing."""
    is_header = name.endswith(".h")
    if angled is not None:
        edge = next((file for prefix, file in EDGES.items() if angled.startswith(prefix)), name)
        if edge != name:
            return f"<{angled}> is included by {edge} alone"
        owners = OWNERS.get(angled)
        if owners is not None and layer not in owners:
            return f"<{angled}> belongs to {' and '.join(owners)} alone"
        shown = SHOWS_LIBRARY.get(name) == angled
        if is_header and NOT_IN_HEADERS.fullmatch(angled) and not shown:
            return f"<{angled}> in a header; only in .cpp files"
        return None
    target = layer_of(quoted)
    if target is None and "/" not in quoted:
        return None  # generated beside its includer
    if layer in ANYTHING or target == layer:
        return None
    allowed = ALLOWED[layer]
    if target in allowed or quoted in allowed:
        return None
    return f"{layer} may not include {quoted}; it may include {', '.join(allowed) or 'nothing'}"


def main():
    wrong = problems_of_table()
    for line in wrong:
        print(f"tools/check_layers.py: error: {line}")
    problems = len(wrong)
    count = 0
    for path in sorted(path for top in TOPS for path in (ROOT / top).rglob("*")):
        name = path.relative_to(ROOT).as_posix()
        layer = layer_of(name)
        if path.suffix not in SUFFIXES:
            continue
        if layer is None:
            print(f"{name}: error: in no layer; the table in tools/check_layers.py has none for its directory")
            problems += 1
            continue
        count += 1
        lines = path.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines, 1):
            found = INCLUDE.match(line)
            problem = found and problem_with(name, layer, found[1], found[2])
            if problem:
                print(f"{name}:{number}: error: {problem}")
                problems += 1
    print(f"layers: {count} files, {problems} errors")
    return 1 if problems or not count else 0


if __name__ == "__main__":
    sys.exit(main())
