from __future__ import annotations

import json
from pathlib import Path

from runners import report, wire
from runners.statistics.summarise import summarise
from tests.factories import NOW, complexity_record, latency_record

GOLDEN = Path(__file__).parents[2] / "fixtures" / "wire" / "submission_request.json"


def make(record: wire.Record) -> wire.SubmissionRequest:
    golden = wire.SubmissionRequest.model_validate_json(GOLDEN.read_bytes())
    return golden.model_copy(update={"record": record, "environment": {"cpu": {"logical_cores": 8}}})


def test_summary_is_the_one_that_a_site_computes() -> None:
    record = latency_record()

    assert report.summary_of(make(record), threads=1) == summarise(record, threads=1, logical_cores=8)


def test_table_says_what_was_found_and_where() -> None:
    lines = report.lines(make(latency_record(mark_ns=0)), threads=1)

    assert lines["median"].startswith("9.998 ms, 95 % interval 9.982 to ")
    assert len(lines["process medians"].split()) == 6
    assert lines["flags"] == "none"
    assert lines["mean of 500 after 10"] == "missing"
    assert lines["engine"] == "onnxruntime 1.32.0"
    assert len(lines["artifact"]) == 64
    assert "AMD EPYC 7R32" in lines["machine"]


def test_flags_stand_in_the_table_with_their_sentences() -> None:
    record = latency_record()
    slow = record.processes[0].model_copy(update={"wall_ns": [2 * ns for ns in record.processes[0].wall_ns]})

    lines = report.lines(make(record.model_copy(update={"processes": [slow, *record.processes[1:]]})), threads=1)

    assert "lie" in lines["flag: process-spread"]


def test_two_processes_have_no_interval() -> None:
    record = latency_record()

    lines = report.lines(make(record.model_copy(update={"processes": record.processes[:2]})), threads=1)

    assert "no interval below 3 processes" in lines["median"]


def test_summaries_of_a_program_have_a_mean_and_no_interval() -> None:
    invocation = wire.ToolSummary(runs=100, warmup=10, mean_ns=5e6, max_ns=6e6, started_at=NOW, output="avg = 5")
    record = wire.SummaryRecord(tool="mnn", tool_release="3.6", invocations=[invocation], stated_mean_ns=5e6)

    lines = report.lines(make(record), threads=1)

    assert lines["mean"] == "5 ms, no interval: the program kept its samples"
    assert (lines["min, max"], lines["load"]) == ("missing, 6 ms", "missing")
    assert lines["program"] == "mnn 3.6"
    assert report.as_json(make(record), file="r", threads=1)["summary"]["value_ms"] == 5


def test_filler_of_what_nobody_measured_is_missing() -> None:
    record = latency_record()
    processes = [process.model_copy(update={"facts": {"not_measured": ["load_ns"]}}) for process in record.processes]

    lines = report.lines(make(record.model_copy(update={"processes": processes})), threads=1)

    assert lines["load"] == "missing"
    assert lines["first inference"].endswith(" ms")


def test_counts_have_their_units() -> None:
    lines = report.lines(make(complexity_record()), threads=1)

    assert (lines["MACs"], lines["FLOPs, 2 × MACs"], lines["parameters"]) == ("41.03 M", "0.082 G", "0.470 M")


def test_json_has_the_summary_or_the_counts() -> None:
    timed = report.as_json(make(latency_record()), file="r.json.gz", threads=1)
    counted = report.as_json(make(complexity_record()), file="r.json.gz", threads=1)

    assert (timed["record"], timed["summary"]["n"], timed["counted"]) == ("r.json.gz", 250, None)
    assert (counted["summary"], counted["counted"]["macs"]) == (None, 41_030_272)
    assert json.loads(json.dumps(timed)) == timed
