#!/bin/sh
# Puts the built programs side by side: link_programs.sh STAMP DIRECTORY PROGRAM...
# Hard links, so that a program's own path is the one in DIRECTORY; copies where the file system has no links.
set -eu
stamp=$1
directory=$2
shift 2
mkdir -p "$directory"
for program in "$@"; do
    target=$directory/$(basename "$program")
    ln -f "$program" "$target" 2>/dev/null || cp -f "$program" "$target"
done
: >"$stamp"
