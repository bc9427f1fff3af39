from __future__ import annotations

import numpy as np

from runners.zoo import weights


def test_uniform_gives_these_very_bits() -> None:
    values = weights.uniform("conv.weight", (4,), seed=0)

    assert (values * 2**23).astype(int).tolist() == [3473678, -1832839, 7490742, 6547765]


def test_uniform_gives_multiples_of_two_to_the_minus_23_within_one() -> None:
    values = weights.uniform("fc.weight", (100, 200), seed=3)

    scaled = values.astype(np.float64) * 2**23
    assert values.shape == (100, 200)
    assert values.dtype == np.float32
    assert np.array_equal(scaled, np.round(scaled))
    assert values.min() >= -1
    assert values.max() < 1


def test_uniform_has_mean_zero_and_variance_one_third() -> None:
    values = weights.uniform("fc.weight", (100_000,), seed=0).astype(np.float64)

    assert abs(values.mean()) < 0.01
    assert abs(values.var() - 1 / 3) < 0.01


def test_uniform_differs_by_name_and_by_seed() -> None:
    values = weights.uniform("a", (8,), seed=0)

    assert not np.array_equal(values, weights.uniform("b", (8,), seed=0))
    assert not np.array_equal(values, weights.uniform("a", (8,), seed=1))


def test_kernel_multiplies_the_mean_square_by_its_gain() -> None:
    inputs = np.random.default_rng(0).standard_normal((64, 512))

    outputs = inputs @ weights.kernel("fc.weight", (512, 256), fan_in=512, gain=2.0, seed=0)

    assert abs((outputs**2).mean() - 2.0) < 0.1


def test_around_stays_within_its_spread() -> None:
    values = weights.around(1.0, "bn.weight", 10_000, spread=0.125, seed=0)

    assert 0.875 <= values.min() < 0.88
    assert 1.12 < values.max() <= 1.125
