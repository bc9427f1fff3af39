"""Uploading an artifact, and downloading its file as an agent does."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from apps.accounts.actions import create_token
from apps.accounts.models import Scope
from apps.catalog.actions import store_artifact
from apps.catalog.models import Architecture, Artifact, ArtifactFile
from apps.core.api.schema import Problem
from apps.fleet.models import Agent
from runners.zoo import catalogue
from tests.api.calls import Caller, assert_problem, row_counts
from tests.factories import make_user
from tests.runners.engines.networks import network

CONTENT = bytes(range(256)) * 8
NETWORK = network(image_shape=[3, 48, 192])
PREPARATION = {"method": "fit-pad", "height": 48, "width": 192, "mean": [0.5] * 3, "std": [0.5] * 3}
NEW = {"model": "text-angle-mobile", "family": "MobileNetV3_small", "task": "text-angle", "weights": "its maker's"}

pytestmark = pytest.mark.usefixtures("catalogue", "kept_inspections")


def administrator(*scopes: Scope, is_staff: bool = True) -> Caller:
    """Or somebody who was one when the token was made."""
    user = make_user(is_staff=True)
    token = create_token(user=user, name="test", scopes=scopes or [Scope.ADMIN], at=timezone.now())
    user.is_staff = is_staff
    user.save()
    return Caller(token)


def upload(caller: Caller, *, content: bytes = NETWORK, name: str = "model.onnx", **fields: Any) -> Any:
    form = {"architecture": "MobileNetV2", **fields, name: SimpleUploadedFile(name, content)}
    return caller.client.post("/api/v1/artifacts/", form, headers=caller.headers)


def stored(content: bytes = CONTENT) -> Artifact:
    """An uploaded artifact with these bytes, whatever they are."""
    return store_artifact(
        architecture=Architecture.objects.get(name="MobileNetV2"),
        network=None,
        format="onnx",
        precision="fp32",
        weights="not stated",
        files={"model.onnx": content},
        is_uploaded=True,
        at=timezone.now(),
    )


def test_administrator_adds_an_artifact() -> None:
    content = catalogue.serialize(catalogue.build("MobileNetV2_x0_25", seed=1))
    response = upload(administrator(), content=content, architecture="MobileNetV2_x0_25")

    artifact = Artifact.objects.get(sha256=response.json()["sha256"])
    [file] = artifact.files.all()
    assert (artifact.is_uploaded, artifact.architecture.name) == (True, "MobileNetV2_x0_25")
    assert (file.name, file.sha256) == ("model.onnx", hashlib.sha256(content).hexdigest())


@pytest.mark.parametrize("of", ["model", "architecture"])
def test_random_network_is_stored_as_random_whatever_is_said_of_it(anonymous: Caller, of: str) -> None:
    content = catalogue.serialize(catalogue.build("MobileNetV2_x0_25", seed=1))
    fields = {of: "MobileNetV2_x0_25", "weights": "trained by its maker"}

    response = upload(administrator(), content=content, **fields)

    row = next(row for row in anonymous.all_rows("artifacts/") if row["sha256"] == response.json()["sha256"])
    assert (row["weights"], row["weights_kind"]) == ("random (seed unknown)", "random")


def test_another_network_is_not_a_published_architectures() -> None:
    caller = administrator()
    before = row_counts()

    problem = assert_problem(upload(caller), 422, "invalid-input")

    assert "This file is not MobileNetV2" in problem.detail
    assert row_counts() == before


def test_administrator_imports_a_model_of_another_task(anonymous: Caller) -> None:
    fields: dict[str, Any] = {**NEW, "input_preparation": json.dumps(PREPARATION)}

    response = upload(administrator(), **fields)

    row = next(row for row in anonymous.all_rows("artifacts/") if row["sha256"] == response.json()["sha256"])
    assert (row["model"], row["weights"], row["is_uploaded"]) == ("text-angle-mobile", "its maker's", True)
    assert row["input_preparation"].items() >= PREPARATION.items()
    assert anonymous.get("models/text-angle-mobile/").json()["task"] == "text-angle"


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"content": CONTENT}, "is refused"),
        ({"input_preparation": "{"}, "input_preparation"),
        ({"input_preparation": json.dumps(PREPARATION | {"std": [0, 1, 1]})}, "std.0"),
        ({"input_preparation": json.dumps(PREPARATION | {"method": "short-side-crop"})}, "short_side"),
        ({"input_preparation": json.dumps(PREPARATION | {"layout": "NHWC"})}, "layout"),
        ({"precision": "int8"}, "The file is fp32"),
        ({"family": ""}, "needs a family"),
        ({"model": "../x"}, "no name"),
    ],
)
def test_import_that_cannot_be_used_is_a_422_that_changes_nothing(fields: dict[str, Any], says: str) -> None:
    caller = administrator()
    before = row_counts()

    problem = assert_problem(upload(caller, **{**NEW, **fields}), 422, "invalid-input")

    assert says in problem.detail
    assert row_counts() == before


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
    status, body, headers = download(enrolled[1], stored(), Range="bytes=2048-")

    assert (status, headers["Content-Range"]) == (416, "bytes */2048")
    assert Problem.model_validate_json(body).type == "wrong-offset"


def test_range_that_no_file_has_is_the_whole_file(enrolled: tuple[Agent, Caller]) -> None:
    status, content, _ = download(enrolled[1], stored(), Range=f"bytes={'9' * 5000}-")

    assert (status, content) == (200, CONTENT)


@pytest.fixture
def unbuilt(catalogue: None) -> Iterator[ArtifactFile]:
    """A file that nobody asked for yet; what a test builds of it goes with the test."""
    file = ArtifactFile.objects.get(artifact__architecture__name="MobileNetV3_small_x0_35", artifact__recipe__seed=0)
    yield file
    storages["artifacts"].delete(file.storage_name)


def test_file_with_a_recipe_is_built_kept_and_resumed(enrolled: tuple[Agent, Caller], unbuilt: ArtifactFile) -> None:
    status, content, headers = download(enrolled[1], unbuilt.artifact)
    resumed, rest, _ = download(enrolled[1], unbuilt.artifact, Range="bytes=1000-")

    assert (status, headers["Content-Length"]) == (200, str(unbuilt.size_bytes))
    assert hashlib.sha256(content).hexdigest() == unbuilt.sha256
    assert storages["artifacts"].exists(unbuilt.storage_name)
    assert (resumed, rest) == (206, content[1000:])


def test_file_that_cannot_be_built_is_a_404_that_says_why(enrolled: tuple[Agent, Caller]) -> None:
    file = ArtifactFile.objects.filter(artifact__recipe__seed=0).earliest("id")
    path = f"agent/artifacts/{file.artifact.sha256}/{file.name}"
    ArtifactFile.objects.filter(pk=file.pk).update(sha256="0" * 64)

    other_bytes = assert_problem(enrolled[1].get(path), 404, "not-found")
    Artifact.objects.filter(pk=file.artifact_id).update(recipe=None)
    no_recipe = assert_problem(enrolled[1].get(path), 404, "not-found")

    assert "its recipe gives sha256" in other_bytes.detail
    assert "it has no recipe" in no_recipe.detail


@pytest.mark.parametrize("name", ["..%2F..%2Fetc%2Fpasswd", "%00", "other.onnx"])
def test_other_name_is_a_404(enrolled: tuple[Agent, Caller], name: str) -> None:
    assert_problem(enrolled[1].get(f"agent/artifacts/{stored().sha256}/{name}"), 404, "not-found")
