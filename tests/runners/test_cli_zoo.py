"""The commands of the zoo, each as a real process, `python -m runners`."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from runners.zoo import catalogue, models

ROOT = Path(__file__).parents[2]
ARTIFACTS = ROOT / "fixtures" / "artifacts.json"


def run(*arguments: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "runners", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=check)


def test_the_zoo_is_listed_one_model_a_line() -> None:
    lines = run("zoo", "list").stdout.splitlines()

    assert [line.split()[0] for line in lines[1:]] == list(models.MODELS)
    row = "MobileNetV3_large_x1_0_ssld_int8 MobileNetV3_large_x1_0 MobileNetV3_large 1 5.480 219.80 not published"
    assert row.split() in [line.split() for line in lines]


def test_the_zoo_is_listed_for_programs() -> None:
    rows = json.loads(run("zoo", "list", "--json").stdout)

    assert len(rows) == 32
    assert rows[0] == {
        "name": "MobileNetV1_x0_25",
        "architecture": "MobileNetV1_x0_25",
        "family": "MobileNetV1",
        "width": 0.25,
        "precision": "fp32",
        "params": 470_072,
        "macs": 41_030_272,
        "is_published": True,
        "weights_note": "",
    }


def test_the_zoo_says_whose_published_weights_may_be_refused() -> None:
    [line] = [line for line in run("zoo", "list").stdout.splitlines() if line.startswith("ShuffleNetV2_x2_0 ")]

    assert "published, may be those of the 244-channel network, which are refused" in line


def test_a_built_network_has_the_hash_that_is_printed(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"

    done = run("zoo", "build", "ShuffleNetV2_x0_25", "--out", path, "--seed", "3")

    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert digest in done.stdout
    assert "weights: random (seed 3)" in done.stdout
    assert digest == catalogue.artifact("ShuffleNetV2_x0_25", seed=3).files[0].sha256


def test_an_int8_network_is_built_for_programs(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"

    built = json.loads(run("zoo", "build", "ShuffleNetV2_x0_25", "--int8", "--json", "--out", path).stdout)

    assert built == {
        "file": str(path),
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "size_bytes": path.stat().st_size,
        "precision": "int8",
        "weights": "random (seed 0), int8 QDQ per channel, calibrated on 32 seeded inputs",
        "weights_kind": "random",
        "architecture": "ShuffleNetV2_x0_25",
        "params": 603_688,
        "macs": 17_575_760,
    }


def test_every_architecture_is_built_by_one_command(tmp_path: Path) -> None:
    lines = run("zoo", "build", "--all", tmp_path / "zoo", "--json").stdout.splitlines()

    built = {Path(row["file"]).stem: row["sha256"] for row in map(json.loads, lines)}
    stated = {row["architecture"]: row["files"][0]["sha256"] for row in json.loads(ARTIFACTS.read_text())}
    assert built == stated
    assert {path.stem for path in (tmp_path / "zoo").iterdir()} == set(stated)


@pytest.mark.parametrize(
    "arguments",
    [["zoo", "build"], ["zoo", "build", "MobileNetV1", "--all", "x"], ["zoo", "build", "--all", "x", "--int8"]],
)
def test_one_model_or_all_are_built(arguments: list[str]) -> None:
    done = run(*arguments, check=False)

    assert done.returncode == 2
    assert "--all" in done.stderr


@pytest.mark.parametrize("command", [("zoo", "inspect"), ("inspect",)])
def test_a_network_is_described(tmp_path: Path, command: tuple[str, ...]) -> None:
    catalogue.write("ShuffleNetV2_x0_25", path=tmp_path / "net.onnx")

    shown = run(*command, tmp_path / "net.onnx").stdout
    stated = json.loads(run(*command, tmp_path / "net.onnx", "--json").stdout)

    assert "603,688 parameters, 17,575,760 MACs for NCHW [3, 224, 224]" in shown
    assert (stated["format"], stated["params"], stated["classes"]) == ("onnx", 603_688, 1000)


def test_a_refusal_is_one_sentence_and_exit_code_1(tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_text("no network")

    shown = run("inspect", tmp_path / "net.onnx", check=False)
    stated = run("inspect", tmp_path / "net.onnx", "--json", check=False)

    assert (shown.returncode, stated.returncode) == (1, 1)
    assert shown.stderr.startswith("zooboard-runner: net.onnx is refused. It is no ONNX file")
    assert len(shown.stderr.splitlines()) == 1
    assert list(json.loads(stated.stdout)) == ["refused"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["zoo", "build", "MobileNetV3"], "Did you mean one of MobileNetV3_large_x0_35, MobileNetV3_large_x0_5, "),
        (["zoo", "build", "MobileNetV9"], "There is no architecture 'MobileNetV9'"),
        (["zoo", "build", "MobileNetV1", "--calibrate", "x"], "add --int8"),
        (["zoo", "build", "MobileNetV1", "--weights", "missing.pdparams"], "There is no file missing.pdparams"),
        (["zoo", "fetch", "MobileNetV3_large_x1_0_ssld_int8"], "build it with --weights and --int8"),
        (["zoo", "build", "MobileNetV1_x0_25", "--int8", "--calibrate", "fixtures"], "no images in fixtures"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(arguments: list[str], says: str) -> None:
    done = run(*arguments, check=False)

    assert done.returncode == 1
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_input_shape_that_is_none_is_refused(tmp_path: Path) -> None:
    done = run("inspect", tmp_path / "net.onnx", "--input-shape", "3,224", check=False)

    assert done.returncode == 2
    assert "three sizes" in done.stderr
