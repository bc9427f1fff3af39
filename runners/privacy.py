"""What is taken out of texts before they leave this host: a site shows logs, reasons and outputs to everyone."""

from __future__ import annotations

import re
from pathlib import Path

LEAST_SECRET = 6
"""Characters of a serial that is worth hiding: a shorter one might be a number among others."""

_PUBLIC = r"(?!(?:proc|sys|dev|data/local/tmp)/)"
"""Folders that every Linux or every phone has, and that say what was looked at."""
_FOLDERS = re.compile(rf"(?<![\w./~-])~?/(?!/){_PUBLIC}(?:[^\s/:;,\"'`<>|()\[\]{{}}=]+/)+")
_WINDOWS = re.compile(r"(?<!\w)[A-Za-z]:\\(?:[^\s\\:;,\"'<>|]+\\)+")
_GPU = re.compile(r"\b(GPU|MIG)-[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b")


def public(text: str, *secrets: str) -> str:
    """The text with the last part of each path, and without GPUs' ids and `secrets` such as a phone's serial.

    An address of the web stays as it is, and so does a number: what was read from an output can be read again.
    """
    for folder in _own_folders():
        text = text.replace(f"{folder}/", "…/").replace(folder, "…")
    text = _WINDOWS.sub(r"…\\", _FOLDERS.sub("…/", text))
    text = _GPU.sub(r"\1-…", text)
    for secret in secrets:
        if len(secret) >= LEAST_SECRET:
            text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", "(serial)", text)
    return text


def _own_folders() -> list[str]:
    """Folders whose names may have blanks, which no pattern sees the end of."""
    try:
        home = str(Path.home())
    except RuntimeError:
        return []
    return [home] if home.count("/") > 1 else []
