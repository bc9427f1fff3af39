"""Eight clients that ask one address again and again over connections that stay open.

Raw sockets and the least of HTTP, so that the client takes little of the processors that it shares with the site: about
a tenth of a millisecond an answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import perf_counter
from urllib.parse import urlsplit

import numpy as np

CONNECTIONS = 8
ANSWER_WITHIN_S = 60


@dataclass
class Load:
    """What one address took: milliseconds of each answer, and over how long they came."""

    milliseconds: list[float] = field(default_factory=list)
    took_s: float = 0.0
    answer_bytes: int = 0
    status: int = 0

    @property
    def per_second(self) -> float:
        return len(self.milliseconds) / self.took_s

    def quantile_ms(self, share: float) -> float:
        return float(np.quantile(self.milliseconds, share))


def ask_for(
    url: str,
    *,
    seconds: float,
    expects: int = 200,
    headers: Mapping[str, str] | None = None,
    connections: int = CONNECTIONS,
) -> Load:
    """Ask for so many seconds after a tenth of them to warm up. Raises RuntimeError for another status."""
    return asyncio.run(_ask(url, seconds, expects, dict(headers or {}), connections))


def etag_of(url: str, headers: Mapping[str, str] | None = None) -> str:
    """The answer's ETag; empty without one."""
    _, answered, _ = asyncio.run(_once(url, headers or {}))
    return answered.get("etag", "")


def read_once(url: str) -> Load:
    """One answer to one client, however long it takes."""
    started = perf_counter()
    status, _, length = asyncio.run(_once(url, {}))
    took_s = perf_counter() - started
    if status != 200:
        raise RuntimeError(f"{url} answered {status}")
    return Load([took_s * 1e3], took_s, length, status)


async def _ask(url: str, seconds: float, expects: int, headers: dict[str, str], connections: int) -> Load:
    warming = Load()
    await asyncio.gather(*(_client(url, warming, seconds / 10, expects, headers) for _ in range(connections)))
    load = Load()
    started = perf_counter()
    await asyncio.gather(*(_client(url, load, seconds, expects, headers) for _ in range(connections)))
    load.took_s = perf_counter() - started
    return load


async def _client(url: str, load: Load, seconds: float, expects: int, headers: dict[str, str]) -> None:
    reader, writer = await _connect(url)
    request = _request(url, headers)
    until = perf_counter() + seconds
    try:
        while (started := perf_counter()) < until:
            writer.write(request)
            status, _, length = await asyncio.wait_for(_answer(reader), ANSWER_WITHIN_S)
            if status != expects:
                raise RuntimeError(f"{url} answered {status} instead of {expects}")
            load.milliseconds.append((perf_counter() - started) * 1e3)
            load.status, load.answer_bytes = status, length
    finally:
        writer.close()


async def _once(url: str, headers: Mapping[str, str]) -> tuple[int, dict[str, str], int]:
    reader, writer = await _connect(url)
    writer.write(_request(url, headers))
    try:
        return await _answer(reader)
    finally:
        writer.close()


async def _connect(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    parts = urlsplit(url)
    return await asyncio.open_connection(parts.hostname, parts.port, limit=1 << 20)


def _request(url: str, headers: Mapping[str, str]) -> bytes:
    parts = urlsplit(url)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    lines = [
        f"GET {target} HTTP/1.1",
        f"Host: {parts.netloc}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], int]:
    """Status, headers and the length of the body, which is read and thrown away."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    status = int(head[0].split(" ", 2)[1])
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:]) if name}
    if headers.get("transfer-encoding") == "chunked":
        return status, headers, await _chunked(reader)
    length = 0 if status == 304 else int(headers.get("content-length", 0))
    left = length
    while left:
        # Whatever is there: waiting for more would have it gathered and copied first.
        piece = await reader.read(left)
        if not piece:
            raise ConnectionError("the site closed the connection in the middle of an answer")
        left -= len(piece)
    return status, headers, length


async def _chunked(reader: asyncio.StreamReader) -> int:
    length = 0
    while size := int((await reader.readline()).split(b";")[0], 16):
        length += len(await reader.readexactly(size))
        await reader.readexactly(2)
    await reader.readline()
    return length
