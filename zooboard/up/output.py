"""Readable logs of many processes in one terminal: one prefixed line at a time."""

import os
from typing import TextIO

COLOURS = (36, 33, 32, 35, 34, 96, 93, 92, 95, 94)
NAME_WIDTH = 10


class Printer:
    """Writes lines as `name | text`, each name in its own colour on a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.is_coloured = stream.isatty() and "NO_COLOR" not in os.environ
        self._colours: dict[str, int] = {}

    def line(self, name: str, text: str) -> None:
        """Write one line; a reader that went away (`make up | head`) is not our children's problem."""
        prefix = f"{name:<{NAME_WIDTH}} |"
        if self.is_coloured:
            colour = self._colours.setdefault(name, COLOURS[len(self._colours) % len(COLOURS)])
            prefix = f"\x1b[{colour}m{prefix}\x1b[0m"
        try:
            self.stream.write(f"{prefix} {text}\n")
            self.stream.flush()
        except BrokenPipeError:
            return


class LineSplitter:
    """Makes lines out of chunks, whatever their length."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def feed(self, data: bytes) -> list[str]:
        """The lines that this chunk completes."""
        first, *others = data.split(b"\n")
        self._parts.append(first)
        if not others:
            return []
        complete = [b"".join(self._parts), *others[:-1]]
        self._parts = [others[-1]]
        return [_text(raw) for raw in complete]

    def rest(self) -> list[str]:
        """The last line, where it had no end."""
        raw, self._parts = b"".join(self._parts), []
        return [_text(raw)] if raw else []


def _text(raw: bytes) -> str:
    return raw.decode(errors="replace").rstrip("\r")
