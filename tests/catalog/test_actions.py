import pytest

from apps.catalog.actions import ProtocolChanged, configuration_for, load_catalogue, store_artifact
from apps.catalog.fixtures import read_fixture
from apps.catalog.models import (
    Architecture,
    Artifact,
    ArtifactFile,
    Comparability,
    Configuration,
    Dataset,
    DeviceKind,
    Family,
    Network,
    Protocol,
)
from apps.core.errors import InvalidInput
from tests.factories import COMPLEXITY, LATENCY, MODEL, NOW

pytestmark = pytest.mark.usefixtures("catalogue")

TABLES = [Family, Architecture, Network, DeviceKind, Protocol, Comparability, Artifact, ArtifactFile, Configuration]


def test_catalogue_has_the_32_models_of_the_document() -> None:
    assert Network.objects.count() == 32
    assert not Family.objects.filter(networks=None).exists()


def test_loading_again_changes_nothing() -> None:
    before = [list(table._default_manager.order_by("pk").values()) for table in TABLES]

    load_catalogue(at=NOW)

    assert [list(table._default_manager.order_by("pk").values()) for table in TABLES] == before


def test_loading_mends_a_model() -> None:
    Network.objects.filter(name=MODEL).update(activation="tampered")

    load_catalogue(at=NOW)

    assert Network.objects.get(name=MODEL).activation != "tampered"


def test_loading_states_what_the_published_counter_gives_of_every_architecture() -> None:
    Architecture.objects.update(flops_paddle=None)

    load_catalogue(at=NOW)

    assert not Architecture.objects.filter(flops_paddle=None).exists()
    counted = Architecture.objects.get(name=MODEL)
    assert (counted.flops_paddle, counted.params_paddle) == (77_283_412, 458_030)


def test_loading_refuses_to_change_a_version_of_a_protocol() -> None:
    Protocol.objects.filter(slug=LATENCY).update(repeats=1)

    with pytest.raises(ProtocolChanged, match=r"repeats of cpu-fp32-bs1 v1.*version 2"):
        load_catalogue(at=NOW)


def test_loading_lets_an_executable_protocol_gain_engines_and_metrics() -> None:
    Protocol.objects.filter(slug=LATENCY).update(engines=["onnxruntime"], metrics=["latency"])

    load_catalogue(at=NOW)

    protocol = Protocol.objects.get(slug=LATENCY)
    assert protocol.engines[0] == "onnxruntime"
    assert "stub" in protocol.engines
    assert "cpu_time" in protocol.metrics


@pytest.mark.parametrize(
    ("slug", "stands"),
    [
        (LATENCY, {"engines": ["onnxruntime", "abacus", "stub"]}),
        (LATENCY, {"engines": ["stub", "onnxruntime"]}),
        (LATENCY, {"metrics": ["latency", "top1"]}),
        ("paddleclas-accuracy", {"metrics": ["top1"]}),
    ],
)
def test_loading_refuses_to_take_something_away_to_put_another_first_or_to_add_to_what_was_published(
    slug: str, stands: dict[str, list[str]]
) -> None:
    Protocol.objects.filter(slug=slug).update(**stands)

    with pytest.raises(ProtocolChanged, match=f"{next(iter(stands))} of {slug} v1"):
        load_catalogue(at=NOW)


def test_loading_mends_the_prose_of_a_protocol() -> None:
    Protocol.objects.filter(slug=LATENCY).update(title="tampered")

    load_catalogue(at=NOW)

    assert Protocol.objects.get(slug=LATENCY).title != "tampered"


def test_configuration_of_the_same_three_is_made_once() -> None:
    protocol = Protocol.objects.get(slug=LATENCY)
    kind = DeviceKind.objects.create(slug="cpu-x", title="CPU X", category="cpu")

    first = configuration_for(protocol=protocol, engine="onnxruntime", device_kind=kind)
    second = configuration_for(protocol=protocol, engine="onnxruntime", device_kind=kind)

    assert first == second
    assert first.slug == "cpu-fp32-bs1.onnxruntime.cpu-x"


def test_configuration_without_a_device_kind_is_its_protocol() -> None:
    protocol = Protocol.objects.get(slug=COMPLEXITY)

    assert configuration_for(protocol=protocol, engine="onnx", device_kind=None).slug == COMPLEXITY


def _store(files: dict[str, bytes]) -> Artifact:
    return store_artifact(
        architecture=Architecture.objects.get(name=MODEL),
        network=None,
        format="onnx",
        precision="fp32",
        weights="random",
        files=files,
        is_uploaded=True,
        at=NOW,
    )


def test_same_files_are_the_same_artifact() -> None:
    assert _store({"model.onnx": b"abc"}) == _store({"model.onnx": b"abc"})
    assert _store({"model.onnx": b"abc"}) != _store({"model.onnx": b"abd"})


def test_artifact_lies_under_its_hash_and_never_under_its_name() -> None:
    file = _store({"model.onnx": b"abc"}).files.get()

    assert file.storage_name == "ba/ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_artifact_without_a_file_is_refused() -> None:
    with pytest.raises(InvalidInput, match="at least one file"):
        _store({})


def test_accuracy_has_a_configuration_for_each_engine_and_named_subset() -> None:
    protocol = Protocol.objects.get(slug="accuracy-imagenet1k")

    slugs = [
        configuration_for(protocol=protocol, engine=engine, device_kind=None, dataset=dataset).slug
        for engine, dataset in [("onnxruntime", ""), ("openvino", ""), ("onnxruntime", "sample100-0a1b2c3d")]
    ]

    assert slugs == [
        "accuracy-imagenet1k.onnxruntime",
        "accuracy-imagenet1k.openvino",
        "accuracy-imagenet1k.onnxruntime.sample100-0a1b2c3d",
    ]


def test_loading_brings_the_standard_datasets_to_what_the_fixture_says() -> None:
    rows = read_fixture("datasets.json")
    Dataset.objects.update(title="tampered")

    load_catalogue(at=NOW)

    stated = {row["task"]: (row["sha256"], row["title"]) for row in rows}
    assert {dataset.task: (dataset.sha256, dataset.title) for dataset in Dataset.objects.all()} == stated
