"""What was measured becomes one attempt's or one submission's, for good."""

from apps.results.models import SamplesClaim, Submission
from apps.results.replay import invocations_sha256, samples_sha256
from apps.runs.models import Attempt
from runners import wire


def claim_samples(
    record: wire.Record, *, attempt: Attempt | None = None, submission: Submission | None = None
) -> list[str]:
    """Note whose the times are. Why they cannot be, in a sentence, where another result was accepted for them before.

    Call it where nothing else speaks against the record, in the transaction that accepts it: who comes second waits
    until the first has committed. A count claims nothing: it is the same whenever somebody counts.
    """
    sha256 = _digest(record)
    if sha256 is None:
        return []
    claim, is_new = SamplesClaim.objects.get_or_create(
        sha256=sha256, defaults={"attempt": attempt, "submission": submission}
    )
    return [] if is_new else [_problem(record, claim)]


def _digest(record: wire.Record) -> str | None:
    if isinstance(record, wire.LatencyRecord):
        return samples_sha256([process.model_dump(include={"wall_ns"}) for process in record.processes])
    if isinstance(record, wire.SummaryRecord):
        return invocations_sha256(record.invocations)
    return None


def _problem(record: wire.Record, claim: SamplesClaim) -> str:
    first = f"of run {claim.attempt.run_id}" if claim.attempt else "that was sent in without a lease"
    is_summary = isinstance(record, wire.SummaryRecord)
    same = "invocations, by start and output, are" if is_summary else "samples, each to the nanosecond, are"
    return f"Its {same} those of the accepted result {first}: measure again."
