from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from runners import wire
from runners.zoo import catalogue, manifest

ROOT = Path(__file__).parents[3]
FIXTURE = ROOT / "fixtures" / "artifacts.json"


def test_fixture_is_current() -> None:
    assert FIXTURE.read_text() == manifest.dumps(), (
        "Run `python -m runners.zoo.manifest fixtures/artifacts.json`, and rename catalogue.BUILDER: the bytes changed."
    )


def test_every_row_is_an_artifact_addressed_by_its_manifest() -> None:
    rows = json.loads(FIXTURE.read_text())

    artifacts = [wire.Artifact.model_validate(row) for row in rows]

    assert [row["architecture"] for row in rows] == list(catalogue.ARCHITECTURES)
    assert len({artifact.sha256 for artifact in artifacts}) == 27
    for artifact in artifacts:
        assert artifact.sha256 == wire.manifest_sha256(
            format=artifact.format, precision=artifact.precision, files=artifact.files
        )


def test_module_writes_the_fixture_from_the_command_line(tmp_path: Path) -> None:
    target = tmp_path / "artifacts.json"

    subprocess.run([sys.executable, "-m", "runners.zoo.manifest", str(target)], cwd=ROOT, check=True)

    assert target.read_text() == FIXTURE.read_text()
