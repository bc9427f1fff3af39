from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from apps.results.published import (
    FP16_SLOWER,
    TEXT_FILE,
    PublishedTextError,
    PublishedValue,
    parse_text,
    read_tables,
    to_csv,
    write_csvs,
)

FOLDER = Path(__file__).parents[2] / "fixtures" / "published"
TEXT = (FOLDER / TEXT_FILE).read_text(encoding="utf-8")
INT8 = "MobileNetV3_large_x1_0_ssld_int8"


def _values() -> dict[tuple[str, str, str], PublishedValue]:
    values = [value for table in read_tables(FOLDER) for value in table.values]
    return {(value.model, value.metric, value.configuration): value for value in values}


def _write(folder: Path) -> Path:
    (folder / TEXT_FILE).write_text(TEXT, encoding="utf-8")
    write_csvs(folder)
    return folder


def test_csv_files_are_those_of_the_text() -> None:
    for layout, rows in parse_text(TEXT):
        assert (FOLDER / f"{layout.slug}.csv").read_text(encoding="utf-8") == to_csv(layout, rows)


def test_tables_have_the_399_values_of_the_document() -> None:
    tables = read_tables(FOLDER)

    assert {table.slug: len(table.values) for table in tables} == {"accuracy": 149, "sd855": 64, "t4": 186}
    assert [table.section for table in tables] == ["2.4.2", "2.4.3", "2.4.4"]
    assert {table.slug: len({value.model for value in table.values}) for table in tables} == {
        "accuracy": 32,
        "sd855": 32,
        "t4": 31,
    }
    assert {table.upstream for table in tables} == {"PaddlePaddle/PaddleClas"}


def test_values_by_metric_leave_out_what_the_document_leaves_out() -> None:
    counts = Counter(metric for _, metric, _ in _values())

    assert counts == {
        "top1": 32,
        "top5": 31,
        "reference_top1": 21,
        "reference_top5": 3,
        "flops_paddle": 31,
        "params_paddle": 31,
        "storage": 32,
        "latency": 32 + 186,
    }


@pytest.mark.parametrize(
    ("model", "metric", "configuration", "printed"),
    [
        ("MobileNetV1_x0_25", "reference_top1", "paddleclas-accuracy", "0.506"),
        ("MobileNetV1_x0_25", "flops_paddle", "paddleclas-complexity", "0.070"),
        ("MobileNetV2", "reference_top5", "paddleclas-accuracy", "0.910"),
        ("MobileNetV2_ssld", "top5", "paddleclas-accuracy", "0.9339"),
        ("MobileNetV3_large_x1_25", "params_paddle", "paddleclas-complexity", "7.440"),
        (INT8, "top1", "paddleclas-accuracy", "0.761"),
        (INT8, "latency", "paddleclas-sd855-bs1", "14.395"),
        (INT8, "storage", "paddleclas-storage", "10.000"),
        ("MobileNetV1_x0_25", "latency", "paddleclas-t4-fp32-bs4", "1.226"),
        ("ShuffleNetV2_swish", "latency", "paddleclas-t4-fp32-bs8", "3.69357"),
    ],
)
def test_value_keeps_its_digits_as_printed(model: str, metric: str, configuration: str, printed: str) -> None:
    value = _values()[model, metric, configuration]

    assert (value.printed, value.value) == (printed, Decimal(printed))


def test_ssld_rows_are_copies_of_their_base_in_all_but_accuracy() -> None:
    values = _values()

    copies = {key: value for key, value in values.items() if value.copied_from}

    # Four SSLD rows: FLOPs, parameters, SD855, storage, six T4 columns.
    assert len(copies) == 4 * 10
    for (model, metric, configuration), value in copies.items():
        assert value.copied_from == model.removesuffix("_ssld")
        assert values[value.copied_from, metric, configuration].value == value.value
    assert not {"top1", "top5"} & {metric for _, metric, _ in copies}


def test_ssld_value_that_differs_from_its_base_is_its_own(tmp_path: Path) -> None:
    folder = _write(tmp_path)
    path = folder / "sd855.csv"
    path.write_text(path.read_text().replace("MobileNetV1_ssld,32.523", "MobileNetV1_ssld,32.524"))

    table = next(table for table in read_tables(folder) if table.slug == "sd855")

    copied_from = {value.metric: value.copied_from for value in table.values if value.model == "MobileNetV1_ssld"}
    assert copied_from == {"latency": None, "storage": "MobileNetV1"}


def test_int8_row_is_measured_and_not_copied() -> None:
    assert {value.copied_from for (model, _, _), value in _values().items() if model == INT8} == {None}


def test_fp16_values_slower_than_fp32_by_over_five_percent_are_flagged() -> None:
    values = _values()

    flagged = {key for key, value in values.items() if value.flags}

    slower = {
        (model, metric, configuration)
        for (model, metric, configuration), value in values.items()
        if "-fp16-" in configuration
        and value.value / values[model, metric, configuration.replace("fp16", "fp32")].value > Decimal("1.05")
    }
    assert flagged == slower
    assert {values[key].flags for key in flagged} == {(FP16_SLOWER,)}
    assert ("MobileNetV2", "latency", "paddleclas-t4-fp16-bs1") in flagged
    assert len([key for key in flagged if values[key].copied_from is None]) == 10


def _line_of(start: str) -> int:
    return next(number for number, line in enumerate(TEXT.splitlines(), start=1) if line.startswith(start))


@pytest.mark.parametrize(
    ("old", "new", "line_start", "words"),
    [
        ("Models Top1 Top5", "Models Top5 Top1", "Models Top1", "expected 'Top1'"),
        ("2.4.3. Inference speed", "2.4.3. Speed", "2.4.3.", "expected 'Inference'"),
        ("MobileNetV1_x0_5 9.580", "MobileNetV1_x0_5 9,580", "MobileNetV1_x0_5 9.580", "a positive number"),
        (
            "MobileNetV1_x0_5 9.580",
            "MobileNetV1_x0_5 Infinity",
            "MobileNetV1_x0_5 9.580",
            "2 values of MobileNetV1_x0_5",
        ),
        ("MobileNetV1_x0_5 9.580", "MobileNetV1_x0_5 -9.580", "MobileNetV1_x0_5 9.580", "a positive number"),
        ("MobileNetV1_x0_5 9.580", "MobileNetV1_x0_5", "MobileNetV1_x0_5 9.580", "2 values of MobileNetV1_x0_5"),
        ("MobileNetV1_x0_5 9.580", "MobileNetV1_x0_25 9.580", "MobileNetV1_x0_5 9.580", "each model once"),
        ("MobileNetV2_x0_25 0.532 0.765 0.050", "MobileNetV2_x0_25 0.532", "MobileNetV2_x0_25 0.532", "6 values"),
        ("MobileNetV1_x0_5 9.580", "x0_5 9.580", "MobileNetV1_x0_5 9.580", "the name of a model"),
    ],
)
def test_damaged_text_is_refused_with_its_line(old: str, new: str, line_start: str, words: str) -> None:
    damaged = TEXT.replace(old, new)
    assert damaged != TEXT

    with pytest.raises(PublishedTextError) as caught:
        parse_text(damaged)

    assert caught.value.line == _line_of(line_start)
    assert words in str(caught.value)


def test_text_with_a_missing_value_or_row_is_refused_by_its_count() -> None:
    without_reference = TEXT.replace("MobileNetV1_x0_5 0.635 0.847 0.637 0.280", "MobileNetV1_x0_5 0.635 0.847 0.280")

    with pytest.raises(PublishedTextError, match="expected 149 values in table accuracy, found '148'"):
        parse_text(without_reference)


def test_text_without_its_last_table_is_refused() -> None:
    with pytest.raises(PublishedTextError, match=r"expected '2\.4\.4\.'.*found 'the end'"):
        parse_text(TEXT[: TEXT.index("2.4.4.")])


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("model,latency", "name,latency", "sd855.csv, line 1: expected the columns"),
        ("MobileNetV1,32.523,16.000", "MobileNetV1,32.523", "sd855.csv, line 5: expected the columns"),
        ("MobileNetV1,32.523,16.000", "MobileNetV1,32.523,", "expected 64 values in table sd855, found '63'"),
        ("MobileNetV1,32.523,16.000", "MobileNetV1,fast,16.000", "line 5: expected a positive number"),
    ],
)
def test_damaged_csv_is_refused_with_its_line(tmp_path: Path, old: str, new: str, words: str) -> None:
    folder = _write(tmp_path)
    path = folder / "sd855.csv"
    path.write_text(path.read_text().replace(old, new))

    with pytest.raises(PublishedTextError, match=words):
        read_tables(folder)
