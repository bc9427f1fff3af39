"""Lease tokens: (attempt, fence), signed. Nothing secret is stored, and the same lease has the same token again."""

import re
from dataclasses import dataclass

from django.utils.crypto import constant_time_compare, salted_hmac

SALT = "apps.runs.leases"
_TOKEN = re.compile(r"zbl_([0-9]{1,18})_([0-9]{1,9})_([0-9a-f]{40})")


@dataclass(frozen=True)
class Lease:
    attempt_id: int
    fence: int


def lease_token(lease: Lease) -> str:
    return f"zbl_{lease.attempt_id}_{lease.fence}_{_signature(lease)}"


def read_lease_token(token: str) -> Lease | None:
    """The lease of a token, None for one that this site did not sign."""
    match = _TOKEN.fullmatch(token)
    if match is None:
        return None
    lease = Lease(int(match[1]), int(match[2]))
    return lease if constant_time_compare(match[3], _signature(lease)) else None


def _signature(lease: Lease) -> str:
    return salted_hmac(SALT, f"{lease.attempt_id}:{lease.fence}", algorithm="sha256").hexdigest()[:40]
