"""Pages of one's own account, and who may open them."""

import re

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from apps.accounts.actions import create_invitation
from apps.accounts.links import reset_url
from apps.accounts.models import AuditEntry, Invitation, Scope, Token, User
from tests.board.pages import read_page
from tests.factories import make_agent, make_user

pytestmark = pytest.mark.django_db

OWN = ("/account", "/account/tokens", "/account/password")
MOST_QUERIES = 10
PASSWORD = "a long enough phrase"


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("address", [*OWN, "/invitations"])
def test_visitor_is_asked_to_log_in_first(address: str) -> None:
    response = Client().get(address)

    assert (response.status_code, response["Location"]) == (302, f"/login?next={address}")


@pytest.mark.parametrize("address", OWN)
def test_everybody_has_an_account_page_that_nobody_stores(
    address: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    user = make_user()
    client = client_of(user)
    for _ in range(3):
        make_agent(owner=user)

    with django_assert_max_num_queries(MOST_QUERIES):
        response = client.get(address)

    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert user.username in read_page(response).text


def test_account_shows_own_agents_only() -> None:
    mine, _ = make_agent(owner=make_user())
    other, _ = make_agent(owner=make_user())

    text = read_page(client_of(mine.owner).get("/account")).text

    assert mine.name in text
    assert other.name not in text


@pytest.mark.parametrize(("is_staff", "status"), [(False, 403), (True, 200)])
def test_only_administrators_see_invitations(
    is_staff: bool, status: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    staff, client = make_user(is_staff=True), client_of(make_user(is_staff=is_staff))
    for _ in range(3):
        create_invitation(email="", by=staff, at=timezone.now())

    with django_assert_max_num_queries(MOST_QUERIES):
        assert client.get("/invitations").status_code == status

    assert client.post("/invitations", {"email": ""}).status_code == status
    assert Invitation.objects.count() == 3 + is_staff


def test_invitation_leads_to_an_account_that_is_logged_in() -> None:
    page = read_page(client_of(make_user(is_staff=True)).post("/invitations", {"email": ""}))
    link = re.search(r"/invitations/zbi_\S+", page.text + str([e.attributes for e in page.find("input")]))
    assert link is not None
    address = link.group().rstrip("'\",}]")
    guest = Client()

    refused = guest.post(address, {"username": "ada", "email": "", "password1": PASSWORD, "password2": "another"})
    joined = guest.post(address, {"username": "ada", "email": "", "password1": PASSWORD, "password2": PASSWORD})

    assert refused.status_code == 200
    assert (joined.status_code, joined["Location"]) == (302, "/account")
    assert "ada" in read_page(guest.get("/account")).text
    assert Client().get(address).status_code == 403


def test_invitation_leaves_whoever_is_logged_in_alone() -> None:
    staff, user = make_user(is_staff=True), make_user()
    link = create_invitation(email="", by=staff, at=timezone.now())
    address, client = f"/invitations/{link}", client_of(user)
    new = {"username": "ada", "email": "", "password1": PASSWORD, "password2": PASSWORD}

    said = read_page(client.get(address)).find("main")[0].text
    client.post(address, new)

    assert f"you are logged in as {user.username}" in said
    assert not User.objects.filter(username="ada").exists()
    assert user.username in read_page(client.get("/account")).text
    assert client.post("/logout", {"next": address})["Location"] == address
    assert client.post(address, new).status_code == 302
    assert "ada" in read_page(client.get("/account")).find("h1")[0].text


def test_new_password_opens_a_name_that_wrong_ones_have_locked() -> None:
    user, guest = User.objects.create_user("forgetful", password=PASSWORD), Client()
    for _ in range(settings.AXES_FAILURE_LIMIT):
        guest.post("/login", {"username": user.username, "password": "a wrong guess"})
    new = "quite another phrase"

    locked = guest.post("/login", {"username": user.username, "password": PASSWORD})
    form = guest.get(reset_url(user).removeprefix(settings.SITE_URL))["Location"]
    guest.post(form, {"new_password1": new, "new_password2": new})
    opened = guest.post("/login", {"username": user.username, "password": new})

    assert (locked.status_code, opened.status_code) == (429, 302)


def test_token_is_shown_once_and_works_until_it_is_revoked() -> None:
    user = make_user()
    client = client_of(user)

    shown = client.post("/account/tokens", {"name": "notebook", "scopes": ["read", "dispatch"], "life": "30"})

    secret = re.search(r"zbt_[\w.-]+", shown.content.decode())
    assert secret is not None
    assert secret.group() not in client.get("/account/tokens").content.decode()
    bearer = {"Authorization": f"Bearer {secret.group()}"}
    assert Client().get("/api/v1/models/", headers=bearer).status_code == 200
    token = Token.objects.get(user=user)
    assert client.post(f"/account/tokens/{token.public_id}/revoke").status_code == 302
    assert Client().get("/api/v1/models/", headers=bearer).status_code == 401


def test_token_of_somebody_else_is_not_revoked() -> None:
    owner, other = make_user(), make_user()
    client_of(owner).post("/account/tokens", {"name": "mine", "scopes": ["read"], "life": "7"})
    token = Token.objects.get(user=owner)

    assert client_of(other).post(f"/account/tokens/{token.public_id}/revoke").status_code in (403, 404)

    token.refresh_from_db()
    assert token.revoked_at is None


def test_scope_admin_is_for_administrators() -> None:
    user, staff = make_user(), make_user(is_staff=True)

    for somebody in (user, staff):
        client_of(somebody).post("/account/tokens", {"name": "t", "scopes": [Scope.ADMIN], "life": ""})

    assert [token.user for token in Token.objects.all()] == [staff]


@pytest.mark.parametrize(("typed", "is_closed"), [("somebody else", False), (None, True)])
def test_own_account_is_closed_by_typing_its_name(typed: str | None, is_closed: bool) -> None:
    user = make_user()

    client_of(user).post("/account/deactivate", {"username": typed or user.username})

    user.refresh_from_db()
    assert user.is_active is not is_closed


def test_changed_password_is_in_the_audit_log() -> None:
    user = make_user()
    user.set_password(PASSWORD)
    user.save()
    new = "quite another phrase"

    response = client_of(user).post(
        "/account/password", {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    )

    user.refresh_from_db()
    assert (response.status_code, user.check_password(new)) == (302, True)
    assert AuditEntry.objects.filter(subject=user.username, action="account.change-password").count() == 1


@pytest.mark.parametrize("address", [*OWN, "/login/reset", "/login/reset/sent"])
def test_unknown_parameter_is_a_400(address: str) -> None:
    assert client_of(make_user()).get(address, {"x": "1"}).status_code == 400
