from pathlib import Path

from django.db import migrations

from pooledcare.kernel.privileges import make_append_only
from pooledcare.kernel.sqlfiles import sql_file

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("uploads", "0005_saved_layouts")]

    operations = [
        sql_file(SQL / "upload_layout_append_only.sql"),
        sql_file(SQL / "upload_layout_version_append_only.sql"),
        make_append_only("uploads_uploadlayout", "uploads_uploadlayoutversion"),
    ]
