from __future__ import annotations

import pytest

from runners.config import StateFolder
from runners.doctor import examine, skew_text
from tests.runners.site_double import SiteDouble, problem


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


def test_token_that_the_site_refuses_is_told_of_with_its_reason_and_what_to_do(
    site: SiteDouble, folder: StateFolder
) -> None:
    site.script("heartbeat", problem(401, "Agent lab was revoked 2026-11-28 09:00 UTC, which is for good."))

    told = {finding.subject: finding for finding in examine(folder, simulated=True)}

    assert (told["site"].is_ok, told["token"].is_ok) == (True, False)
    assert told["token"].text == (
        "agent lab (1) is refused: Agent lab was revoked 2026-11-28 09:00 UTC, which is for good. "
        "Enrol again with a new code: zooboard-runner enroll URL CODE."
    )
