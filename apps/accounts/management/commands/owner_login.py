"""Print an address that logs the owner in once; creates the owner where it is missing."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.urls import reverse
from django.utils import timezone
from sesame.utils import get_query_string

from apps.accounts.actions import ensure_owner


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--user", default="owner")

    def handle(self, *args: Any, **options: Any) -> None:
        user = ensure_owner(username=options["user"], at=timezone.now())
        self.stdout.write(f"{settings.SITE_URL}{reverse('login-link')}{get_query_string(user)}")
