"""The made-up zoo's models, kinds, configurations, devices and agents as rows of the database."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password

from apps.accounts.models import User
from apps.catalog.actions import configuration_for
from apps.catalog.models import Architecture, Artifact, Configuration, DeviceKind, Family, Network, Protocol
from apps.catalog.models.device_kind import Category
from apps.catalog.models.network import Precision, Recipe
from apps.fleet.models import Agent, AgentStatus, Device, TrustTier
from apps.results.synthetic import PREFIX
from apps.results.synthetic.zoo import Zoo

MADE_UP = "made up by manage.py synth"
UNVETTED_EVERY = 5
"""Every fifth agent is one that nobody vetted."""


@dataclass(frozen=True)
class Catalogue:
    """Rows in the order of the zoo's own lists; one agent for each device, one artifact for each model."""

    owner: User
    networks: list[Network]
    artifacts: list[Artifact]
    configurations: list[Configuration]
    devices: list[Device]
    agents: list[Agent]


def store_catalogue(zoo: Zoo, *, at: datetime) -> Catalogue:
    owner = User.objects.create(username="synth", password=make_password(None), is_active=False)
    networks = _store_networks(zoo)
    kinds = DeviceKind.objects.bulk_create(
        [
            DeviceKind(
                slug=kind.slug,
                title=kind.title,
                category=Category.PHONE if kind.is_phone else Category.CPU,
                facts={"note": MADE_UP},
            )
            for kind in zoo.kinds
        ]
    )
    protocols = {protocol.slug: protocol for protocol in Protocol.objects.newest()}
    configurations = [
        configuration_for(protocol=protocols[c.protocol], engine=c.engine, device_kind=kinds[c.kind])
        for c in zoo.columns
    ]
    devices = Device.objects.bulk_create(
        [
            Device(
                owner=owner,
                kind=kinds[kind],
                fingerprint=_sha256(f"device {number}"),
                first_seen_at=at,
                last_seen_at=at,
            )
            for number, kind in enumerate(zoo.device_kinds)
        ]
    )
    agents = Agent.objects.bulk_create([_agent(number, owner, at=at) for number in range(len(devices))])
    return Catalogue(owner, networks, _store_artifacts(networks, at=at), configurations, devices, agents)


def _store_networks(zoo: Zoo) -> list[Network]:
    families = Family.objects.bulk_create(
        [
            Family(
                slug=name,
                title=name.replace("-", " ").capitalize(),
                organisation="nobody",
                year=2012 + number % 14,
                overview=f"No such family exists: {MADE_UP}, for load tests.",
                position=1000 + number,
            )
            for number, name in enumerate(zoo.families)
        ]
    )
    names = {model.architecture: model for model in zoo.models}
    architectures = {
        row.name: row
        for row in Architecture.objects.bulk_create(
            [
                Architecture(
                    name=name,
                    family=families[model.family],
                    flops_paddle=int(model.macs_m * 2.03e6),
                    params_paddle=int(float(model.printed["params_paddle", "paddleclas-complexity"]) * 1e6),
                )
                for name, model in names.items()
            ]
        )
    }
    networks = [
        Network(
            name=model.name,
            short=model.short,
            family=families[model.family],
            architecture=architectures[model.architecture],
            width_multiplier=model.width,
            activation="relu",
            recipe=model.recipe,
            precision=Precision.FP32,
            position=1000 + number,
        )
        for number, model in enumerate(zoo.models)
    ]
    plain = Network.objects.bulk_create([each for each in networks if each.recipe == Recipe.PLAIN])
    bases = {network.architecture_id: network for network in plain}
    for network in networks:
        if network.recipe != Recipe.PLAIN:
            network.base = bases[network.architecture_id]
    Network.objects.bulk_create([each for each in networks if each.recipe != Recipe.PLAIN])
    return networks


def _store_artifacts(networks: list[Network], *, at: datetime) -> list[Artifact]:
    """A manifest without files: there is nothing to execute."""
    return Artifact.objects.bulk_create(
        [
            Artifact(
                sha256=_sha256(f"artifact {network.name}"),
                architecture=network.architecture,
                network=network,
                format="onnx",
                precision=Precision.FP32,
                weights=f"none: {MADE_UP}",
                created_at=at,
            )
            for network in networks
        ]
    )


def _agent(number: int, owner: User, *, at: datetime) -> Agent:
    """Paused, so that nobody waits for it; its secret is known to nobody."""
    return Agent(
        public_id=f"{PREFIX}{number}",
        digest=_sha256(f"agent {number}"),
        name=f"{PREFIX}agent-{number:02d}",
        owner=owner,
        status=AgentStatus.PAUSED,
        trust_tier=TrustTier.UNVETTED if number % UNVETTED_EVERY == UNVETTED_EVERY - 1 else TrustTier.VETTED,
        runner_version="synth",
        wire_version=1,
        enrolled_at=at - timedelta(days=800),
        last_seen_at=at,
    )


def _sha256(text: str) -> str:
    return hashlib.sha256(f"{PREFIX}{text}".encode()).hexdigest()
