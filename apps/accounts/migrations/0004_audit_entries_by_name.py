from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_invitation")]

    operations = [
        migrations.AlterModelOptions(
            name="auditentry", options={"ordering": ["-at", "-id"], "verbose_name_plural": "audit entries"}
        ),
    ]
