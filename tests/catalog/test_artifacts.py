from importlib import import_module

import pytest
from django.apps import apps

from apps.catalog.actions import store_artifact
from apps.catalog.artifacts import executed_precision, find_artifact
from apps.catalog.models import Architecture, Artifact, Network, Protocol
from runners import wire
from tests.accuracies import ACCURACY, trained_artifact
from tests.factories import COMPLEXITY, LATENCY, MODEL, NOW

pytestmark = pytest.mark.usefixtures("catalogue")

INT8_MODEL = "MobileNetV3_large_x1_0_ssld_int8"


def _find(model: str, engine: str = "onnxruntime", protocol: str = LATENCY) -> Artifact | None:
    return find_artifact(
        network=Network.objects.get(name=model), engine=engine, protocol=Protocol.objects.get(slug=protocol)
    )


def _store(*, network: Network | None, content: bytes, format: str = "onnx", is_uploaded: bool = False) -> Artifact:
    return store_artifact(
        architecture=Architecture.objects.get(name=MODEL),
        network=network,
        format=format,
        precision="fp32",
        weights="test",
        files={"model.onnx": content},
        is_uploaded=is_uploaded,
        at=NOW,
    )


def test_every_fp32_model_has_an_artifact_for_every_executable_protocol() -> None:
    models = Network.objects.filter(precision="fp32").values_list("name", flat=True)

    missing = [name for name in models if not (_find(name) and _find(name, "onnx", COMPLEXITY))]

    assert missing == []


def test_siblings_share_the_artifact_of_their_architecture() -> None:
    assert _find("MobileNetV2_ssld") == _find("MobileNetV2")


def test_int8_model_is_never_measured_with_an_fp32_file() -> None:
    assert _find(INT8_MODEL) is None
    assert _find(INT8_MODEL, "onnx", COMPLEXITY) is None


@pytest.mark.parametrize("protocol", ["sd855-bs1-t1", "t4-fp16-bs8", "t4-fp32-bs1"])
@pytest.mark.parametrize(
    "engine", ["ncnn", "mnn", "onnxruntime", "onnxruntime-tensorrt", "onnxruntime-cuda", "trtexec"]
)
def test_engines_that_convert_get_the_models_own_file_in_any_precision(engine: str, protocol: str) -> None:
    assert _find(MODEL, engine, protocol) == _find(MODEL)


@pytest.mark.parametrize("engine", ["paddle-lite", "tflite"])
def test_engines_that_cannot_convert_need_a_file_in_their_own_format(engine: str) -> None:
    before = _find(MODEL, engine, "sd855-bs1-t1")
    stored = _store(network=None, content=b"theirs", format=engine)

    assert (before, _find(MODEL, engine, "sd855-bs1-t1")) == (None, stored)


@pytest.mark.parametrize("is_of_network", [True, False])
def test_upload_does_not_take_the_place_of_what_the_catalogue_built(*, is_of_network: bool) -> None:
    built = _find(MODEL)

    _store(network=Network.objects.get(name=MODEL) if is_of_network else None, content=b"somebody's", is_uploaded=True)

    assert built is not None
    assert _find(MODEL) == built


def test_engine_that_nobody_knows_has_no_artifact() -> None:
    assert _find(MODEL, "abacus") is None


@pytest.mark.parametrize(
    ("precision", "protocol", "executed"),
    [
        ("fp32", "t4-fp16-bs1", "fp16"),
        ("fp32", "t4-fp32-bs1", "fp32"),
        ("int8", "t4-fp16-bs1", "int8"),
        ("fp32", "sd855-bs1-t1", "fp32"),
        ("int8", "sd855-bs1-t1", "int8"),
    ],
)
def test_file_is_executed_in_what_the_protocol_asks_for_but_int8_stays(
    precision: str, protocol: str, executed: str
) -> None:
    assert executed_precision(precision, Protocol.objects.get(slug=protocol)) == executed


def test_newest_artifact_of_the_architecture_is_taken() -> None:
    newest = _store(network=None, content=b"newest")

    assert _find(MODEL) == newest


def test_artifact_with_the_models_own_weights_goes_before_its_architectures() -> None:
    own = _store(network=Network.objects.get(name=MODEL), content=b"own")
    _store(network=None, content=b"newer, of the architecture")

    assert _find(MODEL) == own


@pytest.mark.parametrize("engine", ["ncnn", "openvino", "mnn"])
def test_engine_with_a_format_of_its_own_converts_the_onnx_file(engine: str) -> None:
    assert _find(MODEL, engine) == _find(MODEL)


def test_accuracy_takes_trained_weights_of_the_model_itself() -> None:
    before = _find(MODEL, protocol=ACCURACY)
    own = trained_artifact()

    assert before is None
    assert _find(MODEL, protocol=ACCURACY) == own
    assert _find("MobileNetV1_x0_5", protocol=ACCURACY) is None


@pytest.mark.parametrize("kind", [wire.WeightsKind.RANDOM, wire.WeightsKind.SEEDED_INT8])
def test_accuracy_refuses_weights_that_have_none_whatever_the_words_are(kind: wire.WeightsKind) -> None:
    trained_artifact(weights="trained by its maker", weights_kind=kind)

    assert _find(MODEL, protocol=ACCURACY) is None


def test_accuracy_refuses_weights_whose_input_preparation_nobody_stated() -> None:
    trained_artifact(preparation=None)

    assert _find(MODEL, protocol=ACCURACY) is None


def test_migration_gives_earlier_artifacts_the_kind_that_their_words_told() -> None:
    seeded = "a, as in b.pdparams (sha256 01), int8 QDQ per channel, calibrated on 32 seeded inputs"
    words = {"random (seed unknown)": "random", seeded: "seeded-int8", "random_good.pdparams (sha256 01)": "stated"}
    for text in words:
        trained_artifact(weights=text, content=text.encode())

    import_module("apps.catalog.migrations.0007_kind_of_weights").read_sentences(apps, None)

    own = Artifact.objects.filter(network__name=MODEL)
    assert dict(own.values_list("weights", "weights_kind")) == words


def test_artifact_of_another_model_is_not_taken() -> None:
    other = _store(network=Network.objects.get(name="MobileNetV2"), content=b"other")

    assert _find(MODEL) != other
