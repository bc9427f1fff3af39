from apps.results.replay import samples_sha256
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
