"""What of an offer counts."""

from apps.catalog.models import DeviceKind
from apps.fleet.models import STUB_ENGINE
from runners import wire


def usable_engines(offer: wire.DeviceOffer, kind: DeviceKind) -> list[dict[str, str]]:
    """The stub engine measures nothing, so a real device has no use for it."""
    return [engine.model_dump() for engine in offer.engines if kind.is_simulated or engine.name != STUB_ENGINE]
