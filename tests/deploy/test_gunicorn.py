"""The web server's log says what was answered and never a secret."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

CONFIGURATION = runpy.run_path(str(Path(__file__).resolve().parent.parent.parent / "deploy" / "gunicorn.conf.py"))


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/places/bath-and-north-east-somerset/", "/places/bath-and-north-east-somerset/"),
        ("/uploads/0b9d6a1e-6c1e-4a53-9d0e-6a0a4f3f2b11/", "/uploads/0b9d6a1e-6c1e-4a53-9d0e-6a0a4f3f2b11/"),
        ("/account/password/reset/key/1-cz3k2l-0b9d6a1e6c1e4a539d0e6a0a4f3f2b11/", "/account/password/reset/key/…/"),
        ("/invitations/Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MA", "/invitations/…"),
        ("/organisations/QSL/", "/organisations/QSL/"),
    ],
)
def test_one_time_secrets_in_a_path_are_not_logged(path: str, logged: str):
    assert CONFIGURATION["TOKEN"].sub("…", path) == logged
