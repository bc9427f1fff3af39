from __future__ import annotations

from typing import Any

import pytest

from runners.tools import TOOLS, UnknownToolError, find, tool_of
from runners.tools.base import ToolUnusable
from runners.tools.trtexec import Trtexec

FOLDER = "/data/local/tmp/zb"
FILES = {
    "trtexec": ["model.onnx"],
    "paddle-lite": ["model.nb"],
    "paddle-lite-2.9": ["model.nb"],
    "benchncnn": ["model.ncnn.param", "model.ncnn.bin"],
    "tflite": ["model.tflite"],
    "mnn": ["model.mnn"],
    "ort": ["model.onnx"],
}


def command(tool: str, files: list[str] | None = None, **changed: Any) -> list[str]:
    settings: dict[str, Any] = {
        "threads": 2,
        "warmup": 10,
        "repeats": 100,
        "input_shape": (3, 224, 192),
        "batch_size": 1,
        "precision": "fp32",
    }
    paths = [f"{FOLDER}/{file}" for file in (FILES[tool] if files is None else files)]
    return find(tool).arguments("./program", paths, **settings | changed)


@pytest.mark.parametrize(
    ("tool", "expected"),
    [
        (
            "paddle-lite",
            f"--optimized_model_file={FOLDER}/model.nb --input_shape=1,3,224,192 --warmup=10 --repeats=100 --threads=2 "
            "--power_mode=3 --backend=arm",
        ),
        (
            "paddle-lite-2.9",
            f"--optimized_model_path={FOLDER}/model.nb --input_shape=1,3,224,192 --warmup=10 --repeats=100 --threads=2 "
            "--power_mode=3 --result_path=/dev/null",
        ),
        ("benchncnn", f"100 2 2 -1 0 param={FOLDER}/model.ncnn.param shape=[192,224,3]"),
        (
            "tflite",
            f"--graph={FOLDER}/model.tflite --num_threads=2 --warmup_runs=10 --num_runs=100 --warmup_min_secs=0 "
            "--min_secs=0",
        ),
        ("mnn", f"{FOLDER} 100 10 0 2 1"),
        ("ort", f"-e cpu -m times -r 100 -x 2 -y 1 -I -s {FOLDER}/model.onnx"),
        (
            "trtexec",
            f"--onnx={FOLDER}/model.onnx --shapes=x:1x3x224x192 --warmUp=1000 --iterations=100 --duration=1",
        ),
    ],
)
def test_command_is_what_the_program_documents(tool: str, expected: str) -> None:
    assert command(tool) == ["./program", *expected.split()]


def test_paddle_lite_takes_a_model_and_its_parameters_too() -> None:
    made = command("paddle-lite", ["inference.pdiparams", "inference.pdmodel"])

    assert made[1:3] == [f"--model_file={FOLDER}/inference.pdmodel", f"--param_file={FOLDER}/inference.pdiparams"]


def test_trtexec_takes_a_batch_a_precision_and_files_to_write() -> None:
    made = Trtexec().arguments(
        "trtexec",
        ["model.onnx"],
        threads=1,
        warmup=200,
        repeats=1000,
        input_shape=(3, 224, 224),
        batch_size=8,
        precision="fp16",
        times_file="times.json",
        engine_file="model.engine",
    )

    assert {"--shapes=x:8x3x224x224", "--fp16", "--exportTimes=times.json", "--saveEngine=model.engine"} < set(made)


@pytest.mark.parametrize(("tool", "expected"), [("paddle-lite", "--cpu_precision=fp16"), ("mnn", "2")])
def test_fp16_is_asked_for_where_there_is_a_switch(tool: str, expected: str) -> None:
    assert command(tool, precision="fp16")[-1] == expected


@pytest.mark.parametrize("tool", ["tflite", "ort", "paddle-lite-2.9"])
def test_fp16_is_refused_where_the_file_decides(tool: str) -> None:
    with pytest.raises(ToolUnusable, match="FP16"):
        command(tool, precision="fp16")


@pytest.mark.parametrize("tool", ["benchncnn", "tflite", "mnn", "ort"])
def test_batch_is_refused_where_the_program_has_none(tool: str) -> None:
    with pytest.raises(ToolUnusable, match="one image at a time, not a batch of 4"):
        command(tool, batch_size=4)


@pytest.mark.parametrize("tool", TOOLS)
def test_files_of_another_format_are_named(tool: str) -> None:
    with pytest.raises(ToolUnusable, match=r"the files are: weights\.h5, model\.pb"):
        command(tool, ["weights.h5", "model.pb"])


def test_every_engine_of_a_phone_has_its_program() -> None:
    engines = ("paddle-lite", "ncnn", "tflite", "mnn", "onnxruntime")

    assert [tool_of(engine).name for engine in engines] == ["paddle-lite", "benchncnn", "tflite", "mnn", "ort"]


def test_unknown_program_names_those_that_there_are() -> None:
    with pytest.raises(UnknownToolError, match="'perf' here; there are: trtexec, paddle-lite"):
        find("perf")
    with pytest.raises(UnknownToolError, match="'abacus'"):
        tool_of("abacus")
