#!/bin/sh
# link_precompiled.sh LIBRARY HEADER LINKED_HEADER LINKED_PRECOMPILED: gives HEADER, and what the target of LIBRARY has
# made of it, names side by side.
set -e
cp "$2" "$3"
ln -f "$1.p/$(basename "$4")" "$4"
