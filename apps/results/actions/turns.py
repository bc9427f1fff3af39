"""Who waits for whom while submissions are stored."""

from django.db import connection

from apps.accounts.models import User

OWNER_LOCK = 1_651_466_342
"""Names our advisory locks on owners among all locks of the database."""


def take_turn_of(owner: User) -> None:
    """Until the end of the transaction nobody else stores what this owner sends in.

    Two calls that insert the same records in different orders would wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [OWNER_LOCK, owner.pk])
