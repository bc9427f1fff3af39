"""From the record of an accuracy to its values, their column and what is kept raw."""

from decimal import Decimal
from typing import Any

import pytest

from apps.results.leaderboard import load_board
from apps.results.models import BoardCell, Measurement, Result, Samples
from apps.runs.models import Attempt
from runners import wire
from tests.accuracies import RANKS, SUBSET, accuracy_record, leased_accuracy, standard_dataset
from tests.factories import measure, result_message

pytestmark = pytest.mark.usefixtures("catalogue")


def accept(attempt: Attempt, record: wire.AccuracyRecord) -> dict[str, Result]:
    return {result.metric: result for result in measure(attempt, result_message(attempt, record))}


def test_accuracy_on_a_named_subset_has_a_configuration_of_its_own() -> None:
    results = accept(leased_accuracy(SUBSET, name="sample10"), accuracy_record())

    top1 = results["top1"]
    assert set(results) == {"top1", "top5"}
    assert top1.configuration.slug == "accuracy-imagenet1k.onnxruntime.sample10-abababab"
    assert (top1.configuration.dataset, top1.configuration.device_kind) == ("sample10-abababab", None)
    assert (top1.value, top1.n, top1.statistic, top1.evidence) == (Decimal("0.6"), 10, "share of 10 images", "samples")
    assert top1.interval_low is not None
    assert top1.interval_low < top1.value


def test_whole_standard_dataset_counts_as_the_task_whatever_its_owner_calls_it() -> None:
    whole = standard_dataset()

    results = accept(leased_accuracy(whole), accuracy_record(whole))

    assert results["top5"].configuration.slug == "accuracy-imagenet1k.onnxruntime"
    assert (results["top5"].configuration.dataset, results["top5"].flags) == ("", [])


def test_standard_dataset_with_unreadable_images_is_a_flagged_subset() -> None:
    whole = standard_dataset()

    results = accept(leased_accuracy(whole), accuracy_record(whole, ranks=[-1, *RANKS[1:]]))

    top1 = results["top1"]
    assert top1.configuration.dataset == f"all-of-it-{whole.sha256[:8]}"
    assert (top1.n, top1.statistic) == (9, "share of 9 readable images")
    assert top1.flags == ["unreadable-images"]


def test_what_the_network_said_of_every_image_is_kept() -> None:
    attempt = leased_accuracy(SUBSET, name="sample10")
    record = accuracy_record()

    accept(attempt, record)

    [images] = Samples.objects.get(attempt=attempt).unpack()
    assert images == {"labels": record.labels, "predicted": record.predicted, "ranks": record.ranks}
    assert Measurement.objects.get(attempt=attempt).statistics["dataset"]["name"] == "sample10"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"dataset": SUBSET.model_copy(update={"sha256": "cd" * 32})}, "other images than those ordered"),
        ({"stated_top1": 10}, "stated_top1 is 10"),
    ],
)
def test_record_that_cannot_be_true_is_quarantined(changes: dict[str, Any], says: str) -> None:
    attempt = leased_accuracy(SUBSET, name="sample10")

    results = accept(attempt, accuracy_record().model_copy(update=changes))

    attempt.refresh_from_db()
    assert (results, attempt.state) == ({}, "quarantined")
    assert says in attempt.reason


def test_digest_of_the_standard_dataset_with_another_number_of_images_is_quarantined() -> None:
    small = standard_dataset().model_copy(update={"images": 3})
    attempt = leased_accuracy(small)

    accept(attempt, accuracy_record(small, ranks=[0, 0, 0]))

    attempt.refresh_from_db()
    assert "ImageNet-1k validation set has 10 images" in attempt.reason


def test_column_of_a_subset_says_its_name_and_number_of_images() -> None:
    accept(leased_accuracy(SUBSET, name="sample10"), accuracy_record())

    board = load_board()

    column = board.by_key["top1.accuracy-imagenet1k.onnxruntime.sample10-abababab"]
    assert column.dataset == "sample10-abababab, n = 10"
    assert column.protocol_title.endswith("sample10-abababab, n = 10 only")
    assert BoardCell.objects.filter(configuration__slug=column.configuration).count() == 2
