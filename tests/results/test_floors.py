"""The A/A floor of a configuration, from attempts that were really accepted."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache

from apps.accounts.models import User
from apps.catalog.models import Configuration
from apps.fleet.models import Agent, Attachment, TrustTier
from apps.results.floors import floors_of
from apps.results.models import Result
from runners.statistics.floor import ASSUMED, MIN_PAIRS, Floor
from tests.factories import (
    MODEL,
    NOW,
    OTHER_MODEL,
    attach,
    latency_record,
    lease,
    make_agent,
    make_runs,
    make_user,
    measure_latency,
    result_message,
)

pytestmark = pytest.mark.usefixtures("catalogue")


class Bench:
    """One agent with one CPU that measures again and again."""

    def __init__(self, *, trust_tier: TrustTier = TrustTier.UNVETTED) -> None:
        self.owner: User = make_user()
        self.agent: Agent
        self.agent, _ = make_agent(owner=self.owner, trust_tier=trust_tier)
        self.attachments: list[Attachment] = attach(self.agent)
        self.at = NOW

    def measure(self, median_ms: float, *, model: str = MODEL, release: str = "1.2.3") -> Result:
        self.at += timedelta(minutes=2)
        make_runs(requested_by=self.owner, models=[model], at=self.at)
        attempt = lease(self.agent, self.attachments, at=self.at)
        message = result_message(attempt, latency_record(median_ms=median_ms), at=self.at)
        message = message.model_copy(update={"engine_release": release})
        return measure_latency(attempt, message, at=self.at)


def floor() -> Floor:
    configuration = Configuration.objects.get(engine="onnxruntime")
    cache.delete(f"aa-floor:{configuration.pk}")
    return floors_of([configuration.pk])[configuration.pk]


def test_floor_comes_from_pairs_of_attempts_at_the_same_thing() -> None:
    bench = Bench()
    for number in range(MIN_PAIRS):
        bench.measure(10.0)
        bench.measure(10.1 if number else 10.3)

    found = floor()

    assert (found.pairs, found.is_assumed) == (MIN_PAIRS, False)
    assert found.value == pytest.approx(0.03, abs=1e-6)


def test_other_models_and_other_engine_releases_are_no_pair() -> None:
    bench = Bench()
    bench.measure(10.0)
    bench.measure(20.0, model=OTHER_MODEL)
    bench.measure(15.0, release="1.3.0")

    assert floor() == Floor(ASSUMED, 0, is_assumed=True)


def test_flagged_and_withdrawn_values_are_no_evidence_of_noise() -> None:
    bench = Bench()
    first, second, third, fourth = (bench.measure(10.0 + number) for number in range(4))
    Result.objects.filter(pk=second.pk).update(flags=["busy-host"])
    Result.objects.filter(pk=third.pk).update(withdrawn_at=NOW, withdrawn_because="another network")

    found = floor()

    assert found.pairs == 1
    assert found.value == pytest.approx(float(fourth.value / first.value) - 1)


def test_unvetted_attempts_say_nothing_beside_vetted_ones() -> None:
    unvetted, vetted = Bench(), Bench(trust_tier=TrustTier.VETTED)
    for bench, other_ms in ((unvetted, 20.0), (vetted, 10.2)):
        bench.measure(10.0)
        bench.measure(other_ms)

    assert floor().pairs == 1
    assert floor().value == ASSUMED


def test_floor_is_kept_for_a_while_and_costs_no_query_then(django_assert_num_queries: Any) -> None:
    Bench().measure(10.0)
    configuration = Configuration.objects.get(engine="onnxruntime")
    first = floors_of([configuration.pk])

    with django_assert_num_queries(0):
        again = floors_of([configuration.pk])

    assert again == first


def test_floors_of_many_configurations_are_one_query(django_assert_num_queries: Any) -> None:
    ids = [-1, -2, -3]
    cache.delete_many([f"aa-floor:{number}" for number in ids])

    with django_assert_num_queries(1):
        found = floors_of(ids)

    assert set(found.values()) == {Floor(ASSUMED, 0, is_assumed=True)}
