"""Bring the catalogue and the published tables to what `fixtures/` says. May be repeated; changes nothing twice."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from apps.catalog.actions import ProtocolChanged, load_catalogue
from apps.results.actions.publish import publish_tables
from apps.results.published import PublishedTextError, read_tables


class Command(BaseCommand):
    help = __doc__

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        try:
            load_catalogue(at=now)
            editions = publish_tables(tables=read_tables(settings.FIXTURES_DIR / "published"), at=now)
        except (ProtocolChanged, PublishedTextError, FileNotFoundError) as exc:
            raise CommandError(str(exc)) from None
        for source in editions:
            self.stdout.write(f"stored {source}")
        if not editions:
            self.stdout.write("nothing new")
