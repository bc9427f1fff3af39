"""Messages of the adb protocol.

Source: the Android platform's `packages/modules/adb/protocol.txt`.
"""

import socket
import struct
from dataclasses import dataclass

CONNECT, AUTH, OPEN, OKAY, WRITE, CLOSE = b"CNXN", b"AUTH", b"OPEN", b"OKAY", b"WRTE", b"CLSE"
# From this version on neither side checks the sum of the payload.
VERSION = 0x01000001
MAX_PAYLOAD_BYTES = 1024 * 1024
AUTH_TOKEN, AUTH_PUBLIC_KEY = 1, 3
_HEADER = struct.Struct("<4s5I")


@dataclass(frozen=True)
class Message:
    """One message; what `arg0` and `arg1` mean depends on the command."""

    command: bytes
    arg0: int
    arg1: int
    payload: bytes = b""

    def packed(self) -> bytes:
        (command,) = struct.unpack("<I", self.command)
        # The first messages go before the versions are agreed, so their sum must be right.
        checksum = sum(self.payload) if self.command in (CONNECT, AUTH) else 0
        sizes = (len(self.payload), checksum, command ^ 0xFFFFFFFF)
        return _HEADER.pack(self.command, self.arg0, self.arg1, *sizes) + self.payload


def read_message(peer: socket.socket) -> Message | None:
    """The next message, or None once the peer is gone."""
    header = _read_exactly(peer, _HEADER.size)
    if header is None:
        return None
    command, arg0, arg1, size, _checksum, _magic = _HEADER.unpack(header)
    payload = _read_exactly(peer, size)
    return None if payload is None else Message(command, arg0, arg1, payload)


def _read_exactly(peer: socket.socket, size: int) -> bytes | None:
    received = bytearray(size)
    filled = 0
    while filled < size:
        try:
            count = peer.recv_into(memoryview(received)[filled:])
        except OSError:
            return None
        if not count:
            return None
        filled += count
    return bytes(received)
