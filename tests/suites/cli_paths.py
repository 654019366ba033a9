"""Paths on the command line: where a project ends, links, `..`, and what is said of a path outside."""

import os

from cli_support import passing, refused, relux, write
from suite_checks import Project

OUTSIDE = "is outside the project"


def layout(project):
    """Beside the project: a directory without one, another project, and links both ways."""
    write(project, "Relux.toml")
    write(project, "relux/tests/a.relux", passing("one"))
    beside = project.parent
    (beside / "other").mkdir()
    (beside / "other" / "x.relux").write_text(passing("outside"), encoding="utf-8")
    (beside / "other" / "flow.yaml").write_text("name: f\nsteps: [{name: p, type: print, message: x}]\n", encoding="utf-8")
    (beside / "second" / "relux" / "tests").mkdir(parents=True)
    (beside / "second" / "Relux.toml").touch()
    (beside / "second" / "relux" / "tests" / "b.relux").write_text(passing("two"), encoding="utf-8")
    os.symlink("project", beside / "link")
    os.symlink("../other", project.root / "linked")
    os.symlink("../../../other/x.relux", project.root / "relux" / "tests" / "shared.relux")


def check_outside(checks, project):
    for path in ("../other/x.relux", "../other", "../other/flow.yaml", "..", "/", "/dev/null", "linked/../other/x.relux",
                 "relux/tests/../../../other/x.relux", project.parent / "other" / "x.relux"):
        for words in (("run", path), ("run", "-f", path), ("run", "relux/tests", path), ("check", path),
                      ("check", "--format", "json", path), ("run", "--list", path), ("run", "--incremental", path)):
            refused(checks, f"outside: {' '.join(map(str, words))}", relux(project, *words), f"error: {path} {OUTSIDE} ",
                    "--manifest")
        refused(checks, f"outside: history --tests {path}", relux(project, "history", "--failures", "--tests", path),
                f"{path} {OUTSIDE} ")
    for program, words in (("reluxc", ("build", "-o", project.parent / "o.rxb")), ("reluxc", ("check",)),
                           ("reluxvm", ("run",)), ("reluxc", ("dump", "--bytecode", "--manifest", "Relux.toml")),
                           ("relux", ("dump", "--ir", "--manifest", "Relux.toml"))):
        refused(checks, f"outside: {program} {words[0]}", relux(project, *words, "../other/x.relux", program=program),
                f"error: ../other/x.relux {OUTSIDE} ")
    checks.check("outside: nothing was built", not (project.parent / "o.rxb").exists())
    second = project.parent.resolve() / "second"
    refused(checks, "outside: a file of another project", relux(project, "run", "../second/relux/tests/b.relux"),
            f"it belongs to another project: --manifest {second / 'Relux.toml'}")
    refused(checks, "outside: another project beside other paths", relux(project, "run", "../second", "relux/tests"),
            "name it alone")
    refused(checks, "a path that is not there", relux(project, "run", "../nothing.relux"),
            "../nothing.relux does not exist")
    refused(checks, "a file with a slash behind it", relux(project, "run", "relux/tests/a.relux/"), "does not exist")


def check_inside(checks, project):
    inside = project.root / "relux" / "tests" / "a.relux"
    for path in (inside, "relux/tests/a.relux", "./relux/../relux//tests/./a.relux", "../project/relux/tests/a.relux",
                 "../link/relux/tests/a.relux", project.parent / "link" / "relux" / "tests" / "a.relux",
                 "linked/../project/relux/tests/a.relux"):
        run = relux(project, "run", path)
        checks.check(f"inside: run {path}", run.status == 0 and "test a.relux/one: " in run.stderr, run.said())
        checks.check(f"inside: check {path}", relux(project, "check", path).stdout == "check passed\n")
        listing = relux(project, "dump", "--bytecode", path)
        checks.check(f"inside: dump {path}", "module relux/tests/a.relux" in listing.stdout, listing.said())
    for path, name in (("linked/x.relux", "linked/x.relux"), ("linked", "linked/x.relux"),
                       ("relux/tests/shared.relux", "shared.relux")):
        run = relux(project, "run", path)
        checks.check(f"a link that leads out: run {path}", run.status == 0 and f"test {name}/outside: " in run.stderr,
                     run.said())
    run = relux(project, "run", "../second")
    checks.check("another project by its directory", run.status == 0 and "test b.relux/two: " in run.stderr, run.said())
    run = relux(project, "run", "--manifest", "linked/../project/Relux.toml", inside, directory=project.root)
    checks.check("a manifest behind a link and `..`", run.status == 0 and "test a.relux/one: " in run.stderr, run.said())


def check_shown_names(checks, project):
    """What the lines of a run call a test or its file is a path too."""
    write(project, "Relux.toml")
    write(project, "relux/tests/sub/a.relux", passing("First one", "second"))
    write(project, "relux/tests/b.relux", passing("third"))
    for words, wanted in ((["sub/a.relux"], ["sub/a.relux::First one", "sub/a.relux::second"]),
                          (["sub/a.relux/first-one"], ["sub/a.relux::First one"]),
                          (["relux/tests/sub/a.relux/second"], ["sub/a.relux::second"]),
                          (["sub/a.relux/second", "b.relux/third"], ["sub/a.relux::second", "b.relux::third"]),
                          (["sub/a.relux/second", "relux/tests/b.relux"], ["sub/a.relux::second", "b.relux::third"]),
                          (["sub/a.relux/second", "relux/tests"],
                           ["sub/a.relux::First one", "sub/a.relux::second", "b.relux::third"]),
                          (["-f", "sub/a.relux", "-t", "second"], ["sub/a.relux::second"])):
        run = relux(project, "run", "--list", *words)
        checks.check(f"shown names: {' '.join(words)}", sorted(run.stdout.splitlines()) == sorted(wanted),
                     run.stdout + run.said())
    run = relux(project, "run", "sub/a.relux/first-one")
    checks.check("shown names: it is what the run shows", run.status == 0
                 and "test sub/a.relux/first-one: " in run.stderr and len(run.tests) == 1, run.said())
    checks.check("shown names: check takes them", relux(project, "check", "sub/a.relux").stdout == "check passed\n")
    refused(checks, "shown names: a test that is not there", relux(project, "run", "sub/a.relux/secnd"),
            "no test is called sub/a.relux/secnd; did you mean sub/a.relux/second?")
    refused(checks, "shown names: a file that is not there", relux(project, "run", "sub/c.relux/second"),
            "sub/c.relux/second does not exist")


def check_paths(checks, options):
    with Project(options.binaries) as project:
        check_shown_names(checks, project)
    with Project(options.binaries) as project:
        layout(project)
        check_outside(checks, project)
        check_inside(checks, project)
