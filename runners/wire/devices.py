"""What an agent has: devices with their engines, and labelled images."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from runners.wire.base import Facts, Message, Name, Sha256, Text


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
