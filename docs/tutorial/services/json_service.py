"""What the three services share: JSON over HTTP/1.1 on 127.0.0.1, with a line on stdout for whoever watches.

Output, one flushed line each:
  listening on PORT            once requests are accepted
  GET /db/auth/alice -> 404    every request that was served, whatever the answer
  error: REASON (REQUEST)      every request that was refused (see Refusal), and every failure of the service itself

A test sets the fail pattern `^error:` on a service's shell. So `error:` means that the client or the service is
broken. A request that is in order and is answered with "no" (a missing key, a wrong password) is an ordinary line.

SIGHUP, SIGTERM and SIGINT end a service at once.
"""

import argparse
import json
import signal
import socketserver
import sys
import threading
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote, unquote, urlsplit

BODY_LIMIT = 16 << 20
_output = threading.Lock()


class Answer(Exception):
    """An answer other than 200 to a request that is in order."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status
        self.message = message


class Refusal(Answer):
    """An answer to a request that the service refuses; announced in a line beginning `error:`."""


def say(line):
    text = "".join(c if c.isprintable() else "?" for c in line)
    with _output:
        try:
            sys.stdout.write(text + "\n")
            sys.stdout.flush()
        except OSError:
            pass  # nobody reads any more; the requests still count


class JsonServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def server_bind(self):
        # HTTPServer looks up the host's full name here, which can take seconds where no name server answers.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]

    def handle_error(self, request, client_address):
        problem = sys.exc_info()[1]
        if not isinstance(problem, (ConnectionError, TimeoutError)):  # a client that went away is no error
            say(f"error: {type(problem).__name__}: {problem}")


class JsonHandler(BaseHTTPRequestHandler):
    """Hands each request to `service.serve(method, path, body, token)`, which returns the answer as data."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave in one write
    service = None

    def answer(self):
        try:
            body = self.read_body()
            path = [unquote(part) for part in urlsplit(self.path).path.split("/")[1:]]
            status, data = 200, self.service.serve(self.command, path, body, self.read_token())
            say(f"{self.command} {self.path} -> {status}")
        except Refusal as refusal:
            status, data = refusal.status, {"error": refusal.message}
            say(f"error: {refusal.message} ({self.command} {self.path})")
        except Answer as answer:
            status, data = answer.status, {"error": answer.message}
            say(f"{self.command} {self.path} -> {status}")
        except ConnectionError:
            self.close_connection = True
            return
        except Exception as problem:
            status, data = 500, {"error": "internal error"}
            say(f"error: {type(problem).__name__}: {problem} ({self.command} {self.path})")
        self.reply(status, data)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = answer

    def read_body(self):
        """The request's JSON, None without a body. Read whole even if it is of no use: the next request of a kept
        connection begins behind it."""
        if "Transfer-Encoding" in self.headers:
            self.close_connection = True
            raise Refusal(411, "a body needs a Content-Length")
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > BODY_LIMIT:
            self.close_connection = True
            raise Refusal(400, "bad Content-Length")
        self.wfile.flush()  # the `100 Continue` that a client with a big body waits for
        text = self.rfile.read(int(length))
        if len(text) < int(length):
            raise ConnectionResetError
        try:
            return json.loads(text) if text else None
        except (ValueError, RecursionError):
            raise Refusal(400, "the body is not JSON") from None

    def read_token(self):
        kind, _, token = self.headers.get("Authorization", "").partition(" ")
        return token.strip() if kind.lower() == "bearer" else ""

    def reply(self, status, data):
        text = (json.dumps(data) + "\n").encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(text)

    def send_error(self, code, message=None, explain=None):
        # What http.server refuses by itself: a bad request line, headers too long, an unknown method.
        self.close_connection = True
        say(f"error: {message or 'bad request'} ({getattr(self, 'command', None) or 'no method'})")
        self.reply(code, {"error": message or "bad request"})

    def log_message(self, *arguments):
        pass


def parser(description):
    result = argparse.ArgumentParser(description=description.strip().splitlines()[0])
    result.add_argument("--port", type=int, required=True, help="port to listen on, at 127.0.0.1")
    return result


def run(service, port):
    """Serves until a signal ends the process."""
    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    JsonHandler.service = service
    try:
        server = JsonServer(("127.0.0.1", port), JsonHandler)
    except (OSError, OverflowError) as problem:
        say(f"error: cannot listen on {port}: {problem}")
        sys.exit(1)
    say(f"listening on {port}")
    server.serve_forever(poll_interval=3600)


class Unavailable(Exception):
    """The service at the other end gave no answer that could be understood."""


def call(port, method, parts, body=None):
    """One request to another service: `(status, data)`, or Unavailable."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    path = "".join("/" + quote(part, safe="") for part in parts)
    try:
        text = None if body is None else json.dumps(body)
        connection.request(method, path, text, {"Content-Type": "application/json"} if text else {})
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    except (OSError, HTTPException, ValueError) as problem:
        raise Unavailable(str(problem)) from None
    finally:
        connection.close()


class DocumentStore:
    """JSON documents by key, in one database of the db service. The database must exist."""

    def __init__(self, port, name):
        self.port = port
        self.name = name

    def read(self, key):
        """The document, None if there is none."""
        status, data = self._call("GET", key, (200, 404))
        return data["value"] if status == 200 else None

    def write(self, key, value):
        self._call("PUT", key, (200,), {"value": value})

    def _call(self, method, key, good, body=None):
        try:
            status, data = call(self.port, method, ["db", self.name, key], body)
        except Unavailable:
            raise Refusal(502, "db service unavailable") from None
        missing_key = status == 404 and data.get("error") != f"db {self.name} not found"
        if status not in good or (status == 404 and not missing_key):
            raise Refusal(502, data.get("error", f"db service answered {status}"))
        return status, data


def text_field(body, name):
    """A field of the body that must be there and be text."""
    value = body.get(name) if isinstance(body, dict) else None
    if not isinstance(value, str) or not value:
        raise Refusal(400, f"the body needs a {name}")
    return value
