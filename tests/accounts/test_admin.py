"""The administration: who sees it, and that each act is in the audit log."""

import pytest
from django.contrib import admin
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import AuditEntry, User
from apps.fleet.models import Agent, TrustTier
from tests.factories import make_agent, make_user

pytestmark = pytest.mark.django_db

LISTS = [f"/admin/{model._meta.app_label}/{model._meta.model_name}/" for model in admin.site._registry]
MOST_QUERIES = 15
"""Of an unfiltered list: session, user, counts, rows and what the filters offer."""


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("address", ["/admin/", *LISTS])
def test_administration_is_for_staff(address: str, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    staff, somebody = client_of(make_user(is_staff=True)), client_of(make_user())
    make_agent()

    with django_assert_max_num_queries(MOST_QUERIES):
        response = staff.get(address)

    assert response.status_code == 200
    assert "<script>" not in response.content.decode()
    assert somebody.get(address).status_code == 302
    assert Client().get(address).status_code == 302


@pytest.mark.parametrize("address", LISTS)
def test_nothing_is_deleted_by_hand(address: str) -> None:
    client = client_of(make_user(is_staff=True))

    page = client.get(address).content.decode()

    assert 'value="delete_selected"' not in page
    assert client.get(f"{address}add/").status_code == 403


def test_trust_is_given_by_an_action_that_is_logged() -> None:
    agent, _ = make_agent()
    staff = make_user(is_staff=True)

    client_of(staff).post("/admin/fleet/agent/", {"action": "vet", "_selected_action": [agent.pk]})

    assert Agent.objects.get(pk=agent.pk).trust_tier == TrustTier.VETTED
    assert AuditEntry.objects.filter(actor=staff, subject=agent.public_id).exists()


def test_staff_make_nobody_an_administrator() -> None:
    staff, user = make_user(is_staff=True), make_user()

    response = client_of(staff).post(f"/admin/accounts/user/{user.pk}/change/", {"is_superuser": "on"})

    user.refresh_from_db()
    assert response.status_code == 403
    assert not user.is_superuser
