"""WHAT CAME OUT: sources, results, samples, submissions, and the maintained tables of cells."""

from apps.results.models.board import BoardCell, SubmittedCell
from apps.results.models.change import Change
from apps.results.models.claim import SamplesClaim
from apps.results.models.delivery import Delivery
from apps.results.models.measurement import Measurement, Samples
from apps.results.models.result import Evidence, Origin, Result
from apps.results.models.source import Source
from apps.results.models.submission import Submission, SubmissionState

__all__ = [
    "BoardCell",
    "Change",
    "Delivery",
    "Evidence",
    "Measurement",
    "Origin",
    "Result",
    "Samples",
    "SamplesClaim",
    "Source",
    "Submission",
    "SubmissionState",
    "SubmittedCell",
]
