"""What a simulated inference takes follows from model, cores and heat, and is never twice the same."""

from __future__ import annotations

import statistics
from pathlib import Path

import pytest

from tests.simulated_phone.condition import Condition
from tests.simulated_phone.files import PhoneFiles
from tests.simulated_phone.hardware import SNAPDRAGON_855
from tests.simulated_phone.tools.inference import measure
from tests.simulated_phone.tools.request import Model, Request

BIG, SMALL = Model("big", 16_000_000), Model("small", 2_000_000)


@pytest.fixture
def condition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Condition:
    files = PhoneFiles(tmp_path)
    monkeypatch.setenv("PHONE_ROOT", str(files.root))
    condition = Condition(files, SNAPDRAGON_855)
    condition.work()
    return condition


def median_ms(model: Model, *, threads: int = 1, mask: str = "80") -> float:
    request = Request((model,), threads=threads, warmup=0, repeats=21, mask=mask)
    return statistics.median(measure(request, model, lambda: None).runs_ms)


def test_a_larger_model_takes_longer(condition: Condition) -> None:
    assert median_ms(BIG) > 5 * median_ms(SMALL)


def test_more_threads_are_faster_as_far_as_there_are_cores(condition: Condition) -> None:
    one, two, four = (median_ms(BIG, threads=threads, mask="f0") for threads in (1, 2, 4))

    assert one > 1.5 * two > 2.2 * four
    assert median_ms(BIG, threads=4, mask="80") == pytest.approx(one, rel=0.02)


def test_little_cores_are_slower_than_the_prime_core(condition: Condition) -> None:
    assert median_ms(BIG, mask="0f") > 3 * median_ms(BIG, mask="80")


def test_a_hot_phone_is_slower(condition: Condition) -> None:
    cool = median_ms(BIG)
    condition.heat(95.0)

    assert median_ms(BIG) == pytest.approx(2 * cool, rel=0.03)


def test_heat_in_the_middle_shows_in_the_second_half(condition: Condition) -> None:
    request = Request((BIG,), threads=1, warmup=2, repeats=20, mask="80")

    times = measure(request, BIG, lambda: condition.heat(95.0)).runs_ms

    assert min(times[10:]) > 1.8 * max(times[:10])


def test_no_two_inferences_are_the_same_and_the_first_is_slow(condition: Condition) -> None:
    request = Request((BIG,), threads=1, warmup=0, repeats=20, mask="80")

    times = measure(request, BIG, lambda: None)

    assert len(set(times.runs_ms)) > 15
    assert times.first_ms > 1.3 * times.maximum
