"""Every filter of the results keeps what it says, and a mistake in one never widens it."""

import pytest

from tests.api.calls import Caller, assert_problem
from tests.factories import MODEL, make_leased, measure

pytestmark = pytest.mark.usefixtures("published")


@pytest.mark.parametrize(
    ("name", "value", "field", "count"),
    [
        ("model", "MobileNetV1", "model", 13),
        ("metric", "top1", "metric", 32),
        ("configuration", "paddleclas-sd855-bs1", "configuration", 32),
        ("protocol", "paddleclas-t4-fp16-bs8", "protocol", 31),
        ("device", "snapdragon-855", "device", 32),
        ("precision", "fp16", "precision", 93),
        ("batch_size", "8", "batch_size", 62),
        ("origin", "published", "origin", 399),
    ],
)
def test_filter_keeps_only_its_rows(anonymous: Caller, name: str, value: str, field: str, count: int) -> None:
    rows = anonymous.all_rows("results/", **{name: value, "limit": 1000})

    assert {str(row[field]) for row in rows} == {value}
    assert len(rows) == count


def test_family_filter_keeps_the_models_of_a_family(anonymous: Caller) -> None:
    rows = anonymous.all_rows("results/", family="ShuffleNetV2", metric="top1")

    assert len(rows) == 7
    assert all(row["model"].startswith("ShuffleNetV2") for row in rows)


def test_filters_combine(anonymous: Caller) -> None:
    [row] = anonymous.all_rows("results/", model="MobileNetV1", metric="top1")

    assert (row["printed"], row["value"]) == ("0.710", 0.71)


def test_engine_filter_keeps_measurements_of_the_engine(anonymous: Caller) -> None:
    measured = measure(make_leased(protocol="cpu-fp32-bs1"))

    rows = anonymous.all_rows("results/", engine="onnxruntime")

    assert [row["id"] for row in rows] == [result.pk for result in measured]


def test_origin_run_keeps_measured_values_with_their_run(anonymous: Caller) -> None:
    attempt = make_leased(protocol="cpu-fp32-bs1")
    measure(attempt)

    [row] = anonymous.all_rows("results/", origin="run", metric="latency")

    assert (row["model"], row["run"], row["printed"], row["evidence"]) == (MODEL, attempt.run_id, None, "samples")
    assert row["interval"][0] < row["value"] < row["interval"][1]


def test_updated_since_keeps_what_changed_from_then_on(anonymous: Caller) -> None:
    everything = anonymous.all_rows("results/", updated_since="2026-03-01T12:00:00Z", limit=1000)
    nothing = anonymous.all_rows("results/", updated_since="2026-03-01T12:00:01Z")

    assert (len(everything), nothing) == (399, [])


@pytest.mark.parametrize(
    ("name", "value", "valid"),
    [
        ("model", "MobileNetV9", "model"),
        ("family", "ResNet", "family"),
        ("metric", "top2", "reference_top1"),
        ("configuration", "nowhere", "configuration"),
        ("protocol", "guess", "protocol"),
        ("device", "toaster", "device"),
        ("precision", "fp64", "int8"),
        ("origin", "dream", "published"),
        ("batch_size", "many", "1 to 1024"),
        ("batch_size", "9" * 5000, "1 to 1024"),
        ("updated_since", "yesterday", "ISO 8601"),
        ("updated_since", "2026-03-01T12:00:00", "zone"),
        ("updated_since", "2026-13-45T12:00:00Z", "ISO 8601"),
        ("limit", "0", "1 to 1000"),
        ("limit", "1001", "1 to 1000"),
        ("limit", "-5", "1 to 1000"),
        ("limit", "²", "1 to 1000"),
        ("cursor", "!!", "next"),
        ("cursor", "bm90IGEgbnVtYmVy", "next"),
        ("cursor", "WzEsMl0:forged", "next"),
        ("model", "a\x00b", "model"),
        ("engine", "a\x00b", "NUL"),
        ("engine", "tensorflow", "onnxruntime"),
    ],
)
def test_wrong_value_is_a_400_that_names_the_field_and_what_is_valid(
    anonymous: Caller, name: str, value: str, valid: str
) -> None:
    response = anonymous.get("results/", **{name: value})

    problem = assert_problem(response, 400, "bad-request")
    assert [error.field for error in problem.errors] == [name]
    assert valid in problem.detail


@pytest.mark.parametrize("at", ["2026-03-01T12:00:00+22:31", "0001-01-01T00:00:00+23:00", "9999-12-31T23:59:59-23:00"])
def test_time_in_a_zone_that_the_database_does_not_know_is_a_time(anonymous: Caller, at: str) -> None:
    assert anonymous.get("results/", updated_since=at).status_code == 200


def test_unknown_parameter_is_a_400_that_names_the_valid_ones(anonymous: Caller) -> None:
    problem = assert_problem(anonymous.get("results/", modell="MobileNetV1"), 400, "unknown-parameter")

    assert "Did you mean model?" in problem.detail
    assert "updated_since" in problem.detail
    assert [error.field for error in problem.errors] == ["modell"]


def test_parameter_that_is_there_twice_is_a_400(anonymous: Caller) -> None:
    response = anonymous.get("results/?model=MobileNetV1&model=MobileNetV2")

    assert "2 times" in assert_problem(response, 400, "bad-request").detail
