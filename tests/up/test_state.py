"""The state folder."""

import os
from pathlib import Path

import pytest

from zooboard.up.state import MAX_SOCKET_PATH_BYTES, State, short_socket_dir


def test_secret_key_is_made_once_and_readable_by_us_alone(state: State) -> None:
    first = state.secret_key()

    assert state.secret_key() == first
    assert len(first) >= 50
    assert oct((state.root / "secret_key").stat().st_mode & 0o777) == "0o600"


def test_folder_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZOOBOARD_STATE", str(tmp_path / "elsewhere"))

    assert State.from_environment().root == tmp_path / "elsewhere"


def test_socket_folder_is_short_even_where_the_temporary_folder_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(deep))

    folder = short_socket_dir()

    assert len(os.fsencode(folder / ".s.PGSQL.5432.lock")) <= MAX_SOCKET_PATH_BYTES
    assert oct(folder.stat().st_mode & 0o777) == "0o700"
    assert list(deep.iterdir()) == []
    folder.rmdir()


def test_socket_folder_of_a_killed_supervisor_is_removed(state: State) -> None:
    folder = state.new_socket_dir()
    (folder / "valkey.sock").touch()

    state.remove_socket_dir()

    assert not folder.exists()


def test_note_that_names_another_folder_removes_nothing(state: State, tmp_path: Path) -> None:
    (state.run / "sockets").write_text(str(tmp_path))

    state.remove_socket_dir()

    assert tmp_path.exists()
