from django.db import migrations, models

# What an accepted row of a file remembers of a deed, under its new name, so that the upload can still be reversed.
RENAME = """
update partnerships_uploadedrow
set before = (before - '%(old)s') || jsonb_build_object('%(new)s', before -> '%(old)s')
where before ? '%(old)s'
"""


class Migration(migrations.Migration):
    dependencies = [("partnerships", "0010_record_labels")]

    operations = [
        migrations.RenameField(model_name="uploadedrow", old_name="said", new_name="cell_values"),
        migrations.RunSQL(
            RENAME % {"old": "stood", "new": "state_before"}, RENAME % {"old": "state_before", "new": "stood"}
        ),
        migrations.AlterField(
            model_name="agreement",
            name="is_integrated",
            field=models.BooleanField(
                default=False,
                help_text="An existing integrated arrangement: no single partner can end it or take anything out of "
                "it in PooledCare",
            ),
        ),
        migrations.AlterField(
            model_name="schemeterms",
            name="is_voluntary",
            field=models.BooleanField(default=False, verbose_name="voluntary, in addition to a mandatory pooled fund"),
        ),
    ]
