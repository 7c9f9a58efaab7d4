import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("directory", "0005_request_counts")]

    operations = [
        migrations.AddField(
            "change",
            "reader_ids",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(),
                blank=True,
                default=list,
                help_text="Organisations whose members see it as well",
                size=None,
            ),
        ),
        migrations.AlterField("change", "reference", models.CharField(max_length=120)),
    ]
