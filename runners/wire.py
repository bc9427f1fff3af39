"""Messages between the agent and the site: the one module of `runners` that the site imports.

A message travels as JSON. The receiver ignores fields it does not know, so that release N talks to N-1; the
sender never leaves out a field without a default. `fixtures/wire/` holds golden messages, which both sides
parse and emit.

Units: durations in `_s` are seconds, samples in `_ns` nanoseconds, sizes bytes. Times are ISO 8601, UTC.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator, model_validator

WIRE_VERSION = 1
"""Version of these messages. The site accepts this one and the one before."""

WIRE_VERSION_HEADER = "Zooboard-Wire-Version"

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
"""A name that is safe in a URL and never a path: it starts with a letter or digit and has no slash."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Text = Annotated[str, Field(max_length=4_000)]
Facts = dict[str, Any]
"""What a machine says of itself: JSON scalars, lists and objects, documented in docs/agent-protocol.md."""


class Message(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


# --- Enrolment -----------------------------------------------------------------------------------------------


class EnrolRequest(Message):
    """`POST enroll`: a one-time code becomes an agent."""

    code: str = Field(min_length=1, max_length=100)
    name: Name
    runner_version: str = Field(max_length=50)
    wire_version: int = WIRE_VERSION


class RefusedDevice(Message):
    """A device of the newest lease request that the site cannot take; those beside it go on."""

    fingerprint: Sha256
    kind_name: str = Field(max_length=200)
    reason: Text


class AgentSettings(Message):
    """What the site tells an agent with every `enroll` and `heartbeat` answer."""

    lease_url: str
    heartbeat_every_s: float = Field(gt=0)
    server_time: AwareDatetime
    is_draining: bool = False
    """The owner wants the program to end: it finishes what it does, uploads it, and exits with 0."""
    should_rotate: bool = False
    """The owner wants the token replaced: the agent calls `rotate` once it is idle."""
    refused_devices: list[RefusedDevice] = Field(default_factory=list, max_length=50)


class EnrolAnswer(Message):
    """The secret is shown once; the site keeps only its sha256."""

    agent_id: str
    token: str
    name: str
    settings: AgentSettings


class RotateAnswer(Message):
    token: str


# --- Lease ---------------------------------------------------------------------------------------------------


class EngineOffer(Message):
    """An engine that works on a device, with the release that would be recorded."""

    name: Name
    release: str = Field(max_length=100)


class SelfCheck(Message):
    """What a short check of a device said, after a failure that was the device's or the agent's surroundings'."""

    is_ok: bool
    text: Text
    after_attempt_id: int
    """The last attempt that ended on the device before the check began."""


class DeviceOffer(Message):
    """One physical piece of hardware and what the agent can execute on it.

    `fingerprint` is derived from facts that stay the same over restarts (machine id, serial, UUID); `kind_facts`
    are those by which the site recognises the device kind: `category` (cpu, gpu, phone), `name` (CPU brand, GPU
    name, SoC model) and whatever tells near-identical kinds apart.
    """

    fingerprint: Sha256
    category: Literal["cpu", "gpu", "phone"]
    kind_name: str = Field(min_length=1, max_length=200)
    is_simulated: bool = False
    engines: list[EngineOffer] = Field(min_length=1, max_length=20)
    facts: Facts = Field(default_factory=dict)
    self_check: SelfCheck | None = None
    """The newest one since the agent started."""


class Dataset(Message):
    """Labelled images on an agent's host, registered there under a name.

    `sha256` is over the sorted lines `<file name>\\t<class index>\\n`, so that the same images in other folders are the
    same dataset. The site knows the digest of each task's standard dataset; every other one is a named subset.
    """

    name: Name
    task: Name
    images: int = Field(ge=1)
    classes: int = Field(ge=2)
    sha256: Sha256


class LeaseRequest(Message):
    """`POST lease`: waits up to `wait_s` for a run. The same `request_id` gets the same lease again."""

    request_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    devices: list[DeviceOffer] = Field(min_length=1, max_length=50)
    datasets: list[Dataset] = Field(default_factory=list, max_length=50)
    cached_artifacts: list[Sha256] = Field(default_factory=list, max_length=1_000)
    wait_s: float = Field(default=0, ge=0, le=25)
    runner_version: str = Field(max_length=50)
    wire_version: int = WIRE_VERSION
    client_time: AwareDatetime


class ArtifactFile(Message):
    name: Name
    sha256: Sha256
    size_bytes: int = Field(ge=0)


class Recipe(Message):
    """How an agent builds an artifact itself instead of downloading it; the hash decides whether it is the same."""

    builder: Name
    architecture: Name
    seed: int = Field(ge=0)


class InputPreparation(Message):
    """How an image becomes the network's input, as whoever made the weights states it.

    `method` says how it comes to `height` x `width`: `short-side-crop` scales the short side to `short_side` and crops
    the centre; `central-fraction` crops the central fraction of both sides and scales that; `stretch` scales both
    sides; `fit-pad` scales to the height, to at most the width, and fills the right with zeros. `bilinear` mixes the
    four nearest pixels, as OpenCV does; `bilinear-antialias` and `bicubic-antialias` average all pixels that shrink
    into one, as Pillow does. Then a value is (v / 255 - mean) / std. `label_offset` is output index minus class index.
    """

    method: Literal["short-side-crop", "central-fraction", "stretch", "fit-pad"]
    height: int = Field(ge=1, le=4096)
    width: int = Field(ge=1, le=4096)
    short_side: int | None = Field(default=None, ge=1, le=8192)
    central_fraction: float | None = Field(default=None, gt=0, le=1)
    interpolation: Literal["bilinear", "bilinear-antialias", "bicubic-antialias"] = "bilinear"
    mean: list[float] = Field(min_length=3, max_length=3)
    std: list[Annotated[float, Field(gt=0)]] = Field(min_length=3, max_length=3)
    channels: Literal["RGB", "BGR"] = "RGB"
    layout: Literal["NCHW", "NHWC"] = "NCHW"
    label_offset: int = Field(default=0, ge=-10_000, le=10_000)

    @model_validator(mode="after")
    def _method_has_its_number(self) -> InputPreparation:
        if self.method == "short-side-crop" and (self.short_side or 0) < max(self.height, self.width):
            raise ValueError("short-side-crop needs a short_side of at least height and width")
        if self.method == "central-fraction" and self.central_fraction is None:
            raise ValueError("central-fraction needs central_fraction")
        return self


class Artifact(Message):
    sha256: Sha256
    format: Name
    precision: Literal["fp32", "fp16", "int8"]
    weights: str = Field(max_length=300)
    files: list[ArtifactFile] = Field(min_length=1, max_length=10)
    recipe: Recipe | None = None
    input: InputPreparation | None = None
    """None where nobody stated it; accuracy is refused then."""


class ProtocolKind(StrEnum):
    LATENCY = "latency"
    COMPLEXITY = "complexity"
    ACCURACY = "accuracy"


class Protocol(Message):
    """A versioned way to measure. The counts are per process."""

    slug: Name
    version: int = Field(ge=1)
    kind: ProtocolKind
    task: Name = "imagenet1k"
    batch_size: int = Field(default=1, ge=1, le=1024)
    threads: int = Field(default=1, ge=1, le=256)
    precision: Literal["fp32", "fp16", "int8"] = "fp32"
    processes: int = Field(default=1, ge=1, le=50)
    warmup: int = Field(default=0, ge=0, le=10_000)
    repeats: int = Field(default=1, ge=1, le=100_000)
    min_duration_s: float = Field(default=0, ge=0, le=600)
    input_shape: list[int] = Field(default=[3, 224, 224], max_length=5)


class RunOrder(Message):
    """What to execute: declarative, never a command line, an address or a path."""

    run_id: int
    attempt_id: int
    model: Name
    engine: Name
    device_fingerprint: Sha256
    protocol: Protocol
    artifact: Artifact
    dataset: Dataset | None = None
    """For accuracy: the one of the agent's datasets to use, as it was offered."""


class LeaseAnswer(Message):
    order: RunOrder
    lease_token: str
    expires_in_s: float
    settings: AgentSettings


# --- While it runs -------------------------------------------------------------------------------------------


class Progress(Message):
    phase: str = Field(max_length=50)
    done: int = Field(default=0, ge=0)
    total: int = Field(default=0, ge=0)


class HeartbeatRequest(Message):
    """`POST heartbeat`: the first one precedes measuring. Without a lease token it only says "I am here"."""

    lease_token: str | None = Field(default=None, max_length=200)
    progress: Progress | None = None
    client_time: AwareDatetime


class HeartbeatAnswer(Message):
    action: Literal["continue", "cancel"]
    expires_in_s: float | None = None
    settings: AgentSettings


class ReleaseRequest(Message):
    """`POST release`: hands a run back untouched; it goes to the head of the queue."""

    lease_token: str = Field(max_length=200)
    reason: Text


class FailureKind(StrEnum):
    USER = "user"
    """The order cannot be executed as asked: an operator the engine lacks, a broken model. Not retried."""
    ENGINE = "engine"
    """The engine crashed or gave NaN. Not retried."""
    DEVICE = "device"
    """The device vanished, overheated, ran out of memory. Retried; the device must pass a self-check first."""
    INFRASTRUCTURE = "infrastructure"
    """Disk full, artifact unreachable. Retried."""


class FailRequest(Message):
    lease_token: str = Field(max_length=200)
    kind: FailureKind
    reason: Text


# --- Result --------------------------------------------------------------------------------------------------


class ProcessSamples(Message):
    """Everything one child process measured, in the order in which it happened.

    Shapes: `warmup_wall_ns` (w,); `wall_ns` (n,), one entry per timed inference; `cpu_ns` (n,), or empty where the
    process that executes is on another machine; `device_ns` (m,).
    """

    load_ns: int = Field(ge=0)
    first_ns: int = Field(ge=0)
    warmup_wall_ns: list[Annotated[int, Field(ge=0)]] = Field(max_length=20_000)
    wall_ns: list[Annotated[int, Field(gt=0)]] = Field(min_length=1, max_length=200_000)
    cpu_ns: list[Annotated[int, Field(ge=0)]] = Field(max_length=200_000)
    device_ns: list[Annotated[int, Field(gt=0)]] = Field(default_factory=list, max_length=200_000)
    """On a GPU: times without the copies between host and device, of inferences of their own after the timed loop."""
    started_at: AwareDatetime
    facts: Facts = Field(default_factory=dict)
    """Machine state around this process: load average, CPU frequency, pinned core, peak memory."""


class LatencyRecord(Message):
    kind: Literal["latency"] = "latency"
    processes: list[ProcessSamples] = Field(min_length=1, max_length=50)
    stated_median_ns: float = Field(gt=0)
    """Median of all wall samples as the agent computed it; the site checks that it follows from the samples."""
    output_sha256: Sha256
    """Of the logits for the seeded input, so that a network that computes something else is noticed."""
    executed_files: list[ArtifactFile] = Field(default_factory=list, max_length=10)
    """What the engine loaded where it converted the artifact to its own format; empty where it loads it as it is."""


class ToolSummary(Message):
    """What one invocation of a benchmark program said of its timed runs; None for what it does not say.

    Units: nanoseconds.
    """

    runs: int = Field(ge=1)
    warmup: int = Field(ge=0)
    mean_ns: float = Field(gt=0)
    median_ns: float | None = Field(default=None, gt=0)
    min_ns: float | None = Field(default=None, gt=0)
    max_ns: float | None = Field(default=None, gt=0)
    standard_deviation_ns: float | None = Field(default=None, ge=0)
    init_ns: float | None = Field(default=None, ge=0)
    first_ns: float | None = Field(default=None, gt=0)
    started_at: AwareDatetime
    output: str = Field(max_length=20_000)
    """What it printed, from which these numbers were read: the evidence."""
    facts: Facts = Field(default_factory=dict)
    """State of the device around this invocation: temperature, frequency, battery, mask."""


class SummaryRecord(Message):
    """Latency by a program that keeps its samples to itself: no interval can follow from it."""

    kind: Literal["summary"] = "summary"
    tool: Name
    tool_release: str = Field(max_length=100)
    invocations: list[ToolSummary] = Field(min_length=1, max_length=50)
    stated_mean_ns: float = Field(gt=0)
    """Median of the invocations' means as the agent computed it; the site checks that it follows from them."""
    executed_files: list[ArtifactFile] = Field(default_factory=list, max_length=10)
    """What the program loaded where the artifact was converted; empty where it loads it as it is."""


class ComplexityRecord(Message):
    """Counted from the graph. `flops_paddle` and `params_paddle` follow the published document's own counter."""

    kind: Literal["complexity"] = "complexity"
    params: int = Field(gt=0)
    macs: int = Field(gt=0)
    flops_paddle: int = Field(gt=0)
    params_paddle: int = Field(gt=0)
    storage_bytes: int = Field(gt=0)


class UnreadableImage(Message):
    name: str = Field(max_length=300)
    reason: str = Field(max_length=300)


class AccuracyRecord(Message):
    """What the network said of every image, in the order of the dataset's list.

    Shapes: `labels`, `predicted` and `ranks` (n,) for the n images of the dataset. `labels` and `predicted` are class
    indices from 0; `ranks` is the place of the true class among the outputs, 0 the highest, 5 for every place after the
    fifth. Both are -1 for an image that could not be read; `unreadable` then names it.
    """

    kind: Literal["accuracy"] = "accuracy"
    dataset: Dataset
    labels: list[Annotated[int, Field(ge=0, le=100_000)]] = Field(min_length=1, max_length=200_000)
    predicted: list[Annotated[int, Field(ge=-1, le=100_000)]] = Field(min_length=1, max_length=200_000)
    ranks: list[Annotated[int, Field(ge=-1, le=5)]] = Field(min_length=1, max_length=200_000)
    unreadable: list[UnreadableImage] = Field(default_factory=list, max_length=200_000)
    stated_top1: int = Field(ge=0)
    """Number of images with rank 0 as the agent counted them; the site checks that it follows from `ranks`."""
    stated_top5: int = Field(ge=0)


Record = Annotated[LatencyRecord | SummaryRecord | ComplexityRecord | AccuracyRecord, Field(discriminator="kind")]


class Measured(Message):
    """What was measured, of what, where and when: all that a record needs to be believed."""

    model: Name
    protocol_slug: Name
    protocol_version: int
    engine: Name
    engine_release: str = Field(max_length=100)
    device_fingerprint: Sha256
    artifact_sha256: Sha256
    runner_version: str = Field(max_length=50)
    started_at: AwareDatetime
    finished_at: AwareDatetime
    environment: Facts
    record: Record

    @field_validator("finished_at")
    @classmethod
    def _ends_after_start(cls, finished_at: datetime, info: Any) -> datetime:
        started_at = info.data.get("started_at")
        if started_at is not None and finished_at < started_at:
            raise ValueError("finished_at is before started_at")
        return finished_at


class ResultRequest(Measured):
    """`POST result`: keyed by (run, attempt). The same bytes again are accepted again, other bytes are a 409."""

    lease_token: str = Field(max_length=200)
    run_id: int
    attempt_id: int


class ResultAnswer(Message):
    state: str
    detail: str


class ArtifactAnswer(Message):
    """`POST artifacts`: the manifest under which the uploaded files are stored."""

    sha256: Sha256


class SubmissionRequest(Measured):
    """`POST submission`: a record that was measured without a lease, and the file that `measure` writes.

    Keyed by `submission_id`: the same bytes again are accepted again, other bytes are a 409.
    """

    submission_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    device: DeviceOffer
    artifact: Artifact


class SubmissionAnswer(Message):
    state: str
    detail: str


def manifest_sha256(*, format: str, precision: str, files: list[ArtifactFile]) -> str:
    """Address of an artifact: sha256 of the canonical JSON of its format, precision and files, ordered by name."""
    manifest = {
        "format": format,
        "precision": precision,
        "files": sorted((file.model_dump() for file in files), key=lambda file: file["name"]),
    }
    canonical = json.dumps(manifest, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
