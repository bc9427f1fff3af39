"""A site with the published tables, and everything a call of its API starts from."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache

from apps.fleet.models import Agent, Attachment
from tests.api.calls import Caller
from tests.factories import attach, make_agent, seed_catalogue
from tests.inspections import kept_inspections
from tests.seeded import published_tables

__all__ = ["kept_inspections"]


@pytest.fixture(scope="module")
def tables(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), published_tables():
        yield


@pytest.fixture
def published(tables: None, db: None) -> None:
    """The published tables; what a test adds to them goes with it."""


@pytest.fixture
def catalogue(db: None) -> None:
    """The catalogue of `fixtures/`, and no result."""
    seed_catalogue()


@pytest.fixture(autouse=True)
def _no_throttle_left() -> None:
    cache.clear()


@pytest.fixture
def anonymous() -> Caller:
    return Caller()


@pytest.fixture
def enrolled(catalogue: None) -> tuple[Agent, Caller]:
    """An enrolled agent without devices, and its calls."""
    agent, token = make_agent()
    return agent, Caller(token)


@pytest.fixture
def attached(enrolled: tuple[Agent, Caller]) -> list[Attachment]:
    """The CPU of the enrolled agent."""
    return attach(enrolled[0])
