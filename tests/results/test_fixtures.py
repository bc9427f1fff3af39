"""The catalogue's fixtures fit together; what each file holds is what these tests ask of it."""

import json
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from apps.core.metrics import METRICS
from apps.results.published import read_tables
from runners import wire

FOLDER = Path(__file__).parents[2] / "fixtures"


def _load(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def _published() -> set[tuple[str, str, str]]:
    return {(v.model, v.metric, v.configuration) for table in read_tables(FOLDER / "published") for v in table.values}


FAMILY_FIELDS = {"slug", "title", "organisation", "year", "building_blocks", "paper", "overview", "position"}

FAMILIES: list[dict[str, Any]] = _load("families.json")
NETWORKS: list[dict[str, Any]] = _load("networks.json")
ARTIFACTS: list[dict[str, Any]] = _load("artifacts.json")
KINDS: list[dict[str, Any]] = _load("device_kinds.json")["kinds"]
CPU_BOUNDS: list[dict[str, Any]] = _load("device_kinds.json")["cpu_bounds"]
PROTOCOLS: list[dict[str, Any]] = _load("protocols.json")["protocols"]
COMPARABILITIES: list[dict[str, Any]] = _load("protocols.json")["comparabilities"]


def test_families_are_complete() -> None:
    assert len({family["slug"] for family in FAMILIES}) == len(FAMILIES) == 5
    for family in FAMILIES:
        assert set(family) == FAMILY_FIELDS
        assert set(family["paper"]) == {"title", "authors", "year", "arxiv"}
        assert family["overview"].count(". ") in (1, 2, 3)
        assert family["building_blocks"]


def test_networks_are_the_models_of_the_document_in_its_order() -> None:
    accuracy = next(table for table in read_tables(FOLDER / "published") if table.slug == "accuracy")

    assert [network["name"] for network in NETWORKS] == list(dict.fromkeys(value.model for value in accuracy.values))
    assert [network["position"] for network in NETWORKS] == list(range(32))
    assert len({network["short"] for network in NETWORKS}) == 32


def test_networks_belong_to_a_family_and_share_their_bases_architecture() -> None:
    by_name = {network["name"]: network for network in NETWORKS}

    for network in NETWORKS:
        assert network["family"] in {family["slug"] for family in FAMILIES}
        assert 0 < Decimal(network["width_multiplier"]) <= 2
        is_own = network["recipe"] == "plain" and network["precision"] == "fp32"
        assert (network["base"] is None) == is_own
        if network["base"] is not None:
            base = by_name[network["base"]]
            shared = ("family", "architecture", "width_multiplier", "activation")
            assert [network[key] for key in shared] == [base[key] for key in shared]
    assert sum(network["recipe"] == "ssld" for network in NETWORKS) == 5
    assert [network["name"] for network in NETWORKS if network["precision"] == "int8"] == [
        "MobileNetV3_large_x1_0_ssld_int8"
    ]


def test_every_architecture_has_an_artifact() -> None:
    architectures = {network["architecture"] for network in NETWORKS}

    assert len(architectures) == 27
    assert {artifact["architecture"] for artifact in ARTIFACTS} == architectures


def test_published_copies_name_the_base_of_their_model() -> None:
    bases = {network["name"]: network["base"] for network in NETWORKS}

    copies = {
        (value.model, value.copied_from)
        for table in read_tables(FOLDER / "published")
        for value in table.values
        if value.copied_from
    }

    assert copies == {(model, bases[model]) for model, _ in copies}


def test_published_values_have_a_protocol_that_knows_their_metric() -> None:
    metrics = {protocol["slug"]: protocol["metrics"] for protocol in PROTOCOLS if protocol["is_origin"]}

    assert {(metric, configuration) for _, metric, configuration in _published()} == {
        (metric, slug) for slug, known in metrics.items() for metric in known
    }


def test_protocols_name_known_metrics_and_device_kinds() -> None:
    categories = {kind["slug"]: kind["category"] for kind in KINDS}

    assert len({protocol["slug"] for protocol in PROTOCOLS}) == len(PROTOCOLS)
    for protocol in PROTOCOLS:
        assert set(protocol["metrics"]) <= set(METRICS)
        assert protocol["description"]
        assert protocol["source"]
        if protocol["device_kind"] is not None:
            assert protocol["category"] == categories[protocol["device_kind"]]


@pytest.mark.parametrize("protocol", [p for p in PROTOCOLS if not p["is_origin"]], ids=lambda p: p["slug"])
def test_executable_protocol_is_a_valid_order(protocol: dict[str, Any]) -> None:
    # What is empty or null in the file has the message's default.
    stated = {key: value for key, value in protocol.items() if value not in (None, "")}

    order = wire.Protocol.model_validate(stated)

    assert protocol["engines"]
    assert order.processes == protocol["processes"]


def test_comparabilities_cover_every_pair_of_latency_protocols_once() -> None:
    slugs = [protocol["slug"] for protocol in PROTOCOLS]
    latency = [protocol["slug"] for protocol in PROTOCOLS if protocol["kind"] == "latency"]

    pairs = [(frozenset((entry["first"], entry["second"])), entry.get("metric", "")) for entry in COMPARABILITIES]

    assert len(set(pairs)) == len(pairs)
    assert {(frozenset(pair), "") for pair in combinations(latency, 2)} <= set(pairs)
    for entry in COMPARABILITIES:
        assert {entry["first"], entry["second"]} <= set(slugs)
        assert entry["verdict"] in {"yes", "caveat", "no"}
        assert entry["sentence"].endswith(".")


def test_device_kinds_state_peaks_and_how_they_are_recognised() -> None:
    for kind in KINDS:
        assert set(kind["peak_flops"]) == {"fp32", "fp16", "int8"}
        assert kind["peak_flops"]["fp32"] <= kind["peak_flops"]["fp16"] <= kind["peak_flops"]["int8"]
        assert kind["facts"]["names"]
        assert kind["facts"]["recognised_by"]
        assert kind["facts"]["peak_source"]


@pytest.mark.parametrize(("slug", "prime_ghz"), [("snapdragon-855", 2.8416), ("snapdragon-855-plus", 2.9568)])
def test_snapdragon_peak_is_that_of_its_eight_cores(slug: str, prime_ghz: float) -> None:
    snapdragon = next(kind for kind in KINDS if kind["slug"] == slug)

    big_ghz, little_ghz = prime_ghz + 3 * 2.4192, 4 * 1.7856

    assert snapdragon["facts"]["recognised_by"]["cpu7_max_frequency_khz"] == pytest.approx(prime_ghz * 1e6)
    assert snapdragon["peak_flops"]["fp32"] == pytest.approx((big_ghz * 16 + little_ghz * 8) * 1e9)


def test_no_two_kinds_are_recognised_by_the_same_facts_or_names() -> None:
    facts = [json.dumps(kind["facts"]["recognised_by"], sort_keys=True) for kind in KINDS]
    names = [name for kind in KINDS for name in kind["facts"]["names"]]

    assert len(set(facts)) == len(facts)
    assert len(set(names)) == len(names)


def test_protocols_of_phone_and_card_measure_as_often_as_they_say() -> None:
    counts = {
        protocol["slug"]: tuple(protocol[key] for key in ("processes", "warmup", "repeats", "min_duration_s"))
        for protocol in PROTOCOLS
        if protocol["device_kind"] and not protocol["is_origin"]
    }

    phone = {f"sd855-bs1-t{threads}": (5, 10, 100, None) for threads in (1, 2, 4)}
    card = {f"t4-{precision}-bs{batch}": (5, 200, 1000, 1.0) for precision in ("fp16", "fp32") for batch in (1, 4, 8)}
    assert counts == phone | card


@pytest.mark.parametrize(("of_any", "of_one"), [("phone-", "sd855-"), ("gpu-", "t4-")])
def test_protocols_of_any_device_measure_as_those_of_the_published_one(of_any: str, of_one: str) -> None:
    by_slug = {protocol["slug"]: protocol for protocol in PROTOCOLS}
    others = {slug: by_slug[slug.replace(of_any, of_one, 1)] for slug in by_slug if slug.startswith(of_any)}

    assert set(others) == {slug.replace(of_one, of_any, 1) for slug in by_slug if slug.startswith(of_one)}
    for slug, one in others.items():
        differing = {key for key, value in one.items() if by_slug[slug][key] != value}
        assert differing == {"slug", "title", "device_kind", "description"}
        assert by_slug[slug]["device_kind"] is None
        assert one["description"] in by_slug[slug]["description"]


def test_measured_latency_of_any_device_compares_with_no_published_one() -> None:
    verdicts = {
        entry["verdict"]
        for entry in COMPARABILITIES
        for one, other in [(entry["first"], entry["second"]), (entry["second"], entry["first"])]
        if one.startswith(("phone-", "gpu-")) and other.startswith(("paddleclas-sd855", "paddleclas-t4"))
    }

    assert verdicts == {"no"}


def test_measured_latency_of_the_card_compares_only_with_its_own_published_column() -> None:
    verdicts = {frozenset((entry["first"], entry["second"])): entry["verdict"] for entry in COMPARABILITIES}
    columns = [f"t4-{precision}-bs{batch}" for precision in ("fp16", "fp32") for batch in (1, 4, 8)]

    for measured in columns:
        found = {other for other in columns if verdicts[frozenset((measured, f"paddleclas-{other}"))] != "no"}
        assert found == {measured}


def test_cpu_bounds_end_with_one_for_every_name() -> None:
    assert [bound["name_prefix"] for bound in CPU_BOUNDS][-1] == ""
    assert all(bound["explanation"] for bound in CPU_BOUNDS)
    generic = CPU_BOUNDS[-1]
    assert generic["flops_per_cycle"]["fp32"] * generic["frequency_hz"] == 384_000_000_000
