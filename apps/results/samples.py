"""What was measured behind a result: raw samples, or what a program that keeps them said of them."""

from typing import Any

from apps.results.actions.accept import samples_of
from apps.results.models import Evidence, Result, Samples, Submission
from apps.runs.models import Upload
from runners import wire


def raw_samples(result: Result) -> tuple[list[dict[str, Any]], int] | None:
    """What `Samples.unpack` gives, and how many samples that is; None for a value without.

    Those of a submission lie in the bytes that were sent in, and nowhere else.
    """
    if result.evidence != Evidence.SAMPLES:
        return None
    if result.attempt_id is not None:
        samples = Samples.objects.filter(attempt_id=result.attempt_id).first()
        return (samples.unpack(), samples.count) if samples else None
    submission = Submission.objects.get(results=result)
    if submission.agent_id is None:
        return None
    return samples_of(wire.SubmissionRequest.model_validate(submission.json()).record)


def stated_samples(result: Result) -> list[float] | None:
    """Those that came with a stated value, in its metric's unit; None for a value without."""
    if result.evidence != Evidence.SAMPLES or result.submission_id is None:
        return None
    submission = Submission.objects.stated().filter(pk=result.submission_id).first()
    samples: list[float] | None = submission.json()["samples"] if submission else None
    return samples


def summary_record(result: Result) -> wire.SummaryRecord | None:
    """What the program itself said of its runs, from the bytes that were sent in; None for a value of another kind."""
    if result.evidence != Evidence.SUMMARY:
        return None
    sent: Upload | Submission | None
    if result.attempt_id is not None:
        sent = Upload.objects.filter(attempt_id=result.attempt_id).first()
    else:
        sent = Submission.objects.exclude(agent=None).filter(results=result).first()
    return wire.SummaryRecord.model_validate(sent.json()["record"]) if sent else None
