"""History is written once, and the application's role may not rewrite it."""

from pathlib import Path

from django.db import migrations

from pooledcare.kernel.privileges import make_append_only
from pooledcare.kernel.sqlfiles import sql_file

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("directory", "0001_directory")]

    operations = [
        sql_file(SQL / "append_only.sql"),
        make_append_only("directory_auditevent", "directory_change"),
    ]
