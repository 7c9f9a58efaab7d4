import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("directory", "0009_short_names_and_area_transfers"),
        ("uploads", "0004_upload_financial_year"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LayoutQuestion",
            fields=[
                (
                    "upload",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="question",
                        serialize=False,
                        to="uploads.upload",
                    ),
                ),
                (
                    "asked",
                    models.CharField(
                        choices=[
                            ("reading", "How the file should be read"),
                            ("layout", "Which of several layouts it has"),
                            ("year", "Which year its figures are for"),
                        ],
                        max_length=12,
                    ),
                ),
                ("proposal", models.JSONField(default=dict)),
                ("fitting", models.JSONField(default=list)),
                ("decisions", models.JSONField(default=dict)),
                ("stated", models.JSONField(default=dict)),
                ("decided_actor", models.CharField(blank=True, max_length=60)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="UploadLayout",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=40)),
                ("name", models.CharField(max_length=80)),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="UploadLayoutVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                (
                    "step",
                    models.CharField(
                        choices=[
                            ("saved", "Saved"),
                            ("changed", "Changed"),
                            ("shared", "Shared with all organisations"),
                            ("unshared", "No longer shared"),
                            ("retired", "Retired"),
                        ],
                        max_length=12,
                    ),
                ),
                ("stated", models.JSONField()),
                (
                    "is_shared",
                    models.BooleanField(default=False, help_text="Whether other organisations see and use it"),
                ),
                ("is_retired", models.BooleanField(default=False, help_text="Whether no more files are read by it")),
                ("upload", models.CharField(blank=True, max_length=20)),
                ("made_actor", models.CharField(max_length=60)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["layout", "number"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="upload",
            name="upload_same_file_once",
        ),
        migrations.AlterField(
            model_name="upload",
            name="profile",
            field=models.CharField(
                blank=True,
                help_text="The layout by which the file is read: a publisher's, version 2 of the saved layout UL-3 (UL-3.2), or the one confirmed for this file only (confirmed); empty for canonical files",
                max_length=80,
            ),
        ),
        migrations.AlterField(
            model_name="upload",
            name="state",
            field=models.CharField(
                choices=[
                    ("received", "Received"),
                    ("reading", "Being read"),
                    ("needs_layout", "Waiting for its layout"),
                    ("checked", "Checked"),
                    ("refused", "Refused"),
                    ("ready", "Ready to accept"),
                    ("awaiting_second_person", "Waiting for a second person"),
                    ("accepting", "Being accepted"),
                    ("accepted", "Accepted"),
                    ("reversed", "Reversed"),
                    ("abandoned", "Abandoned"),
                    ("failed", "Failed"),
                ],
                default="received",
                max_length=24,
            ),
        ),
        migrations.AlterField(
            model_name="uploadstatus",
            name="state",
            field=models.CharField(
                choices=[
                    ("received", "Received"),
                    ("reading", "Being read"),
                    ("needs_layout", "Waiting for its layout"),
                    ("checked", "Checked"),
                    ("refused", "Refused"),
                    ("ready", "Ready to accept"),
                    ("awaiting_second_person", "Waiting for a second person"),
                    ("accepting", "Being accepted"),
                    ("accepted", "Accepted"),
                    ("reversed", "Reversed"),
                    ("abandoned", "Abandoned"),
                    ("failed", "Failed"),
                ],
                max_length=24,
            ),
        ),
        migrations.AddConstraint(
            model_name="upload",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "received",
                            "reading",
                            "needs_layout",
                            "checked",
                            "ready",
                            "awaiting_second_person",
                            "accepting",
                            "accepted",
                        ],
                    )
                ),
                fields=("organisation", "kind", "sha256"),
                name="upload_same_file_once",
            ),
        ),
        migrations.AddField(
            model_name="layoutquestion",
            name="decided_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="uploadlayout",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="upload_layouts", to="directory.organisation"
            ),
        ),
        migrations.AddField(
            model_name="uploadlayoutversion",
            name="layout",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="uploads.uploadlayout"
            ),
        ),
        migrations.AddField(
            model_name="uploadlayoutversion",
            name="made_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="uploadlayout",
            constraint=models.UniqueConstraint(
                models.F("organisation"),
                models.F("kind"),
                django.db.models.functions.text.Lower("name"),
                name="upload_layout_name_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="uploadlayoutversion",
            constraint=models.UniqueConstraint(fields=("layout", "number"), name="upload_layout_version_once"),
        ),
    ]
