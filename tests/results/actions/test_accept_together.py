from functools import partial

import pytest

from apps.results.actions.accept import accept_attempt
from apps.results.actions.submit import accept_submission
from apps.results.models import Result, SamplesClaim, Submission
from apps.runs.actions.campaigns import cancel_run
from apps.runs.models import Attempt, Run
from tests.core.together import together
from tests.factories import (
    COMPLEXITY,
    NOW,
    latency_record,
    make_agent,
    make_leased,
    result_message,
    seed_catalogue,
    submission_message,
    submit,
    submit_record,
)

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 5


@pytest.fixture(autouse=True)
def _catalogue(transactional_db: None) -> None:
    seed_catalogue()


def test_accepting_at_the_same_moment_stores_once() -> None:
    attempt = make_leased(protocol=COMPLEXITY)
    submit(attempt)

    outcomes = together([partial(accept_attempt, attempt_id=attempt.pk, at=NOW)] * 6)

    assert sorted(map(str, outcomes)) == ["False"] * 5 + ["True"]
    assert Result.objects.count() == 6


def test_accepting_and_cancelling_at_the_same_moment_agree() -> None:
    for _ in range(ROUNDS):
        attempt = make_leased(protocol=COMPLEXITY)
        submit(attempt)

        accepted, cancelled = together(
            [
                partial(accept_attempt, attempt_id=attempt.pk, at=NOW),
                partial(cancel_run, run_id=attempt.run_id, by=attempt.agent.owner, at=NOW),
            ]
        )

        run = Run.objects.get(pk=attempt.run_id)
        assert cancelled is None
        assert (accepted, run.state) in [(True, "done"), (False, "cancelled")]
        assert Result.objects.filter(attempt=attempt).exists() is accepted


def test_same_samples_at_the_same_moment_are_one_result_whoever_is_first() -> None:
    for _ in range(ROUNDS):
        record = latency_record()
        attempts = [make_leased() for _ in range(2)]
        for attempt in attempts:
            submit(attempt, result_message(attempt, record))
        submission = submit_record(make_agent()[0], submission_message(record))

        together(
            [
                *(partial(accept_attempt, attempt_id=attempt.pk, at=NOW) for attempt in attempts),
                partial(accept_submission, submission_pk=submission.pk, at=NOW),
            ]
        )

        of_leases = Attempt.objects.filter(pk__in=[attempt.pk for attempt in attempts])
        states = [*of_leases.values_list("state", flat=True), Submission.objects.get(pk=submission.pk).state]
        assert states.count("accepted") == 1
        assert states.count("quarantined") + states.count("refused") == 2
        assert Result.objects.filter(metric="latency").count() == SamplesClaim.objects.count()
