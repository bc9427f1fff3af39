"""Logging in: by a one-time link, by a password, and out again."""

import io
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.test import Client

from apps.accounts.models import User
from tests.board.pages import read_page

pytestmark = pytest.mark.usefixtures("published")


def login_link() -> str:
    """Path and query of the link that the command prints."""
    out = io.StringIO()
    call_command("owner_login", stdout=out)
    parts = urlsplit(out.getvalue().strip())
    return f"{parts.path}?{parts.query}"


def test_link_logs_in_once(visitor: Client) -> None:
    link = login_link()

    assert visitor.get(link).status_code == 302
    assert "owner" in read_page(visitor.get("/")).find("header")[0].text
    assert Client().get(link).status_code == 403


def test_changed_link_logs_nobody_in(visitor: Client) -> None:
    response = visitor.get(login_link()[:-2] + "xx")

    assert response.status_code == 403
    assert "Log in" in read_page(visitor.get("/")).find("header")[0].text


def test_password_logs_in_and_goes_on_to_where_the_visitor_wanted_to_go(visitor: Client) -> None:
    User.objects.create_user("somebody", password="a long password")

    response = visitor.post(
        "/login", {"username": "somebody", "password": "a long password", "next": "/runs?state=done"}
    )

    assert (response.status_code, response["Location"]) == (302, "/runs?state=done")


def test_wrong_password_is_said_and_another_site_is_never_gone_to(visitor: Client) -> None:
    User.objects.create_user("somebody", password="a long password")

    wrong = visitor.post("/login", {"username": "somebody", "password": "guess"})
    elsewhere = visitor.post(
        "/login", {"username": "somebody", "password": "a long password", "next": "https://example.org/"}
    )

    assert "correct username" in read_page(wrong).find("main")[0].text
    assert elsewhere["Location"] == "/"


def test_logging_out_is_a_post(member: Client) -> None:
    assert member.get("/logout").status_code == 405

    member.post("/logout")

    assert "Log in" in read_page(member.get("/")).find("header")[0].text
