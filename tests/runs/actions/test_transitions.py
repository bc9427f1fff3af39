"""Every pair of (state of an attempt, action): the table says what it does, and all others change nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings

from apps.core.errors import UserError
from apps.results.actions.accept import accept_attempt
from apps.runs.actions.campaigns import cancel_run
from apps.runs.actions.leases import heartbeat
from apps.runs.actions.outcomes import expire_attempt, fail_attempt, release_attempt
from apps.runs.models import Attempt, AttemptState, Run, Upload
from runners import wire
from tests.factories import NOW, make_leased, measure, result_message, submit, token_of

pytestmark = pytest.mark.usefixtures("catalogue")

AFTER_LEASE = NOW + timedelta(days=1, seconds=settings.LEASE_S)


def _heartbeat(attempt: Attempt) -> None:
    heartbeat(agent=attempt.agent, token=token_of(attempt), progress=None, at=NOW)


def _release(attempt: Attempt) -> None:
    release_attempt(agent=attempt.agent, token=token_of(attempt), reason="", at=NOW)


def _fail_for_good(attempt: Attempt) -> None:
    fail_attempt(agent=attempt.agent, token=token_of(attempt), kind=wire.FailureKind.USER, reason="", at=NOW)


def _fail_here(attempt: Attempt) -> None:
    fail_attempt(agent=attempt.agent, token=token_of(attempt), kind=wire.FailureKind.DEVICE, reason="", at=NOW)


def _expire(attempt: Attempt) -> None:
    expire_attempt(attempt_id=attempt.pk, at=AFTER_LEASE)


def _submit(attempt: Attempt) -> None:
    submit(attempt)


def _accept(attempt: Attempt) -> None:
    accept_attempt(attempt_id=attempt.pk, at=NOW)


def _cancel(attempt: Attempt) -> None:
    cancel_run(run_id=attempt.run_id, by=attempt.agent.owner, at=NOW)


def _refuse(attempt: Attempt) -> None:
    measure(attempt, result_message(attempt).model_copy(update={"model": "AnotherNet"}))


Action = Callable[[Attempt], Any]

ACTIONS: dict[str, Action] = {
    "heartbeat": _heartbeat,
    "release": _release,
    "fail for good": _fail_for_good,
    "fail here": _fail_here,
    "expire": _expire,
    "submit": _submit,
    "accept": _accept,
    "cancel": _cancel,
}

REACH: dict[str, list[Action]] = {
    "leased": [],
    "running": [_heartbeat],
    "submitted": [_submit],
    "accepted": [measure],
    "quarantined": [_refuse],
    "released": [_release],
    "lost": [_expire],
    "failed": [_fail_here],
    "cancelled": [_cancel],
}

FROM_LIVE = {
    "heartbeat": ("running", "active"),
    "release": ("released", "queued"),
    "fail for good": ("failed", "failed"),
    "fail here": ("failed", "queued"),
    "expire": ("lost", "queued"),
    "submit": ("submitted", "active"),
    "cancel": ("cancelled", "cancelled"),
}
TABLE: dict[str, dict[str, tuple[str, str]]] = {
    "leased": FROM_LIVE,
    "running": FROM_LIVE,
    "submitted": {"accept": ("accepted", "done"), "cancel": ("cancelled", "cancelled")},
    "accepted": {},
    "quarantined": {"cancel": ("quarantined", "cancelled")},
    "released": {"submit": ("quarantined", "queued"), "cancel": ("released", "cancelled")},
    "lost": {"submit": ("quarantined", "queued"), "cancel": ("lost", "cancelled")},
    "failed": {"submit": ("quarantined", "queued"), "cancel": ("failed", "cancelled")},
    "cancelled": {"submit": ("quarantined", "cancelled")},
}
"""(attempt, run) after an action; what is missing changes nothing."""


def _rows(attempt: Attempt) -> list[Any]:
    return [
        *Attempt.objects.filter(pk=attempt.pk).values(),
        *Run.objects.filter(pk=attempt.run_id).values(),
        *Upload.objects.filter(attempt=attempt).values("sha256", "received_at"),
    ]


def test_table_knows_every_state() -> None:
    assert set(REACH) == set(TABLE) == set(AttemptState.values)


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("state", REACH)
def test_action_does_what_the_table_says_or_nothing(state: str, action: str) -> None:
    attempt = make_leased()
    for step in REACH[state]:
        step(attempt)
    attempt.refresh_from_db()
    assert attempt.state == state
    before = _rows(attempt)

    try:
        ACTIONS[action](attempt)
        refused = False
    except UserError:
        refused = True

    expected = TABLE[state].get(action)
    attempt.refresh_from_db()
    if expected is None:
        assert _rows(attempt) == before
    else:
        assert (attempt.state, Run.objects.get(pk=attempt.run_id).state, refused) == (*expected, False)
