#!/usr/bin/env python3
"""A service for notes over HTTP: notes_service.py PORT. Keeps them in memory; prints `listening on PORT`."""

import http.server
import json
import sys
import threading

NOTES = {}
LOCK = threading.Lock()


class Notes(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def reply(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        text = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"]
        with LOCK:
            number = len(NOTES) + 1
            NOTES[number] = text
        self.reply(201, {"id": number, "text": text})

    def do_GET(self):
        try:
            number = int(self.path.rsplit("/", 1)[1])
            self.reply(200, {"id": number, "text": NOTES[number]})
        except (ValueError, KeyError):
            self.reply(404, {"error": "no such note"})

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Notes)
    print("listening on", server.server_address[1], flush=True)
    server.serve_forever()
