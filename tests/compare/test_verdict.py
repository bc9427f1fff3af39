"""One sentence about two models."""

import pytest

from apps.compare.verdict import Clause, clause_text, predicate, verdict_sentence


def clause(kind: str, value: float, first: float, *, place: str = "", noise: str = "unknown") -> Clause:
    return Clause(kind, place, value, first, noise)  # type: ignore[arg-type]


def test_sentence_names_speed_accuracy_and_size() -> None:
    clauses = [
        clause("speed", 6.546, 12.4374, place="on Snapdragon 855"),
        clause("accuracy", 0.682, 0.713),
        clause("size", 24.0, 12.0),
    ]

    sentence = verdict_sentence("A", "B", predicate(clauses))

    assert sentence == (
        "Against B, A is 1.9 times faster on Snapdragon 855, 3.1 points less accurate and 2.0 times larger."
    )


def test_models_without_a_common_value_are_not_judged() -> None:
    assert verdict_sentence("A", "B", predicate([])) == "A and B have no value in common that would compare them."


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (clause("speed", 10.0, 10.0), "equally fast"),
        (clause("speed", 10.0, 10.3), "3.0 % faster"),
        (clause("speed", 10.3, 10.0, place="on X"), "3.0 % slower on X"),
        (clause("speed", 10.0, 10.3, noise="within"), "not measurably faster"),
        (clause("accuracy", 0.7, 0.7), "equally accurate"),
        (clause("accuracy", 0.7002, 0.7), "less than 0.1 points apart in accuracy"),
        (clause("accuracy", 0.71, 0.7, noise="within"), "not measurably more accurate"),
        (clause("speed", 10.0, 0.0), ""),
    ],
)
def test_clause_says_what_the_numbers_say(found: Clause, text: str) -> None:
    assert clause_text(found) == text
