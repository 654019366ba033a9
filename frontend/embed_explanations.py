#!/usr/bin/env python3
"""Writes explanation_rows.inc: the texts of explanations/ as rows of the table in explanations.cpp.

embed_explanations.py DIAGNOSTICS_DEF DIRECTORY OUTPUT DEPFILE. There is one file for each row of diagnostics.def, named
after its code: paragraphs, then the wrong program and the right one, each in a fence of its own. `Wrong (edition 0.8):`
makes both programs of that edition. `{{"text" * 3}}` in a program repeats a text, `{{"\\xff"}}` is a byte, for what no
editor shows well.
"""

import pathlib
import re
import sys

ROW = re.compile(r'^DIAGNOSTIC\((\w+), "(\w+)"', re.M)
PAGE = re.compile(r"(?P<text>.+?)\n\nWrong(?: \(edition (?P<edition>[\d.]+)\))?:\n\n```\n(?P<wrong>.*?)```\n"
                  r"\nRight:\n\n```\n(?P<right>.*?)```\n", re.S)
REPEATED = re.compile(rb'\{\{"([^"]+)"(?: \* (\d+))?\}\}')


def expanded(program):
    def bytes_of(found):
        return found[1].decode().encode().decode("unicode_escape").encode("latin-1") * int(found[2] or 1)

    return REPEATED.sub(bytes_of, program.encode())


def literal(text):
    """A string literal of C++ for the bytes, a line of it for each of theirs."""
    def character(byte):
        if byte == ord("\n"):
            return "\\n"
        if byte in b'"\\':
            return "\\" + chr(byte)
        return chr(byte) if 0x20 <= byte < 0x7f else f"\\{byte:03o}"

    lines = ("".join(map(character, line)) for line in text.splitlines(keepends=True))
    return "\n".join(f'     "{line}"' for line in lines)


def row_of(name, path):
    page = PAGE.fullmatch(path.read_text(encoding="utf-8"))
    if page is None:
        sys.exit(f"{path}: not a text, `Wrong:` and `Right:`, each program between lines of ```")
    edition = "V" + (page["edition"] or "0.4").replace(".", "_")
    parts = (page["text"].encode(), expanded(page["wrong"]), expanded(page["right"]))
    return f"{{DiagnosticCode::{name}, Edition::{edition},\n" + ",\n".join(map(literal, parts)) + "},\n"


def main():
    rows, directory, output, depfile = (pathlib.Path(argument) for argument in sys.argv[1:])
    diagnostics = ROW.findall(rows.read_text(encoding="utf-8"))
    pages = {code: directory / f"{code}.md" for _, code in diagnostics}
    missing = [str(page) for page in pages.values() if not page.exists()]
    unknown = [str(page) for page in directory.glob("*.md") if page.stem not in pages]
    if missing or unknown:
        sys.exit("\n".join([f"{page}: missing" for page in missing] +
                           [f"{page}: no such diagnostic in {rows}" for page in unknown]))
    output.write_text("// Made by embed_explanations.py.\n" +
                      "".join(row_of(name, pages[code]) for name, code in diagnostics), encoding="utf-8")
    depfile.write_text(f"{output}: " + " ".join(map(str, [directory, *pages.values()])) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
