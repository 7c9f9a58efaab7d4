import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("uploads", "0002_upload_status_append_only"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="upload",
            name="encoding",
            field=models.CharField(
                blank=True, help_text="Encoding in which a text file is read; empty for workbooks", max_length=20
            ),
        ),
        migrations.AddField(
            model_name="upload",
            name="encoding_choice",
            field=models.JSONField(
                default=dict, help_text="Other encodings that are possible, and the texts that tell them apart"
            ),
        ),
        migrations.AddField(
            model_name="upload",
            name="encoding_chosen_actor",
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name="upload",
            name="encoding_chosen_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.CreateModel(
            name="KeptFile",
            fields=[
                ("token", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("session", models.CharField(max_length=64)),
                ("filename", models.CharField(max_length=100)),
                ("stored_name", models.CharField(max_length=100)),
                ("size", models.BigIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("kept_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("person",), name="kept_file_one_per_person")],
            },
        ),
    ]
