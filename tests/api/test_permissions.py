"""Every operation of the API, called by everybody: who is refused, and that a refusal changes nothing."""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from django.db import transaction

from apps.accounts.actions import create_token
from apps.accounts.models import Scope, User
from apps.core.tokens import public_id_of
from apps.fleet.actions import rotate_token
from tests.api.calls import Caller, row_counts
from tests.api.permissions import ACTORS, BODIES, ROWS, operations
from tests.board.addresses import Site, make_site
from tests.factories import NOW, make_user

REFUSED = (401, 403)
OWN_SCOPES = [scope for scope in Scope if scope != Scope.ADMIN]


@pytest.fixture(scope="module")
def site(tables: None, django_db_blocker: Any) -> Iterator[Site]:
    """Gone with the published tables, in whose transaction it is."""
    with django_db_blocker.unblock():
        yield make_site(make_user("owner of the site"))


@pytest.fixture(scope="module")
def callers(site: Site, django_db_blocker: Any) -> dict[str, Caller]:
    with django_db_blocker.unblock():
        return {
            "anonymous": Caller(),
            "reader": caller_of(make_user(), Scope.READ),
            "submitter": caller_of(make_user(), Scope.SUBMIT),
            "owner": caller_of(site.owner, *OWN_SCOPES),
            "other owner": caller_of(make_user(), *OWN_SCOPES),
            "agent": Caller(rotate_token(agent=site.attempt.agent, at=NOW)),
            "admin": caller_of(make_user(is_staff=True), *Scope),
        }


def caller_of(user: User, *scopes: Scope) -> Caller:
    return Caller(create_token(user=user, name="test", scopes=scopes, at=NOW, life=None))


def test_every_operation_has_a_row() -> None:
    assert sorted(operations()) == sorted(ROWS), "say in tests/api/permissions.py who may call it"


@pytest.mark.parametrize("operation", ROWS)
def test_who_may_call_is_who_the_row_says(callers: dict[str, Caller], site: Site, db: None, operation: str) -> None:
    statuses = {actor: status_of(operation, callers[actor], site) for actor in ACTORS}

    allowed = {actor for actor, status in statuses.items() if status not in REFUSED}
    assert allowed == ROWS[operation], statuses
    assert 405 not in statuses.values()
    assert 500 not in statuses.values()
    # Without a token that is one of a user, or of an agent where only agents call, nobody is known to be refused.
    unknown = {"anonymous", "agent"} if ROWS[operation] != ROWS["POST agent/lease"] else set(ACTORS) - {"agent"}
    assert all(statuses[actor] == (401 if actor in unknown else 403) for actor in set(ACTORS) - allowed), statuses


def status_of(operation: str, caller: Caller, site: Site) -> int:
    """Whatever the call changes is as before; a refused one changed nothing."""
    method, route = operation.split(" ", 1)
    address = site.address(f"api/v1/{route}")
    with transaction.atomic():
        before = row_counts()
        response = caller.client.generic(method, address, *body_of(operation), headers=caller.headers)
        assert response.status_code not in REFUSED or row_counts() == before
        transaction.set_rollback(True)
    # Who may call with a lease is refused without one: that is about the lease.
    is_lease = response.status_code == 403 and response.json()["type"] == "foreign-lease"
    return 409 if is_lease else int(response.status_code)


def body_of(operation: str) -> tuple[bytes, str]:
    if operation.startswith("GET"):
        return b"", "application/octet-stream"
    return orjson.dumps(BODIES.get(operation, {})), "application/json"


@pytest.mark.parametrize("scopes", [[Scope.READ], [Scope.SUBMIT]])
def test_token_may_end_itself_alone(site: Site, db: None, scopes: list[Scope]) -> None:
    user = make_user()
    token = create_token(user=user, name="short-lived", scopes=scopes, at=NOW, life=None)
    other = create_token(user=user, name="other", scopes=[Scope.READ], at=NOW, life=None)

    assert Caller(token).delete(f"tokens/{public_id_of(other)}/").status_code == 403
    assert Caller(token).delete(f"tokens/{public_id_of(token)}/").status_code == 204

    assert Caller(token).get("models/").status_code == 401
    assert Caller(other).get("models/").status_code == 200
