"""What the soak needs on the site: protocols, an owner, enrolled agents, and campaigns."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from runners.config import Config, StateFolder
from runners.zoo import catalogue

MODELS = (
    "MobileNetV1_x0_25",
    "MobileNetV2_x0_25",
    "MobileNetV3_small_x0_35",
    "MobileNetV3_small_x0_5",
    "MobileNetV3_large_x0_35",
    "ShuffleNetV2_x0_25",
    "ShuffleNetV2_x0_33",
    "ShuffleNetV2_x0_5",
)
"""The smallest: an agent reads an artifact again before every use, and the soak is not about disks."""
PROTOCOLS = tuple(f"soak-{number}" for number in range(4))
"""Short ones, so that the site has to do and not the stub."""
METRICS = ("latency", "cpu_time")


def prepare(root: Path, url: str, agents: int) -> tuple[str, list[Path]]:
    """Protocols, an owner's token and enrolled state folders that hold the artifacts."""
    from apps.accounts.actions import create_token
    from apps.accounts.models import Scope, User
    from apps.catalog.models import Protocol

    now = datetime.now(UTC)
    for slug in PROTOCOLS:
        Protocol.objects.create(
            slug=slug,
            title=slug,
            kind="latency",
            task="imagenet1k",
            metrics=METRICS,
            engines=["stub"],
            category="cpu",
            threads=1,
            precision="fp32",
            processes=1,
            warmup=2,
            repeats=10,
            min_duration_s=0,
        )
    owner = User.objects.get(username="owner")
    token = create_token(user=owner, name="soak", scopes=[Scope.DISPATCH], at=now)
    cache = _artifact_cache(root / "artifacts")
    return token, [_enrolled(root / "agents" / str(number), url, owner, cache) for number in range(agents)]


def _artifact_cache(folder: Path) -> Path:
    for model in MODELS:
        artifact = catalogue.artifact(model)
        (folder / artifact.sha256).mkdir(parents=True)
        catalogue.write(model, path=folder / artifact.sha256 / artifact.files[0].name)
    return folder


def _enrolled(folder: Path, url: str, owner: Any, cache: Path) -> Path:
    """As the site and `zooboard-runner enroll` do it, past the throttle: two hundred labs do not share an address."""
    from apps.fleet.actions import create_enrolment_code, enrol_agent
    from runners import __version__, wire

    now, state = datetime.now(UTC), StateFolder(folder)
    code = create_enrolment_code(owner=owner, at=now)
    name = f"soak-{folder.name}"
    agent, token = enrol_agent(request=wire.EnrolRequest(code=code, name=name, runner_version=__version__), at=now)
    state.create()
    state.save(Config(site=url, agent_id=agent.public_id, name=name, token=token, is_simulated=True))
    state.artifacts.rmdir()
    subprocess.run(["cp", "--recursive", "--link", str(cache), str(state.artifacts)], check=True)
    return folder


def ask(url: str, token: str, runs: int) -> int:
    """Campaigns over the API; how many runs they come to."""
    each = len(MODELS) * len(PROTOCOLS)
    order = {"models": MODELS, "protocols": PROTOCOLS, "engine": "stub"}
    with httpx.Client(
        base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=60, trust_env=False
    ) as client:
        for _ in range(campaigns := -(-runs // each)):
            client.post("/api/v1/campaigns/", json=order).raise_for_status()
    return campaigns * each
