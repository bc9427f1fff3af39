"""A figure as it is shown: its sentence, its picture on the page and a small one for the overview, all cached."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.utils.safestring import mark_safe

from apps.board.compare_chart import cached_chart
from apps.board.figures.base import Figure
from apps.board.figures.content import Content
from apps.board.kept import kept
from apps.core.errors import UserError
from apps.results.leaderboard import Board

THUMBNAIL_PX = (300, 150)


@dataclass(frozen=True)
class Shown:
    """A figure of some families; of all where none is named."""

    figure: Figure
    board: Board
    families: tuple[str, ...]

    @cached_property
    def everything(self) -> Content:
        return self.figure.content(self.board)

    @cached_property
    def content(self) -> Content:
        return self.everything.of_families(self.families)

    @cached_property
    def is_drawable(self) -> bool:
        return self.figure.is_drawable(self.content)

    @cached_property
    def facts(self) -> list[Any]:
        """All that sentence and pictures depend on."""
        order = [[row.family, row.family_title, row.short] for row in self.board.rows]
        return [self.figure.slug, self.figure.title, self.families, order, self.everything.facts()]

    @cached_property
    def sentence(self) -> str:
        return kept("figure-sentence", self.facts, lambda: self.figure.sentence(self.content))

    @cached_property
    def chart(self) -> dict[str, Any] | None:
        """For `core/chart.html`; None while there is nothing to draw."""
        if not self.is_drawable:
            return None
        return cached_chart("figure", self.facts, self._specs)

    @property
    def thumbnail(self) -> str:
        """An SVG without words; empty while there is nothing to draw."""
        if not self.is_drawable:
            return ""
        svg = kept("figure-small", self.facts, self._draw_small)
        return mark_safe(svg)  # noqa: S308 - vl-convert escapes what the spec says

    def _specs(self) -> dict[str, Any]:
        specs = self.figure.specs(self.board, self.everything, self.content)
        return {"title": self.figure.title, **specs}

    def _draw_small(self) -> str:
        from apps.compare.svg import render_svg
        from apps.compare.thumbnail import thumbnail_spec

        width, height = THUMBNAIL_PX
        assert self.chart is not None
        spec = thumbnail_spec(self.chart["narrow"]["spec"], width=width, height=height)
        return render_svg(spec, element_id=f"{self.figure.slug}-small")


def board_families(board: Board) -> dict[str, str]:
    """Titles by slug."""
    return {row.family: row.family_title for row in board.rows}


def read_families(parameters: QueryDict, board: Board) -> tuple[str, ...]:
    """`families=a,b`, in the board's order. Raises UserError that names those that there are."""
    if "families" not in parameters:
        return ()
    asked = [slug for slug in parameters.get("families", "").split(",") if slug]
    valid = board_families(board)
    for slug in asked or [""]:
        if slug not in valid:
            message = f"families={slug!r} is not known. Valid: {', '.join(valid)}; several with commas between."
            raise UserError(message, [{"field": "families", "message": message}])
    return tuple(slug for slug in valid if slug in asked)


def families_address(families: Sequence[str]) -> str:
    """The query of an address, empty for all families."""
    return f"?families={','.join(families)}" if families else ""
