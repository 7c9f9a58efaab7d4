from pathlib import Path

from django.db import migrations

from pooledcare.kernel.privileges import make_append_only
from pooledcare.kernel.sqlfiles import sql_file

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("partnerships", "0002_agreements"), ("directory", "0002_append_only")]

    operations = [
        sql_file(SQL / "agreement_history.sql"),
        make_append_only(
            "partnerships_agreementstatus",
            "partnerships_approval",
            "partnerships_publication",
            "partnerships_precondition",
            "partnerships_decision",
            "partnerships_trustconsent",
            "partnerships_notice",
            "partnerships_occurrence",
            "partnerships_impactassessment",
            "partnerships_integrationmark",
        ),
    ]
