from __future__ import annotations

import pytest

from runners.phone import cores
from runners.phone.facts import PhoneFacts
from runners.supervise import AttemptFailed
from runners.wire import FailureKind

SM8150_KHZ = {0: 1785600, 1: 1785600, 2: 1785600, 3: 1785600, 4: 2419200, 5: 2419200, 6: 2419200, 7: 2841600}
BIG = {core: SM8150_KHZ[core] for core in (4, 5, 6, 7)}


def facts(frequencies_khz: dict[int, int]) -> PhoneFacts:
    return PhoneFacts("9A2B13F7", {}, {}, frequencies_khz, "", "")


@pytest.mark.parametrize(("threads", "mask"), [(1, "80"), (2, "f0"), (4, "f0"), (8, "ff")])
def test_mask_is_of_the_fastest_cores(threads: int, mask: str) -> None:
    assert cores.mask_for(threads, facts(SM8150_KHZ)) == mask


def test_everything_else_stays_on_the_little_cores() -> None:
    assert cores.little_mask(facts(SM8150_KHZ)) == "0f"
    assert cores.little_mask(facts({0: 1, 1: 1})) == "03"


def test_more_threads_than_cores_are_the_orders_fault() -> None:
    with pytest.raises(AttemptFailed, match=r"asks for 4 threads.*tells of 2 cores") as failure:
        cores.mask_for(4, facts({0: 1, 1: 1}))

    assert failure.value.kind == FailureKind.USER


def test_busy_core_below_its_frequency_is_throttled() -> None:
    slow = {**BIG, 7: round(2841600 * 0.9)}

    assert cores.is_throttled([{7: 2841600}, {7: slow[7]}], BIG, threads=1) is True
    assert cores.is_throttled([slow], BIG, threads=4) is True
    assert cores.is_throttled([{7: round(2841600 * 0.96)}], BIG, threads=1) is False


def test_idle_core_that_sleeps_is_not_throttled() -> None:
    asleep = {**BIG, 4: 710400, 5: 710400}

    assert cores.is_throttled([asleep], BIG, threads=2) is False


def test_without_a_frequency_nothing_is_known() -> None:
    assert cores.is_throttled([], BIG, threads=1) is None
    assert cores.is_throttled([{}], BIG, threads=1) is None
