"""What every test stands on: no request leaves the host, cheap password hashes, storage of its own, a client a role."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import html5lib
import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from partnerships.reference.law_loading import load_law
from pooledcare.directory.access import ROLES
from pooledcare.directory.models import Organisation, User
from tests import databases, factories
from tests.world import World

pytest_plugins = ["tests.faults.installed", "tests.longer"]

# Where the tests are that take longest: begun first, so that at the end no worker is left alone with them.
LONGEST = (
    "deploy",
    "faults",
    "bench",
    "browser",
    "architecture",
    "api/test_schemathesis.py",
    "partnerships",
    "hostile",
    "api",
)
WHOLE_SITE = ("tests/deploy/test_run.py", "tests/faults/")
# Files whose tests share nothing and take long: each test goes to the worker that is free first.
SEPARATE = ("tests/architecture/test_access_matrix.py", "tests/api/test_schemathesis.py", "tests/browser/")
HERE = Path(__file__).resolve().parent
SHARED_DATA = HERE.parent.parent / "shared" / "data"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    place = item.path.relative_to(HERE)
    return next((turn for turn, there in enumerate(LONGEST) if place.is_relative_to(there)), len(LONGEST))


class OneWholeSite(LoadFileScheduling):
    """A file stays with one worker, unless its tests share nothing; those of a whole site stay together with one."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(SEPARATE):
            return nodeid
        path = super()._split_scope(nodeid)
        return "site" if path.startswith(WHOLE_SITE) else path


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> OneWholeSite:
    return OneWholeSite(config, log)


def pytest_configure(config: pytest.Config) -> None:
    """Tests serve what was bundled, before it is collected; the middleware only asks that the folder be there."""
    nothing_collected = tempfile.TemporaryDirectory(prefix="pooledcare-static-")
    config.add_cleanup(nothing_collected.cleanup)
    settings.STATIC_ROOT = Path(nothing_collected.name)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Each worker's database is cloned from one that is migrated once."""
    with django_db_blocker.unblock():
        settings.DATABASES["default"]["TEST"]["TEMPLATE"] = databases.migrated()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The test's own database; a page that a browser still asks for when all is over does not keep it from going."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )


@pytest.fixture(scope="module")
def law(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The tables of law, loaded once for all tests of a file and taken back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_law()
        yield
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _settings_for_tests(settings, tmp_path: Path) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.CELERY_BROKER_URL, settings.CELERY_BROKER_TRANSPORT = "memory://", None


@pytest.fixture
def shared_data() -> Path:
    """The folder of real published files; tests that read it are skipped where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the published files of ../shared/data are not beside this checkout")
    return SHARED_DATA


class ParsingClient(Client):
    """A client that parses every HTML answer as strictly as the standard allows, so that no page is ever broken."""

    def request(self, **request: object):  # type: ignore[no-untyped-def]
        response = super().request(**request)
        if response.headers.get("Content-Type", "").startswith("text/html") and not response.streaming:
            parser = html5lib.HTMLParser(strict=False)
            fragment = b"<html" not in response.content[:500]
            (parser.parseFragment if fragment else parser.parse)(response.content.decode())
            assert not parser.errors, f"{request.get('PATH_INFO')}: invalid HTML {parser.errors[:5]}"
        return response


@pytest.fixture
def client() -> Client:
    """Nobody: an anonymous visitor."""
    return ParsingClient()


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    """A logged-in client of a person, as after password and second factor."""

    def make(user: User) -> Client:
        client = ParsingClient()
        factories.log_in(client, user)
        return client

    return make


@pytest.fixture
def world(db: None) -> World:
    return World()


@pytest.fixture
def organisation(db: None) -> Organisation:
    """An integrated care board that nobody else's test touches."""
    return factories.organisation(kind="icb")


@pytest.fixture
def clients(organisation: Organisation) -> dict[str, Client]:
    """One client a role at `organisation`, `anonymous`, and `outsider`: an administrator of another organisation."""
    made: dict[str, Client] = {"anonymous": ParsingClient()}
    for role in ROLES:
        made[role] = ParsingClient()
        factories.log_in(made[role], factories.member(organisation=organisation, roles=[role]))
    made["outsider"] = ParsingClient()
    factories.log_in(made["outsider"], factories.member(organisation=factories.organisation(), roles=list(ROLES)))
    return made
