"""Links to the pages before and after, for `core/pages.html`."""

from typing import Any

from django.core.paginator import Page
from django.http import QueryDict

from apps.board.table import changed


def page_links(address: QueryDict, page: Page[Any]) -> dict[str, str | None]:
    return {
        "previous_url": changed(address, page=str(page.previous_page_number())) if page.has_previous() else None,
        "next_url": changed(address, page=str(page.next_page_number())) if page.has_next() else None,
    }
