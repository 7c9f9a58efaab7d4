"""A staged row is known by its upload and line: one index instead of two, which grows at its end only."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("budgets", "0002_allocation_append_only"),
        ("directory", "0001_directory"),
        ("uploads", "0001_uploads"),
    ]

    operations = [
        migrations.DeleteModel("StagedAllocation"),
        migrations.CreateModel(
            name="StagedAllocation",
            fields=[
                ("financial_year", models.PositiveSmallIntegerField()),
                (
                    "basis",
                    models.CharField(
                        choices=[("allocation", "Allocation"), ("budget", "Budget"), ("outturn", "Outturn")],
                        max_length=10,
                    ),
                ),
                (
                    "gross_or_net",
                    models.CharField(
                        choices=[("gross", "Gross"), ("net", "Net"), ("not_applicable", "Not applicable")],
                        max_length=16,
                    ),
                ),
                (
                    "recurrence",
                    models.CharField(
                        choices=[
                            ("recurrent", "Recurrent"),
                            ("non_recurrent", "Non-recurrent"),
                            ("not_stated", "Not stated"),
                        ],
                        max_length=16,
                    ),
                ),
                ("amount", models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True)),
                ("published_text", models.TextField(blank=True)),
                ("sheet", models.TextField(blank=True)),
                ("row", models.PositiveIntegerField(blank=True, null=True)),
                ("cell", models.CharField(blank=True, max_length=12)),
                ("note", models.TextField(blank=True)),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "upload_id", "line", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("line", models.PositiveIntegerField()),
                (
                    "organisation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="directory.organisation",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="directory.organisation",
                    ),
                ),
                (
                    "stream",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="budgets.fundingstream",
                    ),
                ),
                (
                    "upload",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="uploads.upload",
                    ),
                ),
            ],
            options={"ordering": ["upload_id", "line"]},
        ),
    ]
