"""A real HTTP server on 127.0.0.1 that serves one file with Range and If-Range, and can misbehave."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class FileServer:
    """`requests` keeps path and Range of every request; `breaks_after` cuts each answer off after so many bytes."""

    def __init__(self, content: bytes, *, etag: str = '"1"') -> None:
        self.content = content
        self.etag = etag
        self.status: int | None = None
        self.headers: dict[str, str] = {}
        self.breaks_after: int | None = None
        self.has_length = True
        self.requests: list[tuple[str, str | None]] = []

    def __enter__(self) -> FileServer:
        served = self

        class Handler(_Handler):
            server_of = served

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/dygraph/"


class _Handler(BaseHTTPRequestHandler):
    server_of: FileServer

    def do_GET(self) -> None:
        served, wanted = self.server_of, self.headers.get("Range")
        served.requests.append((self.path, wanted))
        offset = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        if self.headers.get("If-Range") != served.etag:
            offset = 0
        body = served.content[offset:]
        self.send_response(served.status or (206 if offset else 200))
        self.send_header("ETag", served.etag)
        if served.has_length:
            self.send_header("Content-Length", str(len(body)))
        if offset:
            self.send_header("Content-Range", f"bytes {offset}-{len(served.content) - 1}/{len(served.content)}")
        for name, value in served.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[: served.breaks_after])

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the tests look at `requests`."""
