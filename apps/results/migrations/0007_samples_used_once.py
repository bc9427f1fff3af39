import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import django.db.models.deletion
import orjson
from django.db import migrations, models

from apps.results.replay import samples_sha256

BATCH = 100


def claim_accepted(apps: Any, schema_editor: Any) -> None:
    """Of results that used the same samples before this was looked at, the first keeps the claim; all of them stay."""
    claims = apps.get_model("results", "SamplesClaim")
    for owner, pk, processes in _accepted(apps):
        if processes and "wall_ns" in processes[0]:
            claims.objects.get_or_create(sha256=samples_sha256(processes), defaults={owner: pk})


def _accepted(apps: Any) -> Iterator[tuple[str, int, Sequence[Mapping[str, Any]]]]:
    for samples in apps.get_model("results", "Samples").objects.order_by("attempt_id").iterator(BATCH):
        yield "attempt_id", samples.attempt_id, orjson.loads(zlib.decompress(samples.data))
    accepted = apps.get_model("results", "Submission").objects.filter(state="accepted").order_by("id")
    for submission in accepted.iterator(BATCH):
        yield "submission_id", submission.pk, orjson.loads(bytes(submission.body))["record"].get("processes", [])


class Migration(migrations.Migration):
    dependencies = [
        ("results", "0006_simulated_apart"),
        ("runs", "0005_paused_schedules_and_returned_runs"),
    ]

    operations = [
        migrations.CreateModel(
            name="SamplesClaim",
            fields=[
                ("sha256", models.CharField(max_length=64, primary_key=True, serialize=False)),
                (
                    "attempt",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="samples_claim",
                        to="runs.attempt",
                    ),
                ),
                (
                    "submission",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="samples_claim",
                        to="results.submission",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("attempt__isnull", False), ("submission", None)),
                            models.Q(("attempt", None), ("submission__isnull", False)),
                            _connector="OR",
                        ),
                        name="results_samplesclaim_of_one",
                    )
                ],
            },
        ),
        migrations.RunPython(claim_accepted, migrations.RunPython.noop),
    ]
