"""Messages between the agent and the site: one module for each group.

A message travels as JSON. The receiver ignores fields it does not know, so that release N talks to N-1; the
sender never leaves out a field without a default. `fixtures/wire/` holds golden messages, which both sides
parse and emit.

Units: durations in `_s` are seconds, samples in `_ns` nanoseconds, sizes bytes. Times are ISO 8601, UTC.
"""

from runners.wire.artifacts import (
    Artifact,
    ArtifactAnswer,
    ArtifactFile,
    InputPreparation,
    Recipe,
    WeightsKind,
    manifest_sha256,
)
from runners.wire.base import WIRE_VERSION, WIRE_VERSION_HEADER, Facts, Message, Name, Sha256, Text
from runners.wire.devices import Dataset, DeviceOffer, EngineOffer, SelfCheck
from runners.wire.enrolment import AgentSettings, EnrolAnswer, EnrolRequest, RefusedDevice, RotateAnswer
from runners.wire.lease import LeaseAnswer, LeaseRequest, Protocol, ProtocolKind, RunOrder
from runners.wire.records import (
    AccuracyRecord,
    ComplexityRecord,
    LatencyRecord,
    ProcessSamples,
    Record,
    SummaryRecord,
    ToolSummary,
    UnreadableImage,
)
from runners.wire.results import Measured, ResultAnswer, ResultRequest, SubmissionAnswer, SubmissionRequest
from runners.wire.running import FailRequest, FailureKind, HeartbeatAnswer, HeartbeatRequest, Progress, ReleaseRequest

__all__ = [
    "WIRE_VERSION",
    "WIRE_VERSION_HEADER",
    "AccuracyRecord",
    "AgentSettings",
    "Artifact",
    "ArtifactAnswer",
    "ArtifactFile",
    "ComplexityRecord",
    "Dataset",
    "DeviceOffer",
    "EngineOffer",
    "EnrolAnswer",
    "EnrolRequest",
    "Facts",
    "FailRequest",
    "FailureKind",
    "HeartbeatAnswer",
    "HeartbeatRequest",
    "InputPreparation",
    "LatencyRecord",
    "LeaseAnswer",
    "LeaseRequest",
    "Measured",
    "Message",
    "Name",
    "ProcessSamples",
    "Progress",
    "Protocol",
    "ProtocolKind",
    "Recipe",
    "Record",
    "RefusedDevice",
    "ReleaseRequest",
    "ResultAnswer",
    "ResultRequest",
    "RotateAnswer",
    "RunOrder",
    "SelfCheck",
    "Sha256",
    "SubmissionAnswer",
    "SubmissionRequest",
    "SummaryRecord",
    "Text",
    "ToolSummary",
    "UnreadableImage",
    "WeightsKind",
    "manifest_sha256",
]
