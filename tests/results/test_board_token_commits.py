"""The board's token among transactions that overlap."""

import psycopg
import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo

from apps.results.board_token import board_token
from tests.factories import seed_catalogue


@pytest.mark.django_db(transaction=True)
def test_write_that_began_first_and_is_committed_last_is_seen() -> None:
    seed_catalogue()
    rename = "UPDATE catalog_family SET title = 'Another' WHERE slug = %s"
    with psycopg.connect(_address()) as slow, psycopg.connect(_address()) as quick:
        slow.execute(rename, ["MobileNetV1"])
        quick.execute(rename, ["MobileNetV2"])
        quick.commit()
        before = board_token()
        slow.commit()
        after = board_token()

    assert before != after


def _address() -> str:
    parameters = connection.get_connection_params()
    return make_conninfo(
        **{name: parameters[name] for name in ("dbname", "user", "password", "host", "port") if parameters.get(name)}
    )
