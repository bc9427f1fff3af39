"""The one error of everything that looks into a file from outside."""

from __future__ import annotations


class RefusedFileError(ValueError):
    """The file is not taken as a network; the text is one sentence that says why."""
