"""The examples on `/data` run as they stand when they are pasted."""

import io
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from django.core.management import call_command
from pytest_django.live_server_helper import LiveServer

from apps.board.exports_page import api_examples


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """The address of a site that serves the published tables."""
    with django_db_blocker.unblock():
        call_command("seed", stdout=io.StringIO())
        server = LiveServer("127.0.0.1")
        try:
            yield server.url
        finally:
            server.stop()
            call_command("flush", verbosity=0, interactive=False)


def shell(code: str, folder: Path) -> str:
    done = subprocess.run(
        ["bash", "-ec", code], cwd=folder, env=os.environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_page_shows_the_examples_with_its_own_address(site: str) -> None:
    with urlopen(f"{site}/data", timeout=30) as answer:  # noqa: S310 - our own server
        page = answer.read().decode()

    assert f"{site}/data/results.csv" in page


def test_download_is_repeated_only_when_it_changed(site: str, tmp_path: Path) -> None:
    code = api_examples(site)[0]["code"]

    shell(code, tmp_path)
    first = (tmp_path / "results.csv").stat()
    shell(code, tmp_path)

    assert (tmp_path / "results.csv").stat() == first
    assert len((tmp_path / "results.csv").read_text().splitlines()) == 400


def test_shell_examples_answer(site: str, tmp_path: Path) -> None:
    leaderboard, comparison = (shell(example["code"], tmp_path) for example in api_examples(site)[1:3])

    assert '"MobileNetV3_small_x1_0_ssld"' in leaderboard
    assert "MobileNetV2,latency.paddleclas-sd855-bs1,latency,ms,Snapdragon 855" in comparison


def test_pandas_example_prints_the_best_fast_models(site: str, capsys: pytest.CaptureFixture[str]) -> None:
    [example] = [example for example in api_examples(site) if example["language"] == "python"]

    exec(compile(example["code"], "example", "exec"), {})  # noqa: S102 - what a reader would paste

    assert "MobileNetV3_small_x1_0_ssld    0.713" in capsys.readouterr().out
