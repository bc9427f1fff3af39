"""A board with the published tables, and visitors of it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import User
from tests.factories import make_user
from tests.seeded import published_tables


@pytest.fixture(scope="module")
def tables(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), published_tables():
        yield


@pytest.fixture
def published(tables: None, db: None) -> None:
    """The published tables; what a test adds to them goes with it."""


@pytest.fixture
def visitor() -> Client:
    return Client()


@pytest.fixture
def user(published: None) -> User:
    return make_user()


@pytest.fixture
def member(user: User) -> Client:
    """Somebody who is logged in."""
    client = Client()
    client.force_login(user)
    return client
