"""An imported model of another task: from the upload over a lease to its accuracy in the API, and not on the board."""

import hashlib
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.actions import create_token
from apps.accounts.models import Scope
from apps.catalog.models import Dataset
from apps.results.actions.accept import accept_attempt
from apps.results.api import schema
from apps.runs.actions.campaigns import expand_campaign
from runners import wire
from tests.accuracies import import_text_angle
from tests.api.calls import Caller
from tests.factories import CPU_ENGINES, device_offer, make_agent, make_user, request_id
from tests.runners.engines.networks import network

IMAGES, RIGHT = 300, 292
MODEL, PROTOCOL = "text-angle-mobile", "accuracy-text-angle"

pytestmark = pytest.mark.usefixtures("catalogue")


@pytest.fixture
def offered(catalogue: None) -> wire.Dataset:
    """The standard dataset of the task, as an agent offers it."""
    sha256 = hashlib.sha256(b"text lines").hexdigest()
    values = {"name": "lines", "title": "text lines", "images": IMAGES, "classes": 2, "sha256": sha256}
    Dataset.objects.update_or_create(task="text-angle", defaults=values)
    return wire.Dataset(name="lines", task="text-angle", images=IMAGES, classes=2, sha256=sha256)


def _lease_request(datasets: list[wire.Dataset]) -> wire.LeaseRequest:
    return wire.LeaseRequest(
        request_id=request_id(),
        devices=[device_offer(engines=CPU_ENGINES)],
        datasets=datasets,
        runner_version="1.0",
        client_time=timezone.now(),
    )


def _record(dataset: wire.Dataset) -> wire.AccuracyRecord:
    labels = np.tile([0, 1], IMAGES // 2)
    is_right = np.arange(IMAGES) < RIGHT
    return wire.AccuracyRecord(
        dataset=dataset,
        labels=labels.tolist(),
        predicted=np.where(is_right, labels, 1 - labels).tolist(),
        ranks=np.where(is_right, 0, 1).tolist(),
        stated_top1=RIGHT,
        stated_top5=IMAGES,
    )


def _result(answer: wire.LeaseAnswer, record: wire.AccuracyRecord) -> bytes:
    order, now = answer.order, timezone.now()
    return (
        wire.ResultRequest(
            lease_token=answer.lease_token,
            run_id=order.run_id,
            attempt_id=order.attempt_id,
            model=order.model,
            protocol_slug=order.protocol.slug,
            protocol_version=order.protocol.version,
            engine=order.engine,
            engine_release="1.2.3",
            device_fingerprint=order.device_fingerprint,
            artifact_sha256=order.artifact.sha256,
            runner_version="1.0",
            started_at=now,
            finished_at=now,
            environment={"logical_cores": 8},
            record=record,
        )
        .model_dump_json()
        .encode()
    )


def _measure(offered: wire.Dataset) -> dict[str, Any]:
    """Import, ask, lease, upload and accept over HTTP; the run as the API then tells it."""
    import_text_angle(network(image_shape=[3, 48, 192]), name=MODEL)
    owner = make_user()
    agent = Caller(make_agent(owner=owner, at=timezone.now())[1])
    asker = Caller(create_token(user=owner, name="test", scopes=[Scope.DISPATCH], at=timezone.now()))
    campaign = asker.post("campaigns/", {"models": [MODEL], "protocols": [PROTOCOL]}).json()
    expand_campaign(campaign_id=campaign["id"], at=timezone.now())
    assert agent.post("agent/lease", _lease_request([])).status_code == 204
    answer = wire.LeaseAnswer.model_validate_json(agent.post("agent/lease", _lease_request([offered])).content)
    assert answer.order.dataset == offered
    assert agent.post_result(_result(answer, _record(offered))).status_code == 202
    accept_attempt(attempt_id=answer.order.attempt_id, at=timezone.now())
    run: dict[str, Any] = asker.get(f"runs/{answer.order.run_id}/").json()
    return run


def test_accuracy_stands_in_the_api_with_interval_samples_and_the_weights_behind_it(
    offered: wire.Dataset, anonymous: Caller
) -> None:
    run = _measure(offered)

    [row] = anonymous.get("results/", model=MODEL).json()["results"]
    samples = schema.RawSamples.model_validate_json(anonymous.get(f"results/{row['id']}/samples/").content)
    assert (run["state"], run["artifact_of"], run["weights"]) == ("done", MODEL, "trained by its maker")
    assert (row["metric"], row["n"], row["dataset"], row["statistic"]) == ("top1", 300, None, "share of 300 images")
    assert row["value"] == pytest.approx(RIGHT / IMAGES)
    assert row["interval"][0] < row["value"] < row["interval"][1]
    assert (row["weights"], row["artifact_of"]) == ("trained by its maker", MODEL)
    assert (samples.unit, samples.count, samples.processes) == ("class index", 300, [])
    assert samples.images is not None
    assert samples.images.ranks.count(0) == RIGHT


def test_model_of_another_task_never_stands_on_the_board(offered: wire.Dataset, anonymous: Caller) -> None:
    _measure(offered)

    leaderboard = anonymous.get("leaderboard/").json()
    page = Client().get("/").content.decode()
    models = {row["name"] for row in anonymous.all_rows("models/")}
    assert len(leaderboard["rows"]) == 32
    assert not any("text-angle" in column["key"] for column in leaderboard["columns"])
    assert MODEL not in page
    assert MODEL in models


def test_pages_of_the_model_and_of_the_run_show_its_accuracy(offered: wire.Dataset) -> None:
    run = _measure(offered)

    model_page = Client().get(f"/models/{MODEL}").content.decode()
    run_page = Client().get(f"/runs/{run['id']}").content.decode()
    assert "share of 300 images" in model_page
    assert f"Measured with an artifact of {MODEL}; weights: trained by its maker." in run_page
