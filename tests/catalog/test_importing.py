"""Importing a classifier with `manage.py import_model` and its action; the agent's own check looks into the file."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.catalog.importing import import_model
from apps.catalog.models import Artifact, Family, Network
from apps.core.errors import Conflict
from runners.zoo import catalogue
from tests.accuracies import import_text_angle
from tests.factories import MODEL, NOW
from tests.runners.engines.networks import network

pytestmark = pytest.mark.usefixtures("catalogue", "kept_inspections")

CONTENT = network(image_shape=[3, 48, 192])
OTHER_WEIGHTS = catalogue.serialize(catalogue.build(MODEL, seed=1))
SQUARE = {"height": 224, "width": 224}
PREPARATION = {"method": "fit-pad", "height": 48, "width": 192, "mean": [0.5] * 3, "std": [0.5] * 3}


def _import(
    folder: Path, *options: str, name: str = "text-angle-mobile", content: bytes = CONTENT, changes: Any = None
) -> str:
    file = folder / "classifier.onnx"
    file.write_bytes(content)
    preparation = folder / "preparation.json"
    preparation.write_text(json.dumps(PREPARATION | (changes or {})))
    out = StringIO()
    call_command("import_model", name, str(file), "--preparation", str(preparation), *options, stdout=out)
    return out.getvalue().strip()


def test_new_model_gets_a_network_an_architecture_and_its_stated_preparation(tmp_path: Path) -> None:
    sha256 = _import(
        tmp_path, "--family", "MobileNetV3_small", "--task", "text-angle", "--weights", "trained by its maker"
    )

    artifact = Artifact.objects.get(sha256=sha256)
    made = Network.objects.get(name="text-angle-mobile")
    assert (artifact.network, artifact.weights, artifact.is_uploaded) == (made, "trained by its maker", False)
    assert (made.task, made.architecture.name, made.precision) == ("text-angle", "text-angle-mobile", "fp32")
    assert artifact.as_order()["input"].items() >= PREPARATION.items()
    assert [stage["name"] for stage in made.architecture.stages] == ["46 × 190"]


def test_new_model_may_come_with_a_family_of_its_own(tmp_path: Path) -> None:
    _import(
        tmp_path,
        "--family",
        "text-lines",
        "--family-title",
        "Text lines",
        "--organisation",
        "Example",
        "--year",
        "2021",
    )

    family = Family.objects.get(slug="text-lines")
    assert (family.title, family.year, family.networks.get().name) == ("Text lines", 2021, "text-angle-mobile")


def test_known_model_gets_weights_of_its_own(tmp_path: Path) -> None:
    sha256 = _import(tmp_path, "--weights", "somebody's", name=MODEL, content=OTHER_WEIGHTS, changes=SQUARE)

    assert Artifact.objects.get(sha256=sha256).network == Network.objects.get(name=MODEL)


@pytest.mark.parametrize("said", [(), ("--weights", "trained by its maker")])
def test_random_network_of_the_zoo_stays_random_whatever_is_said_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], said: tuple[str, ...]
) -> None:
    sha256 = _import(tmp_path, *said, name=MODEL, content=OTHER_WEIGHTS, changes=SQUARE)

    artifact = Artifact.objects.get(sha256=sha256)
    assert (artifact.weights, artifact.weights_kind) == ("random (seed unknown)", "random")
    assert artifact.as_order()["weights_kind"] == "random"
    assert "no accuracy" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("said", "kind"), [("random (seed 3)", "random"), ("trained by its maker", "stated"), ("not stated", "stated")]
)
def test_network_that_says_nothing_is_what_its_importer_says(tmp_path: Path, said: str, kind: str) -> None:
    sha256 = _import(tmp_path, "--family", "MobileNetV3_small", "--weights", said)

    artifact = Artifact.objects.get(sha256=sha256)
    assert (artifact.weights, artifact.weights_kind) == (said, kind)


def test_same_import_twice_is_one_artifact(tmp_path: Path) -> None:
    first = _import(tmp_path, name=MODEL, content=OTHER_WEIGHTS, changes=SQUARE)

    assert _import(tmp_path, name=MODEL, content=OTHER_WEIGHTS, changes=SQUARE) == first


def test_another_networks_file_is_not_a_published_models(tmp_path: Path) -> None:
    larger = catalogue.serialize(catalogue.build("MobileNetV1_x0_5"))

    with pytest.raises(CommandError, match=rf"This file is not {MODEL}, which has .* parameters: it has 1,331,592"):
        _import(tmp_path, name=MODEL, content=larger, changes=SQUARE)
    with pytest.raises(CommandError, match="Give the model another name"):
        _import(tmp_path, name=MODEL)

    assert not Artifact.objects.filter(network__name=MODEL).exists()


@pytest.mark.parametrize(
    ("content", "options", "says"),
    [
        (b"not a network", ("--family", "MobileNetV2"), "refused"),
        (CONTENT, (), "A new model needs a family"),
        (CONTENT, ("--family", "new"), "A new model needs a family"),
        (CONTENT, ("--family", "MobileNetV2", "--precision", "int8"), "The file is fp32"),
    ],
)
def test_what_cannot_be_imported_says_why_and_leaves_nothing(
    tmp_path: Path, content: bytes, options: tuple[str, ...], says: str
) -> None:
    with pytest.raises(CommandError, match=says):
        _import(tmp_path, *options, content=content)

    assert not Network.objects.filter(name="text-angle-mobile").exists()


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"Cannot read .*absent\.onnx"):
        call_command("import_model", "x", str(tmp_path / "absent.onnx"))


def test_files_of_one_model_are_not_anothers() -> None:
    import_text_angle(CONTENT)
    before = Network.objects.count()

    with pytest.raises(Conflict, match="already, and not second-name's"):
        import_text_angle(CONTENT, name="second-name")

    assert Network.objects.count() == before


def test_preparation_that_was_stated_never_changes(tmp_path: Path) -> None:
    import_text_angle(CONTENT)

    with pytest.raises(CommandError, match="another input preparation"):
        _import(tmp_path, changes={"height": 32})


def test_import_that_states_no_preparation_keeps_the_one_before() -> None:
    first = import_text_angle(CONTENT)

    again = import_model(
        name="text-angle-mobile", files={"model.onnx": CONTENT}, weights="not stated", is_uploaded=False, at=NOW
    )

    assert again == first
