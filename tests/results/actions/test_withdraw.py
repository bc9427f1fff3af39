"""Results taken off the board by hand."""

import pytest
from django.test import Client

from apps.accounts.models import AuditEntry
from apps.core.errors import InvalidInput, NotAllowed
from apps.results.actions.withdraw import withdraw_results
from apps.results.models import BoardCell, Result
from tests.factories import NOW, make_leased, make_user, measure_latency

pytestmark = pytest.mark.django_db


@pytest.fixture
def result(catalogue: None) -> Result:
    return measure_latency(make_leased())


def test_withdrawn_result_keeps_its_row_and_leaves_the_board(result: Result) -> None:
    staff = make_user(is_staff=True)

    counts = [withdraw_results(result_ids=[result.pk], reason="A fan failed.", by=staff, at=NOW) for _ in range(2)]

    result.refresh_from_db()
    assert counts == [1, 0]
    assert (result.withdrawn_at, result.withdrawn_because) == (NOW, "A fan failed.")
    assert not BoardCell.objects.filter(result=result).exists()
    assert AuditEntry.objects.get(action="result.withdraw").detail == {"reason": "A fan failed."}


def test_withdrawing_needs_an_administrator_and_a_reason(result: Result) -> None:
    with pytest.raises(NotAllowed):
        withdraw_results(result_ids=[result.pk], reason="x", by=make_user(), at=NOW)
    with pytest.raises(InvalidInput, match="why"):
        withdraw_results(result_ids=[result.pk], reason=" ", by=make_user(is_staff=True), at=NOW)

    assert Result.objects.standing().filter(pk=result.pk).exists()


def test_administration_withdraws_a_whole_measurement(result: Result) -> None:
    client = Client()
    client.force_login(make_user(is_staff=True))
    selected = {"action": "withdraw", "_selected_action": [result.attempt_id]}

    client.post("/admin/results/measurement/", selected)
    assert Result.objects.standing().filter(attempt=result.attempt_id).exists()
    client.post("/admin/results/measurement/", {**selected, "reason": "Throttled."})

    assert not Result.objects.standing().filter(attempt=result.attempt_id).exists()
