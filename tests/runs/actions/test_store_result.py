from datetime import timedelta

import pytest
from django.conf import settings

from apps.core.errors import InvalidInput
from apps.runs.actions.campaigns import cancel_run
from apps.runs.actions.leases import ForeignLease
from apps.runs.actions.outcomes import OtherResult, expire_attempt, store_result
from apps.runs.models import Attempt, Run, Upload
from tests.factories import NOW, attach, lease, make_agent, make_leased, result_message, submit

pytestmark = pytest.mark.usefixtures("catalogue")

AFTER_LEASE = NOW + timedelta(seconds=settings.LEASE_S + 1)


def _store(attempt: Attempt, body: bytes, **changes: object) -> tuple[Attempt, bool]:
    message = result_message(attempt).model_copy(update=changes)
    return store_result(agent=attempt.agent, message=message, body=body, at=AFTER_LEASE)


def test_result_ends_the_lease_and_keeps_its_bytes() -> None:
    attempt = make_leased()

    stored, is_new = _store(attempt, b'{"any": 1}')

    run = Run.objects.get()
    assert (stored.state, stored.ended_at, is_new) == ("submitted", AFTER_LEASE, True)
    assert run.state == "active"
    assert bytes(Upload.objects.get().body) == b'{"any": 1}'
    assert Upload.objects.get().json() == {"any": 1}


def test_same_bytes_again_change_nothing() -> None:
    attempt = make_leased()
    _store(attempt, b"1")

    stored, is_new = _store(attempt, b"1")

    assert (stored.state, is_new) == ("submitted", False)
    assert Upload.objects.count() == 1


def test_other_bytes_are_a_conflict_and_change_nothing() -> None:
    attempt = make_leased()
    _store(attempt, b"1")

    with pytest.raises(OtherResult, match="never overwritten") as refused:
        _store(attempt, b"2")

    assert refused.value.status == 409
    assert bytes(Upload.objects.get().body) == b"1"


def test_result_that_names_another_run_than_its_lease_is_refused() -> None:
    attempt = make_leased()

    with pytest.raises(InvalidInput, match=f"The lease is of run {attempt.run_id}"):
        _store(attempt, b"1", run_id=attempt.run_id + 1)
    with pytest.raises(InvalidInput):
        _store(attempt, b"1", attempt_id=attempt.pk + 1)

    assert not Upload.objects.exists()


def test_result_under_the_lease_of_another_agent_is_refused() -> None:
    attempt = make_leased()
    other, _ = make_agent()

    with pytest.raises(ForeignLease):
        store_result(agent=other, message=result_message(attempt), body=b"1", at=NOW)

    assert not Upload.objects.exists()


def test_late_result_is_quarantined_and_kept() -> None:
    attempt = make_leased()
    expire_attempt(attempt_id=attempt.pk, at=AFTER_LEASE)

    stored, is_new = _store(attempt, b"1")

    assert (stored.state, is_new) == ("quarantined", True)
    assert "never sent a heartbeat" in stored.reason
    assert "arrived after the lease was over (lost)" in stored.reason
    assert Run.objects.get().state == "queued"
    assert bytes(Upload.objects.get().body) == b"1"


def test_late_result_does_not_disturb_who_has_the_run_now() -> None:
    attempt = make_leased()
    expire_attempt(attempt_id=attempt.pk, at=AFTER_LEASE)
    agent, _ = make_agent(owner=attempt.agent.owner)
    second = lease(agent, attach(agent))

    _store(attempt, b"1")

    second.refresh_from_db()
    assert (second.state, second.run.state) == ("leased", "active")
    assert submit(second).state == "submitted"


def test_late_result_again_is_answered_the_same() -> None:
    attempt = make_leased()
    expire_attempt(attempt_id=attempt.pk, at=AFTER_LEASE)
    first, _ = _store(attempt, b"1")

    second, is_new = _store(attempt, b"1")

    assert (second.state, second.reason, is_new) == (first.state, first.reason, False)


def test_result_of_a_cancelled_run_is_kept_in_quarantine() -> None:
    attempt = make_leased()
    cancel_run(run_id=attempt.run_id, by=attempt.agent.owner, at=NOW)

    stored, _ = _store(attempt, b"1")

    assert stored.state == "quarantined"
    assert Run.objects.get().state == "cancelled"
