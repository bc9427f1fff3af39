"""Opens files that strangers name: only regular ones, so that no pipe or device can block or flow for ever."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

NOT_REGULAR = "it is no regular file, but a pipe, a device or a folder"


def open_regular(path: Path) -> BinaryIO:
    """The file behind `path`, links followed.

    Raises: OSError, with `NOT_REGULAR` for anything but a regular file.
    """
    # Without waiting: opening a pipe that nobody writes would never return.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, NOT_REGULAR, str(path))
    return open(descriptor, "rb")


def read_regular(path: Path) -> bytes:
    """Raises: OSError, as `open_regular` does."""
    with open_regular(path) as file:
        return file.read()
