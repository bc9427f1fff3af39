"""Secrets that are shown once and stored as a digest."""

import hashlib
import secrets
from dataclasses import dataclass

_ALPHABET = "abcdefghijkmnopqrstuvwxyz23456789"


@dataclass(frozen=True)
class NewSecret:
    """`public_id` finds the row, `digest` is stored, `token` is what its holder keeps."""

    public_id: str
    digest: str
    token: str


def new_secret(prefix: str, *, public_id: str | None = None) -> NewSecret:
    """A token `<prefix>_<id>_<secret>` with 256 bits of secret, under a new id or the one its holder has."""
    public_id = public_id or new_public_id()
    secret = secrets.token_urlsafe(32)
    return NewSecret(public_id, digest(secret), f"{prefix}_{public_id}_{secret}")


def new_public_id() -> str:
    """A short random name without look-alike characters."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(10))


def split_token(token: str, prefix: str) -> tuple[str, str] | None:
    """(public id, digest of the secret) of a token with this prefix, None when it has another shape."""
    start = f"{prefix}_"
    if not token.startswith(start):
        return None
    public_id, _, secret = token[len(start) :].partition("_")
    return (public_id, digest(secret)) if public_id and secret else None


def digest(secret: str) -> str:
    """sha256 is enough for a random 256-bit secret: there is nothing to guess, so nothing to slow down."""
    return hashlib.sha256(secret.encode()).hexdigest()


def public_id_of(token: str) -> str:
    """The part of a well-formed token that is no secret."""
    return token.split("_", 2)[1]
