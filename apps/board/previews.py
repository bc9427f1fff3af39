"""What other programs show of a shared link: a title, a sentence and a picture of the board with what it is about."""

from dataclasses import dataclass

from django.http import HttpRequest, QueryDict
from django.urls import reverse

from apps.board.board_state import Seen
from apps.board.text import column_label, value_text


@dataclass(frozen=True)
class Preview:
    title: str
    text: str
    url: str
    image_url: str


def best_sentence(seen: Seen) -> str:
    """Which of the rows shown is best on the vertical axis, with a blank before it; nothing without a value."""
    if seen.picture is None:
        return ""
    column = seen.picture.y
    having = [row for row in seen.rows if column.key in row.cells]
    if not having:
        return ""
    is_more_better = column.metric.direction == "max"
    best = sorted(having, key=lambda row: row.cells[column.key].value, reverse=is_more_better)[0]
    cell = best.cells[column.key]
    value = f"{value_text(column.metric, cell.value, cell.printed)} {column.metric.unit}".strip()
    return f" Best {column_label(column)}: {value}, {best.model}."


def preview(request: HttpRequest, *, title: str, text: str, **picked: str) -> Preview:
    """Of the page at this request's address; `picked` are the board's parameters for the picture.

    Without any the picture is the one that the address itself asks for.
    """
    address = QueryDict(mutable=True) if picked else request.GET.copy()
    for name, value in picked.items():
        address[name] = value
    address["format"] = "png"
    board = reverse("board")
    return Preview(
        title=title,
        text=text,
        url=request.build_absolute_uri(),
        image_url=request.build_absolute_uri(f"{board}?{address.urlencode(safe=',')}"),
    )
