"""Tables as CSV, JSON and Parquet, written piece by piece: a million rows take no more memory than a few."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from apps.core.api.renderers import dumps

CHUNK_ROWS = 2_000

Row = tuple[Any, ...]


@dataclass(frozen=True)
class TableColumn:
    """`kind` is text, integer, number, boolean, time or texts (a list).

    `path` leads from a query's model to the value, where one query gives the whole table. `unit` is for readers of the
    dictionary; a value whose unit depends on the row says so.
    """

    name: str
    kind: str
    path: str = ""
    help: str = ""
    unit: str = ""


Columns = Sequence[TableColumn]


@dataclass(frozen=True)
class Format:
    content_type: str
    write: Callable[[Columns, Iterable[Row]], Iterator[bytes]]


def csv_pieces(columns: Columns, rows: Iterable[Row]) -> Iterator[bytes]:
    """With a header; missing values are empty, lists are joined by blanks, times are ISO 8601 in UTC."""
    yield csv_header(columns)
    for chunk in _chunks(rows):
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([_csv_value(value) for value in row] for row in chunk)
        yield text.getvalue().encode()


def csv_header(columns: Columns) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow([column.name for column in columns])
    return text.getvalue().encode()


def json_pieces(columns: Columns, rows: Iterable[Row]) -> Iterator[bytes]:
    """An array of objects, one row a line."""
    names = [column.name for column in columns]
    lead = b"[\n"
    for chunk in _chunks(rows):
        yield lead + b",\n".join(dumps(dict(zip(names, row, strict=True))) for row in chunk)
        lead = b",\n"
    yield b"[]\n" if lead == b"[\n" else b"\n]\n"


def parquet_pieces(columns: Columns, rows: Iterable[Row]) -> Iterator[bytes]:
    """A row group per chunk. Help and unit of each column are in its field's metadata."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([_field(pa, column) for column in columns])
    sink = io.BytesIO()
    with pq.ParquetWriter(pa.PythonFile(sink, mode="w"), schema) as writer:
        for chunk in _chunks(rows):
            arrays = [
                pa.array(_numbers(values) if field.type == pa.float64() else values, type=field.type)
                for values, field in zip(zip(*chunk, strict=True), schema, strict=True)
            ]
            writer.write_table(pa.table(arrays, schema=schema))
            yield _drained(sink)
        writer.close()
        yield _drained(sink)


def _field(pa: Any, column: TableColumn) -> Any:
    types = {
        "text": pa.string(),
        "integer": pa.int64(),
        "number": pa.float64(),
        "boolean": pa.bool_(),
        "time": pa.timestamp("us", tz="UTC"),
        "texts": pa.list_(pa.string()),
    }
    return pa.field(column.name, types[column.kind], metadata={"help": column.help, "unit": column.unit})


def _drained(sink: io.BytesIO) -> bytes:
    piece = sink.getvalue()
    sink.seek(0)
    sink.truncate()
    return piece


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    rows = iter(rows)
    while chunk := list(islice(rows, CHUNK_ROWS)):
        yield chunk


def _csv_value(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return " ".join(value) if isinstance(value, list) else value


def _numbers(values: Iterable[Any]) -> list[float | None]:
    """Printed digits among them, which CSV keeps as they are."""
    return [None if value is None else float(value) for value in values]


FORMATS = {
    "csv": Format("text/csv; charset=utf-8", csv_pieces),
    "json": Format("application/json", json_pieces),
    "parquet": Format("application/vnd.apache.parquet", parquet_pieces),
}
