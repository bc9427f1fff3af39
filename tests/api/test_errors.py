"""Every refusal has the one error shape, whoever caused it."""

from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver

from tests.api.calls import AGENT_API, Caller, assert_problem, row_counts
from tests.factories import make_agent, make_user

pytestmark = pytest.mark.usefixtures("catalogue")


@pytest.mark.parametrize(
    "path",
    ["/api/", "/api/v2/results/", "/api/v1/", "/api/v1/results/one/", "/api/v1/models/%00/", "/api/v1/models/%0A/x%0A"],
)
def test_unknown_address_is_a_404_in_json(anonymous: Caller, path: str) -> None:
    problem = assert_problem(anonymous.get(path), 404, "not-found")

    assert "/api/docs/" in problem.detail
    # No form that another site could have sent: there is nothing to forge.
    stranger = Caller(client=Client(enforce_csrf_checks=True))
    assert_problem(stranger.post(path, {}), 404, "not-found")


@pytest.mark.parametrize(
    ("path", "meant"),
    [("/api/v1/results", "/api/v1/results/"), ("/api/v1/agent/lease/", "/api/v1/agent/lease"), ("/api/v1/nothing", "")],
)
def test_address_with_a_wrong_end_is_told_the_right_one(anonymous: Caller, path: str, meant: str) -> None:
    detail = assert_problem(anonymous.get(path), 404, "not-found").detail

    assert ("Did you mean" in detail) == bool(meant)
    assert meant in detail


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


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "campaigns/"), ("POST", "agents/codes/"), ("DELETE", "schedules/1/"), ("GET", "models/MobileNetV1/")],
)
def test_parameter_of_an_address_that_has_none_is_a_400_that_changes_nothing(method: str, path: str) -> None:
    caller = Caller()
    caller.client.force_login(make_user(is_staff=True))
    before = row_counts()
    body = b'{"models": ["MobileNetV1"], "protocols": ["cpu-fp32-bs1"]}'

    response = caller.client.generic(method, f"/api/v1/{path}?dry_run=1", body, "application/json")

    assert [error.field for error in assert_problem(response, 400, "unknown-parameter").errors] == ["dry_run"]
    assert row_counts() == before


@pytest.mark.parametrize("accept", ["text/html", "image/png;q=0.1", "nonsense", "application/xml"])
@pytest.mark.parametrize("path", ["results/", "models/MobileNetV1/", "models/nothing/", "runs/1/"])
def test_what_a_client_accepts_refuses_nothing(anonymous: Caller, path: str, accept: str) -> None:
    answer = anonymous.get_file(path, Accept=accept)

    assert (answer.status_code, answer["Content-Type"]) in ((200, "application/json"), (404, "application/json"))


def test_wrong_host_is_a_400_in_json(anonymous: Caller) -> None:
    assert_problem(anonymous.get_file("results/", Host="elsewhere.example"), 400, "bad-request")


def test_form_with_too_many_fields_is_a_400_and_one_too_large_a_413(settings: Any) -> None:
    _, token = make_agent()
    caller = Caller(token)

    def send(form: dict[str, str]) -> Any:
        return caller.client.post(f"{AGENT_API}artifacts", form, headers=caller.headers)

    assert_problem(send({f"field{number}": "" for number in range(1001)}), 400, "bad-request")
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    assert_problem(send({"model": "M" * 200}), 413, "too-large")


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
