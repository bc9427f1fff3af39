from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("fleet", "0004_device_unhealthy_with_an_agent"),
    ]

    operations = [
        migrations.AddField(
            model_name="agent",
            name="refused_devices",
            field=models.JSONField(blank=True, default=list),
        ),
    ]
