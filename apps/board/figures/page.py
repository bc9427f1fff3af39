"""What a figure's page shows beside the picture: families to choose, numbers, and lines to copy for embedding."""

from collections.abc import Mapping
from html import escape
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from apps.board.figures.content import Content, Field, Line
from apps.board.figures.drawing import Shown, families_address

FRAME_PX = (960, 680)


def family_chips(shown: Shown, titles: Mapping[str, str]) -> list[dict[str, Any]]:
    """Each family with the address that shows it or, when it is among those shown, leaves it out."""
    here = reverse("chart", args=[shown.figure.slug])
    present = {line.row.family for line in shown.everything.lines}
    chosen = shown.families
    everything = {"title": "All", "url": here, "is_shown": not chosen}
    toggled = {slug: [s for s in titles if (s in chosen) != (s == slug)] for slug in titles if slug in present}
    return [
        everything,
        *(
            {"title": titles[slug], "url": here + families_address(rest), "is_shown": slug in chosen}
            for slug, rest in toggled.items()
        ),
    ]


def number_table(content: Content) -> dict[str, Any]:
    return {"fields": content.fields, "rows": [_row(content.fields, line) for line in content.lines]}


def _row(fields: list[Field], line: Line) -> dict[str, Any]:
    return {
        "model": line.row.model,
        "url": reverse("model", args=[line.row.model]),
        "cells": [line.values.get(field.key) for field in fields],
    }


def snippets(request: HttpRequest, shown: Shown, url: str, image_url: str) -> list[dict[str, str]]:
    """Lines to copy, as text: the template escapes them once more."""
    title = escape(shown.figure.title)
    embed = reverse("embed-chart", args=[shown.figure.slug]) + families_address(shown.families)
    frame = request.build_absolute_uri(embed)
    width, height = FRAME_PX
    return [
        {
            "key": "frame",
            "title": "Live chart, in a page",
            "text": f'<iframe src="{frame}" title="{title}" width="{width}" height="{height}" loading="lazy"></iframe>',
        },
        {
            "key": "image",
            "title": "Picture, in a page",
            "text": f'<a href="{url}"><img src="{escape(image_url)}" alt="{escape(shown.sentence)}"></a>',
        },
        {
            "key": "markdown",
            "title": "Picture, in Markdown",
            "text": f"[![{shown.figure.title}]({image_url})]({url})",
        },
    ]
