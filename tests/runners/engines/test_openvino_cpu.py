from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from runners.engines.base import EngineError
from runners.engines.openvino_cpu import OpenVino
from runners.wire import FailureKind
from tests.runners.engines import networks

SHAPE = (1, *networks.INPUT_SHAPE)


def test_arithmetic_is_fp32_in_one_stream_as_the_library_itself_says(tmp_path: Path) -> None:
    session = OpenVino().load(tmp_path, networks.artifact(tmp_path, networks.network()), threads=1, input_shape=SHAPE)

    options = session.facts["options"]
    assert "float32" in options["INFERENCE_PRECISION_HINT"]
    assert (options["NUM_STREAMS"], options["INFERENCE_NUM_THREADS"]) == ("1", "1")
    assert options["ENABLE_CPU_PINNING"] == "False"


def test_shape_is_planned_for_where_it_is_known_and_free_where_it_is_not(tmp_path: Path) -> None:
    artifact = networks.artifact(tmp_path, networks.network())

    planned = OpenVino().load(tmp_path, artifact, threads=1, input_shape=SHAPE)
    free = OpenVino().load(tmp_path, artifact, threads=1)

    assert planned.facts["input_shape"] == "[1,3,8,8]"
    assert len(free.run(free.input((5, *networks.INPUT_SHAPE), seed=0))) == 5


def test_input_of_another_shape_is_the_users_fault(tmp_path: Path) -> None:
    session = OpenVino().load(tmp_path, networks.artifact(tmp_path, networks.network()), threads=1, input_shape=SHAPE)

    with pytest.raises(EngineError, match=r"\[1,3,8,8\].*\[1, 5\]") as error:
        session.run(np.zeros((1, 5), dtype=np.float32))

    assert error.value.kind == FailureKind.USER


def test_reasons_do_not_name_places_in_foreign_source_files(tmp_path: Path) -> None:
    artifact = networks.artifact(tmp_path, b"\x00not a network")

    with pytest.raises(EngineError) as error:
        OpenVino().load(tmp_path, artifact, threads=1)

    assert ".cpp" not in error.value.reason
    assert "can't be parsed" in error.value.reason


def test_loading_and_executing_opens_no_connection(tmp_path: Path) -> None:
    """The library brings a package for usage statistics."""
    networks.artifact(tmp_path, networks.network())
    code = (
        "import sys, pathlib; seen = []; sys.addaudithook(lambda event, _: seen.append(event));"
        "from runners.engines import get_engine; from tests.runners.engines import networks;"
        "folder = pathlib.Path(sys.argv[1]); artifact = networks.artifact(folder, networks.network());"
        "session = get_engine('openvino').load(folder, artifact, threads=1, input_shape=(1, 3, 8, 8));"
        "session.run(session.input((1, 3, 8, 8), seed=0));"
        "print([event for event in seen if event in ('socket.connect', 'socket.getaddrinfo', 'subprocess.Popen')])"
    )

    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, timeout=60, check=True
    )

    assert done.stdout.strip() == "[]"
