"""The golden messages of `fixtures/wire/`: what each file is a message of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from runners import wire

FOLDER = Path(__file__).parents[2] / "fixtures" / "wire"

MESSAGES: dict[str, type[wire.Message]] = {
    "enrol_request": wire.EnrolRequest,
    "enrol_answer": wire.EnrolAnswer,
    "rotate_answer": wire.RotateAnswer,
    "lease_request": wire.LeaseRequest,
    "lease_request_devices": wire.LeaseRequest,
    "lease_answer": wire.LeaseAnswer,
    "lease_answer_accuracy": wire.LeaseAnswer,
    "heartbeat_request": wire.HeartbeatRequest,
    "heartbeat_request_idle": wire.HeartbeatRequest,
    "heartbeat_answer": wire.HeartbeatAnswer,
    "heartbeat_answer_cancel": wire.HeartbeatAnswer,
    "heartbeat_answer_refused_devices": wire.HeartbeatAnswer,
    "release_request": wire.ReleaseRequest,
    "fail_request": wire.FailRequest,
    "result_request_latency": wire.ResultRequest,
    "result_request_summary": wire.ResultRequest,
    "result_request_complexity": wire.ResultRequest,
    "result_request_accuracy": wire.ResultRequest,
    "result_answer": wire.ResultAnswer,
    "submission_request": wire.SubmissionRequest,
    "submission_answer": wire.SubmissionAnswer,
    "artifact_answer": wire.ArtifactAnswer,
}
"""Name of the file -> its message."""

PROBLEMS = (
    "problem_400_parameter",
    "problem_401_token",
    "problem_403_code",
    "problem_403_lease",
    "problem_404_artifact",
    "problem_409_lease",
    "problem_409_result",
    "problem_413_log",
    "problem_416_log",
    "problem_422_fields",
    "problem_426_version",
    "problem_429_enrol",
)
"""Bodies of refusals; the number is the status."""

UPLOAD, LOG_ANSWER = "artifact_upload", "log_answer"
"""Form fields and files of an upload, and what is answered to a piece of a log: neither is a message of its own."""


def text_of(name: str) -> str:
    return (FOLDER / f"{name}.json").read_text()


def read(name: str) -> Any:
    return json.loads(text_of(name))


def names() -> set[str]:
    return {path.stem for path in FOLDER.glob("*.json")}


def status_of(problem: str) -> int:
    """The status that a problem is answered with: "problem_416_log" is one of 416."""
    return int(problem.split("_")[1])
