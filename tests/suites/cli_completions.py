"""Completion as bash, zsh and fish show it: the script is installed, keys are typed, and the line that comes of them
is run, so that quoting counts."""

import pathlib
import re
import shutil
import subprocess

from cli_support import LIMIT, Terminal, passing, refused, relux, write

SHELLS = ("bash", "zsh", "fish")
SHOWN = re.compile(r"DONE-(\d+)\r?\n")
PROMPT = re.compile(r"READY> ")
QUOTED_NAME = """costs $5; it's (done) & more"""

# What is typed before the tabulator, and the words that the line has then; X is typed after it, so that a word of its
# own tells that a blank was added.
LINES = (
    ("a command", "relux merg", ["merge-reports", "X"]),
    ("a flag", "relux run --strat", ["run", "--strategy", "X"]),
    ("a flag of another command", "relux history --first", ["history", "--first-fail", "X"]),
    ("a value", "relux run --strategy f", ["run", "--strategy", "fail-fast", "X"]),
    ("a value after `=`", "relux run --progress=t", ["run", "--progress=tui", "X"]),
    ("a format", "relux history --durations --format j", ["history", "--durations", "--format", "json", "X"]),
    ("a shell", "relux completions --shell z", ["completions", "--shell", "zsh", "X"]),
    ("a file", "relux run relux/tests/on", ["run", "relux/tests/one.relux", "X"]),
    ("a file after `=`", "relux check --manifest=Rel", ["check", "--manifest=Relux.toml", "X"]),
    ("a file of tests, however deep", "relux run -f relux/tests/deep", ["run", "-f", "relux/tests/deep/three.relux", "X"]),
    ("a workflow", "relux flow run relux/tests/f", ["flow", "run", "relux/tests/flow.yaml", "X"]),
    ("a directory, to go on in", "relux run relux/tests/d", ["run", "relux/tests/deep/X"]),
    ("a manifest", "relux run --manifest Rel", ["run", "--manifest", "Relux.toml", "X"]),
    ("a test", "relux run -f relux/tests/one.relux -t pl", ["run", "-f", "relux/tests/one.relux", "-t", "plain", "X"]),
    ("a test with blanks", "relux run -f relux/tests/one.relux --test two",
     ["run", "-f", "relux/tests/one.relux", "--test", "two words", "X"]),
    ("a test after a backslash", "relux run relux/tests/one.relux -t two\\ w",
     ["run", "relux/tests/one.relux", "-t", "two words", "X"]),
    ("a test in quotes", "relux run relux/tests/one.relux -t 'two w",
     ["run", "relux/tests/one.relux", "-t", "two words", "X"]),
    ("a test that needs quotes", "relux run relux/tests/one.relux -t cos",
     ["run", "relux/tests/one.relux", "-t", QUOTED_NAME, "X"]),
    ("a second test", "relux run relux/tests/one.relux -t plain -t two",
     ["run", "relux/tests/one.relux", "-t", "plain", "-t", "two words", "X"]),
)

BASH = '''source {script}
PS1='READY> '
bind 'set enable-bracketed-paste off'
bind 'set bell-style none'
bind '"\\C-x\\C-a": insert-completions'
show() {{ printf 'ARG<%s>\\n' "$@"; echo "DONE-$#"; }}
'''
ZSH = '''PS1='READY> '
unsetopt prompt_sp
unset zle_bracketed_paste
bindkey -e
fpath=({directory} $fpath)
autoload -Uz compinit
compinit -u -d {directory}/.zcompdump
insert-all() {{ _main_complete; compstate[insert]=all; compstate[list]= }}
zle -C insert-all complete-word insert-all
bindkey '^X^A' insert-all
show() {{ printf 'ARG<%s>\\n' "$@"; echo "DONE-$#"; }}
'''
FISH = '''function fish_prompt
    echo -n 'READY> '
end
function show
    printf 'ARG<%s>\\n' $argv
    echo DONE-(count $argv)
end
'''


class Prompt:
    """One of the three shells with our completion, waiting for keys."""

    def __init__(self, project, shell):
        self.project = project
        self.shell = shell
        home = project.parent / f"home of {shell}"  # a blank, as homes may have
        home.mkdir()
        # A variable of the user's would move where scripts are read from.
        self.environment = {name: value for name, value in project.environment().items()
                            if not name.startswith(("XDG_", "BASH_", "ZDOTDIR", "FISH", "fish"))}
        self.environment |= {"HOME": str(home), "SHELL": f"/usr/bin/{shell}", "TERM": "xterm", "HISTFILE": "/dev/null",
                             "PATH": f"{project.binaries}:{self.environment.get('PATH', '/usr/bin:/bin')}"}
        self.installed = subprocess.run(["relux", "completions", "--install"], cwd=project.root, env=self.environment,
                                        capture_output=True, text=True, check=False, timeout=LIMIT)
        said = re.search(r"^wrote (.*)$", self.installed.stderr, re.MULTILINE)
        self.script = pathlib.Path(said.group(1)) if said else home / "missing"

    def start(self):
        home = self.script.parent
        if self.shell == "bash":
            start_up = home / "bashrc"
            start_up.write_text(BASH.format(script=f"'{self.script}'"), encoding="utf-8")
            command = ["bash", "--noprofile", "--rcfile", start_up, "-i"]
        elif self.shell == "zsh":
            (home / ".zshrc").write_text(ZSH.format(directory=f"'{home}'"), encoding="utf-8")
            self.environment["ZDOTDIR"] = str(home)
            command = ["zsh", "-d", "-i"]
        else:
            command = ["fish", "--private", "--init-command", FISH]
        terminal = Terminal(command, self.project.root, self.environment)
        terminal.wait_for(PROMPT)
        return terminal

    def words_of(self, terminal, keys):
        """The words of the line that the keys make."""
        terminal.type(keys)
        # At the beginning of the line, before the program's name.
        terminal.type("\x01show \r")
        shown = terminal.wait_for(SHOWN)
        terminal.wait_for(PROMPT)
        words = re.findall(r"ARG<(.*?)>\r?$", shown, re.MULTILINE)
        return words[1:]

    def candidates(self, terminal, line):
        """All that may stand at the end of the line, as a set."""
        if self.shell == "fish":
            asked = subprocess.run(["fish", "--private", "-c", f"complete -C {quoted_for_fish(line)}"],
                                   cwd=self.project.root, env=self.environment, capture_output=True, text=True,
                                   check=False, timeout=LIMIT)
            return {answer.split("\t")[0] for answer in asked.stdout.splitlines()}
        typed = len(line.split()) - 1 - (not line.endswith(" "))
        return set(self.words_of(terminal, line + "\x18\x01")[typed:])


def quoted_for_fish(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def flags_in(help_text):
    return set(re.findall(r"^ +(?:-\w,)?(--[\w-]+)", help_text, re.MULTILINE))


def commands_in(help_text):
    return set(re.findall(r"^  ([\w-]+) {2,}", help_text.split("Subcommands:")[1].split("\n\n")[0], re.MULTILINE))


def everything(checks, project):
    """(what is completed, the line before it, all that may stand there)"""
    run_flags = flags_in(relux(project, "run", "--help").stdout)
    history_flags = flags_in(relux(project, "history", "--help").stdout)
    commands = commands_in(relux(project, "--help").stdout)
    checks.check("completions: the help names commands and flags", "run" in commands and len(run_flags) > 15
                 and "--margins" in history_flags, f"{commands} {run_flags}")
    in_file = {"plain", "two words", QUOTED_NAME}
    codes = set(re.findall(r"^E020\d", relux(project, "explain").stdout, re.MULTILINE))
    return (
        ("every command", "relux ", commands),
        ("every flag of run", "relux run --", run_flags),
        ("every flag of history", "relux history --", history_flags),
        ("every value", "relux run --progress ", {"auto", "plain", "tui"}),
        ("tests of the file on the line", "relux run -f relux/tests/one.relux -t ", in_file),
        ("tests of the project", "relux run -t ", in_file | {"elsewhere", "further down"}),
        ("only files that can be run", "relux check relux/tests/",
         {"relux/tests/one.relux", "relux/tests/two.relux", "relux/tests/flow.yaml", "relux/tests/deep/"}),
        ("test files, however deep, without other projects, libraries and output", "relux run -f ",
         {"relux/tests/one.relux", "relux/tests/two.relux", "relux/tests/deep/three.relux", "relux/tests/flow.yaml"}),
        ("test files below a directory", "relux run -f relux/tests/deep/", {"relux/tests/deep/three.relux"}),
        ("every manifest", "relux run --manifest ", {"Relux.toml", "nested/Relux.toml"}),
        ("directories of tests", "relux new --test ", {"deep/"}),
        ("directories of functions", "relux new --lib ", {"service/", "service/db/"}),
        ("directories of effects", "relux new --effect service/", {"service/db/"}),
        ("time-outs of a test", "relux run --test-timeout ", {"40s", "1m20s", "2m", "3m20s"}),
        ("time-outs of a run", "relux run --suite-timeout ", {"10m", "20m", "30m", "50m"}),
        ("numbers of runs", "relux history --failures --last ", {"1", "5", "10", "20", "50", "100"}),
        ("numbers of lines", "relux history --failures --top ", {"1", "5", "10", "20", "50", "100"}),
        ("diagnostics", "relux explain E020", codes),
        ("tests after --why", "relux run --incremental --why ", in_file | {"elsewhere", "further down"}),
        ("words of a filter", "relux run -k ",
         {"plain", "elsewhere", "one.relux", "two.relux", "deep/three.relux"}),
        ("what flow does", "relux flow ", {"run", "validate"}),
        ("workflows", "relux flow run relux/tests/", {"relux/tests/flow.yaml", "relux/tests/deep/"}),
        ("flags of flow", "relux flow run --max", {"--max-call-depth"}),
    )


def check_protocol(checks, project):
    """The answers that clap's scripts want: the words behind `--`, the number of the one at the cursor."""
    def asked(shell, *words, index=None, **more):
        environment = {"COMPLETE": shell} | more | ({} if index is None else {"_CLAP_COMPLETE_INDEX": str(index)})
        run = relux(project, "--", "relux", *words, environment=environment)
        checks.check(f"completions: COMPLETE={shell} {words}: status 0", run.status == 0 and not run.stderr, run.said())
        return run.stdout
    checks.check("completions: COMPLETE=bash: values, a newline between them",
                 asked("bash", "run", "--progress", "", index=3) == "auto\nplain\ntui")
    checks.check("completions: COMPLETE=bash: _CLAP_IFS is between them",
                 asked("bash", "run", "--progress", "", index=3, _CLAP_IFS="\v") == "auto\vplain\vtui")
    checks.check("completions: COMPLETE=bash: the word at the cursor is not the last",
                 asked("bash", "run", "--progress", "t", "-j", "3", index=3) == "tui")
    checks.check("completions: COMPLETE=bash: a word that is not there yet", asked("bash", "run", "--progress", index=3)
                 == "auto\nplain\ntui")
    checks.check("completions: COMPLETE=bash: `=` is a word of readline's",
                 asked("bash", "run", "--progress", "=", "t", index=4) == "tui")
    documented = asked("zsh", "run", "-t", "", index=3).split("\n")
    checks.check("completions: COMPLETE=zsh: value and help", "plain:one.relux" in documented
                 and "with\\:colon:Says what it is for." in documented, f"{documented}")
    fish = asked("fish", "run", "-t", "pl", index=1)
    checks.check("completions: COMPLETE=fish: value and help, each line ended", fish == "plain\tone.relux\n", repr(fish))
    script = relux(project, environment={"COMPLETE": "fish"})
    checks.check("completions: COMPLETE=fish alone prints the script", "complete -c relux" in script.stdout, script.said())
    other = relux(project, "--version", environment={"COMPLETE": "1"})
    checks.check("completions: another COMPLETE is not ours", other.status == 0 and "relux" in other.stdout, other.said())


def check_installed(checks, project):
    """What `meson install` puts in place."""
    build = project.binaries.parent
    if not (build / "build.ninja").exists():
        return
    shown = subprocess.run(["meson", "introspect", "--installed", build], capture_output=True, text=True, check=False)
    for place in ("share/bash-completion/completions/relux", "share/zsh/site-functions/_relux",
                  "share/fish/vendor_completions.d/relux.fish"):
        checks.check(f"completions: meson installs {place}", place in shown.stdout, shown.stdout[:1000] + shown.stderr)


def check_in_shell(checks, project, shell, sets):
    if not checks.check(f"completions: {shell} is installed", shutil.which(shell), "tools/setup installs it"):
        return
    prompt = Prompt(project, shell)
    checks.check(f"completions: {shell}: the script is installed for $SHELL", prompt.installed.returncode == 0
                 and not prompt.installed.stdout and prompt.script.exists(), prompt.installed.stderr)
    with prompt.start() as terminal:
        for name, line, words in LINES:
            got = prompt.words_of(terminal, f"{line}\tX")
            checks.check(f"completions: {shell}: {name}", got == words, f"{got}")
        for name, line, expected in sets:
            got = prompt.candidates(terminal, line)
            checks.check(f"completions: {shell}: {name}", got == expected, f"{sorted(got)}, not {sorted(expected)}")


def check_completions_command(checks, project):
    home = project.parent / "another home"
    home.mkdir()
    places = {"HOME": str(home), "XDG_DATA_HOME": "", "XDG_CONFIG_HOME": "", "BASH_COMPLETION_USER_DIR": ""}
    for shell, place in (("bash", ".local/share/bash-completion/completions/relux"),
                         ("zsh", ".local/share/zsh/site-functions/_relux"),
                         ("fish", ".config/fish/completions/relux.fish")):
        run = relux(project, "completions", "--shell", shell, environment=places)
        checks.check(f"completions: --shell {shell} prints the script and writes nothing",
                     run.status == 0 and shell in run.stdout and str(home / place) in run.stderr
                     and not list(home.iterdir()), run.said())
        named = project.parent / "scripts" / shell
        installed = relux(project, "completions", "--shell", shell, "--install", "--path", named, environment=places)
        checks.check(f"completions: --path names where {shell}'s goes", installed.status == 0 and not installed.stdout
                     and named.read_text(encoding="utf-8") == run.stdout, installed.said())
        again = relux(project, "completions", "--shell", shell, "--install", "--path", named, environment=places)
        checks.check(f"completions: {shell}: our own script is renewed", again.status == 0, again.said())
    other = write(project, "precious", "somebody's own\n")
    refused(checks, "completions: somebody else's file stays", relux(
        project, "completions", "--shell", "bash", "--install", "--path", other), "not overwritten")
    checks.check("completions: as it was", other.read_text(encoding="utf-8") == "somebody's own\n")
    refused(checks, "completions: a shell that is not known", relux(project, "completions", "--shell", "bsh"),
            "bash, zsh and fish", "did you mean `bash`?")
    refused(checks, "completions: a $SHELL that is not known",
            relux(project, "completions", environment={"SHELL": "/bin/tcsh"}), "$SHELL is tcsh", "--shell")


def check_completions(checks, project):
    write(project, "Relux.toml", "[timeout]\ntest = \"40s\"\n")
    write(project, "relux/tests/one.relux", passing("plain", "two words", QUOTED_NAME))
    write(project, "relux/tests/two.relux", passing("elsewhere"))
    write(project, "relux/tests/deep/three.relux", passing("further down"))
    write(project, "relux/tests/notes.txt", "no test\n")
    write(project, "relux/tests/flow.yaml", "name: f\nsteps: [{name: a, type: print, message: x}]\n")
    write(project, "relux/lib/service/db/base.relux", "")
    write(project, "nested/Relux.toml", "")
    write(project, "nested/relux/tests/other.relux", passing("of another project"))
    write(project, "relux/out/run-1/old.relux", passing("of an old run"))
    check_completions_command(checks, project)
    sets = everything(checks, project)
    for shell in SHELLS:
        check_in_shell(checks, project, shell, sets)
    write(project, "relux/tests/told.relux", passing("with:colon").replace(
        "{\n", '{\n    """\n    Says what it is for.\n    And more.\n    """\n', 1))
    check_protocol(checks, project)
    check_installed(checks, project)
