"""Rows by COPY, which takes a tenth of the time of INSERT."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models


def take_ids(model: type[models.Model], count: int) -> list[int]:
    """Numbers for rows of a table that nobody else gets."""
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count])
        return [number for (number,) in cursor.fetchall()]


def copy_rows(model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows of values in the order of `fields`; what is left out has the database's default, so null."""
    columns = {field.name: str(field.column) for field in model._meta.concrete_fields}
    names = ", ".join(connection.ops.quote_name(columns[field]) for field in fields)
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
