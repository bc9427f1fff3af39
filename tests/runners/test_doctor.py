from __future__ import annotations

import pytest

from runners.doctor import skew_text


@pytest.mark.parametrize(
    ("skew_s", "text"),
    [
        (-0.04, "within 0.1 s of the site's"),
        (0.0, "within 0.1 s of the site's"),
        (-2.26, "2.3 s behind the site's"),
        (31.0, "31.0 s ahead of the site's"),
    ],
)
def test_clock_is_ahead_behind_or_as_good_as_the_sites(skew_s: float, text: str) -> None:
    assert skew_text(skew_s) == text
