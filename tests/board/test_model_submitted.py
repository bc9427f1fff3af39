"""What was sent in on a model's page: apart, with its origin, and only where there is something."""

import pytest
from django.test import Client

from tests.factories import MODEL, OTHER_MODEL, make_user
from tests.stated import LATENCY, TOP1, state


@pytest.mark.usefixtures("published")
def test_values_stand_apart_with_who_sent_them_and_what_they_say() -> None:
    state(make_user(), LATENCY | {"value": 9, "n": 30})
    state(make_user(), LATENCY | {"value": "11000.0", "unit": "us", "n": 30}, TOP1)

    page = Client().get(f"/models/{MODEL}").content.decode()
    data = Client().get(f"/models/{MODEL}", {"format": "json"}).json()

    apart = page.partition('id="submitted-title"')[2].partition("</section>")[0]
    assert "Sent in, unvetted" in page
    for text in ("11.000", "9.000 to 11.000 by 2", 'title="sent in as 11000.0 us"', "mean of 30 after 10, n = 30"):
        assert text in apart
    assert "quoted from elsewhere" in apart
    assert {value["origin"] for value in data["submitted"]} == {"submission"}
    assert all(value["origin"] != "submission" for group in data["groups"] for value in group["values"])


@pytest.mark.usefixtures("published")
def test_page_of_a_model_without_any_does_not_speak_of_it() -> None:
    state(make_user(), LATENCY)

    assert "Sent in, unvetted" not in Client().get(f"/models/{OTHER_MODEL}").content.decode()


@pytest.mark.usefixtures("published")
def test_owner_sees_a_stated_value_among_what_was_sent_in() -> None:
    owner, client = make_user(), Client()
    [report] = state(owner, TOP1)
    client.force_login(owner)

    listed = client.get("/submissions").content.decode()
    page = client.get(f"/submissions/{report.submission}").content.decode()

    assert "over REST" in listed
    assert "A report, table 3" in page
