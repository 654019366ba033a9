#!/usr/bin/env python3
"""Writes compiler_fingerprint.h: a hash of everything that decides what the compiler makes of a source.

make_fingerprint.py ROOT HEADER DEPFILE. The sources are found, not listed: one that is forgotten would leave stale
modules in people's caches.
"""

import hashlib
import pathlib
import sys

# The built-in functions, because the compiler calls some.
DIRECTORIES = ("compiler", "frontend", "stdlib", "vm/bytecode", "vm/value")
SUFFIXES = {".h", ".cpp", ".def", ".re", ".yy"}


def main():
    root, header, depfile = (pathlib.Path(argument) for argument in sys.argv[1:])
    sources = sorted(file for directory in DIRECTORIES for file in (root / directory).iterdir()
                     if file.suffix in SUFFIXES)
    digest = hashlib.sha256()
    for source in sources:
        text = source.read_bytes()
        digest.update(f"{source.relative_to(root)}\0{len(text)}\0".encode())
        digest.update(text)
    header.write_text(f'''// Made by make_fingerprint.py.
#pragma once

inline constexpr const char* kCompilerFingerprint = "{digest.hexdigest()[:32]}";
''', encoding="utf-8")
    directories = [root / directory for directory in DIRECTORIES]
    depfile.write_text(f"{header}: " + " ".join(str(path) for path in [*directories, *sources]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
