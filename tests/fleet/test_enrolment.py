from datetime import timedelta
from functools import partial
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.accounts.models import AuditEntry
from apps.fleet.actions import CodeRefused, create_enrolment_code, enrol_agent
from apps.fleet.models import Agent, EnrolmentCode, TrustTier
from runners import wire
from tests.core.together import together
from tests.factories import NOW, make_agent, make_user

pytestmark = pytest.mark.django_db


def _request(code: str, name: str = "bench-1") -> wire.EnrolRequest:
    return wire.EnrolRequest(code=code, name=name, runner_version="1.0")


def test_code_enrols_an_agent_of_its_owner() -> None:
    owner = make_user()
    code = create_enrolment_code(owner=owner, at=NOW)

    agent, token = enrol_agent(request=_request(code), at=NOW)

    assert (agent.owner, agent.name, agent.status, agent.trust_tier) == (owner, "bench-1", "active", 0)
    assert token.startswith(f"zba_{agent.public_id}_")
    assert EnrolmentCode.objects.get().agent == agent


def test_neither_code_nor_token_is_stored() -> None:
    code = create_enrolment_code(owner=make_user(), at=NOW)
    _, token = enrol_agent(request=_request(code), at=NOW)

    rows = [*EnrolmentCode.objects.values(), *Agent.objects.values(), *AuditEntry.objects.values()]
    text = str(rows)
    assert code not in text
    assert token.rpartition("_")[2] not in text


def test_code_that_nobody_made_is_refused() -> None:
    with pytest.raises(CodeRefused, match="copy the line"):
        enrol_agent(request=_request("zbe_wrong_wrong"), at=NOW)


def test_code_enrols_once() -> None:
    code = create_enrolment_code(owner=make_user(), at=NOW)
    enrol_agent(request=_request(code), at=NOW)

    with pytest.raises(CodeRefused, match="used already"):
        enrol_agent(request=_request(code), at=NOW)

    assert Agent.objects.count() == 1


def test_code_is_good_until_it_expires() -> None:
    life = timedelta(seconds=settings.ENROLMENT_CODE_S)
    first = create_enrolment_code(owner=make_user(), at=NOW)
    second = create_enrolment_code(owner=make_user(), at=NOW)

    enrol_agent(request=_request(first), at=NOW + life - timedelta(seconds=1))
    with pytest.raises(CodeRefused, match="expired"):
        enrol_agent(request=_request(second), at=NOW + life)


@pytest.mark.django_db(transaction=True)
def test_code_used_at_the_same_moment_enrols_one_agent() -> None:
    code = create_enrolment_code(owner=make_user(), at=NOW)

    outcomes = together([partial(enrol_agent, request=_request(code, f"bench-{n}"), at=NOW) for n in range(4)])

    assert Agent.objects.count() == 1
    assert sum(isinstance(outcome, CodeRefused) for outcome in outcomes) == 3


def test_vetted_code_enrols_a_vetted_agent() -> None:
    out = StringIO()
    call_command("enrolment_code", "--vetted", stdout=out)

    agent, _ = enrol_agent(request=_request(out.getvalue().strip()), at=timezone.now())

    assert agent.trust_tier == TrustTier.VETTED
    assert agent.owner.username == "owner"


def test_revoke_agent_command_takes_a_name() -> None:
    agent, _ = make_agent()

    call_command("revoke_agent", agent.name, stdout=StringIO())

    agent.refresh_from_db()
    assert agent.status == "revoked"


def test_revoke_agent_command_names_the_agents_there_are() -> None:
    agent, _ = make_agent()

    with pytest.raises(CommandError, match=agent.public_id):
        call_command("revoke_agent", "nobody")
