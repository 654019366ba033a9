#!/usr/bin/env python3
"""Sends wait for whoever reads the terminal: slow commands, threads, relays, full-screen programs, prompts.

With --count so many sends go through each relay, and with --menus the menu is answered so often; --load keeps so many
processes busy meanwhile. What is not installed, or needs root, is left out and named.
"""

import argparse
import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import threading
import time

from suite_checks import Checks, Project, busy_cores, wait_for, write

SSHD = "/usr/sbin/sshd"
LIMIT = 900  # seconds

READERS = {
    "a command that takes its time": """
        > python3 -c 'import time; time.sleep(0.7)'
""",
    "poll": """
        > python3 -c 'import select, os; p = select.poll(); p.register(0, 1); p.poll(); print("got", os.read(0, 9))'
        > x
        <? ^got b'x.n'$
""",
    "select": """
        > python3 -c 'import select, os; select.select([0], [], []); print("got", os.read(0, 9))'
        > x
        <? ^got b'x.n'$
""",
    "an epoll in an epoll": """
        > python3 -c 'import select, os; e = select.epoll(); e.register(0, 1); f = select.epoll(); f.register(e.fileno(), 1); f.poll(); print("got", os.read(0, 9))'
        > x
        <? ^got b'x.n'$
""",
    "the third of ten threads": """
        > python3 threads.py
        > x
        <? ^got x$
""",
    "a program that polls something else": """
        > curl -s http://127.0.0.1:${PORT}/
        > echo behind
        <? ^slow$
        <? ^behind$
""",
    "a program that throws away what comes too early": """
        > stty cols 80; TERM=xterm sh -c 'stty -icanon -echo; echo Menu; sleep 0.1; exec python3 menu.py'; stty icanon echo
        <? ^Menu$
        => \\e[B
        <? ^b'\\\\x1b\\[B'$
""",
    "a child of a shell without job control": """
        > sh -c 'set +m; sleep 0.2; cat; true'
        > x
        <? ^x$
        <? ^x$
        ctrl_d()
""",
}

THREADS = """import sys, threading, time
def read():
    print("got", sys.stdin.readline().strip(), flush=True)
threads = [threading.Thread(target=read if i == 2 else time.sleep, args=() if i == 2 else (1,)) for i in range(10)]
for thread in threads:
    thread.start()
"""
MENU = """import os, sys, termios
termios.tcflush(0, termios.TCIFLUSH)
print(repr(os.read(0, 9)))
"""
UNREAD = """test "nobody reads" {
    shell s {
        ~300ms
        > sleep 1
        > echo be''hind
        <~20s= behind
        match_ok()
    }
}
test "a control byte does not wait" {
    shell s {
        > sh -c 'echo up; exec sleep 100'
        <? ^up$
        ctrl_c()
        match_not_ok()
    }
}
"""
PROMPTS = """test "its environment" {
    shell s {
        > export PS1; env | grep PROMPT; env | grep '^PS'; sleep 0.3
        match_prompt()
        > echo done
        <~600ms? ^done$
        match_ok()
    }
}
test "its environment alone" {
    shell s {
        > printf '%s' "$__RELUX_SHELL_PROMPT"; sleep 0.2; echo; printf '%s' "$__RELUX_SHELL_PROMPT"; sleep 0.2; echo; true
        match_ok()
        > echo done
        <? ^done$
    }
}
test "each prompt once" {
    shell s {
        > echo one
        > echo two
        match_prompt()
        <? ^two$
        match_prompt()
        > echo three
        match_prompt()
        > echo four
        <? ^four$
    }
}
test "a shell in the shell" {
    shell s {
        > PS1="$__RELUX_SHELL_PROMPT" sh
        match_prompt()
        > echo inner
        match_ok()
        > exit
        match_ok()
    }
}
test "a program that reads is no shell" {
    shell s {
        ~400ms
        > echo "$__RELUX_SHELL_PROMPT"; cat
        match_prompt()
    }
}
"""


def slow_server(stopped):
    """Answers each connection with one line, half a second after its request."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer(connection):
        with connection:
            connection.recv(4096)
            time.sleep(0.5)
            connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nslow\n")

    def serve():
        with listener:
            while not stopped.is_set():
                connection, _ = listener.accept()
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    return listener.getsockname()[1]


def check_readers(checks, options):
    stopped = threading.Event()
    port = slow_server(stopped)
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "[timeout]\nmatch = \"20s\"\n")
        write(project, "threads.py", THREADS)
        write(project, "menu.py", MENU)
        for number, (name, body) in enumerate(READERS.items()):
            text = f'test "{name}" {{\n    shell s {{{body.replace("${PORT}", str(port))}        match_prompt()\n'
            text += "        > echo token\n        <? ^token$\n    }\n}\n"
            write(project, f"relux/tests/reader{number}.relux", text)
        run = project.run("run", limit=LIMIT)
        for name in READERS:
            checks.check(f"reader: {name}", run.outcome(name) == "pass",
                         run.tests.get(name, {}).get("failure_summary", run.said()))
        project.check_nothing_left(checks, "readers")
    stopped.set()


def check_unread(checks, options):
    with Project(options.binaries) as project:
        write(project, "Relux.toml")
        write(project, "relux/tests/unread.relux", UNREAD)
        run = project.run("run", limit=LIMIT)
        checks.check("unread: what nobody reads is sent all the same", run.outcome("nobody reads") == "pass", run.said())
        held = "shell 's' held `echo be''hind` (relux/tests/unread.relux:5) for "
        checks.check("unread: the report says who did not read",
                     held in run.stderr and "`sleep 1` was running and did not read the terminal" in run.stderr,
                     run.said())
        name = "a control byte does not wait"
        checks.check("unread: a control byte does not wait", run.outcome(name) == "pass", run.said())
        checks.check("unread: and is not reported", run.stderr.count(" held `") == 1, run.said())


def check_prompts(checks, options):
    for shell in ("dash", "bash"):
        with Project(options.binaries) as project:
            write(project, "Relux.toml", f'[shell]\ncommand = "/bin/{shell}"\n')
            write(project, "relux/tests/prompts.relux", PROMPTS)
            run = project.run("run", limit=LIMIT)
            for name in ("its environment", "its environment alone", "each prompt once", "a shell in the shell"):
                checks.check(f"prompt of {shell}: {name}", run.outcome(name) == "pass",
                             run.tests.get(name, {}).get("failure_summary", run.said()))
            name = "a program that reads is no shell"
            checks.check(f"prompt of {shell}: {name}", run.outcome(name) == "fail", run.said())
            checks.check(f"prompt of {shell}: who read instead is said",
                         "the shell did not wait for input behind it: `cat` was running" in run.stderr, run.said())


@contextlib.contextmanager
def own_sshd(directory):
    """Yields the command that opens a shell on it."""
    made = not os.path.exists("/run/sshd")
    os.makedirs("/run/sshd", exist_ok=True)
    key = directory / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    config = directory / "sshd_config"
    config.write_text(f"ListenAddress 127.0.0.1\nPort {port}\nHostKey {key}\nPidFile none\nStrictModes no\nUsePAM no\n"
                      f"PermitRootLogin yes\nAuthorizedKeysFile {key}.pub\nPrintMotd no\nPrintLastLog no\n",
                      encoding="utf-8")
    server = subprocess.Popen([SSHD, "-D", "-f", config], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)

    def listens():
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return True
        return False

    try:
        wait_for(listens, "sshd does not listen")
        yield (f"ssh -F none -tt -p {port} -i {key} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null "
               "-o LogLevel=ERROR 127.0.0.1")
    finally:
        server.terminate()
        server.wait()
        if made:
            shutil.rmtree("/run/sshd", ignore_errors=True)


def relay_test(name, start, count, end="exit"):
    lines = [f'test "{name}" {{', "    shell s {", f"        > {start}"]
    for number in range(count):
        lines += [f"        > echo token-{number}", f"        <? ^token-{number}\\r*$"]
    return "\n".join([*lines, f"        > {end}", "        match_ok()", "    }", "}", ""])


# A terminal multiplexer paints: no line can be told by its beginning.
def painted_test(name, start, count):
    lines = [f'test "{name}" {{', "    shell s {", f"        > {start}"]
    for number in range(count):
        lines += [f"        > echo to''ken-{number}-", f"        <= token-{number}-"]
    return "\n".join([*lines, "        > exit", "        match_ok()", "    }", "}", ""])


def installed(program):
    if shutil.which(program) or os.path.exists(program):
        return True
    print(f"skipped {program}: not installed")
    return False


def check_relays(checks, options):
    if os.geteuid() != 0:
        print("skipped the relays: they need root")
        return
    with Project(options.binaries) as project, contextlib.ExitStack() as stack:
        write(project, "Relux.toml", '[shell]\ncommand = ["/bin/bash", "--norc", "--noprofile"]\n[timeout]\nmatch = "20s"\n')
        tests = {}
        if installed(SSHD):
            tests["ssh"] = relay_test("ssh", stack.enter_context(own_sshd(project.parent)), options.count)
        if installed("sudo"):
            tests["sudo"] = relay_test("sudo", "sudo -i", options.count)
        tests["su"] = relay_test("su", "su", options.count)
        if installed("script"):
            tests["script"] = relay_test("script", "script -q /dev/null", options.count)
        if installed("tmux"):
            socket_name = project.parent / "tmux"
            start = f"stty cols 100 rows 30; TERM=xterm tmux -S {socket_name} -f /dev/null new sh"
            tests["tmux"] = painted_test("tmux", start, min(options.count, 500))
        for name, text in tests.items():
            write(project, f"relux/tests/{name}.relux", text)
        started = time.monotonic()
        run = project.run("run", "-m", "3", "-j", "1", limit=LIMIT)
        for name in tests:
            why = run.tests.get(name, {}).get("failure_summary", run.said())
            checks.check(f"relay: {options.count} sends through {name}", run.outcome(name) == "pass", why)
            if name in run.tests:
                print(f"   {run.seconds_of(name) * 1000 / options.count:.1f} ms each")
        checks.check("relay: no send was held for long", " held `" not in run.stderr, run.said())
        print(f"   {time.monotonic() - started:.0f} s in all")


def check_menus(checks, options):
    if not installed("whiptail"):
        return
    with Project(options.binaries) as project:
        write(project, "Relux.toml", "[timeout]\nmatch = \"60s\"\n")
        text = ""
        for number in range(options.menus):
            text += f"""test "menu {number}" {{
    shell s {{
        > stty cols 80 rows 24; TERM=xterm whiptail --menu Choose 20 60 4 one 1 two 2 three 3 2> chosen{number}; echo; cat chosen{number}; echo
        <= Choose
        => \\e[B
        => \\e[B
        => \\r
        <? ^three\\r*$
        match_ok()
    }}
}}
"""
        write(project, "relux/tests/menus.relux", text)
        run = project.run("run", limit=LIMIT)
        lost = [f"{name}: {test.get('failure_summary')}" for name, test in run.tests.items() if test["outcome"] != "pass"]
        checks.check(f"menu: {options.menus} times no key is lost", run.tests and not lost, lost or run.said())


PARTS = {"readers": check_readers, "unread": check_unread, "prompts": check_prompts, "relays": check_relays,
         "menus": check_menus}


def main():
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("binaries", help="directory that holds relux, reluxc and reluxvm")
    parser.add_argument("--count", type=int, default=40, help="sends through each relay")
    parser.add_argument("--menus", type=int, default=3, help="how often the menu is answered")
    parser.add_argument("--load", type=int, default=0, help="processes that are kept busy meanwhile")
    parser.add_argument("--only", choices=sorted(PARTS), help="this part alone")
    options = parser.parse_args()
    checks = Checks()
    with busy_cores(options.load):
        for name, check in PARTS.items():
            if options.only in (None, name):
                check(checks, options)
    checks.finish()


if __name__ == "__main__":
    main()
