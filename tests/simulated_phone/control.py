"""Where processes on the phone ask the phone: which others run, and whether a benchmark program is to fail."""

import json
import socketserver
import threading
from collections.abc import Callable
from typing import Any

Answering = Callable[[dict[str, Any]], dict[str, Any]]


class Control:
    """One question and one answer per connection, JSON lines on a port of the loopback interface."""

    def __init__(self, answer: Answering) -> None:
        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                try:
                    question = json.loads(self.rfile.readline() or b"{}")
                    self.wfile.write(json.dumps(answer(question)).encode() + b"\n")
                except OSError:
                    return  # Whoever asked was killed meanwhile.

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        # A short poll, since closing waits for one.
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
