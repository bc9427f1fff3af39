"""One method per endpoint of the agent API. Retrying is up to the caller; docs/agent-protocol.md has the rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urljoin

import httpx
from pydantic import BaseModel, ValidationError

from runners import __version__, wire
from runners.answers import SERVER_FAULT, UnavailableError, error_for, unreachable
from runners.config import checked_site, is_loopback

M = TypeVar("M", bound=BaseModel)

TIMEOUT = httpx.Timeout(15.0, connect=5.0)
"""Units: seconds. Reading and writing: between two packets, not for the whole transfer."""
LEASE_MARGIN_S = 10.0
"""How much longer than `wait_s` the agent waits for the answer of a long poll."""
UPLOAD_TIMEOUT = httpx.Timeout(60.0, connect=5.0)
BRIEF_TIMEOUT = httpx.Timeout(3.0)
"""For calls whose loss costs little, some of them on the way out."""
LEASE_HEADER = "Zooboard-Lease"


class SiteClient:
    """Calls of one agent to one site. Every method raises `runners.answers.SiteError`; threads may share a client."""

    def __init__(self, site: str, token: str | None = None) -> None:
        self.site = checked_site(site)
        headers = {
            "User-Agent": f"zooboard-runner/{__version__}",
            "Accept": "application/json",
            wire.WIRE_VERSION_HEADER: str(wire.WIRE_VERSION),
        }
        if token:
            headers["Authorization"] = f"Bearer {token}"
        # A proxy named in the environment must never see the plain-text traffic that is meant for this machine.
        self._http = httpx.Client(headers=headers, timeout=TIMEOUT, trust_env=not is_loopback(self.site))

    def close(self) -> None:
        self._http.close()

    def use_token(self, token: str) -> None:
        """Authorise every later call with another token."""
        self._http.headers["Authorization"] = f"Bearer {token}"

    def enrol(self, request: wire.EnrolRequest) -> wire.EnrolAnswer:
        return self._post("enroll", request, wire.EnrolAnswer)

    def rotate(self) -> wire.RotateAnswer:
        return self._call("POST", self._url("rotate"), wire.RotateAnswer)

    def heartbeat(self, request: wire.HeartbeatRequest) -> wire.HeartbeatAnswer:
        return self._post("heartbeat", request, wire.HeartbeatAnswer)

    def lease(self, lease_url: str, request: wire.LeaseRequest) -> wire.LeaseAnswer | None:
        """Wait for a run; None when there is none for this agent."""
        url = checked_site(urljoin(self.site, lease_url))
        timeout = httpx.Timeout(request.wait_s + LEASE_MARGIN_S, connect=5.0)
        response = self._request("POST", url, timeout=timeout, **_json_body(request))
        return None if response.status_code == 204 else _parsed(response, wire.LeaseAnswer)

    def release(self, request: wire.ReleaseRequest) -> None:
        self._request("POST", self._url("release"), timeout=BRIEF_TIMEOUT, **_json_body(request))

    def fail(self, request: wire.FailRequest) -> None:
        self._request("POST", self._url("fail"), **_json_body(request))

    def append_log(self, *, attempt_id: int, lease_token: str, offset: int, text: bytes) -> None:
        headers = {LEASE_HEADER: lease_token, "Content-Type": "text/plain; charset=utf-8"}
        params = {"attempt": attempt_id, "offset": offset}
        self._request("PUT", self._url("log"), params=params, headers=headers, content=text, timeout=BRIEF_TIMEOUT)

    def upload_result(self, gzipped: bytes) -> wire.ResultAnswer:
        """`gzipped` is a compressed `wire.ResultRequest`, sent as it is: a retry must be the same bytes."""
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        return self._call(
            "POST", self._url("result"), wire.ResultAnswer, headers=headers, content=gzipped, timeout=UPLOAD_TIMEOUT
        )

    def upload_submission(self, gzipped: bytes) -> wire.SubmissionAnswer:
        """`gzipped` is a compressed `wire.SubmissionRequest`, sent as it is: a retry must be the same bytes."""
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        return self._call(
            "POST",
            self._url("submission"),
            wire.SubmissionAnswer,
            headers=headers,
            content=gzipped,
            timeout=UPLOAD_TIMEOUT,
        )

    def upload_artifact(self, paths: Sequence[Path], fields: Mapping[str, str]) -> wire.ArtifactAnswer:
        """The files of an artifact as a multipart form; each is read while it is sent. Raises OSError, too."""
        with ExitStack() as opened:
            files = {path.name: (path.name, opened.enter_context(path.open("rb"))) for path in paths}
            return self._call(
                "POST", self._url("artifacts"), wire.ArtifactAnswer, data=fields, files=files, timeout=UPLOAD_TIMEOUT
            )

    @contextmanager
    def artifact_file(self, sha256: str, name: str, *, offset: int) -> Iterator[httpx.Response]:
        """A streamed response: 206 when it starts at `offset`, 200 when it starts at the beginning."""
        url = self._url(f"artifacts/{sha256}/{name}")
        headers = {"Accept": "application/octet-stream", "Accept-Encoding": "identity"}
        if offset:
            headers["Range"] = f"bytes={offset}-"
        try:
            with self._http.stream("GET", url, headers=headers) as response:
                if not response.is_success:
                    response.read()
                    raise error_for(response)
                yield response
        except httpx.RequestError as error:
            raise unreachable(error, url) from error

    def _url(self, path: str) -> str:
        return f"{self.site}/api/v1/agent/{path}"

    def _post(self, path: str, request: wire.Message, answer: type[M]) -> M:
        return self._call("POST", self._url(path), answer, **_json_body(request))

    def _call(self, method: str, url: str, answer: type[M], **options: Any) -> M:
        return _parsed(self._request(method, url, **options), answer)

    def _request(self, method: str, url: str, **options: Any) -> httpx.Response:
        try:
            response = self._http.request(method, url, **options)
        except httpx.RequestError as error:
            raise unreachable(error, url) from error
        if not response.is_success:
            raise error_for(response)
        return response


def _json_body(request: wire.Message) -> dict[str, Any]:
    return {"content": request.model_dump_json(), "headers": {"Content-Type": "application/json"}}


def _parsed(response: httpx.Response, answer: type[M]) -> M:
    """A success that is no zooboard message comes from something in between (a captive portal): as good as lost."""
    try:
        return answer.model_validate_json(response.content)
    except ValidationError as error:
        raise UnavailableError(
            f"{response.url} answered {response.status_code} with something that is not a {answer.__name__}.",
            advice=SERVER_FAULT.advice,
            status=response.status_code,
        ) from error
