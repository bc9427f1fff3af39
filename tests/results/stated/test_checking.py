"""Checking a stated value: every refusal names its field and says what would do."""

from datetime import timedelta
from typing import Any

import pytest

from apps.catalog.actions import configuration_for
from apps.catalog.models import DeviceKind, Protocol
from apps.core.errors import FieldError
from apps.results.stated.catalogue import load_catalogue_for
from apps.results.stated.checking import Checked, check_row
from apps.results.stated.reading import read_rows
from tests.factories import MODEL, NOW
from tests.stated import LATENCY, SLUG, TOP1, ndjson

pytestmark = pytest.mark.usefixtures("catalogue")


def check(record: dict[str, Any]) -> Checked | list[FieldError]:
    [row] = read_rows(ndjson([record]), "application/x-ndjson")
    return check_row(row, load_catalogue_for([row.value] if row.value else []), at=NOW)


def checked(record: dict[str, Any]) -> Checked:
    found = check(record)
    assert isinstance(found, Checked), found
    return found


def without(record: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name not in names}


def test_value_keeps_what_was_written_beside_what_it_is() -> None:
    value = checked(LATENCY | {"value": "12500.0", "unit": "us"})

    assert (str(value.value), value.printed, value.place.slug) == ("12.50000000", "12500.0 us", SLUG)


def test_unit_and_format_make_no_other_record_of_it() -> None:
    bodies = {
        checked(LATENCY | changes).sha256
        for changes in ({}, {"value": "12.50"}, {"value": 12500, "unit": "us"}, {"device": "Snapdragon 855"})
    }

    assert len(bodies) == 1


@pytest.mark.parametrize(
    "changes", [{"value": 12.6}, {"engine_release": "2"}, {"n": 30}, {"measured_at": "2026-02-01T00:00:00Z"}]
)
def test_anything_else_that_is_said_makes_another_record(changes: dict[str, Any]) -> None:
    assert checked(LATENCY | changes).sha256 != checked(LATENCY).sha256


def test_configuration_that_exists_may_be_named_alone() -> None:
    kind = DeviceKind.objects.get(slug="snapdragon-855")
    protocol = Protocol.objects.get(slug="sd855-bs1-t1")
    configuration = configuration_for(protocol=protocol, engine="ncnn", device_kind=kind)

    value = checked(without(LATENCY, "protocol", "engine", "device") | {"configuration": SLUG})

    assert value.place.configuration_id == configuration.pk
    assert value.sha256 == checked(LATENCY).sha256
    assert check(LATENCY | {"configuration": SLUG, "engine": "tflite"}) == [
        {"field": "engine", "message": f"{SLUG} is of engine ncnn, not tflite: leave one of them out."}
    ]


def test_published_protocol_needs_neither_engine_nor_device() -> None:
    value = checked(without(LATENCY, "engine", "device") | {"protocol": "paddleclas-sd855-bs1"})

    assert value.place.slug == "paddleclas-sd855-bs1"


def test_samples_give_their_number_and_the_value_must_follow_from_them() -> None:
    record = LATENCY | {"evidence": "samples", "statistic": "", "samples": [12.4, 12.52, 12.9]}

    value = checked(record | {"value": "12.5"})

    assert (value.n, value.statistic) == (3, "median")
    found = check(record | {"value": "12.50"})
    assert isinstance(found, list)
    assert "the median of its samples 12.52" in found[0]["message"]
    assert isinstance(check(record | {"value": "12.61", "statistic": "mean"}), Checked)


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"model": "MobileNetV1_x025"}, "model", "Did you mean MobileNetV1_x0_25"),
        ({"model": "Nothing like it"}, "model", "/api/v1/models/ lists them"),
        ({"metric": "latenzy"}, "metric", "Did you mean latency?"),
        ({"metric": "colour"}, "metric", "Valid: cpu_time, device_time"),
        ({"metric": "top1", "value": 0.5}, "metric", "sd855-bs1-t1 v1 is about latency, storage, not about top1"),
        ({"protocol": "sd855-bs1-t8"}, "protocol", "Did you mean sd855-bs1-t"),
        ({"protocol": ""}, "configuration", "a configuration, or protocol, engine and device"),
        ({"protocol_version": 9}, "protocol_version", "the newest one is 1"),
        ({"configuration": "nowhere"}, "configuration", "/api/v1/configurations/ lists them"),
        ({"engine": "ncn"}, "engine", "Did you mean ncnn"),
        ({"engine": ""}, "engine", "takes paddle-lite, ncnn"),
        ({"engine": "stub"}, "device", "Nobody measures on a simulated device"),
        ({"device": "snapdragon-865"}, "device", "Did you mean snapdragon-855"),
        ({"device": "tesla-t4"}, "device", "is for a phone, Tesla T4 is a gpu"),
        ({"device": "snapdragon-855-plus"}, "device", "is for Snapdragon 855, measured was Snapdragon 855 Plus"),
        ({"unit": "MB"}, "value", "'MB' is no unit of latency: send one of ns, us"),
        ({"value": "12,5"}, "value", "with a point as decimal mark"),
        ({"value": 0.001}, "value", "MACs x batch 1 take at Snapdragon 855's peak"),
        ({"evidence": "samples"}, "samples", 'Samples come with "evidence": "samples"'),
        ({"samples": [12.5]}, "samples", 'Samples come with "evidence": "samples"'),
        ({"evidence": "published"}, "citation", "Nobody fetches it"),
        ({"evidence": "count"}, "evidence", "latency is measured"),
        ({"statistic": ""}, "statistic", "Say what the summary is"),
        ({"measured_at": "2026-03-05T12:00:00Z"}, "measured_at", "in the future"),
        ({"evidence": "samples", "statistic": "", "samples": [12.5, 0]}, "samples", "above zero"),
        ({"metric": "storage", "evidence": "samples", "samples": [12.5]}, "samples", "Samples are of latency"),
        ({"evidence": "samples", "statistic": "", "samples": [12.5], "n": 7}, "n", "there are 1 samples"),
        ({"evidence": "samples", "statistic": "p90", "samples": [12.5]}, "statistic", "their median or mean"),
    ],
)
def test_refusal_names_the_field_and_what_would_do(changes: dict[str, Any], field: str, said: str) -> None:

    found = check(LATENCY | changes)

    assert isinstance(found, list)
    [message] = [problem["message"] for problem in found if problem["field"] == field]
    assert said in message


def test_everything_that_is_wrong_is_told_at_once() -> None:
    found = check(LATENCY | {"model": "X", "metric": "Y", "protocol": "Z", "statistic": ""})

    assert isinstance(found, list)
    assert [problem["field"] for problem in found] == ["model", "metric", "protocol", "statistic"]


def test_device_of_a_protocol_for_one_kind_need_not_be_said() -> None:
    assert checked(without(LATENCY, "device")).place.slug == SLUG


def test_device_is_asked_for_where_it_matters() -> None:
    found = check(LATENCY | {"protocol": "phone-bs1-t1", "device": ""})

    assert found == [{"field": "device", "message": "Say on which kind of phone it was measured."}]


def test_clock_that_is_a_little_ahead_is_taken() -> None:
    assert checked(LATENCY | {"measured_at": (NOW + timedelta(hours=20)).isoformat()})


@pytest.mark.parametrize(("value", "is_taken"), [("41.03", True), ("41", True), ("45", False), ("82.06", False)])
def test_count_must_be_the_sites_own_as_far_as_its_digits_go(value: str, is_taken: bool) -> None:
    found = check({"model": MODEL, "metric": "macs", "protocol": "complexity-224", "value": value, "evidence": "count"})

    assert isinstance(found, Checked) == is_taken, found


def test_accuracy_of_a_citation_is_a_fraction_whatever_it_came_as() -> None:
    value = checked(TOP1)

    assert (str(value.value), value.printed, value.place.slug) == (
        "0.51200000",
        "51.2 %",
        "accuracy-imagenet1k.onnxruntime",
    )


def test_many_wrong_names_are_told_apart_without_taking_long() -> None:
    rows = read_rows(ndjson([LATENCY | {"model": f"Nobody{number}"} for number in range(2000)]), "application/x-ndjson")
    catalogue = load_catalogue_for(row.value for row in rows if row.value)

    found = [check_row(row, catalogue, at=NOW) for row in rows]

    assert all(f"Nobody{number}" in str(said) for number, said in enumerate(found))
    assert len(catalogue.hints) <= 50
