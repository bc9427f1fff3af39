import django.db.models.deletion
from django.db import migrations, models

FILL = """
    UPDATE runs_attempt SET device_kind_id = fleet_device.kind_id
    FROM fleet_device WHERE fleet_device.id = runs_attempt.device_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0007_kind_of_weights"),
        ("fleet", "0005_refused_devices_of_an_agent"),
        ("runs", "0006_clock_skew_of_an_attempt"),
    ]

    operations = [
        migrations.AddField(
            model_name="attempt",
            name="device_kind",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.devicekind"
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="attempt",
            name="device_kind",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.devicekind"
            ),
        ),
    ]
