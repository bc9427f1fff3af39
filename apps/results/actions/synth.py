"""Filling a database with a zoo that does not exist."""

from datetime import datetime

import numpy as np
from django.db import connection, transaction

from apps.catalog.models import Family, Protocol
from apps.core.errors import Conflict
from apps.results.actions.board import rebuild_board
from apps.results.board_token import fold_changes
from apps.results.models import Origin, Result
from apps.results.synthetic import PREFIX
from apps.results.synthetic.catalogue import store_catalogue
from apps.results.synthetic.history import make_attempts
from apps.results.synthetic.rows import History
from apps.results.synthetic.table import store_table
from apps.results.synthetic.zoo import make_zoo


class NotForSynthesis(Conflict):
    """This database is no place for a made-up zoo."""


def synthesise(*, results: int, models: int, devices: int, seed: int, is_forced: bool, at: datetime) -> int:
    """Store a made-up zoo and make the board's table anew. Returns how many cells the board has.

    `results` counts the measured ones; each model has the values of a made-up table beside them.
    Raises NotForSynthesis.
    """
    with transaction.atomic():
        _check(is_forced=is_forced)
        # Else Postgres would remember every row until the end, to look at its foreign keys then.
        _execute("SET CONSTRAINTS ALL IMMEDIATE")
        rng = np.random.default_rng(seed)
        zoo = make_zoo(models=models, devices=devices, rng=rng)
        catalogue = store_catalogue(zoo, at=at)
        store_table(zoo, catalogue, at=at)
        attempts = make_attempts(zoo, results=results, rng=rng)
        History.of(attempts, zoo=zoo, catalogue=catalogue, results=results, end=at, rng=rng).store()
        cells = rebuild_board()
    # Postgres plans by what it knows of its tables, and would learn of these rows only by and by.
    _execute("ANALYZE")
    # Before a process asks, as the sweep would.
    fold_changes()
    return cells


def _check(*, is_forced: bool) -> None:
    if not Protocol.objects.exists():
        raise NotForSynthesis("There is no catalogue: run `manage.py seed` first.")
    if Family.objects.filter(slug__startswith=PREFIX).exists():
        raise NotForSynthesis("There is a synthetic zoo already: use a new database for another one.")
    measured = Result.objects.exclude(origin=Origin.PUBLISHED)
    if not is_forced and measured.exists():
        raise NotForSynthesis(
            f"Somebody measured {measured.count()} results of this database, and made-up ones would stand beside them: "
            "use a new database, or --force."
        )


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
