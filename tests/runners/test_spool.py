from __future__ import annotations

import gzip
import json
import os
import threading
from pathlib import Path

import pytest

from runners import wire
from runners.answers import RefusedError, TokenRejectedError
from runners.client import SiteClient
from runners.config import StateFolder
from runners.drain import Drain
from runners.spool import Spool
from runners.upload import Uploader
from tests.runners.site_double import Reply, SiteDouble, problem

RESULT = wire.ResultRequest.model_validate_json(
    (Path(__file__).parents[2] / "fixtures" / "wire" / "result_request_latency.json").read_bytes()
)


@pytest.fixture
def uploader(client: SiteClient, spool: Spool, drain: Drain) -> Uploader:
    return Uploader(client, spool, drain, print)


def numbered(attempt_id: int) -> wire.ResultRequest:
    return RESULT.model_copy(update={"attempt_id": attempt_id})


def test_a_kept_result_is_the_message_compressed(spool: Spool) -> None:
    path = spool.add(RESULT)

    assert wire.ResultRequest.model_validate_json(gzip.decompress(path.read_bytes())) == RESULT
    assert spool.pending() == [path]


def test_the_oldest_result_comes_first(spool: Spool) -> None:
    newer, older = spool.add(numbered(1)), spool.add(numbered(2))
    os.utime(older, (1, 1))

    assert spool.pending() == [older, newer]


def test_half_a_file_of_a_crash_is_never_sent(spool: Spool, folder: StateFolder) -> None:
    (folder.spool / "7-70.json.gz.tmp").write_bytes(b"half")

    reopened = Spool(folder.spool, folder.rejected)

    assert reopened.pending() == []
    assert list(folder.spool.iterdir()) == []


def test_a_refused_result_is_kept_with_the_answer(spool: Spool, folder: StateFolder) -> None:
    path = spool.add(RESULT)
    content = path.read_bytes()

    kept = spool.set_aside(path, RefusedError("No such model.", status=422, body={"detail": "No such model."}))

    assert spool.pending() == []
    assert kept.read_bytes() == content
    [answer] = folder.rejected.glob("*.answer.json")
    assert json.loads(answer.read_bytes())["body"] == {"detail": "No such model."}


def test_what_waits_is_uploaded_and_then_deleted(site: SiteDouble, spool: Spool, uploader: Uploader) -> None:
    content = spool.add(RESULT).read_bytes()

    uploader.start()

    assert uploader.wait_until_empty()
    [call] = site.calls("result")
    assert call.body == content
    assert call.headers["content-encoding"] == "gzip"
    assert spool.pending() == []


@pytest.mark.parametrize(
    "failure", [Reply(is_lost=True), problem(503, "Down."), problem(429, "Busy.", Retry_After="0")]
)
def test_a_retry_sends_the_same_bytes(site: SiteDouble, spool: Spool, uploader: Uploader, failure: Reply) -> None:
    spool.add(RESULT)
    site.script("result", failure)

    uploader.start()

    assert uploader.wait_until_empty()
    first, second = site.calls("result")
    assert first.body == second.body


@pytest.mark.parametrize("status", [403, 404, 409, 413, 422])
def test_a_refusal_sets_the_result_aside_and_is_not_repeated(
    site: SiteDouble, spool: Spool, uploader: Uploader, folder: StateFolder, status: int
) -> None:
    spool.add(RESULT)
    site.script("result", problem(status, "Not this one."))

    uploader.start()
    uploader.wait_until_empty()

    assert len(site.calls("result")) == 1
    [answer] = folder.rejected.glob("*.answer.json")
    assert json.loads(answer.read_bytes())["status"] == status


@pytest.mark.parametrize(("status", "is_told"), [(409, False), (413, True), (422, True)])
def test_run_whose_result_is_refused_as_such_is_failed_with_the_reason(
    site: SiteDouble, spool: Spool, uploader: Uploader, status: int, is_told: bool
) -> None:
    spool.add(RESULT)
    site.script("result", problem(status, "Not this one."))

    uploader.start()
    uploader.wait_until_empty()

    told = [(call.json()["lease_token"], call.json()["kind"], call.json()["reason"]) for call in site.calls("fail")]
    reason = f"the site refuses its result: /api/v1/agent/result answered {status}: Not this one."
    assert told == [(RESULT.lease_token, "engine", reason)] * is_told


def test_a_result_the_site_chokes_on_does_not_block_the_next(
    site: SiteDouble, spool: Spool, uploader: Uploader
) -> None:
    os.utime(spool.add(numbered(1)), (1, 1))
    spool.add(numbered(2))
    site.script("result", problem(500, "Fault."))

    uploader.start()
    uploader.wait_until_empty()

    assert [call.json()["attempt_id"] for call in site.calls("result")] == [1, 2, 1]


def test_a_result_that_comes_later_is_uploaded_too(site: SiteDouble, spool: Spool, uploader: Uploader) -> None:
    uploader.start()
    assert uploader.wait_until_empty()

    spool.add(RESULT)
    uploader.notify()

    assert uploader.wait_until_empty()
    assert len(site.calls("result")) == 1


def test_a_revoked_token_drains_the_agent_and_keeps_the_result(
    site: SiteDouble, spool: Spool, uploader: Uploader, drain: Drain
) -> None:
    spool.add(RESULT)
    site.script("result", problem(401, "Revoked."))

    uploader.start()

    assert drain.requested.wait(10)
    assert not uploader.wait_until_empty()
    assert isinstance(drain.error, TokenRejectedError)
    assert len(spool.pending()) == 1


def test_a_drain_sets_what_is_linked_to_it_before_and_after(drain: Drain) -> None:
    before, after, unlinked = threading.Event(), threading.Event(), threading.Event()
    with drain.linked(unlinked):
        pass

    with drain.linked(before):
        drain.request()
        assert before.is_set()
    with drain.linked(after):
        assert after.is_set()

    assert not unlinked.is_set()
