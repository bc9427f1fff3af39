"""What phones and GPUs measure, on the board, on the model's page and on the run's."""

from typing import Any

import pytest
from django.test import Client

from apps.board.columns import default_columns
from apps.board.table import group_title
from apps.board.text import column_label, protocol_label
from apps.fleet.models import Agent, TrustTier
from apps.results.api import schema
from apps.results.leaderboard import Board, Column, load_board
from apps.results.models import Result
from tests.board.pages import Element, read_page
from tests.devices import PHONE_PROTOCOL, gpu, gpu_record, phone, summary_record
from tests.factories import MODEL, make_leased, measure, result_message

MAX_QUERIES = 9

pytestmark = pytest.mark.usefixtures("published")


def measure_phone(protocol: str = PHONE_PROTOCOL) -> int:
    attempt = make_leased(protocol=protocol, device=phone())
    assert measure(attempt, result_message(attempt, summary_record()))
    return attempt.run_id


def measure_gpu(protocol: str) -> int:
    attempt = make_leased(protocol=protocol, device=gpu())
    facts = {"throttle_reasons": ["sw power cap"]}
    assert measure(attempt, result_message(attempt, gpu_record(facts=facts)))
    return attempt.run_id


def measured(board: Board, metric: str) -> list[Column]:
    return [column for column in board.columns if column.is_measured and column.metric.key == metric]


def test_columns_say_device_engine_and_threads() -> None:
    measure_phone("sd855-bs1-t1")
    measure_phone("sd855-bs1-t4")

    one, four = measured(load_board(), "latency")

    assert group_title(one) == "Measured here: Snapdragon 855, ncnn"
    assert [protocol_label(column) for column in (one, four)] == ["batch 1, 1 thread", "batch 1, 4 threads"]
    assert column_label(four) == "Latency on Snapdragon 855, batch 1, 4 threads"


def test_number_of_the_card_is_not_taken_for_threads() -> None:
    measure_gpu("t4-fp16-bs4")

    [column] = measured(load_board(), "device_time")

    assert column_label(column) == "Device time on Tesla T4, FP16 batch 4"


def test_usual_columns_are_batch_one_and_one_thread_without_the_time_of_the_gpu_itself() -> None:
    for protocol in ("sd855-bs1-t1", "sd855-bs1-t4"):
        measure_phone(protocol)
    for protocol in ("t4-fp16-bs1", "t4-fp16-bs8"):
        measure_gpu(protocol)

    usual = {column.key for column in default_columns(load_board()) if column.is_measured}

    assert usual == {
        "latency.sd855-bs1-t1.ncnn.snapdragon-855",
        "latency.t4-fp16-bs1.onnxruntime-tensorrt.tesla-t4",
    }


def test_model_page_shows_a_summary_as_one(visitor: Client) -> None:
    measure_phone()

    text = read_page(visitor.get(f"/models/{MODEL}")).find("main")[0].text

    assert "Latency on Snapdragon 855, batch 1, 1 thread, ncnn" in " ".join(text.split())
    assert "mean of 100 after 10, median of 5 invocations, as the program itself sums up 500 inferences" in text
    assert "The same processor, one thread and one image" in text


def test_latency_of_the_card_stands_first_beside_what_was_published_for_the_same_batch(visitor: Client) -> None:
    measure_gpu("t4-fp16-bs4")

    text = read_page(visitor.get(f"/models/{MODEL}")).find("main")[0].text

    assert "so it compares with latency and not with device time" in text


def test_run_of_a_phone_shows_what_its_program_said(visitor: Client) -> None:
    run_id = measure_phone()

    page = read_page(visitor.get(f"/runs/{run_id}"))

    rows = {
        row.find("th")[0].text: row.find("td")[0].text
        for row in page.find("details", id="run-statistics")[0].find("tr")
    }
    assert rows["program, which keeps its samples"] == "benchncnn 20250503"
    assert rows["mean of each invocation"].startswith("20.000 ms, 20.040 ms")
    assert rows["loading (median of the invocations)"] == "the program does not say"
    assert not page.find("figure", class_="chart")


def test_run_of_a_gpu_shows_both_times_and_why_it_was_throttled(visitor: Client) -> None:
    run_id = measure_gpu("t4-fp16-bs1")

    text = read_page(visitor.get(f"/runs/{run_id}")).find("main")[0].text

    assert "Device time" in text
    assert "throttled: The GPU lowered its clock in 5 processes: sw power cap (5×)." in text
    assert "median of CPU time not measured" in " ".join(text.split())


def facts_of(page: Element) -> dict[str, str]:
    """The first row of the state of the device, by what its cells say they are."""
    row = page.find("div", id="run-facts")[0].find("tbody")[0].find("tr")[0]
    return {cell.attributes["data-label"]: cell.text for cell in row.find("td")}


def test_run_of_a_phone_shows_temperature_and_battery_around_each_invocation(
    visitor: Client, django_assert_max_num_queries: Any
) -> None:
    run_id = measure_phone()

    with django_assert_max_num_queries(MAX_QUERIES):
        page = read_page(visitor.get(f"/runs/{run_id}"))

    assert facts_of(page) == {
        "Temperature before → after (°C)": "30.0",
        "Throttled": "no",
        "Battery before → after (%)": "90",
    }
    assert len(page.find("div", id="run-facts")[0].find("tbody")[0].find("tr")) == 5


def state_chart(page: Element) -> str:
    """What somebody hears of the chart who does not see it; an SVG is there for a page without JavaScript."""
    [canvas] = [each for each in page.find("div") if each.attributes.get("data-spec") == "state-chart"]
    return canvas.find("svg")[0].find("desc")[0].text


def test_run_of_a_phone_draws_temperature_and_clock_over_time(visitor: Client) -> None:
    sample = {"at_s": 0.1, "temperature_c": 31.5, "frequencies_khz": {"7": 2_841_600}}
    attempt = make_leased(protocol=PHONE_PROTOCOL, device=phone())
    assert measure(attempt, result_message(attempt, summary_record(facts={"samples": [sample], "baseline_c": 28.0})))

    page = read_page(visitor.get(f"/runs/{attempt.run_id}"))

    assert state_chart(page) == "The device while it was measured. 5 readings during 5 invocations."


def test_run_of_a_gpu_draws_temperature_and_clock_beside_its_samples(visitor: Client) -> None:
    states = [{"at_s": at_s, "temperature_c": 41.0, "sm_mhz": 1_590} for at_s in (0.1, 1.1)]
    attempt = make_leased(protocol="t4-fp16-bs1", device=gpu())
    assert measure(attempt, result_message(attempt, gpu_record(facts={"gpu": {"samples": states}})))

    page = read_page(visitor.get(f"/runs/{attempt.run_id}"))

    assert "readings during 5 processes" in state_chart(page)
    assert len(page.find("figure", class_="chart")) == 2


def test_run_of_a_gpu_shows_its_reasons_and_links_the_readings(visitor: Client) -> None:
    run_id = measure_gpu("t4-fp16-bs1")

    page = read_page(visitor.get(f"/runs/{run_id}"))

    assert facts_of(page) == {"Throttle reasons": "sw power cap"}
    [link] = [a for a in page.find("main")[0].find("a") if a.text == "The API"]
    processes = visitor.get(link.attributes["href"]).json()["processes"]
    assert [process["facts"] for process in processes] == [{"throttle_reasons": ["sw power cap"]}] * 5


def test_summary_of_a_program_stands_where_its_samples_would(visitor: Client) -> None:
    run_id = measure_phone()
    results = {each.metric: each for each in Result.objects.filter(attempt__run=run_id)}

    answer = visitor.get(f"/api/v1/results/{results['latency'].pk}/samples/")

    samples = schema.RawSamples.model_validate_json(answer.content)
    assert samples.summary is not None
    assert (samples.count, samples.processes, samples.images) == (0, [], None)
    assert (samples.summary.tool, len(samples.summary.invocations)) == ("benchncnn", 5)
    assert samples.summary.invocations[0].facts["battery_percent"] == 90
    assert samples.note == (
        "benchncnn gave no samples: it printed its own summary of 500 timed runs, which stands here."
    )
    assert visitor.get(f"/api/v1/results/{results['storage'].pk}/samples/").status_code == 404


@pytest.mark.parametrize(("tier", "says"), [(TrustTier.UNVETTED, "no administrator"), (TrustTier.VETTED, "an admin")])
def test_run_says_what_the_trust_tier_of_its_agent_means(visitor: Client, tier: TrustTier, says: str) -> None:
    attempt = make_leased(trust_tier=tier)
    measure(attempt)
    Agent.objects.filter(pk=attempt.agent_id).update(trust_tier=TrustTier.UNVETTED)

    page = read_page(visitor.get(f"/runs/{attempt.run_id}"))

    cells = page.find("div", id="run-values")[0].find("td", data_label="Trust")
    assert {cell.text for cell in cells} == {tier.label}
    text = page.find("main")[0].text
    assert f"{tier.label.capitalize()}: when agent {attempt.agent.name} measured this, {says}" in text
    assert "simulated device" not in text


def test_run_on_a_simulated_device_says_that_it_stays_off_the_board(visitor: Client) -> None:
    attempt = make_leased(is_simulated=True)
    measure(attempt)

    text = read_page(visitor.get(f"/runs/{attempt.run_id}")).find("main")[0].text

    assert "measured on a simulated device, and never fills a cell of the board" in text
