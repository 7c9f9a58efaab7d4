"""Instruments, functions and dated rules."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("directory", "0001_directory"),
    ]

    operations = [
        migrations.CreateModel(
            name="Function",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=60)),
                ("name", models.TextField()),
                (
                    "side",
                    models.CharField(choices=[("nhs", "NHS"), ("local_authority", "Local authority")], max_length=16),
                ),
                ("provision", models.TextField(help_text="The section that gives the function")),
                (
                    "carries_exclusions",
                    models.BooleanField(
                        default=False,
                        help_text="Its services stand in the paragraph that leaves out surgery and the other treatments",
                    ),
                ),
                ("description", models.TextField(blank=True)),
                ("position", models.PositiveSmallIntegerField(help_text="Order on pages")),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="directory.source",
                    ),
                ),
            ],
            options={
                "ordering": ["position", "code"],
            },
        ),
        migrations.CreateModel(
            name="Instrument",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(max_length=80)),
                ("title", models.TextField()),
                ("citation", models.CharField(max_length=80)),
                ("made", models.DateField(blank=True, null=True)),
                ("in_force", models.DateField(blank=True, help_text="Empty where the day was not read", null=True)),
                ("revoked", models.DateField(blank=True, null=True)),
                (
                    "status",
                    models.CharField(
                        choices=[("in_force", "In force"), ("proposed", "Proposed"), ("revoked", "Revoked")],
                        max_length=8,
                    ),
                ),
                (
                    "confidence",
                    models.CharField(
                        choices=[
                            ("instrument", "Read in the instrument"),
                            ("inference", "Concluded from the instrument"),
                            ("default", "Taken over, not read"),
                        ],
                        help_text="How we know its dates and effect",
                        max_length=10,
                    ),
                ),
                ("note", models.TextField(blank=True)),
                (
                    "amends",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="amendments",
                        to="partnerships.instrument",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="directory.source",
                    ),
                ),
            ],
            options={
                "ordering": ["in_force", "slug"],
            },
        ),
        migrations.CreateModel(
            name="Rule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=80)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("power", "Legal power"),
                            ("continuation", "Continuation under a later power"),
                            ("named_power", "Power that is not pooling"),
                            ("body", "Who may be a partner"),
                            ("condition", "Condition before entering"),
                            ("exemption", "Exemption from consultation"),
                            ("function", "Function"),
                            ("exclusion", "Excluded treatment"),
                            ("companion", "Charging and its parent service"),
                            ("holder", "Holder of a function"),
                            ("delegation", "Delegated function"),
                            ("term", "Term of the agreement"),
                            ("consent", "Consent of commissioners"),
                            ("report", "Report"),
                            ("audit", "Audit"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "powers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("s31", "Section 31, Health Act 1999"),
                                ("s75", "Section 75, NHS Act 2006"),
                                ("s65Z5_65Z6", "Sections 65Z5 and 65Z6, NHS Act 2006"),
                                ("s13Z", "Section 13Z, NHS Act 2006 (delegation)"),
                                ("s76", "Section 76, NHS Act 2006"),
                                ("s77", "Section 77, NHS Act 2006 (Care Trusts)"),
                                ("s256", "Section 256, NHS Act 2006"),
                                ("s10_children_act", "Section 10, Children Act 2004"),
                            ],
                            max_length=20,
                        ),
                        size=None,
                    ),
                ),
                (
                    "side",
                    models.CharField(
                        blank=True,
                        choices=[("nhs", "NHS"), ("local_authority", "Local authority")],
                        help_text="With no function: all of this side",
                        max_length=16,
                    ),
                ),
                (
                    "body_kinds",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("nhs_england", "NHS England"),
                                ("health_authority", "Health authority"),
                                ("strategic_health_authority", "Strategic health authority"),
                                ("pct", "Primary care trust"),
                                ("ccg", "Clinical commissioning group"),
                                ("icb", "Integrated care board"),
                                ("nhs_trust", "NHS trust"),
                                ("foundation_trust", "NHS foundation trust"),
                                ("commissioning_support_unit", "Commissioning support unit"),
                                ("county", "County council"),
                                ("unitary", "Unitary authority"),
                                ("metropolitan_district", "Metropolitan district"),
                                ("london_borough", "London borough"),
                                ("city_of_london", "City of London"),
                                ("isles_of_scilly", "Isles of Scilly"),
                                ("county_borough", "County borough (Wales)"),
                                ("district", "District council"),
                                ("combined_authority", "Combined authority"),
                                ("fire_authority", "Fire and rescue authority"),
                                ("other_authority", "Other authority"),
                                ("government_department", "Government department"),
                                ("provider", "Provider"),
                            ],
                            max_length=30,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "subject",
                    models.CharField(
                        blank=True, help_text="The condition, term, exclusion or duty it is about", max_length=40
                    ),
                ),
                (
                    "flexibilities",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        default=list,
                        help_text="Empty means any",
                        size=None,
                    ),
                ),
                ("allowed", models.BooleanField()),
                ("valid_from", models.DateField()),
                ("valid_to", models.DateField(blank=True, null=True)),
                ("provision", models.TextField()),
                (
                    "confidence",
                    models.CharField(
                        choices=[
                            ("instrument", "Read in the instrument"),
                            ("inference", "Concluded from the instrument"),
                            ("default", "Taken over, not read"),
                        ],
                        max_length=10,
                    ),
                ),
                ("text", models.TextField(help_text="The rule in one plain sentence")),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rules_ended",
                        to="partnerships.instrument",
                    ),
                ),
                (
                    "function",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rules",
                        to="partnerships.function",
                    ),
                ),
                (
                    "instrument",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rules", to="partnerships.instrument"
                    ),
                ),
                (
                    "needs",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="companions",
                        to="partnerships.function",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="directory.source",
                    ),
                ),
            ],
            options={
                "ordering": ["valid_from", "code"],
            },
        ),
        migrations.AddConstraint(
            model_name="function",
            constraint=models.UniqueConstraint(fields=("code",), name="function_code_unique"),
        ),
        migrations.AddConstraint(
            model_name="instrument",
            constraint=models.UniqueConstraint(fields=("slug",), name="instrument_slug_unique"),
        ),
        migrations.AddConstraint(
            model_name="instrument",
            constraint=models.UniqueConstraint(fields=("citation",), name="instrument_citation_unique"),
        ),
        migrations.AddConstraint(
            model_name="instrument",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "proposed"), _negated=True),
                    models.Q(("in_force", None), ("made", None), ("revoked", None)),
                    _connector="OR",
                ),
                name="instrument_proposed_has_no_dates",
            ),
        ),
        migrations.AddConstraint(
            model_name="instrument",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("revoked__isnull", False), ("status", "revoked")),
                    models.Q(models.Q(("status", "revoked"), _negated=True), ("revoked", None)),
                    _connector="OR",
                ),
                name="instrument_revoked_has_its_date",
            ),
        ),
        migrations.AddConstraint(
            model_name="instrument",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("made", None), ("in_force", None), ("made__lte", models.F("in_force")), _connector="OR"),
                    models.Q(
                        ("in_force", None), ("revoked", None), ("in_force__lte", models.F("revoked")), _connector="OR"
                    ),
                ),
                name="instrument_dates_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="instrument",
            constraint=models.CheckConstraint(
                condition=models.Q(("amends", models.F("id")), _negated=True), name="instrument_not_of_itself"
            ),
        ),
        migrations.AddConstraint(
            model_name="rule",
            constraint=models.UniqueConstraint(fields=("code",), name="rule_code_unique"),
        ),
        migrations.AddConstraint(
            model_name="rule",
            constraint=models.CheckConstraint(
                condition=models.Q(("valid_to", None), ("valid_to__gte", models.F("valid_from")), _connector="OR"),
                name="rule_ends_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="rule",
            constraint=models.CheckConstraint(condition=models.Q(("powers__len__gt", 0)), name="rule_has_a_power"),
        ),
        migrations.AddConstraint(
            model_name="rule",
            constraint=models.CheckConstraint(
                condition=models.Q(("ended_by", None), ("valid_to__isnull", False), _connector="OR"),
                name="rule_ended_by_needs_an_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="rule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("body_kinds__len__gt", 0), ("kind", "body")),
                    models.Q(
                        ("kind", "function"),
                        models.Q(("function__isnull", False), models.Q(("side", ""), _negated=True), _connector="OR"),
                    ),
                    models.Q(
                        ("body_kinds__len__gt", 0),
                        ("kind", "holder"),
                        models.Q(("function__isnull", False), models.Q(("side", ""), _negated=True), _connector="OR"),
                    ),
                    models.Q(("body_kinds__len__gt", 0), ("function__isnull", False), ("kind", "delegation")),
                    models.Q(("function__isnull", False), ("kind", "companion"), ("needs__isnull", False)),
                    ("kind__in", ["power", "named_power"]),
                    models.Q(
                        models.Q(("subject", ""), _negated=True),
                        (
                            "kind__in",
                            [
                                "continuation",
                                "condition",
                                "exemption",
                                "exclusion",
                                "term",
                                "consent",
                                "report",
                                "audit",
                            ],
                        ),
                    ),
                    _connector="OR",
                ),
                name="rule_names_its_subject",
            ),
        ),
    ]
