#!/bin/sh
# Puts the built programs side by side: copy_programs.sh STAMP DIRECTORY PROGRAM...
# Copies, as an installation makes them: what the linker has written a piece here and a piece there is held in small
# pages, and starts half a millisecond later than what was written from one end to the other. The old one may be
# running.
set -eu
stamp=$1
directory=$2
shift 2
mkdir -p "$directory"
for program in "$@"; do
    target=$directory/$(basename "$program")
    cp "$program" "$target.new"
    mv -f "$target.new" "$target"
done
: >"$stamp"
