#!/usr/bin/python3
"""The cases of tools/bench for pexpect: pexpect_cases.py CASE ARGUMENT... -- COMMAND...

With the settings that make it fastest: bytes, poll, no delay before a send or at the end, patterns compiled once, and
for floods a search window. Runs on Debian's Python, which has python3-pexpect.
"""

import os
import re
import signal
import sys
import time

import pexpect

PROMPT = b"relux> "


def start(command):
    shell = pexpect.spawn(command[0], command[1:], dimensions=(24, 65535), timeout=120, maxread=65536, use_poll=True)
    shell.delaybeforesend = None
    shell.delayafterread = None
    shell.expect_exact([PROMPT])
    return shell


def finish(shell):
    os.kill(shell.pid, signal.SIGKILL)
    os.waitpid(shell.pid, 0)
    shell.ptyproc.fileobj.close()
    # Or the destructors close the descriptor again, which is another shell's by then.
    shell.closed = shell.ptyproc.closed = True


def round_trip(shell, number):
    shell.send(b"echo token-%d\n" % number)
    shell.expect_list([re.compile(b"\ntoken-%d\r\n" % number)])


def round_trips(command, count):
    shell = start(command)
    for number in range(int(count)):
        round_trip(shell, number)
        shell.expect_exact([PROMPT])
    finish(shell)


def flood(command, line):
    shell = start(command)
    shell.send(line.encode() + b"\n")
    wanted = [re.compile(rb"\nflood-done\r\n"), re.compile(rb"\npanic: \d+\r\n")]
    if shell.expect_list(wanted, searchwindowsize=200) != 0:
        sys.exit("the fail pattern matched")
    finish(shell)


def tests(command, first, end):
    for number in range(int(first), int(end)):
        shell = start(command)
        round_trip(shell, number)
        finish(shell)


def open_at_once(command, count, line):
    shells = []
    for _ in range(int(count)):
        shells.append(start(command))
        shells[-1].send(line.encode() + b"\n")
    for shell in shells:
        shell.expect_exact([b"\ndone\r\n"])
    for shell in shells:
        finish(shell)


def time_outs(command, count, milliseconds):
    shell = start(command)
    never = [re.compile(rb"\nnever\r\n"), pexpect.TIMEOUT]
    limit = int(milliseconds) / 1000
    for _ in range(int(count)):
        until = time.monotonic() + limit
        shell.expect_list(never, timeout=limit)
        print("late", round((time.monotonic() - until) * 1e9))
    finish(shell)


CASES = {"round-trips": round_trips, "flood": flood, "tests": tests, "open": open_at_once, "time-outs": time_outs}

if __name__ == "__main__":
    split = sys.argv.index("--")
    CASES[sys.argv[1]](sys.argv[split + 1:], *sys.argv[2:split])
    sys.stdout.flush()
    os._exit(0)
