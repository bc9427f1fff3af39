"""Sending values in over REST: one or thousands, in any format, each once, and what is told of those that are wrong."""

import gzip
import json
from typing import Any

import pytest

from apps.accounts.actions import create_token
from apps.accounts.models import Scope, User
from apps.core.api.schema import Problem
from apps.results.api import schema
from apps.results.models import Delivery, Submission
from apps.results.stated import reading
from tests.api.calls import API, Caller, assert_problem, row_counts
from tests.factories import NOW, make_user
from tests.stated import LATENCY, SLUG, TOP1, many, ndjson

pytestmark = pytest.mark.usefixtures("catalogue")
JSON, NDJSON, CSV = "application/json", "application/x-ndjson", "text/csv"


@pytest.fixture
def owner(catalogue: None) -> User:
    return make_user()


@pytest.fixture
def sender(owner: User) -> Caller:
    return caller(owner)


def caller(user: User, *scopes: Scope) -> Caller:
    # Tokens end by the clock of the wall, so these have no end.
    return Caller(create_token(user=user, name="t", scopes=scopes or [Scope.SUBMIT], at=NOW, life=None))


def send(who: Caller, body: bytes | dict[str, Any], media_type: str = JSON, query: str = "", **headers: str) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return who.client.post(
        f"{API}submissions/{query}", raw, content_type=media_type, headers={**who.headers, **headers}
    )


def report(response: Any) -> schema.SentReport:
    assert response.status_code in (200, 201), response.content
    return schema.SentReport.model_validate_json(response.content)


def refused(response: Any) -> Problem:
    return assert_problem(response, 422, "invalid-input")


def test_one_value_is_there_at_once_with_its_origin_and_what_was_written(sender: Caller, owner: User) -> None:
    response = send(sender, LATENCY | {"value": "12500.0", "unit": "us"})

    told = report(response)
    assert (response.status_code, told.stored, told.rows[0].status) == (201, 1, "stored")
    [row] = sender.get("results/", origin="submission").json()["results"]
    assert (row["id"], row["value"], row["unit"], row["printed"]) == (told.rows[0].result, 12.5, "ms", "12500.0 us")
    assert (row["origin"], row["evidence"], row["trust_tier"], row["configuration"]) == (
        "submission",
        "summary",
        0,
        SLUG,
    )
    assert (row["artifact_sha256"], row["weights"], row["artifact_of"]) == (None, None, None)
    one = schema.OneSubmission.model_validate(sender.get(f"submissions/{told.rows[0].submission}/").json())
    assert (one.owner, one.kind, one.state, one.edition, one.editions) == (
        owner.username,
        "value",
        "accepted",
        1,
        [one.id],
    )


def test_value_that_is_there_is_a_200_with_its_id(sender: Caller) -> None:
    first, again = send(sender, LATENCY), send(sender, LATENCY)

    assert (first.status_code, again.status_code) == (201, 200)
    assert report(again).rows[0].status == "existing"
    assert report(again).rows[0].submission == report(first).rows[0].submission


def test_csv_and_ndjson_are_the_same_records(sender: Caller) -> None:
    csv = "record_id," + ",".join(LATENCY) + "\n"
    csv += "".join(",".join(str(record[name]) for name in ("record_id", *LATENCY)) + "\n" for record in many(3))

    told = report(send(sender, ndjson(many(3)), NDJSON))
    again = report(send(sender, csv.encode(), "text/csv; charset=utf-8"))

    assert (told.received, told.stored, again.existing) == (3, 3, 3)
    assert [row.row for row in again.rows] == [2, 3, 4]


def test_gzip_is_unpacked(sender: Caller) -> None:
    packed = gzip.compress(ndjson(many(3)))

    assert report(send(sender, packed, NDJSON, **{"Content-Encoding": "gzip"})).stored == 3


def test_wrong_value_is_told_by_its_field(sender: Caller) -> None:
    before = row_counts()

    problem = refused(send(sender, LATENCY | {"model": "MobileNetV1_x025"}))

    assert [(error.field, "Did you mean MobileNetV1_x0_25" in error.message) for error in problem.errors] == [
        ("model", True)
    ]
    assert row_counts() == before


def test_wrong_rows_are_told_by_row_and_field_and_nothing_is_stored(sender: Caller) -> None:
    before = row_counts()
    body = ndjson([LATENCY, LATENCY | {"metric": "latenzy", "unit": "lightyear"}, LATENCY]) + b"\n{"

    problem = refused(send(sender, body, NDJSON))

    assert problem.detail.startswith("2 of 4 rows are not valid, so none was stored. The first: rows.2.metric:")
    assert [error.field for error in problem.errors] == ["rows.2.metric", "rows.4"]
    assert row_counts() == before


def test_report_stores_what_is_valid_and_tells_the_rest(sender: Caller) -> None:
    told = report(send(sender, ndjson([LATENCY, LATENCY | {"value": "x"}, TOP1]), NDJSON, "?on_error=report"))

    assert (told.stored, told.refused) == (2, 1)
    assert [row.status for row in told.rows] == ["stored", "refused", "stored"]
    assert [problem.field for problem in told.rows[1].problems] == ["value"]


def test_dry_run_stores_nothing(sender: Caller) -> None:
    before = row_counts()

    told = report(send(sender, ndjson(many(3)), NDJSON, "?dry_run=1", **{"Idempotency-Key": "k"}))

    assert (told.is_dry_run, told.valid, told.stored) == (True, 3, 0)
    assert row_counts() == before


def test_same_call_with_the_same_key_is_answered_the_same(sender: Caller) -> None:
    key = {"Idempotency-Key": "4f2d"}
    first = send(sender, ndjson(many(3)), NDJSON, **key)

    again = send(sender, ndjson(many(3)), NDJSON, **key)

    assert (again.status_code, again.content) == (first.status_code, first.content) == (201, first.content)
    assert Submission.objects.count() == 3


@pytest.mark.parametrize(("count", "query"), [(4, ""), (3, "?on_error=report")])
def test_another_call_with_the_same_key_is_a_409(sender: Caller, count: int, query: str) -> None:
    key = {"Idempotency-Key": "4f2d"}
    send(sender, ndjson(many(3)), NDJSON, **key)

    assert_problem(send(sender, ndjson(many(count)), NDJSON, query, **key), 409, "other-delivery")

    assert Submission.objects.count() == 3


def test_key_of_a_refused_call_may_be_used_again_and_is_its_owners_alone(sender: Caller) -> None:
    key = {"Idempotency-Key": "4f2d"}
    refused(send(sender, LATENCY | {"value": "x"}, **key))

    assert report(send(sender, LATENCY, **key)).stored == 1
    assert report(send(caller(make_user()), TOP1, **key)).stored == 1
    assert Delivery.objects.count() == 2


@pytest.mark.parametrize("key", ["k" * 201, "caf\u00e9"])
def test_key_that_cannot_be_kept_is_a_400(sender: Caller, key: str) -> None:
    assert_problem(send(sender, LATENCY, **{"Idempotency-Key": key}), 400, "bad-request")


@pytest.mark.parametrize(
    ("body", "media_type", "query", "status", "type"),
    [
        (b"{", JSON, "", 400, "parse-error"),
        (b"\n", NDJSON, "", 400, "parse-error"),
        (b"model,colour\n", CSV, "", 400, "parse-error"),
        (b"[]", JSON, "", 422, "invalid-input"),
        (b"{}", "text/plain", "", 415, "unsupported-media-type"),
        (b"{}", JSON, "?dryrun=1", 400, "unknown-parameter"),
        (b"{}", JSON, "?dry_run=yes", 400, "bad-request"),
        (b"{}", JSON, "?on_error=ignore", 400, "bad-request"),
    ],
)
def test_call_that_cannot_be_read_is_refused_in_the_one_shape(
    sender: Caller, body: bytes, media_type: str, query: str, status: int, type: str
) -> None:
    assert_problem(send(sender, body, media_type, query), status, type)


def test_too_many_rows_or_bytes_are_told_what_to_do(
    sender: Caller, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MAX_ROWS", 2)
    assert "split -l" in assert_problem(send(sender, ndjson(many(3)), NDJSON), 413, "too-large").detail
    settings.MAX_SUBMISSION_BYTES = 1000
    for packed, headers in ((b"\n" * 1001, {}), (gzip.compress(b"\n" * 10**6), {"Content-Encoding": "gzip"})):
        problem = assert_problem(send(sender, packed, NDJSON, **headers), 413, "too-large")
        assert "rows a call" in problem.detail


def test_sending_in_needs_an_account_and_the_scope(owner: User) -> None:
    assert_problem(send(Caller(), LATENCY), 401, "not-authenticated")
    for scope in (Scope.READ, Scope.DISPATCH, Scope.AGENTS):
        assert_problem(send(caller(owner, scope), LATENCY), 403, "permission-denied")

    assert not Submission.objects.exists()


def test_correction_shows_both_editions(sender: Caller) -> None:
    first = report(send(sender, LATENCY)).rows[0].submission
    second = report(send(sender, LATENCY | {"value": 13, "corrects": first})).rows[0].submission

    old, new = (schema.OneSubmission.model_validate(sender.get(f"submissions/{pk}/").json()) for pk in (first, second))

    assert (old.state, old.corrected_by, old.editions) == ("superseded", second, [first, second])
    assert (new.state, new.corrects, new.edition, new.editions) == ("accepted", first, 2, [first, second])
    assert old.results[0].withdrawn_because == f"superseded by submission {second}"
    assert [row["value"] for row in sender.get("results/", origin="submission").json()["results"]] == [13.0]


def test_owner_withdraws_with_a_reason_and_others_may_not(sender: Caller) -> None:
    pk = report(send(sender, LATENCY)).rows[0].submission
    path = f"submissions/{pk}/withdraw/"
    stranger, staff = caller(make_user()), make_user(is_staff=True)

    assert_problem(Caller().post(path, {"reason": "x"}), 401, "not-authenticated")
    assert_problem(stranger.post(path, {"reason": "x"}), 403, "not-allowed")
    assert_problem(caller(staff).post(path, {"reason": "x"}), 403, "not-allowed")
    refused(sender.post(path, {"reason": ""}))
    assert_problem(sender.post("submissions/0/withdraw/", {"reason": "x"}), 404, "not-found")
    told = [sender.post(path, {"reason": "wrong images"}) for _ in range(2)]

    assert [answer.json()["state"] for answer in told] == ["withdrawn"] * 2
    assert told[0].json()["results"][0]["withdrawn_because"] == "wrong images"
    assert sender.get("results/", origin="submission").json()["results"] == []


def test_administrator_withdraws_anybodys(sender: Caller) -> None:
    pk = report(send(sender, LATENCY)).rows[0].submission
    staff = caller(make_user(is_staff=True), Scope.SUBMIT, Scope.ADMIN)

    assert staff.post(f"submissions/{pk}/withdraw/", {"reason": "impossible"}).json()["state"] == "withdrawn"


def test_list_is_filtered_and_pages(sender: Caller, owner: User) -> None:
    send(sender, ndjson([*many(4), TOP1]), NDJSON)
    send(caller(make_user()), TOP1)

    rows = sender.all_rows("submissions/", owner=owner.username, limit=2)

    assert [row["results"][0]["metric"] for row in rows] == ["top1"] + ["latency"] * 4
    for row in rows:
        schema.SubmissionRow.model_validate(row)
    for name, value, count in (
        ("metric", "top1", 2),
        ("metric", "top1,latency", 6),
        ("configuration", SLUG, 4),
        ("model", LATENCY["model"], 6),
        ("kind", "value", 6),
        ("kind", "record", 0),
        ("state", "accepted", 6),
        ("state", "superseded,withdrawn", 0),
        ("max.edition", "1", 6),
    ):
        assert len(sender.all_rows("submissions/", **{name: value})) == count
    for name in ("owner", "kind", "state", "metric", "configuration", "model"):
        problem = assert_problem(sender.get("submissions/", **{name: "nobody's"}), 400, "bad-request")
        assert [error.field for error in problem.errors] == [name]


def test_list_takes_two_queries_beside_the_token(sender: Caller, django_assert_num_queries: Any) -> None:
    send(sender, ndjson(many(30)), NDJSON)

    with django_assert_num_queries(2):
        assert len(Caller().get("submissions/").json()["results"]) == 30


def test_samples_that_were_sent_are_answered_as_they_are(sender: Caller) -> None:
    record = LATENCY | {
        "evidence": "samples",
        "statistic": "",
        "unit": "us",
        "samples": [12400, 12500, 12900],
        "value": 12500,
    }
    sent = report(send(sender, record)).rows[0]
    summary = report(send(sender, LATENCY)).rows[0]

    answer = schema.RawSamples.model_validate(sender.get(f"results/{sent.result}/samples/").json())

    assert (answer.unit, answer.count, answer.values) == ("ms", 3, [12.4, 12.5, 12.9])
    assert_problem(sender.get(f"results/{summary.result}/samples/"), 404, "not-found")
