from datetime import UTC, datetime, timedelta

from apps.runs.estimate import Pace, estimate_end

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CPU, PHONE = (None, "cpu"), (7, "phone")
MINUTE = timedelta(minutes=1)


def test_nothing_finished_is_no_basis() -> None:
    assert estimate_end({CPU: 4}, [], at=NOW) is None


def test_nothing_left_needs_no_estimate() -> None:
    assert estimate_end({CPU: 0}, [Pace(CPU, 1, 3, MINUTE)], at=NOW) is None


def test_two_devices_share_the_runs_of_their_lane() -> None:
    paces = [Pace(CPU, 1, 3, MINUTE), Pace(CPU, 2, 1, MINUTE)]

    estimate = estimate_end({CPU: 10}, paces, at=NOW)

    assert estimate is not None
    assert estimate.ends_at == NOW + 5 * MINUTE
    assert estimate.basis == (
        "Estimated from 4 finished runs on 2 devices, 60 s each on average, as if nothing else came between."
    )


def test_faster_device_takes_more_of_the_runs() -> None:
    paces = [Pace(CPU, 1, 1, MINUTE), Pace(CPU, 2, 1, 3 * MINUTE)]

    estimate = estimate_end({CPU: 4}, paces, at=NOW)

    assert estimate is not None
    assert estimate.ends_at == NOW + 3 * MINUTE


def test_lanes_go_on_side_by_side_and_the_longest_counts() -> None:
    paces = [Pace(CPU, 1, 1, MINUTE), Pace(PHONE, 2, 1, 2 * MINUTE)]

    estimate = estimate_end({CPU: 3, PHONE: 4}, paces, at=NOW)

    assert estimate is not None
    assert estimate.ends_at == NOW + 8 * MINUTE


def test_runs_of_hardware_that_finished_none_are_said_to_be_left_out() -> None:
    estimate = estimate_end({CPU: 1, PHONE: 4}, [Pace(CPU, 1, 1, MINUTE)], at=NOW)

    assert estimate is not None
    assert estimate.ends_at == NOW + MINUTE
    assert estimate.basis.endswith("Not included: 4 on devices of which none has finished a run.")


def test_end_is_rounded_up_to_a_minute() -> None:
    estimate = estimate_end({CPU: 1}, [Pace(CPU, 1, 1, timedelta(seconds=61))], at=NOW)

    assert estimate is not None
    assert estimate.ends_at == NOW + 2 * MINUTE


def test_attempt_that_took_no_time_does_not_divide_by_nothing() -> None:
    estimate = estimate_end({CPU: 1}, [Pace(CPU, 1, 1, timedelta(0))], at=NOW)

    assert estimate is not None
    assert estimate.ends_at == NOW + MINUTE
