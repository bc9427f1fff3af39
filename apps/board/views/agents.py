"""`/agents` and `/agents/<id>`, both live: the fleet, and one agent."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from apps.accounts.models import AuditEntry, User
from apps.board.agent_forms import AgentForm
from apps.board.agent_rows import agent_row, attempt_row, device_row, private_rows, warnings
from apps.board.audit_rows import audit_rows
from apps.board.paging import page_links
from apps.board.table import changed
from apps.board.views.as_data import also_as_data
from apps.board.views.errors import answers_user_errors
from apps.core.api.parameters import check_known, integer
from apps.fleet.api.agents import AgentsView, OneAgentView
from apps.fleet.models import Agent, Attachment
from apps.runs.models import Attempt

PAGE_SIZE = 50
HISTORY_SIZE = 20
AUDIT_SIZE = 50


@also_as_data(AgentsView)
@answers_user_errors
def agent_list(request: HttpRequest) -> HttpResponse:
    check_known(request.GET, ("page",))
    shown = _with_devices(Agent.objects.in_fleet().for_listing())
    page = Paginator(shown, PAGE_SIZE).get_page(_page_number(request))
    current = {attempt.agent_id: attempt for attempt in _live_attempts(agent__in=list(page))}
    now = timezone.now()
    context = {
        "nav": "agents",
        "agents": [agent_row(agent, current=current.get(agent.pk), at=now) for agent in page],
        "table_url": f"{reverse('agents')}{changed(request.GET)}",
        "page": page_links(request.GET, page),
    }
    return _page_or_part(request, "board/agents.html", "board/_agents_table.html", context)


@also_as_data(OneAgentView)
@answers_user_errors
def agent_detail(request: HttpRequest, public_id: str) -> HttpResponse:
    check_known(request.GET, ("page",))
    agent = find_agent(public_id)
    manager = request.user if isinstance(request.user, User) and agent.is_managed_by(request.user) else None
    history = Attempt.objects.filter(agent=agent).select_related("run__network", "run__protocol", "device_kind")
    page = Paginator(history.order_by("-id"), HISTORY_SIZE).get_page(_page_number(request))
    context = {
        "nav": "agents",
        "agent": agent_row(agent, current=_live_attempts(agent=agent).first(), at=timezone.now()),
        "agent_id": agent.public_id,
        "devices": [device_row(attachment, with_facts=manager is not None) for attachment in agent.attachments.all()],
        "attempts": [attempt_row(attempt) for attempt in page],
        "attempt_count": page.paginator.count,
        "live_url": f"{reverse('agent', args=[agent.public_id])}{changed(request.GET)}",
        "page": page_links(request.GET, page),
        "is_manager": manager is not None,
    }
    if manager is not None:
        context |= _management(agent, manager)
    return _page_or_part(request, "board/agent.html", "board/_agent_live.html", context)


def find_agent(public_id: str) -> Agent:
    """Raises Http404. A retired agent keeps its page, since results refer to it."""
    agents = _with_devices(Agent.objects.select_related("owner").prefetch_related("served_users"))
    agent = agents.filter(public_id=public_id).first()
    if agent is None:
        raise Http404(f"There is no agent {public_id}.")
    return agent


def _management(agent: Agent, manager: User) -> dict[str, Any]:
    entries = AuditEntry.objects.filter(subject=agent.public_id).select_related("actor")[:AUDIT_SIZE]
    return {
        "private": private_rows(agent),
        "warnings": warnings(agent),
        "form": AgentForm.of(agent, by=manager),
        "is_revoked": agent.revoked_at is not None,
        "can_resume": agent.status in ("paused", "draining"),
        "can_pause": agent.status in ("active", "draining"),
        "can_drain": agent.status in ("active", "paused"),
        "audit": audit_rows(entries, agents={agent.public_id: agent.name}),
    }


def _page_or_part(request: HttpRequest, page: str, part: str, context: dict[str, Any]) -> HttpResponse:
    """The page, or to htmx the part that changes; a browser must not show one for the other when it goes back."""
    response = render(request, part if request.headers.get("HX-Request") else page, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _with_devices(agents: QuerySet[Agent]) -> QuerySet[Agent]:
    attachments = Attachment.objects.select_related("device__kind").order_by("id")
    return agents.prefetch_related(Prefetch("attachments", queryset=attachments))


def _live_attempts(**of: Any) -> QuerySet[Attempt]:
    return Attempt.objects.live().filter(**of).select_related("run__network", "run__protocol").order_by("-id")


def _page_number(request: HttpRequest) -> int:
    return integer(request.GET, "page", 1, low=1, high=1_000_000)
