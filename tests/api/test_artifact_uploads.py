"""The owner of an agent brings an artifact that nobody makes of the ONNX file."""

import hashlib
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from apps.accounts.models import AuditEntry
from apps.catalog.models import Artifact
from apps.fleet.models import Agent
from apps.runs.actions.campaigns import create_campaign, expand_campaign
from apps.runs.actions.queue import refresh_queue
from apps.runs.models import Run
from runners import wire
from tests.api.calls import AGENT_API, Caller, assert_problem, row_counts

pytestmark = pytest.mark.usefixtures("catalogue")

MODEL, INT8 = "MobileNetV1_x0_25", "MobileNetV3_large_x1_0_ssld_int8"
LITE = b"optimised for armv8" * 10
TFLITE = b"\x1c\0\0\0TFL3" + b"\0" * 100


def upload(
    caller: Caller, *, content: bytes = LITE, name: str = "model.nb", format: str = "paddle-lite", **changes: str
) -> Any:
    precision = changes.get("precision", "fp32")
    file = wire.ArtifactFile(name=name, sha256=hashlib.sha256(content).hexdigest(), size_bytes=len(content))
    sha256 = wire.manifest_sha256(format=format, precision=precision, files=[file])
    form = {"model": MODEL, "format": format, "precision": precision, "sha256": sha256} | changes
    path = f"{AGENT_API}artifacts"
    return caller.client.post(path, {**form, name: SimpleUploadedFile(name, content)}, headers=caller.headers)


def queued_run(agent: Agent, engine: str) -> Run:
    campaign = create_campaign(
        requested_by=agent.owner,
        model_names=[MODEL],
        protocol_slugs=["sd855-bs1-t1"],
        engine=engine,
        at=timezone.now(),
    )
    expand_campaign(campaign_id=campaign.pk, at=timezone.now())
    return Run.objects.get(campaign=campaign)


@pytest.mark.parametrize(
    ("format", "name", "content"), [("paddle-lite", "model.nb", LITE), ("tflite", "model.tflite", TFLITE)]
)
def test_run_that_waits_for_an_artifact_gets_the_uploaded_one(
    enrolled: tuple[Agent, Caller], format: str, name: str, content: bytes
) -> None:
    agent, caller = enrolled
    run = queued_run(agent, format)
    blocked_before = run.blocked_by

    response = upload(caller, format=format, name=name, content=content, weights="PaddleClas")
    refresh_queue(at=timezone.now())

    run.refresh_from_db()
    assert blocked_before == f"no {format} artifact of {MODEL}"
    assert response.status_code == 201
    assert run.artifact == Artifact.objects.get(sha256=response.json()["sha256"])
    assert (run.artifact.weights, run.artifact.is_uploaded) == ("PaddleClas", True)
    assert f"no {format} artifact" not in run.blocked_by
    assert AuditEntry.objects.filter(action="artifact.upload", actor=agent.owner).count() == 1


def test_int8_file_becomes_the_int8_models(enrolled: tuple[Agent, Caller]) -> None:
    response = upload(enrolled[1], model=INT8, precision="int8")

    artifact = Artifact.objects.get(sha256=response.json()["sha256"])
    assert (artifact.precision, artifact.architecture.name) == ("int8", "MobileNetV3_large_x1_0")


def test_same_files_again_are_the_same_artifact(enrolled: tuple[Agent, Caller]) -> None:
    first, second = upload(enrolled[1]), upload(enrolled[1])

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"model": "nothing"}, "There is no model 'nothing'"),
        ({"format": "onnx"}, "Valid: paddle-lite, tflite"),
        ({"format": "tflite"}, "has files of .tflite, not model.nb"),
        ({"format": "tflite", "name": "model.tflite"}, "is no tflite network"),
        ({"content": b""}, "is no paddle-lite network"),
        ({"precision": "int8"}, f"{MODEL} is fp32, not int8"),
        ({"precision": "fp8"}, "Valid: fp32, fp16, int8"),
        ({"sha256": "0" * 64}, "send it again"),
        ({"weights": "x" * 301}, "at most 300 characters"),
    ],
)
def test_upload_that_cannot_be_right_is_refused_and_leaves_nothing(
    enrolled: tuple[Agent, Caller], changes: dict[str, Any], says: str
) -> None:
    before = row_counts()

    problem = assert_problem(upload(enrolled[1], **changes), 422, "invalid-input")

    assert says in problem.detail
    assert row_counts() == before


def test_upload_without_a_file_is_refused(enrolled: tuple[Agent, Caller]) -> None:
    form = {"model": MODEL, "format": "tflite", "precision": "fp32", "sha256": "0" * 64}

    response = enrolled[1].client.post(f"{AGENT_API}artifacts", form, headers=enrolled[1].headers)

    assert "Send the network's files too" in assert_problem(response, 422, "invalid-input").detail


def test_file_beyond_the_limit_is_a_413(enrolled: tuple[Agent, Caller], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.fleet.api.uploads.MAX_FILE_BYTES", 100)

    assert_problem(upload(enrolled[1]), 413, "too-large")


def test_only_an_administrator_replaces_what_others_measure_with(enrolled: tuple[Agent, Caller]) -> None:
    agent, caller = enrolled
    first = upload(caller).json()["sha256"]

    problem = assert_problem(upload(caller, content=LITE + b"other"), 409, "conflict")
    agent.owner.is_staff = True
    agent.owner.save()
    replaced = upload(caller, content=LITE + b"other")

    assert first[:12] in problem.detail
    assert replaced.status_code == 201


def test_files_of_another_architecture_are_a_409(enrolled: tuple[Agent, Caller]) -> None:
    upload(enrolled[1])

    problem = assert_problem(upload(enrolled[1], model="MobileNetV2"), 409, "conflict")

    assert "not MobileNetV2's" in problem.detail


def test_upload_needs_an_agents_token(anonymous: Caller) -> None:
    assert_problem(upload(anonymous), 401, "not-authenticated")
