"""The examples of docs/rest-api.md run as they stand, and print what stands below them."""

import io
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from apps.accounts.actions import create_token, ensure_owner
from apps.accounts.models import Scope

ADDRESS = "http://127.0.0.1:8000"
PAGE = (settings.BASE_DIR / "docs" / "rest-api.md").read_text()
BLOCK = re.compile(r"```(?P<language>sh|python)\n(?P<code>.*?)```\n(?:\n```text\n(?P<prints>.*?)```)?", re.DOTALL)
BLOCKS = [(match["language"], match["code"], match["prints"]) for match in BLOCK.finditer(PAGE)]
SHELL = [pytest.param(code, prints, id=code[:60]) for language, code, prints in BLOCKS if language == "sh"]
PYTHON = [pytest.param(code, id=code.split()[1]) for language, code, _ in BLOCKS if language == "python"]


@dataclass(frozen=True)
class Site:
    url: str
    token: str


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker: Any) -> Iterator[Site]:
    """A site that serves the published tables, and a token of its owner."""
    with django_db_blocker.unblock():
        call_command("seed", stdout=io.StringIO())
        owner = ensure_owner(username="owner", at=timezone.now())
        token = create_token(user=owner, name="example", scopes=[Scope.READ, Scope.DISPATCH], at=timezone.now())
        server = LiveServer("127.0.0.1")
        try:
            yield Site(server.url, token)
        finally:
            server.stop()
            call_command("flush", verbosity=0, interactive=False)


@pytest.mark.parametrize(("code", "prints"), SHELL)
def test_shell_example_prints_what_the_page_says(site: Site, tmp_path: Path, code: str, prints: str) -> None:
    done = subprocess.run(
        ["bash", "-eu", "-c", code.replace(ADDRESS, site.url)],
        cwd=tmp_path,
        env=os.environ | {"TOKEN": site.token},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.stdout, done.stderr, done.returncode) == (prints, "", 0)


@pytest.mark.parametrize("code", PYTHON)
def test_two_lines_give_every_value_with_its_unit(site: Site, code: str) -> None:
    names: dict[str, Any] = {}

    exec(compile(code.replace(ADDRESS, site.url), "example", "exec"), names)  # noqa: S102 - what a reader would paste

    latencies = names["latencies"]
    assert len(code.split("\n\n")) == 2, "an import and a call"
    assert latencies.shape[0] == 32
    assert set(latencies["unit"]) == {"ms"}
    assert set(latencies["origin"]) == {"published"}
    assert dict(zip(latencies["model"], latencies["value"], strict=True))["MobileNetV1"] == pytest.approx(32.523)


def test_page_has_an_example_of_each_kind() -> None:
    assert [code.split()[1] for language, code, _ in BLOCKS if language == "python"] == ["pandas"]
    assert len(SHELL) >= 4
