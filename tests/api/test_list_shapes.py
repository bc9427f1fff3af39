"""Every list in every format, with the fields asked for, and not again while nothing changed."""

import csv
import io
from typing import Any

import pyarrow.parquet as pq
import pytest

from apps.core import tables
from apps.core.api import answers, lists
from tests.api.calls import Caller, assert_problem
from tests.api.listed import PUBLIC as LISTS
from tests.factories import accept_record, make_leased, measure

WHOLE = [
    "metrics/",
    "charts/",
    "leaderboard/",
    "pareto/?pareto=top1,storage",
    "compare/?models=MobileNetV1,MobileNetV2",
    "history/changes/?model=MobileNetV1",
]
NO_ROWS = ["schedules/", "history/changes/?model=MobileNetV1"]
STATIC = ["metrics/", "charts/"]

pytestmark = pytest.mark.usefixtures("published")


@pytest.fixture(autouse=True)
def _measured(published: None) -> None:
    attempt = make_leased(protocol="complexity-224")
    measure(attempt)
    accept_record(attempt.agent)


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def csv_rows(response: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body(response).decode())))


def test_lists_are_found() -> None:
    assert {"results/", "models/", "runs/", "agents/"} <= set(LISTS)


@pytest.mark.parametrize("path", [*LISTS, *WHOLE])
def test_files_have_the_rows_of_all_pages(anonymous: Caller, path: str) -> None:
    separator = "&" if "?" in path else "?"

    lines = csv_rows(anonymous.get(f"{path}{separator}format=csv"))
    response = anonymous.get(f"{path}{separator}format=parquet")

    table = pq.read_table(io.BytesIO(body(response)))
    assert response["Content-Type"] == "application/vnd.apache.parquet"
    assert table.column_names == list(lines[0]) if lines else path in NO_ROWS
    assert table.num_rows == len(lines)
    if path in LISTS:
        ids = [row["id"] for row in anonymous.all_rows(path, limit=7)]
        assert (
            [line["id"] for line in lines]
            == [str(each) for each in table["id"].to_pylist()]
            == [str(each) for each in ids]
        )


@pytest.mark.parametrize("path", [*LISTS, *WHOLE])
def test_what_did_not_change_is_not_sent_again(anonymous: Caller, path: str) -> None:
    for kind in ("json", "csv", "parquet"):
        address = f"{path}{'&' if '?' in path else '?'}format={kind}"
        etag = anonymous.get(address)["ETag"]

        again = anonymous.get_file(address, **{"If-None-Match": etag})

        assert (again.status_code, body(again)) == (304, b""), address


def test_new_result_changes_the_tag_of_every_format(anonymous: Caller) -> None:
    addresses = [f"{path}?format={kind}" for path in ("results/", "leaderboard/") for kind in ("json", "csv")]
    before = {
        address: anonymous.get(f"{address}&limit=1000" if "results" in address else address)["ETag"]
        for address in addresses
    }

    measure(make_leased(protocol="cpu-fp32-bs1"))

    after = {
        address: anonymous.get(f"{address}&limit=1000" if "results" in address else address)["ETag"]
        for address in addresses
    }
    assert all(before[address] != after[address] for address in addresses)


def test_long_file_is_streamed_and_has_its_tag_before_its_rows_are_read(
    anonymous: Caller, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    for module in (answers, lists, tables):
        monkeypatch.setattr(module, "CHUNK_ROWS", 50)

    response = anonymous.get("results/?format=csv")

    assert response.streaming
    assert len(csv_rows(response)) == len(anonymous.all_rows("results/", limit=1000))
    with django_assert_num_queries(1):
        again = anonymous.get_file("results/?format=csv", **{"If-None-Match": response["ETag"]})
    assert again.status_code == 304


def test_answers_are_packed_for_who_can_unpack_them(anonymous: Caller) -> None:
    for address in ("results/", "results/?format=csv", "leaderboard/"):
        packed = anonymous.get_file(address, **{"Accept-Encoding": "gzip"})

        assert packed["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in packed["Vary"]


def test_published_digits_are_in_every_format(anonymous: Caller) -> None:
    asked = "results/?model=MobileNetV1&metric=top1"

    [row] = anonymous.get(asked).json()["results"]
    [line] = csv_rows(anonymous.get(f"{asked}&format=csv"))

    assert (row["printed"], line["printed"], line["value"]) == ("0.710", "0.710", "0.71")
    [line] = csv_rows(anonymous.get("leaderboard/?q=MobileNetV1_x0_25&columns=top1&format=csv"))
    assert line["top1.paddleclas-accuracy"] == "0.514"


def test_unit_is_in_every_row_and_in_the_head_of_a_wide_file(anonymous: Caller) -> None:
    lines = csv_rows(anonymous.get("results/?metric=latency,storage&format=csv"))
    head = csv_rows(anonymous.get("leaderboard/?columns=storage&format=csv"))[0]

    assert {(line["metric"], line["unit"]) for line in lines} == {("latency", "ms"), ("storage", "MiB")}
    assert [name.partition(" ")[2] for name in head if name.startswith("storage.")] == ["[MiB]", "source"]


@pytest.mark.parametrize("path", [*LISTS, *STATIC])
def test_fields_asked_for_are_all_that_a_row_has(anonymous: Caller, path: str) -> None:
    rows = anonymous.get(path).json()["results"]
    names = list(rows[0])[:3] if rows else ["id", "title", "requested_by"]

    sparse = anonymous.get(path, fields=",".join(reversed(names))).json()["results"]

    assert sparse == [{name: row[name] for name in names} for row in rows]
    head = body(anonymous.get(path, fields=names[1], format="csv")).decode().splitlines()[0]
    assert head == names[1]


def test_interval_has_two_columns_and_what_is_nested_is_json(anonymous: Caller) -> None:
    measure(make_leased(protocol="cpu-fp32-bs1"))

    [line] = csv_rows(anonymous.get("results/?metric=latency&origin=run&format=csv"))
    device = csv_rows(anonymous.get("devices/?format=csv&fields=slug,peak_flops"))[0]

    assert float(line["interval_low"]) < float(line["value"]) < float(line["interval_high"])
    assert device["peak_flops"].startswith("{")


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"fields": "model,size"}, "fields"),
        ({"fields": ""}, "fields"),
        ({"format": "xml"}, "format"),
        ({"sort": "colour"}, "sort"),
        ({"sort": "--value"}, "sort"),
        ({"min.value": "much"}, "min.value"),
        ({"max.value": "1e999"}, "max.value"),
        ({"max.value": "nan"}, "max.value"),
        ({"min.updated_at": "yesterday"}, "min.updated_at"),
        ({"model": "MobileNetV1,MobileNetV9"}, "model"),
        ({"is_simulated": "perhaps"}, "is_simulated"),
        ({"limit": "0", "format": "csv"}, "limit"),
    ],
)
def test_mistake_is_a_400_that_names_the_field(anonymous: Caller, parameters: dict[str, str], field: str) -> None:
    problem = assert_problem(anonymous.get("results/", **parameters), 400, "bad-request")

    assert [error.field for error in problem.errors] == [field]


def test_limit_and_cursor_cut_a_file_too(anonymous: Caller) -> None:
    first = anonymous.get("results/", limit=10).json()

    lines = csv_rows(anonymous.client.get(f"{first['next']}&format=csv"))

    assert len(lines) == 10
    assert int(lines[0]["id"]) > first["results"][-1]["id"]


def test_what_a_client_accepts_refuses_nothing(anonymous: Caller) -> None:
    response = anonymous.get_file("results/?format=csv", Accept="text/csv")

    assert (response.status_code, response["Content-Type"]) == (200, "text/csv; charset=utf-8")
