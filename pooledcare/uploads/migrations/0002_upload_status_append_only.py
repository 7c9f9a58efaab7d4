from pathlib import Path

from django.db import migrations

from pooledcare.kernel.privileges import make_append_only
from pooledcare.kernel.sqlfiles import sql_file

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("uploads", "0001_uploads"), ("directory", "0002_append_only")]

    operations = [
        sql_file(SQL / "upload_status_append_only.sql"),
        make_append_only("uploads_uploadstatus"),
    ]
