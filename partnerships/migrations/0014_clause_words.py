from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import migrations
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    dependencies = [("partnerships", "0013_delegated_limits"), ("directory", "0004_search")]

    operations = [
        migrations.AddIndex(
            model_name="clause",
            index=GinIndex(OpClass(Upper("text"), name="gin_trgm_ops"), name="clause_words"),
        ),
    ]
