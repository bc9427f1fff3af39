from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from runners import wire
from runners.answers import (
    ANSWERS,
    BusyError,
    LeaseGoneError,
    OffsetError,
    RefusedError,
    RetryableError,
    SiteError,
    TokenRejectedError,
    UnavailableError,
    UpgradeNeededError,
)
from runners.client import SiteClient
from runners.retry import LONGEST_BACKOFF_S, Backoff, spread, until_answered
from tests.runners.site_double import TOKEN, Reply, SiteDouble, problem


def beat(client: SiteClient) -> wire.HeartbeatAnswer:
    return client.heartbeat(wire.HeartbeatRequest(client_time=datetime.now(UTC)))


def test_every_call_carries_the_token_and_the_wire_version(site: SiteDouble, client: SiteClient) -> None:
    beat(client)

    headers = site.calls("heartbeat")[0].headers
    assert headers["authorization"] == f"Bearer {TOKEN}"
    assert headers[wire.WIRE_VERSION_HEADER.lower()] == str(wire.WIRE_VERSION)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, RefusedError),
        (401, TokenRejectedError),
        (403, RefusedError),
        (404, RefusedError),
        (409, LeaseGoneError),
        (413, RefusedError),
        (416, OffsetError),
        (422, RefusedError),
        (426, UpgradeNeededError),
        (429, BusyError),
        (500, UnavailableError),
        (503, UnavailableError),
    ],
)
def test_each_status_has_one_error_that_shows_the_detail(
    site: SiteDouble, client: SiteClient, status: int, error: type[SiteError]
) -> None:
    site.script("heartbeat", problem(status, "The reason."))

    with pytest.raises(error, match=f"/api/v1/agent/heartbeat answered {status}: The reason") as caught:
        beat(client)

    assert type(caught.value) is error
    assert caught.value.status == status


def test_the_table_says_what_to_do_for_every_status() -> None:
    assert all(answer.advice for answer in ANSWERS.values())
    assert set(ANSWERS) == {401, 403, 404, 409, 413, 416, 422, 426, 429}


def test_field_errors_are_shown(site: SiteDouble, client: SiteClient) -> None:
    body = b'{"detail": "Invalid.", "errors": [{"field": "record.macs", "message": "must be positive"}]}'
    site.script("heartbeat", Reply(422, body))

    with pytest.raises(RefusedError, match=r"Invalid \(record.macs: must be positive\)"):
        beat(client)


@pytest.mark.parametrize(
    "body", [b"<html>Bad gateway</html>", b"[]", b'{"detail": null, "errors": null}', b'{"errors": 3}']
)
def test_an_error_body_of_another_shape_is_no_second_error(site: SiteDouble, client: SiteClient, body: bytes) -> None:
    site.script("heartbeat", Reply(502, body))

    with pytest.raises(UnavailableError, match="answered 502: Bad Gateway"):
        beat(client)


def test_a_success_that_is_no_zooboard_message_counts_as_no_answer(site: SiteDouble, client: SiteClient) -> None:
    site.script("result", Reply(200, b"<html>Please log in to the hotel's network</html>"))

    with pytest.raises(UnavailableError, match="something that is not a ResultAnswer"):
        client.upload_result(b"")


def test_a_redirect_is_not_followed_so_the_token_stays_here(site: SiteDouble, client: SiteClient) -> None:
    site.script("heartbeat", Reply(308, b"", {"Location": "https://elsewhere.example.org/"}))

    with pytest.raises(RefusedError, match=r"redirects to https://elsewhere\.example\.org/, which is not followed"):
        beat(client)


def test_a_lost_answer_is_retryable(site: SiteDouble, client: SiteClient) -> None:
    site.script("heartbeat", Reply(is_lost=True))

    with pytest.raises(UnavailableError, match="No answer from"):
        beat(client)


def test_a_site_that_is_down_is_retryable() -> None:
    with SiteDouble() as site:
        client = SiteClient(site.url, TOKEN)

    with pytest.raises(UnavailableError, match="No answer from"):
        beat(client)

    client.close()


def test_a_proxy_of_the_environment_does_not_see_calls_to_this_machine(
    site: SiteDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    client = SiteClient(site.url, TOKEN)

    assert beat(client).action == "continue"

    client.close()


@pytest.mark.parametrize(
    ("header", "wait_s"),
    [
        ("7", 7),
        ("999999", 3600),
        ("soon", 0),
        ("Fri, 01 Jan 2999 00:00:00 GMT", 3600),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(
    site: SiteDouble, client: SiteClient, header: str, wait_s: float
) -> None:
    site.script("heartbeat", problem(429, "Too many calls.", Retry_After=header))

    with pytest.raises(BusyError) as caught:
        beat(client)

    assert (caught.value.retry_after_s or 0) == wait_s


def test_a_date_of_retry_after_is_counted_from_now(site: SiteDouble, client: SiteClient) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    site.script("heartbeat", problem(503, "Maintenance.", Retry_After=date))

    with pytest.raises(UnavailableError) as caught:
        beat(client)

    assert caught.value.retry_after_s == pytest.approx(100, abs=15)


def test_waits_grow_to_their_cap_and_differ_between_agents() -> None:
    error = RetryableError("down")
    backoffs = [Backoff(first_s=1) for _ in range(50)]

    first = [backoff.next_s(error) for backoff in backoffs]
    for backoff in backoffs:
        for _ in range(10):
            backoff.next_s(error)
    late = [backoff.next_s(error) for backoff in backoffs]

    assert all(0.5 <= wait_s <= 1 for wait_s in first)
    assert len(set(first)) > 1
    assert all(LONGEST_BACKOFF_S / 2 <= wait_s <= LONGEST_BACKOFF_S for wait_s in late)


def test_periods_are_never_longer_than_the_site_says_and_differ_between_agents() -> None:
    waits_s = {spread(20.0) for _ in range(100)}

    assert len(waits_s) > 90
    assert 18.0 <= min(waits_s) <= max(waits_s) <= 20.0


def test_a_wait_is_at_least_what_the_site_asked_for() -> None:
    error = BusyError("busy")
    error.retry_after_s = 120

    assert Backoff().next_s(error) == 120


def test_a_call_is_repeated_until_it_is_answered(site: SiteDouble, client: SiteClient) -> None:
    site.script("heartbeat", problem(503, "Starting."))
    lines: list[str] = []

    answer = until_answered(lambda: beat(client), stop=threading.Event(), on_wait=lines.append)

    assert answer is not None
    assert len(site.calls("heartbeat")) == 2
    assert "answered 503: Starting" in lines[0]


def test_a_refusal_is_not_repeated(site: SiteDouble, client: SiteClient) -> None:
    site.script("heartbeat", problem(422, "No."))

    with pytest.raises(RefusedError):
        until_answered(lambda: beat(client), stop=threading.Event(), on_wait=print)

    assert len(site.calls("heartbeat")) == 1


def test_waiting_for_an_answer_ends_with_the_stop(site: SiteDouble, client: SiteClient) -> None:
    site.script("heartbeat", problem(503, "Down."))
    stop = threading.Event()

    answer = until_answered(lambda: beat(client), stop=stop, on_wait=lambda _line: stop.set())

    assert answer is None
