#!/usr/bin/env python3
"""Compiles each header alone: check_headers.py [BUILD DIRECTORY]. It includes what it uses, or this says which does not.

Sources are compiled with precompiled headers, which hide what is missing. Needs a directory that tools/build has set up,
for the generated headers and the places of libraries.

Nearly all of the time goes into headers of libraries, the same ones again and again, so a header is compiled behind
others, but only behind those that it includes itself or through its own includes: they show it nothing that it does not
show itself, so they hide nothing. Some sets of headers of libraries are precompiled for that, and of ours those are
compiled together of which each includes the one before.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOPS = ("compiler", "frontend", "stdlib", "tests", "tools", "vm")
SETS = 12  # each further one saves less than it costs to make
DIRECTIVE = re.compile(r"\s*#\s*(\w+)\s*([<\"][^>\"]+[>\"])?")


def include_directories(build):
    """Those of all sources together, as ninja is told them."""
    commands = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
    found = {}
    for command in commands:
        found.update(dict.fromkeys(re.findall(r"-I(\S+)", command["command"])))
    # Of ours only the root and what is generated there: no header may rely on the directory of a target.
    return [each for each in found if each in (".", "..") or each.startswith("/")]


class Compiler:
    def __init__(self, build):
        self.build = build
        self.command = [os.environ.get("CXX", "c++"), "-std=c++20", "-D_FILE_OFFSET_BITS=64",
                        *(f"-I{each}" for each in include_directories(build))]

    def run(self, *arguments, text=None):
        return subprocess.run([*self.command, *arguments], cwd=self.build, capture_output=True, text=True, input=text,
                              check=False)

    def files_of(self, library_header):
        """What including it reads."""
        done = self.run("-M", "-x", "c++", "-", text=f"#include {library_header}\n")
        return frozenset(done.stdout.replace("\\\n", " ").split()[1:])

    def compile_together(self, headers, precompiled=None):
        included = [precompiled] if precompiled else []
        included += [ROOT / header for header in headers]
        options = [option for header in included for option in ("-include", header)]
        return self.run("-fsyntax-only", "-x", "c++", *options, "/dev/null")

    def errors_alone(self, headers, precompiled):
        """{header: what the compiler says} of those that do not compile alone."""
        if self.compile_together(headers, precompiled).returncode == 0:
            return {}
        alone = {header: self.compile_together([header]) for header in headers}
        return {header: done.stderr for header, done in alone.items() if done.returncode != 0}

    def precompile(self, library_headers, place):
        place.write_text("".join(f"#include {each}\n" for each in sorted(library_headers)), encoding="utf-8")
        self.run("-x", "c++-header", place, "-o", f"{place}.gch")
        return place


def direct_includes(header):
    """Those that no condition guards: a set may rely on them."""
    depth = 0
    for line in (ROOT / header).read_text(encoding="utf-8").splitlines():
        directive = DIRECTIVE.match(line)
        if not directive:
            continue
        if directive[1].startswith("if"):
            depth += 1
        elif directive[1] == "endif":
            depth -= 1
        elif directive[1] == "include" and directive[2] and depth == 0:
            yield directive[2]


def all_includes(headers):
    """For each of our headers the others of ours and those of libraries (in angle brackets) that it includes, itself or
    through its own."""
    direct = {header: [each.strip('"') for each in direct_includes(header)] for header in headers}
    found = {}

    def closure(header):
        if header not in found:
            found[header] = frozenset()  # a circle ends here; compiling tells of it
            known = [each for each in direct[header] if each in direct or each.startswith("<")]
            found[header] = frozenset(known).union(*(closure(each) for each in known if each in direct))
        return found[header]

    return {header: closure(header) for header in headers}


def of_libraries(included):
    return frozenset(each for each in included if each.startswith("<"))


def chosen_sets(included, sizes):
    """(sets, the one of each header): greedily those that save most bytes of text. `sizes` has a set's bytes."""
    saved = {header: frozenset() for header in included}

    def gain(candidate):
        return sum(max(0, sizes[candidate] - sizes[saved[header]])
                   for header, inner in included.items() if candidate <= inner) - 2 * sizes[candidate]

    candidates = sorted(set(included.values()), key=sorted)
    for _ in range(SETS):
        best = max(candidates, key=gain)
        if gain(best) <= 0:
            break
        for header, inner in included.items():
            if best <= inner and sizes[best] > sizes[saved[header]]:
                saved[header] = best
    return set(saved.values()) - {frozenset()}, saved


def chains(headers, included):
    """Lists of those of which each includes the one before, the longest first."""
    left = dict.fromkeys(sorted(headers, key=lambda header: (-len(included[header]), header)))
    while left:
        chain = [next(iter(left))]
        while True:
            del left[chain[-1]]
            inner = next((header for header in left if header in included[chain[-1]]), None)
            if inner is None:
                break
            chain.append(inner)
        yield chain[::-1]


def library_sets(compiler, included, pool):
    """(sets, the one of each header)."""
    names = sorted(frozenset().union(*included.values()))
    files = dict(zip(names, pool.map(compiler.files_of, names)))
    bytes_of = {path: (compiler.build / path).stat().st_size for path in frozenset().union(*files.values())}
    sizes = {each: sum(bytes_of[path] for path in frozenset().union(*(files[name] for name in each)))
             for each in {frozenset(), *included.values()}}
    return chosen_sets(included, sizes)


def check(compiler, headers, pool, directory):
    included = all_includes(headers)
    sets, chosen = library_sets(compiler, {header: of_libraries(inner) for header, inner in included.items()}, pool)
    places = {each: directory / f"set{number}.h" for number, each in enumerate(sets)}
    list(pool.map(lambda each: compiler.precompile(each, places[each]), sets))
    together = [(chain, places.get(each)) for each in {*chosen.values()}
                for chain in chains([header for header in headers if chosen[header] == each], included)]
    failed = 0
    for errors in pool.map(lambda work: compiler.errors_alone(*work), together):
        for header, said in errors.items():
            failed += 1
            print(f"{header}: does not compile alone\n{said}")
    return failed


def main():
    build = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build").resolve()
    headers = sorted(str(path.relative_to(ROOT)) for top in TOPS for path in (ROOT / top).rglob("*.h"))
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool, \
            tempfile.TemporaryDirectory() as directory:
        failed = check(Compiler(build), headers, pool, pathlib.Path(directory))
    print(f"headers: {len(headers)} compiled alone, {failed} errors")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
