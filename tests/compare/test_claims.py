"""Claims about families: gains at equal cost, and true, false or undecidable by counted comparisons."""

from collections.abc import Sequence

import pytest

from apps.compare import claims
from apps.compare.claim_points import ModelPoint, family_curves, gains_over_older, top1_at
from apps.compare.claims import Finding, Measure

COST = Measure("ms", "latency")


def model(
    name: str,
    top1: float | None,
    cost: float | None,
    *,
    family: str = "old",
    year: int = 2017,
    width: float = 1.0,
    base: str | None = None,
) -> ModelPoint:
    costs = {} if cost is None else {"ms": cost}
    return ModelPoint(name, family, year, width, base is None, base is not None, base, top1, costs)


def old_family() -> list[ModelPoint]:
    return [model(f"old{cost}", top1, cost) for cost, top1 in ((1.0, 0.5), (10.0, 0.6), (100.0, 0.7))]


def new_family(top1: Sequence[float]) -> list[ModelPoint]:
    costs = (2.0, 5.0, 20.0, 50.0)
    return [model(f"new{c}", t, c, family="new", year=2019) for c, t in zip(costs, top1, strict=True)]


def test_curve_is_straight_over_the_logarithm_of_the_cost() -> None:
    curve = family_curves(old_family(), "ms")["old"]

    assert top1_at(curve, 10**0.5) == pytest.approx(0.55)
    assert top1_at(curve, 10.0) == pytest.approx(0.6)


def test_curve_says_nothing_beyond_its_models() -> None:
    curve = family_curves(old_family(), "ms")["old"]

    assert (top1_at(curve, 0.9), top1_at(curve, 101.0), top1_at([], 5.0)) == (None, None, None)


def test_curve_leaves_out_distilled_models_and_missing_values() -> None:
    models = [*old_family(), model("ssld", 0.9, 10.0, base="old10.0"), model("a", None, 5.0), model("b", 0.9, None)]

    assert family_curves(models, "ms") == {"old": [(1.0, 0.5), (10.0, 0.6), (100.0, 0.7)]}


def test_of_two_models_at_one_cost_the_better_one_counts() -> None:
    assert family_curves([*old_family(), model("worse", 0.55, 10.0)], "ms")["old"][1] == (10.0, 0.6)


def test_gain_is_over_older_families_only() -> None:
    models = [*old_family(), *new_family([0.6, 0.6, 0.7, 0.7]), model("peer", 0.9, 5.0, family="peer", year=2019)]

    gains = gains_over_older(models, "ms")

    assert {gain.against for gain in gains} == {"old"}
    assert len(gains) == 5


@pytest.mark.parametrize(
    ("top1", "verdict", "holds"),
    [
        ([0.6, 0.6, 0.7, 0.8], "true", 4),
        ([0.6, 0.5, 0.5, 0.5], "false", 1),
        ([0.6, 0.6, 0.5, 0.5], "false", 2),
    ],
)
def test_newer_is_better_when_it_wins_most_comparisons(top1: list[float], verdict: str, holds: int) -> None:
    found = claims.newer_is_better([*old_family(), *new_family(top1)], COST)

    assert (found.verdict, found.holds, found.comparisons) == (verdict, holds, 4)
    assert f"in {holds} of 4 comparisons" in found.sentence


def test_no_advantage_is_true_where_half_of_the_comparisons_are_won() -> None:
    found = claims.newer_is_no_better([*old_family(), *new_family([0.6, 0.6, 0.5, 0.5])], COST, ["new"])

    assert (found.verdict, found.holds, found.comparisons) == ("true", 2, 4)


def test_too_few_comparisons_decide_nothing() -> None:
    models = [*old_family(), *new_family([0.6, 0.6, 0.7, 0.8])[:3]]

    assert claims.newer_is_better(models, COST).verdict == "undecidable"
    assert claims.newer_is_no_better(models, COST, ["new"]).verdict == "undecidable"


def test_without_values_the_sentence_says_so() -> None:
    found = claims.newer_is_better([], COST)

    assert found == Finding(
        "latency", "undecidable", 0, 0, "No model has an older family beside it that covers the same latency."
    )


def test_slower_compares_equal_widths_only() -> None:
    widths = (0.25, 0.5, 0.75, 1.0)
    models = [model(f"old{w}", 0.5, 10 * w, width=w) for w in widths]
    models += [model(f"new{w}", 0.5, 12 * w, width=w, family="new") for w in (*widths, 2.0)]

    found = claims.is_slower(models, COST, ["new"], "old")

    assert (found.verdict, found.holds, found.comparisons) == ("true", 4, 4)
    assert "1.20 times in the median" in found.sentence


def test_one_distilled_model_that_is_beaten_makes_the_claim_false() -> None:
    models = [*old_family(), model("a_ssld", 0.65, 10.0, base="old10.0"), model("b_ssld", 0.69, 100.0, base="old100.0")]

    beats_base = claims.beats_its_base(models)
    beats_plain = claims.beats_plain_at_no_more(models, COST)

    assert (beats_base.verdict, beats_base.holds, beats_base.comparisons) == ("false", 1, 2)
    assert (beats_plain.verdict, beats_plain.holds) == ("false", 1)
    assert "-1.0 to +5.0 points" in beats_base.sentence


def test_without_distilled_models_nothing_is_decided() -> None:
    assert claims.beats_its_base(old_family()).verdict == "undecidable"


@pytest.mark.parametrize(
    ("verdicts", "verdict"),
    [
        (["true", "true"], "true"),
        (["true", "false"], "false"),
        (["true", "undecidable"], "true"),
        (["undecidable"], "undecidable"),
        ([], "undecidable"),
    ],
)
def test_claim_holds_by_every_measure_that_decides_it(verdicts: list[str], verdict: str) -> None:
    findings = [Finding("x", each, 0, 0, "") for each in verdicts]  # type: ignore[arg-type]

    assert claims.overall(findings) == verdict
