#!/usr/bin/env python3
"""Runs a command with real servers beside it: servers.py COMMAND…

PostgreSQL, Redis, web servers and sockets that misbehave, all on free ports of 127.0.0.1, with their files in one
temporary directory. The command finds them in its environment as RELUX_TEST_*; all are stopped when it ends, and its
exit status is that of this script. Needs nothing but Debian's packages (tools/setup).
"""

import ctypes
import glob
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "suites")]
import http_server  # noqa: E402
from suite_checks import free_ports  # noqa: E402

PASSWORD = "secret word"
ATTEMPTS = 5  # at a port that was free a moment ago


def die_with_us(number):
    """For preexec_fn: the server gets the signal when this script ends in whatever way."""
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(1, number, 0, 0, 0)


class Server:
    """A program that says on its output when it is ready."""

    def __init__(self, command, ready, stop_signal, log, **options):
        self.stop_signal = stop_signal
        self.log = log
        # pylint: disable=subprocess-popen-preexec-fn
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, preexec_fn=die_with_us(stop_signal), **options)
        self.is_ready = self.read_until(ready)
        if self.is_ready:
            self.reader = threading.Thread(target=self.read_until, args=(None,), daemon=True)
            self.reader.start()

    def read_until(self, text):
        for line in self.process.stdout:
            self.log.write(line)
            self.log.flush()
            if text is not None and text in line:
                return True
        return False

    def stop(self):
        self.process.send_signal(self.stop_signal)
        self.process.wait()
        if self.is_ready:
            self.reader.join()  # its last words are in the log before that is closed


def start(make):
    for _ in range(ATTEMPTS):
        port = free_ports(1)[0]
        server = make(port)
        if server.is_ready:
            return server, port
        server.stop()
    sys.exit(f"servers: no server after {ATTEMPTS} attempts; see its log")


def start_postgres(directory, log):
    """PostgreSQL refuses to run as root."""
    programs = pathlib.Path(sorted(glob.glob("/usr/lib/postgresql/*/bin/postgres"))[-1]).parent
    options = {}
    data = directory / "postgres"
    data.mkdir()
    if os.getuid() == 0:
        account = pwd.getpwnam("postgres")
        options = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        os.chown(data, account.pw_uid, account.pw_gid)
    options["cwd"] = data
    options["env"] = os.environ | {"LC_ALL": "C.UTF-8"}
    password = directory / "password"
    password.write_text(PASSWORD + "\n")
    password.chmod(0o644)
    subprocess.run([programs / "initdb", "--pgdata", data / "db", "--username", "tester", "--pwfile", password,
                    "--auth-local", "trust", "--auth-host", "scram-sha-256", "--encoding", "UTF8", "--no-sync",
                    "--no-instructions"], check=True, stdout=log, stderr=log, stdin=subprocess.DEVNULL, **options)
    return start(lambda port: Server(
        [programs / "postgres", "-D", data / "db", "-p", str(port), "-k", data, "-c", "listen_addresses=127.0.0.1",
         "-c", "fsync=off", "-c", "max_connections=100", "-c", "shared_buffers=16MB", "-c", "restart_after_crash=on",
         "-c", "autovacuum=off", "-c", "logging_collector=off"],
        b"ready to accept connections", signal.SIGQUIT, log, **options))


def start_redis(directory, log):
    return start(lambda port: Server(
        ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--dir", directory, "--save", "",
         "--appendonly", "no", "--daemonize", "no"],
        b"Ready to accept connections", signal.SIGKILL, log))


def make_certificate(directory, log):
    """One for 127.0.0.1 that nobody has signed but itself, key and certificate in one file."""
    path = directory / "certificate.pem"
    key = directory / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", "/CN=relux test", "-addext", "subjectAltName=IP:127.0.0.1",
                    "-keyout", key, "-out", path], check=True, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    path.write_text(path.read_text() + key.read_text())
    return path


def run(command, directory):
    log_path = directory / "servers.log"
    servers = []
    with open(log_path, "ab") as log:
        try:
            certificate = make_certificate(directory, log)
            ports = http_server.start_all(certificate)
            postgres, ports["POSTGRES"] = start_postgres(directory, log)
            servers.append(postgres)
            redis, ports["REDIS"] = start_redis(directory, log)
            servers.append(redis)
            environment = {f"RELUX_TEST_{name}_PORT": str(port) for name, port in ports.items()}
            environment["RELUX_TEST_POSTGRES_SOCKETS"] = str(directory / "postgres")
            environment["RELUX_TEST_PASSWORD"] = PASSWORD
            environment["RELUX_TEST_CERTIFICATE"] = str(certificate)
            environment["RELUX_TEST_DIRECTORY"] = str(directory)
            kept = {name: value for name, value in os.environ.items()
                    if not name.lower().endswith("_proxy") and not name.startswith("PG")}
            return subprocess.run(command, env=kept | environment, check=False).returncode
        except (OSError, subprocess.CalledProcessError) as failed:
            print(f"servers: {failed}\n{log_path.read_text(errors='replace')}", file=sys.stderr)
            return 1
        finally:
            for server in servers:
                server.stop()


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: servers.py COMMAND…")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    directory = pathlib.Path(tempfile.mkdtemp(prefix="relux-servers-"))
    directory.chmod(0o755)
    try:
        status = run(sys.argv[1:], directory)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main())
