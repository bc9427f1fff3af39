"""A queued run is leased by the first agent that asks, or says why by none: the two are held against each other."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction

from apps.accounts.models import User
from apps.catalog.models import Artifact
from apps.fleet.actions import offer_datasets
from apps.fleet.models import Agent, AgentStatus, Attachment, Device, Serves
from apps.runs.actions.leases import lease_run
from apps.runs.actions.outcomes import release_attempt
from apps.runs.actions.queue import refresh_queue
from apps.runs.models import Attempt, Run
from apps.runs.waiting import turn_text
from runners import wire
from tests.accuracies import ACCURACY, SUBSET, trained_artifact
from tests.factories import (
    COMPLEXITY,
    NOW,
    attach,
    device_offer,
    make_agent,
    make_runs,
    make_user,
    request_id,
    token_of,
)
from tests.runs.phones import PHONE, phone_offer

pytestmark = pytest.mark.usefixtures("catalogue")

SCENES = 60
AWAY = timedelta(seconds=settings.AGENT_ONLINE_S + 1)
CPU = "example-cpu-9000"


@dataclass
class Scene:
    """Agents with one device each, and one run; `attachments` are what each agent offers as it asks."""

    owner: User
    run: Run
    attachments: dict[Agent, list[Attachment]] = field(default_factory=dict)

    def ask(self) -> Attempt | None:
        """Whoever is there asks, one after the other, until somebody has the run."""
        for agent, attachments in self.attachments.items():
            agent.refresh_from_db()
            if agent.status == AgentStatus.REVOKED or not agent.is_online(at=NOW):
                continue
            fresh = Attachment.objects.select_related("device__kind").filter(pk__in=[a.pk for a in attachments])
            attempt = lease_run(agent=agent, attachments=list(fresh), request_id=request_id(), at=NOW)
            if attempt is not None:
                return attempt
        return None


def _status(status: AgentStatus) -> Callable[[Scene, Agent], None]:
    def change(scene: Scene, agent: Agent) -> None:
        revoked_at = NOW if status == AgentStatus.REVOKED else None
        Agent.objects.filter(pk=agent.pk).update(status=status, revoked_at=revoked_at)

    change.__name__ = str(status)
    return change


def away(scene: Scene, agent: Agent) -> None:
    Agent.objects.filter(pk=agent.pk).update(last_seen_at=NOW - AWAY)


def pulled_out(scene: Scene, agent: Agent) -> None:
    """The agent is there, and with nothing to offer it asks for no run."""
    agent.attachments.update(last_seen_at=NOW - AWAY)
    scene.attachments[agent] = []


def unhealthy(scene: Scene, agent: Agent) -> None:
    _fail_device(agent, under=agent)


def unhealthy_with_another(scene: Scene, agent: Agent) -> None:
    _fail_device(agent, under=make_agent()[0])


def _fail_device(agent: Agent, *, under: Agent) -> None:
    Device.objects.filter(attachments__agent=agent).update(
        unhealthy_since=NOW, unhealthy_with=under, unhealthy_reason="too hot", unhealthy_after_attempt_id=1
    )


def serves_named_users(scene: Scene, agent: Agent) -> None:
    Agent.objects.filter(pk=agent.pk).update(serves=Serves.NAMED)
    agent.served_users.add(scene.owner)


def serves_others_by_name(scene: Scene, agent: Agent) -> None:
    Agent.objects.filter(pk=agent.pk).update(serves=Serves.NAMED)


def serves_everyone(scene: Scene, agent: Agent) -> None:
    Agent.objects.filter(pk=agent.pk).update(serves=Serves.EVERYONE)


def takes_uploads(scene: Scene, agent: Agent) -> None:
    Agent.objects.filter(pk=agent.pk).update(accepts_uploads=True)


def has_images(scene: Scene, agent: Agent) -> None:
    offer_datasets(agent=agent, datasets=[SUBSET])


def handed_it_back(scene: Scene, agent: Agent) -> None:
    """So long ago that it may have lost its device since, and not so long that others do not go before it."""
    before, attachments = NOW - AWAY, scene.attachments[agent]
    attempt = lease_run(agent=agent, attachments=attachments, request_id=request_id(), at=before)
    if attempt is not None:
        release_attempt(agent=agent, token=token_of(attempt), reason="drained", at=before)


CHANGES: list[Callable[[Scene, Agent], None]] = [
    _status(AgentStatus.PAUSED),
    _status(AgentStatus.DRAINING),
    _status(AgentStatus.REVOKED),
    away,
    pulled_out,
    unhealthy,
    unhealthy_with_another,
    serves_named_users,
    serves_others_by_name,
    serves_everyone,
    takes_uploads,
    has_images,
    handed_it_back,
]

ENGINES = ("onnxruntime", "onnx", "stub")
DEVICES: dict[str, Callable[[], wire.DeviceOffer]] = {
    "cpu": lambda: device_offer(engines=ENGINES),
    "simulated cpu": lambda: device_offer(engines=ENGINES, is_simulated=True),
    "phone": lambda: phone_offer("ncnn", "tflite"),
    "simulated phone": lambda: phone_offer("ncnn", "tflite", is_simulated=True),
}

RUNS: list[dict[str, Any]] = [
    {},
    {},
    {"device_kind": CPU},
    {"device_kind": f"simulated:{CPU}"},
    {"engine": "stub"},
    {"engine": "stub", "device_kind": f"simulated:{CPU}"},
    {"engine": "openvino"},
    {"protocols": [COMPLEXITY]},
    {"protocols": [PHONE], "engine": "ncnn"},
    {"protocols": [PHONE], "engine": "ncnn", "device_kind": "simulated:snapdragon-855"},
    {"protocols": ["phone-bs1-t1"], "engine": "ncnn"},
    {"protocols": [PHONE], "engine": "tflite"},
    {"protocols": [ACCURACY]},
    {"protocols": [ACCURACY], "dataset": SUBSET.name},
    {"is_uploaded": True},
]


def make_scene(random: Random) -> Scene:
    """Agents that could do it, but for up to two changes each."""
    owner, wanted = make_user(), dict(random.choice(RUNS))
    is_uploaded = wanted.pop("is_uploaded", False)
    if wanted.get("protocols") == [ACCURACY] and random.random() < 0.8:
        trained_artifact()
    [run] = make_runs(requested_by=owner, **wanted)
    if is_uploaded:
        Artifact.objects.filter(runs=run).update(is_uploaded=True)
    scene = Scene(owner, run)
    fitting = [name for name in DEVICES if name.endswith("phone" if run.protocol.category == "phone" else "cpu")]
    for _ in range(random.choice([0, 1, 1, 2, 2])):
        agent, _ = make_agent(owner=owner if random.random() < 0.8 else make_user())
        name = random.choice(fitting if random.random() < 0.85 else list(DEVICES))
        scene.attachments[agent] = attach(agent, DEVICES[name]())
        for change in random.sample(CHANGES, random.choice([0, 0, 1, 1, 2])):
            change(scene, agent)
    return scene


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens inside never was."""
    point = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(point)


def test_run_is_leased_by_somebody_exactly_where_nothing_is_said_to_block_it() -> None:
    seen: Counter[str] = Counter()
    # The kinds that are asked for must be known, whoever had one.
    attach(make_agent(at=NOW - AWAY)[0], *(make() for make in DEVICES.values()), at=NOW - AWAY)

    for seed in range(SCENES):
        with undone():
            scene = make_scene(Random(seed))
            refresh_queue(at=NOW)
            scene.run.refresh_from_db()
            reason, turn = scene.run.blocked_by, turn_text(scene.run, at=NOW)

            attempt = scene.ask()

            assert (attempt is None) == bool(reason), f"scene {seed}: {reason or turn}"
            assert turn
            if attempt is not None:
                assert f"{attempt.agent.name} can take it" in turn, f"scene {seed}: {turn}"
            seen["leased" if attempt else "blocked"] += 1

    assert min(seen["leased"], seen["blocked"]) > SCENES / 6, seen
