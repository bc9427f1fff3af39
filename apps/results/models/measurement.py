"""What an accepted attempt measured: its provenance, and its raw samples in a table of their own."""

import zlib
from typing import Any

import orjson
from django.db import models

from apps.catalog.models import Artifact
from apps.runs.models import Attempt

SAMPLES_CODEC = "zlib+json"


class Measurement(models.Model):
    """The facts that every result of an attempt shares."""

    attempt = models.OneToOneField(Attempt, on_delete=models.PROTECT, primary_key=True, related_name="measurement")
    artifact = models.ForeignKey(Artifact, on_delete=models.PROTECT, related_name="measurements")
    engine_release = models.CharField(max_length=100)
    runner_version = models.CharField(max_length=50)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    environment = models.JSONField()
    statistics = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"measurement of {self.attempt_id}"


class Samples(models.Model):
    """Raw samples of one attempt, compressed. Nothing refers to this table, so that it can be moved or split.

    `count` is the number of timed inferences of a latency, of images of an accuracy.
    """

    attempt = models.OneToOneField(Attempt, on_delete=models.PROTECT, primary_key=True, related_name="samples")
    codec = models.CharField(max_length=20, default=SAMPLES_CODEC)
    data = models.BinaryField()
    count = models.PositiveIntegerField()

    class Meta:
        verbose_name_plural = "samples"

    def __str__(self) -> str:
        return f"{self.count} samples of {self.attempt_id}"

    @staticmethod
    def pack(processes: list[dict[str, Any]]) -> bytes:
        return zlib.compress(orjson.dumps(processes), level=6)

    def unpack(self) -> list[dict[str, Any]]:
        """Latency: one entry per process, as `runners.wire.ProcessSamples` names the fields.

        Accuracy: one entry with `labels`, `predicted` and `ranks` of all images, as `runners.wire.AccuracyRecord` says.
        """
        unpacked: list[dict[str, Any]] = orjson.loads(zlib.decompress(self.data))
        return unpacked
