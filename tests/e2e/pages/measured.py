"""Runs in every state, with samples that look like those of a real machine."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from django.conf import settings
from django.test import Client
from django.utils import timezone

from apps.accounts.actions import create_invitation
from apps.accounts.models import User
from apps.fleet.models import Agent, Attachment
from apps.results.actions.submit import accept_submission
from apps.results.models import Submission
from apps.runs.actions.leases import heartbeat
from apps.runs.actions.logs import append_log
from apps.runs.actions.outcomes import fail_attempt
from apps.runs.actions.queue import refresh_queue
from apps.runs.models import Attempt, Run
from runners import wire
from tests.factories import (
    NOW,
    PROCESSES,
    attach,
    device_offer,
    lease,
    make_agent,
    make_runs,
    make_user,
    measure,
    result_message,
    submission_message,
    submit_record,
    token_of,
)

MEDIANS_MS = {"MobileNetV1_x0_25": 2.214, "MobileNetV1_x0_5": 6.118, "MobileNetV2": 11.362, "ShuffleNetV2": 6.71}
SENT_IN_MS = 2.402
"""Of no run: the same samples would not be taken twice."""
SAMPLES = 60
ENVIRONMENT = {
    "runner": "0.1.0",
    "os": "Debian GNU/Linux 12 (bookworm)",
    "kernel": "6.1.0-28-amd64",
    "python": "3.11.7",
    "packages": {"numpy": "2.4.6", "onnxruntime": "1.32.0"},
    "cpu": {"brand": "Example CPU 9000", "flags": ["avx", "avx2", "fma"], "logical_cores": 8},
    "logical_cores": 8,
    "memory_bytes": 33554432000,
    "governor": "performance",
    "is_virtual_machine": False,
}
LOG = "".join(f"12:00:{5 * number:02d} process {number} of {PROCESSES}: {SAMPLES} samples\n" for number in range(1, 6))


@dataclass
class MeasuredSite:
    """`url` is set once it serves."""

    owner: User
    done: Attempt
    running: Attempt
    failed: Attempt
    waiting: Run
    submission: Submission
    refused: Submission
    invitation: str
    """A link that nobody has used."""
    session: str
    """Of the owner's browser."""
    url: str = ""


def measure_some() -> MeasuredSite:
    """A handful of done runs, one running, one failed, one queued that nobody can take, two records sent in."""
    owner = make_user("ada", is_staff=True)
    agent, _ = make_agent(owner=owner, name="lab-1")
    attachments = attach(agent, device_offer())
    done = [_measured(agent, attachments, model, median_ms) for model, median_ms in MEDIANS_MS.items()]
    [_] = make_runs(requested_by=owner, protocols=["complexity-224"], at=NOW + timedelta(minutes=9))
    measure(lease(agent, attachments))
    failed = _failed(agent, attachments)
    running = _running(agent, attachments)
    [waiting] = make_runs(requested_by=owner, models=["MobileNetV3_large_x1_0"], protocols=["t4-fp16-bs1"], at=NOW)
    refresh_queue(at=NOW + timedelta(minutes=20))
    browser = Client()
    browser.force_login(owner)
    return MeasuredSite(
        owner,
        done[0],
        running,
        failed,
        waiting,
        submission=_sent_in(agent, model="MobileNetV1_x0_25"),
        refused=_sent_in(agent, model="MobileNetV1_of_mine"),
        invitation=create_invitation(email="grace@example.org", by=owner, at=timezone.now()),
        session=browser.cookies[settings.SESSION_COOKIE_NAME].value,
    )


def _sent_in(agent: Agent, *, model: str) -> Submission:
    message = submission_message(_record(SENT_IN_MS)).model_copy(update={"model": model})
    submission = submit_record(agent, message.model_copy(update={"environment": ENVIRONMENT}))
    accept_submission(submission_pk=submission.pk, at=NOW)
    return submission


def _measured(agent: Agent, attachments: list[Attachment], model: str, median_ms: float) -> Attempt:
    make_runs(requested_by=agent.owner, models=[model])
    attempt = lease(agent, attachments)
    heartbeat(agent=agent, token=token_of(attempt), progress=None, at=NOW + timedelta(seconds=1))
    append_log(attempt=attempt, offset=0, chunk=LOG.encode())
    message = result_message(attempt, _record(median_ms)).model_copy(update={"environment": ENVIRONMENT})
    assert measure(attempt, message)
    return attempt


def _record(median_ms: float) -> wire.LatencyRecord:
    """Processes a few per cent apart, skewed noise, a slow start and a few late samples."""
    generator = np.random.default_rng(1)
    levels = median_ms * 1e6 * (1 + generator.normal(0, 0.01, size=(PROCESSES, 1)))
    noise = generator.lognormal(mean=-5.5, sigma=0.8, size=(PROCESSES, SAMPLES))
    late = generator.random((PROCESSES, SAMPLES)) > 0.98
    wall = (levels * (1 + noise + 0.25 * late)).astype(int)
    processes = [
        wire.ProcessSamples(
            load_ns=21_400_000,
            first_ns=int(row[0] * 2.1),
            warmup_wall_ns=(row[:10] * 1.04).astype(int).tolist(),
            wall_ns=row.tolist(),
            cpu_ns=(row * 0.996).astype(int).tolist(),
            started_at=NOW,
            facts={"before": {"load_average": [0.12], "frequency_mhz": 3200.0, "temperature_c": 41.0}},
        )
        for row in wall
    ]
    return wire.LatencyRecord(
        processes=processes, stated_median_ns=float(np.median(wall)), output_sha256=hashlib.sha256(b"").hexdigest()
    )


def _failed(agent: Agent, attachments: list[Attachment]) -> Attempt:
    make_runs(requested_by=agent.owner, models=["MobileNetV1"])
    attempt = lease(agent, attachments)
    fail_attempt(
        agent=agent,
        token=token_of(attempt),
        kind=wire.FailureKind.ENGINE,
        reason="onnxruntime 1.32.0 gave NaN for the seeded input.",
        at=NOW + timedelta(seconds=5),
    )
    return attempt


def _running(agent: Agent, attachments: list[Attachment]) -> Attempt:
    make_runs(requested_by=agent.owner, models=["MobileNetV2_x0_5"])
    attempt = lease(agent, attachments)
    progress = wire.Progress(phase="process", done=2, total=5)
    heartbeat(agent=agent, token=token_of(attempt), progress=progress, at=NOW + timedelta(seconds=2))
    return attempt
