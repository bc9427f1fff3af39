"""A device that failed gets no run until a self-check passes, or somebody vouches for it."""

import pytest

from apps.accounts.models import AuditEntry
from apps.fleet.actions import NotYourAgent, declare_healthy
from apps.fleet.models import Device
from apps.runs.actions.leases import lease_run
from apps.runs.actions.outcomes import fail_attempt
from apps.runs.models import Attempt
from runners import wire
from tests.factories import NOW, attach, device_offer, make_agent, make_leased, make_user, request_id, token_of

REASON = "adb said nothing for 20 s"

pytestmark = pytest.mark.usefixtures("catalogue")


def failed(kind: wire.FailureKind = wire.FailureKind.DEVICE, after: Attempt | None = None) -> Attempt:
    attempt = after or make_leased()
    fail_attempt(agent=attempt.agent, token=token_of(attempt), kind=kind, reason=REASON, at=NOW)
    return attempt


def offer_again(attempt: Attempt, *, after_attempt_id: int | None = None, is_ok: bool = True) -> Attempt | None:
    """What the agent leases on the failed device, which it offers with a self-check, or without one."""
    check = None
    if after_attempt_id is not None:
        check = wire.SelfCheck(is_ok=is_ok, text="ran 10 times", after_attempt_id=after_attempt_id)
    attachments = attach(attempt.agent, device_offer(fingerprint=attempt.device.fingerprint, self_check=check))
    return lease_run(agent=attempt.agent, attachments=attachments, request_id=request_id(), at=NOW)


def device_of(attempt: Attempt) -> Device:
    return Device.objects.get(pk=attempt.device_id)


@pytest.mark.parametrize("kind", [wire.FailureKind.DEVICE, wire.FailureKind.INFRASTRUCTURE])
def test_failure_of_the_place_makes_the_device_unhealthy(kind: wire.FailureKind) -> None:
    attempt = failed(kind)

    device = device_of(attempt)
    assert (device.unhealthy_since, device.unhealthy_reason) == (NOW, REASON)
    assert device.unhealthy_after_attempt_id == attempt.pk
    assert offer_again(attempt) is None


@pytest.mark.parametrize("kind", [wire.FailureKind.USER, wire.FailureKind.ENGINE])
def test_failure_of_the_run_leaves_the_device_healthy(kind: wire.FailureKind) -> None:
    assert device_of(failed(kind)).is_healthy


def test_device_that_fails_during_a_long_poll_gets_no_run_from_it() -> None:
    attempt = make_leased()
    attachments = attach(attempt.agent, device_offer(fingerprint=attempt.device.fingerprint))
    failed(after=attempt)

    assert lease_run(agent=attempt.agent, attachments=attachments, request_id=request_id(), at=NOW) is None


def test_device_behind_another_agent_goes_on() -> None:
    attempt = failed()
    other, _ = make_agent(owner=attempt.agent.owner)
    attachments = attach(other, device_offer(fingerprint=attempt.device.fingerprint))

    again = lease_run(agent=other, attachments=attachments, request_id=request_id(), at=NOW)

    assert again is not None
    assert again.run == attempt.run
    assert not device_of(attempt).is_healthy_with(attempt.agent_id)


def test_self_check_that_passes_after_the_failure_makes_it_healthy() -> None:
    attempt = failed()

    again = offer_again(attempt, after_attempt_id=attempt.pk)

    assert again is not None
    assert again.run == attempt.run
    assert device_of(attempt).is_healthy


def test_self_check_from_before_the_failure_says_nothing() -> None:
    attempt = failed()

    assert offer_again(attempt, after_attempt_id=attempt.pk - 1) is None
    assert device_of(attempt).unhealthy_reason == REASON


def test_self_check_that_fails_leaves_it_unhealthy_and_is_shown() -> None:
    attempt = failed()

    assert offer_again(attempt, after_attempt_id=attempt.pk, is_ok=False) is None
    assert device_of(attempt).unhealthy_reason == "self-check: ran 10 times"


def test_old_failure_that_is_told_again_does_not_make_it_unhealthy_again() -> None:
    attempt = failed()
    again = offer_again(attempt, after_attempt_id=attempt.pk)
    assert again is not None

    failed(after=attempt)

    assert device_of(attempt).is_healthy


def test_owner_declares_it_healthy_and_that_is_noted_once() -> None:
    attempt = failed()
    agent = attempt.agent

    for _ in range(2):
        declare_healthy(device=device_of(attempt), agent=agent, by=agent.owner, at=NOW)

    [entry] = AuditEntry.objects.filter(action="device.declare-healthy")
    assert (entry.actor, entry.subject, entry.detail["reason"]) == (agent.owner, agent.public_id, REASON)
    assert offer_again(attempt) is not None


def test_somebody_else_may_not_declare_it_healthy() -> None:
    attempt = failed()

    with pytest.raises(NotYourAgent):
        declare_healthy(device=device_of(attempt), agent=attempt.agent, by=make_user(), at=NOW)

    assert not device_of(attempt).is_healthy
