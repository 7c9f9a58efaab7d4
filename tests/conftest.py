"""What every test stands on: no request leaves the host, cheap password hashes, storage of its own, a client a role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import html5lib
import pytest
from django.test import Client, override_settings

from pooledcare.directory.access import ROLES
from pooledcare.directory.models import Organisation, User
from tests import factories

SHARED_DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"


@pytest.fixture(autouse=True, scope="session")
def _nothing_collected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests serve what was bundled, before it is collected; the middleware only asks that the folder be there."""
    with override_settings(STATIC_ROOT=tmp_path_factory.mktemp("static")):
        yield


@pytest.fixture(autouse=True)
def _settings_for_tests(settings, tmp_path: Path) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.CELERY_BROKER_URL = "memory://"


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
