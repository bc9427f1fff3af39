"""Calls of the API as a client makes them, and what is asserted of every refusal."""

import gzip
import json
from typing import Any

from django.apps import apps
from django.test import Client
from pydantic import BaseModel

from apps.core.api.schema import Problem

API = "/api/v1/"
AGENT_API = "/api/v1/agent/"
OUR_APPS = ("accounts", "catalog", "fleet", "results", "runs")


class Caller:
    """Somebody who calls the API: anonymous, with a token, or with a browser's session."""

    def __init__(self, token: str | None = None, *, client: Client | None = None) -> None:
        self.client = client or Client()
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str, **parameters: Any) -> Any:
        return self.client.get(_url(path), parameters, headers=self.headers)

    def get_file(self, path: str, **headers: str) -> Any:
        return self.client.get(_url(path), headers={**self.headers, **headers})

    def post(self, path: str, message: BaseModel | dict[str, Any] | bytes) -> Any:
        return self.client.post(_url(path), _body(message), content_type="application/json", headers=self.headers)

    def patch(self, path: str, message: dict[str, Any]) -> Any:
        return self.client.patch(_url(path), _body(message), content_type="application/json", headers=self.headers)

    def delete(self, path: str) -> Any:
        return self.client.delete(_url(path), headers=self.headers)

    def post_result(self, body: bytes, *, is_gzip: bool = True) -> Any:
        """Upload a result as the agent does."""
        headers = {**self.headers, **({"Content-Encoding": "gzip"} if is_gzip else {})}
        packed = gzip.compress(body) if is_gzip else body
        return self.client.post(_url("agent/result"), packed, content_type="application/json", headers=headers)

    def put_log(self, chunk: bytes, *, lease_token: str, **parameters: Any) -> Any:
        query = "&".join(f"{name}={value}" for name, value in parameters.items())
        headers = {**self.headers, "Zooboard-Lease": lease_token}
        return self.client.put(_url(f"agent/log?{query}"), chunk, content_type="text/plain", headers=headers)

    def all_rows(self, path: str, **parameters: Any) -> list[dict[str, Any]]:
        """Rows of all pages, following `next`."""
        rows: list[dict[str, Any]] = []
        answer = self.get(path, **parameters).json()
        while True:
            rows += answer["results"]
            if answer["next"] is None:
                return rows
            answer = self.client.get(answer["next"]).json()


def assert_problem(response: Any, status: int, type: str) -> Problem:
    """The response is a refusal in the one error shape."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/json"
    problem = Problem.model_validate_json(response.content)
    assert (problem.type, bool(problem.title), bool(problem.detail)) == (type, True, True)
    return problem


def row_counts() -> dict[str, int]:
    """How many rows every table of ours has: the same before and after a refused call."""
    models = [model for label in OUR_APPS for model in apps.get_app_config(label).get_models()]
    return {model._meta.label: model._default_manager.count() for model in models}


def _url(path: str) -> str:
    return path if path.startswith("/") else API + path


def _body(message: BaseModel | dict[str, Any] | bytes) -> bytes:
    if isinstance(message, bytes):
        return message
    return message.model_dump_json().encode() if isinstance(message, BaseModel) else json.dumps(message).encode()
