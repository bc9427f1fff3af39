"""Statements that Postgres plans once for a connection instead of once for every request."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper
from django.db.models import QuerySet
from django.db.models.sql.compiler import SQLCompiler


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
    return _executed(compiler, statement, values)


@dataclass(frozen=True)
class Written:
    """A `values_list()` that is written once for each `key`, which says all that it depends on."""

    key: Hashable
    rows: Callable[[], QuerySet[Any, tuple[Any, ...]]] = field(compare=False)


def prepared_again(written: Written) -> list[tuple[Any, ...]]:
    """As `prepared`. Of a list with a dozen joins Django takes as long to write the statement as to read its rows."""
    try:
        return _executed(*_compiled(written))
    except EmptyResultSet:
        return []


@lru_cache(maxsize=128)
def _compiled(written: Written) -> tuple[SQLCompiler, str, tuple[Any, ...]]:
    compiler = written.rows().query.get_compiler(connection=connection)
    return compiler, *compiler.as_sql()


def prepared_row(statement: str) -> tuple[Any, ...]:
    """The only row of a statement without values."""
    with _cursor() as cursor:
        cursor.execute(statement)
        row: tuple[Any, ...] = cursor.fetchone()
        return row


class Lookup:
    """The rows of one name, by a statement that Django writes once: that takes it longer than Postgres to answer.

    `rows` gives the `values_list()` of a name, with the name in it as text and nothing decided by what it is.
    """

    def __init__(self, rows: Callable[[str], QuerySet[Any, tuple[Any, ...]]]) -> None:
        self._rows = rows

    def __call__(self, name: str) -> list[tuple[Any, ...]]:
        compiler, statement, values = self._written
        return _executed(compiler, statement, tuple(name if value is _OPEN else value for value in values))

    @cached_property
    def _written(self) -> tuple[SQLCompiler, str, tuple[Any, ...]]:
        compiler = self._rows(_OPEN).query.get_compiler(connection=connection)
        statement, values = compiler.as_sql()
        assert any(value is _OPEN for value in values), "the name must reach the statement as it is"
        return compiler, statement, tuple(values)


class _Open(str):
    """Stands for a name that is not known yet."""


_OPEN = _Open("open")


def _executed(compiler: SQLCompiler, statement: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    with _cursor() as cursor:
        cursor.execute(statement, values)
        rows: Any = compiler.results_iter([cursor.fetchall()], tuple_expected=True)
        return list(rows)


@contextmanager
def _cursor() -> Iterator[CursorWrapper]:
    """One whose statements are prepared. The wrapper stays, with its errors and its log of queries."""
    with connection.cursor() as cursor:
        cursor.cursor = ServerBindingCursor(connection.connection)  # type: ignore[call-arg]  # Stubs of psycopg2.
        yield cursor
