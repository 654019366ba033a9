#!/usr/bin/env python3
"""Whether a failure names its cause: staged failures, each with what the console must say and what it must not.

The cases are tests/suites/causes/*.cases, in the format of language_cases.py. A claim that is false is worse than none, so
each kind of note has cases that look like it but are not, with its words under `without`.
"""

from language_cases import check_cases
from suite_checks import SUITES, run_parts


def check_console(checks, options):
    check_cases(checks, options.binaries, directory=SUITES / "causes")


if __name__ == "__main__":
    run_parts(__doc__, [check_console])
