"""Tables as CSV, JSON and Parquet, written piece by piece: a million rows take no more memory than a few."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from apps.board.exports import CHUNK_ROWS, ExportColumn, Row
from apps.core.api.renderers import dumps

Columns = Sequence[ExportColumn]


@dataclass(frozen=True)
class Format:
    content_type: str
    write: Callable[[Columns, Iterable[Row]], Iterator[bytes]]


def csv_pieces(columns: Columns, rows: Iterable[Row]) -> Iterator[bytes]:
    """With a header; missing values are empty, lists are joined by blanks, times are ISO 8601 in UTC."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.name for column in columns])
    yield text.getvalue().encode()
    for chunk in _chunks(rows):
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([_csv_value(value) for value in row] for row in chunk)
        yield text.getvalue().encode()


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
                pa.array([_number(value) for value in values], type=field.type)
                for values, field in zip(zip(*chunk, strict=True), schema, strict=True)
            ]
            writer.write_table(pa.table(arrays, schema=schema))
            yield _drained(sink)
        writer.close()
        yield _drained(sink)


def _field(pa: Any, column: ExportColumn) -> Any:
    types = {
        "text": pa.string(),
        "integer": pa.int64(),
        "number": pa.float64(),
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
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return " ".join(value) if isinstance(value, list) else value


def _number(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


FORMATS = {
    "csv": Format("text/csv; charset=utf-8", csv_pieces),
    "json": Format("application/json", json_pieces),
    "parquet": Format("application/vnd.apache.parquet", parquet_pieces),
}
