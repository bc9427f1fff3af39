"""Whole attempts on a simulated phone through the real adb client, and every way in which they end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from runners.execute import AttemptFailed, Stopped
from runners.phone.remote import Remote
from runners.statistics.invocations import invocation_problems
from runners.wire import FailureKind, Progress, ProtocolKind, SummaryRecord
from tests.runners.engines import networks
from tests.runners.phone.attempts import FINGERPRINT_OF_ANOTHER, attempt, make_artifact, make_order, make_phone
from tests.simulated_phone import SNAPDRAGON_855_PLUS, AdbServer, Moment, SimulatedPhone

Action = Callable[[SimulatedPhone], object]


def test_attempt_converts_pushes_pins_watches_and_leaves_the_phone_clean(
    remote: Remote, phone: SimulatedPhone, tmp_path: Path
) -> None:
    device = make_phone(remote, tmp_path, "ncnn")
    artifact = make_artifact(tmp_path, format="onnx", content=networks.network(batch=1))
    order = make_order(device, artifact, engine="ncnn", threads=2, input_shape=tuple(networks.INPUT_SHAPE))
    shown: list[Progress] = []

    execution = attempt(device, order, tmp_path, on_progress=shown.append)

    record = execution.record
    assert isinstance(record, SummaryRecord)
    assert (record.tool, len(record.invocations)) == ("benchncnn", 2)
    assert {each.runs for each in record.invocations} == {100}
    assert {file.name for file in record.executed_files} == {"model.ncnn.param", "model.ncnn.bin"}
    assert execution.environment["converter"]["name"] == "pnnx"
    assert execution.engine_release.startswith("program ")
    facts = record.invocations[0].facts
    assert (facts["mask"], facts["threads"], facts["frequency_max_khz"]) == ("f0", 2, 2841600)
    assert facts["temperature_before_c"] <= facts["temperature_max_c"] <= 40
    assert facts["battery_percent"] == 87
    assert facts["samples"]
    assert [progress.done for progress in shown if progress.phase == "invocation"] == [0, 1, 1, 2]
    assert phone.is_clean(), phone.leftovers()


def test_program_without_a_conversion_executes_the_artifacts_own_files(
    remote: Remote, phone: SimulatedPhone, tmp_path: Path
) -> None:
    device = make_phone(remote, tmp_path, "paddle-lite")
    artifact = make_artifact(tmp_path, format="paddle-lite")

    execution = attempt(device, make_order(device, artifact, engine="paddle-lite", processes=1), tmp_path)

    record = execution.record
    assert isinstance(record, SummaryRecord)
    assert (record.executed_files, record.invocations[0].facts["mask"]) == ([], "80")
    assert "Time(unit: ms)" in record.invocations[0].output
    assert execution.environment["phone"]["ro.soc.model"] == "SM8150"
    assert phone.is_clean(), phone.leftovers()


@pytest.mark.parametrize(
    ("moment", "fault", "kind", "says"),
    [
        (Moment.BEFORE_PUSH, SimulatedPhone.unplug, FailureKind.DEVICE, "The phone is (gone|offline).*cable"),
        (Moment.TOOL_RUNS, SimulatedPhone.unplug, FailureKind.DEVICE, "The phone is (gone|offline).*cable"),
        (Moment.TOOL_RUNS, SimulatedPhone.reboot, FailureKind.DEVICE, "The phone is|was cut in the middle"),
        (Moment.BETWEEN_INVOCATIONS, SimulatedPhone.go_offline, FailureKind.DEVICE, "is (gone|offline)"),
        (Moment.BEFORE_PUSH, SimulatedPhone.fill_storage, FailureKind.DEVICE, "storage is full"),
        (Moment.TOOL_STARTS, SimulatedPhone.crash_tool, FailureKind.ENGINE, "crashed on the phone with signal 11"),
        (Moment.TOOL_STARTS, SimulatedPhone.garble_tool, FailureKind.ENGINE, "tflite on the phone: There is no"),
        (Moment.TOOL_STARTS, SimulatedPhone.cut_off_tool, FailureKind.ENGINE, "tflite on the phone: There is no"),
        (Moment.TOOL_STARTS, SimulatedPhone.flood_tool, FailureKind.ENGINE, "printed more than 1,000,000 bytes"),
        (Moment.BEFORE_PUSH, SimulatedPhone.remove_taskset, FailureKind.DEVICE, "has no taskset"),
    ],
)
def test_fault_ends_in_a_failure_of_whoever_is_to_blame_and_a_clean_phone(
    remote: Remote,
    phone: SimulatedPhone,
    adb_server: AdbServer,
    tmp_path: Path,
    moment: Moment,
    fault: Action,
    kind: FailureKind,
    says: str,
) -> None:
    device = make_phone(remote, tmp_path, "tflite")
    processes = 2 if moment is Moment.BETWEEN_INVOCATIONS else 1
    order = make_order(device, make_artifact(tmp_path), processes=processes)
    phone.at(moment, lambda: fault(phone))

    with pytest.raises(AttemptFailed, match=says) as failure:
        attempt(device, order, tmp_path)

    assert failure.value.kind == kind
    assert remote.serial not in str(failure.value)
    phone.recover()
    adb_server.connect(phone)
    device.clean_up()
    assert phone.is_clean(), phone.leftovers()


def test_folder_that_takes_no_file_is_the_devices_failure(
    remote: Remote, phone: SimulatedPhone, tmp_path: Path
) -> None:
    device = make_phone(remote, tmp_path, "tflite")
    order = make_order(device, make_artifact(tmp_path))
    phone.make_read_only()

    with pytest.raises(AttemptFailed, match="Read-only file system") as failure:
        attempt(device, order, tmp_path)

    assert failure.value.kind == FailureKind.DEVICE
    assert not device.self_check()[0]


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (lambda phone: phone.heat(60), "it is at 60.0 °C, and at most 36.0 °C is allowed at the start"),
        (lambda phone: phone.drain_battery(12), "its battery has 12 %, 30 % are needed, and it is charging"),
    ],
)
def test_phone_that_does_not_get_ready_fails_with_the_numbers(
    remote: Remote, phone: SimulatedPhone, tmp_path: Path, fault: Action, says: str
) -> None:
    device = make_phone(remote, tmp_path, "tflite")
    order = make_order(device, make_artifact(tmp_path), processes=1)
    attempt(device, order, tmp_path)
    fault(phone)

    with pytest.raises(AttemptFailed, match=says) as failure:
        attempt(device, order, tmp_path)

    assert failure.value.kind == FailureKind.DEVICE
    assert phone.is_clean(), phone.leftovers()


def test_phone_is_waited_for_until_it_is_charged_cool_and_dark(
    remote: Remote, phone: SimulatedPhone, tmp_path: Path
) -> None:
    device = make_phone(remote, tmp_path, "tflite")
    order = make_order(device, make_artifact(tmp_path), processes=1)
    attempt(device, order, tmp_path)
    phone.drain_battery(29, charges_by=1)
    phone.heat(51, cools_by_c=8)
    phone.screen_on()
    phases: list[str] = []

    attempt(device, order, tmp_path, on_progress=lambda progress: phases.append(progress.phase))

    assert {"charging", "cooling down"} <= set(phases)
    assert any("keyevent 223" in command for command in phone.commands)


def let_it_be_read(phone: SimulatedPhone, *, times: int = 5) -> None:
    """The next program stays in the middle of its work until the clock was read so often."""
    read = threading.Event()

    def wait() -> None:
        phone.on_command("scaling_cur_freq", read.set, times)
        assert read.wait(60)

    phone.at(Moment.TOOL_RUNS, wait)


@pytest.mark.parametrize(("engine", "threads"), [("tflite", 1), ("tflite", 4), ("ncnn", 1)])
def test_governor_that_idles_between_programs_is_no_throttling(
    remote: Remote, phone: SimulatedPhone, tmp_path: Path, engine: str, threads: int
) -> None:
    device = make_phone(remote, tmp_path, engine)
    format, shape = ("onnx", tuple(networks.INPUT_SHAPE)) if engine == "ncnn" else ("tflite", (3, 224, 224))
    artifact = make_artifact(tmp_path, format=format, content=networks.network(batch=1))
    order = make_order(device, artifact, engine=engine, threads=threads, processes=1, input_shape=shape)
    let_it_be_read(phone)

    execution = attempt(device, order, tmp_path)

    assert isinstance(execution.record, SummaryRecord)
    facts = execution.record.invocations[0].facts
    assert (facts["is_throttled"], facts["clock"]["readings"] >= 4) == (False, True)
    assert facts["clock"]["permitted_khz"] == 2841600
    assert "7" in facts["samples"][0]["frequencies_khz"]


def test_program_that_ends_before_its_clock_is_read_is_not_said_to_be_throttled_or_not(
    remote: Remote, phone: SimulatedPhone, tmp_path: Path
) -> None:
    device = make_phone(remote, tmp_path, "tflite")

    execution = attempt(device, make_order(device, make_artifact(tmp_path)), tmp_path)

    assert isinstance(execution.record, SummaryRecord)
    assert [each.facts["is_throttled"] for each in execution.record.invocations] == [None, None]
    assert not invocation_problems(execution.record, macs=None, batch_size=1, peak_flops=None, elapsed_s=1e3)


def test_phone_that_permits_its_cores_less_is_throttled_and_refused_with_its_clock(
    remote: Remote, phone: SimulatedPhone, tmp_path: Path
) -> None:
    device = make_phone(remote, tmp_path, "tflite")
    phone.throttle(0.52)

    execution = attempt(device, make_order(device, make_artifact(tmp_path)), tmp_path)

    assert isinstance(execution.record, SummaryRecord)
    assert [each.facts["is_throttled"] for each in execution.record.invocations] == [True, True]
    [problem] = invocation_problems(execution.record, macs=None, batch_size=1, peak_flops=None, elapsed_s=1e3)
    assert "(at most 1.48 of 2.84 GHz permitted)" in problem


def test_stop_kills_the_program_on_the_phone_too(remote: Remote, phone: SimulatedPhone, tmp_path: Path) -> None:
    device = make_phone(remote, tmp_path, "tflite")
    order = make_order(device, make_artifact(tmp_path))
    should_stop = threading.Event()
    phone.hang_tool()
    phone.at(Moment.TOOL_RUNS, should_stop.set)

    with pytest.raises(Stopped):
        attempt(device, order, tmp_path, should_stop=should_stop)

    assert phone.is_clean(), phone.leftovers()


def test_program_that_hangs_is_ended_after_its_time(
    remote: Remote, phone: SimulatedPhone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runners.phone.invocation.child_timeout_s", lambda protocol: 1.0)
    device = make_phone(remote, tmp_path, "tflite")
    order = make_order(device, make_artifact(tmp_path))
    phone.hang_tool()

    with pytest.raises(AttemptFailed, match="did not end within 1 s") as failure:
        attempt(device, order, tmp_path)

    assert failure.value.kind == FailureKind.DEVICE
    assert phone.is_clean(), phone.leftovers()


def test_self_check_removes_what_is_left_and_says_so(remote: Remote, phone: SimulatedPhone, tmp_path: Path) -> None:
    device = make_phone(remote, tmp_path, "tflite")
    remote.run("mkdir /data/local/tmp/zooboard-0123456789abcdef")

    is_well, text = device.self_check()

    assert is_well
    assert text.startswith("The phone answers and pins programs; 87 % battery, 28")
    assert text.endswith("Removed of earlier attempts: 1 folder.")
    assert phone.is_clean(), phone.leftovers()


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (SimulatedPhone.unplug, "cable"),
        (SimulatedPhone.remove_taskset, "taskset"),
        (SimulatedPhone.make_read_only, "Read-only file system"),
        (lambda phone: phone.fill_storage(1 << 20), "MiB are free on the phone's /data, 200 are needed"),
    ],
)
def test_phone_that_is_not_fit_does_not_pass_its_self_check(
    remote: Remote, phone: SimulatedPhone, tmp_path: Path, fault: Action, says: str
) -> None:
    fault(phone)

    is_well, text = make_phone(remote, tmp_path).self_check()

    assert not is_well
    assert says in text


@pytest.mark.parametrize(
    ("change", "kind", "says"),
    [
        ({"kind": ProtocolKind.COMPLEXITY}, FailureKind.USER, "A phone measures latency"),
        ({"threads": 9}, FailureKind.USER, "asks for 9 threads"),
        ({"engine": "mnn"}, FailureKind.INFRASTRUCTURE, r"\[tools.mnn\]"),
        ({"fingerprint": FINGERPRINT_OF_ANOTHER}, FailureKind.DEVICE, "another phone now"),
    ],
)
def test_order_that_this_phone_cannot_execute_is_refused_with_the_reason(
    remote: Remote, tmp_path: Path, change: dict[str, object], kind: FailureKind, says: str
) -> None:
    device = make_phone(remote, tmp_path, "tflite")
    order = make_order(device, make_artifact(tmp_path), **change)  # type: ignore[arg-type]

    with pytest.raises(AttemptFailed, match=says) as failure:
        attempt(device, order, tmp_path)

    assert failure.value.kind == kind


def test_artifact_of_another_format_is_refused(remote: Remote, tmp_path: Path) -> None:
    device = make_phone(remote, tmp_path, "tflite")
    order = make_order(device, make_artifact(tmp_path, format="onnx"))

    with pytest.raises(AttemptFailed, match="takes an artifact of format tflite; this is onnx") as failure:
        attempt(device, order, tmp_path)

    assert failure.value.kind == FailureKind.USER


def test_offer_names_the_kind_by_its_facts_and_hides_the_serial(remote: Remote, tmp_path: Path) -> None:
    device = make_phone(remote, tmp_path, "tflite", "onnxruntime")

    offer = device.offer()

    assert offer is not None
    assert (offer.category, offer.kind_name, offer.is_simulated) == ("phone", "Snapdragon 855", True)
    assert [engine.name for engine in offer.engines] == ["tflite", "onnxruntime"]
    assert offer.facts["adb_serial_is_loopback"] is True
    assert "51zb0855" not in offer.model_dump_json()


def test_855_plus_that_calls_itself_an_855_is_offered_as_what_it_is(
    remote: Remote, phone: SimulatedPhone, tmp_path: Path
) -> None:
    phone.become(SNAPDRAGON_855_PLUS)

    offer = make_phone(remote, tmp_path, "tflite").offer()

    assert offer is not None
    assert offer.kind_name == "Snapdragon 855 Plus"


def test_phone_on_loopback_is_simulated_even_where_it_denies_to_be_an_emulator(
    remote: Remote, phone: SimulatedPhone, tmp_path: Path
) -> None:
    phone.set_property("ro.kernel.qemu", "")

    offer = make_phone(remote, tmp_path, "tflite").offer()

    assert offer is not None
    assert offer.is_simulated


def test_phone_comes_and_goes(remote: Remote, phone: SimulatedPhone, adb_server: AdbServer, tmp_path: Path) -> None:
    device = make_phone(remote, tmp_path, "tflite")
    first = device.offer()

    phone.unplug()
    gone = device.offer()
    phone.plug_in()
    adb_server.connect(phone)
    second = device.offer()

    assert gone is None
    assert first == second


def test_findings_say_what_works_and_how_to_get_what_is_missing(remote: Remote, tmp_path: Path) -> None:
    device = make_phone(remote, tmp_path, "tflite")

    phone, *engines = device.findings()

    assert phone.is_ok
    assert "Android 11, simulated. The phone answers" in phone.text
    works = {finding.subject.rpartition(" ")[2]: finding for finding in engines}
    assert [name for name, finding in works.items() if finding.is_ok] == ["tflite"]
    assert "benchncnn, built from ncnn" in works["ncnn"].text
    assert '[tools.ncnn] program = "..."' in works["ncnn"].text


def test_look_of_the_doctor_disturbs_no_attempt(remote: Remote, phone: SimulatedPhone, tmp_path: Path) -> None:
    device = make_phone(remote, tmp_path, "tflite")
    order = make_order(device, make_artifact(tmp_path), processes=1)
    phone.at(Moment.TOOL_RUNS, lambda: list(device.findings()))

    execution = attempt(device, order, tmp_path)

    assert isinstance(execution.record, SummaryRecord)


def test_findings_of_a_phone_that_was_not_allowed_say_what_to_tap(
    remote: Remote, phone: SimulatedPhone, adb_server: AdbServer, tmp_path: Path
) -> None:
    phone.unauthorize()
    adb_server.run("disconnect", phone.serial)
    adb_server.connect(phone)

    [finding] = make_phone(remote, tmp_path, "tflite").findings()

    assert not finding.is_ok
    assert "allow USB debugging" in finding.text
