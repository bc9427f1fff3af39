"""A small site that speaks the agent API over real HTTP, and can be told to answer badly.

It is a peer for the agent's tests: it keeps what it received, hands out the runs it was given, and follows a script of
replies per endpoint before it goes back to answering well.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from runners import wire

PREFIX = "/api/v1/agent/"
ARTIFACT_BYTES = bytes(range(256)) * 400
TOKEN = "zba_1_secret"


@dataclass(frozen=True)
class Received:
    endpoint: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        body = gzip.decompress(self.body) if self.headers.get("content-encoding") == "gzip" else self.body
        loaded: dict[str, Any] = json.loads(body)
        return loaded


@dataclass(frozen=True)
class Reply:
    """`is_lost`: the request is obeyed, its answer never arrives. `cut_at`: the connection ends after so many bytes.
    `is_held`: no answer comes as long as the site lives.
    """

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    is_lost: bool = False
    cut_at: int | None = None
    is_held: bool = False


def problem(status: int, detail: str, **headers: str) -> Reply:
    body = {"type": "about:blank", "title": "Problem", "detail": detail, "errors": []}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, json.dumps(body).encode(), named)


def make_artifact(content: bytes = ARTIFACT_BYTES, *, recipe: wire.Recipe | None = None) -> wire.Artifact:
    files = [wire.ArtifactFile(name="model.onnx", sha256=hashlib.sha256(content).hexdigest(), size_bytes=len(content))]
    sha256 = wire.manifest_sha256(format="onnx", precision="fp32", files=files)
    return wire.Artifact(
        sha256=sha256, format="onnx", precision="fp32", weights="random (seed 0)", files=files, recipe=recipe
    )


def make_order(
    *, run_id: int = 7, attempt_id: int = 70, min_duration_s: float = 0, artifact: wire.Artifact | None = None
) -> wire.RunOrder:
    """An order for the stub engine; the double puts the fingerprint of the asking agent's device in."""
    return wire.RunOrder(
        run_id=run_id,
        attempt_id=attempt_id,
        model="MobileNetV1",
        engine="stub",
        device_fingerprint="0" * 64,
        protocol=wire.Protocol(
            slug="cpu-fp32-bs1", version=1, kind=wire.ProtocolKind.LATENCY, repeats=5, min_duration_s=min_duration_s
        ),
        artifact=artifact or make_artifact(),
    )


class SiteDouble:
    def __init__(self) -> None:
        self.received: list[Received] = []
        self.leases: dict[str, wire.LeaseAnswer] = {}
        self.log = b""
        self.files: dict[str, bytes] = {"model.onnx": ARTIFACT_BYTES}
        self.heartbeat_every_s = 0.1
        self._orders: deque[wire.RunOrder] = deque()
        self._scripts: defaultdict[str, deque[Reply]] = defaultdict(deque)
        self._changed = threading.Condition()
        self._is_closing = False
        self._server = _Server(("127.0.0.1", 0), _handler_of(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def offer(self, *orders: wire.RunOrder) -> None:
        with self._changed:
            self._orders.extend(orders)
            self._changed.notify_all()

    def script(self, endpoint: str, *replies: Reply) -> None:
        """The next replies of an endpoint, in order; afterwards it answers well again."""
        self._scripts[endpoint].extend(replies)

    def forget_script(self, endpoint: str) -> None:
        self._scripts[endpoint].clear()

    def calls(self, endpoint: str) -> list[Received]:
        return [call for call in self.received if call.endpoint == endpoint]

    def wait_for(self, endpoint: str, *, count: int = 1, timeout_s: float = 20) -> list[Received]:
        with self._changed:
            arrived = self._changed.wait_for(lambda: len(self.calls(endpoint)) >= count, timeout_s)
        assert arrived, f"{endpoint} was called {len(self.calls(endpoint))} times, not {count}, in {timeout_s} s"
        return self.calls(endpoint)

    def settings(self) -> wire.AgentSettings:
        return wire.AgentSettings(
            lease_url=f"{self.url}{PREFIX}lease",
            heartbeat_every_s=self.heartbeat_every_s,
            server_time=datetime.now(UTC),
        )

    def answer(self, request: Received) -> Reply:
        with self._changed:
            self.received.append(request)
            self._changed.notify_all()
        script = self._scripts[request.endpoint]
        scripted = script.popleft() if script else None
        if scripted is not None and scripted.is_held:
            with self._changed:
                self._changed.wait_for(lambda: self._is_closing)
        if scripted is not None and not scripted.is_lost and scripted.cut_at is None:
            return scripted
        good = self._good_answer(request)
        if scripted is None:
            return good
        return Reply(good.status, good.body, good.headers, is_lost=scripted.is_lost, cut_at=scripted.cut_at)

    def _good_answer(self, request: Received) -> Reply:
        answers: dict[str, Callable[[Received], Reply]] = {
            "enroll": self._enrol,
            "heartbeat": self._heartbeat,
            "lease": self._lease,
            "log": self._append_log,
            "artifacts": self._artifact,
            "result": lambda _request: _message(wire.ResultAnswer(state="submitted", detail="Stored."), status=202),
            "submission": self._submission,
            "rotate": lambda _request: _message(wire.RotateAnswer(token="zba_1_new")),
        }
        answer = answers.get(request.endpoint)
        return Reply() if answer is None else answer(request)

    def _submission(self, request: Received) -> Reply:
        """Stored at first; whoever sends the same bytes again hears that they were accepted meanwhile."""
        if sum(call.body == request.body for call in self.calls("submission")) > 1:
            return _message(wire.SubmissionAnswer(state="accepted", detail="Stored and accepted."))
        return _message(wire.SubmissionAnswer(state="submitted", detail="Stored."), status=202)

    def _enrol(self, request: Received) -> Reply:
        name = request.json()["name"]
        return _message(wire.EnrolAnswer(agent_id="1", token=TOKEN, name=name, settings=self.settings()))

    def _heartbeat(self, _request: Received) -> Reply:
        return _message(wire.HeartbeatAnswer(action="continue", expires_in_s=90, settings=self.settings()))

    def _lease(self, request: Received) -> Reply:
        asked = wire.LeaseRequest.model_validate_json(request.body)
        with self._changed:
            if asked.request_id not in self.leases:
                self._changed.wait_for(lambda: self._orders or self._is_closing, asked.wait_s)
                if not self._orders:
                    return Reply(204, b"")
                order = self._orders.popleft().model_copy(update={"device_fingerprint": asked.devices[0].fingerprint})
                self.leases[asked.request_id] = wire.LeaseAnswer(
                    order=order, lease_token=f"lease-{order.attempt_id}", expires_in_s=90, settings=self.settings()
                )
        return _message(self.leases[asked.request_id])

    def _append_log(self, request: Received) -> Reply:
        if int(request.query["offset"]) != len(self.log):
            return Reply(416, json.dumps({"size": len(self.log)}).encode())
        self.log += request.body
        return Reply()

    def _artifact(self, request: Received) -> Reply:
        content = self.files[request.query["file"]]
        wanted = request.headers.get("range")
        if wanted is None:
            return Reply(200, content)
        offset = int(wanted.removeprefix("bytes=").removesuffix("-"))
        if offset >= len(content):
            return problem(416, "The file ends before this range.")
        stated = f"bytes {offset}-{len(content) - 1}/{len(content)}"
        return Reply(206, content[offset:], {"Content-Range": stated})


def _message(message: wire.Message, *, status: int = 200) -> Reply:
    return Reply(status, message.model_dump_json().encode())


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """An agent that was killed leaves broken connections behind: expected here."""


def _handler_of(site: SiteDouble) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def do_PUT(self) -> None:
            self._serve()

        def log_message(self, format: str, *args: object) -> None:
            """The tests look at `received` instead."""

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            endpoint, _, rest = parts.path.removeprefix(PREFIX).partition("/")
            if rest:
                query["file"] = rest.rpartition("/")[2]
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            self._send(site.answer(Received(endpoint, query, headers, body)))

        def _send(self, reply: Reply) -> None:
            if reply.is_lost:
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body[: reply.cut_at])
            self.close_connection = reply.cut_at is not None

    return Handler
