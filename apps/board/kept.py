"""Pictures, sentences and pages, kept by all that they depend on: content, and the code that makes them."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from threading import RLock
from typing import Any, TypeVar
from weakref import WeakValueDictionary

import orjson
from django.core.cache import cache
from redis.exceptions import RedisError

from apps import compare, core

LIFE_S = 7 * 24 * 3600

T = TypeVar("T")


def kept(kind: str, content: Any, build: Callable[[], T]) -> T:
    """What was built of this content before, else what `build` makes now.

    Building takes from a tenth of a second to seconds: who needs the same meanwhile waits for it. Without a cache it is
    done every time.
    """
    key = f"{kind}:{digest([drawing_code(), content])}"
    try:
        found: T | None = cache.get(key)
        if found is not None:
            return found
        with _turn(key):
            found = cache.get(key)
            if found is None:
                found = build()
                _keep(key, found)
            return found
    except RedisError:
        return build()


_turns: WeakValueDictionary[str, "_Turn"] = WeakValueDictionary()


class _Turn:
    """A lock that is there as long as somebody holds it or waits for it."""

    def __init__(self) -> None:
        self.lock = RLock()


@contextmanager
def _turn(key: str) -> Iterator[None]:
    turn = _turns.setdefault(key, _Turn())
    with turn.lock:
        yield


def digest(content: Any) -> str:
    return hashlib.sha256(orjson.dumps(content)).hexdigest()


@lru_cache(maxsize=1)
def drawing_code() -> str:
    """A digest of what draws: another release must not show what the one before drew."""
    folders = (Path(compare.__file__).parent, Path(core.__file__).parent, Path(__file__).parent)
    sources = sorted(source for folder in folders for kind in ("*.py", "*.html") for source in folder.rglob(kind))
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()


def _keep(key: str, built: object) -> None:
    try:
        cache.set(key, built, LIFE_S)
    except RedisError:
        # Then it is built again.
        return
