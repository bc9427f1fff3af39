from __future__ import annotations

from datetime import UTC, datetime

import pytest

from runners.tools import find, messages
from runners.tools.base import Samples, Summary
from runners.tools.reading import Reading
from tests.runners.tools.printed import printed

AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def summary(mean_ms: float) -> Summary:
    return Summary(runs=100, warmup=10, mean=Reading(mean_ms * 1e6, 1_000, f"avg = {mean_ms}"))


def test_summary_keeps_what_was_printed_as_its_evidence() -> None:
    output = printed("tflite")
    read = find("tflite").parse(output, warmup=10)
    assert isinstance(read, Summary)

    message = messages.tool_summary(read, output=output, started_at=AT, facts={"mask": "80"})

    assert (message.output, message.facts) == (output, {"mask": "80"})
    assert (message.mean_ns, message.standard_deviation_ns) == (266_473_000, 419_000)
    assert message.median_ns is None


def test_output_names_no_folder_of_the_host_and_can_be_read_all_the_same() -> None:
    output = f"graph: [/srv/jane/models/model.tflite]\n{printed('tflite')}"
    read = find("tflite").parse(output, warmup=10)
    assert isinstance(read, Summary)

    message = messages.tool_summary(read, output=output, started_at=AT)

    assert message.output == f"graph: […/model.tflite]\n{printed('tflite')}"
    assert find("tflite").parse(message.output, warmup=10) == read


def test_output_that_is_too_long_keeps_the_lines_that_were_read() -> None:
    output = printed("tflite_whole") + "a profile of every operator\n" * 2_000
    read = find("tflite").parse(output)
    assert isinstance(read, Summary)

    message = messages.tool_summary(read, output=output, started_at=AT)

    assert len(message.output) < 1_000
    assert "Inference (avg): 1.24027e+06" in message.output
    assert "std=2565" in message.output
    assert f"{len(output)} characters with sha256" in message.output


def test_mean_of_six_digits_is_moved_to_the_extreme_of_seven_that_it_was_rounded_from() -> None:
    mean, low = Reading(1_240_270_000, 10_000, ""), Reading(1_240_274_000, 1_000, "")

    message = messages.tool_summary(Summary(1, 1, mean, min=low, max=low), output="x", started_at=AT)

    assert (message.mean_ns, message.min_ns) == (1_240_274_000, 1_240_274_000)


def test_sign_that_no_database_takes_is_replaced() -> None:
    message = messages.tool_summary(summary(1.0), output="a\0b", started_at=AT)

    assert message.output == "a\ufffdb"


def test_value_of_a_summary_is_the_median_of_the_means() -> None:
    invocations = [messages.tool_summary(summary(ms), output="x", started_at=AT) for ms in (3.0, 1.0, 2.0, 9.0)]

    record = messages.summary_record(invocations, tool="mnn", tool_release="3.0")

    assert record.stated_mean_ns == 2.5e6


def test_samples_name_what_no_export_has() -> None:
    read = find("trtexec").parse(printed("trtexec_times.json"))
    assert isinstance(read, Samples)

    process = messages.process_samples(read, started_at=AT)
    record = messages.latency_record([process, process])

    assert process.facts["not_measured"] == ["first_ns", "cpu_ns", "output_sha256", "load_ns"]
    assert len(process.wall_ns) == len(process.device_ns) == 20
    assert record.stated_median_ns == pytest.approx(1_095_980, abs=10)


def test_load_is_measured_where_the_output_says_it() -> None:
    read = find("trtexec").parse(printed("trtexec"), times=printed("trtexec_times.json"))
    assert isinstance(read, Samples)

    process = messages.process_samples(read, started_at=AT)

    assert process.load_ns == 21_000_000
    assert "load_ns" not in process.facts["not_measured"]
