"""Storing stated values: each once, however often and by however many clients of its owner it is sent."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.db.models import CharField, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Concat

from apps.accounts.models import User
from apps.catalog.actions import configuration_for
from apps.core.copying import copy_rows, reserve_ids
from apps.core.errors import FieldError
from apps.fleet.models import TrustTier
from apps.results.actions.board import CellKey
from apps.results.actions.submitted_cells import refresh_submitted
from apps.results.actions.turns import take_turn_of
from apps.results.models import Origin, Result, Submission, SubmissionState
from apps.results.stated.catalogue import Place, load_catalogue_for
from apps.results.stated.checking import Checked, check_row
from apps.results.stated.known import Known, load_known
from apps.results.stated.reading import Row


class Fate(StrEnum):
    """What became of a row."""

    STORED = "stored"
    EXISTING = "existing"
    REFUSED = "refused"
    VALID = "valid"


@dataclass(frozen=True)
class Reported:
    """`submission` and `result` are ids; None of a row that was refused or only tried."""

    row: int
    fate: Fate
    submission: int | None = None
    result: int | None = None
    problems: list[FieldError] = field(default_factory=list)


class Refused(Exception):
    """`reports` are those of the rows that are wrong."""

    def __init__(self, reports: Sequence[Reported], *, of: int) -> None:
        super().__init__(f"{len(reports)} of {of} rows are not valid")
        self.reports, self.of = reports, of


@dataclass(frozen=True)
class _Plan:
    """`again` are rows that say once more what a row before them says."""

    new: list[Checked] = field(default_factory=list)
    again: list[Checked] = field(default_factory=list)
    settled: list[Reported] = field(default_factory=list)

    @property
    def refused(self) -> list[Reported]:
        return [report for report in self.settled if report.fate == Fate.REFUSED]


@transaction.atomic
def store_stated(*, owner: User, rows: Sequence[Row], is_partial: bool, at: datetime) -> list[Reported]:
    """Store the values that are not there yet. Returns what became of each row, in their order.

    Raises Refused where any row is wrong, and stores nothing; unless `is_partial`: then wrong ones are left out.
    """
    take_turn_of(owner)
    plan, known = _plan(owner=owner, rows=rows, is_partial=is_partial, at=at)
    stored = _insert(owner=owner, values=plan.new, known=known, at=at)
    reports = [Reported(value.number, Fate.STORED, *stored[value.name]) for value in plan.new]
    reports += [Reported(value.number, Fate.EXISTING, *stored[value.name]) for value in plan.again]
    return _in_order(plan.settled + reports)


def try_stated(*, owner: User, rows: Sequence[Row], is_partial: bool, at: datetime) -> list[Reported]:
    """What `store_stated` would say, without storing anything. Raises Refused."""
    plan, _ = _plan(owner=owner, rows=rows, is_partial=is_partial, at=at)
    return _in_order(plan.settled + [Reported(value.number, Fate.VALID) for value in plan.new + plan.again])


def _in_order(reports: list[Reported]) -> list[Reported]:
    return sorted(reports, key=lambda report: report.row)


def _plan(*, owner: User, rows: Sequence[Row], is_partial: bool, at: datetime) -> tuple[_Plan, Known]:
    catalogue = load_catalogue_for(row.value for row in rows if row.value)
    checked = [(row, check_row(row, catalogue, at=at)) for row in rows]
    known = load_known(owner=owner, values=[said for _, said in checked if isinstance(said, Checked)])
    plan = _Plan()
    for row, said in checked:
        if not isinstance(said, Checked):
            plan.settled.append(Reported(row.number, Fate.REFUSED, problems=said))
        elif found := known.problem_of(said):
            plan.settled.append(Reported(row.number, Fate.REFUSED, problems=[found]))
        elif there := known.found.get(said.name):
            plan.settled.append(Reported(row.number, Fate.EXISTING, there.submission, there.result))
        else:
            (plan.new if known.named[said.name] is said else plan.again).append(said)
    if plan.refused and not is_partial:
        raise Refused(plan.refused, of=len(rows))
    return plan, known


def _insert(*, owner: User, values: Sequence[Checked], known: Known, at: datetime) -> dict[str, tuple[int, int]]:
    """(submission, result) of each value, by its name."""
    if not values:
        return {}
    configurations = _configurations({value.place.slug: value.place for value in values})
    ids = list(zip(reserve_ids(Submission, len(values)), reserve_ids(Result, len(values)), strict=True))
    pairs = list(zip(values, ids, strict=True))
    copy_rows(Submission, (_submission(owner, value, known, at=at) | {"id": pk} for value, (pk, _) in pairs))
    copy_rows(
        Result,
        (
            _result(value, configurations[value.place.slug], at=at) | {"id": pk, "submission_id": submission_id}
            for value, (submission_id, pk) in pairs
        ),
    )
    touched = {(value.network.pk, value.metric.key, configurations[value.place.slug]) for value in values}
    refresh_submitted(touched | _supersede(known, at=at))
    return {value.name: pair for value, pair in pairs}


def _configurations(places: dict[str, Place]) -> dict[str, int]:
    """Ids by slug. New ones are made in one order, so that two owners cannot wait for each other."""
    return {slug: _configuration_id(place) for slug, place in sorted(places.items())}


def _configuration_id(place: Place) -> int:
    if place.configuration_id is not None:
        return place.configuration_id
    return configuration_for(
        protocol=place.protocol, engine=place.engine, device_kind=place.kind, dataset=place.dataset
    ).pk


def _submission(owner: User, value: Checked, known: Known, *, at: datetime) -> dict[str, Any]:
    corrects = value.stated.corrects
    return {
        "owner_id": owner.pk,
        "submission_id": value.name,
        "corrects_id": corrects,
        "edition": known.correctable[corrects].edition + 1 if corrects else 1,
        "citation": value.stated.citation,
        "body": value.body,
        "sha256": value.sha256,
        "state": SubmissionState.ACCEPTED.value,
        "created_at": at,
        "settled_at": at,
    }


def _result(value: Checked, configuration_id: int, *, at: datetime) -> dict[str, Any]:
    stated = value.stated
    return {
        "network_id": value.network.pk,
        "metric": value.metric.key,
        "configuration_id": configuration_id,
        "origin": Origin.SUBMISSION.value,
        "value": value.value,
        "printed": value.printed,
        "evidence": stated.evidence,
        "statistic": value.statistic,
        "n": value.n,
        "engine": value.place.engine,
        "engine_release": stated.engine_release,
        "trust_tier": TrustTier.UNVETTED.value,
        # Whose clock it was nobody knows: one that is ahead must not stay the newest.
        "measured_at": min(stated.measured_at, at) if stated.measured_at else None,
        "created_at": at,
        "updated_at": at,
    }


def _supersede(known: Known, *, at: datetime) -> set[CellKey]:
    """Withdraw what the editions before say. Returns the cells that held them."""
    if not known.corrected:
        return set()
    corrected = Result.objects.standing().filter(submission__in=known.corrected)
    touched = set(corrected.values_list("network_id", "metric", "configuration_id"))
    later = Submission.objects.filter(corrects=OuterRef("submission")).values("pk")
    because = Concat(Value("superseded by submission "), Cast(Subquery(later), CharField()))
    corrected.update(withdrawn_at=at, withdrawn_because=because, updated_at=at)
    return touched
