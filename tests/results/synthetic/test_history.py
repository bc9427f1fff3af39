import numpy as np
import pytest

from apps.results.synthetic.history import Attempts, make_attempts, make_samples
from apps.results.synthetic.zoo import Zoo, make_zoo


def _made(seed: int = 1, results: int = 3_000) -> tuple[Zoo, Attempts]:
    rng = np.random.default_rng(seed)
    zoo = make_zoo(models=60, devices=20, rng=rng)
    return zoo, make_attempts(zoo, results=results, rng=rng)


@pytest.mark.parametrize("results", [1, 7, 3_000])
def test_attempts_give_the_results_that_were_asked_for(results: int) -> None:
    zoo, attempts = _made(results=results)

    given = sum(len(zoo.columns[column].metrics) for column in attempts.column.tolist())

    assert results <= given < results * 1.1 + 2


def test_attempts_come_in_the_order_of_time() -> None:
    _, attempts = _made()

    assert (np.diff(attempts.seconds_ago) <= 0).all()


def test_turn_counts_the_attempts_of_a_model_and_column() -> None:
    _, attempts = _made()

    keys = list(zip(attempts.model.tolist(), attempts.column.tolist(), attempts.turn.tolist(), strict=True))

    assert len(set(keys)) == len(keys)
    assert all((model, column, turn - 1) in set(keys) for model, column, turn in keys[:200] if turn)


def test_devices_are_of_the_columns_kind() -> None:
    zoo, attempts = _made()

    for column, device in zip(attempts.column.tolist(), attempts.device.tolist(), strict=True):
        assert zoo.device_kinds[device] == zoo.columns[column].kind


def test_repeated_values_spread_by_a_few_per_cent() -> None:
    _, attempts = _made()
    first = (attempts.model == attempts.model[0]) & (attempts.column == attempts.column[0])

    spread = np.std(np.log(attempts.latency[first & ~attempts.is_flagged]))

    assert first.sum() > 1
    assert 0 < spread < 0.3


def test_same_seed_makes_the_same_history() -> None:
    _, attempts = _made(seed=5)
    _, again = _made(seed=5)
    _, other = _made(seed=6)

    assert (attempts.latency == again.latency).all()
    assert len(other) != len(attempts) or (other.latency != attempts.latency).any()


def test_samples_have_the_value_as_their_median() -> None:
    samples = make_samples(12.5, processes=5, samples=50, rng=np.random.default_rng(1))

    assert np.median(samples) / 1e6 == pytest.approx(12.5, rel=1e-6)
