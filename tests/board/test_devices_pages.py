"""The list of device kinds, and the page of one."""

import json
from typing import Any

import pytest
from django.test import Client

from apps.catalog.models import DeviceKind
from apps.fleet.models import TrustTier
from tests.board.pages import Element, read_page
from tests.factories import MODEL, device_offer, latency_record, make_leased, make_user, measure_latency, result_message

pytestmark = pytest.mark.usefixtures("published")

CPU = "/devices/example-cpu-9000"
MAX_QUERIES = 10
REAL = ("/devices/snapdragon-855", "/devices/tesla-t4", CPU)


def page_of(visitor: Client, path: str) -> Element:
    response = visitor.get(path)
    assert response.status_code == 200
    return read_page(response)


def data_of(visitor: Client, path: str, **parameters: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(visitor.get(path, {"format": "json", **parameters}).content)
    return data


def region(page: Element, label: str) -> list[Element]:
    """Rows of the table with this label."""
    table = next(div for div in page.find("div") if div.attributes.get("aria-label") == label)
    return table.find("tbody")[0].find("tr")


def test_list_counts_what_the_board_has_of_each_kind(visitor: Client) -> None:
    measure_latency(make_leased())

    real = {row["slug"]: row for row in data_of(visitor, "/devices")["real"]}

    phone_kind, cpu = real["snapdragon-855"], real["example-cpu-9000"]
    assert (phone_kind["models"], phone_kind["published"], phone_kind["devices"]) == (32, 32, 0)
    assert (real["tesla-t4"]["models"], real["tesla-t4"]["published"]) == (31, 186)
    assert (cpu["models"], cpu["published"], cpu["measured"], cpu["devices"], cpu["agents"]) == (1, 0, 2, 1, 1)


def test_simulated_kind_stands_apart_and_says_so(visitor: Client) -> None:
    measure_latency(make_leased(is_simulated=True))

    listed = page_of(visitor, "/devices")
    page = page_of(visitor, "/devices/simulated:example-cpu-9000")

    assert "simulated Example CPU 9000" not in " ".join(row.text for row in region(listed, "Kinds of hardware"))
    assert "simulated Example CPU 9000" in " ".join(row.text for row in region(listed, "Simulated kinds"))
    [warning] = page.find("p", class_="warn")
    assert "no value of it reaches the board" in warning.text
    assert "Simulated value" in page.find("main")[0].text
    assert not page.find("section", aria_labelledby="board-title")


def test_simulated_value_is_not_told_of_the_device_itself(visitor: Client) -> None:
    attempt = make_leased(is_simulated=True)
    measure_latency(attempt)

    text = page_of(visitor, CPU).find("main")[0].text

    assert f"run {attempt.run_id}" not in text
    assert "Nothing was published or measured on it yet." in text
    assert "Simulated by simulated Example CPU 9000" in text


def test_page_of_the_phone_has_its_facts_and_its_published_column(visitor: Client) -> None:
    page = page_of(visitor, "/devices/snapdragon-855")

    text = page.find("main")[0].text
    assert "Kryo 485 Prime" in text
    assert "219 GFLOP/s" in text
    assert "ro.board.platform" in text
    assert len(region(page, "Models on Snapdragon 855")) == 32
    assert page.find("figure", class_="chart")
    assert "the spread is not known" in text


def test_board_of_a_device_sorts_by_its_columns(visitor: Client) -> None:
    key = "latency.paddleclas-sd855-bs1"

    up, down = (
        [row["cells"][1]["text"] for row in data_of(visitor, "/devices/snapdragon-855", sort=sort)["table"]["rows"]]
        for sort in (key, f"-{key}")
    )

    assert list(map(float, up)) == sorted(map(float, up))
    assert list(map(float, down)) == sorted(map(float, down), reverse=True)


def test_spread_is_between_devices_and_names_their_agents(visitor: Client) -> None:
    for median_ms in (20.0, 22.0):
        attempt = make_leased(trust_tier=TrustTier.VETTED)
        measure_latency(attempt, result_message(attempt, latency_record(median_ms=median_ms)))

    [spread] = data_of(visitor, CPU)["spread"]

    assert (spread["models"], spread["widest"]) == (1, MODEL)
    assert spread["largest"] == spread["median"]
    assert 9.5 < float(spread["largest"].rstrip("%")) < 10.5
    assert [device["difference"][0] for device in spread["devices"]] == ["-", "+"]
    assert all(device["agents"].startswith("agent") for device in spread["devices"])


def test_one_device_has_no_spread_however_often_it_measured(visitor: Client) -> None:
    owner, device = make_user(), device_offer()
    for median_ms in (20.0, 22.0):
        attempt = make_leased(owner=owner, device=device)
        measure_latency(attempt, result_message(attempt, latency_record(median_ms=median_ms)))

    assert data_of(visitor, CPU)["spread"] == []


def test_agents_are_shown_without_what_identifies_their_machine(visitor: Client) -> None:
    attempt = make_leased()

    page = page_of(visitor, CPU)

    [row] = region(page, "Agents with a Example CPU 9000")
    assert attempt.agent.name in row.text
    assert attempt.device.fingerprint not in visitor.get(CPU).content.decode()


def test_pages_take_few_queries(member: Client, django_assert_max_num_queries: Any) -> None:
    for median_ms in (20.0, 22.0):
        attempt = make_leased()
        measure_latency(attempt, result_message(attempt, latency_record(median_ms=median_ms)))
    measure_latency(make_leased(is_simulated=True))

    for path in ("/devices", *REAL, "/devices/simulated:example-cpu-9000"):
        with django_assert_max_num_queries(MAX_QUERIES):
            assert member.get(path).status_code == 200


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("/devices?sort=models", "Valid ones: format."),
        ("/devices/tesla-t4?format=xml", "Valid: html, json."),
        ("/devices/tesla-t4?sort=top5", "is not known. Valid: "),
        ("/devices/tesla-t4?page=0", "must be a whole number from 1"),
        ("/devices/tesla-t4?q=a", "Valid ones: format, page, sort."),
    ],
)
def test_wrong_parameter_is_told_the_valid_ones(visitor: Client, address: str, sentence: str) -> None:
    response = visitor.get(address)

    assert response.status_code == 400
    assert sentence in read_page(response).find("main")[0].text


@pytest.mark.parametrize("path", ["/devices/none", "/devices/%00", "/devices/simulated:", "/artifacts/abc/model.onnx"])
def test_what_is_not_there_is_a_404_page(visitor: Client, path: str) -> None:
    assert visitor.get(path).status_code == 404


def test_kind_without_anything_has_a_page_too(visitor: Client) -> None:
    DeviceKind.objects.create(slug="stated:toaster", title="Toaster", category="cpu")

    page = page_of(visitor, "/devices/stated:toaster")

    text = page.find("main")[0].text
    assert "nobody but those who sent values in saw such a device" in text
    assert "Nothing ran there yet." in text
