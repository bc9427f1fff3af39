"""Many new rows at once: by COPY, since building and preparing a model's instances costs more than Postgres does."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection, models


def reserve_ids(model: type[models.Model], count: int) -> list[int]:
    """Primary keys that no other row will get."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count])
        return [row[0] for row in cursor.fetchall()]


def copy_rows(model: type[models.Model], rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert rows of {column: value}; a column that one leaves out has its field's default.

    Raises the errors of `django.db`; constraints and triggers hold as for any other insert.
    """
    columns = {
        str(field.column): None if field.primary_key else field.get_db_prep_save(field.get_default(), connection)
        for field in model._meta.local_concrete_fields
        if not field.generated
    }
    quote = connection.ops.quote_name
    statement = f"COPY {quote(model._meta.db_table)} ({', '.join(map(quote, columns))}) FROM STDIN"
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([row.get(column, default) for column, default in columns.items()])
