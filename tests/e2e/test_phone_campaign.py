"""All models on a simulated phone, on a site of its own: what other tests upload would be measured too."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.phone_lab import PhoneLab, phone_lab
from tests.e2e.stack import Stack, states
from tests.e2e.waiting import wait_until

INT8 = "MobileNetV3_large_x1_0_ssld_int8"
ALL_MODELS = 32
WITHIN_S = 60.0
ALL_WITHIN_S = 600.0
"""Each run starts some thirty programs, on a machine that has other tests too."""

pytestmark = pytest.mark.timeout(2 * int(ALL_WITHIN_S))


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[PhoneLab]:
    with Stack() as site, phone_lab(site, tmp_path) as lab:
        lab.enrol()
        lab.offer_phone_only()
        lab.agent.start()
        wait_until(lab.is_registered, WITHIN_S, what=lab.agent.log)
        yield lab
        print(f"--- agent of the lab\n{lab.agent.log()}")


def wait_until_done(lab: PhoneLab, campaign: int, count: int) -> None:
    wait_until(lambda: lab.count_of(campaign, "done") == count, ALL_WITHIN_S, what=lambda: str(lab.site.runs(campaign)))


def test_campaign_of_all_models_is_done_once_the_site_has_the_int8_file_and_changes_nothing_on_the_board(
    lab: PhoneLab,
) -> None:
    board = lab.site.get("/api/v1/leaderboard/")
    campaign = lab.ask_for("all", engine="onnxruntime")
    wait_until_done(lab, campaign, ALL_MODELS - 1)
    runs = {run["model"]: run["id"] for run in lab.site.runs(campaign)}
    blocked_by, page_meanwhile = lab.site.run(runs[INT8])["blocked_by"], lab.page(runs[INT8])

    lab.site.command("build_artifacts")
    wait_until_done(lab, campaign, ALL_MODELS)

    assert blocked_by == f"no int8 onnx artifact of {INT8}"
    assert f"Waits: {blocked_by}" in page_meanwhile
    assert len(runs) == ALL_MODELS
    for run_id in runs.values():
        assert states(lab.site.run(run_id)) == ["accepted"]
        assert lab.has_one_measurement(run_id)
    assert lab.site.get("/api/v1/leaderboard/") == board
    assert lab.phone.is_clean(), lab.phone.leftovers()
