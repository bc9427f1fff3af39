"""Print an address at which a user sets a new password once; for a site that sends no mail."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from apps.accounts.actions import record_audit
from apps.accounts.links import reset_url
from apps.accounts.models import User


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"], is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active user {options['username']!r}.")
        record_audit(actor=None, action="account.reset-link", subject=user.username, at=timezone.now())
        self.stdout.write(reset_url(user))
