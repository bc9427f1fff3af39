"""Where the raw samples behind a result lie."""

from typing import Any

from apps.results.actions.accept import samples_of
from apps.results.models import Evidence, Result, Samples, Submission
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
    return samples_of(wire.SubmissionRequest.model_validate(submission.json()).record)
