"""What programs leave behind, whatever they do to hide where they come from: for check_endings.py."""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time
import uuid

from suite_checks import SUITES, Project, first_outgoing_port, free_ports, wait_for, write

LIMIT = 60


def unique_sleep():
    """A command that sleeps for ever and can be found by its argument, whatever becomes of its environment."""
    return f"sleep {10**7}.{uuid.uuid4().int}"


def all_running(commands):
    """For each command the ids of the processes with its arguments."""
    wanted = {command.replace(" ", "\0").encode() + b"\0": command for command in commands}
    found = {command: [] for command in commands}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                # A zombie has none.
                command = wanted.get((entry / "cmdline").read_bytes())
                if command:
                    found[command].append(int(entry.name))
    return found


def running(command):
    return all_running([command])[command]


def end_all(commands):
    for processes in all_running(commands).values():
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)


def named_like_the_runner(project):
    """What `pkill -f relux` would find among the processes of a run."""
    found = []
    for process in project.processes_left():
        with contextlib.suppress(OSError):
            entry = pathlib.Path(f"/proc/{process}")
            if b"relux" in (entry / "cmdline").read_bytes() + (entry / "comm").read_bytes():
                found.append(process)
    return found


# Who logs a user in sets limits and environment anew. `{}` is a script that goes on for ever.
LOGINS = {
    "su -l": "su -l root -c 'setsid sh {} </dev/null >/dev/null 2>&1 &'",
    "su -l to another user": "su -l nobody -s /bin/sh -c 'setsid sh {} </dev/null >/dev/null 2>&1 &'",
    "sudo": "sudo setsid sh {} </dev/null >/dev/null 2>&1 &",
    "sudo -i": "sudo -i setsid sh {} </dev/null >/dev/null 2>&1 &",
    "runuser": "runuser -l root -c 'setsid sh {} </dev/null >/dev/null 2>&1 &'",
}

TRICKS = {
    "two forks and nothing inherited":
        "(setsid env -i prlimit --locks=unlimited sh {} </dev/null >/dev/null 2>&1 &) &",
    "only the limit reset": "setsid prlimit --locks=unlimited:unlimited sh {} </dev/null >/dev/null 2>&1 &",
    "nohup": "nohup sh {} >/dev/null 2>&1 &",
    "a chroot": "setsid chroot / env -i sh {} </dev/null >/dev/null 2>&1 &",
    "a namespace of processes": "setsid unshare --pid --fork env -i sh {} </dev/null >/dev/null 2>&1 &",
    "a stopped process": "setsid sh -c 'env -i prlimit --locks=unlimited sh {} & "
        "while ! test -e {ready} || ! grep -q ^sleep /proc/$!/cmdline; do sleep 0.01; done; kill -STOP $!' &",
    "a process that starts others all the time":
        "setsid env -i prlimit --locks=unlimited sh -c "
        "'trap \"\" HUP TERM; sh {} & while :; do (sleep 3 &); sleep 0.05; done' </dev/null >/dev/null 2>&1 &",
}


class Leaving:
    """A project with a test that leaves one process for each kind."""

    def __init__(self, project, kinds, waits):
        self.commands = {kind: unique_sleep() for kind in kinds}
        places = pathlib.Path(project.parent)
        places.chmod(0o755)
        ready = places / "ready"
        ready.mkdir()
        ready.chmod(0o777)
        write(project, "Relux.toml", "")
        text = ""
        for number, (kind, command) in enumerate(self.commands.items()):
            script = places / f"script{number}"
            # By then it is on its own, and its command line tells nothing.
            script.write_text(f"touch {ready}/{number}\nexec {command}\n", encoding="utf-8")
            script.chmod(0o755)
            text += f'''test "{kind}" {{
    shell s {{
        > {kinds[kind].format(script, ready=f"{ready}/{number}").replace("$", "$$")}
        > while ! test -e {ready}/{number}; do sleep 0.01; done; echo is-rea""dy
        <~50s? is-ready$
        {'> touch "$__RELUX_TEST_ARTIFACTS/begun"; sleep 1000' if waits else "> :"}
        {"<~100s? ^never$" if waits else "match_ok()"}
    }}
}}
'''
        write(project, "relux/tests/leaves.relux", text)

    def all_run(self):
        return all(all_running(self.commands.values()).values())

    def check_gone(self, checks, name):
        with contextlib.suppress(TimeoutError):
            wait_for(lambda: not any(all_running(self.commands.values()).values()), "all are gone")
        for kind, command in self.commands.items():
            checks.check(f"{name}: {kind}: nothing is left", not running(command), f"{running(command)}")
        end_all(self.commands.values())


def check_left_at_the_end(checks, options):
    kinds = (LOGINS if os.geteuid() == 0 else {}) | TRICKS
    for jobs in ("1", "8"):
        with Project(options.binaries) as project:
            leaving = Leaving(project, kinds, waits=False)
            foreign = subprocess.Popen(unique_sleep().split())
            run = project.run("run", "-j", jobs, limit=LIMIT)
            checks.check(f"left behind, -j {jobs}: the tests pass", run.status == 0 and len(run.tests) == len(kinds),
                         run.said())
            # No patience: the run has waited for them.
            for kind, command in leaving.commands.items():
                checks.check(f"left behind, -j {jobs}: {kind}: nothing is left", not running(command))
            end_all(leaving.commands.values())
            checks.check(f"left behind, -j {jobs}: others are left alone", foreign.poll() is None)
            foreign.kill()
            foreign.wait()
            project.check_nothing_left(checks, f"left behind, -j {jobs}")


def check_left_by_killed_runner(checks, options):
    kinds = (LOGINS | TRICKS) if os.geteuid() == 0 else {"only the limit reset": TRICKS["only the limit reset"]}
    for both in (False, True):
        name = "all that is named like the runner killed" if both else "runner killed"
        with Project(options.binaries) as project:
            leaving = Leaving(project, kinds, waits=True)
            foreign = subprocess.Popen(unique_sleep().split())
            process = project.start("run", "-j", str(len(kinds)))
            out = project.root / "relux" / "out"
            try:
                wait_for(lambda: len(list(out.glob("run-*/logs/**/begun"))) == len(kinds) and leaving.all_run(),
                         "all tests have begun")
            except TimeoutError:
                process.terminate()  # and not by force: it ends what runs
                process.communicate()
                foreign.kill()
                raise
            for victim in named_like_the_runner(project) if both else [process.pid]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(victim, signal.SIGKILL)
            process.wait()
            leaving.check_gone(checks, name)
            with contextlib.suppress(TimeoutError):
                wait_for(lambda: not project.processes_left(), "no process is left")
            project.check_nothing_left(checks, name)
            checks.check(f"{name}: others are left alone", foreign.poll() is None)
            foreign.kill()
            foreign.wait()
            process.communicate()


def check_inherited(checks, options):
    """Children that the runner had before, and what these leave behind, are nobody's business."""
    with Project(options.binaries) as project:
        leaving = Leaving(project, {"a daemon": "setsid env -i sh {} </dev/null >/dev/null 2>&1 &"}, waits=False)
        own, left = unique_sleep(), unique_sleep()
        script = f"{own} & (while ! test -e end; do sleep 0.01; done; setsid {left} & ) & exec {project.binaries}/relux run"
        write(project, "relux/tests/ends.relux", '''test "ends" {
    shell s {
        > touch end; sleep 0.3; echo slept
        <~50s? ^slept$
    }
}
''')
        run = subprocess.run(["sh", "-c", script], cwd=project.root, env=project.environment(), check=False,
                             stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        checks.check("inherited children: the tests pass", run.returncode == 0, f"{run.returncode}")
        checks.check("inherited children: they are left alone", running(own) and running(left),
                     f"{running(own)} {running(left)}")
        leaving.check_gone(checks, "inherited children")
        end_all([own, left])


# Before it is what it becomes, a process ignores nothing yet and ends with its shell, as it should.
WHICH = '''test "which" {
    shell s {
        > sh -c '(trap "" HUP TERM; setsid COMMAND </dev/null >/dev/null 2>&1 &) &'
        match_ok()
        > until pgrep -fx 'COMMAND' >/dev/null; do :; done; echo a
        <? ^a$
        > echo b
        <? ^b$
    }
}
test "a program that is sent to" {
    shell s {
        > python3 -q -i
        <~50s? >>>
        > import os, signal, subprocess
        <~50s? >>>
        > x = [signal.signal(s, signal.SIG_IGN) for s in (1, 15)]
        <~50s? >>>
        > x = subprocess.Popen("THIRD".split(), start_new_session=True, stdin=-3, stdout=-3, stderr=-3)
        <~50s? >>>
        > x = 1
        <~50s? >>>
    }
}
'''


def check_which_statement(checks, options):
    """Each process that is named is named with the statement whose command it descends from."""
    with Project(options.binaries) as project:
        commands = [unique_sleep() for _ in range(2)]
        text = WHICH
        for word, command in zip(("COMMAND", "THIRD"), commands):
            text = text.replace(word, command)
        write(project, "Relux.toml", "")
        write(project, "relux/tests/which.relux", text)
        line = next(number for number, words in enumerate(text.splitlines(), 1) if commands[1] in words)
        for turn in range(5):
            run = project.run("run", limit=LIMIT)
            for command, number in ((commands[0], 3), (commands[1], line)):
                named = [words for words in run.stderr.splitlines() if command in words and "killed" in words]
                checks.check(f"which statement: line {number}, run {turn}", len(named) == 1 and
                             named[0].endswith(f"started by the statement at relux/tests/which.relux:{number}"),
                             f"{named} {run.said()}")
        project.check_nothing_left(checks, "which statement")
        end_all(commands)


def check_leftover_fails(checks, options):
    """`leftover = "fail"`: what ends at the first word is a leftover too, if it was a daemon; what ran in the shell
    is none."""
    with Project(options.binaries) as project:
        write(project, "Relux.toml", '[run]\nleftover = "fail"\n')
        command, job = unique_sleep(), unique_sleep()
        write(project, "relux/tests/daemon.relux", f'''test "a daemon" {{
    shell s {{
        > setsid sh -c 'echo in its "own session"; exec {command} >/dev/null 2>&1' </dev/null &
        <= in its own session
        > echo later
        <? ^later$
    }}
}}
test "a job" {{
    shell s {{
        > {job} &
        match_ok()
    }}
}}
test "in the foreground" {{
    shell s {{
        > echo begun; {job}
        <? ^begun$
    }}
}}
''')
        run = project.run("run", limit=LIMIT)
        checks.check("leftover: a daemon fails its test", run.outcome("a daemon") == "fail", run.said())
        checks.check("leftover: and is named with its statement", "started by the statement at "
                     "relux/tests/daemon.relux:3" in run.stderr, run.said())
        for name in ("a job", "in the foreground"):
            checks.check(f"leftover: {name} is none", run.outcome(name) == "pass", run.said())
        write(project, "Relux.toml", "")
        run = project.run("run", limit=LIMIT)
        checks.check("leftover: by default a daemon that ends when it is told to is no news",
                     run.status == 0 and command not in run.stderr, run.said())
        project.check_nothing_left(checks, "leftover")


ANEW = '''import os, signal, sys
words = {signal.SIGTERM, signal.SIGHUP}
if "anew" in sys.argv:
    print("anew", flush=True)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, words)
    while True:
        signal.pause()
signal.pthread_sigmask(signal.SIG_BLOCK, words)
print("begun", flush=True)
for word in words:
    signal.sigwait({word})
signal.signal(signal.SIGHUP, signal.SIG_IGN)
os.execv(sys.executable, [sys.executable, *sys.argv, "anew"])
'''


def check_executed_anew(checks, options):
    """A program that executes itself anew after it has taken the SIGTERM is told again, and is no leftover."""
    with Project(options.binaries) as project:
        write(project, "Relux.toml", '[run]\nleftover = "fail"\n')
        write(project, "anew.py", ANEW)
        write(project, "relux/tests/anew.relux", '''test "anew" {
    shell s {
        > python3 "${__RELUX_SUITE_ROOT}/anew.py"
        <? ^begun$
    }
}
''')
        run = project.run("run", limit=LIMIT)
        checks.check("executed anew: it is no leftover", run.status == 0, run.said())
        project.check_nothing_left(checks, "executed anew")


SERVER = '''effect Ssh {{
    expose shell server
    shell server {{
        > {sshd} -D -e -f {config}
        <~50s? ^Server listening
    }}
}}
'''


def check_free_ports(checks, options):
    """Drivers that look for ports at the same time get different ones."""
    del options
    program = "import suite_checks; print(*suite_checks.free_ports(20), flush=True); input()"
    drivers = [subprocess.Popen([sys.executable, "-c", program], cwd=SUITES, text=True, stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE) for _ in range(8)]
    ports = [int(port) for driver in drivers for port in driver.stdout.readline().split()]
    for driver in drivers:
        driver.communicate("\n")
    checks.check("free ports: each is given once", len(ports) == 160 and len(set(ports)) == 160, f"{sorted(ports)}")
    checks.check("free ports: no outgoing connection gets one", ports and max(ports) < first_outgoing_port(), f"{ports}")


def check_restarting_server(checks, options):
    """A server that starts itself anew on SIGHUP ends, and is no leftover."""
    sshd = "/usr/sbin/sshd"
    if os.geteuid() != 0 or not os.path.exists(sshd):
        return
    made = not os.path.exists("/run/sshd")
    os.makedirs("/run/sshd", exist_ok=True)
    with Project(options.binaries) as project:
        key = project.parent / "key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
        write(project, "Relux.toml", '[run]\nleftover = "fail"\n')
        text = ""
        for number, port in enumerate(free_ports(10)):
            config = project.parent / f"config{number}"
            config.write_text(f"ListenAddress 127.0.0.1\nPort {port}\n"
                              f"HostKey {key}\nPidFile none\n", encoding="utf-8")
            text += SERVER.format(sshd=sshd, config=config).replace("Ssh", f"Ssh{number}")
            text += f'test "{number}" {{\n    start Ssh{number} as S{number}\n}}\n'
        write(project, "relux/tests/server.relux", text)
        for turn in range(5):
            run = project.run("run", "-j", "4", limit=LIMIT)
            checks.check(f"a server that starts itself anew, run {turn}: it is no leftover",
                         run.status == 0 and len(run.tests) == 10, run.said())
        project.check_nothing_left(checks, "a server that starts itself anew")
    if made:
        shutil.rmtree("/run/sshd", ignore_errors=True)


def check_no_processes_shown(checks, options):
    """Without /proc it is said, once, that nothing can be found."""
    if os.geteuid() != 0:
        return
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "")
        write(project, "relux/tests/one.relux", 'test "one" {\n    shell s {\n        > echo hi\n        <? ^hi$\n    }\n}\n')
        hidden = "mount -t tmpfs none /proc && exec " + str(project.binaries / "relux") + " run"
        started = time.monotonic()
        process = subprocess.Popen(["unshare", "-m", "sh", "-c", hidden], cwd=project.root, text=True,
                                   env=project.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        run = project.finish(process, started, LIMIT)
        checks.check("no /proc: the test passes", run.status == 0, run.said())
        checks.check("no /proc: it is said once", run.stderr.count("processes that tests leave behind") == 1, run.said())
        run = project.run("run", limit=LIMIT)
        checks.check("with /proc it is not", "processes that tests leave behind" not in run.stderr, run.said())


PARTS = (check_left_at_the_end, check_left_by_killed_runner, check_inherited, check_which_statement,
         check_leftover_fails, check_executed_anew, check_free_ports, check_restarting_server, check_no_processes_shown)
