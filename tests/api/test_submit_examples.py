"""The examples of docs/how-to/submit-results.md run as they stand, one after the other."""

import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from apps.accounts.actions import create_token
from apps.accounts.models import Scope
from apps.results.models import Result
from tests.factories import make_user

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "submit-results.md"


@pytest.fixture
def site(transactional_db: None) -> Iterator[dict[str, str]]:
    """The environment that the page asks for."""
    call_command("seed", stdout=io.StringIO())
    token = create_token(user=make_user(), name="t", scopes=[Scope.SUBMIT], at=timezone.now())
    server = LiveServer("127.0.0.1")
    try:
        yield {**os.environ, "SITE": server.url, "TOKEN": token}
    finally:
        server.stop()


def examples() -> list[tuple[str, str]]:
    return re.findall(r"^```(sh|python)\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)


def test_examples_of_the_page_run(site: dict[str, str], tmp_path: Path) -> None:
    programs = {"sh": ["bash", "-euc"], "python": [sys.executable, "-c"]}
    said = []
    for language, code in examples():
        done: Any = subprocess.run(
            [*programs[language], code], cwd=tmp_path, env=site, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (code, done.stdout, done.stderr)
        said.append(done.stdout)

    one, thousands, frame, withdrawn = said
    assert '"stored":1' in one
    assert '"valid":3' in thousands
    assert '"stored":3' in thousands
    assert frame.count("stored") == 2
    assert '"state":"withdrawn"' in withdrawn
    values = {(r.network.name, r.metric, float(r.value)) for r in Result.objects.filter(is_submission=True)}
    assert {("MobileNetV1_x0_25", "latency", 3.25), ("MobileNetV1_x0_5", "top1", 0.605)} <= values
    assert len(values) == 6
