"""Revoke an agent by its name or id: its next call is refused, and its token never works again."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q
from django.utils import timezone

from apps.fleet.actions import revoke_agent
from apps.fleet.models import Agent


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("agent")

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(Agent.objects.may_call().filter(Q(name=options["agent"]) | Q(public_id=options["agent"])))
        if len(found) != 1:
            known = ", ".join(f"{agent.name} ({agent.public_id})" for agent in found or Agent.objects.may_call())
            what = "several agents" if found else "no agent"
            raise CommandError(f"There is {what} {options['agent']!r}; give the id of one: {known or 'none'}.")
        revoke_agent(agent=found[0], by=None, at=timezone.now())
        self.stdout.write(f"revoked {found[0].name} ({found[0].public_id})")
