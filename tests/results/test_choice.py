from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from apps.results.choice import Candidate, Cell, choose
from tests.factories import NOW


def _candidate(
    result_id: int,
    *,
    value: str = "1",
    trust_tier: int = 0,
    is_flagged: bool = False,
    is_simulated: bool = False,
    is_withdrawn: bool = False,
    age_h: int = 0,
    device_id: int | None = 1,
) -> Candidate:
    return Candidate(
        result_id=result_id,
        value=Decimal(value),
        trust_tier=trust_tier,
        is_flagged=is_flagged,
        is_simulated=is_simulated,
        is_withdrawn=is_withdrawn,
        at=NOW - timedelta(hours=age_h),
        device_id=device_id,
    )


def _chosen(*candidates: Candidate) -> int | None:
    cell = choose(candidates)
    return cell.result_id if cell else None


def test_nothing_fills_a_cell_without_results() -> None:
    assert choose([]) is None


def test_newest_result_is_chosen() -> None:
    assert _chosen(_candidate(1), _candidate(2, age_h=1)) == 1


def test_later_stored_result_is_chosen_of_two_at_the_same_moment() -> None:
    assert _chosen(_candidate(2), _candidate(1)) == 2


def test_vetted_result_goes_before_a_newer_unvetted_one() -> None:
    assert _chosen(_candidate(1, trust_tier=1, age_h=99), _candidate(2)) == 1


def test_unflagged_result_goes_before_a_newer_flagged_one() -> None:
    assert _chosen(_candidate(1, age_h=99), _candidate(2, is_flagged=True)) == 1


def test_trust_goes_before_flags() -> None:
    assert _chosen(_candidate(1, trust_tier=1, is_flagged=True), _candidate(2)) == 1


def test_withdrawn_and_simulated_results_are_never_chosen() -> None:
    ghosts = [_candidate(2, trust_tier=1, is_withdrawn=True), _candidate(3, trust_tier=1, is_simulated=True)]

    assert _chosen(*ghosts) is None
    assert _chosen(_candidate(1, is_flagged=True), *ghosts) == 1


def test_range_and_devices_are_those_of_the_chosen_trust_tier() -> None:
    cell = choose(
        [
            _candidate(1, value="5", trust_tier=1, device_id=1),
            _candidate(2, value="3", trust_tier=1, device_id=2, age_h=1),
            _candidate(3, value="4", trust_tier=1, device_id=2, age_h=2),
            _candidate(4, value="1", device_id=3),
            _candidate(5, value="9", trust_tier=1, device_id=4, is_withdrawn=True),
        ]
    )

    assert cell == Cell(result_id=1, device_count=2, value_min=Decimal(3), value_max=Decimal(5))


def test_published_result_has_no_device() -> None:
    assert choose([_candidate(1, device_id=None)]) == Cell(1, 0, Decimal(1), Decimal(1))


CANDIDATES = st.lists(
    st.builds(
        _candidate,
        st.integers(1, 50),
        value=st.sampled_from(["1", "2.5", "3"]),
        trust_tier=st.integers(0, 1),
        is_flagged=st.booleans(),
        is_simulated=st.booleans(),
        is_withdrawn=st.booleans(),
        age_h=st.integers(0, 3),
        device_id=st.none() | st.integers(1, 3),
    ),
    unique_by=lambda candidate: candidate.result_id,
    max_size=12,
)


@given(CANDIDATES, st.randoms(use_true_random=False))
def test_order_does_not_matter(candidates: list[Candidate], random: object) -> None:
    shuffled = list(candidates)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert choose(shuffled) == choose(candidates)


@given(CANDIDATES)
def test_choice_stands_within_its_range_and_nothing_beats_it(candidates: list[Candidate]) -> None:
    standing = [c for c in candidates if not (c.is_simulated or c.is_withdrawn)]
    cell = choose(candidates)

    assert (cell is None) == (not standing)
    if cell is not None:
        best = next(c for c in standing if c.result_id == cell.result_id)
        assert cell.value_min <= best.value <= cell.value_max
        assert not [c for c in standing if _beats(c, best)]


@given(CANDIDATES)
def test_withdrawing_what_is_not_chosen_does_not_change_the_choice(candidates: list[Candidate]) -> None:
    cell = choose(candidates)
    if cell is None:
        return

    only: Sequence[Candidate] = [
        c if c.result_id == cell.result_id else replace(c, is_withdrawn=True) for c in candidates
    ]

    assert _chosen(*only) == cell.result_id


def _beats(one: Candidate, other: Candidate) -> bool:
    """One rule after the other, spelled out."""
    if one.trust_tier != other.trust_tier:
        return one.trust_tier > other.trust_tier
    if one.is_flagged != other.is_flagged:
        return other.is_flagged
    if one.at != other.at:
        return one.at > other.at
    return one.result_id > other.result_id
