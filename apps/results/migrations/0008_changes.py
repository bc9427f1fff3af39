from django.db import migrations, models

WHOLE = (
    "results_source",
    "catalog_network",
    "catalog_family",
    "catalog_configuration",
    "catalog_protocol",
    "catalog_devicekind",
    "catalog_artifact",
    "catalog_comparability",
)
"""Tables of which a write may change any row of the board."""

# A statement that touched no row is no change; one that touched those of many models is noted as one about all.
FUNCTIONS = """
    CREATE FUNCTION results_note_everything() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO results_change (network_id, is_on_board) VALUES (NULL, true);
        RETURN NULL;
    END $$;

    CREATE FUNCTION results_note_off_board() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO results_change (network_id, is_on_board) VALUES (NULL, false);
        RETURN NULL;
    END $$;

    CREATE FUNCTION results_note_cells() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE models bigint[];
    BEGIN
        SELECT array_agg(DISTINCT network_id) INTO models FROM changed;
        IF cardinality(models) > 100 THEN
            models := ARRAY[NULL]::bigint[];
        END IF;
        INSERT INTO results_change (network_id, is_on_board) SELECT unnest(models), true;
        RETURN NULL;
    END $$;

    CREATE FUNCTION results_note_results() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE models bigint[];
    BEGIN
        SELECT array_agg(DISTINCT cell.network_id) INTO models
        FROM changed JOIN results_boardcell cell ON cell.result_id = changed.id;
        IF cardinality(models) > 100 THEN
            models := ARRAY[NULL]::bigint[];
        END IF;
        INSERT INTO results_change (network_id, is_on_board) SELECT unnest(models), true;
        RETURN NULL;
    END $$;
"""

TRIGGERS = """
    CREATE TRIGGER results_result_written AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON results_result
        FOR EACH STATEMENT EXECUTE FUNCTION results_note_off_board();
    CREATE TRIGGER results_board_inserted AFTER INSERT ON results_boardcell
        REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION results_note_cells();
    CREATE TRIGGER results_board_updated AFTER UPDATE ON results_boardcell
        REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION results_note_cells();
    CREATE TRIGGER results_board_deleted AFTER DELETE ON results_boardcell
        REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION results_note_cells();
    CREATE TRIGGER results_board_truncated AFTER TRUNCATE ON results_boardcell
        FOR EACH STATEMENT EXECUTE FUNCTION results_note_everything();
    CREATE TRIGGER results_board_result_updated AFTER UPDATE ON results_result
        REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION results_note_results();
"""

DROP = """
    DROP TRIGGER results_result_written ON results_result;
    DROP TRIGGER results_board_result_updated ON results_result;
    DROP TRIGGER results_board_truncated ON results_boardcell;
    DROP TRIGGER results_board_deleted ON results_boardcell;
    DROP TRIGGER results_board_updated ON results_boardcell;
    DROP TRIGGER results_board_inserted ON results_boardcell;
    DROP FUNCTION results_note_results();
    DROP FUNCTION results_note_cells();
    DROP FUNCTION results_note_off_board();
    DROP FUNCTION results_note_everything();
"""


def _watch(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE TRIGGER results_board_shows AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION results_note_everything();",
        f"DROP TRIGGER results_board_shows ON {table};",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0006_published_counters_totals"),
        ("results", "0007_samples_used_once"),
    ]

    operations = [
        migrations.CreateModel(
            name="Change",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("network_id", models.BigIntegerField(null=True)),
                ("is_on_board", models.BooleanField()),
            ],
        ),
        migrations.RunSQL(FUNCTIONS + TRIGGERS, DROP),
        *(_watch(table) for table in WHOLE),
    ]
