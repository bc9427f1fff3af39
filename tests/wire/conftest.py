"""An enrolled agent, and its calls of the real API."""

import pytest
from django.core.cache import cache

from apps.fleet.models import Agent
from tests.api.calls import Caller
from tests.factories import make_agent, seed_catalogue


@pytest.fixture
def enrolled(db: None) -> tuple[Agent, Caller]:
    seed_catalogue()
    # Calls that other tests made must not count as this one's.
    cache.clear()
    agent, token = make_agent()
    return agent, Caller(token)
