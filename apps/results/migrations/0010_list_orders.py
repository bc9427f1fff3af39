from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("results", "0009_indexes_for_large_tables"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="result", name="results_result_column_order"),
        # It left out what agents measured, which a plan that is made once for every origin cannot use.
        migrations.RemoveIndex(model_name="result", name="results_result_origin_order"),
        migrations.AddIndex(
            model_name="result",
            index=models.Index(fields=["configuration", "id"], name="results_result_list_order"),
        ),
        migrations.AddIndex(
            model_name="result",
            index=models.Index(fields=["origin", "id"], name="results_result_origin_order"),
        ),
        migrations.AddIndex(
            model_name="result",
            index=models.Index(fields=["measured_at", "id"], name="results_result_measured_order"),
        ),
    ]
