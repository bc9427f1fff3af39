"""What a device's own facts say of its kind. Pure: facts and names only."""

import re
import unicodedata
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


def cpu_mismatch(facts: Mapping[str, Any], kind_name: str) -> str | None:
    """Where a CPU's own brand is not what it is offered as, as a sentence; None where it is, or says no brand.

    A name may leave out of the brand what is no name ("CPU @ 2.50GHz"), or be made of family and model number where a
    hypervisor hides the brand. It may not have a number of its own.
    """
    brand = str(facts.get("brand") or "")
    said = _words(" ".join([brand, str(facts.get("family") or ""), str(facts.get("model") or "")]))
    numbers = {word for word in _words(kind_name) if re.search(r"\d", word)}
    if not brand or numbers <= said:
        return None
    return f"its fact brand is {brand[:80]!r}, which is not a {kind_name}."


def has_foreign_letters(name: str) -> bool:
    """Whether a name has letters of another script: they may look like Latin ones and make another name."""
    letters = [sign for sign in unicodedata.normalize("NFKD", name) if sign.isalnum()]
    return any(not letter.isascii() for letter in letters) or not name.isprintable()


def is_forced_to_be_simulated(offer: wire.DeviceOffer) -> bool:
    """Whether a phone gives itself away as an emulator, whatever it claims: qemu, or reached over loopback."""
    facts = offer.facts
    is_emulated = any(facts.get(key) in _EMULATED for key in ("ro.kernel.qemu", "ro.boot.qemu", "is_qemu"))
    return offer.category == "phone" and (is_emulated or bool(facts.get("adb_serial_is_loopback")))


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z0-9]+", text.lower()))


def _text(value: Any) -> str:
    """Properties come as text and numbers as either; a hexadecimal part number in either case."""
    return str(value).strip().lower()


def _shown(key: str, value: Any) -> str:
    return f"{str(value)[:80]}{_UNITS.get(key, '')}"
