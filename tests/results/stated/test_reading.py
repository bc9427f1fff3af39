"""Reading bodies: each row by itself, with its line, its digits and what is wrong with it."""

import json
from typing import Any

import pytest

from apps.core.api.body import Malformed
from apps.core.errors import TooLarge
from apps.results.stated import reading
from apps.results.stated.reading import Row, read_rows

JSON, NDJSON, CSV = "application/json", "application/x-ndjson", "text/csv"
VALUE = {"model": "A", "metric": "latency", "configuration": "c", "value": 1.5, "evidence": "summary"}


def line(**changes: Any) -> bytes:
    return json.dumps(VALUE | changes).encode()


def fields(row: Row) -> list[str]:
    return [problem["field"] for problem in row.problems]


def test_digits_stay_as_they_were_written() -> None:
    body = b"\n".join(
        line().replace(b"1.5", text) for text in (b"0.710", b"10", b"1.50e2", b'"0.710"', b"12.3456789012345678901")
    )

    rows = read_rows(body, NDJSON)

    assert [row.text for row in rows] == ["0.710", "10", "1.50e2", "0.710", "12.3456789012345678901"]


def test_rows_have_the_numbers_of_their_lines() -> None:
    rows = read_rows(b"\n" + line() + b"\n\n" + line(unit="us") + b"\r\n", NDJSON)

    assert [row.number for row in rows] == [2, 4]
    assert rows[1].value is not None
    assert rows[1].value.unit == "us"


def test_csv_says_the_same_as_json() -> None:
    body = (
        "\ufeffmodel,metric,configuration,value,evidence,n,measured_at,samples\r\n"
        "A,latency,c,0.710,samples,2,2026-03-01T12:00:00Z,0.70 0.72\r\n"
        'A,latency,"c",1.5,summary,,,\r\n'
    )

    first, second = read_rows(body.encode(), CSV)

    [same] = read_rows(
        line(value="0.710", evidence="samples", n=2, measured_at="2026-03-01T12:00:00Z", samples=[0.70, 0.72]), JSON
    )
    assert (first.number, second.number) == (2, 3)
    assert (first.value, first.text) == (same.value, same.text)
    assert second.value is not None
    assert (second.value.n, second.value.samples) == (None, [])


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"latency": 3}, "latency", "There is no field 'latency'. Valid ones: record_id, model"),
        ({"value": None}, "value", "Send a number"),
        ({"value": True}, "value", "Send a number"),
        ({"value": "1" * 30}, "value", "Send a number"),
        ({"n": "ten"}, "n", "valid integer"),
        ({"n": 0}, "n", "greater than or equal to 1"),
        ({"model": "a\0b"}, "model", "match pattern"),
        ({"model": 5}, "model", "valid string"),
        ({"evidence": "hearsay"}, "evidence", "'samples', 'summary', 'count' or 'published'"),
        ({"measured_at": "2026-03-01T12:00:00"}, "measured_at", "timezone"),
        ({"samples": [1, "x"]}, "samples.1", "valid number"),
        ({"corrects": -1}, "corrects", "greater than"),
    ],
)
def test_wrong_field_is_named_with_what_would_do(changes: dict[str, Any], field: str, said: str) -> None:
    [row] = read_rows(line(**changes), JSON)

    assert fields(row) == [field]
    assert said in row.problems[0]["message"]


def test_missing_fields_are_named() -> None:
    [row] = read_rows(b"{}", JSON)

    assert fields(row) == ["model", "metric", "value", "evidence"]


def test_broken_line_is_a_problem_of_its_row_alone() -> None:
    good, broken, other = read_rows(b"\n".join([line(), b'{"model": ', line()]), NDJSON)

    assert good.value == other.value is not None
    assert (broken.value, fields(broken)) == (None, [""])
    assert "JSON" in broken.problems[0]["message"]


@pytest.mark.parametrize("text", [b"NaN", b"Infinity", b"-1e999", b"1" * 5000])
def test_what_is_no_number_in_json_is_a_problem_and_no_crash(text: bytes) -> None:
    rows = read_rows(line().replace(b"1.5", text), NDJSON)

    assert len(rows) == 1
    assert fields(rows[0]) in (["value"], [""])


@pytest.mark.parametrize("text", [rb'"\ud800"', b'"\xff"', b"[" * 5000])
def test_text_that_is_none_is_a_problem_and_no_crash(text: bytes) -> None:
    [row] = read_rows(line().replace(b'"A"', text), NDJSON)

    assert row.problems


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"", NDJSON),
        (b"\n\n", NDJSON),
        (b"", CSV),
        (b"model,value\n", CSV),
        (b"model,colour\nA,red\n", CSV),
        (b"model,model\nA,B\n", CSV),
        (b"\xff\xfe", CSV),
        (b"{", JSON),
        (b"", JSON),
    ],
)
def test_body_without_anything_to_read_is_malformed(body: bytes, media_type: str) -> None:
    with pytest.raises(Malformed):
        read_rows(body, media_type)


def test_csv_row_with_more_cells_than_the_header_is_a_problem_of_its_own() -> None:
    [row] = read_rows(b"model,value\nA,1,2\n", CSV)

    assert row.value is None
    assert "more cells" in row.problems[0]["message"]


def test_too_many_rows_are_told_how_to_be_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_ROWS", 3)

    assert len(read_rows(b"\n".join([line()] * 3), NDJSON)) == 3
    for body in (b"\n".join([line()] * 4), b"\n" * 1000):
        with pytest.raises(TooLarge, match="split -l"):
            read_rows(body, NDJSON)
