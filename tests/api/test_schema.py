"""The OpenAPI schema is valid, complete, and says what the API answers."""

from typing import Any

import pytest
from django.conf import settings
from django.urls import get_resolver
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.validation import validate_schema

from tests.api.calls import Caller
from tests.api.listed import VIEWS

METHODS = ("get", "post", "put", "patch", "delete")
REWRITE = ".venv/bin/python -m tests.servers manage.py spectacular --file docs/openapi.yaml"


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    GENERATOR_STATS.reset()
    generated: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return generated


def operations(schema: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]


def test_schema_is_valid_and_made_without_a_warning(schema: dict[str, Any]) -> None:
    validate_schema(schema)  # type: ignore[no-untyped-call]

    assert not GENERATOR_STATS


def test_committed_schema_is_the_one_that_is_served(schema: dict[str, Any]) -> None:
    committed = (settings.BASE_DIR / "docs" / "openapi.yaml").read_text()

    rendered: bytes = OpenApiYamlRenderer().render(schema, renderer_context={})  # type: ignore[no-untyped-call]
    assert committed == rendered.decode(), f"docs/openapi.yaml is not what the code says: {REWRITE}"


def test_every_address_of_the_api_is_in_the_schema(schema: dict[str, Any]) -> None:
    assert len(schema["paths"]) == len(_addresses(get_resolver().url_patterns, ""))


def test_every_operation_says_its_shape_and_its_errors(schema: dict[str, Any]) -> None:
    for path, method, operation in operations(schema):
        answers = operation["responses"]
        success = [answer for status, answer in answers.items() if status < "300"]
        problems = [answer["$ref"] for status, answer in answers.items() if status >= "400" and "$ref" in answer]
        assert problems, (path, method)
        assert {name.rpartition("/")[2] for name in problems} <= set(schema["components"]["responses"])
        assert all(shape for answer in success for shape in _shapes(answer)), (path, method)


def test_list_says_the_parameters_that_it_takes_and_no_others(schema: dict[str, Any]) -> None:
    for path, view in VIEWS.items():
        parameters = schema["paths"][f"/api/v1/{path}"]["get"]["parameters"]
        assert sorted(parameter["name"] for parameter in parameters) == sorted(view.parameters()), path


def test_every_operation_has_a_name_of_its_own_and_lists_are_named_so(schema: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(schema)]

    assert len(set(names)) == len(names)
    assert {"results_list", "leaderboard_list", "models_list", "runs_list", "agents_list"} <= set(names)


def test_agent_calls_need_the_agents_token(schema: dict[str, Any]) -> None:
    needs = {
        path: operation["security"] for path, _, operation in operations(schema) if path.startswith("/api/v1/agent/")
    }

    assert needs.pop("/api/v1/agent/enroll") == [{}]
    assert all(security == [{"agent": []}] for security in needs.values())


def test_schema_and_its_browser_are_served_from_our_own_address(anonymous: Caller) -> None:
    schema = anonymous.client.get("/api/schema/")
    page = anonymous.client.get("/api/docs/").content.decode()

    assert schema.status_code == 200
    assert "https://" not in page


def _shapes(answer: dict[str, Any]) -> list[Any]:
    return [content.get("schema", {}) for content in answer.get("content", {}).values()]


def _addresses(patterns: list[Any], before: str) -> list[str]:
    found = []
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            found += _addresses(pattern.url_patterns, path)
        elif path.startswith("api/v1/"):
            found.append(path)
    return found
