"""A lab's own log, all the way: file, `import-log`, the record over HTTP, acceptance, and the results of the API."""

import gzip
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from apps.fleet.models import Agent
from apps.results.actions.board import current_board
from apps.results.models import Submission
from apps.results.tasks import sweep
from runners import cli
from tests.api.calls import Caller
from tests.factories import MODEL
from tests.runners.tools.printed import printed

pytestmark = pytest.mark.usefixtures("catalogue")
Enrolled = tuple[Agent, Caller]

PHONE = ("--protocol", "sd855-bs1-t1", "--device", "Snapdragon 855")
GPU = ("--protocol", "t4-fp16-bs1", "--device", "Tesla T4")
COUNTS = ("--warmup", "10", "--repeats", "30")
ZOO = ("--artifact", f"zoo:{MODEL}")
FEW = ["few-invocations", "few-samples"]

LOGS: dict[str, tuple[tuple[str, ...], str, float, int]] = {
    "paddle_lite_new": (("--tool", "paddle-lite", "--artifact", "model.nb", *PHONE), "paddle-lite", 32.723, 30),
    "paddle_lite_old": (("--tool", "paddle-lite", "--artifact", "model.nb", *PHONE), "paddle-lite", 30.7975, 30),
    "benchncnn": (("--tool", "benchncnn", *ZOO, "--executed", "model.bin", *PHONE), "ncnn", 20.86, 30),
    "tflite": (("--tool", "tflite", "--artifact", "model.tflite", *PHONE), "tflite", 266.473, 50),
    "mnn": (("--tool", "mnn", *ZOO, "--executed", "model.mnn", *PHONE), "mnn", 5.192, 30),
    "ort": (("--tool", "ort", *ZOO, *PHONE), "onnxruntime", 58.8, 30),
    "trtexec": (("--tool", "trtexec", *ZOO, *GPU), "trtexec", 1.0963, 20),
}
"""Output, options, engine, milliseconds and timed runs."""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("model.nb", "model.tflite", "model.bin", "model.mnn"):
        Path(name).write_bytes(b"\0" * 2**20)


def imported(name: str, options: tuple[str, ...]) -> tuple[bytes, str]:
    """The record that the command writes, and its preview."""
    Path("lab.log").write_text(printed(name))
    common = ("--model", MODEL, "--measured-at", "2026-02-01T09:30:00Z", "--out", "lab.json.gz", "--yes")
    result = CliRunner().invoke(cli.app, ["import-log", "lab.log", *COUNTS, *options, *common])
    assert result.exit_code == 0, (result.output, result.exception)
    return gzip.decompress(Path("lab.json.gz").read_bytes()), result.stdout


def submitted(caller: Caller, body: bytes) -> Submission:
    headers = {**caller.headers, "Content-Encoding": "gzip"}
    answer: Any = caller.client.post(
        "/api/v1/agent/submission", gzip.compress(body), content_type="application/json", headers=headers
    )
    assert answer.status_code == 202, answer.content
    sweep()
    return Submission.objects.get()


@pytest.mark.parametrize("name", LOGS)
def test_sample_output_becomes_a_marked_result_in_its_own_column(
    name: str, enrolled: Enrolled, anonymous: Caller
) -> None:
    options, engine, mean_ms, runs = LOGS[name]
    body, preview = imported(name, options)

    submission = submitted(enrolled[1], body)

    [row] = anonymous.all_rows("results/", origin="submission", metric="latency")
    assert submission.problems == []
    assert (row["configuration"].split(".")[1], float(row["value"]), row["n"]) == (engine, mean_ms, runs)
    assert (row["evidence"], row["trust_tier"], row["flags"]) == ("summary", 0, FEW)
    assert [flag["key"] for flag in submission.statistics["flags"]] == FEW
    assert all(f"flag: {flag}" in preview for flag in FEW)
    assert not current_board()


def test_exported_samples_of_one_invocation_are_marked_and_have_no_interval(
    enrolled: Enrolled, anonymous: Caller
) -> None:
    options = (*LOGS["trtexec"][0], "--times", "times.json")
    Path("times.json").write_text(printed("trtexec_times.json"))
    body, _ = imported("trtexec", options)

    submitted(enrolled[1], body)

    rows = {row["metric"]: row for row in anonymous.all_rows("results/", origin="submission")}
    assert set(rows) == {"latency", "device_time"}
    for row in rows.values():
        assert (row["evidence"], row["n"], row["flags"], row["interval"]) == ("samples", 20, FEW, None)


def test_log_of_an_engine_on_a_cpu_is_taken_as_the_summary_that_it_is(enrolled: Enrolled, anonymous: Caller) -> None:
    options = ("--tool", "ort", *ZOO, "--protocol", "cpu-fp32-bs1", "--device", "Ryzen of the lab")
    body, _ = imported("ort_whole", options)

    submitted(enrolled[1], body)

    [row] = anonymous.all_rows("results/", origin="submission", metric="latency")
    assert (row["evidence"], row["flags"]) == ("summary", ["few-invocations"])


@pytest.mark.parametrize(
    ("printed_there", "instead", "says"),
    [
        (b"Selected Device: Tesla T4", b"Selected Device: Tesla P4", "the device Tesla T4, its output says Tesla P4"),
        (b"Precision: FP32+FP16", b"Precision: FP32     ", "a precision of fp16, its output says fp32"),
        (b"shape : x=1x3x", b"shape : x=8x3x", "an input of 1x3x224x224, its output says 8x3x224x224"),
    ],
)
def test_record_whose_log_names_another_gpu_precision_or_input_is_refused(
    printed_there: bytes, instead: bytes, says: str, enrolled: Enrolled, anonymous: Caller
) -> None:
    body, _ = imported("trtexec", LOGS["trtexec"][0])

    submission = submitted(enrolled[1], body.replace(printed_there, instead))

    [problem] = submission.problems
    assert problem.startswith(f"Invocation 1 states {says}: ")
    assert anonymous.all_rows("results/", origin="submission") == []


def test_record_that_states_another_number_than_its_log_is_refused(enrolled: Enrolled, anonymous: Caller) -> None:
    body, _ = imported("mnn", LOGS["mnn"][0])

    submission = submitted(enrolled[1], body.replace(b"5192000.0", b"4992000.0"))

    [problem] = submission.problems
    assert problem.startswith("Invocation 1 states a mean of 4.992 ms, its output says 5.192 ms")
    assert anonymous.all_rows("results/", origin="submission") == []
