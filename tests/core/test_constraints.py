"""Every constraint of our tables: the impossible is refused by the database, whatever the code does."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.db.models import F

from apps.accounts.actions import create_invitation, create_token
from apps.accounts.models import Invitation, Scope, Token, User
from apps.catalog.models import (
    ArtifactFile,
    Comparability,
    Configuration,
    DeviceKind,
    Network,
    Protocol,
)
from apps.fleet.actions import create_enrolment_code
from apps.fleet.models import Agent, Attachment, Device, EnrolmentCode
from apps.results.actions.deliver import Answer, deliver_once
from apps.results.actions.publish import publish_tables
from apps.results.actions.submit import accept_submission
from apps.results.models import BoardCell, Delivery, Result, SamplesClaim, Source, Submission, SubmittedCell
from apps.results.published import PublishedTable, PublishedValue
from apps.runs.actions.schedules import create_schedule, start_due
from apps.runs.models import Attempt, Campaign, Run, Schedule
from tests.factories import (
    COMPLEXITY,
    LATENCY,
    MODEL,
    NOW,
    attach,
    device_offer,
    make_agent,
    make_leased,
    make_user,
    measure,
    seed_catalogue,
    submission_message,
    submit_record,
)
from tests.stated import LATENCY as STATED
from tests.stated import state

OURS = ("accounts", "catalog", "fleet", "runs", "results")
PRINTED = "12.50"

Changes = dict[str, Any]
Case = tuple[type[models.Model], Changes, Changes]
"""(table, which row, what to make of it)"""

CHECKS: dict[str, Case] = {
    "accounts_invitation_expires_after_creation": (Invitation, {}, {"expires_at": F("created_at")}),
    "accounts_invitation_used_by_a_user": (Invitation, {}, {"used_at": NOW}),
    "accounts_token_expires_after_creation": (Token, {}, {"expires_at": F("created_at")}),
    "catalog_devicekind_simulated_is_named_so": (DeviceKind, {"slug": "tesla-t4"}, {"slug": "simulated:tesla-t4"}),
    "catalog_devicekind_not_its_own_simulator": (
        DeviceKind,
        {"slug__startswith": "simulated:"},
        {"simulates": F("id")},
    ),
    "catalog_network_recipe_known": (Network, {"name": MODEL}, {"recipe": "soup"}),
    "catalog_network_precision_known": (Network, {"name": MODEL}, {"precision": "fp64"}),
    "catalog_network_width_positive": (Network, {"name": MODEL}, {"width_multiplier": 0}),
    "catalog_protocol_batch_positive": (Protocol, {"slug": LATENCY}, {"batch_size": 0}),
    "catalog_protocol_executable_is_complete": (Protocol, {"slug": LATENCY}, {"engines": []}),
    "fleet_agent_revoked_has_a_time": (Agent, {}, {"status": "revoked"}),
    "fleet_agent_retired_is_revoked": (Agent, {}, {"retired_at": NOW}),
    "fleet_device_unhealthy_after_an_attempt": (Device, {}, {"unhealthy_since": NOW}),
    "fleet_enrolmentcode_expires_later": (EnrolmentCode, {}, {"expires_at": F("created_at")}),
    "fleet_enrolmentcode_used_by_an_agent": (EnrolmentCode, {"used_at": None}, {"used_at": NOW}),
    "runs_campaign_of_a_schedule_has_a_due_time": (Campaign, {"schedule": None}, {"due_at": NOW}),
    "runs_campaign_priority": (Campaign, {}, {"priority": 201}),
    "runs_schedule_every_hours": (Schedule, {}, {"every_hours": 0}),
    "runs_schedule_priority": (Schedule, {}, {"priority": 201}),
    "runs_schedule_skip_has_a_reason": (Schedule, {}, {"skipped_at": NOW}),
    "runs_run_finished_has_a_time": (Run, {"state": "done"}, {"finished_at": None}),
    "runs_run_state_known": (Run, {"state": "done"}, {"state": "lost"}),
    "runs_run_attempts_were_leased": (Run, {}, {"counted_attempts": F("fence") + 1}),
    "runs_attempt_ended_has_a_time": (Attempt, {"state": "leased"}, {"ended_at": NOW}),
    "runs_attempt_state_known": (Attempt, {"state": "accepted"}, {"state": "done"}),
    "results_source_edition_from_one": (Source, {}, {"edition": 0}),
    "results_result_origin_is_complete": (Result, {"origin": "published"}, {"printed": ""}),
    "results_result_interval_needs_samples": (Result, {"metric": "latency", "origin": "run"}, {"interval_low": 1_000}),
    "results_result_stub_is_simulated": (Result, {"metric": "macs"}, {"engine": "stub"}),
    "results_result_withdrawn_with_a_reason": (Result, {"metric": "macs"}, {"withdrawn_at": NOW}),
    "results_boardcell_never_simulated": (BoardCell, {"metric": "macs"}, {"is_simulated": True}),
    "results_boardcell_never_submitted": (BoardCell, {"metric": "macs"}, {"is_submission": True}),
    "results_submission_settled_is_complete": (Submission, {}, {"settled_at": None}),
    "results_submission_recorded_or_stated": (Submission, {"agent": None}, {"state": "submitted", "settled_at": None}),
    "results_submittedcell_only_submitted": (SubmittedCell, {}, {"is_submission": False}),
    "results_samplesclaim_of_one": (SamplesClaim, {"submission": None}, {"attempt": None}),
}
"""An update of a valid row that the check refuses."""

MORE: list[tuple[str, Case]] = [
    ("catalog_devicekind_simulated_is_named_so", (DeviceKind, {"slug__startswith": "simulated:"}, {"simulates": None})),
    ("catalog_protocol_executable_is_complete", (Protocol, {"slug": LATENCY}, {"processes": 0})),
    ("fleet_agent_revoked_has_a_time", (Agent, {}, {"revoked_at": NOW})),
    ("fleet_device_unhealthy_after_an_attempt", (Device, {}, {"unhealthy_reason": "too hot"})),
    ("fleet_enrolmentcode_used_by_an_agent", (EnrolmentCode, {"used_at__isnull": False}, {"agent": None})),
    ("runs_campaign_of_a_schedule_has_a_due_time", (Campaign, {"schedule__isnull": False}, {"due_at": None})),
    ("runs_schedule_skip_has_a_reason", (Schedule, {}, {"skip_reason": "the campaign before is not over"})),
    ("runs_run_finished_has_a_time", (Run, {"state": "active"}, {"finished_at": NOW})),
    ("runs_attempt_ended_has_a_time", (Attempt, {"state": "accepted"}, {"ended_at": None})),
    ("results_result_origin_is_complete", (Result, {"origin": "published"}, {"is_simulated": True})),
    ("results_result_origin_is_complete", (Result, {"origin": "published"}, {"evidence": "samples"})),
    ("results_result_origin_is_complete", (Result, {"origin": "published"}, {"source": None})),
    ("results_result_origin_is_complete", (Result, {"origin": "run", "metric": "macs"}, {"printed": "41"})),
    ("results_result_origin_is_complete", (Result, {"origin": "run", "metric": "macs"}, {"device": None})),
    ("results_result_origin_is_complete", (Result, {"origin": "run", "metric": "macs"}, {"attempt": None})),
    ("results_result_origin_is_complete", (Result, {"origin": "submission"}, {"trust_tier": 1})),
    ("results_result_origin_is_complete", (Result, {"origin": "submission"}, {"submission": None})),
    ("results_submission_settled_is_complete", (Submission, {}, {"state": "refused"})),
    ("results_samplesclaim_of_one", (SamplesClaim, {"attempt": None}, {"submission": None})),
    ("results_submission_settled_is_complete", (Submission, {}, {"problems": ["no"]})),
    ("results_result_interval_needs_samples", (Result, {"metric": "macs"}, {"interval_low": 1, "interval_high": 99})),
    ("results_result_withdrawn_with_a_reason", (Result, {"metric": "macs"}, {"withdrawn_because": "wrong clock"})),
]

UNIQUE: dict[str, Case] = {
    "catalog_artifactfile_name": (ArtifactFile, {}, {}),
    "catalog_protocol_slug_version": (Protocol, {}, {}),
    "catalog_comparability_pair": (Comparability, {}, {}),
    "catalog_configuration_what_it_is": (Configuration, {"slug": COMPLEXITY}, {"slug": "again"}),
    "fleet_device_owner_fingerprint": (Device, {}, {}),
    "fleet_attachment_agent_device": (Attachment, {}, {}),
    "runs_campaign_once_per_due_time": (Campaign, {"schedule__isnull": False}, {}),
    "runs_run_once_per_campaign": (Run, {"device_kind": None}, {}),
    "runs_attempt_one_per_fence": (Attempt, {"state": "accepted"}, {"request_id": "a", "state": "lost"}),
    "runs_attempt_one_per_request": (Attempt, {"state": "accepted"}, {"fence": 2, "state": "lost"}),
    "runs_attempt_one_undecided_per_run": (
        Attempt,
        {"state": "leased"},
        {"request_id": "a", "fence": 2, "state": "submitted", "ended_at": NOW},
    ),
    "runs_attempt_one_accepted_per_run": (Attempt, {"state": "accepted"}, {"request_id": "a", "fence": 2}),
    "results_source_slug_edition": (Source, {}, {}),
    "results_result_one_per_attempt_and_metric": (Result, {"metric": "macs"}, {}),
    "results_result_one_per_table_cell": (Result, {"origin": "published"}, {}),
    "results_result_one_per_submission_and_metric": (Result, {"origin": "submission"}, {}),
    "results_submission_once_per_owner": (Submission, {}, {}),
    "results_submittedcell_cell": (SubmittedCell, {}, {}),
    "results_delivery_key_of_owner": (Delivery, {}, {}),
    "results_boardcell_cell": (BoardCell, {}, {}),
}
"""A copy of a valid row that is one too many."""

TESTED_BY_NAME = {"runs_attempt_one_live_per_device"}
CHECKED_ON_INSERT = {"results_submission_correction_is_an_edition"}
"""An update that breaks it is refused by a trigger before."""
BY_PRIMARY_KEY = {
    "results_result_id_is_simulated",
    "results_result_id_is_submission",
    "results_submission_id_owner",
}
"""The targets of foreign keys; the primary key forbids more than they do."""


@pytest.fixture
def world(db: None) -> None:
    """A valid row of everything."""
    seed_catalogue()
    create_token(user=make_user(), name="t", scopes=[Scope.READ], at=NOW)
    create_invitation(email="", by=make_user(is_staff=True), at=NOW)
    create_enrolment_code(owner=make_user(), at=NOW)
    attach(make_agent()[0], device_offer(is_simulated=True))
    for protocol in (LATENCY, COMPLEXITY):
        assert measure(make_leased(protocol=protocol))
    make_leased()
    create_schedule(requested_by=make_user(), model_names=[MODEL], protocol_slugs=[LATENCY], every_hours=1, at=NOW)
    assert start_due(at=NOW + timedelta(hours=1))
    submission = submit_record(make_agent()[0], submission_message())
    assert accept_submission(submission_pk=submission.pk, at=NOW)
    publish_tables(tables=[_table()], at=NOW)
    state(make_user(), STATED)
    deliver_once(owner=make_user(), key="k", call=b"", act=lambda: Answer(200, b"{}"), at=NOW)


def _table() -> PublishedTable:
    value = PublishedValue(MODEL, "storage", "paddleclas-storage", PRINTED, _decimal(PRINTED), None, ())
    return PublishedTable(
        slug="t", section="1", title="T", document="D", upstream="U", sha256="0" * 64, values=(value,)
    )


def _decimal(text: str) -> Any:
    return models.DecimalField(max_digits=20, decimal_places=8).to_python(text)


def _names(kind: type[models.BaseConstraint]) -> set[str]:
    tables = [table for label in OURS for table in apps.get_app_config(label).get_models()]
    return {c.name for table in tables for c in table._meta.constraints if isinstance(c, kind)}


def test_every_constraint_has_a_case() -> None:
    assert set(CHECKS) | CHECKED_ON_INSERT == _names(models.CheckConstraint)
    assert set(UNIQUE) | TESTED_BY_NAME | BY_PRIMARY_KEY == _names(models.UniqueConstraint)


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(("name", "case"), [*CHECKS.items(), *MORE])
def test_check_forbids_the_impossible(name: str, case: Case) -> None:
    table, chosen, changes = case
    row = table._default_manager.filter(**chosen).first()
    assert row is not None

    with pytest.raises(IntegrityError, match=f'check constraint "{name}"'):
        table._default_manager.filter(pk=row.pk).update(**changes)


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("name", UNIQUE)
def test_second_row_is_one_too_many(name: str) -> None:
    table, chosen, changes = UNIQUE[name]
    row = table._default_manager.filter(**chosen).first()
    assert row is not None
    for field, value in {"pk": None, **changes}.items():
        setattr(row, field, value)

    with pytest.raises(IntegrityError, match=f'unique constraint "{name}"'):
        row.save(force_insert=True)


@pytest.mark.usefixtures("world")
def test_second_live_attempt_on_a_device_is_one_too_many() -> None:
    live = Attempt.objects.get(state="leased")
    other = make_leased()

    with pytest.raises(IntegrityError, match='unique constraint "runs_attempt_one_live_per_device"'):
        Attempt.objects.filter(pk=other.pk).update(device=live.device, leased_at=NOW + timedelta(seconds=1))


@pytest.mark.usefixtures("world")
def test_submission_cannot_fill_a_cell() -> None:
    submitted = Result.objects.filter(origin="submission").earliest("id")
    BoardCell.objects.filter(metric="macs").update(result=submitted)

    with (
        pytest.raises(IntegrityError, match="results_boardcell_result_is_no_submission"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    BoardCell.objects.filter(result=submitted).delete()


@pytest.mark.usefixtures("world")
def test_only_submissions_of_real_hardware_get_among_what_was_sent_in() -> None:
    measured = Result.objects.filter(origin="run").earliest("id")
    cell = SubmittedCell.objects.earliest("id")

    with pytest.raises(IntegrityError, match="results_submittedcell_result_is_a_submission"), transaction.atomic():
        _checked_at_once(lambda: SubmittedCell.objects.filter(pk=cell.pk).update(result=measured))


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("edition", [1, 2])
def test_correction_is_an_edition_and_an_edition_a_correction(edition: int) -> None:
    stated = Submission.objects.get(agent=None)
    corrects = stated if edition == 1 else None

    with pytest.raises(IntegrityError, match="results_submission_correction_is_an_edition"):
        _stated(stated.owner, corrects=corrects, edition=edition).save()


@pytest.mark.usefixtures("world")
def test_nobody_corrects_what_somebody_else_sent_in() -> None:
    stated = Submission.objects.get(agent=None)
    other = Submission.objects.exclude(owner=stated.owner).earliest("id")

    with pytest.raises(IntegrityError, match="results_submission_corrects_own"), transaction.atomic():
        _checked_at_once(_stated(stated.owner, corrects=other, edition=2).save)


def _stated(owner: User, **changes: Any) -> Submission:
    return Submission(
        owner=owner,
        submission_id="x",
        body=b"{}",
        sha256="0" * 64,
        state="accepted",
        created_at=NOW,
        settled_at=NOW,
        **changes,
    )


def _checked_at_once(write: Callable[[], object]) -> None:
    """Foreign keys that are made in migrations are checked when the transaction ends, here at once."""
    write()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
