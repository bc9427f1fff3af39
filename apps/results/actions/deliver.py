"""Answering a call that sends stated values in, and the same call again the same."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from apps.accounts.models import User
from apps.core.errors import Conflict
from apps.results.actions.turns import take_turn_of
from apps.results.models import Delivery

ANSWERS_ARE_KEPT_FOR = timedelta(days=7)
"""After that a record that is sent again is known by its own name only."""


class OtherDelivery(Conflict):
    type = "other-delivery"
    title = "Another call had this key"


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes


@transaction.atomic
def deliver_once(*, owner: User, key: str, call: bytes, act: Callable[[], Answer], at: datetime) -> Answer:
    """What `act` answers, or what it answered when its owner made this very call under this key before.

    `call` is the body with all that says how to read it. Raises OtherDelivery for another one.
    """
    # A second client with the key waits here until the first one's answer is there or will never be.
    take_turn_of(owner)
    sha256 = hashlib.sha256(call).hexdigest()
    before = Delivery.objects.filter(owner=owner, key=key).first()
    if before is None:
        answer = act()
        Delivery.objects.create(
            owner=owner, key=key, sha256=sha256, status=answer.status, answer=Delivery.pack(answer.body), created_at=at
        )
        return answer
    if before.sha256 != sha256:
        raise OtherDelivery(f"You made another call with the Idempotency-Key {key!r}: choose a new key for a new body.")
    return Answer(before.status, before.unpack())


def forget_old_deliveries(*, at: datetime) -> int:
    """Returns how many are gone."""
    return Delivery.objects.filter(created_at__lt=at - ANSWERS_ARE_KEPT_FOR).delete()[0]
