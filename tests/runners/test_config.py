from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from runners.config import Config, ConfigError, StateFolder, checked_site, default_state_dir

CONFIG = Config(site="https://zoo.example.org", agent_id="1", name="lab", token="zba_1_secret")


@pytest.fixture
def folder(tmp_path: Path) -> StateFolder:
    folder = StateFolder(tmp_path / "state")
    folder.create()
    return folder


def test_a_saved_config_is_read_back_and_only_its_user_can_read_it(folder: StateFolder) -> None:
    folder.save(CONFIG)

    assert folder.load() == CONFIG
    assert stat.S_IMODE(folder.config_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.root.stat().st_mode) == 0o700


def test_saving_replaces_an_older_config_and_what_a_crash_left(folder: StateFolder) -> None:
    folder.save(CONFIG)
    folder.config_file.with_suffix(".tmp").write_text("half a fi")

    folder.save(CONFIG.model_copy(update={"token": "zba_1_new"}))

    assert folder.load().token == "zba_1_new"


def test_the_token_is_not_shown_by_repr() -> None:
    assert "secret" not in repr(CONFIG)


def test_a_missing_config_says_how_to_enrol(folder: StateFolder) -> None:
    with pytest.raises(ConfigError, match="zooboard-runner enroll URL CODE"):
        folder.load()


def test_a_broken_config_is_an_error_that_does_not_repeat_its_content(folder: StateFolder) -> None:
    folder.config_file.write_text('{"token": "zba_1_secret"}')

    with pytest.raises(ConfigError, match="Enrol again") as error:
        folder.load()

    assert "secret" not in str(error.value)


def test_a_second_process_is_refused_and_told_the_pid_of_the_first(folder: StateFolder) -> None:
    code = (
        "from pathlib import Path\n"
        "from runners.config import StateFolder\n"
        f"with StateFolder(Path({str(folder.root)!r})).locked(): pass"
    )

    with folder.locked():
        second = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    after = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert f"Another agent (pid {os.getpid()})" in second.stderr
    assert after.returncode == 0


@pytest.mark.parametrize(
    "url", ["https://zoo.example.org", "http://localhost:8000", "http://127.0.0.1:8000", "http://[::1]:8000/"]
)
def test_https_and_plain_http_to_this_machine_are_accepted(url: str) -> None:
    assert checked_site(url) == url.rstrip("/")


@pytest.mark.parametrize(
    "url", ["http://zoo.example.org", "http://127.0.0.1.example.org", "http://localhost@example.org", "http://10.0.0.1"]
)
def test_plain_http_to_another_machine_is_refused_with_the_reason(url: str) -> None:
    with pytest.raises(ConfigError, match="would show the agent's token"):
        checked_site(url)


@pytest.mark.parametrize("url", ["zoo.example.org", "ftp://zoo.example.org", "https://", ""])
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="is not an address of a site"):
        checked_site(url)


def test_config_of_an_agent_that_was_enrolled_before_engines_were_chosen_is_read(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path)
    folder.config_file.write_text('{"site": "http://localhost", "agent_id": "1", "name": "lab", "token": "zba_1_x"}')

    assert folder.load().engines is None


def test_the_default_folder_follows_xdg(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert default_state_dir() == tmp_path / "zooboard-runner"

    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_state_dir() == tmp_path / ".local" / "state" / "zooboard-runner"
