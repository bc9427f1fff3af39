"""Agreement of measured columns with published ones, as the leaderboard's answer tells it."""

from typing import Any

import pytest
from scipy import stats

from apps.results.models import Origin, Result
from tests.api.calls import Caller
from tests.factories import latency_record, make_leased, measure, result_message

SD855 = "latency.paddleclas-sd855-bs1"
MEDIANS_MS = {
    "MobileNetV1_x0_25": 30.0,
    "MobileNetV1_x0_5": 20.0,
    "MobileNetV1_x0_75": 40.0,
    "MobileNetV1": 60.0,
    "MobileNetV2": 50.0,
    "MobileNetV1_ssld": 60.0,
}

pytestmark = pytest.mark.usefixtures("published")


def measured_answer(anonymous: Caller, medians_ms: dict[str, float]) -> dict[str, Any]:
    for model, median_ms in medians_ms.items():
        attempt = make_leased(model=model)
        assert measure(attempt, result_message(attempt, latency_record(median_ms=median_ms)))
    answer: dict[str, Any] = anonymous.get("leaderboard/").json()
    return answer


def find(answer: dict[str, Any], metric: str) -> dict[str, Any]:
    """The agreement of one measured metric with the phone."""
    [found] = [a for a in answer["agreements"] if a["published"] == SD855 and a["measured"].startswith(f"{metric}.")]
    return dict(found)


@pytest.mark.parametrize("metric", ["latency", "cpu_time"])
def test_rank_agreement_is_over_the_models_with_both_values_without_copies(anonymous: Caller, metric: str) -> None:
    answer = measured_answer(anonymous, MEDIANS_MS)

    found = find(answer, metric)
    cells = {row["model"]: row["cells"] for row in answer["rows"] if row["cells"][found["measured"]]}
    assert cells.keys() == MEDIANS_MS.keys()
    pairs = [(c[SD855]["value"], c[found["measured"]]["value"]) for c in cells.values() if not c[SD855]["copied_from"]]
    assert found["models"] == len(pairs) == 5
    assert found["spearman"] == pytest.approx(stats.spearmanr(*zip(*pairs, strict=True)).statistic)
    ratios = sorted(ours / theirs for theirs, ours in pairs)
    assert [found[f"ratio_{which}"] for which in ("min", "median", "max")] == pytest.approx(
        [ratios[0], ratios[2], ratios[4]]
    )
    assert found["comparable"] == "no"
    assert "only the order" in found["sentence"]


def test_flagged_values_are_told_and_left_out_of_a_figure_of_their_own(anonymous: Caller) -> None:
    without = measured_answer(anonymous, MEDIANS_MS)
    before = find(without, "latency")
    Result.objects.filter(metric="latency", origin=Origin.RUN, network__name="MobileNetV1_x0_5").update(flags=["drift"])

    found = find(anonymous.get("leaderboard/").json(), "latency")

    assert (before["flagged"], before["spearman_unflagged"]) == (0, before["spearman"])
    assert (found["models"], found["flagged"], found["spearman"]) == (5, 1, before["spearman"])
    # Without the one that stands out of order the others are in the phone's own.
    assert found["spearman_unflagged"] == 1.0 != found["spearman"]


def test_below_four_unflagged_models_there_is_no_figure_of_them(anonymous: Caller) -> None:
    measured_answer(anonymous, MEDIANS_MS)
    models = ["MobileNetV1", "MobileNetV2"]
    Result.objects.filter(metric="latency", origin=Origin.RUN, network__name__in=models).update(flags=["drift"])

    found = find(anonymous.get("leaderboard/").json(), "latency")

    assert (found["flagged"], found["spearman_unflagged"]) == (2, None)


def test_below_four_models_there_is_a_ratio_and_no_rank_agreement(anonymous: Caller) -> None:
    answer = measured_answer(anonymous, {"MobileNetV1": 60.0})

    found = find(answer, "latency")
    assert (found["models"], found["spearman"]) == (1, None)
    assert found["ratio_min"] == found["ratio_median"] == found["ratio_max"]


def test_measured_cell_tells_its_ratio_to_every_published_column_shown(anonymous: Caller) -> None:
    answer = measured_answer(anonymous, {"MobileNetV1": 60.0})

    [cells] = [row["cells"] for row in answer["rows"] if row["model"] == "MobileNetV1"]
    against = cells[find(answer, "latency")["measured"]]["against_published"]
    assert len(against) == 7
    assert against[0]["column"] == SD855
    assert against[0]["ratio"] == pytest.approx(60.0 / float(cells[SD855]["value"]), rel=0.01)
    assert cells[SD855]["against_published"] == []


def test_without_measured_values_there_are_no_agreements(anonymous: Caller) -> None:
    assert anonymous.get("leaderboard/").json()["agreements"] == []
