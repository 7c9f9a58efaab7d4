from pathlib import Path

from django.db import migrations

from pooledcare.kernel.privileges import let_change_only
from pooledcare.kernel.sqlfiles import sql_file

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("budgets", "0001_allocations")]

    operations = [
        sql_file(SQL / "allocation_append_only.sql"),
        let_change_only("budgets_allocation", "is_current"),
    ]
