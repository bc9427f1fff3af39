"""What weights rule out becomes a column; until now it was read out of the sentence about them."""

import re
from typing import Any

from django.db import migrations, models

RANDOM = re.compile(r"random( weights)?( \(seed (\d+|unknown)\))?(, int8( .*)?)?", re.IGNORECASE | re.DOTALL)
SEEDED = re.compile(r"(.*, )?calibrated on \d+ seeded inputs", re.DOTALL)


def read_sentences(apps: Any, schema_editor: Any) -> None:
    Artifact = apps.get_model("catalog", "Artifact")
    for artifact in Artifact.objects.only("weights"):
        said = artifact.weights.strip()
        kind = "random" if RANDOM.fullmatch(said) else "seeded-int8" if SEEDED.fullmatch(said) else "stated"
        if kind != "stated":
            Artifact.objects.filter(pk=artifact.pk).update(weights_kind=kind)


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0006_published_counters_totals"),
    ]

    operations = [
        migrations.AddField(
            model_name="artifact",
            name="weights_kind",
            field=models.CharField(
                choices=[("stated", "stated"), ("random", "random"), ("seeded-int8", "seeded-int8")],
                default="stated",
                max_length=20,
            ),
        ),
        migrations.RunPython(read_sentences, migrations.RunPython.noop),
    ]
