"""What the processes of an installation are told, and what is kept from others."""

from __future__ import annotations

import runpy
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from django.core.exceptions import ImproperlyConfigured

from deploy.environment import ROOT, Place, base_environment, kept_settings
from deploy.lock import AlreadyRunning, only_one
from deploy.preparation import Stamps, Step, fingerprint
from pooledcare.broker import Transport


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path / "var", 8123)
    place.make_folders()
    return place


def test_a_secret_is_made_once_and_nobody_else_may_read_it(place: Place):
    path = place.var / "settings.env"
    first = kept_settings(path)["SECRET_KEY"]
    assert len(first) >= 50
    assert kept_settings(path)["SECRET_KEY"] == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_uploads_mails_and_logs_are_nobody_elses_to_read(place: Place):
    for folder in ("files", "mail", "log", "broker"):
        assert stat.S_IMODE((place.var / folder).stat().st_mode) == 0o700


def test_kept_settings_are_read_line_by_line(place: Place):
    path = place.var / "settings.env"
    path.write_text("# comment=1\n\nEMAIL_URL = smtp://mail.example?a=b\n")
    assert kept_settings(path) == {"EMAIL_URL": "smtp://mail.example?a=b"}


def test_the_environment_wins_over_kept_settings_and_these_over_defaults(place: Place, monkeypatch):
    (place.var / "settings.env").write_text("LOG_LEVEL=ERROR\nEMAIL_URL=smtp://kept\n")
    monkeypatch.setenv("EMAIL_URL", "smtp://set")
    monkeypatch.delenv("LOG_LEVEL", raising=False)
    environment = base_environment(place)
    assert environment["EMAIL_URL"] == "smtp://set"
    assert environment["LOG_LEVEL"] == "ERROR"
    assert environment["BIND"] == "127.0.0.1:8123"


def test_forgetting_removes_the_database_and_the_files_and_keeps_the_settings(place: Place):
    (place.var / "postgres").mkdir()
    (place.var / "files" / "upload").write_text("£")
    kept_settings(place.var / "settings.env")
    place.forget()
    assert not (place.var / "postgres").exists()
    assert list((place.var / "files").iterdir()) == []
    assert (place.var / "settings.env").exists()


def test_a_second_holder_of_a_lock_is_told_who_the_first_is(tmp_path: Path):
    with only_one(tmp_path / "lock"), pytest.raises(AlreadyRunning) as refused, only_one(tmp_path / "lock"):
        pass
    assert refused.value.pid.isdigit()
    with only_one(tmp_path / "lock"):
        pass


def test_a_step_is_done_again_when_any_of_its_inputs_changes(tmp_path: Path, monkeypatch):
    monkeypatch.setattr("deploy.preparation.ROOT", tmp_path)
    (tmp_path / "requirements.lock").write_text("")
    (tmp_path / "budgets" / "sql").mkdir(parents=True)
    source = tmp_path / "budgets" / "sql" / "a.sql"
    source.write_text("select 1")
    step = Step(("migrate",), "Migrating", ("budgets/sql",))
    stamps = Stamps(tmp_path / "stamps.json")
    assert not stamps.is_fresh(step)
    stamps.record(step)
    assert Stamps(tmp_path / "stamps.json").is_fresh(step)
    source.write_text("select 2")
    assert not Stamps(tmp_path / "stamps.json").is_fresh(step)


def test_a_moved_file_changes_the_fingerprint(tmp_path: Path, monkeypatch):
    monkeypatch.setattr("deploy.preparation.ROOT", tmp_path)
    (tmp_path / "requirements.lock").write_text("")
    (tmp_path / "models.py").write_text("x")
    before = fingerprint(["models.py", "models2.py"])
    (tmp_path / "models.py").rename(tmp_path / "models2.py")
    assert fingerprint(["models.py", "models2.py"]) != before


# ── What the settings make of it ─────────────────────────────────────────────────────────────────────────────────────


def settings_of_environment() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "pooledcare" / "settings.py"))


def broker_of(settings: dict[str, Any]) -> Any:
    celery = Celery(set_as_current=False)
    celery.config_from_object(settings, namespace="CELERY", force=True)
    return celery.connection_for_write()


def test_the_default_broker_is_our_own_in_the_folder_that_is_named(tmp_path: Path, monkeypatch):
    monkeypatch.delenv("CELERY_BROKER_URL", raising=False)
    monkeypatch.setenv("BROKER_DIR", str(tmp_path / "broker"))
    broker = broker_of(settings_of_environment())
    assert isinstance(broker.transport, Transport)
    assert broker.transport_options["folder"] == str(tmp_path / "broker")


@pytest.mark.parametrize("url", ["redis://broker.example:6379/0", "amqp://broker.example//"])
def test_redis_or_rabbitmq_is_chosen_by_its_address(url: str, monkeypatch):
    """Their clients are installed."""
    monkeypatch.setenv("CELERY_BROKER_URL", url)
    broker = broker_of(settings_of_environment())
    assert broker.transport.driver_type == url.split(":")[0]
    assert broker.hostname == "broker.example"


def test_a_heart_beats_four_times_in_a_lease_however_long_it_is(monkeypatch):
    monkeypatch.setenv("UPLOAD_LEASE_SECONDS", "6")
    settings = settings_of_environment()
    assert settings["UPLOAD_LEASE"] == timedelta(seconds=6)
    assert settings["UPLOAD_HEARTBEAT"] == timedelta(seconds=1.5)


@pytest.mark.parametrize("name", ["UPLOAD_LEASE_SECONDS", "UPLOAD_SWEEP_SECONDS", "UPLOAD_TIDY_SECONDS"])
def test_a_period_of_nothing_is_refused_by_name(name: str, monkeypatch):
    monkeypatch.setenv(name, "0")
    with pytest.raises(ImproperlyConfigured, match=f"{name} must be 1 or more"):
        settings_of_environment()


def test_how_long_periods_are_where_nothing_is_set(monkeypatch):
    for name in ("UPLOAD_LEASE_SECONDS", "UPLOAD_SWEEP_SECONDS", "UPLOAD_TIDY_SECONDS"):
        monkeypatch.delenv(name, raising=False)
    settings = settings_of_environment()
    periods = [settings[name].total_seconds() for name in ("UPLOAD_LEASE", "UPLOAD_SWEEP", "UPLOAD_TIDY")]
    assert periods == [20, 5, 60]
    schedule = settings["CELERY_BEAT_SCHEDULE"]
    assert [schedule[name]["schedule"] for name in ("sweep-uploads", "tidy-staging")] == [5, 60]
