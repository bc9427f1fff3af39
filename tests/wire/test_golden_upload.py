"""The golden upload of an artifact: the agent makes its fields, and the site takes it."""

from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile

from apps.fleet.models import Agent
from runners.tools.artifact_files import uploadable
from tests.api.calls import AGENT_API, Caller
from tests.wire import golden


def test_the_agent_makes_the_golden_manifest_of_the_golden_files(tmp_path: Path) -> None:
    upload = golden.read(golden.UPLOAD)
    for name, text in upload["files"].items():
        (tmp_path / name).write_text(text)

    artifact = uploadable([tmp_path / name for name in upload["files"]], "fp32")

    assert (artifact.sha256, artifact.format) == (upload["fields"]["sha256"], upload["fields"]["format"])


def test_the_site_answers_the_golden_upload_with_the_golden_answer(enrolled: tuple[Agent, Caller]) -> None:
    upload, caller = golden.read(golden.UPLOAD), enrolled[1]
    files = {name: SimpleUploadedFile(name, text.encode()) for name, text in upload["files"].items()}

    response = caller.client.post(f"{AGENT_API}artifacts", upload["fields"] | files, headers=caller.headers)

    assert (response.status_code, response.json()) == (201, golden.read("artifact_answer"))
