from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0004_comparability_of_a_metric"),
    ]

    operations = [
        migrations.AddField(
            model_name="architecture",
            name="stages",
            field=models.JSONField(blank=True, default=list),
        ),
    ]
