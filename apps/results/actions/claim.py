"""Raw samples become one attempt's or one submission's, for good."""

from apps.results.models import SamplesClaim, Submission
from apps.results.replay import samples_sha256
from apps.runs.models import Attempt
from runners import wire


def claim_samples(
    record: wire.Record, *, attempt: Attempt | None = None, submission: Submission | None = None
) -> list[str]:
    """Note whose the samples are. Why they cannot be, in a sentence, where another result was accepted for them before.

    Call it where nothing else speaks against the record, in the transaction that accepts it: who comes second waits
    until the first has committed. A record without raw timed samples claims nothing.
    """
    if not isinstance(record, wire.LatencyRecord):
        return []
    processes = [process.model_dump(include={"wall_ns"}) for process in record.processes]
    claim, is_new = SamplesClaim.objects.get_or_create(
        sha256=samples_sha256(processes), defaults={"attempt": attempt, "submission": submission}
    )
    return [] if is_new else [_problem(claim)]


def _problem(claim: SamplesClaim) -> str:
    first = f"of run {claim.attempt.run_id}" if claim.attempt else "that was sent in without a lease"
    return f"Its samples, each to the nanosecond, are those of the accepted result {first}: measure again."
