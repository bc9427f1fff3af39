"""How published and measured values are set side by side on pages."""

from collections.abc import Sequence
from typing import Any

from apps.board.text import column_label
from apps.catalog.models.protocol import Verdict
from apps.results.agreement import Against, Agreement


def verdict_label(verdict: str) -> str:
    """A verdict in words; one that the catalogue does not state says so."""
    return str(Verdict(verdict).label) if verdict in Verdict.values else f"comparability {verdict}"


def ratio_text(ratio: float) -> str:
    """Three significant digits, as "0.478 ×"."""
    return f"{ratio:#.3g} ×"


def against_text(against: Sequence[Against]) -> str:
    """A measured value beside its first published neighbour, as one sentence; nothing without one."""
    if not against:
        return ""
    nearest = against[0]
    where = f"{column_label(nearest.column)} as published"
    return f"{ratio_text(nearest.ratio)} {where} ({verdict_label(nearest.comparison.verdict)})."


def coefficient_text(coefficient: float | None) -> str:
    return f"{coefficient:.3f}" if coefficient is not None else ""


def agreement_rows(agreements: Sequence[Agreement]) -> list[dict[str, Any]]:
    """One row per agreement, as the board's block shows it."""
    return [
        {
            "measured": f"{column_label(found.measured)}, {found.measured.engine}".rstrip(", "),
            "published": column_label(found.published),
            "models": found.models,
            "flagged": found.flagged,
            "spearman": coefficient_text(found.spearman),
            "spearman_unflagged": coefficient_text(found.spearman_unflagged),
            "ratio": ratio_text(found.ratios.median) if found.ratios else "",
            "ratio_range": f"{found.ratios.low:#.3g} to {found.ratios.high:#.3g}" if found.ratios else "",
            "verdict": verdict_label(found.comparison.verdict),
            "sentence": found.comparison.sentence,
        }
        for found in agreements
    ]
