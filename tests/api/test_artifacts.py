"""Uploading an artifact, and downloading its file as an agent does."""

import hashlib
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from apps.accounts.actions import create_token
from apps.accounts.models import Scope
from apps.catalog.models import Artifact
from apps.fleet.models import Agent
from tests.api.calls import Caller, assert_problem, row_counts
from tests.factories import make_user

CONTENT = bytes(range(256)) * 8

pytestmark = pytest.mark.usefixtures("catalogue")


def administrator(*scopes: Scope, is_staff: bool = True) -> Caller:
    user = make_user(is_staff=is_staff)
    return Caller(create_token(user=user, name="test", scopes=scopes or [Scope.ADMIN], at=timezone.now()))


def upload(caller: Caller, *, content: bytes = CONTENT, name: str = "model.onnx", **fields: Any) -> Any:
    form = {"architecture": "MobileNetV2", **fields, name: SimpleUploadedFile(name, content)}
    return caller.client.post("/api/v1/artifacts/", form, headers=caller.headers)


def stored(content: bytes = CONTENT) -> Artifact:
    response = upload(administrator(), content=content)
    return Artifact.objects.get(sha256=response.json()["sha256"])


def test_administrator_adds_an_artifact() -> None:
    artifact = stored()

    [file] = artifact.files.all()
    assert (artifact.is_uploaded, artifact.architecture.name) == (True, "MobileNetV2")
    assert (file.name, file.sha256, file.size_bytes) == ("model.onnx", hashlib.sha256(CONTENT).hexdigest(), 2048)


@pytest.mark.parametrize(
    ("caller_scopes", "is_staff"), [([Scope.ADMIN], False), ([Scope.DISPATCH, Scope.SUBMIT, Scope.READ], True)]
)
def test_others_may_not_add_one(caller_scopes: list[Scope], is_staff: bool) -> None:
    caller = administrator(*caller_scopes, is_staff=is_staff)
    before = row_counts()

    assert_problem(upload(caller), 403, "permission-denied")

    assert row_counts() == before


def test_anonymous_may_not_add_one(anonymous: Caller) -> None:
    assert_problem(upload(anonymous), 401, "not-authenticated")


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"architecture": "ResNet"}, "architecture"),
        ({"architecture": "a\0b"}, "NUL"),
        ({"precision": "fp64"}, "int8"),
        ({"name": "../../etc/passwd"}, "letters, digits"),
        ({"name": "x" * 101}, "letters, digits"),
        ({"weights": "x" * 301}, "300"),
    ],
)
def test_mistake_in_the_form_is_a_422_that_changes_nothing(fields: dict[str, Any], says: str) -> None:
    caller = administrator()
    before = row_counts()

    problem = assert_problem(upload(caller, **fields), 422, "invalid-input")

    assert says in problem.detail
    assert row_counts() == before


def test_body_that_is_no_form_is_a_422() -> None:
    caller = administrator()

    broken = caller.client.post(
        "/api/v1/artifacts/", b"--x\r\n", content_type="multipart/form-data", headers=caller.headers
    )

    assert_problem(broken, 422, "invalid-input")
    assert_problem(caller.post("artifacts/", {}), 422, "invalid-input")


def test_file_beyond_the_limit_is_a_413(settings: Any) -> None:
    settings.MAX_ARTIFACT_FILE_BYTES = 100

    assert_problem(upload(administrator()), 413, "too-large")


def download(caller: Caller, artifact: Artifact, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    response = caller.get_file(f"agent/artifacts/{artifact.sha256}/model.onnx", **headers)
    content = response.getvalue() if response.streaming else response.content
    return response.status_code, content, dict(response.items())


def test_agent_downloads_the_whole_file(enrolled: tuple[Agent, Caller]) -> None:
    status, content, headers = download(enrolled[1], stored())

    assert (status, content) == (200, CONTENT)
    assert headers["ETag"] == f'"{hashlib.sha256(CONTENT).hexdigest()}"'
    assert headers["Accept-Ranges"] == "bytes"


def test_agent_resumes_a_download_where_it_stopped(enrolled: tuple[Agent, Caller]) -> None:
    status, content, headers = download(enrolled[1], stored(), Range="bytes=2000-")

    assert (status, content) == (206, CONTENT[2000:])
    assert headers["Content-Range"] == "bytes 2000-2047/2048"
    assert headers["Content-Length"] == "48"


def test_range_from_the_first_byte_is_the_whole_file(enrolled: tuple[Agent, Caller]) -> None:
    status, content, _ = download(enrolled[1], stored(), Range="bytes=0-")

    assert (status, content) == (200, CONTENT)


def test_range_beyond_the_end_is_a_416_that_says_the_size(enrolled: tuple[Agent, Caller]) -> None:
    status, _, headers = download(enrolled[1], stored(), Range="bytes=2048-")

    assert (status, headers["Content-Range"]) == (416, "bytes */2048")


def test_file_that_the_site_does_not_store_is_a_404_that_says_what_to_do(enrolled: tuple[Agent, Caller]) -> None:
    catalogued = Artifact.objects.exclude(recipe=None).earliest("id")

    problem = assert_problem(enrolled[1].get(f"agent/artifacts/{catalogued.sha256}/model.onnx"), 404, "not-found")

    assert "recipe" in problem.detail


@pytest.mark.parametrize("name", ["..%2F..%2Fetc%2Fpasswd", "%00", "other.onnx"])
def test_other_name_is_a_404(enrolled: tuple[Agent, Caller], name: str) -> None:
    assert_problem(enrolled[1].get(f"agent/artifacts/{stored().sha256}/{name}"), 404, "not-found")
