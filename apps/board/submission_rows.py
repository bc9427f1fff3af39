"""Records that were sent in, as the pages of their owners and of moderators show them."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from apps.board import charts
from apps.board.outcome import value_row, withdrawn_sentences
from apps.board.statistics import flag_sentences, statistic_rows
from apps.board.text import flatten_facts
from apps.results.models import Evidence, Result, Submission
from apps.results.samples import raw_samples
from runners import wire


def submission_row(submission: Submission, results: Sequence[Result]) -> dict[str, Any]:
    """For the list: what it is about is known of an accepted one alone, since the rest lies in bytes unread here."""
    first = results[0] if results else None
    return {
        "id": submission.pk,
        "url": reverse("submission", args=[submission.pk]),
        "state": submission.state,
        "problems": submission.problems,
        "model": first.network.name if first else "",
        "configuration": first.configuration.slug if first else "",
        "values": [value_row(result) for result in results],
        "device": submission.device.kind.title if submission.device else "",
        "agent": submission.agent.name if submission.agent else "",
        "agent_url": reverse("agent", args=[submission.agent.public_id]) if submission.agent else "",
        "owner": submission.owner.username,
        "created_at": submission.created_at,
    }


def submission_detail(submission: Submission, results: Sequence[Result]) -> dict[str, Any]:
    """For its own page: what the sender says, and what came of it."""
    if submission.agent is None:
        return _stated_detail(submission, results)
    message = wire.SubmissionRequest.model_validate(submission.json())
    return {
        "submission": submission_row(submission, results) | {"settled_at": submission.settled_at},
        "subject": message.model,
        "protocol": message.protocol_slug,
        "engine": f"{message.engine} {message.engine_release}",
        "values": [value_row(result) for result in results],
        "withdrawn_sentences": withdrawn_sentences(results),
        "statistics": statistic_rows(submission.statistics),
        "flag_sentences": flag_sentences(submission.statistics),
        "facts": _facts(submission, message),
        "environment": flatten_facts(message.environment),
        **_samples(
            results,
            title=f"Samples of {message.model}, in order",
            source=f"sent in by {submission.owner.username}, unvetted",
        ),
    }


def _stated_detail(submission: Submission, results: Sequence[Result]) -> dict[str, Any]:
    """Of a value that was sent in over REST: all that it says is in its body."""
    stated = submission.json()
    return {
        "submission": submission_row(submission, results) | {"settled_at": submission.settled_at},
        "subject": stated["model"],
        "protocol": stated["configuration"],
        "engine": results[0].engine if results else "",
        "values": [value_row(result) for result in results],
        "withdrawn_sentences": withdrawn_sentences(results),
        "facts": [
            (
                "Edition",
                f"{submission.edition}, corrects submission {submission.corrects_id}"
                if submission.corrects_id
                else "1",
            ),
            ("Record", f"{submission.submission_id}, sha256 {submission.sha256}"),
            *flatten_facts({name: said for name, said in stated.items() if name != "samples"}),
        ],
        "environment": [],
    }


def _facts(submission: Submission, message: wire.SubmissionRequest) -> list[tuple[str, str]]:
    known = "known here" if submission.artifact_id else "not known here"
    return [
        ("Record", f"{submission.submission_id}, sha256 {submission.sha256}"),
        ("Artifact", f"{submission.artifact_sha256}, {known}"),
        ("Weights", submission.weights),
        ("Device", f"{message.device.kind_name}, as the sender names it"),
        ("Runner", submission.runner_version),
        ("Measured", f"{message.started_at:%Y-%m-%d %H:%M} to {message.finished_at:%H:%M} UTC, by the sender's clock"),
    ]


def _samples(results: Sequence[Result], *, title: str, source: str) -> dict[str, Any]:
    timed = next((r for r in results if r.evidence == Evidence.SAMPLES and r.metric == "latency"), None)
    found = raw_samples(timed) if timed else None
    if timed is None or found is None:
        return {}
    return {
        "samples_chart": charts.samples_chart(found[0], title=title, source=source, flags=timed.flags),
        "samples_url": reverse("api-samples", args=[timed.pk]),
    }
