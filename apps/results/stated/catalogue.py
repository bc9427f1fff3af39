"""What stated values are checked against, read once for a whole call: thousands of rows name the same few things."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

from django.db.models import Q

from apps.catalog.actions import configuration_slug
from apps.catalog.models import Configuration, DeviceKind, Network, Protocol
from apps.core.errors import FieldError
from apps.results.counting import SiteCounts, site_counts
from apps.results.stated.shape import StatedValue

MOST_HINTS = 50
"""Finding a near name among thousands takes milliseconds: so many different wrong names get one in a call."""
MOST_NAMED = 15


@dataclass(frozen=True)
class Place:
    """Where a value belongs: a configuration, which may not be there yet (`configuration_id` is None then)."""

    slug: str
    protocol: Protocol
    engine: str
    kind: DeviceKind | None
    dataset: str
    configuration_id: int | None


@dataclass
class Catalogue:
    networks: dict[str, Network]
    counts: dict[int, SiteCounts | None]
    """By network."""
    places: dict[str, Place]
    """By the slug of their configuration."""
    protocols: dict[tuple[str, int], Protocol]
    newest: dict[str, Protocol]
    kinds: dict[str, DeviceKind]
    """By slug and by title."""
    hints: dict[tuple[str, str], str] = field(default_factory=dict)
    placed: dict[tuple[object, ...], Place | list[FieldError]] = field(default_factory=dict)
    """By what names them; thousands of rows name few."""

    def place(self, protocol: Protocol, engine: str, kind: DeviceKind | None) -> Place:
        slug = configuration_slug(protocol, engine, kind, "")
        return self.places.get(slug) or Place(slug, protocol, engine, kind, "", None)

    def hint(self, noun: str, wrong: str, listed_at: str, valid: Collection[str] = ()) -> str:
        """What a name that does not exist may have meant. `valid` are the names, where they are at hand already."""
        key = noun, wrong
        if key not in self.hints:
            if len(self.hints) >= MOST_HINTS:
                return f"There is no {noun} {wrong[:60]!r}; /api/v1/{listed_at}/ lists them."
            self.hints[key] = _hint(noun, wrong, listed_at, valid or _names_of(noun))
        return self.hints[key]


def load_catalogue_for(values: Iterable[StatedValue]) -> Catalogue:
    """In four queries what these values name, as far as it exists."""
    models, slugs, protocol_slugs = set(), set(), set()
    for value in values:
        models.add(value.model)
        slugs.add(value.configuration)
        protocol_slugs.add(value.protocol)
    networks = {n.name: n for n in Network.objects.select_related("architecture").filter(name__in=models)}
    protocols = list(Protocol.objects.order_by("slug", "version"))
    kinds = list(DeviceKind.objects.all())
    return Catalogue(
        networks=networks,
        counts={network.pk: site_counts(network.architecture) for network in networks.values()},
        places=_places(slugs, protocol_slugs, {p.pk: p for p in protocols}, {k.pk: k for k in kinds}),
        protocols={(protocol.slug, protocol.version): protocol for protocol in protocols},
        newest={protocol.slug: protocol for protocol in protocols},
        kinds={kind.title: kind for kind in kinds} | {kind.slug: kind for kind in kinds},
    )


def _places(
    slugs: set[str], protocol_slugs: set[str], protocols: dict[int, Protocol], kinds: dict[int, DeviceKind]
) -> dict[str, Place]:
    named = Configuration.objects.filter(Q(slug__in=slugs) | Q(protocol__slug__in=protocol_slugs))
    return {
        c.slug: Place(
            slug=c.slug,
            protocol=protocols[c.protocol_id],
            engine=c.engine,
            kind=kinds[c.device_kind_id] if c.device_kind_id else None,
            dataset=c.dataset,
            configuration_id=c.pk,
        )
        for c in named
    }


def _names_of(noun: str) -> list[str]:
    if noun == "model":
        return list(Network.objects.values_list("name", flat=True))
    return list(Configuration.objects.values_list("slug", flat=True))


def _hint(noun: str, wrong: str, listed_at: str, valid: Collection[str]) -> str:
    close = get_close_matches(wrong, valid, n=3)
    said = f"There is no {noun} {wrong[:60]!r}"
    if close:
        return f"{said}. Did you mean {' or '.join(close)}?"
    if 0 < len(valid) <= MOST_NAMED:
        return f"{said}. Valid: {', '.join(sorted(valid))}."
    return f"{said}; /api/v1/{listed_at}/ lists them."
