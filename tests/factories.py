"""Plain functions that make what tests need, through the site's own actions wherever there is one."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Thread

import numpy as np
from django.db import connections

from apps.accounts.models import User
from apps.catalog.actions import load_catalogue
from apps.catalog.models import Artifact, Network
from apps.fleet.actions import attach_devices, create_enrolment_code, enrol_agent
from apps.fleet.models import Agent, AgentStatus, Attachment, Serves, TrustTier
from apps.results.actions.accept import accept_attempt
from apps.results.actions.submit import accept_submission, store_submission
from apps.results.models import Result, Submission
from apps.runs.actions.campaigns import create_campaign, expand_campaign
from apps.runs.actions.leases import lease_run
from apps.runs.actions.outcomes import store_result
from apps.runs.leases import Lease, lease_token
from apps.runs.models import Attempt, Campaign, Run
from runners import wire

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MODEL = "MobileNetV1_x0_25"
OTHER_MODEL = "MobileNetV2"
LATENCY = "cpu-fp32-bs1"
COMPLEXITY = "complexity-224"
CPU_NAME = "Example CPU 9000"
CPU_ENGINES = ("onnxruntime", "onnx")
PROCESSES, SAMPLES = 5, 50
ATTEMPT_S = 60.0

_numbers = count(1)


def seed_catalogue() -> None:
    """Commit what the fixtures say of the catalogue, where a flush or a new database left it away.

    A thread has a connection of its own, so that the rows outlive the transaction of the test that asked first.
    """
    if Network.objects.exists():
        return
    failed: list[Exception] = []

    def load() -> None:
        try:
            load_catalogue(at=NOW)
        except Exception as exc:
            failed.append(exc)
        finally:
            connections.close_all()

    thread = Thread(target=load)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


def make_user(username: str | None = None, *, is_staff: bool = False) -> User:
    return User.objects.create_user(username or f"user{next(_numbers)}", is_staff=is_staff)


def make_agent(
    *,
    owner: User | None = None,
    name: str | None = None,
    serves: Serves = Serves.OWNER,
    status: AgentStatus = AgentStatus.ACTIVE,
    accepts_uploads: bool = False,
    trust_tier: TrustTier = TrustTier.UNVETTED,
    at: datetime = NOW,
) -> tuple[Agent, str]:
    """An enrolled agent, which called at `at` for the first time, and its token."""
    enrolled_at = at - timedelta(seconds=1)
    code = create_enrolment_code(owner=owner or make_user(), at=enrolled_at)
    request = wire.EnrolRequest(code=code, name=name or f"agent{next(_numbers)}", runner_version="1.0")
    agent, token = enrol_agent(request=request, at=enrolled_at)
    agent.last_seen_at = at
    agent.serves, agent.status, agent.accepts_uploads, agent.trust_tier = serves, status, accepts_uploads, trust_tier
    agent.save()
    return agent, token


def device_offer(
    *,
    kind_name: str = CPU_NAME,
    category: str = "cpu",
    engines: Sequence[str] = CPU_ENGINES,
    is_simulated: bool = False,
    fingerprint: str | None = None,
    facts: wire.Facts | None = None,
    self_check: wire.SelfCheck | None = None,
) -> wire.DeviceOffer:
    return wire.DeviceOffer.model_validate(
        {
            "fingerprint": fingerprint or hashlib.sha256(str(next(_numbers)).encode()).hexdigest(),
            "category": category,
            "kind_name": kind_name,
            "is_simulated": is_simulated,
            "engines": [{"name": engine, "release": "1.2.3"} for engine in engines],
            "facts": facts or {},
            "self_check": self_check,
        }
    )


def attach(agent: Agent, *offers: wire.DeviceOffer, at: datetime = NOW) -> list[Attachment]:
    """The attachments of an agent that offers these devices, or one CPU."""
    return attach_devices(agent=agent, offers=offers or [device_offer()], at=at)


def make_campaign(
    *,
    requested_by: User,
    models: Sequence[str] = (MODEL,),
    protocols: Sequence[str] = (LATENCY,),
    engine: str = "",
    device_kind: str | None = None,
    dataset: str = "",
    at: datetime = NOW,
) -> Campaign:
    return create_campaign(
        requested_by=requested_by,
        model_names=models,
        protocol_slugs=protocols,
        engine=engine,
        device_kind=device_kind,
        dataset=dataset,
        at=at,
    )


def make_runs(
    *,
    requested_by: User,
    models: Sequence[str] = (MODEL,),
    protocols: Sequence[str] = (LATENCY,),
    engine: str = "",
    device_kind: str | None = None,
    dataset: str = "",
    at: datetime = NOW,
) -> list[Run]:
    """Queued runs of one campaign, in the order of its models and protocols."""
    campaign = make_campaign(
        requested_by=requested_by,
        models=models,
        protocols=protocols,
        engine=engine,
        device_kind=device_kind,
        dataset=dataset,
        at=at,
    )
    expand_campaign(campaign_id=campaign.pk, at=at)
    return list(campaign.runs.order_by("id"))


def request_id() -> str:
    return f"{next(_numbers):032x}"


def lease(
    agent: Agent, attachments: Sequence[Attachment], *, cached_artifacts: Sequence[str] = (), at: datetime = NOW
) -> Attempt:
    """The next attempt, under a request of its own; there must be one."""
    attempt = lease_run(
        agent=agent, attachments=attachments, request_id=request_id(), cached_artifacts=cached_artifacts, at=at
    )
    assert attempt is not None, "no run could be leased"
    return attempt


def make_leased(
    *,
    protocol: str = LATENCY,
    model: str = MODEL,
    owner: User | None = None,
    trust_tier: TrustTier = TrustTier.UNVETTED,
    is_simulated: bool = False,
    device: wire.DeviceOffer | None = None,
    at: datetime = NOW,
) -> Attempt:
    """An attempt that an agent of its own leased for a run of its owner's; a simulated latency is the stub's.

    On a given device its first engine is asked for, on a simulated one that device kind too.
    """
    owner = owner or make_user()
    agent, _ = make_agent(owner=owner, trust_tier=trust_tier, at=at)
    engine, engines = ("stub", ["stub"]) if is_simulated else ("", CPU_ENGINES)
    attachments = attach(agent, device or device_offer(is_simulated=is_simulated, engines=engines), at=at)
    kind = attachments[0].device.kind if device else None
    make_runs(
        requested_by=owner,
        models=[model],
        protocols=[protocol],
        engine=device.engines[0].name if device else engine,
        device_kind=kind.slug if kind and kind.is_simulated else None,
        at=at,
    )
    return lease(agent, attachments, at=at)


def token_of(attempt: Attempt) -> str:
    return lease_token(Lease(attempt.pk, attempt.fence))


def latency_record(
    *, median_ms: float = 10.0, seed: int = 0, samples: int = SAMPLES, mark_ns: int | None = None
) -> wire.LatencyRecord:
    """Five quiet processes: normal noise of half a per cent around `median_ms`, CPU time equal to wall time.

    No two records are the same measurement: `mark_ns` is added to the slowest sample, of each another one by default.
    """
    generator = np.random.default_rng(seed)
    wall = generator.normal(median_ms * 1e6, median_ms * 5e3, size=(PROCESSES, samples)).astype(int)
    wall.flat[wall.argmax()] += next(_numbers) if mark_ns is None else mark_ns
    processes = [
        wire.ProcessSamples(
            load_ns=50_000_000,
            first_ns=20_000_000,
            warmup_wall_ns=[12_000_000] * 10,
            wall_ns=row.tolist(),
            cpu_ns=row.tolist(),
            started_at=NOW,
        )
        for row in wall
    ]
    return wire.LatencyRecord(
        processes=processes, stated_median_ns=float(np.median(wall)), output_sha256=hashlib.sha256(b"").hexdigest()
    )


def complexity_record(**changes: int) -> wire.ComplexityRecord:
    """Of `MODEL`, as the site counts it too, but for the `changes`."""
    counted = {
        "params": 470_072,
        "macs": 41_030_272,
        "flops_paddle": 77_283_412,
        "params_paddle": 458_030,
        "storage_bytes": 1_923_020,
    }
    return wire.ComplexityRecord(**counted | changes)


def timed(record: wire.Record, *, at: datetime) -> wire.Record:
    """The same, as if its parts had been started one after the other in the minute before `at`."""
    if not isinstance(record, wire.LatencyRecord | wire.SummaryRecord):
        return record
    name = "processes" if isinstance(record, wire.LatencyRecord) else "invocations"
    begun_at = at - timedelta(seconds=ATTEMPT_S)
    parts = [
        part.model_copy(
            update={"started_at": begun_at + timedelta(seconds=i, microseconds=part.started_at.microsecond)}
        )
        for i, part in enumerate(getattr(record, name))
    ]
    return record.model_copy(update={name: parts})


def result_message(attempt: Attempt, record: wire.Record | None = None, *, at: datetime = NOW) -> wire.ResultRequest:
    """A result that nothing speaks against, finished at `at`; the same one whenever it is asked for."""
    run = attempt.run
    if record is None:
        # Counted downwards, the attempts' own marks are nobody else's.
        record = latency_record(mark_ns=-attempt.pk) if run.protocol.kind == "latency" else complexity_record()
    assert run.artifact is not None
    return wire.ResultRequest(
        lease_token=token_of(attempt),
        run_id=run.pk,
        attempt_id=attempt.pk,
        model=run.network.name,
        protocol_slug=run.protocol.slug,
        protocol_version=run.protocol.version,
        engine=run.engine,
        engine_release="1.2.3",
        device_fingerprint=attempt.device.fingerprint,
        artifact_sha256=run.artifact.sha256,
        runner_version="1.0",
        started_at=at - timedelta(seconds=ATTEMPT_S),
        finished_at=at,
        environment={"cpu": {"logical_cores": 8}},
        record=timed(record, at=at),
    )


def submit(attempt: Attempt, message: wire.ResultRequest | None = None, *, at: datetime = NOW) -> Attempt:
    """Send a result in; acceptance has not looked at it yet."""
    message = message or result_message(attempt, at=at)
    body = message.model_dump_json().encode()
    stored, _ = store_result(agent=attempt.agent, message=message, body=body, at=at)
    return stored


def measure(attempt: Attempt, message: wire.ResultRequest | None = None, *, at: datetime = NOW) -> list[Result]:
    """Send a result in and let it be accepted; the results it left, none when it was refused."""
    submit(attempt, message, at=at)
    accept_attempt(attempt_id=attempt.pk, at=at)
    return list(Result.objects.filter(attempt=attempt))


def measure_latency(attempt: Attempt, message: wire.ResultRequest | None = None, *, at: datetime = NOW) -> Result:
    """Send a result in and let it be accepted; its latency, one of the values that it left."""
    return next(result for result in measure(attempt, message, at=at) if result.metric == "latency")


def submission_message(
    record: wire.Record | None = None,
    *,
    protocol: str = LATENCY,
    engine: str | None = None,
    device: wire.DeviceOffer | None = None,
    artifact: wire.Artifact | None = None,
    at: datetime = NOW,
) -> wire.SubmissionRequest:
    """A record of `MODEL` that nothing speaks against, measured without a lease and finished at `at`."""
    device = device or device_offer()
    known = Artifact.objects.filter(architecture__name=MODEL, network=None, precision="fp32").earliest("id")
    artifact = artifact or wire.Artifact.model_validate(known.as_order())
    return wire.SubmissionRequest(
        submission_id=request_id(),
        model=MODEL,
        protocol_slug=protocol,
        protocol_version=1,
        engine=engine or ("onnx" if protocol == COMPLEXITY else "onnxruntime"),
        engine_release="1.2.3",
        device_fingerprint=device.fingerprint,
        artifact_sha256=artifact.sha256,
        runner_version="1.0",
        started_at=at - timedelta(seconds=ATTEMPT_S),
        finished_at=at,
        environment={"cpu": {"logical_cores": 8}},
        record=timed(record or latency_record(), at=at),
        device=device,
        artifact=artifact,
    )


def submit_record(agent: Agent, message: wire.SubmissionRequest, *, at: datetime = NOW) -> Submission:
    """Send a record in; acceptance has not looked at it yet."""
    body = message.model_dump_json().encode()
    return store_submission(agent=agent, message=message, body=body, at=at)[0]


def accept_record(agent: Agent, message: wire.SubmissionRequest | None = None, *, at: datetime = NOW) -> Submission:
    """Send a record in and let it be accepted."""
    submission = submit_record(agent, message or submission_message(at=at), at=at)
    accept_submission(submission_pk=submission.pk, at=at)
    submission.refresh_from_db()
    return submission
