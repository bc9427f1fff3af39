from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from runners import steady_clock
from runners.steady_clock import SteadyClock


def test_it_begins_with_the_clock_of_the_machine_and_goes_on() -> None:
    before = datetime.now(UTC)

    clock = SteadyClock()

    assert before <= clock.started_at <= clock.now() <= datetime.now(UTC) + timedelta(seconds=1)


@pytest.mark.parametrize("by", [timedelta(hours=-1), timedelta(hours=1)])
def test_clock_that_is_set_meanwhile_changes_no_duration(by: timedelta, monkeypatch: pytest.MonkeyPatch) -> None:
    class SetClock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime.now(UTC) + by

    clock = SteadyClock()

    monkeypatch.setattr(steady_clock, "datetime", SetClock)

    assert timedelta(0) <= clock.now() - clock.started_at < timedelta(seconds=10)
