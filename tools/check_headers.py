#!/usr/bin/env python3
"""Compiles each header alone: check_headers.py [BUILD DIRECTORY]. It includes what it uses, or this says which does not.

Sources are compiled with precompiled headers, which hide what is missing. Needs a directory that tools/build has set up,
for the generated headers and the places of libraries.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOPS = ("compiler", "frontend", "stdlib", "tests", "tools", "vm")


def include_directories(build):
    """Those of all sources together, as ninja is told them."""
    commands = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
    found = {}
    for command in commands:
        found.update(dict.fromkeys(re.findall(r"-I(\S+)", command["command"])))
    # Of ours only the root and what is generated there: no header may rely on the directory of a target.
    return [each for each in found if each in (".", "..") or each.startswith("/")]


def compile_alone(header, build, directories):
    command = [os.environ.get("CXX", "c++"), "-std=c++20", "-fsyntax-only", "-x", "c++", "-D_FILE_OFFSET_BITS=64",
               *(f"-I{each}" for each in directories), "-include", ROOT / header, "/dev/null"]
    done = subprocess.run(command, cwd=build, capture_output=True, text=True, check=False)
    return header, done.returncode == 0, done.stderr


def main():
    build = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build").resolve()
    headers = sorted(str(path.relative_to(ROOT)) for top in TOPS for path in (ROOT / top).rglob("*.h"))
    directories = include_directories(build)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for header, good, output in pool.map(lambda header: compile_alone(header, build, directories), headers):
            if not good:
                failed += 1
                print(f"{header}: does not compile alone\n{output}")
    print(f"headers: {len(headers)} compiled alone, {failed} errors")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
