"""The client of `benchmarks.api` against a server that says exactly what it says."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from benchmarks.api.load import CONNECTIONS, ask_for, etag_of, read_once


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.headers.get("If-None-Match") == '"one"':
            self.send_response(304)
            self.end_headers()
            return
        self.send_response(404 if self.path == "/missing" else 200)
        if self.path == "/pieces":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
            return
        self.send_header("ETag", '"one"')
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"abcde")

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_every_connection_asks_again_and_again(url: str) -> None:
    load = ask_for(f"{url}/", seconds=0.2)

    assert len(load.milliseconds) > CONNECTIONS
    assert load.answer_bytes == 5
    assert load.per_second <= len(load.milliseconds) / 0.2


@pytest.mark.parametrize("path", ["/", "/pieces"])
def test_answer_is_read_whole_however_it_is_sent(url: str, path: str) -> None:
    assert read_once(url + path).answer_bytes == 5


def test_unchanged_answer_is_none_that_is_sent_again(url: str) -> None:
    etag = etag_of(f"{url}/")

    load = ask_for(f"{url}/", seconds=0.1, expects=304, headers={"If-None-Match": etag})

    assert etag == '"one"'
    assert load.answer_bytes == 0


def test_other_status_than_expected_ends_the_load(url: str) -> None:
    with pytest.raises(RuntimeError, match="answered 404 instead of 200"):
        ask_for(f"{url}/missing", seconds=0.1)
