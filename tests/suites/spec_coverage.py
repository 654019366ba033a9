"""Checks tests/spec_coverage.md: all sections of the language are there, no row is without tests, no file is missing.

A row of a table is `| section | rule | files |`; a file is written `kind/name`, where the kind stands for a directory
and a suffix, or as a path below the repository. Every suite and every file of cases must be named somewhere.
"""

import re

from suite_checks import REPOSITORY, SUITES

PAGE = REPOSITORY / "tests" / "spec_coverage.md"
SECTIONS = range(1, 18)
SUBSECTIONS = {4: range(1, 7), 5: range(1, 9), 6: range(1, 7), 15: range(1, 4)}
KINDS = {
    "unit": ("tests/unit", "_test.cpp"),
    "virtual_time": ("tests/virtual_time", "_test.cpp"),
    "language": ("tests/suites/language/relux/tests", ".relux"),
    "language_0_8": ("tests/suites/language_0_8/relux/tests", ".relux"),
    "timeouts": ("tests/suites/timeouts/relux/tests", ".relux"),
    "timeouts_fail": ("tests/suites/timeouts_fail/relux/tests", ".relux"),
    "failing": ("tests/suites/failing/relux/tests", ".relux"),
    "cases": ("tests/suites/cases", ".cases"),
    "parsing": ("tests/unit/frontend/cases", ".relux"),
    "driver": ("tests/suites", ".py"),
}


def path_of(name):
    kind, _, rest = name.partition("/")
    if kind in KINDS:
        directory, suffix = KINDS[kind]
        return REPOSITORY / directory / (rest + suffix)
    return REPOSITORY / name


def rows(text):
    """(section, rule, [names of files]) of each row of each table."""
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else []
        if len(cells) == 3 and re.match(r"\d", cells[0]):
            yield cells[0], cells[1], re.findall(r"`([^`]+)`", cells[2])


def check_coverage(checks):
    found = list(rows(PAGE.read_text(encoding="utf-8")))
    sections = {section for section, _, _ in found}
    wanted = {str(section) for section in SECTIONS if section not in SUBSECTIONS}
    wanted |= {f"{section}.{part}" for section, parts in SUBSECTIONS.items() for part in parts}
    checks.check("coverage: every section is there", wanted <= sections, f"missing: {sorted(wanted - sections)}")
    checks.check("coverage: no other section", sections <= wanted, f"unknown: {sorted(sections - wanted)}")
    empty = [f"{section} {rule}" for section, rule, names in found if not names]
    checks.check("coverage: every rule has tests", not empty, f"none: {empty}")
    missing = sorted({name for _, _, names in found for name in names if not path_of(name).is_file()})
    checks.check("coverage: every file exists", not missing, f"missing: {missing}")
    named = {path_of(name) for _, _, names in found for name in names}
    files = set((SUITES / "cases").glob("*.cases"))
    for suite in ("language", "language_0_8", "timeouts", "timeouts_fail"):
        files |= set((SUITES / suite / "relux" / "tests").rglob("*.relux"))
    forgotten = sorted(str(file.relative_to(REPOSITORY)) for file in files - named)
    checks.check("coverage: every suite is named", not forgotten, f"forgotten: {forgotten}")
