from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("runs", "0002_accuracy_and_cpu_time"),
    ]

    operations = [
        migrations.AddField(
            model_name="attempt",
            name="dataset",
            field=models.JSONField(blank=True, null=True),
        ),
    ]
