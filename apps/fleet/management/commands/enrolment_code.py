"""Print a one-time code with which an agent enrols; it is shown this once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from apps.accounts.actions import ensure_owner
from apps.fleet.actions import create_enrolment_code
from apps.fleet.models import TrustTier


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--owner", default="owner")
        parser.add_argument("--vetted", action="store_true", help="trust this agent's numbers: it is the site's own")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        owner = ensure_owner(username=options["owner"], at=now)
        tier = TrustTier.VETTED if options["vetted"] else TrustTier.UNVETTED
        self.stdout.write(create_enrolment_code(owner=owner, at=now, trust_tier=tier))
