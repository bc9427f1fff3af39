"""Every page that is looked at in a browser, by a name."""

from typing import Any
from urllib.parse import urlsplit

from django.urls import URLPattern, resolve

from apps.accounts.links import reset_url
from tests.e2e.pages.measured import MeasuredSite
from zooboard.urls import urlpatterns

PUBLIC = (
    "board", "board-of-nothing", "campaigns", "campaign", "runs", "run", "run-failed", "run-waiting", "agents", "agent",
    "model", "compare", "compare-choice", "families", "family", "data", "charts", "chart", "embed", "devices", "device",
    "method", "login", "reset", "reset-sent", "new-password", "old-link", "invitation",
)  # fmt: skip
OWN = (
    "account", "password", "tokens", "submissions", "submission", "submission-refused", "audit", "invitations",
    "invitation-later",
)  # fmt: skip
"""Seen by those who are logged in."""
WITH_A_CHART = ("board", "run", "compare", "family", "chart", "embed", "submission")
NO_PAGES = {
    "board-data", "artifact-file", "data-download", "badge", "run-log", "logout", "login-link", "schema", "docs",
    "campaign-compose",
    "run-cancel", "run-retry", "campaign-cancel", "campaign-retry", "campaign-priority", "campaign-repeat",
    "schedule-pause", "schedule-resume", "schedule-end", "agent-register", "agent-code", "agent-settings",
    "agent-delete", "device-healthy", "account-deactivate", "token-revoke", "invitation-revoke",
    "agent-pause", "agent-resume", "agent-drain", "agent-rotate", "agent-revoke",
}  # fmt: skip
"""Names of addresses that are files, parts of pages, or take a POST alone."""


def address(site: MeasuredSite, page: str) -> str:
    run, agent = site.done.run, site.done.agent
    paths = {
        "board": "/",
        "board-of-nothing": "/?q=nothing+is+called+so",
        "campaigns": "/campaigns",
        "campaign": f"/campaigns/{site.running.run.campaign_id}",
        "runs": "/runs",
        "run": f"/runs/{run.pk}",
        "run-failed": f"/runs/{site.failed.run_id}",
        "run-waiting": f"/runs/{site.waiting.pk}",
        "agents": "/agents",
        "agent": f"/agents/{agent.public_id}",
        "model": "/models/MobileNetV1_x0_25",
        "compare": "/compare?models=MobileNetV1_x0_25,MobileNetV2,MobileNetV3_large_x1_0_ssld",
        "compare-choice": "/compare",
        "families": "/families",
        "family": "/families/MobileNetV3_large",
        "data": "/data",
        "charts": "/charts",
        "chart": "/charts/t4-throughput-by-batch",
        "embed": "/embed/charts/t4-fp16-speedup",
        "devices": "/devices",
        "device": "/devices/snapdragon-855",
        "method": "/about/method",
        "login": "/login",
        "reset": "/login/reset",
        "reset-sent": "/login/reset/sent",
        "new-password": urlsplit(reset_url(site.owner)).path,
        "old-link": "/login/reset/MQ/used-or-made-up",
        "invitation": f"/invitations/{site.invitation}",
        "account": "/account",
        "password": "/account/password",
        "tokens": "/account/tokens",
        "submissions": "/submissions",
        "submission": f"/submissions/{site.submission.pk}",
        "submission-refused": f"/submissions/{site.refused.pk}",
        "audit": "/audit",
        "invitations": "/invitations",
        "invitation-later": f"/invitations/{site.invitation}",
    }
    return site.url + paths[page]


def logged_in(site: MeasuredSite) -> dict[str, Any]:
    """The owner's browser, as `storage_state`."""
    return {"cookies": [{"name": "sessionid", "value": site.session, "domain": "127.0.0.1", "path": "/"}]}


def unseen(site: MeasuredSite) -> set[str]:
    """Names of addresses that are in no list of this module."""
    seen = {resolve(urlsplit(address(site, page)).path).url_name for page in (*PUBLIC, *OWN)}
    named = {pattern.name for pattern in urlpatterns if isinstance(pattern, URLPattern) and pattern.name}
    return named - seen - NO_PAGES
