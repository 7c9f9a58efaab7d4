import django.core.serializers.json
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("partnerships", "0004_one_successor_of_several"), ("uploads", "0002_upload_status_append_only")]

    operations = [
        migrations.CreateModel(
            name="UploadedRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line", models.PositiveIntegerField()),
                ("sheet", models.TextField(blank=True)),
                ("row", models.PositiveIntegerField()),
                ("said", models.JSONField()),
                (
                    "slug",
                    models.SlugField(
                        blank=True, help_text="Of the scheme; empty until a new one has its own", max_length=60
                    ),
                ),
                ("deed_version", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "before",
                    models.JSONField(blank=True, encoder=django.core.serializers.json.DjangoJSONEncoder, null=True),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="partnerships.agreement",
                    ),
                ),
                (
                    "upload",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="uploads.upload"
                    ),
                ),
            ],
            options={
                "ordering": ["upload_id", "line"],
                "constraints": [models.UniqueConstraint(fields=("upload", "line"), name="uploaded_row_once")],
            },
        ),
    ]
