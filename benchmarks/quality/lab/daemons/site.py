"""A web site: pages, uploads, and a search whose SQL takes what it is given. `site.py PORT [CERTIFICATE KEY]`."""

import re
import sqlite3
import ssl
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

_PAGE = re.compile(r"/((office/)?about|check|index\.html|page\d+)?")
_BASE = sqlite3.connect(":memory:", check_same_thread=False)
_BASE.executescript(
    "create table pages (id integer, title text); insert into pages values (1, 'Visiting hours'), (2, 'Canteen');"
    "create table staff (name text, word text); insert into staff values ('test', 'test');"
)


class _Site(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        status, body = 200, b"<html><a href='/about'>About</a> " + b"word " * (40 + sum(parts.path.encode()) % 400)
        if parts.path == "/search":
            status, body = self._search(parse_qs(parts.query).get("id", ["1"])[0])
        elif not _PAGE.fullmatch(parts.path):
            status, body = 404, b"not found"
        self._send(status, body)

    do_HEAD = do_GET  # noqa: N815

    def do_POST(self) -> None:
        left = int(self.headers.get("Content-Length", 0))
        while left > 0 and (words := self.rfile.read(min(left, 65536))):
            left -= len(words)
        self._send(200, b"ok")

    do_PUT = do_POST  # noqa: N815

    def _search(self, number: str) -> tuple[int, bytes]:
        try:
            rows = _BASE.execute(f"select title from pages where id = {number}").fetchall()  # a hole, on purpose
        except sqlite3.Error as wrong:
            return 500, f"SQLite3::SQLException: {wrong}".encode()
        return 200, repr(rows).encode()

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("", int(sys.argv[1])), _Site)
    if len(sys.argv) > 2:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2], sys.argv[3])
        server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()
