"""Ports of this machine: whether one is free, and whether a server answers on it."""

import asyncio
import socket
from contextlib import suppress

import psutil

HOST = "127.0.0.1"
ANSWER_WITHIN_S = 5.0


def is_port_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        # As servers do, so that connections which are only just closed do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def listener_on(port: int) -> str:
    """Who listens there, in words, as far as the system tells us."""
    with suppress(psutil.Error, OSError):
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and tuple(connection.laddr)[1:] == (port,) and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
    return "another program"


async def http_status(port: int, path: str, *, method: str = "GET", token: str = "") -> int | None:
    """Status of one request without a body; None while nobody answers properly."""
    try:
        return await asyncio.wait_for(_http_status(port, path, method, token), ANSWER_WITHIN_S)
    except (OSError, TimeoutError, ValueError, IndexError):
        return None


async def _http_status(port: int, path: str, method: str, token: str) -> int:
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        authorization = f"Authorization: Bearer {token}\r\n" if token else ""
        head = f"{method} {path} HTTP/1.0\r\nHost: {HOST}:{port}\r\nContent-Length: 0\r\n{authorization}\r\n"
        writer.write(head.encode("latin-1"))
        status_line = await reader.readline()
        return int(status_line.split()[1])
    finally:
        writer.close()
