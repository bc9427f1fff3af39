from collections import Counter

import numpy as np
import pytest

from apps.results.synthetic import PREFIX
from apps.results.synthetic.zoo import DEVICES_PER_KIND, MOST_KINDS, Zoo, make_zoo


def _zoo(models: int = 100, devices: int = 50) -> Zoo:
    return make_zoo(models=models, devices=devices, rng=np.random.default_rng(1))


@pytest.mark.parametrize(("models", "devices"), [(1, 1), (37, 12), (2_000, 50)])
def test_zoo_has_the_size_that_was_asked_for(models: int, devices: int) -> None:
    zoo = _zoo(models, devices)

    assert len({model.name for model in zoo.models}) == models
    assert len(zoo.device_kinds) == devices
    assert set(zoo.device_kinds) == set(range(len(zoo.kinds)))


def test_kinds_have_several_devices_each() -> None:
    zoo = _zoo(devices=50)

    assert len(zoo.kinds) == MOST_KINDS
    assert set(Counter(zoo.device_kinds).values()) == {DEVICES_PER_KIND}


def test_everything_is_called_synthetic() -> None:
    zoo = _zoo()

    names = [*zoo.families, *(model.name for model in zoo.models), *(kind.slug for kind in zoo.kinds)]

    assert all(name.startswith(PREFIX) for name in names)


def test_a_distilled_model_comes_after_its_plain_one() -> None:
    zoo = _zoo()

    seen = set()
    for model in zoo.models:
        assert model.recipe == "plain" or model.architecture in seen
        seen.add(model.architecture)


def test_wider_models_of_a_family_are_slower_and_better() -> None:
    zoo = _zoo()
    plain = [model for model in zoo.models if model.family == 0 and model.recipe == "plain"]

    narrowest, widest = plain[0], plain[-1]

    accuracy = ("top1", "paddleclas-accuracy")
    assert narrowest.macs_m < widest.macs_m
    assert float(narrowest.printed[accuracy]) < float(widest.printed[accuracy])
