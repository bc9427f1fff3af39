from functools import partial

import pytest

from apps.results.actions.accept import accept_attempt
from apps.results.models import Result
from apps.runs.actions.campaigns import cancel_run
from apps.runs.models import Run
from tests.core.together import together
from tests.factories import COMPLEXITY, NOW, make_leased, seed_catalogue, submit

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
