"""What the agent does with each status of the site: one table, repeated for people in docs/agent-protocol.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

LONGEST_WAIT_S = 3600.0
"""A `Retry-After` beyond this is cut, so that a wrong header does not silence an agent for days."""


class SiteError(Exception):
    """The site did not do what was asked; `str()` says to a person what happened and what to do."""

    def __init__(
        self, detail: str, *, advice: str = "", status: int | None = None, body: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(f"{detail} {advice}".strip())
        self.detail = detail
        self.status = status
        self.body = body or {}
        self.retry_after_s: float | None = None


class FatalError(SiteError):
    """No later call can succeed either: the program ends with `exit_code`."""

    exit_code = 1


class TokenRejectedError(FatalError):
    exit_code = 3

    @property
    def said(self) -> str:
        """The site's own sentence, which knows whether the token was revoked, and what to do."""
        reason = str(self.body.get("detail") or self.detail).rstrip(".")
        return f"{reason}. {ANSWERS[401].advice}"


class UpgradeNeededError(FatalError):
    exit_code = 4


class RefusedError(SiteError):
    """Asking again would give the same answer: this step is given up, the agent goes on."""


class LeaseGoneError(SiteError):
    """The attempt is somebody else's or over: stop it and hand nothing back."""


class OffsetError(SiteError):
    """Bytes were sent or asked for from the wrong position; `body["size"]` may say where to resume."""


class RetryableError(SiteError):
    """The same call is made again after a while."""


class BusyError(RetryableError):
    """Too many calls; `retry_after_s` is what the site asked for."""


class UnavailableError(RetryableError):
    """The site is down, unreachable, or something else answers in its place."""


@dataclass(frozen=True)
class Answer:
    error: type[SiteError]
    advice: str


ANSWERS: Mapping[int, Answer] = {
    401: Answer(TokenRejectedError, "Enrol again with a new code: zooboard-runner enroll URL CODE."),
    403: Answer(RefusedError, "Whoever runs the site can help."),
    404: Answer(RefusedError, "Check the site's address, or enrol again with the right one."),
    409: Answer(LeaseGoneError, "This attempt ends here; the agent asks for the next run."),
    413: Answer(RefusedError, "The site's administrator can raise the upload limit."),
    416: Answer(OffsetError, "The transfer starts again from where the site says."),
    422: Answer(RefusedError, "Agent and site disagree about a message: upgrade the agent, or report this line."),
    426: Answer(UpgradeNeededError, "Upgrade the agent: pip install --upgrade zooboard-runner."),
    429: Answer(BusyError, "Try again in a while."),
}
OTHER_REFUSAL = Answer(RefusedError, "Check the site's address, or report this line.")
SERVER_FAULT = Answer(UnavailableError, "Check the address, or try again when the site is up.")


def error_for(response: httpx.Response) -> SiteError:
    """The error that an unsuccessful (and fully read) response stands for."""
    status = response.status_code
    answer = SERVER_FAULT if status >= 500 else ANSWERS.get(status, OTHER_REFUSAL)
    body = _json_object(response)
    error = answer.error(_detail(response, body), advice=answer.advice, status=status, body=body)
    error.retry_after_s = _retry_after_s(response.headers.get("Retry-After"))
    return error


def unreachable(error: httpx.RequestError, url: str) -> UnavailableError:
    """The error of a call that got no answer at all."""
    what = str(error) or type(error).__name__
    return UnavailableError(f"No answer from {url}: {what}.", advice=SERVER_FAULT.advice)


def _json_object(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _detail(response: httpx.Response, body: Mapping[str, Any]) -> str:
    detail = str(body.get("detail") or body.get("title") or response.reason_phrase or "no reason given").rstrip(".")
    errors = body.get("errors")
    listed = [e for e in errors if isinstance(e, dict)] if isinstance(errors, list) else []
    fields = "; ".join(f"{e.get('field')}: {e.get('message')}" for e in listed)
    if response.is_redirect:
        detail = f"it redirects to {response.headers.get('Location', 'an unnamed address')}, which is not followed"
    return f"{response.url.path} answered {response.status_code}: {detail}{f' ({fields})' if fields else ''}."


def _retry_after_s(header: str | None) -> float | None:
    """Units: seconds. The header is a number of seconds or an HTTP date; anything else counts as absent."""
    if header is None:
        return None
    try:
        wait_s = float(header) if header.strip().isdigit() else _seconds_until(parsedate_to_datetime(header))
    except ValueError:
        return None
    return min(max(wait_s, 0.0), LONGEST_WAIT_S)


def _seconds_until(moment: datetime) -> float:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - datetime.now(UTC)).total_seconds()
