from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("partnerships", "0003_agreement_history")]

    operations = [
        migrations.RemoveConstraint("partner", "partner_once"),
        migrations.AddConstraint(
            "partner",
            models.UniqueConstraint(
                fields=("agreement", "organisation", "deed", "valid_from", "by_succession_of"),
                name="partner_once",
                nulls_distinct=False,
            ),
        ),
    ]
