from __future__ import annotations

import json

from runners import wire
from runners.console import timing_text
from tests.factories import complexity_record, latency_record
from tests.wire import golden


def test_latency_is_said_with_the_number_of_its_inferences() -> None:
    assert timing_text(latency_record(median_ms=10.0)).endswith(" ms, 250 inferences timed")


def test_what_a_program_sums_up_is_said_to_be_the_programs() -> None:
    record = wire.ResultRequest.model_validate(golden.read("result_request_summary")).record

    assert timing_text(record) == "5.23 ms as benchncnn says (median of the means of its 5 starts)"


def test_single_start_has_no_median() -> None:
    stated = golden.read("result_request_summary")["record"]
    stated["invocations"] = stated["invocations"][:1]

    text = timing_text(wire.SummaryRecord.model_validate_json(json.dumps(stated)))

    assert text == "5.23 ms as benchncnn says (mean of its one start)"


def test_what_is_counted_has_no_time() -> None:
    assert timing_text(complexity_record()) == ""
