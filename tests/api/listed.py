"""The lists of the API, found in its addresses: a new list is tested without a word here."""

from typing import Any

from apps.core.api.lists import ListView
from zooboard.urls import api_v1


def _view(pattern: Any) -> type:
    found: type = getattr(getattr(pattern, "callback", None), "cls", object)
    return found


VIEWS: dict[str, type[ListView]] = {
    str(pattern.pattern): view for pattern in api_v1 if issubclass(view := _view(pattern), ListView)
}
PERSONAL = ("tokens/",)
"""Those that show everybody something else, and nothing to who has no account."""
PUBLIC = sorted(set(VIEWS) - set(PERSONAL))
