"""A token that tells one state of the board from another without reading the board."""

from django.db import connection, models

from apps.catalog.models import Artifact, Comparability, Configuration, DeviceKind, Family, Network, Protocol
from apps.results.models import BoardCell, Result, Source

_WHOLE = (BoardCell, Source, Network, Family, Configuration, Protocol, DeviceKind, Artifact, Comparability)

_ROWS = """
    SELECT {number}, count(*), sum(xmin::text::bigint), sum(hashtext(ctid::text)::bigint) FROM {table} {where}
"""
"""A new version of a row has the number of its transaction and a place of its own; a deleted one is missing."""


def board_token() -> str:
    """Another one after anything that the board shows was written, by whomever; the same while nothing was.

    One query over the board's cells, their results and the catalogue: no lock, and no bookkeeping by those who write.
    Like any query it sees what was committed, and what its own transaction wrote.
    """
    with connection.cursor() as cursor:
        cursor.execute(_query())
        return ";".join(",".join(map(str, row)) for row in sorted(cursor.fetchall()))


def _query() -> str:
    cells, results = _table(BoardCell), _table(Result)
    shown = f"WHERE id IN (SELECT result_id FROM {cells})"  # noqa: S608 - names of our own tables
    sources = [*((_table(model), "") for model in _WHOLE), (results, shown)]
    return " UNION ALL ".join(
        _ROWS.format(number=number, table=table, where=where) for number, (table, where) in enumerate(sources)
    )


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)
