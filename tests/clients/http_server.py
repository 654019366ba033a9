#!/usr/bin/env python3
"""A web server that behaves well or badly as the path says, and plain sockets that do so without any HTTP.

Used by servers.py. Everything ends when the other side closes its connection: nothing here waits for a time.
"""

import gzip
import http.server
import json
import socket
import socketserver
import ssl
import threading
import urllib.parse

MEGABYTE = b"x" * (1 << 20)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    connections = 0
    lock = threading.Lock()

    def log_message(self, *_):
        pass

    def setup(self):
        super().setup()
        with Handler.lock:
            Handler.connections += 1

    def handle(self):
        try:
            super().handle()
        except (ConnectionError, ssl.SSLError):
            pass  # the client went away, as many tests do

    def handle_any(self):
        length = int(self.headers.get("Content-Length") or 0)
        self.body = self.rfile.read(length)
        url = urllib.parse.urlsplit(self.path)
        self.query = dict(urllib.parse.parse_qsl(url.query))
        name = "do_" + url.path.strip("/").split("/")[0].replace("-", "_")
        getattr(self, name, self.do_missing)()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_BREW = handle_any

    def reply(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def until_client_closes(self):
        self.wfile.flush()
        self.close_connection = True
        while self.connection.recv(4096):
            pass

    def do_missing(self):
        # Also what a proxy is asked for: there the path is a whole URL.
        self.reply(404, ("nothing at " + self.path).encode())

    def do_echo(self):
        said = {"method": self.command, "path": self.path, "headers": list(self.headers.items()),
                "body": self.body.decode(errors="replace")}
        self.reply(200, json.dumps(said).encode(), [("Content-Type", "application/json")])

    def do_status(self):
        self.reply(int(self.query["code"]), b"status")

    def do_repeated(self):
        self.reply(200, b"", [("X-One", "1"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-Empty", "")])

    def do_connections(self):
        self.reply(200, str(Handler.connections).encode())

    def do_goodbye(self):
        # Says that the connection stays open, and closes it.
        self.reply(200, b"bye")
        self.close_connection = True

    def do_never(self):
        self.until_client_closes()

    def do_slow(self):
        # The headers and a part of the body, and no more.
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"slow")
        self.until_client_closes()

    def do_half(self):
        # Less than announced, then the end of the stream, with the other direction left open.
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"half")
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_WR)
        self.until_client_closes()

    def do_empty(self):
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_WR)

    def do_garbage(self):
        self.wfile.write(b"this is not a response\r\n\r\n")
        self.close_connection = True

    def do_interim(self):
        self.wfile.write(b"HTTP/1.1 103 Early Hints\r\nX-Early: yes\r\n\r\n")
        self.reply(200, b"late")

    def do_chunked(self):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for part in (b"first ", b"second ", b"third"):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            self.wfile.flush()
        self.wfile.write(b"0\r\nX-Trailer: end\r\n\r\n")

    def do_endless(self):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while True:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(MEGABYTE), MEGABYTE))

    def do_large(self):
        megabytes = int(self.query["megabytes"])
        self.send_response(200)
        self.send_header("Content-Length", str(megabytes * len(MEGABYTE)))
        self.end_headers()
        for _ in range(megabytes):
            self.wfile.write(MEGABYTE)

    def do_headers(self):
        self.send_response(200)
        for number in range(int(self.query["count"])):
            self.send_header(f"X-Header-{number}", "v" * 1000)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_gzip(self):
        self.reply(200, gzip.compress(b"compressed text"), [("Content-Encoding", "gzip")])

    def do_bomb(self):
        self.reply(200, gzip.compress(MEGABYTE * 100), [("Content-Encoding", "gzip")])

    def do_redirect(self):
        self.reply(int(self.query.get("status", "302")), b"elsewhere", [("Location", self.query["to"])])

    def do_loop(self):
        self.reply(302, b"", [("Location", "/loop")])

    def do_countdown(self):
        left = int(self.query["left"])
        target = f"/countdown?left={left - 1}" if left else "/echo"
        self.reply(302, b"", [("Location", target)])

    def do_nowhere(self):
        self.reply(302, b"no Location")


class WebServer(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_):
        pass


class Secure(WebServer):
    """Shakes hands in the thread of the connection, so that one that does not go on keeps nobody waiting."""

    def __init__(self, address, certificate):
        super().__init__(address, Handler)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate)

    def finish_request(self, request, client_address):
        try:
            secured = self.context.wrap_socket(request, server_side=True)
        except (OSError, ssl.SSLError):
            return
        super().finish_request(secured, client_address)


class Silent(socketserver.BaseRequestHandler):
    """Takes everything and says nothing."""

    def handle(self):
        try:
            while self.request.recv(4096):
                pass
        except ConnectionError:
            pass


class Babbling(socketserver.BaseRequestHandler):
    """Answers whatever it gets with three replies of Redis."""

    def handle(self):
        try:
            while self.request.recv(4096):
                self.request.sendall(b"+one\r\n+two\r\n+three\r\n")
        except ConnectionError:
            pass


class Closing(socketserver.BaseRequestHandler):
    """Reads something, then closes."""

    def handle(self):
        self.request.recv(4096)


class PlainServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_):
        pass


def start(server):
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 60}, daemon=True).start()
    return server.server_address[1]


def start_all(certificate):
    """Starts the servers in this process; name of each to its port on 127.0.0.1."""
    here = ("127.0.0.1", 0)
    ports = {"HTTP": start(WebServer(here, Handler)), "HTTPS": start(Secure(here, certificate))}
    for name, handler in (("SILENT", Silent), ("BABBLING", Babbling), ("CLOSING", Closing)):
        ports[name] = start(PlainServer(here, handler))
    # Bound and not listening: nobody else gets the port, and connections are refused.
    start_all.closed = socket.socket()
    start_all.closed.bind(here)
    ports["CLOSED"] = start_all.closed.getsockname()[1]
    return ports
