"""What an owner sent in before, beside what is sent now: the same records, and those that are corrected."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.accounts.models import User
from apps.results.models import Submission
from apps.results.stated.checking import Checked
from apps.results.stated.problems import Problem, problem


@dataclass(frozen=True)
class Found:
    submission: int
    result: int | None
    sha256: str


@dataclass(frozen=True)
class Correctable:
    """A submission of the owner's own that somebody wants to correct."""

    submission: int
    edition: int
    is_stated: bool
    corrected_by: int | None
    is_withdrawn: bool


@dataclass
class Known:
    """`found` are by the sender's name for a record, `correctable` by id; `named` and `corrected` by rows before."""

    found: dict[str, Found]
    correctable: dict[int, Correctable]
    named: dict[str, Checked] = field(default_factory=dict)
    corrected: dict[int, int] = field(default_factory=dict)

    def problem_of(self, value: Checked) -> Problem | None:
        """Why a row that is right by itself may not be stored beside what is there."""
        if before := self.found.get(value.name):
            return _other_content(f"submission {before.submission}") if before.sha256 != value.sha256 else None
        if first := self.named.get(value.name):
            return _other_content(f"row {first.number}") if first.sha256 != value.sha256 else None
        if found := self._correction_problem(value):
            return found
        self.named[value.name] = value
        return None

    def _correction_problem(self, value: Checked) -> Problem | None:
        corrects = value.stated.corrects
        if corrects is None:
            return None
        before = self.correctable.get(corrects)
        if before is None:
            message = f"You have no submission {corrects}: one corrects one's own."
        elif not before.is_stated:
            message = f"{corrects} is a record of zooboard-runner: withdraw it, and send the right one."
        elif before.corrected_by is not None:
            message = f"{corrects} was corrected by {before.corrected_by} already: correct that one."
        elif before.is_withdrawn:
            message = f"{corrects} was withdrawn: send a new record, without `corrects`."
        elif corrects in self.corrected:
            message = f"Row {self.corrected[corrects]} corrects {corrects} already: send one correction."
        else:
            self.corrected[corrects] = value.number
            return None
        return problem("corrects", message)


def _other_content(where: str) -> Problem:
    message = (
        f"{where} says something else under this record_id: send it under another one, a correction with `corrects`."
    )
    return problem("record_id", message[0].upper() + message[1:])


def load_known(*, owner: User, values: Sequence[Checked]) -> Known:
    """Two queries, however many values there are."""
    names = [value.name for value in values]
    corrected = {value.stated.corrects for value in values if value.stated.corrects}
    own = Submission.objects.filter(owner=owner)
    found: Iterable[Any] = own.filter(submission_id__in=names).values_list("submission_id", "pk", "results", "sha256")
    return Known(
        found={name: Found(*rest) for name, *rest in found} if names else {},
        correctable=_correctable(owner, corrected) if corrected else {},
    )


def _correctable(owner: User, ids: set[int]) -> dict[int, Correctable]:
    rows = Submission.objects.filter(owner=owner, pk__in=ids).values_list(
        "pk", "edition", "agent", "corrected_by", "results__withdrawn_at"
    )
    return {
        pk: Correctable(pk, edition, agent is None, corrected_by, withdrawn_at is not None)
        for pk, edition, agent, corrected_by, withdrawn_at in rows
    }
