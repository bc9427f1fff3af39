from __future__ import annotations

from apps.compare.facts import FactDifference, fact_differences, fact_name, flat_facts


def test_facts_have_a_path_and_a_text_and_what_is_not_stated_has_none() -> None:
    facts = {"os": "Debian", "cpu": {"flags": ["avx2", "fma"], "smt": None, "cache": {"l2_bytes": 1024}}}

    assert flat_facts(facts) == {
        ("os",): "Debian",
        ("cpu", "flags"): "avx2, fma",
        ("cpu", "cache", "l2_bytes"): "1024",
    }
    assert fact_name(("cpu", "cache", "l2_bytes")) == "cpu › cache › l2 bytes"


def test_only_what_both_sides_agree_on_can_differ() -> None:
    before = [{"release": "1.0", "state": {"load": load}, "governor": "performance"} for load in (0.1, 0.2, 0.3)]
    after = [{"release": "1.1", "state": {"load": load}, "kernel": "6.1"} for load in (0.4, 0.4, 0.4)]

    assert fact_differences(before, after) == [
        FactDifference(("release",), "1.0", "1.1"),
        FactDifference(("governor",), "performance", None),
        FactDifference(("kernel",), None, "6.1"),
    ]


def test_equal_facts_and_no_facts_differ_in_nothing() -> None:
    assert fact_differences([{"os": "Debian"}], [{"os": "Debian"}]) == []
    assert fact_differences([], []) == []
