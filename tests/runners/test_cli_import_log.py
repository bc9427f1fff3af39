"""`import-log`, through the command itself, in this process."""

from __future__ import annotations

import hashlib
import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from runners import cli, protocols, record, wire
from runners.statistics.invocations import invocation_problems
from runners.statistics.summarise import problems
from runners.zoo import catalogue
from tests.runners.site_double import SiteDouble
from tests.runners.tools.printed import printed

MODEL = "MobileNetV3_small_x0_35"
ZOO = f"zoo:{MODEL}"
PROTOCOL = protocols.find("cpu-fp32-bs1")
T4: dict[str, str | None] = {"tool": "trtexec", "protocol": "t4-fp16-bs1", "device": "Tesla T4"}
PHONE: dict[str, str | None] = {"protocol": "phone-bs1-t1", "device": "Phone of the lab"}
COUNTS: dict[str, str | None] = {"warmup": "10", "repeats": "100"}
ENDED_AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
DEFAULTS = {
    "--tool": "ort",
    "--model": MODEL,
    "--protocol": PROTOCOL.slug,
    "--device": "Ryzen of the lab",
    "--artifact": ZOO,
}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def log(name: str = "lab.log", text: str | None = None, *, ended_at: datetime = ENDED_AT) -> str:
    Path(name).write_text(printed("ort_whole") if text is None else text)
    os.utime(name, (ended_at.timestamp(), ended_at.timestamp()))
    return name


def run(*arguments: str, answer: str | None = None, **changed: str | None) -> Result:
    """Options that are changed by their name, None leaves one out."""
    options = DEFAULTS | {f"--{name.replace('_', '-')}": value for name, value in changed.items()}
    given = [part for name, value in options.items() if value is not None for part in (name, value)]
    return CliRunner().invoke(cli.app, ["import-log", *arguments, *given], input=answer)


def made(result: Result) -> wire.SubmissionRequest:
    assert result.exit_code == 0, (result.output, result.exception)
    (path,) = Path().glob("*.json.gz")
    return record.read(path)[0]


def said(result: Result) -> str:
    """The sentence for a person, which `main` prints on stderr."""
    assert isinstance(result.exception, cli.EXPECTED_ERRORS)
    assert list(Path().glob("*.json.gz")) == []
    return str(result.exception)


def test_record_says_what_was_printed_and_nothing_else() -> None:
    text = printed("ort_whole")

    written = made(run(log(text=text), "--yes"))

    assert isinstance(written.record, wire.SummaryRecord)
    (invocation,) = written.record.invocations
    assert (invocation.mean_ns, invocation.runs, invocation.output) == (1_857_390, 100, text)
    origin = {"file_name": "lab.log", "sha256": hashlib.sha256(text.encode()).hexdigest()}
    assert written.environment == {
        "imported_log": {"tool": "ort", **origin, "finished_at_from": "time of the file"},
    }
    assert written.device.facts == {"stated": True}
    assert (written.engine, written.engine_release) == ("onnxruntime", "not stated")
    assert written.artifact == catalogue.artifact(MODEL)


def test_preview_shows_every_number_and_what_stays_missing() -> None:
    shown = run(log(), answer="n\n")

    assert shown.exit_code == 1
    assert "mean 1.857 ms, median 1.857 ms, min 1.834 ms, max 1.903 ms, standard deviation missing" in shown.stdout
    assert "100 runs after 1 warm-ups" in shown.stdout
    assert re.search(r"stays missing +clocks, temperature", shown.stdout)
    assert re.search(r"device +Ryzen of the lab, a cpu: as you state it, .*; a kind of its own", shown.stdout)
    assert re.search(r"flag: few-invocations +It has 1 invocation, the protocol asks for 5\.", shown.stdout)
    assert "few-samples" not in shown.stdout
    assert "give the outputs of 5 invocations of 50 runs each as FILE FILE ..." in shown.stdout
    assert list(Path().glob("*.json.gz")) == []


def test_record_is_written_after_a_yes() -> None:
    result = run(log(), answer="y\n")

    assert made(result).model == MODEL
    assert "zooboard-runner submit" in result.stdout


def test_second_record_of_the_same_second_does_not_replace_the_first() -> None:
    run(log(), answer="y\n")

    run(log(), answer="y\n")

    assert len(list(Path().glob("*.json.gz"))) == 2


def test_json_is_one_object_on_stdout() -> None:
    result = run(log(), "--yes", "--json", out="x.json.gz")

    told = json.loads(result.stdout)
    assert (told["record"], told["summary"]["value_ms"]) == ("x.json.gz", 1.85739)
    assert [flag["key"] for flag in told["summary"]["flags"]] == ["few-invocations"]
    assert told["submission_id"] == made(result).submission_id
    assert "evidence" in result.stderr


def test_five_invocations_are_one_record_that_a_site_takes() -> None:
    names = [
        log(
            f"{i}.log",
            printed("ort_whole").replace("Average inference time cost: 1.85739", f"Average time cost: 1.8{i}"),
        )
        for i in range(4, 9)
    ]

    result = run(*names, "--yes", device="AMD Ryzen")

    written = made(result)
    assert re.search(r"flags +none", result.stdout)
    assert "as FILE FILE" not in result.stdout

    assert isinstance(written.record, wire.SummaryRecord)
    assert written.record.stated_mean_ns == 1_860_000
    assert [each["file_name"] for each in written.environment["imported_log"]["other_files"]] == names[1:]
    elapsed_s = (written.finished_at - written.started_at).total_seconds()
    assert invocation_problems(written.record, macs=None, batch_size=1, peak_flops=None, elapsed_s=elapsed_s) == []


def test_samples_of_trtexec_are_a_latency_whose_statistics_follow() -> None:
    Path("times.json").write_text(printed("trtexec_times.json"))

    result = run(log(text=printed("trtexec")), "--yes", **T4, times="times.json")

    written = made(result)
    assert isinstance(written.record, wire.LatencyRecord)
    assert (written.device.category, written.engine, written.engine_release) == ("gpu", "trtexec", "10.14.1")
    assert len(written.record.processes[0].device_ns) == 20
    assert "samples: every timed run" in result.stdout
    assert "first inference, CPU time, digest of the output" in result.stdout
    elapsed_s = (written.finished_at - written.started_at).total_seconds()
    assert problems(written.record, macs=None, batch_size=1, peak_flops=None, elapsed_s=elapsed_s) == []


def test_what_samples_do_not_have_is_null_and_not_zero() -> None:
    told = json.loads(run(log(text=printed("trtexec_times.json")), "--yes", "--json", **T4).stdout)

    assert (told["summary"]["load_ms"], told["summary"]["first_ms"]) == (None, None)
    assert told["summary"]["device_ms"] == pytest.approx(1.0656, abs=1e-3)


def test_time_of_the_file_is_when_it_ended() -> None:
    written = made(run(log(), "--yes"))

    assert written.finished_at == ENDED_AT
    assert 0.18 < (written.finished_at - written.started_at).total_seconds() < 0.3


def test_stated_time_goes_before_the_files() -> None:
    written = made(run(log(), "--yes", measured_at="2026-01-02T03:04:05+01:00"))

    assert written.finished_at == datetime(2026, 1, 2, 2, 4, 5, tzinfo=UTC)
    assert written.environment["imported_log"]["finished_at_from"] == "stated"


@pytest.mark.parametrize("time", ["2026-01-02T03:04:05", "yesterday"])
def test_time_without_an_offset_is_wrong_usage(time: str) -> None:
    result = run(log(), "--yes", measured_at=time)

    assert result.exit_code == 2
    assert "offset from UTC" in result.stderr


def test_device_is_who_it_is_stated_to_be_for_everybody() -> None:
    text = b"stated gpu Tesla T4"

    written = made(run(log(), "--yes", device="Tesla T4", protocol="t4-fp32-bs1", engine="onnxruntime-cuda"))

    assert written.device_fingerprint == hashlib.sha256(text).hexdigest()
    assert written.engine == "onnxruntime-cuda"


def test_file_of_another_format_is_hashed_as_it_is() -> None:
    Path("model.nb").write_bytes(b"optimised")
    log(text=printed("paddle_lite_new"))

    written = made(
        run("lab.log", "--yes", **PHONE, tool="paddle-lite", artifact="model.nb", precision="int8", **COUNTS)
    )

    (entry,) = written.artifact.files
    assert (entry.name, entry.sha256) == ("model.nb", hashlib.sha256(b"optimised").hexdigest())
    assert (written.artifact.format, written.artifact.precision) == ("paddle-lite", "int8")
    assert written.artifact.weights == "as in model.nb"
    assert written.artifact_sha256 == wire.manifest_sha256(
        format="paddle-lite", precision="int8", files=written.artifact.files
    )


def test_network_in_a_file_is_inspected() -> None:
    catalogue.write(MODEL, seed=3, path=Path("own.onnx"))

    written = made(run(log(), "--yes", artifact="own.onnx"))

    assert (written.artifact.format, written.artifact.precision) == ("onnx", "fp32")
    assert written.artifact.recipe is None


def test_two_files_are_one_artifact() -> None:
    Path("model.param").write_bytes(b"graph")
    Path("model.bin").write_bytes(b"weights")

    written = made(
        run(
            log(text=printed("benchncnn_whole")),
            "--artifact",
            "model.bin",
            "--yes",
            **PHONE,
            tool="benchncnn",
            artifact="model.param",
        )
    )

    assert sorted(file.name for file in written.artifact.files) == ["model.bin", "model.param"]


def test_what_was_converted_goes_with_its_own_hash_and_size() -> None:
    log("lab.mnn", "converted")

    result = run(log(text=printed("mnn_whole")), "--yes", **PHONE, tool="mnn", executed="lab.mnn")

    executed = made(result).record
    assert isinstance(executed, wire.SummaryRecord)
    assert [(file.name, file.size_bytes) for file in executed.executed_files] == [("lab.mnn", 9)]
    assert "lab.mnn (9 bytes), converted from it" in result.stdout


def test_output_that_powershell_wrote_is_read() -> None:
    Path("lab.log").write_bytes(printed("ort_whole").encode("utf-16"))

    assert made(run("lab.log", "--yes")).record.kind == "summary"


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"tool": "perf"}, "There is no benchmark program 'perf' here"),
        ({"protocol": "cpu-fp32-bs2"}, "Did you mean cpu-fp32-bs"),
        ({"protocol": "complexity-224"}, "benchmark programs measure latency"),
        ({"engine": "abacus"}, "ort executes by onnxruntime or onnxruntime-cuda"),
        ({"artifact": None}, "--artifact zoo:MODEL where it was"),
        ({"artifact": "zoo:MobileNetV9"}, "Did you mean"),
        ({"artifact": "missing.onnx"}, "There is no file missing.onnx"),
        ({"artifact": "model.nb"}, r"ort executes files of \.onnx, not model\.nb"),
        ({"artifact": "lab.log"}, r"not lab\.log"),
        ({"model": "../x"}, "model cannot be '../x'"),
        ({"device": ""}, "kind_name cannot be ''"),
        ({"tool": "mnn"}, "mnn loads no onnx file but what was converted from it: add --executed FILE"),
        ({"tool": "mnn", "executed": "lab.mnn", **PHONE}, r"lab\.log: There is no line"),
        ({"tool": "mnn", "executed": "lab.log"}, r"mnn executes files of \.mnn, not lab\.log"),
        ({"tool": "mnn", "executed": "gone.mnn"}, r"gone\.mnn cannot be read: No such file"),
        ({"executed": "lab.mnn"}, "ort loads this artifact as it is: leave out --executed"),
        ({"times": "lab.log"}, "ort writes no file of samples"),
    ],
)
def test_bad_input_is_one_sentence(changed: dict[str, str | None], says: str) -> None:
    log("lab.mnn", "converted")

    result = run(log(), "--yes", **changed)

    assert re.search(says, said(result))
    assert len(said(result).splitlines()) == 1


def test_category_is_the_protocols_where_nobody_says() -> None:
    written = made(run(log(), "--yes", protocol="phone-bs1-t1"))

    assert written.device.category == "phone"


def test_model_that_is_not_the_zoos_is_shown_as_the_sites_matter() -> None:
    shown = run(log(), answer="n\n", model="OurNet")

    assert "OurNet: a site takes it once it has a model of this name" in shown.stdout


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (
            {"category": "phone"},
            "A site takes cpu-fp32-bs1 of a cpu only, and you state Ryzen of the lab, a phone: if it was one, say so "
            "by --category cpu; else name the --protocol that was followed, one of phone-bs1-t1, ",
        ),
        (
            {"protocol": "sd855-bs1-t1", "device": "SM8150"},
            "A site takes sd855-bs1-t1 of Snapdragon 855 only, and you state SM8150, a phone: if it was one, say so "
            'by --device "Snapdragon 855"; else name the --protocol that was followed, one of phone-bs1-t1, ',
        ),
        (
            {"protocol": "t4-fp32-bs1", "device": "RTX 3090", "category": "phone"},
            'say so by --category gpu and --device "Tesla T4"; else',
        ),
        (
            {"protocol": "t4-fp32-bs1", "device": "Tesla T4"},
            "A site takes t4-fp32-bs1 by onnxruntime-tensorrt, onnxruntime-cuda, trtexec, and you state onnxruntime: ",
        ),
        ({"tool": "trtexec"}, "A site takes cpu-fp32-bs1 by onnxruntime, ncnn, openvino, and you state trtexec: "),
        (
            {"tool": "tflite", "artifact": "lab.tflite", "precision": "fp16", "protocol": "phone-bs1-t1"},
            "A site takes no artifact in fp16 under phone-bs1-t1: ",
        ),
    ],
)
def test_what_every_site_would_refuse_is_refused_here_with_what_to_do(
    changed: dict[str, str | None], says: str
) -> None:
    log("lab.tflite", "network")

    result = run(log(), "--yes", **changed)

    assert says in said(result)


@pytest.mark.parametrize(
    ("files", "says"),
    [
        (["missing.log"], "No such file or directory. Give the file"),
        (["lab.log", "lab.log"], "have the same content: give each invocation once"),
        (["threads.log"], "You state a protocol of 1 thread for threads.log, it says 4: name the --protocol"),
        (["empty.log"], 'empty.log: The output is "", empty'),
        (["uncounted.log"], "add --repeats NUMBER"),
    ],
)
def test_files_that_give_no_record_are_named(files: list[str], says: str) -> None:
    log()
    log("threads.log", printed("ort_whole").replace("num_threads to 1", "num_threads to 4"))
    log("empty.log", "")
    log("uncounted.log", printed("ort"))

    result = run(*files, "--yes")

    assert says in said(result)


@pytest.mark.parametrize(
    ("line", "stated", "printed_there"),
    [
        ("Selected Device: NVIDIA GeForce RTX 3090", "the device Tesla T4", "NVIDIA GeForce RTX 3090"),
        ("Precision: FP32", "a precision of fp16", "fp32"),
        ("Input inference shape : x=8x3x224x224", "an input of 1x3x224x224", "8x3x224x224"),
    ],
)
@pytest.mark.parametrize("times", [None, "times.json"])
def test_log_whose_header_says_something_else_is_refused_with_both(
    line: str, stated: str, printed_there: str, times: str | None
) -> None:
    heading = line.split(": ")[0]
    text = re.sub(rf"{heading}: .*", line, printed("trtexec"))
    Path("times.json").write_text(printed("trtexec_times.json"))

    result = run(log(text=text), "--yes", **T4, times=times)

    assert f"You state {stated} for lab.log, it says {printed_there}: " in said(result)


def test_outputs_of_two_releases_are_not_mixed() -> None:
    other = printed("trtexec").replace("v101401", "v100300").replace("1.09598", "1.09597")

    result = run(log("a.log", printed("trtexec")), log("b.log", other), "--yes", **T4)

    assert "different releases, 10.14.1 and 10.3.0" in said(result)


def test_samples_and_summaries_are_not_mixed() -> None:
    result = run(log("a.log", printed("trtexec")), log("b.json", printed("trtexec_times.json")), "--yes", **T4)

    assert "give the --times of all or of none" in said(result)


def test_times_belong_to_one_file_each() -> None:
    result = run(log("a.log"), log("b.log"), "--yes", times="a.log")

    assert "There are 2 FILEs and 1 --times" in said(result)


def test_record_is_submitted_as_any_other(site: SiteDouble, state: Path) -> None:
    made(run(log(), "--yes", out="x.json.gz"))

    sent = CliRunner().invoke(cli.app, ["submit", "x.json.gz", "--no-wait", "--state", str(state)])

    assert sent.exit_code == 0
    assert [call.body for call in site.calls("submission")] == [Path("x.json.gz").read_bytes()]
