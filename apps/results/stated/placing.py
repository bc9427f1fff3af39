"""Which configuration a stated value belongs to."""

from typing import Any

from apps.catalog.models import DeviceKind, Protocol
from apps.fleet.models import STUB_ENGINE
from apps.results.acceptance import bound_kind_problem
from apps.results.stated.catalogue import Catalogue, Place
from apps.results.stated.problems import Problem, problem
from apps.results.stated.shape import StatedValue

SIMULATED = "Nobody measures on a simulated device or with the stub engine: a run of an agent tries them, nothing else."


def place_of(stated: StatedValue, catalogue: Catalogue) -> Place | list[Problem]:
    """A configuration that exists, or the one that protocol, engine and device name together."""
    named = stated.configuration, stated.protocol, stated.protocol_version, stated.engine, stated.device
    if named not in catalogue.placed:
        catalogue.placed[named] = _place_of(stated, catalogue)
    return catalogue.placed[named]


def _place_of(stated: StatedValue, catalogue: Catalogue) -> Place | list[Problem]:
    if stated.configuration:
        place = catalogue.places.get(stated.configuration)
        if place is None:
            message = catalogue.hint("configuration", stated.configuration, "configurations")
            return [problem("configuration", message)]
        return _disagreement(stated, place) or _unless_simulated(place)
    if not stated.protocol:
        return [problem("configuration", "Say where it was measured: a configuration, or protocol, engine and device.")]
    protocol = _protocol(stated, catalogue)
    if not isinstance(protocol, Protocol):
        return protocol
    engine, kind = _engine(stated, protocol, catalogue), _kind(stated, protocol, catalogue)
    found = [said for said in (engine, kind) if isinstance(said, dict)]
    if found:
        return found
    assert isinstance(engine, str)
    assert not isinstance(kind, dict)
    return _unless_simulated(catalogue.place(protocol, engine, kind))


def _protocol(stated: StatedValue, catalogue: Catalogue) -> Protocol | list[Problem]:
    newest = catalogue.newest.get(stated.protocol)
    if newest is None:
        return [problem("protocol", catalogue.hint("protocol", stated.protocol, "protocols", catalogue.newest))]
    if stated.protocol_version is None:
        return newest
    protocol = catalogue.protocols.get((stated.protocol, stated.protocol_version))
    if protocol is None:
        message = f"{stated.protocol} has no version {stated.protocol_version}; the newest one is {newest.version}."
        return [problem("protocol_version", message)]
    return protocol


def _engine(stated: StatedValue, protocol: Protocol, catalogue: Catalogue) -> str | Problem:
    engines = protocol.engines
    if stated.engine in engines or (not engines and not stated.engine):
        return stated.engine
    if not stated.engine and len(engines) == 1:
        only: str = engines[0]
        return only
    if not stated.engine:
        return problem("engine", f"Say which engine executed it; {protocol} takes {', '.join(engines)}.")
    if not engines:
        return problem("engine", f"{protocol} says what it was measured with: leave engine out.")
    return problem("engine", catalogue.hint(f"engine of {protocol}", stated.engine, "protocols", engines))


def _kind(stated: StatedValue, protocol: Protocol, catalogue: Catalogue) -> DeviceKind | Problem | None:
    kind = catalogue.kinds.get(stated.device)
    if stated.device and kind is None:
        valid = [k.slug for k in catalogue.kinds.values() if not k.is_simulated]
        return problem("device", catalogue.hint("device kind", stated.device, "devices", sorted(set(valid))))
    if kind is not None:
        if protocol.category and protocol.category != kind.category:
            return problem("device", f"{protocol} is for a {protocol.category}, {kind.title} is a {kind.category}.")
        if said := bound_kind_problem(protocol, kind):
            return problem("device", said)
    if not protocol.needs_device_kind:
        # A published protocol is bound to its kind, and what is counted or classified depends on none.
        return protocol.device_kind
    return (
        kind or protocol.device_kind or problem("device", f"Say on which kind of {protocol.category} it was measured.")
    )


def _disagreement(stated: StatedValue, place: Place) -> list[Problem]:
    """What is said beside a configuration must be what it is."""
    kind = place.kind
    said: dict[str, tuple[object, list[Any]]] = {
        "protocol": (stated.protocol, [place.protocol.slug]),
        "protocol_version": (stated.protocol_version, [place.protocol.version]),
        "engine": (stated.engine, [place.engine]),
        "device": (stated.device, [kind.slug, kind.title] if kind else ["none"]),
    }
    return [
        problem(name, f"{place.slug} is of {name} {valid[0]}, not {value}: leave one of them out.")
        for name, (value, valid) in said.items()
        if value and value not in valid
    ]


def _unless_simulated(place: Place) -> Place | list[Problem]:
    if place.engine == STUB_ENGINE or (place.kind and place.kind.is_simulated):
        return [problem("device" if place.kind else "engine", SIMULATED)]
    return place
