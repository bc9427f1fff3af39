"""The board's foreign key (result, is_simulated): with its check, no simulated result can fill a cell."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("results", "0001_initial")]

    operations = [
        migrations.RunSQL(
            sql="""
                ALTER TABLE results_boardcell ADD CONSTRAINT results_boardcell_result_is_real
                FOREIGN KEY (result_id, is_simulated) REFERENCES results_result (id, is_simulated)
                DEFERRABLE INITIALLY DEFERRED
            """,
            reverse_sql="ALTER TABLE results_boardcell DROP CONSTRAINT results_boardcell_result_is_real",
        )
    ]
