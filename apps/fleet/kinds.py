"""Which device kind an agent's device is."""

from typing import Any

from django.utils.text import slugify

from apps.catalog.fixtures import cpu_core_peak_flops
from apps.catalog.models import DeviceKind
from apps.catalog.models.device_kind import SIMULATED_PREFIX, STATED_PREFIX, Category
from apps.core.errors import InvalidInput
from apps.fleet.recognition import cpu_mismatch, first_mismatch, has_foreign_letters, is_forced_to_be_simulated
from runners import wire

RESERVED_PREFIXES = (SIMULATED_PREFIX, STATED_PREFIX)


def recognise(offer: wire.DeviceOffer) -> DeviceKind:
    """The kind of a device that an agent offers; a CPU, GPU or phone never seen before makes a kind of its own.

    Raises:
        InvalidInput: for a name that stands for another category, has no letter or one of another script, for facts
            that are not those of the kind it names or are those of another one, and for a device that is only stated.
    """
    if offer.facts.get("stated"):
        raise InvalidInput("A device that is only stated cannot take runs: offer hardware that is attached.")
    _check_name(offer)
    is_simulated = offer.is_simulated or is_forced_to_be_simulated(offer)
    kind = _known(offer)
    if kind is not None:
        _check_kind(offer, kind, is_simulated=is_simulated)
    else:
        _check_own_name(offer)
        kind = _created(offer, _slug(offer))
    return _simulator_of(kind) if is_simulated else kind


def recognise_submitted(offer: wire.DeviceOffer) -> DeviceKind:
    """As `recognise`, and also the kind of a device that nobody but its owner saw: `facts["stated"]` is true.

    Only the exact title of a kind states that kind. Any other name makes a stated kind of its own, so that no piece of
    real hardware ever shares it.
    """
    if not offer.facts.get("stated"):
        return recognise(offer)
    _check_name(offer)
    kinds = DeviceKind.objects.filter(title=offer.kind_name, category=offer.category, simulates=None)
    kind = kinds.first() or _created(offer, f"{STATED_PREFIX}{_slug(offer)}")
    return _simulator_of(kind) if offer.is_simulated else kind


def _check_name(offer: wire.DeviceOffer) -> None:
    if has_foreign_letters(offer.kind_name):
        raise InvalidInput(
            f"kind_name {offer.kind_name!a} has letters of another script or signs that cannot be seen: "
            "write it with the letters A to Z."
        )
    prefix = next((each for each in RESERVED_PREFIXES if offer.kind_name.lower().startswith(each)), None)
    if prefix is not None:
        raise InvalidInput(f"kind_name {offer.kind_name!r} begins with {prefix!r}, which the site gives: leave it out.")
    is_cpu = Category(offer.category) is Category.CPU
    if is_cpu and (mismatch := cpu_mismatch(offer.facts, offer.kind_name)):
        raise InvalidInput(f"This cpu is offered as {offer.kind_name}, but {mismatch} Offer it under its own name.")


def _slug(offer: wire.DeviceOffer) -> str:
    # Left out, as a slug leaves out signs, the plus would make an 855+ an 855.
    slug = slugify(offer.kind_name.replace("+", " plus "))[:100]
    if not slug:
        raise InvalidInput(f"kind_name {offer.kind_name!r} has no letter or digit to name the device kind by.")
    return slug


def _known(offer: wire.DeviceOffer) -> DeviceKind | None:
    """The kind that has this name or, in the catalogue, this other name such as a part number."""
    by_slug = DeviceKind.objects.filter(slug=_slug(offer)).first()
    others = DeviceKind.objects.filter(category=offer.category, facts__names__contains=offer.kind_name)
    return by_slug or others.first()


def _created(offer: wire.DeviceOffer, slug: str) -> DeviceKind:
    kind, _ = DeviceKind.objects.get_or_create(slug=slug, defaults=_new_kind(offer))
    return kind


def _check_kind(offer: wire.DeviceOffer, kind: DeviceKind, *, is_simulated: bool) -> None:
    if kind.category != offer.category:
        raise InvalidInput(f"{kind.title} is a {kind.category}, not a {offer.category}: state its own category.")
    expected = kind.facts.get("recognised_by", {})
    # A simulator has few facts of its own, but those that it gives must not be another kind's.
    mismatch = first_mismatch(offer.facts, expected, may_be_missing=is_simulated)
    if mismatch is not None:
        raise InvalidInput(f"This {offer.category} is offered as {kind.title}, but {mismatch} {_advice(offer, kind)}")
    if not expected:
        _check_own_name(offer)


def _check_own_name(offer: wire.DeviceOffer) -> None:
    """The catalogue knows no facts of this kind: they may be no other kind's, and a GPU's name is one of them.

    A CPU's name was compared with its brand before.
    """
    if Category(offer.category) is Category.CPU:
        return
    if (known := _by_facts(offer)) is not None:
        raise InvalidInput(f"This {offer.category} is offered as {offer.kind_name}. {_as(known)}")
    name = offer.facts.get("name")
    if Category(offer.category) is Category.GPU and name != offer.kind_name:
        said = "does not say its name" if name is None else f"calls itself {str(name)[:80]!r}, not {offer.kind_name!r}"
        raise InvalidInput(f"This GPU {said}: offer it by its own name, which is also its fact `name`.")


def _advice(offer: wire.DeviceOffer, kind: DeviceKind) -> str:
    """Which kind of the catalogue has these facts, else how to find a name."""
    known = _by_facts(offer, besides=kind)
    return "Offer it under its own name and facts." if known is None else _as(known)


def _by_facts(offer: wire.DeviceOffer, *, besides: DeviceKind | None = None) -> DeviceKind | None:
    """The kind of the catalogue that has the facts of this device."""
    kinds = DeviceKind.objects.filter(category=offer.category, simulates=None, facts__has_key="recognised_by")
    others = kinds if besides is None else kinds.exclude(pk=besides.pk)
    return next((kind for kind in others if first_mismatch(offer.facts, kind.facts["recognised_by"]) is None), None)


def _as(kind: DeviceKind) -> str:
    return f"By its facts it is a {kind.title}: offer it under that name."


def _simulator_of(kind: DeviceKind) -> DeviceKind:
    simulator, _ = DeviceKind.objects.get_or_create(
        slug=f"{SIMULATED_PREFIX}{kind.slug}"[:120],
        defaults={"title": f"simulated {kind.title}"[:200], "category": kind.category, "simulates": kind},
    )
    return simulator


def _new_kind(offer: wire.DeviceOffer) -> dict[str, Any]:
    is_cpu = Category(offer.category) is Category.CPU
    return {
        "title": offer.kind_name,
        "category": offer.category,
        "peak_flops": cpu_core_peak_flops(offer.kind_name) if is_cpu else {},
        "facts": {"peak_is_per": "core"} if is_cpu else {},
    }
