"""Downloads the weights that PaddleClas publishes, resumed where the last try stopped, and records what came.

Beside `FILE` stands `FILE.json` with its address, sha256, size and time; while it comes, `FILE.part` with what is there
and `FILE.part.json` with the version of the remote file that these bytes belong to.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from runners.zoo.models import Model

ADDRESS = "https://paddle-imagenet-models-name.bj.bcebos.com/dygraph/"
LARGEST_FILE_BYTES = 256 * 1024**2
"""Five times the largest network of the catalogue."""

TIMEOUT_S = 30.0
"""Of connecting, and of every wait for the next bytes."""

TRIES = 5
OnProgress = Callable[[int, int], None]
"""Bytes that are there, bytes in all."""


class FetchError(Exception):
    """The weights cannot be had; the text says what to do."""


class Fetched(BaseModel):
    """The record beside a fetched file."""

    model_config = ConfigDict(frozen=True)

    address: str
    sha256: str
    size_bytes: int
    fetched_at: AwareDatetime


class _Version(BaseModel):
    """What the server calls the version of the file that a part belongs to."""

    address: str
    validator: str


def fetch(
    model: Model,
    target: Path,
    *,
    address: str = ADDRESS,
    largest_bytes: int = LARGEST_FILE_BYTES,
    on_progress: OnProgress = lambda done, total: None,
) -> Fetched:
    """The published weights of `model` as the file `target`; one that is there already is verified instead.

    Raises: `FetchError`.
    """
    if model.weights_path is None:
        raise FetchError(
            f"PaddleClas publishes no trained file for {model.name} that can be read here; fetch "
            f"{model.name.removesuffix('_int8')} and build it with --weights and --int8."
        )
    url = httpx.URL(address).join(model.weights_path)
    if url.scheme != "https" and url.host != "127.0.0.1":
        raise FetchError(f"{url} is not https; weights are fetched encrypted only.")
    try:
        if target.exists():
            return _verified(target)
        return _download(url, target, largest_bytes, on_progress)
    except OSError as error:
        raise FetchError(f"{target} cannot be written or read: {error.strerror or error}.") from error


def record_path(target: Path) -> Path:
    return target.with_name(target.name + ".json")


def _verified(target: Path) -> Fetched:
    try:
        fetched = Fetched.model_validate_json(record_path(target).read_bytes())
    except (FileNotFoundError, ValidationError):
        raise FetchError(f"{target} was not fetched by this command; choose another file with --out.") from None
    if _sha256(target) != fetched.sha256:
        raise FetchError(f"{target} has changed since it was fetched; delete it and fetch it again.")
    return fetched


def _download(url: httpx.URL, target: Path, largest_bytes: int, on_progress: OnProgress) -> Fetched:
    part = target.with_name(target.name + ".part")
    target.parent.mkdir(parents=True, exist_ok=True)
    with httpx.Client(timeout=TIMEOUT_S, follow_redirects=False) as client:
        _fill(client, url, part, largest_bytes, on_progress)
    fetched = Fetched(
        address=str(url), sha256=_sha256(part), size_bytes=part.stat().st_size, fetched_at=datetime.now(UTC)
    )
    # The record first: a file without one would never be trusted, a record without a file harms nobody.
    _write_durably(record_path(target), fetched.model_dump_json(indent=2).encode() + b"\n")
    part.replace(target)
    _sync(target.parent)
    record_path(part).unlink(missing_ok=True)
    return fetched


def _fill(client: httpx.Client, url: httpx.URL, part: Path, largest_bytes: int, on_progress: OnProgress) -> None:
    """Try until the part is the whole file; a try that brought new bytes is not counted."""
    failures = 0
    while True:
        before = _size(part)
        try:
            _transfer(client, url, part, largest_bytes, on_progress)
            return
        except httpx.TransportError as error:
            failures = 0 if _size(part) > before else failures + 1
            # Nothing answered at all: that does not pass within seconds, and a person waits.
            if failures >= TRIES or isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout)):
                kept = f" {_size(part)} bytes are kept; the same command continues there." if part.exists() else ""
                raise FetchError(f"{url.host} cannot be reached or broke off: {error}.{kept}") from error


def _transfer(client: httpx.Client, url: httpx.URL, part: Path, largest_bytes: int, on_progress: OnProgress) -> None:
    headers = {"Accept-Encoding": "identity"} | _resuming(url, part)
    with client.stream("GET", url, headers=headers) as response:
        if response.status_code == 416 and "Range" in headers:
            # The part is no beginning of the file any more.
            part.unlink()
            raise httpx.ReadError("The file has changed on the server; it is fetched from its beginning")
        _check(response, url)
        offset = _offset(response)
        if "Content-Length" not in response.headers:
            # Without it, a connection that breaks looks like the end of the file.
            raise FetchError(f"{url} does not say how large it is; try again later.")
        total = offset + int(response.headers["Content-Length"])
        if total > largest_bytes:
            raise _too_large(url, part, largest_bytes)
        _remember_version(url, part, response)
        with part.open("r+b" if offset else "wb") as file:
            file.seek(offset)
            file.truncate()
            for chunk in response.iter_raw():
                file.write(chunk)
                if file.tell() > largest_bytes:
                    raise _too_large(url, part, largest_bytes)
                on_progress(file.tell(), total)
            file.flush()
            os.fsync(file.fileno())


def _resuming(url: httpx.URL, part: Path) -> dict[str, str]:
    """Headers that ask for the rest, provided that the file is still the one the part began with."""
    try:
        version = _Version.model_validate_json(record_path(part).read_bytes())
    except (OSError, ValidationError):
        return {}
    if version.address != str(url) or not _size(part):
        return {}
    return {"Range": f"bytes={_size(part)}-", "If-Range": version.validator}


def _check(response: httpx.Response, url: httpx.URL) -> None:
    if response.status_code == 404:
        raise FetchError(f"There is nothing at {url} (404); PaddleClas has moved these weights.")
    if response.is_redirect:
        raise FetchError(f"{url} points to another address; only {url.host} itself is trusted.")
    if response.status_code not in (200, 206):
        raise FetchError(f"{url} answers {response.status_code} {response.reason_phrase}; try again later.")


def _offset(response: httpx.Response) -> int:
    """Where the body belongs: at the beginning, unless the server says that it sends a range."""
    if response.status_code == 200:
        return 0
    stated = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    requested = re.match(r"bytes=(\d+)-", response.request.headers.get("Range", ""))
    if stated is None or requested is None or stated[1] != requested[1]:
        raise FetchError("The server sent another part of the file than the one asked for; try again later.")
    return int(stated[1])


def _remember_version(url: httpx.URL, part: Path, response: httpx.Response) -> None:
    """A weak ETag proves nothing about bytes; without any validator the next try starts anew."""
    etag = response.headers.get("ETag", "")
    validator = etag if etag and not etag.startswith("W/") else response.headers.get("Last-Modified")
    if validator is None:
        record_path(part).unlink(missing_ok=True)
    else:
        _write_durably(record_path(part), _Version(address=str(url), validator=validator).model_dump_json().encode())


def _too_large(url: httpx.URL, part: Path, largest_bytes: int) -> FetchError:
    for path in (part, record_path(part)):
        path.unlink(missing_ok=True)
    return FetchError(f"{url} is larger than {largest_bytes} bytes; no network of the catalogue is. Nothing is kept.")


def _write_durably(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
