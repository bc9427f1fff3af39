from datetime import datetime, timedelta, timezone

from apps.results.replay import invocations_sha256, samples_sha256
from tests.devices import summary_record
from tests.factories import NOW, latency_record

PROCESSES = latency_record().model_dump()["processes"]


def test_same_samples_are_recognised_whatever_else_is_said_of_them() -> None:
    retold = [process | {"load_ns": 1, "cpu_ns": [], "started_at": NOW, "facts": {"a": 1}} for process in PROCESSES]

    assert samples_sha256(retold) == samples_sha256(PROCESSES)


def test_same_processes_in_another_order_are_the_same_samples() -> None:
    assert samples_sha256(PROCESSES[::-1]) == samples_sha256(PROCESSES)


def test_one_nanosecond_makes_other_samples() -> None:
    first, *others = PROCESSES
    slower = first | {"wall_ns": [first["wall_ns"][0] + 1, *first["wall_ns"][1:]]}

    assert samples_sha256([slower, *others]) != samples_sha256(PROCESSES)


def test_samples_in_another_order_are_other_samples() -> None:
    assert samples_sha256([{"wall_ns": [1, 2]}]) != samples_sha256([{"wall_ns": [2, 1]}])


def test_where_one_process_ends_and_the_next_begins_counts() -> None:
    assert samples_sha256([{"wall_ns": [1, 2]}, {"wall_ns": [3]}]) != samples_sha256([{"wall_ns": [1, 2, 3]}])


def test_same_start_in_another_zone_and_other_facts_are_the_same_invocations() -> None:
    said = summary_record().invocations
    zone = timezone(timedelta(hours=8))
    retold = [each.model_copy(update={"started_at": each.started_at.astimezone(zone), "facts": {}}) for each in said]

    assert invocations_sha256(retold[::-1]) == invocations_sha256(said)


def test_same_output_a_microsecond_later_is_another_invocation() -> None:
    first, *others = summary_record().invocations
    later = first.model_copy(update={"started_at": first.started_at + timedelta(microseconds=1)})

    assert invocations_sha256([later, *others]) != invocations_sha256([first, *others])


def test_absurd_start_is_recognised_too() -> None:
    absurd = {"started_at": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))}
    said = [each.model_copy(update=absurd) for each in summary_record().invocations]

    assert invocations_sha256(said) == invocations_sha256(said[::-1])
