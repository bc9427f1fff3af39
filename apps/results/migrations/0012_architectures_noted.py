from django.db import migrations


class Migration(migrations.Migration):
    """Names of architectures stand in lists of results and in models."""

    dependencies = [
        ("catalog", "0007_kind_of_weights"),
        ("results", "0011_stated_values"),
    ]

    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER results_board_shows AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON catalog_architecture "
            "FOR EACH STATEMENT EXECUTE FUNCTION results_note_everything();",
            "DROP TRIGGER results_board_shows ON catalog_architecture;",
        )
    ]
