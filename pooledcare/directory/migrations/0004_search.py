from pathlib import Path

from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations

from pooledcare.kernel.sqlfiles import sql_file

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("directory", "0003_cache_table")]

    operations = [TrigramExtension(), sql_file(SQL / "search_indexes.sql")]
