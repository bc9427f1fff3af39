"""`/data`: tables with every value, in three formats that say the same, and nothing again while nothing changed."""

import csv
import io
import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.core.cache import cache
from django.test import Client

from apps.board.exports import EXPORTS
from apps.core import tables
from apps.core.tables import FORMATS
from apps.results.models import Result
from tests.board.pages import read_page
from tests.factories import MODEL, NOW, make_leased, measure

MAX_QUERIES = 10
PATHS = [f"/data/{table}.{extension}" for table in EXPORTS for extension in ("csv", "json", "parquet")]

pytestmark = pytest.mark.usefixtures("published")


def body(response: Any) -> bytes:
    pieces: Iterable[bytes] = response.streaming_content
    return b"".join(pieces)


def csv_rows(response: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body(response).decode())))


def test_page_says_rows_sizes_and_columns(visitor: Client, django_assert_max_num_queries: Any) -> None:
    cache.clear()
    with django_assert_max_num_queries(MAX_QUERIES):
        page = read_page(visitor.get("/data"))

    sections = {section.find("h2")[0].text: section for section in page.find("section")}
    assert "399 rows" in sections["Results"].text
    assert "32 rows" in sections["Models"].text
    assert [code.text for code in sections["Models"].find("code")] == [c.name for c in EXPORTS["models"].columns]
    assert all("KB" in a.text for a in sections["Results"].find("a"))


@pytest.mark.parametrize("path", PATHS)
def test_size_on_the_page_is_that_of_the_download(visitor: Client, path: str) -> None:
    tables = visitor.get("/data?format=json").json()["tables"]

    [file] = [file for table in tables for file in table["downloads"] if file["url"] == path]
    response = visitor.get(path)
    assert len(body(response)) == file["size_bytes"]
    assert response["ETag"] == file["etag"]


def test_every_published_value_keeps_its_digits_and_its_source(visitor: Client) -> None:
    rows = csv_rows(visitor.get("/data/results.csv"))

    [row] = [r for r in rows if (r["model"], r["metric"], r["device"]) == ("MobileNetV1", "latency", "snapdragon-855")]
    assert (row["value"], row["printed"], row["unit"], row["origin"]) == ("32.523", "32.523", "ms", "published")
    assert (row["protocol"], row["source_section"], row["interval_low"]) == ("paddleclas-sd855-bs1", "2.4.3", "")
    assert all(row["source_document"] and row["protocol"] and row["origin"] for row in rows)


def test_three_formats_say_the_same(visitor: Client) -> None:
    measure(make_leased(model=MODEL))

    lines = csv_rows(visitor.get("/data/results.csv"))
    objects = json.loads(body(visitor.get("/data/results.json")))
    table = pq.read_table(io.BytesIO(body(visitor.get("/data/results.parquet")))).to_pylist()
    assert [float(line["value"]) for line in lines] == [o["value"] for o in objects] == [row["value"] for row in table]
    assert [o["printed"] for o in objects] == [row["printed"] for row in table]
    assert {o["interval_low"] is None for o in objects} == {True, False}
    assert [o["flags"] for o in objects] == [row["flags"] for row in table]


def test_parquet_carries_the_dictionary_in_its_schema(visitor: Client) -> None:
    schema = pq.read_schema(io.BytesIO(body(visitor.get("/data/results.parquet"))))

    columns = {column.name: column for column in EXPORTS["results"].columns}
    assert {field.name: field.metadata[b"help"].decode() for field in schema} == {n: c.help for n, c in columns.items()}


def test_rows_of_many_chunks_are_all_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "CHUNK_ROWS", 7)
    models = EXPORTS["models"]

    written = {name: b"".join(shape.write(models.columns, models.rows())) for name, shape in FORMATS.items()}

    names = pq.read_table(io.BytesIO(written["parquet"])).column("model").to_pylist()
    assert names == [o["model"] for o in json.loads(written["json"])]
    assert len(names) == len(written["csv"].decode().splitlines()) - 1 == 32


@pytest.mark.parametrize("table", EXPORTS)
def test_postgres_writes_the_csv_that_python_would(table: str) -> None:
    measure(make_leased(model=MODEL))
    result = Result.objects.filter(metric="latency").latest("id")
    odd = result.measured_at.replace(microsecond=120_000) if result.measured_at else None
    Result.objects.filter(pk=result.pk).update(
        flags=["outliers", "drift"],
        statistic='of "all", and\nmore',
        value=Decimal(100),
        interval_low=None,
        interval_high=None,
        measured_at=odd,
    )
    export = EXPORTS[table]

    by_python = b"".join(FORMATS["csv"].write(export.columns, export.rows()))

    assert b"".join(export.pieces("csv")) == by_python


def test_table_without_rows_is_valid_in_every_format() -> None:
    columns = EXPORTS["models"].columns

    written = {name: b"".join(shape.write(columns, [])) for name, shape in FORMATS.items()}

    assert json.loads(written["json"]) == []
    assert written["csv"].decode().splitlines() == [",".join(column.name for column in columns)]
    assert pq.read_table(io.BytesIO(written["parquet"])).num_rows == 0


@pytest.mark.parametrize("path", PATHS)
def test_what_did_not_change_is_not_sent_again(visitor: Client, path: str) -> None:
    etag = visitor.get(path)["ETag"]

    again = visitor.get(path, headers={"if-none-match": etag})

    assert (again.status_code, again.content) == (304, b"")


def test_new_result_changes_the_tag(visitor: Client) -> None:
    before = visitor.get("/data/results.csv")["ETag"]
    measure(make_leased(model=MODEL), at=NOW)

    after = visitor.get("/data/results.csv", headers={"if-none-match": before})

    assert after.status_code == 200
    assert after["ETag"] != before


def test_simulated_value_is_left_out(visitor: Client) -> None:
    assert measure(make_leased(is_simulated=True))

    assert len(csv_rows(visitor.get("/data/results.csv"))) == 399


def test_head_says_the_tag_without_reading_rows(visitor: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        response = visitor.head("/data/results.parquet")

    assert response["ETag"] == visitor.get("/data/results.parquet")["ETag"]
    assert response["Content-Disposition"].endswith('.parquet"')


@pytest.mark.parametrize("path", ["/data/results.xml", "/data/users.csv", "/data/-.-"])
def test_unknown_table_or_format_is_a_404(visitor: Client, path: str) -> None:
    assert visitor.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/data?x=1", "/data?format=csv", "/data/results.csv?model=MobileNetV1"])
def test_mistake_in_the_address_is_a_400(visitor: Client, path: str) -> None:
    assert visitor.get(path).status_code == 400
