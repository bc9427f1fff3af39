"""Every refusal has the one error shape, whoever caused it."""

from typing import Any

import pytest
from django.urls import get_resolver

from tests.api.calls import AGENT_API, Caller, assert_problem, row_counts
from tests.factories import make_agent, make_user

pytestmark = pytest.mark.usefixtures("catalogue")


@pytest.mark.parametrize(
    "path", ["/api/", "/api/v2/results/", "/api/v1/", "/api/v1/results/one/", "/api/v1/models/%00/"]
)
def test_unknown_address_is_a_404_in_json(anonymous: Caller, path: str) -> None:
    problem = assert_problem(anonymous.get(path), 404, "not-found")

    assert "/api/docs/" in problem.detail


@pytest.mark.parametrize("path", ["results/", "leaderboard/", "sources/", "agents/", "models/MobileNetV1/"])
def test_wrong_method_is_a_405_that_names_the_right_ones(path: str) -> None:
    user = make_user()
    caller = Caller()
    caller.client.force_login(user)

    response = caller.post(path, {})

    assert_problem(response, 405, "method-not-allowed")
    assert "GET" in response["Allow"]


def test_wrong_method_of_an_agent_endpoint_is_a_405() -> None:
    _, token = make_agent()

    assert_problem(Caller(token).get("agent/heartbeat"), 405, "method-not-allowed")


def test_malformed_token_is_a_401_with_a_challenge(anonymous: Caller) -> None:
    anonymous.headers = {"Authorization": "Bearer one two"}

    response = anonymous.get("results/")

    assert_problem(response, 401, "authentication-failed")
    assert response["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("token", ["zbt_unknown_secret", "zbt", "nonsense", "zba_x_y", "zbt_ÿ_ÿ"])
def test_unknown_token_is_a_401_and_not_taken_for_anonymous(token: str) -> None:
    assert_problem(Caller(token).get("results/"), 401, "authentication-failed")


def test_broken_json_is_a_400_that_changes_nothing() -> None:
    caller = Caller()
    caller.client.force_login(make_user())
    before = row_counts()

    problem = assert_problem(caller.post("campaigns/", b'{"models": ['), 400, "parse-error")

    assert "JSON" in problem.detail
    assert row_counts() == before


def test_other_media_type_is_a_415() -> None:
    caller = Caller()
    caller.client.force_login(make_user())

    response = caller.client.post("/api/v1/campaigns/", "models=a", content_type="text/plain")

    assert_problem(response, 415, "unsupported-media-type")


@pytest.mark.parametrize(
    "endpoint",
    [
        "rotate",
        "lease",
        "heartbeat",
        "release",
        "fail",
        "result",
        "submission",
        "log",
        "artifacts",
        "artifacts/00/model.onnx",
    ],
)
def test_agent_endpoint_without_a_token_is_a_401_that_changes_nothing(anonymous: Caller, endpoint: str) -> None:
    before = row_counts()

    if endpoint == "log":
        response = anonymous.put_log(b"line", lease_token="zbl_1_1_" + "0" * 40, attempt=1, offset=0)
    elif endpoint.startswith("artifacts"):
        response = anonymous.get(f"agent/{endpoint}")
    else:
        response = anonymous.post(f"agent/{endpoint}", {})

    assert_problem(response, 401, "not-authenticated")
    assert row_counts() == before


def test_every_agent_endpoint_is_tested_without_a_token() -> None:
    routes = _routes(AGENT_API.lstrip("/"))

    assert routes == {
        "enroll", "rotate", "lease", "heartbeat", "release", "fail", "log", "result", "submission",
        "artifacts", "artifacts/<slug:sha256>/<name:name>",
    }  # fmt: skip


def test_token_of_a_user_is_not_one_of_an_agent() -> None:
    caller = Caller()
    caller.client.force_login(make_user())

    assert_problem(caller.post("agent/heartbeat", {}), 401, "not-authenticated")


def _routes(prefix: str) -> set[str]:
    """Routes below a prefix, without it."""
    found: set[str] = set()

    def walk(patterns: list[Any], before: str) -> None:
        for pattern in patterns:
            path = before + str(getattr(pattern, "pattern", ""))
            if hasattr(pattern, "url_patterns"):
                walk(pattern.url_patterns, path)
            elif path.startswith(prefix):
                found.add(path.removeprefix(prefix))

    walk(get_resolver().url_patterns, "")
    return found
