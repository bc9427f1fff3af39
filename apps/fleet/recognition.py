"""What a device's own facts say of its kind. Pure: facts and names only."""

from collections.abc import Mapping
from typing import Any

from runners import wire

_UNITS = {"cpu7_max_frequency_khz": " kHz"}
_EMULATED = ("1", 1, True)


def first_mismatch(
    facts: Mapping[str, Any], expected: Mapping[str, Any], *, may_be_missing: bool = False
) -> str | None:
    """The first expected fact that a device does not have, as a sentence; None where it has them all."""
    for key, value in expected.items():
        said = facts.get(key)
        if (said is None and may_be_missing) or _text(said) == _text(value):
            continue
        shown = "missing" if said is None else _shown(key, said)
        return f"its fact {key} is {shown}, that of the kind is {_shown(key, value)}."
    return None


def is_forced_to_be_simulated(offer: wire.DeviceOffer) -> bool:
    """Whether a phone gives itself away as an emulator, whatever it claims: qemu, or reached over loopback."""
    facts = offer.facts
    is_emulated = any(facts.get(key) in _EMULATED for key in ("ro.kernel.qemu", "ro.boot.qemu", "is_qemu"))
    return offer.category == "phone" and (is_emulated or bool(facts.get("adb_serial_is_loopback")))


def _text(value: Any) -> str:
    """Properties come as text and numbers as either; a hexadecimal part number in either case."""
    return str(value).strip().lower()


def _shown(key: str, value: Any) -> str:
    return f"{str(value)[:80]}{_UNITS.get(key, '')}"
