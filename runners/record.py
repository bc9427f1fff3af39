"""A measurement without a site: how it is made, and the file that keeps it until somebody submits it."""

from __future__ import annotations

import gzip
import hashlib
import threading
import zlib
from collections.abc import Callable
from pathlib import Path

from pydantic import ValidationError

from runners import __version__, wire
from runners.execute import Execution, execute
from runners.orders import DatasetSource
from runners.quiet import BusyHost
from runners.spool import write_durably
from runners.subject import Subject

SUFFIX = ".json.gz"
LARGEST_BYTES = 16 * 1024**2
"""Unpacked; a site takes no more by default."""


class RecordError(Exception):
    """A record file cannot be read or written; `str()` says why and what to do."""


def measure(
    subject: Subject,
    protocol: wire.Protocol,
    *,
    engine: str,
    device: wire.DeviceOffer,
    work_dir: Path,
    on_progress: Callable[[wire.Progress], None],
    should_stop: threading.Event,
    busy_host: BusyHost = BusyHost.FLAG,
    kept_dir: Path | None = None,
    dataset: wire.Dataset | None = None,
    images: DatasetSource | None = None,
) -> wire.SubmissionRequest:
    """Execute the protocol as an agent under a lease does, with an order that was made here.

    `dataset` and where its `images` are belong to an accuracy. `kept_dir` is what `execute` says.

    Raises: `runners.execute.AttemptFailed`, `runners.execute.Stopped`.
    """
    order = wire.RunOrder(
        run_id=0,
        attempt_id=0,
        model=subject.model,
        engine=engine,
        device_fingerprint=device.fingerprint,
        protocol=protocol.model_copy(update={"input_shape": subject.input_shape}),
        artifact=subject.artifact,
        dataset=dataset,
    )
    execution = execute(
        order,
        artifact_dir=subject.folder,
        work_dir=work_dir,
        on_progress=on_progress,
        should_stop=should_stop,
        busy_host=busy_host,
        kept_dir=kept_dir,
        images=images,
    )
    return _request(order, execution, device)


def identified(record: wire.SubmissionRequest) -> wire.SubmissionRequest:
    """The record with an id of its content, so that no two share one and the same never has two."""
    digest = hashlib.sha256(record.model_dump_json().encode()).hexdigest()
    return record.model_copy(update={"submission_id": digest[:32]})


def write(path: Path, record: wire.SubmissionRequest) -> None:
    """The whole file or nothing; the same record is the same bytes.

    Raises: `RecordError`.
    """
    try:
        write_durably(path, packed(record))
    except OSError as error:
        raise RecordError(f"{path} cannot be written: {error.strerror}. Choose another file with --out.") from error


def packed(record: wire.SubmissionRequest) -> bytes:
    return gzip.compress(record.model_dump_json().encode(), mtime=0)


def read(path: Path) -> tuple[wire.SubmissionRequest, bytes]:
    """A record, and the very bytes of its file.

    Raises: `RecordError`.
    """
    try:
        content = path.read_bytes()
        unpacked = _unpacked(content)
    except (OSError, EOFError, zlib.error) as error:
        why = getattr(error, "strerror", None) or "it is not gzip, or not whole"
        raise RecordError(f"{path} cannot be read: {why}. Give a file that `measure` wrote.") from error
    if len(unpacked) > LARGEST_BYTES:
        raise RecordError(f"{path} unpacks to more than {LARGEST_BYTES} bytes: no record is that large.")
    try:
        return wire.SubmissionRequest.model_validate_json(unpacked), content
    except ValidationError as error:
        field = ".".join(str(part) for part in error.errors()[0]["loc"]) or "the JSON"
        raise RecordError(f"{path} is no record of `measure`: {field} is wrong. Give a file that it wrote.") from error


def _unpacked(content: bytes) -> bytes:
    """At most one byte more than a record may have. Raises: EOFError, zlib.error."""
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    unpacked = unpacker.decompress(content, LARGEST_BYTES + 1)
    if not unpacker.eof and len(unpacked) <= LARGEST_BYTES:
        raise EOFError
    return unpacked


def _request(order: wire.RunOrder, execution: Execution, device: wire.DeviceOffer) -> wire.SubmissionRequest:
    record = wire.SubmissionRequest(
        model=order.model,
        protocol_slug=order.protocol.slug,
        protocol_version=order.protocol.version,
        engine=order.engine,
        engine_release=execution.engine_release,
        device_fingerprint=device.fingerprint,
        artifact_sha256=order.artifact.sha256,
        runner_version=__version__,
        started_at=execution.started_at,
        finished_at=execution.finished_at,
        environment={**execution.environment, "input_shape": order.protocol.input_shape},
        record=execution.record,
        submission_id="0" * 32,
        device=device,
        artifact=order.artifact,
    )
    return identified(record)
