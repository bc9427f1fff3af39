from __future__ import annotations

import json

import pytest

from runners import wire
from tests.wire import golden
from tests.wire.golden import MESSAGES


def test_every_golden_file_is_tested_and_every_message_has_one() -> None:
    bodies = {cls for name, cls in vars(wire).items() if name.endswith(("Request", "Answer"))}

    assert golden.names() == {*MESSAGES, *golden.PROBLEMS, golden.UPLOAD, golden.LOG_ANSWER}
    assert bodies == set(MESSAGES.values())


@pytest.mark.parametrize("name", MESSAGES)
def test_a_golden_message_is_emitted_as_it_was_parsed(name: str) -> None:
    emitted = MESSAGES[name].model_validate_json(golden.text_of(name)).model_dump_json()

    assert json.loads(emitted) == golden.read(name)


@pytest.mark.parametrize("name", MESSAGES)
def test_a_field_of_a_newer_release_is_ignored(name: str) -> None:
    known = golden.read(name)

    message = MESSAGES[name].model_validate({**known, "field_of_tomorrow": 1})

    assert message == MESSAGES[name].model_validate(known)


def test_the_artifact_of_the_golden_lease_is_addressed_by_its_manifest() -> None:
    lease = wire.LeaseAnswer.model_validate(golden.read("lease_answer"))

    artifact = lease.order.artifact

    assert artifact.sha256 == wire.manifest_sha256(
        format=artifact.format, precision=artifact.precision, files=artifact.files
    )


def test_a_result_that_ends_before_it_starts_is_refused() -> None:
    late = golden.read("result_request_latency") | {"finished_at": "2026-11-24T09:00:00Z"}

    with pytest.raises(ValueError, match="finished_at is before started_at"):
        wire.ResultRequest.model_validate(late)


@pytest.mark.parametrize("name", ["../model.onnx", "a/b", "", ".hidden", "-x", "x" * 101])
def test_a_name_is_never_a_path(name: str) -> None:
    with pytest.raises(ValueError, match="pattern"):
        wire.ArtifactFile(name=name, sha256="0" * 64, size_bytes=1)
