from __future__ import annotations

import pytest

from apps.compare.change_sentence import differences_text, effect_text
from apps.compare.facts import FactDifference


@pytest.mark.parametrize(
    ("metric", "before", "after", "text"),
    [
        ("latency", 4.0, 4.48, "12.0 % slower"),
        ("latency", 4.48, 4.0, "12.0 % faster"),
        ("device_time", 1.0, 2.5, "2.5 times slower"),
        ("cpu_time", 2.0, 1.9, "5.3 % less CPU time"),
        ("storage", 4.0, 4.2, "5.0 % larger"),
        ("macs", 40.0, 41.0, "2.5 % more"),
        ("top1", 0.7, 0.688, "1.2 points less accurate"),
        ("top5", 0.0, 0.05, "5.0 points more accurate"),
        ("latency", 0.0, 1.0, "slower"),
        ("latency", 2.0, 2.0, "spread otherwise around the same level"),
    ],
)
def test_effect_is_told_in_the_words_of_its_metric(metric: str, before: float, after: float, text: str) -> None:
    assert effect_text(metric, before, after) == text


def test_differences_are_one_sentence_with_what_is_long_cut_short() -> None:
    text = differences_text(
        [
            FactDifference(("engine_release",), "1.31.0", "1.32.0"),
            FactDifference(("artifact_sha256",), "a" * 64, "b" * 64),
            FactDifference(("cpu", "governor"), None, "powersave"),
            FactDifference(("container",), "docker", None),
        ]
    )

    assert text == (
        "What differs: engine release 1.32.0 instead of 1.31.0; "
        "artifact sha256 bbbbbbbbbbbb… instead of aaaaaaaaaaaa…; "
        "cpu › governor powersave, not stated before; container not stated any more, docker before."
    )


def test_no_difference_is_said_too() -> None:
    assert differences_text([]) == "Nothing that is known of the runs around it differs."
