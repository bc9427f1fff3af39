from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0005_stages_of_an_architecture"),
    ]

    operations = [
        migrations.AddField(
            model_name="architecture",
            name="flops_paddle",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="architecture",
            name="params_paddle",
            field=models.BigIntegerField(blank=True, null=True),
        ),
    ]
