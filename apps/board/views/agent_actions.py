"""What a signed-in owner does on the fleet's pages: register hardware, and everything on an agent's own page."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from apps.accounts.models import User
from apps.board.agent_forms import AgentForm
from apps.board.views.agents import find_agent
from apps.board.views.errors import answers_user_errors
from apps.core.api.parameters import check_known
from apps.core.errors import InvalidInput
from apps.core.tokens import digest
from apps.fleet import actions
from apps.fleet.enrolling import enrol_command
from apps.fleet.models import Device, EnrolmentCode

DONE = {
    "pause": "{} is paused: it goes on with the run it has, and gets no other.",
    "resume": "{} takes runs again.",
    "drain": "{} ends when it has finished what it does.",
    "rotate": "{} will replace its token at its next contact.",
    "revoke": "{} is revoked: its next call is refused.",
}


@never_cache
@login_required
@answers_user_errors
def register(request: HttpRequest) -> HttpResponse:
    """A POST makes a code and shows it, once: it is nowhere else, so an address that shows it again cannot exist."""
    check_known(request.GET, ())
    if request.method != "POST":
        return redirect("agents")
    code = actions.create_enrolment_code(owner=_user(request), at=timezone.now())
    row = EnrolmentCode.objects.get(digest=digest(code))
    context = {"nav": "agents", "command": enrol_command(code), **_code_state(row)}
    return render(request, "board/agents_register.html", context)


@never_cache
@login_required
@answers_user_errors
def code_state(request: HttpRequest, code_id: int) -> HttpResponse:
    """What became of a code: waiting, used by an agent, or expired. Not the code itself."""
    check_known(request.GET, ())
    row = EnrolmentCode.objects.select_related("agent").filter(pk=code_id, owner=_user(request)).first()
    if row is None:
        raise Http404("You have no such enrolment code.")
    return render(request, "board/_agents_code.html", _code_state(row))


@require_POST
@login_required
@answers_user_errors
def act(request: HttpRequest, public_id: str, verb: str) -> HttpResponse:
    agent = find_agent(public_id)
    actions.OWNER_ACTIONS[verb](agent=agent, by=_user(request), at=timezone.now())
    messages.success(request, DONE[verb].format(agent.name))
    return redirect("agent", public_id)


@require_POST
@login_required
@answers_user_errors
def change(request: HttpRequest, public_id: str) -> HttpResponse:
    agent, user = find_agent(public_id), _user(request)
    form = AgentForm(request.POST, by=user)
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, " ".join(str(error) for error in errors))
        return redirect("agent", public_id)
    try:
        actions.change_agent(agent=agent, changes=form.changes(), by=user, at=timezone.now())
    except InvalidInput as exc:
        messages.error(request, exc.detail)
    else:
        messages.success(request, "The settings are saved.")
    return redirect("agent", public_id)


@require_POST
@login_required
@answers_user_errors
def delete(request: HttpRequest, public_id: str) -> HttpResponse:
    agent = find_agent(public_id)
    is_gone = actions.delete_agent(agent=agent, by=_user(request), at=timezone.now())
    retired = "retired: the fleet shows it no more, and its results keep their origin"
    messages.success(request, f"{agent.name} is {'deleted' if is_gone else retired}.")
    return redirect("agents")


@require_POST
@login_required
@answers_user_errors
def declare_healthy(request: HttpRequest, public_id: str, device_id: int) -> HttpResponse:
    agent = find_agent(public_id)
    device = Device.objects.select_related("kind").filter(pk=device_id, attachments__agent=agent).first()
    if device is None:
        raise Http404(f"Agent {agent.name} has no device {device_id}.")
    actions.declare_healthy(device=device, agent=agent, by=_user(request), at=timezone.now())
    messages.success(request, f"{device.kind.title} gets runs again.")
    return redirect("agent", public_id)


def _code_state(row: EnrolmentCode) -> dict[str, object]:
    left_s = (row.expires_at - timezone.now()).total_seconds()
    return {"code_id": row.pk, "enrolled": row.agent, "expires_at": row.expires_at, "minutes_left": max(0, left_s) / 60}


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
