"""`adb shell`: a command line of the phone, run by the host's shell; output, errors and exit code keep apart.

Source: the Android platform's `packages/modules/adb/shell_protocol.h`.
"""

import os
import signal
import struct
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO

from tests.simulated_phone.command_line import OutputToPhone
from tests.simulated_phone.stream import Stream, StreamClosed

STDIN, STDOUT, STDERR, EXIT, CLOSE_STDIN = range(5)
BLOCK_BYTES = 65536
_HEADER = struct.Struct("<BI")
_ENDED_BY_SIGNAL = 128


def serve_shell(stream: Stream, process: subprocess.Popen[bytes], root: Path) -> int:
    """Carry the process's bytes both ways until it has ended; its exit code, which is not sent yet."""
    threading.Thread(target=_feed, args=(stream, process, _read_packet), daemon=True).start()
    pumps = [
        threading.Thread(target=_pump, args=(pipe, root, _packets(stream, kind)), daemon=True)
        for pipe, kind in ((process.stdout, STDOUT), (process.stderr, STDERR))
    ]
    return _finish(process, pumps)


def send_exit(stream: Stream, exit_code: int) -> None:
    stream.write(_packed(EXIT, bytes([exit_code])))


def serve_raw(stream: Stream, process: subprocess.Popen[bytes], root: Path) -> int:
    """`adb exec-out` and the oldest shell: bare bytes, no exit code."""
    threading.Thread(target=_feed, args=(stream, process, lambda each: (STDIN, each.read())), daemon=True).start()
    pumps = [
        threading.Thread(target=_pump, args=(pipe, root, stream.write), daemon=True)
        for pipe in (process.stdout, process.stderr)
    ]
    return _finish(process, pumps)


def _finish(process: subprocess.Popen[bytes], pumps: list[threading.Thread]) -> int:
    for pump in pumps:
        pump.start()
    for pump in pumps:
        pump.join()
    code = process.wait()
    return code if code >= 0 else _ENDED_BY_SIGNAL - code


def _packets(stream: Stream, kind: int) -> Callable[[bytes], None]:
    return lambda data: stream.write(_packed(kind, data))


def _packed(kind: int, data: bytes) -> bytes:
    return _HEADER.pack(kind, len(data)) + data


def _pump(pipe: IO[bytes], root: Path, write: Callable[[bytes], None]) -> None:
    """Send what the process prints. Once nobody listens the pipe is closed, so that it notices when it prints again."""
    shown = OutputToPhone(root)
    with pipe:
        try:
            while data := os.read(pipe.fileno(), BLOCK_BYTES):
                if visible := shown.feed(data):
                    write(visible)
            if rest := shown.finish():
                write(rest)
        except StreamClosed:
            return


def _read_packet(stream: Stream) -> tuple[int, bytes]:
    kind, size = _HEADER.unpack(stream.read_exactly(_HEADER.size))
    return kind, stream.read_exactly(size)


def _feed(stream: Stream, process: subprocess.Popen[bytes], read: Callable[[Stream], tuple[int, bytes]]) -> None:
    """Pass the client's input on. When the client is gone, the shell alone hears a hang-up, as on a phone."""
    assert process.stdin is not None
    try:
        while True:
            kind, data = read(stream)
            if kind == STDIN:
                _write_input(process.stdin, data)
            elif kind == CLOSE_STDIN:
                process.stdin.close()
    except StreamClosed:
        if process.poll() is None:
            process.send_signal(signal.SIGHUP)
    finally:
        process.stdin.close()


def _write_input(pipe: IO[bytes], data: bytes) -> None:
    try:
        pipe.write(data)
        pipe.flush()
    except (OSError, ValueError):
        return  # The process has ended, or closed its input.
