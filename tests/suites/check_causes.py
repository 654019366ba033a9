#!/usr/bin/env python3
"""Whether a failure names its cause: staged failures, each with what the console must say and what it must not.

The cases are tests/suites/causes/*.cases, in the format of language_cases.py. A claim that is false is worse than none, so
each kind of note has cases that look like it but are not, with its words under `without`.
"""

from language_cases import check_cases
from suite_checks import SUITES, Project, run_parts


def check_console(checks, options):
    check_cases(checks, options.binaries, directory=SUITES / "causes")


ASKS = """test "t" {
    shell s {
        > (exit 3)
        <@300ms? ^never comes$
    }
}
"""


def check_status_question(checks, options):
    """That a shell is asked for a status is in the event log as Relux's own, and not in the logs of the shell."""
    with Project(options.binaries) as project:
        (project.root / "Relux.toml").write_text('language = "0.8"\n')
        (project.root / "relux" / "tests" / "a.relux").write_text(ASKS)
        run = project.run("run", "-m", 50)
        logs = run.log_directory("t")
        checks.check("status: it is told", "the command ended with status 3" in run.stderr, run.said())
        events = (logs / "events.json").read_text()
        checks.check("status: the event log says who has asked", "relux itself typed `echo ::$?::`" in events, events[-900:])
        raw = b"".join((logs / f"s.{stream}.raw").read_bytes() for stream in ("stdin", "stdout"))
        checks.check("status: it is no input or output of the test", b"exit 3" in raw and b"::" not in raw, raw)


if __name__ == "__main__":
    run_parts(__doc__, [check_console, check_status_question])
