"""A field that is added to a model and to its frozen value is found everywhere, with no third place to tell of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
HERE = Path(__file__).resolve().parents[2]
WORDS = "Falls\nat home"
LABEL, HELP = "Risks of the scheme", "What may go wrong"


@pytest.fixture(scope="module")
def found(django_db_setup: None) -> dict[str, Any]:
    """What a process whose source has the field `risks` says of it."""
    command = [sys.executable, "-m", "tests.partnerships.added_field", connection.settings_dict["NAME"]]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def test_a_plain_field_that_is_added_to_schemes_is_found_everywhere(found):
    without, with_it = found.pop("hash without it"), found.pop("hash with it")
    assert without != with_it
    assert found == {
        "kept": WORDS,
        "read": WORDS,
        "compared": [[LABEL, "", WORDS]],
        "on the page of the form": WORDS,
        "on the page of the scheme": True,
        "asked for": [LABEL, HELP],
        "in a body": {
            "type": "string",
            "maxLength": 20_000,
            "pattern": "^[^\\u0000]*$",
            "description": f"{LABEL}. {HELP}.",
        },
        "read from a body": {"risks": "Slips"},
        "in an answer": WORDS,
        "in the example": "",
        "documented": {"type": "string", "description": f"{LABEL}. {HELP}."},
        "in the example of a file": True,
        "listed": [WORDS],
        "heading of a file": True,
        "column": [[LABEL, f"{HELP}."]],
        "judged": "=1+1",
        "previewed": [[LABEL, WORDS, "Slips"]],
        "written from a file": "Slips",
        "taken back": WORDS,
        "renewed": [WORDS],
        "in a later deed": WORDS,
    }
