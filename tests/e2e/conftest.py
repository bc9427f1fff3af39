"""One site for all tests of this folder that need real processes."""

import logging
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.stack import Stack
from tests.patience import EXPECT_MS

expect.set_options(timeout=EXPECT_MS)


@pytest.fixture(scope="package")
def site() -> Iterator[Stack]:
    # A line for each look at a run would bury the reason of a failure.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    with Stack() as stack:
        yield stack


@pytest.fixture
def stack(site: Stack) -> Iterator[Stack]:
    """The site with no agent and no open run; what the agents said is shown where a test fails."""
    before = len(site.agents)
    yield site
    for agent in site.agents[before:]:
        print(f"--- {agent.name}\n{agent.log()}")
    site.clear()
