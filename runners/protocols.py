"""The protocols that this agent measures by without a site; a site has the same numbers under the same versions."""

from __future__ import annotations

import difflib

from runners.wire import Protocol, ProtocolKind


class UnknownProtocolError(LookupError):
    """The agent cannot measure by this name without a site."""

    def __init__(self, slug: str) -> None:
        close = difflib.get_close_matches(slug, PROTOCOLS, n=1, cutoff=0.5)
        hint = f"Did you mean {close[0]}?" if close else f"Known: {', '.join(PROTOCOLS)}."
        super().__init__(f"There is no protocol {slug!r} that needs no site. {hint}")


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


PROTOCOLS: dict[str, Protocol] = {
    protocol.slug: protocol
    for protocol in (
        *(_latency(batch_size) for batch_size in (1, 4, 8)),
        Protocol(slug="complexity-224", version=1, kind=ProtocolKind.COMPLEXITY),
    )
}


def accuracy(task: str, *, batch_size: int = 8) -> Protocol:
    """How the accuracy of a task is measured; it needs labelled images and so has a command of its own."""
    return Protocol(slug=f"accuracy-{task}", version=1, kind=ProtocolKind.ACCURACY, task=task, batch_size=batch_size)


def find(slug: str) -> Protocol:
    """Raises: `UnknownProtocolError`."""
    try:
        return PROTOCOLS[slug]
    except KeyError:
        raise UnknownProtocolError(slug) from None
