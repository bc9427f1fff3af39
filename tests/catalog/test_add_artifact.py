import hashlib
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.core.management import CommandError, call_command

from apps.catalog.models import Artifact
from tests.factories import MODEL

pytestmark = pytest.mark.usefixtures("catalogue")


def _add(file: Path, architecture: str = MODEL) -> str:
    out = StringIO()
    call_command("add_artifact", str(file), "--architecture", architecture, "--weights", "random", stdout=out)
    return out.getvalue().strip()


def test_add_artifact_stores_the_file_under_its_sha256(tmp_path: Path) -> None:
    file = tmp_path / "network.onnx"
    file.write_bytes(b"a network")

    sha256 = _add(file)

    stored = Artifact.objects.get(sha256=sha256).files.get()
    assert stored.sha256 == hashlib.sha256(b"a network").hexdigest()
    with storages["artifacts"].open(stored.storage_name) as content:
        assert content.read() == b"a network"


def test_add_artifact_twice_is_one_artifact(tmp_path: Path) -> None:
    file = tmp_path / "network.onnx"
    file.write_bytes(b"the same network")

    assert _add(file) == _add(file)


def test_add_artifact_of_an_unknown_architecture_says_where_to_look(tmp_path: Path) -> None:
    file = tmp_path / "network.onnx"
    file.write_bytes(b"a network")

    with pytest.raises(CommandError, match="no architecture 'Nothing'"):
        _add(file, "Nothing")


def test_add_artifact_of_a_missing_file_says_why(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Cannot read"):
        _add(tmp_path / "absent.onnx")
