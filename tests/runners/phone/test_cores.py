from __future__ import annotations

import pytest

from runners.phone import cores
from runners.phone.cores import Clocks
from runners.phone.facts import PhoneFacts
from runners.phone.sampler import Sample
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


def test_program_that_chooses_its_cores_is_watched_on_all_it_may_choose() -> None:
    assert cores.watched_mask("80", facts(SM8150_KHZ), chooses_cores=True) == "f0"
    assert cores.watched_mask("80", facts(SM8150_KHZ), chooses_cores=False) == "80"


def test_governor_that_idles_before_and_after_the_program_is_no_throttling() -> None:
    idle = reading({7: 825600}, is_running=False)

    found = clocks([idle, *[reading({7: 2841600})] * 3, idle])

    assert found.is_throttled is False
    assert found.facts()["frequency_min_khz"] == 2841600


def test_start_and_end_of_the_program_do_not_decide() -> None:
    waking, full = reading({7: 825600}), reading({7: 2841600})

    assert clocks([waking, full, full, full, waking]).is_throttled is False


@pytest.mark.parametrize(("share", "expected"), [(0.52, True), (0.94, True), (0.96, False)])
def test_program_that_runs_slowly_most_of_the_time_is_throttled(share: float, expected: bool) -> None:
    slow, full = reading({7: round(2841600 * share)}), reading({7: 2841600})

    assert clocks([full, slow, slow, slow, full]).is_throttled is expected


def test_lowered_permission_is_throttling_however_little_was_read() -> None:
    found = clocks([reading({}, is_running=False, permitted={7: 1478400})])

    assert found.is_throttled is True
    assert found.facts()["clock"] == {
        "readings": 0,
        "permitted_khz": 1478400,
        "permitted_of_khz": 2841600,
        "median_khz": None,
        "median_of_khz": None,
    }


def test_cores_that_sleep_while_a_program_loads_on_another_are_not_throttled() -> None:
    loading = reading({4: 2419200, 5: 710400, 6: 710400, 7: 825600})

    assert clocks([loading, loading, loading, reading(BIG)]).is_throttled is False


def test_of_two_cores_that_are_permitted_the_same_share_the_fastest_is_told() -> None:
    found = clocks([reading({}, permitted={core: khz // 2 for core, khz in BIG.items()})])

    assert found.facts()["clock"]["permitted_of_khz"] == 2841600


@pytest.mark.parametrize("readings", [0, 1, 2])
def test_of_too_few_readings_nothing_is_known(readings: int) -> None:
    idle = reading({7: 825600}, is_running=False)

    assert clocks([idle, *[reading({7: 825600})] * readings]).is_throttled is None


def reading(
    frequencies_khz: dict[int, int], *, is_running: bool = True, permitted: dict[int, int] | None = None
) -> Sample:
    return Sample(
        at_s=0.0,
        is_running=is_running,
        temperature_c=None,
        frequencies_khz=frequencies_khz,
        permitted_khz=BIG if permitted is None else permitted,
        battery_percent=None,
    )


def clocks(samples: list[Sample]) -> Clocks:
    return cores.clocks(samples, BIG)
