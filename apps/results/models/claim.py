"""Whose raw samples are whose: nobody's are used twice."""

from django.db import models
from django.db.models import Q

from apps.results.models.submission import Submission
from apps.runs.models import Attempt


class SamplesClaim(models.Model):
    """The accepted attempt or submission that timed these samples, or whose invocations printed their summary.

    `sha256` is what `apps.results.replay` makes of them; being unique, it decides between two at the same moment.
    """

    sha256 = models.CharField(max_length=64, primary_key=True)
    attempt = models.OneToOneField(
        Attempt, on_delete=models.PROTECT, null=True, blank=True, related_name="samples_claim"
    )
    submission = models.OneToOneField(
        Submission, on_delete=models.PROTECT, null=True, blank=True, related_name="samples_claim"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(attempt__isnull=False, submission=None) | Q(attempt=None, submission__isnull=False),
                name="results_samplesclaim_of_one",
            ),
        ]

    def __str__(self) -> str:
        return f"samples {self.sha256[:12]}"
