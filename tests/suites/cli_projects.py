"""Making projects and modules, and looking whether tests can run: `relux init`, `relux new`, `relux doctor`; and manual
pages."""

import re
import resource
import shutil
import subprocess
import tomllib

from cli_support import LIMIT, refused, relux, write
from suite_checks import REPOSITORY, Project


def check_scaffold(checks, options):
    with Project(options.binaries) as project:
        shutil.rmtree(project.root / "relux")
        refused(checks, "new: there must be a project", relux(project, "new", "--test", "a"), "no Relux.toml")
        run = relux(project, "init")
        checks.check("init: says what it made", run.status == 0 and run.stdout.splitlines() ==
                     ["Relux.toml", "relux/tests/", "relux/lib/", "relux/.gitignore"], run.stdout + run.said())
        made = sorted(str(path.relative_to(project.root)) for path in project.root.rglob("*"))
        checks.check("init: made that", made == ["Relux.toml", "relux", "relux/.gitignore", "relux/lib",
                                                 "relux/tests"], f"{made}")
        checks.check("init: the output is ignored", (project.root / "relux" / ".gitignore").read_text() == "out/\n")
        check_manifest(checks, project)
        for words in (["init"], ["new"]):
            refused(checks, f"{words[0]}: nothing is overwritten", relux(project, *words), "exists already")
        for words, file in ((["--test", "login/smoke"], "relux/tests/login/smoke.relux"),
                            (["--test", "_a1"], "relux/tests/_a1.relux"),
                            (["--test=deep/er/still.relux"], "relux/tests/deep/er/still.relux"),
                            (["--effect", "service/data_base"], "relux/lib/service/data_base.relux"),
                            (["--effect", "_x"], "relux/lib/_x.relux"),
                            (["--lib", "api/http"], "relux/lib/api/http.relux")):
            run = relux(project, "new", *words)
            checks.check(f"new {' '.join(words)}", run.status == 0 and run.stdout == f"{file}\n"
                         and (project.root / file).exists(), run.stdout + run.said())
            before = (project.root / file).read_text(encoding="utf-8") + "// changed\n"
            write(project, file, before)
            refused(checks, f"new {' '.join(words)}: not over what exists", relux(project, "new", *words),
                    "exists already; it is not overwritten")
            checks.check(f"new {' '.join(words)}: which stays", (project.root / file).read_text() == before)
        refused(checks, "new: one kind at a time", relux(project, "new", "--test", "a", "--lib", "b"), "--test")
        for name in ("A", "1a", "a-b", "../a", "a//b", "/a", "a/", "", "a b", "a.txt"):
            refused(checks, f"new --test {name!r}", relux(project, "new", "--test", name), "is no module name")
        check_templates(checks, project)
    with Project(options.binaries) as project:
        run = relux(project, "new")
        checks.check("new without a kind is init", run.status == 0 and (project.root / "Relux.toml").exists(),
                     run.said())
    with Project(options.binaries) as project:
        write(project, "relux/.gitignore", "mine\n")
        refused(checks, "init: not over a .gitignore", relux(project, "init"), "exists already; nothing was changed")
        checks.check("init: nothing is half made", not (project.root / "Relux.toml").exists())


def tables_of(values):
    return {f"{table}.{key}": value for table, keys in values.items() if isinstance(keys, dict)
            for key, value in keys.items()}


def check_manifest(checks, project):
    """Every key is in the manifest that is made, commented out, with its default."""
    file = project.root / "Relux.toml"
    text = file.read_text(encoding="utf-8")
    checks.check("init: every key is commented out", not tomllib.loads(text), text)
    page = (REPOSITORY / "docs" / "reference" / "configuration.md").read_text(encoding="utf-8")
    documented = tomllib.loads(re.search(r"```toml Relux\.toml\n(.*?)```", page, re.DOTALL).group(1))
    uncommented = re.sub(r"^# (?=\[|\w+ = )", "", text, flags=re.MULTILINE)
    made = tomllib.loads(uncommented)
    checks.check("init: every key has its default", tables_of(made) == tables_of(documented)
                 and made["language"] == documented["language"] and made["name"] == project.root.name,
                 f"{made}, not {documented}")
    file.write_text(uncommented, encoding="utf-8")
    run = relux(project, "run", "--allow-empty")
    checks.check("init: the defaults are valid", run.status == 0, run.said())
    file.write_text(text, encoding="utf-8")


def check_templates(checks, project):
    """What is made passes as it is, in both editions; what is not a test is used as its own comment says."""
    for file, what in (("relux/lib/service/data_base.relux", "uses_effect"), ("relux/lib/_x.relux", "uses_other"),
                       ("relux/lib/api/http.relux", "uses_library")):
        text = (project.root / file).read_text(encoding="utf-8")
        example = "\n".join(line[2:].removeprefix(" ").removeprefix("    ") for line in text.splitlines()
                            if line == "//" or line.startswith("//     ")) + "\n"
        if what == "uses_library":
            example += '''test "says it" {
    shell s {
        http_say(http_greeting("you"))
    }
}
'''
        write(project, f"relux/tests/{what}.relux", example)
    for edition in ("0.4", "0.8"):
        write(project, "Relux.toml", f'language = "{edition}"\n')
        run = relux(project, "check", "--strict")
        checks.check(f"new: what is made has no mistake in edition {edition}", run.status == 0, run.stdout + run.said())
        run = relux(project, "run")
        checks.check(f"new: what is made passes in edition {edition}", run.status == 0
                     and "test result: ok. 6 passed; 0 failed; finished" in run.stderr, run.said())


def check_doctor(checks, options):
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        run = relux(project, "doctor")
        lines = run.stdout.splitlines()
        subjects = ("versions", "project", "shell", "prompt", "reader detection", "round trip", "terminals",
                    "descriptors", "process limit", "processes", "run directory")
        checks.check("doctor: tests can run here", run.status == 0 and not run.stderr
                     and not any(line.startswith("error") for line in lines), run.stdout + run.said())
        missing = [subject for subject in subjects if not re.search(rf"^(ok|warning) +{subject}: ", run.stdout,
                                                                      re.MULTILINE)]
        checks.check("doctor: looks at all of it", not missing, f"{missing}: {run.stdout}")
        for name, command, words in (("is missing", '"/no/such/shell"', "/no/such/shell is no program"),
                                     # Waits as long as a shell may take for its prompt.
                                     ("never prompts", '["/bin/sh", "-c", "exec sleep 1009"]', "no prompt within"),
                                     ("exits", '["/bin/sh", "-c", "exit 3"]', "ended by itself, with exit code 3")):
            write(project, "Relux.toml", f"[shell]\ncommand = {command}\n")
            run = relux(project, "doctor")
            found = re.search(rf"^error +\w+: .*{re.escape(words)}.*\n {{9}}\S", run.stdout, re.MULTILINE)
            checks.check(f"doctor: a shell that {name} is an error, with advice", run.status == 1 and found,
                         run.stdout + run.said())
        write(project, "Relux.toml", "[run]\njobs = 1000\n")
        prepared = subprocess.run([project.binaries / "relux", "doctor"], cwd=project.root, text=True, timeout=LIMIT,
                                  env=project.environment(), stdin=subprocess.DEVNULL, capture_output=True, check=False,
                                  preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (200, 300)))
        # The soft limit is none to us.
        checks.check("doctor: few descriptors are a warning, with advice", prepared.returncode == 0 and re.search(
            r"^warning +descriptors: 300.*\n {9}.*fewer --jobs", prepared.stdout, re.MULTILINE), prepared.stdout)
        write(project, "Relux.toml", "[run]\njbos = 1\n")
        refused(checks, "doctor: a wrong manifest", relux(project, "doctor"), "Relux.toml:2", "jobs")
        refused(checks, "doctor: no such manifest", relux(project, "doctor", "--manifest", "nowhere"), "nowhere")
        run = relux(project, "doctor", directory=project.parent)
        checks.check("doctor: outside of a project", run.status == 0
                     and re.search(r"^warning +project: ", run.stdout, re.MULTILINE), run.stdout + run.said())
        project.check_nothing_left(checks, "doctor")


def check_manual(checks, options):
    """The manual pages of all programs are what groff takes for manual pages."""
    with Project(options.binaries) as project:
        for program in ("relux", "reluxc", "reluxvm"):
            run = relux(project, "manual", "--output", "manual", program=program)
            checks.check(f"manual of {program}", run.status == 0, run.said())
        pages = sorted((project.root / "manual").glob("*.1"))
        checks.check("manual: a page for each program, and for a command", {
            "relux.1", "reluxc.1", "reluxvm.1", "relux-run.1"} <= {page.name for page in pages}, f"{pages}")
        for page in pages:
            shown = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z", page], capture_output=True, text=True,
                                   check=False)
            checks.check(f"manual: {page.name} is well formed", shown.returncode == 0 and not shown.stderr,
                         shown.stderr)
