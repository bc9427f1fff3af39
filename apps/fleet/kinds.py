"""Which device kind an agent's device is."""

from typing import Any

from django.utils.text import slugify

from apps.catalog.fixtures import cpu_core_peak_flops
from apps.catalog.models import DeviceKind
from apps.catalog.models.device_kind import SIMULATED_PREFIX, Category
from apps.core.errors import InvalidInput
from runners import wire


def recognise(offer: wire.DeviceOffer) -> DeviceKind:
    """The kind of a device, created for a CPU model never seen before.

    Raises:
        InvalidInput: for a real phone or GPU, whose facts the site cannot check yet, for a name without a letter, and
            for one that stands for another category.
    """
    if Category(offer.category) is not Category.CPU and not offer.is_simulated:
        raise InvalidInput(
            f"{offer.kind_name!r} is a {offer.category}: this release measures on CPUs, and takes phones and GPUs only "
            "from `--simulated` agents. Offer the host's CPU."
        )
    slug = slugify(offer.kind_name)[:100]
    if not slug:
        raise InvalidInput(f"kind_name {offer.kind_name!r} has no letter or digit to name the device kind by.")
    kind, _ = DeviceKind.objects.get_or_create(slug=slug, defaults=_new_kind(offer))
    if kind.category != offer.category:
        raise InvalidInput(f"{kind.title} is a {kind.category}, not a {offer.category}: state its own category.")
    if not offer.is_simulated:
        return kind
    simulator, _ = DeviceKind.objects.get_or_create(
        slug=f"{SIMULATED_PREFIX}{kind.slug}",
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
