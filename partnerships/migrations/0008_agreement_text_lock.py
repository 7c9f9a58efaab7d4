from pathlib import Path

from django.db import migrations

from pooledcare.kernel.sqlfiles import sql_file

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("partnerships", "0007_waiting")]

    operations = [sql_file(SQL / "agreement_text_lock.sql")]
