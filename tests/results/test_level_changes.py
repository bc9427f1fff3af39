"""Changes of level among the results of a model; tests/api/test_changes.py has what is said of them."""

import pytest

from apps.catalog.models import Network
from apps.results import history
from apps.results.history import load_history
from apps.results.level_changes import LevelChange, level_changes
from tests.factories import MODEL
from tests.histories import AFTER, BEFORE, FASTER_MS, OLD, SLOWER_MS, measure_history, measure_slower_release

pytestmark = pytest.mark.usefixtures("catalogue")


def latency_changes() -> list[LevelChange]:
    found = level_changes(load_history(Network.objects.get(name=MODEL)))
    return [change for change in found if change.metric.key == "latency"]


def test_newest_change_is_first() -> None:
    levels_ms = [FASTER_MS] * BEFORE + [SLOWER_MS] * BEFORE + [FASTER_MS] * AFTER
    measured = measure_history(levels_ms, releases=[OLD] * len(levels_ms))

    faster, slower = latency_changes()

    assert [slower.first.result_id, faster.first.result_id] == [measured[BEFORE].pk, measured[2 * BEFORE].pk]
    assert (slower.effect.split()[-1], faster.effect.split()[-1]) == ("slower", "faster")
    assert faster.differences == slower.differences == []
    assert faster.sentence.endswith("Nothing that is known of the runs around it differs.")


def test_only_the_newest_values_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    measured = measure_slower_release()
    per_attempt = measured[0].attempt.results.count() if measured[0].attempt else 0

    monkeypatch.setattr(history, "MOST_VALUES", (AFTER + 3) * per_attempt)

    assert latency_changes() == []
