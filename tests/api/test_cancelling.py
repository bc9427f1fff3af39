"""Cancelling a run in every state, as its owner and its agent see it over the API."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from apps.accounts.actions import create_token
from apps.accounts.models import Scope
from apps.fleet.models import Agent, Attachment
from apps.results.actions.accept import accept_attempt
from apps.results.models import Result
from apps.runs.models import Attempt, Run
from runners import wire
from tests.api.calls import Caller, assert_problem
from tests.factories import lease, make_runs, result_message, token_of

Cancel = Callable[[Run], None]


@pytest.fixture(params=["run", "campaign"])
def cancel(request: pytest.FixtureRequest, enrolled: tuple[Agent, Caller]) -> Cancel:
    """Cancels the run, or the campaign that it is of."""
    token = create_token(user=enrolled[0].owner, name="test", scopes=[Scope.DISPATCH], at=timezone.now())
    caller = Caller(token)

    def cancel(run: Run) -> None:
        if request.param == "run":
            answer = caller.delete(f"runs/{run.pk}/")
        else:
            answer = caller.post(f"campaigns/{run.campaign_id}/cancel/", {})
        assert answer.status_code == 200

    return cancel


@pytest.fixture
def attempt(enrolled: tuple[Agent, Caller], attached: list[Attachment]) -> Attempt:
    """A run of the agent's owner, leased and not begun."""
    make_runs(requested_by=enrolled[0].owner)
    return lease(enrolled[0], attached, at=timezone.now())


def _heartbeat(caller: Caller, attempt: Attempt) -> str:
    message = wire.HeartbeatRequest(lease_token=token_of(attempt), client_time=timezone.now())
    action: str = caller.post("agent/heartbeat", message).json()["action"]
    return action


def _upload(caller: Caller, attempt: Attempt) -> tuple[int, str]:
    answer = caller.post_result(result_message(attempt).model_dump_json().encode())
    return answer.status_code, answer.json()["state"]


def _states(attempt: Attempt) -> tuple[str, str]:
    attempt.refresh_from_db()
    return Run.objects.get().state, attempt.state


def test_queued_run_is_given_to_nobody(
    enrolled: tuple[Agent, Caller], attached: list[Attachment], cancel: Cancel
) -> None:
    [run] = make_runs(requested_by=enrolled[0].owner)

    cancel(run)

    with pytest.raises(AssertionError, match="no run could be leased"):
        lease(enrolled[0], attached)
    assert not Attempt.objects.exists()


def test_agent_of_a_leased_run_learns_of_it_before_it_measures(
    enrolled: tuple[Agent, Caller], attempt: Attempt, cancel: Cancel
) -> None:
    cancel(attempt.run)

    assert _heartbeat(enrolled[1], attempt) == "cancel"
    assert _states(attempt) == ("cancelled", "cancelled")


def test_agent_of_a_running_run_learns_of_it_and_its_late_result_is_kept_but_not_used(
    enrolled: tuple[Agent, Caller], attempt: Attempt, cancel: Cancel
) -> None:
    before = _heartbeat(enrolled[1], attempt)

    cancel(attempt.run)

    assert (before, _heartbeat(enrolled[1], attempt)) == ("continue", "cancel")
    assert _upload(enrolled[1], attempt) == (202, "quarantined")
    assert _upload(enrolled[1], attempt) == (200, "quarantined")
    assert _states(attempt) == ("cancelled", "quarantined")
    assert attempt.reason.endswith("its result arrived after the lease was over (cancelled)")
    assert not Result.objects.exists()


def test_submitted_run_is_not_accepted(enrolled: tuple[Agent, Caller], attempt: Attempt, cancel: Cancel) -> None:
    submitted = _upload(enrolled[1], attempt)

    cancel(attempt.run)

    assert submitted == (202, "submitted")
    assert not accept_attempt(attempt_id=attempt.pk, at=timezone.now())
    assert _upload(enrolled[1], attempt) == (200, "cancelled")
    assert _states(attempt) == ("cancelled", "cancelled")
    assert not Result.objects.exists()


def test_agent_of_a_cancelled_run_hands_it_back_without_harm(
    enrolled: tuple[Agent, Caller], attempt: Attempt, cancel: Cancel
) -> None:
    cancel(attempt.run)

    released = enrolled[1].post("agent/release", wire.ReleaseRequest(lease_token=token_of(attempt), reason="cancelled"))
    failed = enrolled[1].post(
        "agent/fail", wire.FailRequest(lease_token=token_of(attempt), kind=wire.FailureKind.DEVICE, reason="unplugged")
    )

    assert released.status_code == 204
    assert_problem(failed, 409, "lease-over")
    assert _states(attempt) == ("cancelled", "cancelled")
    assert attempt.device.is_healthy
