"""Whom a new run wakes."""

from contextlib import ExitStack

from apps.runs.bell import Bell, Waiter

ONNX = frozenset({"onnxruntime"})


def answer(waiter: Waiter, *, got_one: bool) -> None:
    with waiter.answering() as got:
        got.append(got_one)


def test_as_many_are_called_as_there_are_runs_and_the_longest_waiting_first() -> None:
    bell = Bell()
    with bell.waiter(ONNX) as first, bell.waiter(ONNX) as second, bell.waiter(ONNX) as third:
        bell.ring("onnxruntime", 2)

        assert [waiter.is_called for waiter in (first, second, third)] == [True, True, False]


def test_only_those_with_the_engine_are_called() -> None:
    bell = Bell()
    with bell.waiter(frozenset({"ncnn"})) as other, bell.waiter(frozenset({"ncnn", "onnxruntime"})) as able:
        bell.ring("onnxruntime", 2)

        assert [other.is_called, able.is_called] == [False, True]


def test_one_that_gets_nothing_passes_the_call_on() -> None:
    bell = Bell()
    with bell.waiter(ONNX) as first, bell.waiter(ONNX) as second, bell.waiter(ONNX) as third:
        bell.ring("onnxruntime", 1)
        answer(first, got_one=False)
        before = third.is_called
        answer(second, got_one=True)

        assert (before, third.is_called) == (False, False)
        assert not first.is_called


def test_a_call_ends_when_everybody_was_asked_once() -> None:
    bell = Bell()
    with bell.waiter(ONNX) as first, bell.waiter(ONNX) as second:
        bell.ring("onnxruntime", 5)
        answer(first, got_one=False)
        answer(second, got_one=False)

        assert [first.is_called, second.is_called] == [False, False]


def test_one_that_leaves_before_it_answers_passes_the_call_on() -> None:
    bell = Bell()
    with ExitStack() as leaving:
        leaving.enter_context(bell.waiter(ONNX))
        with bell.waiter(ONNX) as next_one:
            bell.ring("onnxruntime", 1)
            assert not next_one.is_called
            leaving.close()
            assert next_one.is_called


def test_one_whose_try_breaks_passes_the_call_on() -> None:
    bell = Bell()
    with bell.waiter(ONNX) as first, bell.waiter(ONNX) as second:
        bell.ring("onnxruntime", 1)
        try:
            with first.answering():
                raise RuntimeError
        except RuntimeError:
            pass

        assert second.is_called


def test_a_ring_during_a_try_asks_for_another_try() -> None:
    bell = Bell()
    with bell.waiter(ONNX) as waiter:
        with waiter.answering() as got:
            bell.ring("onnxruntime", 1)
            got.append(False)

        assert waiter.is_called


def test_everybody_is_called_after_a_gap() -> None:
    bell = Bell()
    with bell.waiter(ONNX) as first, bell.waiter(frozenset({"ncnn"})) as second:
        bell.ring_all()

        assert [first.is_called, second.is_called] == [True, True]
