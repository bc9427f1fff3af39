"""Taking published tables in: each edition whole, the one before kept with its reason."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from apps.catalog.actions import configuration_for
from apps.catalog.models import Configuration, Network, Protocol
from apps.results.actions.board import refresh_cells
from apps.results.models import Evidence, Origin, Result, Source
from apps.results.published import PublishedTable, PublishedValue


@transaction.atomic
def publish_tables(*, tables: Sequence[PublishedTable], at: datetime) -> list[Source]:
    """Store the tables that changed since their newest edition. Returns the new editions; none when nothing changed."""
    newest = {source.slug: source for source in Source.objects.newest_editions()}
    changed = [table for table in tables if table.slug not in newest or newest[table.slug].digest != table.sha256]
    return [_publish(table=table, before=newest.get(table.slug), at=at) for table in changed]


def _publish(*, table: PublishedTable, before: Source | None, at: datetime) -> Source:
    source = Source.objects.create(
        slug=table.slug,
        edition=before.edition + 1 if before else 1,
        document=table.document,
        table=table.title,
        section=table.section,
        repository=table.upstream,
        digest=table.sha256,
        created_at=at,
    )
    touched = set()
    if before is not None:
        replaced = Result.objects.standing().filter(source=before)
        touched = set(replaced.values_list("network_id", "metric", "configuration_id"))
        replaced.update(
            withdrawn_at=at, withdrawn_because=f"replaced by edition {source.edition} of the table", updated_at=at
        )
    results = Result.objects.bulk_create(_results(table.values, source=source, at=at))
    refresh_cells(touched | {(r.network_id, r.metric, r.configuration_id) for r in results})
    return source


def _results(values: Sequence[PublishedValue], *, source: Source, at: datetime) -> list[Result]:
    networks = {network.name: network for network in Network.objects.all()}
    configurations = _configurations({value.configuration for value in values})
    return [
        Result(
            network=networks[value.model],
            metric=value.metric,
            configuration=configurations[value.configuration],
            origin=Origin.PUBLISHED,
            evidence=Evidence.PUBLISHED,
            source=source,
            value=value.value,
            printed=value.printed,
            statistic=configurations[value.configuration].protocol.statistic,
            flags=list(value.flags),
            copied_from=networks[value.copied_from] if value.copied_from else None,
            created_at=at,
            updated_at=at,
        )
        for value in values
    ]


def _configurations(slugs: set[str]) -> dict[str, Configuration]:
    """Origin configurations are their protocols: one engine and one device kind each."""
    protocols = Protocol.objects.filter(slug__in=slugs, is_origin=True).select_related("device_kind")
    return {
        protocol.slug: configuration_for(protocol=protocol, engine="", device_kind=protocol.device_kind)
        for protocol in protocols
    }
