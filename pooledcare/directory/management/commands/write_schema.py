"""`manage.py write_schema` writes docs/openapi.yaml from the code; with --check it only checks if it is up to date."""

from __future__ import annotations

import difflib
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.validation import validate_schema

SCHEMA = settings.BASE_DIR / "docs" / "openapi.yaml"


class Command(BaseCommand):
    help = "Write docs/openapi.yaml from the code, or check that it is up to date."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail if the schema is out of date")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        schema = SchemaGenerator().get_schema(request=None, public=True)
        validate_schema(schema)
        text = OpenApiYamlRenderer().render(schema).decode("utf-8")
        if not check:
            SCHEMA.write_text(text, encoding="utf-8")
            return
        committed = SCHEMA.read_text(encoding="utf-8") if SCHEMA.exists() else ""
        if committed != text:
            lines = difflib.unified_diff(
                committed.splitlines(), text.splitlines(), "docs/openapi.yaml", "the code", "", ""
            )
            raise CommandError("docs/openapi.yaml is out of date: run `make schema`\n" + "\n".join(list(lines)[:80]))
