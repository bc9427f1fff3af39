"""Who may call what: a row for every operation of the API, and for every address of the site."""

from collections.abc import Iterator
from typing import Any

from rest_framework.views import APIView

from zooboard.urls import api_v1

ACTORS = ("anonymous", "reader", "submitter", "owner", "other owner", "agent", "admin")
"""A token with the scope read, one with submit, all scopes but admin of who owns what is asked about and of somebody
else, the token of an agent of the owner, and all scopes of an administrator."""

Who = frozenset[str]

EVERYBODY = frozenset(ACTORS)
PUBLIC = EVERYBODY - {"agent"}
"""An agent's token is for the agent protocol alone."""
ACCOUNTS = frozenset({"owner", "other owner", "admin"})
OWNER = frozenset({"owner", "admin"})
SUBMITTERS = frozenset({"submitter", "owner", "other owner", "admin"})
ADMIN = frozenset({"admin"})
AGENT = frozenset({"agent"})

ROWS: dict[str, Who] = {
    "POST agent/enroll": EVERYBODY,
    "POST agent/rotate": AGENT,
    "POST agent/lease": AGENT,
    "POST agent/heartbeat": AGENT,
    "POST agent/release": AGENT,
    "POST agent/fail": AGENT,
    "PUT agent/log": AGENT,
    "POST agent/result": AGENT,
    "POST agent/submission": AGENT,
    "POST agent/artifacts": AGENT,
    "GET agent/artifacts/<slug:sha256>/<name:name>": AGENT,
    "GET families/": PUBLIC,
    "GET models/": PUBLIC,
    "GET models/<name:name>/": PUBLIC,
    "GET metrics/": PUBLIC,
    "GET protocols/": PUBLIC,
    "GET configurations/": PUBLIC,
    "GET devices/": PUBLIC,
    "GET artifacts/": PUBLIC,
    "POST artifacts/": ADMIN,
    "GET sources/": PUBLIC,
    "GET results/": PUBLIC,
    "GET history/": PUBLIC,
    "GET history/changes/": PUBLIC,
    "GET results/<int:result_id>/": PUBLIC,
    "GET results/<int:result_id>/samples/": PUBLIC,
    "GET submissions/": PUBLIC,
    "POST submissions/": SUBMITTERS,
    "GET submissions/<int:submission_pk>/": PUBLIC,
    "POST submissions/<int:submission_pk>/withdraw/": OWNER,
    "GET leaderboard/": PUBLIC,
    "GET pareto/": PUBLIC,
    "GET compare/": PUBLIC,
    "GET charts/": PUBLIC,
    "GET charts/<name:slug>/": PUBLIC,
    "GET tokens/": frozenset({"reader", "owner", "other owner", "admin"}),
    "POST tokens/": ADMIN,
    "DELETE tokens/<name:public_id>/": ADMIN,
    "GET campaigns/": PUBLIC,
    "POST campaigns/": ACCOUNTS,
    "GET campaigns/<int:campaign_id>/": PUBLIC,
    "PATCH campaigns/<int:campaign_id>/": OWNER,
    "POST campaigns/<int:campaign_id>/cancel/": OWNER,
    "POST campaigns/<int:campaign_id>/retry/": OWNER,
    "GET schedules/": PUBLIC,
    "POST schedules/": ACCOUNTS,
    "GET schedules/<int:schedule_id>/": PUBLIC,
    "DELETE schedules/<int:schedule_id>/": OWNER,
    "POST schedules/<int:schedule_id>/pause/": OWNER,
    "POST schedules/<int:schedule_id>/resume/": OWNER,
    "POST schedules/<int:schedule_id>/run/": OWNER,
    "GET runs/": PUBLIC,
    "GET runs/<int:run_id>/": PUBLIC,
    "DELETE runs/<int:run_id>/": OWNER,
    "POST runs/<int:run_id>/retry/": OWNER,
    "GET agents/": PUBLIC,
    "POST agents/codes/": ACCOUNTS,
    "GET agents/<name:agent_id>/": PUBLIC,
    "PATCH agents/<name:agent_id>/": OWNER,
    "DELETE agents/<name:agent_id>/": OWNER,
    "POST agents/<name:agent_id>/pause/": OWNER,
    "POST agents/<name:agent_id>/resume/": OWNER,
    "POST agents/<name:agent_id>/drain/": OWNER,
    "POST agents/<name:agent_id>/rotate/": OWNER,
    "POST agents/<name:agent_id>/revoke/": OWNER,
}
"""Everybody else is refused, with 401 where the token is no token of a user and 403 otherwise."""

BODIES: dict[str, dict[str, Any]] = {
    "PATCH campaigns/<int:campaign_id>/": {"priority": 150},
    "PATCH agents/<name:agent_id>/": {"name": "renamed"},
    "POST campaigns/": {"models": ["MobileNetV1_x0_25"], "protocols": ["cpu-fp32-bs1"]},
    "POST schedules/": {"models": "all", "protocols": ["cpu-fp32-bs1"], "every_hours": 24},
    "POST submissions/<int:submission_pk>/withdraw/": {"reason": "measured another network"},
    "POST tokens/": {"name": "another", "scopes": ["read"]},
}
"""What is asked, where the answer to an empty body says nothing about who may ask."""


def operations(patterns: Any = api_v1, before: str = "") -> Iterator[str]:
    """Method and route of everything that the API answers, from the table of addresses."""
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from operations(pattern.url_patterns, route)
        else:
            view: type[APIView] = pattern.callback.cls
            yield from (f"{method.upper()} {route}" for method in view.http_method_names if _answers(view, method))


def _answers(view: type[APIView], method: str) -> bool:
    return hasattr(view, method) and method not in ("head", "options")
