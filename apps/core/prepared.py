"""Statements that Postgres plans once for a connection instead of once for every request."""

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.models import QuerySet


def prepared(rows: QuerySet[Any, tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The rows of a `values_list()`, as evaluating it would give them.

    A list that joins a dozen tables takes Postgres far longer to plan than to execute. Values travel apart from the
    statement, so that the next request with the same parameters in its address finds it planned.
    """
    compiler = rows.query.get_compiler(connection=connection)
    try:
        statement, values = compiler.as_sql()
    except EmptyResultSet:
        return []
    with connection.cursor() as cursor:
        # The wrapper stays, with its errors and its log of queries.
        cursor.cursor = ServerBindingCursor(connection.connection)  # type: ignore[call-arg]  # Stubs of psycopg2.
        cursor.execute(statement, values)
        return list(compiler.results_iter([cursor.fetchall()], tuple_expected=True))
