"""The made-up zoo's table of published values: accuracy, arithmetic, parameters, storage and a phone's latency."""

import hashlib
from datetime import datetime
from decimal import Decimal

from apps.catalog.actions import configuration_for
from apps.catalog.models import Protocol
from apps.results.models import Evidence, Origin, Result, Source
from apps.results.synthetic import PREFIX
from apps.results.synthetic.catalogue import MADE_UP, Catalogue
from apps.results.synthetic.zoo import Zoo


def store_table(zoo: Zoo, catalogue: Catalogue, *, at: datetime) -> None:
    """A source of its own, whose values stand in the published columns."""
    source = Source.objects.create(
        slug=f"{PREFIX}table",
        edition=1,
        document="synth-table",
        table=f"Never published: {MADE_UP}",
        digest=hashlib.sha256(PREFIX.encode()).hexdigest(),
        created_at=at,
    )
    slugs = {slug for model in zoo.models for _, slug in model.printed}
    configurations = {
        protocol.slug: configuration_for(protocol=protocol, engine="", device_kind=protocol.device_kind)
        for protocol in Protocol.objects.filter(slug__in=slugs).select_related("device_kind")
    }
    Result.objects.bulk_create(
        [
            Result(
                network=network,
                metric=metric,
                configuration=configurations[slug],
                origin=Origin.PUBLISHED,
                evidence=Evidence.PUBLISHED,
                source=source,
                value=Decimal(printed),
                printed=printed,
                statistic=configurations[slug].protocol.statistic,
                created_at=at,
                updated_at=at,
            )
            for model, network in zip(zoo.models, catalogue.networks, strict=True)
            for (metric, slug), printed in model.printed.items()
        ],
        batch_size=2_000,
    )
