"""The published tables in a transaction that outlives single tests: taking them in takes seconds."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection, transaction

from apps.results.actions.publish import publish_tables
from apps.results.published import read_tables
from tests.factories import NOW, seed_catalogue


@contextmanager
def published_tables() -> Iterator[None]:
    """Catalogue and published tables, gone at the end."""
    seed_catalogue()
    with transaction.atomic():
        publish_tables(tables=read_tables(settings.FIXTURES_DIR / "published"), at=NOW)
        # Outside of this transaction the tables are empty, and that is what the planner would expect of them.
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        yield
        transaction.set_rollback(True)
