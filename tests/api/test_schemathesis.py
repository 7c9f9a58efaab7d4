"""Requests made up from the schema, right ones and wrong ones: every answer is what the schema promises."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from schemathesis.config import ChecksConfig, GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.config._checks import MissingRequiredHeaderConfig
from schemathesis.specs.openapi.checks import negative_data_rejection

from pooledcare.api_pages import SCHEMA
from pooledcare.uploads import actions
from pooledcare.wsgi import application
from tests.api.conftest import World

pytestmark = pytest.mark.slow

EXAMPLES = 12
how = hypothesis.settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)


def as_a_web_server_would(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Reads the answer to its end and closes it, which the tool's own transport leaves to the garbage collector."""
    answer = application(environ, start_response)
    try:
        return [b"".join(answer)]
    finally:
        answer.close()


# An If-Match that is missing has a status of its own (RFC 6585), which the tool does not expect.
checks = ChecksConfig(missing_required_header=MissingRequiredHeaderConfig(expected_statuses=["400", "401", "428"]))
generation = GenerationConfig(deterministic=True, database="none", with_security_parameters=False)
project = ProjectConfig(checks=checks, generation=generation)
schema = schemathesis.openapi.from_path(
    SCHEMA, config=SchemathesisConfig(seed=1, projects=ProjectsConfig(default=project))
)
schema.app = as_a_web_server_would


@pytest.fixture(autouse=True)
def _without_limits_and_worker(settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.API_RATE_ANONYMOUS = settings.API_RATE_KEY = 1_000_000
    monkeypatch.setattr(actions, "_send", lambda upload_id: None)
    # As Django's own test client does: the end of a request must not close the connection that the test stands on.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def as_a_client_would(case: schemathesis.Case) -> None:
    """What no schema can say of a right request: a cursor and a version are ours and never made up, each creation has
    a fresh key.

    They have tests of their own.
    """
    if case.meta is None or case.meta.generation.mode.is_positive:
        case.query.pop("cursor", None)
        if "Idempotency-Key" in case.headers:
            case.headers["Idempotency-Key"] = uuid.uuid4().hex
        if "If-Match" in case.headers:
            case.headers["If-Match"] = "*"


def judge(case: schemathesis.Case, headers: dict[str, str]) -> None:
    as_a_client_would(case)
    # A form has no types: what the tool means as null or an empty list is simply not sent, and so is no mistake.
    is_form = case.media_type == "multipart/form-data"
    excluded = [negative_data_rejection] if is_form else []
    case.call_and_validate(base_url="http://localhost", headers=headers, excluded_checks=excluded)


@schema.parametrize()
@how
def test_nobody_is_promised_anything_else(case: schemathesis.Case, world: World):
    judge(case, {})


@schema.parametrize()
@how
def test_a_key_is_promised_nothing_else(case: schemathesis.Case, world: World):
    judge(case, {"Authorization": f"Bearer {world.keys['officer']}"})


drafts = schema.include(path_regex="/(agreements|schemes|pools)/")


@drafts.parametrize()
@how
def test_a_key_that_may_prepare_agreements_is_promised_nothing_else(case: schemathesis.Case, world: World):
    for name in ("reference", "agreement"):
        if name in case.path_parameters:
            case.path_parameters[name] = world.agreement.reference
    if "slug" in case.path_parameters:
        case.path_parameters["slug"] = "reablement"
    judge(case, {"Authorization": f"Bearer {world.keys['lead']}"})
