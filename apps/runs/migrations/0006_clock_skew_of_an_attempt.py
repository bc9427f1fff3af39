from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("runs", "0005_paused_schedules_and_returned_runs"),
    ]

    operations = [
        migrations.AddField(
            model_name="attempt",
            name="clock_skew_s",
            field=models.FloatField(blank=True, null=True),
        ),
    ]
