"""Calls with an `Idempotency-Key`: the answer that the same call gets again."""

import zlib

from django.conf import settings
from django.db import models


class Delivery(models.Model):
    """One call that stored stated values under its sender's key, and what it was answered.

    It is written in the transaction of its values, so a call that was refused or broken off leaves none.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="deliveries")
    key = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    """Of the body and of how it was to be read: another one under the same key is another call."""
    status = models.PositiveSmallIntegerField()
    answer = models.BinaryField()
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="results_delivery_key_of_owner")]

    def __str__(self) -> str:
        return f"delivery {self.key}"

    @staticmethod
    def pack(answer: bytes) -> bytes:
        return zlib.compress(answer, level=1)

    def unpack(self) -> bytes:
        return zlib.decompress(self.answer)
