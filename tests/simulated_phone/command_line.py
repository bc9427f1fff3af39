"""Paths of the phone in command lines and in their output: the host's shell runs them in the phone's folder."""

import re
from pathlib import Path

FOLDERS = ("data", "proc", "sys", "sdcard", "system", "vendor")
# A slash that begins a path: after a blank, a quote, `=`, `:`, `>` and the like, not inside a longer path.
_PATH = re.compile(rf"(?<![\w./~*?$}}-])/(?=(?:{'|'.join(FOLDERS)})(?![\w.-]))")
_UNSAFE = re.compile(r"[^\w./-]")


def to_host(command: str, root: Path) -> str:
    """The command line with the phone's absolute paths moved into its folder.

    Raises: ValueError where the folder's own path would need quoting.
    """
    if _UNSAFE.search(str(root)):
        raise ValueError(f"the folder of a simulated phone must have a plain name, not {root}")
    return _PATH.sub(f"{root}/", command)


class OutputToPhone:
    """Takes the host's folder out of an output that arrives in portions, so that the phone's own paths remain."""

    def __init__(self, root: Path) -> None:
        self._root = str(root).encode()
        self._held = b""

    def feed(self, data: bytes) -> bytes:
        """What can be shown now. A tail that might be the beginning of the folder's path waits for the next portion."""
        text = (self._held + data).replace(self._root, b"")
        keep = self._unfinished(text)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]

    def finish(self) -> bytes:
        held, self._held = self._held, b""
        return held

    def _unfinished(self, text: bytes) -> int:
        longest = min(len(self._root) - 1, len(text))
        return next((size for size in range(longest, 0, -1) if text.endswith(self._root[:size])), 0)
