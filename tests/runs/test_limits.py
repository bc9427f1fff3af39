from datetime import timedelta

import pytest

from apps.catalog.models import Protocol
from apps.runs.limits import BASE_S, duration_text, time_limit_s
from runners.phone.policy import LONGEST_WAIT_S


def _protocol(
    *, processes: int | None = 1, repeats: int | None = 1, batch_size: int = 1, category: str = "cpu"
) -> Protocol:
    return Protocol(
        category=category, processes=processes, warmup=10, repeats=repeats, batch_size=batch_size, min_duration_s=1.0
    )


def test_limit_grows_with_everything_that_takes_time() -> None:
    least = time_limit_s(_protocol())

    grown = [
        time_limit_s(_protocol(processes=5)),
        time_limit_s(_protocol(repeats=1000)),
        time_limit_s(_protocol(batch_size=8)),
        time_limit_s(_protocol(), {"images": 50_000}),
    ]

    assert all(limit > least > BASE_S for limit in grown)


def test_phone_may_use_up_its_wait_before_every_invocation() -> None:
    of_a_cpu, of_a_phone = _protocol(processes=5), _protocol(processes=5, category="phone")

    assert time_limit_s(of_a_phone) == time_limit_s(of_a_cpu) + 5 * LONGEST_WAIT_S


def test_protocol_that_states_nothing_has_a_limit_too() -> None:
    assert time_limit_s(Protocol()) > BASE_S


@pytest.mark.parametrize(
    ("seconds", "text"), [(40, "40 s"), (60, "1 min"), (3600, "1 h"), (3659, "1 h"), (7500, "2 h 5 min"), (0, "0 s")]
)
def test_duration_is_as_exact_as_one_wants_to_know(seconds: int, text: str) -> None:
    assert duration_text(timedelta(seconds=seconds)) == text
