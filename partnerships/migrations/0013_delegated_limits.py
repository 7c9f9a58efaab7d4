from pathlib import Path

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models

from pooledcare.kernel.sqlfiles import sql_file

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("directory", "0009_short_names_and_area_transfers"),
        ("partnerships", "0012_money_terms"),
    ]

    operations = [
        migrations.CreateModel(
            name="DelegatedLimit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("office", models.TextField(help_text="The post, not the person", max_length=300)),
                (
                    "power",
                    models.CharField(
                        choices=[
                            ("commit", "Commit: enter into spending"),
                            ("approve", "Approve: agree to a payment"),
                            ("vire", "Vire: move budget between schemes"),
                        ],
                        max_length=8,
                        verbose_name="power of the officer",
                    ),
                ),
                (
                    "limit",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        help_text="For one decision",
                        max_digits=14,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="limit, in pounds",
                    ),
                ),
                ("is_unlimited", models.BooleanField(default=False, verbose_name="without limit")),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="directory.organisation"
                    ),
                ),
                (
                    "terms",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="limits", to="partnerships.poolterms"
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="LimitDeputy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("office", models.TextField(max_length=300, verbose_name="office of the deputy")),
                ("first_on", models.DateField(verbose_name="first day of the deputy")),
                ("last_on", models.DateField(verbose_name="last day of the deputy")),
                (
                    "limit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deputies",
                        to="partnerships.delegatedlimit",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.AddConstraint(
            model_name="delegatedlimit",
            constraint=models.UniqueConstraint(
                models.F("terms"),
                models.F("partner"),
                django.db.models.functions.text.Lower("office"),
                models.F("power"),
                name="delegated_limit_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="delegatedlimit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("is_unlimited", True), ("limit", None)),
                    models.Q(("is_unlimited", False), ("limit__gte", 0), ("limit__isnull", False)),
                    _connector="OR",
                ),
                name="delegated_limit_is_an_amount_or_none",
            ),
        ),
        migrations.AddConstraint(
            model_name="limitdeputy",
            constraint=models.CheckConstraint(
                condition=models.Q(("last_on__gte", models.F("first_on"))), name="limit_deputy_days_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="limitdeputy",
            constraint=models.UniqueConstraint(
                models.F("limit"),
                django.db.models.functions.text.Lower("office"),
                models.F("first_on"),
                name="limit_deputy_once",
            ),
        ),
        sql_file(SQL / "delegated_limit_lock.sql"),
    ]
