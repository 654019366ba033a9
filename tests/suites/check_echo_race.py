#!/usr/bin/env python3
"""Two thousand back-to-back sends, each matched with an anchored pattern and no prompt match between: no miss.

Text typed before the program reads it is echoed before the prompt of the command that is just ending, and then `^`
does not match. A send that waits for its reader keeps that from happening, on dash and on bash, idle and busy.
"""

import os
import shutil

from suite_checks import Checks, Project, arguments, busy_cores

SENDS = 2000
SHELLS = {"dash": '"/bin/dash"', "bash": '["/bin/bash", "--norc", "--noprofile"]'}


def write_project(project, command):
    (project.root / "Relux.toml").write_text(f"[shell]\ncommand = {command}\n")
    lines = ['test "back to back" {', "    shell s {"]
    for number in range(SENDS):
        lines += [f"        > echo token-{number}", f"        <? ^token-{number}$"]
    (project.root / "relux" / "tests" / "race.relux").write_text("\n".join(lines + ["    }", "}", ""]))


def check_shell(checks, options, shell, load):
    if shutil.which(shell) is None:
        print(f"skipped {shell}: not installed")
        return
    with Project(options.binaries) as project:
        write_project(project, SHELLS[shell])
        run = project.run("run", *(["-m", 3] if load else []))
        why = run.tests.get("back to back", {}).get("failure_summary", run.said())
        name = f"{SENDS} sends on {shell}, {'busy' if load else 'idle'}"
        checks.check(name, run.outcome("back to back") == "pass", why)
        if run.outcome("back to back") == "pass":
            print(f"   {run.seconds_of('back to back') * 1e6 / SENDS:.0f} us for each round trip")
        project.check_nothing_left(checks, name)


def main():
    options = arguments(__doc__, idle_only="leave out the runs with all cores busy")
    checks = Checks()
    for shell in SHELLS:
        check_shell(checks, options, shell, load=False)
    if not options.idle_only:
        with busy_cores(os.cpu_count()):
            for shell in SHELLS:
                check_shell(checks, options, shell, load=True)
    checks.finish()


if __name__ == "__main__":
    main()
