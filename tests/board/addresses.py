"""Every address of the site, each filled in with what stands in the database."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver

from apps.accounts.actions import create_token
from apps.accounts.models import Scope, Token, User
from apps.core.tokens import digest, public_id_of
from apps.fleet.actions import create_enrolment_code
from apps.fleet.models import EnrolmentCode
from apps.results.models import Result
from apps.runs.actions.logs import append_log
from apps.runs.actions.schedules import create_schedule
from apps.runs.models import Attempt
from tests.factories import LATENCY, MODEL, NOW, accept_record, make_leased, measure
from zooboard.urls import urlpatterns

NOTHING = "0" * 64
"""A hash, and a key, that nothing has."""
FIGURE = "ssld-gain"
GAP = re.compile(r"<(?:\w+:)?(?P<name>\w+)>")


def routes(patterns: Sequence[URLPattern | URLResolver] = urlpatterns, prefix: str = "") -> Iterator[str]:
    """As `urls.py` writes them, those of included lists with their prefix; Django's own admin left out."""
    for each in patterns:
        route = f"{prefix}{each.pattern}"
        if isinstance(each, URLPattern):
            yield route
        elif each.namespace != "admin":
            yield from routes(each.url_patterns, route)


ROUTES = tuple(dict.fromkeys(routes()))


@dataclass(frozen=True)
class Site:
    """A measured run and what belongs to it, all of one owner."""

    owner: User
    attempt: Attempt
    result: Result
    code: EnrolmentCode
    schedule_id: int
    submission_pk: int
    token: Token

    def address(self, route: str) -> str:
        """The route's path. Raises: AssertionError for a gap that nothing here fills."""
        prefix = route.split("<")[0]

        def filled(gap: re.Match[str]) -> str:
            return self.gap(prefix, gap["name"])

        return "/" + GAP.sub(filled, route.removeprefix("^").removesuffix("$"))

    def gap(self, prefix: str, name: str) -> str:
        """What fills the gap of this name, in a path that begins so. Raises: AssertionError where nothing here does."""
        gaps = self._gaps()
        found = gaps.get(prefix + name, gaps.get(name))
        assert found, f"say in tests/board/addresses.py what fills the gap {name} of {prefix}"
        return found

    def _gaps(self) -> dict[str, str]:
        run = self.attempt.run
        return {
            "models/name": MODEL,
            "api/v1/models/name": MODEL,
            "badges/name": MODEL,
            "name": "model.onnx",
            "devices/slug": "snapdragon-855",
            "families/slug": "MobileNetV1",
            "charts/slug": FIGURE,
            "api/v1/charts/slug": FIGURE,
            "embed/charts/slug": FIGURE,
            "table": "results",
            "extension": "csv",
            "agents/public_id": self.attempt.agent.public_id,
            "api/v1/agents/agent_id": self.attempt.agent.public_id,
            "api/v1/tokens/public_id": self.token.public_id,
            "public_id": NOTHING,
            "sha256": NOTHING,
            "run_id": str(run.pk),
            "campaign_id": str(run.campaign_id),
            "schedule_id": str(self.schedule_id),
            "result_id": str(self.result.pk),
            "submission_pk": str(self.submission_pk),
            "code_id": str(self.code.pk),
            "device_id": str(self.attempt.device_id),
            "uidb64": "MQ",
            "token": NOTHING,
            "link": NOTHING,
        }


def make_site(owner: User) -> Site:
    attempt = make_leased(owner=owner)
    append_log(attempt=attempt, offset=0, chunk=b"12:00:00 process 1 of 5\n")
    results = measure(attempt)
    code = create_enrolment_code(owner=owner, at=NOW)
    schedule = create_schedule(requested_by=owner, model_names="all", protocol_slugs=[LATENCY], every_hours=24, at=NOW)
    submission = accept_record(attempt.agent)
    token = public_id_of(create_token(user=owner, name="of the site", scopes=[Scope.READ], at=NOW, life=None))
    return Site(
        owner,
        attempt,
        results[0],
        EnrolmentCode.objects.get(digest=digest(code)),
        schedule.pk,
        submission.pk,
        Token.objects.get(public_id=token),
    )
