"""No simulated result under a configuration of real hardware.

The rule joins three tables, and configurations without a device kind take results of either sort, so neither a check nor
a foreign key can say it.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("results", "0005_phones_and_gpus")]

    operations = [
        migrations.RunSQL(
            sql="""
                CREATE FUNCTION results_result_refuse_simulated() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF EXISTS (
                        SELECT 1 FROM catalog_configuration c JOIN catalog_devicekind k ON k.id = c.device_kind_id
                        WHERE c.id = NEW.configuration_id AND (k.simulates_id IS NOT NULL) <> NEW.is_simulated
                    ) THEN
                        RAISE EXCEPTION USING
                            ERRCODE = 'check_violation',
                            CONSTRAINT = 'results_result_simulated_stands_apart',
                            MESSAGE = 'results_result_simulated_stands_apart: a simulated device has configurations of its own';
                    END IF;
                    RETURN NULL;
                END $$;

                CREATE CONSTRAINT TRIGGER results_result_simulated_stands_apart
                AFTER INSERT OR UPDATE OF configuration_id, is_simulated ON results_result
                FOR EACH ROW EXECUTE FUNCTION results_result_refuse_simulated();
            """,
            reverse_sql="""
                DROP TRIGGER results_result_simulated_stands_apart ON results_result;
                DROP FUNCTION results_result_refuse_simulated();
            """,
        )
    ]
