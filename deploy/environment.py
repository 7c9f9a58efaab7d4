"""The directories of one installation, and the environment variables that all its processes get."""

from __future__ import annotations

import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("broker/queue", "files", "static", "mail", "log", "beat")


@dataclass(frozen=True)
class Place:
    """The directory in which an installation stores its files, and the port on which it listens."""

    var: Path
    port: int

    @property
    def bind(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def log(self, name: str) -> Path:
        return self.var / "log" / f"{name}.log"

    def make_folders(self) -> None:
        self.var.mkdir(parents=True, exist_ok=True)
        for folder in FOLDERS:
            (self.var / folder).mkdir(parents=True, exist_ok=True)
            (self.var / folder.split("/")[0]).chmod(0o700)  # only the owner may read uploads, mails and logs

    def forget(self) -> None:
        """Delete the embedded database, the uploaded files, the queued messages and the mails."""
        for folder in ("postgres", "files", "broker", "mail"):
            shutil.rmtree(self.var / folder, ignore_errors=True)
        self.make_folders()


def kept_settings(path: Path) -> dict[str, str]:
    """The NAME=value lines of var/settings.env. If there is no such file, it is created with a new SECRET_KEY."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(
            "# Settings of this installation. Environment variables override the values in this file.\n"
            f"SECRET_KEY={secrets.token_urlsafe(48)}\n"
        )
    lines = (line.strip() for line in path.read_text().splitlines())
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, value in pairs}


def base_environment(place: Place) -> dict[str, str]:
    """All variables but those of the database. The environment overrides settings.env, which overrides the defaults."""
    defaults = {
        "DEBUG": "0",
        "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]",
        "PUBLIC_URL": place.url,
        "VAR_DIR": str(place.var),
        "MEDIA_ROOT": str(place.var / "files"),
        "STATIC_ROOT": str(place.var / "static"),
        "BROKER_DIR": str(place.var / "broker"),
        "CELERY_BROKER_URL": "filesystem://",
        "EMAIL_URL": f"file:{place.var / 'mail'}",
        "LOG_LEVEL": "INFO",
    }
    fixed = {"BIND": place.bind, "PYTHONUNBUFFERED": "1", "DJANGO_SETTINGS_MODULE": "pooledcare.settings"}
    return {**defaults, **kept_settings(place.var / "settings.env"), **os.environ, **fixed}
