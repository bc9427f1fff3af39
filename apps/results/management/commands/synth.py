"""Make up a large zoo, for load tests: models, devices and histories that do not exist, all called `synth-...`.

It is for a database of its own. One where somebody measured something is refused.
"""

from argparse import ArgumentTypeError
from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from apps.results.actions.synth import NotForSynthesis, synthesise


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--results", type=_positive, required=True, metavar="N", help="measured results")
        parser.add_argument("--models", type=_positive, default=2_000)
        parser.add_argument("--devices", type=_positive, default=50)
        parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same zoo")
        parser.add_argument("--force", action="store_true", help="also beside what somebody measured")

    def handle(self, *args: Any, **options: Any) -> None:
        begun = perf_counter()
        try:
            cells = synthesise(
                results=options["results"],
                models=options["models"],
                devices=options["devices"],
                seed=options["seed"],
                is_forced=options["force"],
                at=timezone.now(),
            )
        except NotForSynthesis as exc:
            raise CommandError(exc.detail) from None
        took_s = perf_counter() - begun
        self.stdout.write(
            f"made up {options['results']:,} results of {options['models']:,} models on {options['devices']:,} devices "
            f"in {took_s:.0f} s; the board has {cells:,} cells. None of it was ever measured."
        )


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text} must be a whole number from 1 on")
    return int(text)
