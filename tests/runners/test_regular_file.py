"""Only regular files are opened, and nothing else holds anybody up."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from runners.regular_file import NOT_REGULAR, read_regular


def test_link_to_a_regular_file_is_followed(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "link").symlink_to("file")

    assert read_regular(tmp_path / "link") == b"content"


def test_pipe_device_folder_and_links_to_them_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")

    for path in (tmp_path / "pipe", tmp_path / "link", Path("/dev/zero"), tmp_path):
        with pytest.raises(OSError, match=NOT_REGULAR):
            read_regular(path)
