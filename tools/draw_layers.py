#!/usr/bin/env python3
"""Draws the layers for docs/architecture.md, from the table of check_layers.py.

draw_layers.py prints the drawing; --check fails if the page has another one; --write puts it there.
"""

import pathlib
import sys
import textwrap

from check_layers import ALLOWED, layer_of

PAGE = pathlib.Path(__file__).resolve().parent.parent / "docs" / "architecture.md"
BEGIN, END = "<!-- Drawn by tools/draw_layers.py --write. -->\n\n```\n", "```\n"
BOX = 25  # columns inside of a box
BOXES = 4  # in a row


def whole_layers(layer):
    """The layers that this one may include as wholes, not a file of them alone."""
    return [other for other in ALLOWED[layer] if other in ALLOWED]


def floors():
    """The layers by floor: each stands on the highest of those that it includes as wholes. The table has no circle."""
    def floor_of(layer):
        return max((floor_of(other) + 1 for other in whole_layers(layer)), default=0)

    rows = {}
    for layer in ALLOWED:
        rows.setdefault(floor_of(layer), []).append(layer)
    return [rows[number] for number in sorted(rows)]


def reached_from(layer):
    found = set()
    for other in whole_layers(layer):
        found |= {other} | reached_from(other)
    return found


def needs(layer):
    """The whole layers that do not follow from the others, and single files by their layers."""
    direct = whole_layers(layer)
    wholes = [one for one in direct if not any(one in reached_from(other) for other in direct)]
    files = {}
    for name in ALLOWED[layer]:
        if name not in ALLOWED and layer_of(name) not in reached_from(layer):
            files.setdefault(layer_of(name), []).append(pathlib.PurePath(name).name)
    return wholes, files


def box(layer):
    wholes, files = needs(layer)
    texts = [layer]
    if wholes:
        texts += textwrap.wrap("on " + ", ".join(wholes), BOX - 2, subsequent_indent="   ")
    for other, names in files.items():
        texts += textwrap.wrap(f"of {other}: {', '.join(names)}", BOX - 2, subsequent_indent="   ")
    return texts


def row_of_boxes(layers):
    boxes = [box(layer) for layer in layers]
    height = max(map(len, boxes))
    edge = "  ".join("+" + "-" * BOX + "+" for _ in boxes)
    lines = ["  ".join("| " + (texts[line] if line < len(texts) else "").ljust(BOX - 1) + "|" for texts in boxes)
             for line in range(height)]
    return [edge, *lines, edge]


def drawing():
    lines = []
    for number, layers in reversed(list(enumerate(floors()))):
        for first in range(0, len(layers), BOXES):
            boxes = row_of_boxes(layers[first:first + BOXES])
            for line in boxes:
                lines.append((f"{number}  " if line is boxes[1] and first == 0 else "   ") + line)
    return "\n".join(lines) + "\n"


def main():
    option = sys.argv[1] if len(sys.argv) > 1 else ""
    if option == "":
        print(drawing(), end="")
        return 0
    page = PAGE.read_text(encoding="utf-8")
    begin = page.index(BEGIN) + len(BEGIN)
    current = page[:begin] + drawing() + page[page.index(END, begin):]
    if option == "--write":
        PAGE.write_text(current, encoding="utf-8")
    elif page != current:
        print(f"docs/{PAGE.name}: error: the drawing is not that of tools/check_layers.py: tools/draw_layers.py --write")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
