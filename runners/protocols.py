"""The protocols that this agent measures by without a site; a site has the same numbers under the same versions."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from runners.orders import COUNTER
from runners.wire import DeviceOffer, Protocol, ProtocolKind


class UnknownProtocolError(LookupError):
    """The agent cannot measure by this name without a site."""

    def __init__(self, slug: str, known: Collection[str]) -> None:
        begun = [each for each in known if slug and each.startswith(slug)]
        close = difflib.get_close_matches(slug, known, n=1, cutoff=0.5)
        hint = f"Did you mean {close[0]}?" if close else f"Known: {', '.join(known)}."
        if begun:
            hint = f"There are {', '.join(begun)}."
        super().__init__(f"There is no protocol {slug!r} that needs no site. {hint}")


class OtherHardwareError(UnknownProtocolError):
    """The protocol belongs to hardware that an agent measures on."""

    def __init__(self, slug: str) -> None:
        LookupError.__init__(
            self,
            f"{slug} is measured on hardware of its own, not on this machine's CPU: attach that, and let an agent do "
            f"it (zooboard-runner enroll). Here: {', '.join(HOST)}.",
        )


class LabelledImagesError(UnknownProtocolError):
    """The protocol is an accuracy's, which has a command of its own."""

    def __init__(self, slug: str) -> None:
        LookupError.__init__(
            self,
            f"{slug} needs labelled images and has a command of its own: zooboard-runner accuracy MODEL|FILE.onnx "
            f"--images FOLDER --preset imagenet. Here: {', '.join(HOST)}.",
        )


def _latency(batch_size: int) -> Protocol:
    return Protocol(
        slug=f"cpu-fp32-bs{batch_size}",
        version=1,
        kind=ProtocolKind.LATENCY,
        batch_size=batch_size,
        processes=5,
        warmup=10,
        repeats=50,
        min_duration_s=1.0,
    )


def _phone(prefix: str, threads: int) -> Protocol:
    """A program's own defaults are 10 after 10; 100 take the first frequency steps out of its mean."""
    return Protocol(
        slug=f"{prefix}bs1-t{threads}",
        version=1,
        kind=ProtocolKind.LATENCY,
        threads=threads,
        processes=5,
        warmup=10,
        repeats=100,
    )


def _gpu(prefix: str, precision: Literal["fp16", "fp32"], batch_size: int) -> Protocol:
    return Protocol(
        slug=f"{prefix}{precision}-bs{batch_size}",
        version=1,
        kind=ProtocolKind.LATENCY,
        precision=precision,
        batch_size=batch_size,
        processes=5,
        warmup=200,
        repeats=1000,
        min_duration_s=1.0,
    )


BATCH_SIZES = (1, 4, 8)

PROTOCOLS: dict[str, Protocol] = {
    protocol.slug: protocol
    for protocol in (
        *(_latency(batch_size) for batch_size in BATCH_SIZES),
        Protocol(slug="complexity-224", version=1, kind=ProtocolKind.COMPLEXITY),
        *(_phone(prefix, threads) for prefix in ("sd855-", "phone-") for threads in (1, 2, 4)),
        *(_gpu(prefix, "fp16", batch_size) for prefix in ("t4-", "gpu-") for batch_size in BATCH_SIZES),
        *(_gpu(prefix, "fp32", batch_size) for prefix in ("t4-", "gpu-") for batch_size in BATCH_SIZES),
    )
}


@dataclass(frozen=True, slots=True)
class Hardware:
    """On what a protocol is followed: devices of a category, of one kind where it is a kind's own, by these engines."""

    category: str
    kind_name: str | None
    engines: tuple[str, ...]

    def fits(self, category: str, kind_name: str) -> bool:
        return self.category == category and self.kind_name in (None, kind_name)


_ON_CPU = ("onnxruntime", "ncnn", "openvino")
_ON_PHONE = ("paddle-lite", "ncnn", "tflite", "mnn", "onnxruntime")
_ON_GPU = ("onnxruntime-tensorrt", "onnxruntime-cuda", "trtexec")
_HARDWARE = {
    "cpu-": Hardware("cpu", None, _ON_CPU),
    "sd855-": Hardware("phone", "Snapdragon 855", _ON_PHONE),
    "t4-": Hardware("gpu", "Tesla T4", _ON_GPU),
    "phone-": Hardware("phone", None, _ON_PHONE),
    "gpu-": Hardware("gpu", None, _ON_GPU),
}
"""How the slugs of protocols begin -> where they are followed; what only counts needs no hardware."""

ACCURACY_PREFIX = "accuracy-"
HOST_PREFIXES = ("cpu-", "complexity-")
HOST = [slug for slug in PROTOCOLS if slug.startswith(HOST_PREFIXES)]
"""Those by which any machine can measure itself; the others belong to one kind of device."""


def for_device(offer: DeviceOffer) -> list[str]:
    """The protocols by which a device can be measured; a site may have more, for kinds that are not named here."""
    if offer.category == "cpu":
        is_counting = any(engine.name == COUNTER for engine in offer.engines)
        return [slug for slug in HOST if is_counting or PROTOCOLS[slug].kind != ProtocolKind.COMPLEXITY]
    return for_stated(offer.category, offer.kind_name)


def for_stated(category: str, kind_name: str) -> list[str]:
    """Those that time a device of this kind: the kind's own, else those of its category."""
    fitting = [prefix for prefix, hardware in _HARDWARE.items() if hardware.fits(category, kind_name)]
    return [slug for slug in PROTOCOLS if fitting and slug.startswith(fitting[0])]


def hardware_for(protocol: Protocol) -> Hardware | None:
    """Where a protocol of this agent is followed; None for one that only counts."""
    found = next((value for prefix, value in _HARDWARE.items() if protocol.slug.startswith(prefix)), None)
    if found is None or found.category != "cpu" or protocol.batch_size == 1:
        return found
    # ncnn executes one image at a time.
    return Hardware(found.category, found.kind_name, tuple(name for name in found.engines if name != "ncnn"))


def accuracy(task: str, *, batch_size: int = 8) -> Protocol:
    """How the accuracy of a task is measured; it needs labelled images and so has a command of its own."""
    return Protocol(
        slug=f"{ACCURACY_PREFIX}{task}", version=1, kind=ProtocolKind.ACCURACY, task=task, batch_size=batch_size
    )


def find(slug: str) -> Protocol:
    """Raises: `UnknownProtocolError`."""
    try:
        return PROTOCOLS[slug]
    except KeyError:
        raise UnknownProtocolError(slug, PROTOCOLS) from None


def find_for_host(slug: str) -> Protocol:
    """The same, but none that belongs to other hardware: this machine's value would stand under that one's name.

    Raises: `UnknownProtocolError`.
    """
    if slug in HOST:
        return PROTOCOLS[slug]
    if slug in PROTOCOLS:
        raise OtherHardwareError(slug)
    if slug.startswith(ACCURACY_PREFIX):
        raise LabelledImagesError(slug)
    begun = [each for each in PROTOCOLS if slug and each.startswith(slug)]
    raise UnknownProtocolError(slug, begun or HOST)
