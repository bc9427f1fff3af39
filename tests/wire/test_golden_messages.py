from __future__ import annotations

import json
from pathlib import Path

import pytest

from runners import wire

GOLDEN = Path(__file__).parent / "golden"

MESSAGES: dict[str, type[wire.Message]] = {
    "enrol_request": wire.EnrolRequest,
    "enrol_answer": wire.EnrolAnswer,
    "rotate_answer": wire.RotateAnswer,
    "lease_request": wire.LeaseRequest,
    "lease_answer": wire.LeaseAnswer,
    "lease_answer_accuracy": wire.LeaseAnswer,
    "heartbeat_request": wire.HeartbeatRequest,
    "heartbeat_request_idle": wire.HeartbeatRequest,
    "heartbeat_answer": wire.HeartbeatAnswer,
    "heartbeat_answer_cancel": wire.HeartbeatAnswer,
    "release_request": wire.ReleaseRequest,
    "fail_request": wire.FailRequest,
    "result_request_latency": wire.ResultRequest,
    "result_request_complexity": wire.ResultRequest,
    "result_request_accuracy": wire.ResultRequest,
    "result_answer": wire.ResultAnswer,
    "submission_request": wire.SubmissionRequest,
    "submission_answer": wire.SubmissionAnswer,
    "artifact_answer": wire.ArtifactAnswer,
}


def test_every_golden_file_is_tested_and_every_message_has_one() -> None:
    bodies = {cls for name, cls in vars(wire).items() if name.endswith(("Request", "Answer"))}

    assert {path.stem for path in GOLDEN.glob("*.json")} == set(MESSAGES)
    assert bodies == set(MESSAGES.values())


@pytest.mark.parametrize("name", MESSAGES)
def test_a_golden_message_is_emitted_as_it_was_parsed(name: str) -> None:
    golden = (GOLDEN / f"{name}.json").read_text()

    emitted = MESSAGES[name].model_validate_json(golden).model_dump_json()

    assert json.loads(emitted) == json.loads(golden)


@pytest.mark.parametrize("name", MESSAGES)
def test_a_field_of_a_newer_release_is_ignored(name: str) -> None:
    golden = json.loads((GOLDEN / f"{name}.json").read_text())

    message = MESSAGES[name].model_validate({**golden, "field_of_tomorrow": 1})

    assert message == MESSAGES[name].model_validate(golden)


def test_the_artifact_of_the_golden_lease_is_addressed_by_its_manifest() -> None:
    lease = wire.LeaseAnswer.model_validate_json((GOLDEN / "lease_answer.json").read_bytes())

    artifact = lease.order.artifact

    assert artifact.sha256 == wire.manifest_sha256(
        format=artifact.format, precision=artifact.precision, files=artifact.files
    )


def test_a_result_that_ends_before_it_starts_is_refused() -> None:
    golden = json.loads((GOLDEN / "result_request_latency.json").read_text())

    with pytest.raises(ValueError, match="finished_at is before started_at"):
        wire.ResultRequest.model_validate({**golden, "finished_at": "2026-11-24T09:00:00Z"})


@pytest.mark.parametrize("name", ["../model.onnx", "a/b", "", ".hidden", "-x", "x" * 101])
def test_a_name_is_never_a_path(name: str) -> None:
    with pytest.raises(ValueError, match="pattern"):
        wire.ArtifactFile(name=name, sha256="0" * 64, size_bytes=1)
