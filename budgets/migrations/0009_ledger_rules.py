from pathlib import Path

from django.db import migrations

from pooledcare.kernel.privileges import make_append_only
from pooledcare.kernel.sqlfiles import sql_file

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("budgets", "0008_ledger")]

    operations = [
        sql_file(SQL / "ledger.sql"),
        make_append_only("budgets_periodstatus", "budgets_journal", "budgets_entry"),
    ]
