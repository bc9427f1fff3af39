"""What every engine of the table must do; an engine that cannot work here is skipped by its name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from runners.engines import ENGINES, get_engine
from runners.engines.base import Engine, EngineUnavailable, Session
from tests.runners.engines import networks

NEVER_SKIPPED = {"onnxruntime", "stub"}
SHAPE = (1, *networks.INPUT_SHAPE)


@pytest.fixture(params=sorted(ENGINES))
def engine(request: pytest.FixtureRequest) -> Engine:
    name: str = request.param
    try:
        return get_engine(name)
    except EngineUnavailable as error:
        if name in NEVER_SKIPPED:
            raise
        pytest.skip(f"{name}: {error}")


@pytest.fixture
def session(engine: Engine, tmp_path: Path) -> Session:
    return engine.load(tmp_path, networks.artifact(tmp_path, networks.network()), threads=1)


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


def test_run_gives_one_finite_row_of_logits_per_image(engine: Engine, tmp_path: Path) -> None:
    session = engine.load(tmp_path, networks.artifact(tmp_path, networks.network()), threads=1)

    logits = session.run(session.input((3, *networks.INPUT_SHAPE), seed=0))

    assert logits.ndim == 2
    assert len(logits) == 3
    assert np.isfinite(logits).all()


def test_run_gives_the_same_logits_again_and_others_for_another_input(session: Session) -> None:
    x = session.input(SHAPE, seed=0)

    assert np.array_equal(session.run(x), session.run(x))
    assert not np.array_equal(session.run(x), session.run(-x))


def test_session_states_its_settings_and_closes(session: Session) -> None:
    assert session.facts

    session.close()


def test_table_imports_no_library_before_it_is_asked_for() -> None:
    code = "import sys; from runners.engines import get_engine; get_engine('stub'); print('onnxruntime' in sys.modules)"

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)

    assert result.stdout.strip() == "False"


def test_unknown_engine_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(EngineUnavailable, match="onnxruntime, stub"):
        get_engine("abacus")


def test_engine_without_its_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENGINES, "missing", "runners.engines.no_such_module:Missing")

    with pytest.raises(EngineUnavailable, match="Install its library"):
        get_engine("missing")
