from pathlib import Path

from django.db import migrations

from pooledcare.kernel.sqlfiles import sql_file

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("directory", "0002_append_only")]

    operations = [sql_file(SQL / "cache_table.sql")]
