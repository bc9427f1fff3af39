import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0006_published_counters_totals"),
        ("fleet", "0005_refused_devices_of_an_agent"),
        ("results", "0008_changes"),
        ("runs", "0006_clock_skew_of_an_attempt"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="result",
            name="results_result_column",
        ),
        migrations.AlterField(
            model_name="result",
            name="attempt",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="results",
                to="runs.attempt",
            ),
        ),
        migrations.AlterField(
            model_name="result",
            name="configuration",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="results",
                to="catalog.configuration",
            ),
        ),
        migrations.AlterField(
            model_name="result",
            name="network",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="results",
                to="catalog.network",
            ),
        ),
        migrations.AlterField(
            model_name="result",
            name="source",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="results",
                to="results.source",
            ),
        ),
        migrations.AlterField(
            model_name="result",
            name="submission",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="results",
                to="results.submission",
            ),
        ),
        migrations.AddIndex(
            model_name="result",
            index=models.Index(fields=["configuration", "metric", "id"], name="results_result_column_order"),
        ),
        migrations.AddIndex(
            model_name="result",
            index=models.Index(
                condition=models.Q(("origin", "run"), ("withdrawn_at", None)),
                fields=["configuration", "metric", "-measured_at", "-id"],
                name="results_result_column_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="result",
            index=models.Index(
                condition=models.Q(("origin", "run"), ("withdrawn_at", None)),
                fields=["network", "-measured_at", "-id"],
                name="results_result_model_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="result",
            index=models.Index(
                condition=models.Q(("origin", "run"), _negated=True),
                fields=["origin", "id"],
                name="results_result_origin_order",
            ),
        ),
    ]
