"""Print a new API token of a user; it is shown this once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from apps.accounts.actions import create_token
from apps.accounts.models import Scope, User


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--user", default="owner")
        parser.add_argument("--name", default="command line")
        parser.add_argument("--scope", action="append", choices=Scope.values, help="may be repeated; default: dispatch")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["user"], is_active=True).first()
        if user is None:
            raise CommandError(
                f"There is no active user {options['user']!r}; `manage.py owner_login` creates the owner."
            )
        scopes = [Scope(scope) for scope in options["scope"] or [Scope.READ, Scope.DISPATCH]]
        self.stdout.write(create_token(user=user, name=options["name"], scopes=scopes, at=timezone.now()))
