from pathlib import Path

from django.db import migrations

from pooledcare.kernel.sqlfiles import sql_file

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("directory", "0004_search")]

    operations = [sql_file(SQL / "request_counts.sql")]
