#!/bin/sh
# Writes the manual pages of the built programs: write_manual.sh DIRECTORY PROGRAM...
set -eu
directory=$1
shift
for program in "$@"; do
    "$program" manual --output "$directory"
done
