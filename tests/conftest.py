"""Fixtures of all tests. Postgres and Valkey come with the settings: `tests.settings`, `tests.servers`."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.chromium import ADVICE, find_chromium, launch_arguments

E2E = Path(__file__).parent / "e2e"

# Three processes share two processors: how long an example takes says nothing.
settings.register_profile("zooboard", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("zooboard")


def pytest_configure(config: pytest.Config) -> None:
    # A fixture of pytest-base-url, which pytest-playwright brings along.
    config.addinivalue_line(
        "filterwarnings", "ignore:Session-scoped fixtures defined as instance methods are deprecated"
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one site come one after the other, in whatever order, so that it is started once."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> tuple[bool, bool]:
    """Browser tests come last: Playwright keeps an event loop running on this thread until the session ends."""
    return "playwright" in getattr(item, "fixturenames", ()), item.path.is_relative_to(E2E)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Start the Chromium that is there, instead of one that Playwright would have to download."""
    chromium = find_chromium()
    if chromium is None:
        pytest.fail(ADVICE, pytrace=False)
    return {**browser_type_launch_args, "executable_path": str(chromium), "args": launch_arguments()}
