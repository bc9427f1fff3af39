"""What every engine of the table must do; an engine that cannot work here is skipped by its name."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

from runners.engines import ENGINES, EXTRAS, get_engine
from runners.engines.base import Engine, EngineError, EngineUnavailable, Precision, Session
from runners.wire import FailureKind
from runners.zoo import catalogue
from tests.runners.engines import as_gpu, networks
from tests.runners.engines.loading import load

EXPECTED_SKIPS = {"onnxruntime-cuda", "onnxruntime-tensorrt"}
"""Engines that cannot work on the machines that run these tests: none of them has a GPU. `as_gpu` runs their code."""
TABLE = sorted(ENGINES)
TESTED = sorted({*ENGINES, as_gpu.NAME})
ONE_IMAGE = {"ncnn"}
"""Engines that refuse batches."""

ROOT = Path(__file__).parents[3]
SHAPE = (1, *networks.INPUT_SHAPE)
REAL = "MobileNetV3_small_x0_35"
REAL_SHAPE = (1, 3, 224, 224)


def obtain(name: str) -> Engine:
    try:
        return get_engine(name)
    except EngineUnavailable as error:
        pytest.skip(f"{name}: {error}")


@pytest.fixture(autouse=True)
def _engine_as_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENGINES, as_gpu.NAME, as_gpu.PLACE)


@pytest.fixture(params=TESTED)
def engine(request: pytest.FixtureRequest) -> Engine:
    return obtain(request.param)


@pytest.fixture(params=[name for name in TESTED if name != "stub"])
def real_engine(request: pytest.FixtureRequest) -> Engine:
    """An engine that computes what the network says."""
    return obtain(request.param)


@pytest.fixture
def session(engine: Engine, tmp_path: Path) -> Session:
    return load(engine, tmp_path, networks.artifact(tmp_path, networks.network()), SHAPE)


def reference(folder: Path, content: bytes, x: np.ndarray) -> np.ndarray:
    """ONNX Runtime's logits of the same file for the same input."""
    engine = get_engine("onnxruntime")
    return engine.load(folder, networks.artifact(folder, content), threads=1).run(x)


def furthest(logits: np.ndarray, expected: np.ndarray) -> float:
    return float(np.abs(logits - expected).max() / np.abs(expected).max())


def test_no_engine_is_missing_but_those_that_are_expected_to_be() -> None:
    missing = set()
    for name in TABLE:
        try:
            get_engine(name)
        except EngineUnavailable:
            missing.add(name)

    assert missing == EXPECTED_SKIPS


def test_engine_has_the_name_of_its_row_and_a_release(engine: Engine) -> None:
    assert type(get_engine(engine.name)) is type(engine)
    assert engine.release()
    assert engine.category in {"cpu", "gpu", "phone"}


def test_input_is_the_same_for_the_same_seed_only(session: Session) -> None:
    first, again, other = (session.input(SHAPE, seed) for seed in (3, 3, 4))

    assert first.shape == SHAPE
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_input_has_the_values_that_every_agent_sends(session: Session) -> None:
    x = session.input(SHAPE, seed=0)

    assert x.ravel()[:3].tolist() == pytest.approx([1.7640524, 0.4001572, 0.9787380], rel=1e-6)


@pytest.mark.parametrize("batch_size", [1, 4, 8])
def test_run_gives_one_finite_row_of_logits_per_image(engine: Engine, tmp_path: Path, batch_size: int) -> None:
    shape = (batch_size, *networks.INPUT_SHAPE)
    artifact = networks.artifact(tmp_path, networks.network())
    if engine.name in ONE_IMAGE and batch_size > 1:
        with pytest.raises(EngineError, match=f"one image at a time.*batches of {batch_size}") as refusal:
            load(engine, tmp_path, artifact, shape)
        assert refusal.value.kind == FailureKind.USER
        return

    session = load(engine, tmp_path, artifact, shape)
    logits = session.run(session.input(shape, seed=0))

    assert logits.ndim == 2
    assert len(logits) == batch_size
    assert np.isfinite(logits).all()


def test_run_gives_the_same_logits_again_and_others_for_another_input(session: Session) -> None:
    x = session.input(SHAPE, seed=0)

    assert np.array_equal(session.run(x), session.run(x))
    assert not np.array_equal(session.run(x), session.run(-x))


def test_logits_of_an_earlier_run_are_left_alone_by_the_next(session: Session) -> None:
    x = session.input(SHAPE, seed=0)
    logits = session.run(x)
    kept = logits.copy()

    session.run(-x)

    assert np.array_equal(logits, kept)


@pytest.mark.parametrize("batch_size", [1, 4])
def test_logits_of_a_real_network_agree_with_onnxruntime(real_engine: Engine, tmp_path: Path, batch_size: int) -> None:
    if real_engine.name in ONE_IMAGE and batch_size > 1:
        return
    shape = (batch_size, *REAL_SHAPE[1:])
    content = catalogue.serialize(catalogue.build(REAL))
    session = load(real_engine, tmp_path, networks.artifact(tmp_path, content), shape)
    x = session.input(shape, seed=7)

    logits = session.run(x)

    assert logits.shape == (batch_size, 1000)
    assert furthest(logits, reference(tmp_path, content, x)) < real_engine.tolerance


@pytest.mark.parametrize("height_width", [(8, 8), (7, 5)])
def test_logits_of_a_small_network_agree_whatever_the_size(
    real_engine: Engine, tmp_path: Path, height_width: tuple[int, int]
) -> None:
    shape = (1, 3, *height_width)
    content = networks.network(image_shape=shape[1:])
    session = load(real_engine, tmp_path, networks.artifact(tmp_path, content), shape)
    x = session.input(shape, seed=1)

    logits = session.run(x)

    assert furthest(logits, reference(tmp_path, content, x)) < real_engine.tolerance


def test_a_shape_that_the_network_does_not_take_is_the_users_fault(real_engine: Engine, tmp_path: Path) -> None:
    artifact = networks.artifact(tmp_path, networks.network(batch=1))

    with pytest.raises(EngineError, match=r"4") as error:
        load(real_engine, tmp_path, artifact, (4, *networks.INPUT_SHAPE)).input((4, *networks.INPUT_SHAPE), seed=0)

    assert error.value.kind == FailureKind.USER


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(networks.network(last_op="NoSuchOp", domain="nobody"), "NoSuchOp", id="unsupported operator"),
        pytest.param(networks.network()[:-200], r"model\.onnx", id="truncated file"),
        pytest.param(b"\x00not a network", r"model\.onnx", id="no network at all"),
        pytest.param(b"", r"model\.onnx", id="empty file"),
    ],
)
def test_network_that_cannot_be_loaded_is_the_users_fault(
    real_engine: Engine, tmp_path: Path, content: bytes, reason: str
) -> None:
    artifact = networks.artifact(tmp_path, content)

    with pytest.raises(EngineError, match=reason) as error:
        load(real_engine, tmp_path, artifact, SHAPE)

    assert error.value.kind == FailureKind.USER


def test_other_format_is_refused_by_name(real_engine: Engine, tmp_path: Path) -> None:
    artifact = networks.artifact(tmp_path, b"weights", name="model.pdiparams", format="paddle")

    with pytest.raises(EngineError, match=r"this is paddle with model\.pdiparams") as error:
        load(real_engine, tmp_path, artifact, SHAPE)

    assert error.value.kind == FailureKind.USER


def test_logits_that_are_not_numbers_reach_whoever_checks_them(real_engine: Engine, tmp_path: Path) -> None:
    artifact = networks.artifact(tmp_path, networks.network(last_op="Log"))
    session = load(real_engine, tmp_path, artifact, SHAPE)

    logits = session.run(session.input(SHAPE, seed=0))

    assert np.isnan(logits).any()


@pytest.mark.parametrize("threads", [1, 2])
def test_as_many_threads_work_as_were_asked_for(real_engine: Engine, tmp_path: Path, threads: int) -> None:
    networks.artifact(tmp_path, catalogue.serialize(catalogue.build("MobileNetV1_x0_5")))
    code = [sys.executable, "-m", "tests.runners.engines.busy_threads", real_engine.name, str(tmp_path), str(threads)]

    done = subprocess.run(code, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)

    assert int(done.stdout.splitlines()[-1]) == threads


@pytest.mark.parametrize("precision", ["fp16", "int8"])
def test_precision_that_the_engine_cannot_execute_is_the_users_fault(
    real_engine: Engine, tmp_path: Path, precision: Precision
) -> None:
    if precision == "fp16" and real_engine.category == "gpu":
        return
    artifact = networks.artifact(tmp_path, networks.network())

    with pytest.raises(EngineError, match=precision) as error:
        load(real_engine, tmp_path, artifact, SHAPE, precision=precision)

    assert error.value.kind == FailureKind.USER


def test_session_states_its_settings_and_closes(session: Session) -> None:
    assert session.facts

    session.close()


def test_conversion_gives_the_same_bytes_again(engine: Engine, tmp_path: Path) -> None:
    if engine.converter() is None:
        with pytest.raises(NotImplementedError, match="as they are"):
            engine.prepare(tmp_path, networks.artifact(tmp_path, b""), tmp_path, image_shape=(3, 8, 8))
        return
    artifact = networks.artifact(tmp_path, catalogue.serialize(catalogue.build(REAL)))
    folders = [tmp_path / "first", tmp_path / "again"]

    for folder in folders:
        folder.mkdir()
        engine.prepare(tmp_path, artifact, folder, image_shape=REAL_SHAPE[1:])

    first, again = ({path.name: path.read_bytes() for path in folder.iterdir()} for folder in folders)
    assert first == again
    assert first


def test_table_imports_no_library_before_it_is_asked_for() -> None:
    code = (
        "import sys; from runners.engines import get_engine; get_engine('stub');"
        "print({'ncnn', 'onnxruntime', 'openvino'} & set(sys.modules))"
    )

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)

    assert result.stdout.strip() == "set()"


def test_unknown_engine_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(EngineUnavailable, match=r"ncnn, onnxruntime, .*openvino, stub"):
        get_engine("abacus")


def test_engine_without_its_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENGINES, "missing", "runners.engines.no_such_module:Missing")

    with pytest.raises(EngineUnavailable, match=r"pip install 'zooboard-runner\[missing\]'"):
        get_engine("missing")


def test_what_an_engine_says_to_install_exists() -> None:
    project = tomllib.loads((ROOT / "runners" / "pyproject.toml").read_text())["project"]

    assert {EXTRAS.get(name, name) for name in TABLE} - {"stub"} <= set(project["optional-dependencies"])
