from django.db import migrations, models

INDEXES = ("reader", "partner", "place", "host", "function", "awaited", "unpublished")


class Migration(migrations.Migration):
    dependencies = [("partnerships", "0008_agreement_text_lock")]

    operations = [
        migrations.RenameModel("Standing", "AgreementSummary"),
        migrations.AlterField(
            "agreementsummary",
            "agreement",
            models.ForeignKey(on_delete=models.deletion.CASCADE, related_name="summaries", to="partnerships.agreement"),
        ),
        *(
            migrations.RenameIndex("agreementsummary", new_name=f"summary_by_{name}", old_name=f"standing_by_{name}")
            for name in INDEXES
        ),
        migrations.RemoveConstraint("agreementsummary", "standing_once"),
        migrations.AddConstraint(
            "agreementsummary",
            models.UniqueConstraint(fields=("agreement", "audience"), name="agreement_summary_once"),
        ),
    ]
