"""What the published document claims about its families, in our words, held against its own tables."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from apps.board.text import protocol_label
from apps.catalog.models import Family, Network
from apps.catalog.models.network import Precision, Recipe
from apps.compare import claims
from apps.compare.claim_points import ModelPoint
from apps.compare.claims import Finding, Measure
from apps.results.leaderboard import Board, Row

TOP1 = "top1.paddleclas-accuracy"
PHONE = "latency.paddleclas-sd855-bs1"
STORAGE = "storage.paddleclas-storage"
FLOPS = "flops_paddle.paddleclas-complexity"
PARAMETERS = "params_paddle.paddleclas-complexity"
GPU = tuple(
    f"latency.paddleclas-t4-{how}" for how in ("fp32-bs1", "fp32-bs4", "fp32-bs8", "fp16-bs1", "fp16-bs4", "fp16-bs8")
)
FIGURES = (PHONE, STORAGE, FLOPS, PARAMETERS)
"""What the document's four figures hold the accuracy against."""

V1, V3 = "MobileNetV1", ("MobileNetV3_large", "MobileNetV3_small")

Decide = Callable[[list[ModelPoint], Callable[[str], Measure]], list[Finding]]


@dataclass(frozen=True)
class Claim:
    """`families` that it is about; None means all. `test` says in a sentence what is counted for it."""

    slug: str
    title: str
    test: str
    families: tuple[str, ...] | None
    decide: Decide


CLAIMS = (
    Claim(
        "newer",
        "Newer families do better",
        "Each plain model is held against every family of an earlier year, at the same cost, between that family's two "
        "nearest models. It holds by a measure when the newer one is more accurate in most comparisons.",
        None,
        lambda models, measure: [claims.newer_is_better(models, measure(key)) for key in FIGURES],
    ),
    Claim(
        "v3-fast",
        "MobileNetV3 computes less and is faster on a phone",
        "Plain models of both MobileNetV3 families are held against every older family: more accurate at the same cost "
        "is cheaper at the same accuracy. It holds by a measure when they win most comparisons.",
        V3,
        lambda models, measure: [claims.newer_is_better(models, measure(key), V3) for key in (FLOPS, PHONE)],
    ),
    Claim(
        "v3-storage",
        "By storage MobileNetV3 has little advantage",
        "It holds when MobileNetV3 is more accurate than older families of the same size in at most half of the "
        "comparisons.",
        V3,
        lambda models, measure: [claims.newer_is_no_better(models, measure(STORAGE), V3)],
    ),
    Claim(
        "v3-gpu",
        "MobileNetV3 is not GPU friendly: it is slower there than MobileNetV1",
        "Plain models of both MobileNetV3 families are held against MobileNetV1 of the same width. It holds when they "
        "take longer in most comparisons.",
        (V1, *V3),
        lambda models, measure: [claims.is_slower(models, measure(key), V3, V1) for key in GPU],
    ),
    Claim(
        "ssld",
        "SSLD raises the accuracy of lightweight models from every point of view",
        "It holds when each distilled FP32 model beats its own plain network and all plain models that cost no more.",
        None,
        lambda models, measure: [
            claims.beats_its_base(models),
            *(claims.beats_plain_at_no_more(models, measure(key)) for key in FIGURES),
        ],
    ),
)


def claim_rows(board: Board, *, family: str | None = None) -> list[dict[str, Any]]:
    """Every claim (about a family) with its verdict and the findings behind it."""
    rows = zip(CLAIMS, board.derived(_every_claim), strict=True)
    return [row for claim, row in rows if family is None or claim.families is None or family in claim.families]


def _every_claim(board: Board) -> list[dict[str, Any]]:
    """Some set each model against all others, so that they are decided once for a board. Runs two queries."""
    models = model_points(board.rows, dict(Family.objects.values_list("slug", "year")))

    def measure(key: str) -> Measure:
        return Measure(key, _measure_label(board, key))

    return [_claim_row(claim, claim.decide(models, measure)) for claim in CLAIMS]


def model_points(rows: Sequence[Row], years: dict[str, int]) -> list[ModelPoint]:
    bases = dict(Network.objects.values_list("name", "base__name"))
    return [_point(row, years[row.family], bases.get(row.model)) for row in rows]


def _point(row: Row, year: int, base: str | None) -> ModelPoint:
    is_fp32 = row.precision == Precision.FP32
    top1 = row.cells.get(TOP1)
    return ModelPoint(
        name=row.model,
        family=row.family,
        year=year,
        width=float(row.width_multiplier),
        is_plain=is_fp32 and row.recipe == Recipe.PLAIN,
        is_distilled=is_fp32 and row.recipe == Recipe.SSLD,
        base=base,
        top1=float(top1.value) if top1 else None,
        costs={key: float(cell.value) for key in (*FIGURES, *GPU) if (cell := row.cells.get(key))},
    )


def _claim_row(claim: Claim, findings: list[Finding]) -> dict[str, Any]:
    return {
        "slug": claim.slug,
        "title": claim.title,
        "test": claim.test,
        "verdict": claims.overall(findings),
        "summary": _summary(findings),
        "findings": findings,
    }


def _summary(findings: Sequence[Finding]) -> str:
    """By how many measures it holds, and by which it does not."""
    against = [finding.label for finding in findings if finding.verdict == "false"]
    holds = sum(finding.verdict == "true" for finding in findings)
    said = f"Holds by {holds} of {len(findings)} measure{'' if len(findings) == 1 else 's'}"
    return f"{said}; not by {', '.join(against)}." if against else f"{said}."


def _measure_label(board: Board, key: str) -> str:
    """ "latency on Tesla T4 (FP32 batch 1)", with the brackets only where a device has several such columns."""
    column = board.by_key.get(key)
    if column is None:
        return key
    metric = column.metric.label
    label = metric.lower() if metric[1:].islower() else metric
    if column.device_kind:
        label = f"{label} on {column.device_kind}"
    alike = [
        other
        for other in board.columns
        if (other.metric, other.device_kind, other.is_measured)
        == (column.metric, column.device_kind, column.is_measured)
    ]
    return f"{label} ({protocol_label(column)})" if len(alike) > 1 else label
