from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection, transaction
from psycopg.conninfo import make_conninfo

from apps.runs.actions.campaigns import expand_campaign
from apps.runs.actions.outcomes import release_attempt
from apps.runs.actions.sweep import sweep
from apps.runs.notify import CHANNEL, wake_agents
from tests.factories import (
    NOW,
    attach,
    device_offer,
    make_agent,
    make_campaign,
    make_leased,
    make_user,
    seed_catalogue,
    token_of,
)

pytestmark = pytest.mark.django_db(transaction=True)

WITHIN_S = 5.0
"""A message that was sent arrives at once; this only bounds a failure."""

Listener = psycopg.Connection[tuple[object, ...]]


@pytest.fixture
def listener(transactional_db: None) -> Iterator[Listener]:
    """A connection of its own that listens as the long poll does."""
    seed_catalogue()
    with psycopg.connect(_address(), autocommit=True) as listening:
        listening.execute(f"LISTEN {CHANNEL}")
        yield listening


def _address() -> str:
    parameters = connection.get_connection_params()
    return make_conninfo(
        **{name: parameters[name] for name in ("dbname", "user", "password", "host", "port") if parameters.get(name)}
    )


def _received(listener: Listener) -> list[str]:
    """Everything sent before now: the marker, sent last, arrives last."""
    with psycopg.connect(_address(), autocommit=True) as marking:
        marking.execute("SELECT pg_notify(%s, 'marker')", [CHANNEL])
    payloads: list[str] = []
    for message in listener.notifies(timeout=WITHIN_S):
        if message.payload == "marker":
            return payloads
        payloads.append(message.payload)
    pytest.fail(f"the marker did not arrive within {WITHIN_S} s")


def test_agents_are_woken_by_the_commit_and_not_before(listener: Listener) -> None:
    with transaction.atomic():
        wake_agents(["onnxruntime", "onnx", "onnx"])
        before = _received(listener)
    after = _received(listener)

    assert before == []
    assert after == ["onnx 2", "onnxruntime 1"]


def test_nobody_is_woken_by_a_rollback(listener: Listener) -> None:
    with transaction.atomic():
        wake_agents(["onnx"])
        transaction.set_rollback(True)

    assert _received(listener) == []


def test_new_runs_wake_agents_of_their_engine(listener: Listener) -> None:
    campaign = make_campaign(requested_by=make_user())

    expand_campaign(campaign_id=campaign.pk, at=NOW)

    assert _received(listener) == ["onnxruntime 1"]


def test_run_that_comes_back_wakes_agents(listener: Listener) -> None:
    attempt = make_leased()
    _received(listener)

    release_attempt(agent=attempt.agent, token=token_of(attempt), reason="", at=NOW)

    assert _received(listener) == ["onnxruntime 1"]


def test_sweep_wakes_agents_while_runs_wait(listener: Listener) -> None:
    owner = make_user()
    expand_campaign(campaign_id=make_campaign(requested_by=owner).pk, at=NOW)
    attach(make_agent(owner=owner)[0], device_offer())
    _received(listener)

    sweep(at=NOW)

    assert _received(listener) == ["onnxruntime 1"]


def test_sweep_wakes_nobody_for_runs_that_nobody_can_execute(listener: Listener) -> None:
    expand_campaign(campaign_id=make_campaign(requested_by=make_user()).pk, at=NOW)
    _received(listener)

    sweep(at=NOW)

    assert _received(listener) == []
