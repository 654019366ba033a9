"""Who may read what a run leaves: the modes of run directories and of all that Relux itself writes in them."""

import os
import stat

from cli_support import passing, refused, relux, write
from suite_checks import Project

FLAKY = """# flaky
test "second try" {
    shell s {
        > echo x >>${__RELUX_RUN_ARTIFACTS}/tries; test $(grep -c x ${__RELUX_RUN_ARTIFACTS}/tries) = 2
        match_ok()
    }
}
"""


def modes_below(directory):
    """{(is a directory, mode)} of all but what tests write, which is theirs."""
    found = set()
    for place, directories, files in os.walk(directory):
        for name in [".", *directories, *files]:
            status = os.lstat(os.path.join(place, name))
            if name != "tries" and not stat.S_ISLNK(status.st_mode):
                found.add((stat.S_ISDIR(status.st_mode), oct(stat.S_IMODE(status.st_mode))))
    return found


def check_modes(checks, options):
    for manifest, umask, wanted in (("", 0o022, ("0o700", "0o600")), ("", 0, ("0o700", "0o600")),
                                    ('mode = "0750"\n', 0o077, ("0o750", "0o640")),
                                    ('mode = "770"\n', 0o022, ("0o770", "0o660"))):
        with Project(options.binaries) as project:
            write(project, "Relux.toml", f"[flaky]\nmax_retries = 1\n[report]\n{manifest}")
            write(project, "relux/tests/a.relux", passing("one") + FLAKY)
            before = os.umask(umask)
            try:
                run = relux(project, "run", "--junit", "--tap", "--shard", "1/1")
                merged = relux(project, "merge-reports", run.directory)
            finally:
                os.umask(before)
            name = f"mode {manifest.strip() or 'unset'}, umask {umask:03o}"
            checks.check(f"{name}: the run", run.status == 0 and merged.status == 0, run.said() + merged.said())
            out = project.root / "relux" / "out"
            found = modes_below(out)
            checks.check(f"{name}: directories and files", found == {(True, wanted[0]), (False, wanted[1])}, f"{found}")
    with Project(options.binaries) as project:
        for value in ('"0600"', '"0800"', '"1777"', '"rwx"', '"70"', "0o700", '""', '"0o750"'):
            write(project, "Relux.toml", f"[report]\nmode = {value}\n")
            refused(checks, f"mode = {value}", relux(project, "run"),
                    "Relux.toml:2: `mode` in [report] must be the mode of a directory", '"0700" to "0777"')
        write(project, "Relux.toml", "")
        write(project, "relux/tests/a.relux", passing("one"))
        (project.root / "relux" / "out").mkdir(mode=0o755)
        relux(project, "run")
        checks.check("a directory that is there keeps its mode",
                     stat.S_IMODE((project.root / "relux" / "out").stat().st_mode) == 0o755)
