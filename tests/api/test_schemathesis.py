"""Requests made up from the schema, right ones and wrong ones: every answer is what the schema promises."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
import yaml
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from schemathesis.config import ChecksConfig, GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.config._checks import MissingRequiredHeaderConfig
from schemathesis.config._phases import CoveragePhaseConfig, PhasesConfig
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import negative_data_rejection

from pooledcare.api_pages import SCHEMA
from pooledcare.kernel.periods import FinancialYear
from pooledcare.uploads import queueing
from pooledcare.wsgi import application
from tests.world import World

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("world")]

EXAMPLES = 12
YEAR = re.compile("20[0-4][0-9]-[0-5][0-9]")
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


def schema_tried_at(*, every_limit: bool) -> schemathesis.BaseSchema:
    """With made-up requests; also with each value at each limit that the schema draws, some hundred an operation."""
    phases = PhasesConfig(coverage=CoveragePhaseConfig(enabled=every_limit))
    project = ProjectConfig(checks=checks, generation=generation, phases=phases)
    config = SchemathesisConfig(seed=1, projects=ProjectsConfig(default=project))
    found = schemathesis.openapi.from_dict(closed_schema(), config=config)
    found.app = as_a_web_server_would
    return found


def closed_schema() -> dict[str, Any]:
    """The committed schema, in which answers have no fields that are not documented.

    Clients must expect new fields, so the schema allows any. We document each that we add.
    """
    schema = yaml.load(SCHEMA.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)

    def close(shape: Any) -> None:
        for inner in shape.values() if isinstance(shape, dict) else shape if isinstance(shape, list) else ():
            close(inner)
        if isinstance(shape, dict) and isinstance(shape.get("properties"), dict):
            shape.setdefault("additionalProperties", False)

    close(schema)
    return schema


# Read by the process that runs the tests, not by all that collect them: making requests up takes long.
closed, opened = schemathesis.pytest.from_fixture("to_try"), schemathesis.pytest.from_fixture("to_try_at_every_limit")


@pytest.fixture
def to_try(request: pytest.FixtureRequest) -> schemathesis.BaseSchema:
    return named(request, schema_tried_at(every_limit=False))


@pytest.fixture
def to_try_at_every_limit(request: pytest.FixtureRequest) -> schemathesis.BaseSchema:
    return named(request, schema_tried_at(every_limit=True))


def named(request: pytest.FixtureRequest, schema: schemathesis.BaseSchema) -> schemathesis.BaseSchema:
    """The tool adds each operation to the test's name, and looks for that where pytest 9.2 no longer keeps it."""
    request.node._nodeid = request.node.nodeid
    return schema


@pytest.fixture(autouse=True)
def _without_limits_and_worker(settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.API_RATE_ANONYMOUS = settings.API_RATE_KEY = 1_000_000
    monkeypatch.setattr(queueing, "_send", lambda upload_id: None)
    # As Django's own test client does: the end of a request must not close the connection that the test stands on.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def as_a_client_would(case: schemathesis.Case) -> None:
    """What no schema can say of a right request: a cursor and a version are ours and never made up, each creation has
    a fresh key, the two years of a financial year follow each other, `peers` are those
    of an `organisation`, and `others` are named with `peers=chosen`.

    They have tests of their own.
    """
    if case.meta is None or case.meta.generation.mode.is_positive:
        case.query.pop("cursor", None)
        if "Idempotency-Key" in case.headers:
            case.headers["Idempotency-Key"] = uuid.uuid4().hex
        if "If-Match" in case.headers:
            case.headers["If-Match"] = "*"
        if "organisation" not in case.query:
            case.query.pop("peers", None)
            case.query.pop("others", None)
        if "others" in case.query:
            case.query["peers"] = "chosen"
        elif case.query.get("peers") == "chosen":
            case.query.pop("peers")
        if YEAR.fullmatch(str(case.query.get("financial_year", ""))):
            case.query["financial_year"] = str(FinancialYear(int(case.query["financial_year"][:4])))


def judge(case: schemathesis.Case, headers: dict[str, str]) -> None:
    """Sends it to the same world as all the others: what it does there is undone."""
    as_a_client_would(case)
    # A form has no types: what the tool means as null or an empty list is simply not sent, and so is no mistake.
    is_form = case.media_type == "multipart/form-data"
    excluded = [negative_data_rejection] if is_form else []
    with transaction.atomic():
        case.call_and_validate(base_url="http://localhost", headers=headers, excluded_checks=excluded)
        transaction.set_rollback(True)


@closed.parametrize()
@how
def test_nobody_is_promised_anything_else(case: schemathesis.Case, world: World):
    judge(case, {})


@closed.include(method=["POST", "PUT", "PATCH", "DELETE"]).parametrize()
@how
def test_a_key_that_only_reads_is_promised_no_other_refusal(case: schemathesis.Case, world: World):
    judge(case, {"Authorization": f"Bearer {world.tokens['viewer']}"})


@opened.parametrize()
@how
def test_a_key_that_may_do_all_that_keys_may_is_promised_nothing_else(case: schemathesis.Case, world: World):
    name_what_is_there(case, world)
    judge(case, {"Authorization": f"Bearer {world.tokens['all']}"})


def name_what_is_there(case: schemathesis.Case, world: World) -> None:
    """In the address of a thing of an agreement, where it is not the address that is meant to be wrong."""
    if not re.search("/(agreements|schemes|pools)/", case.path):
        return
    if case.meta is not None and case.meta.is_negative_at(ParameterLocation.PATH):
        return
    names = {"reference": world.agreement.reference, "agreement": world.agreement.reference, "slug": "reablement"}
    case.path_parameters.update({name: there for name, there in names.items() if name in case.path_parameters})
