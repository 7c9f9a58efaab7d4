"""The correction of a single figure: what it asks, the file that it makes, and the line that it leaves in the trail."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import transaction

from budgets.actions.corrections import _code_in_year, correct_figure
from budgets.models import Allocation
from pooledcare.directory.access import Actor
from pooledcare.directory.models import AuditEvent, OrganisationCode
from pooledcare.kernel.problems import Problem, Refused, Where
from pooledcare.uploads.models import Upload
from tests import factories

pytestmark = pytest.mark.django_db

PUBLISHED = dt.date(2024, 5, 3)
A_DAY = dt.timedelta(days=1)


@pytest.fixture
def by(db: None) -> Actor:
    return factories.actor(factories.member(organisation=factories.nhs_england(), roles=["publisher"]))


def figure(**fields: Any) -> Allocation:
    return factories.allocation(**{"amount": Decimal("1000.00"), "published_on": PUBLISHED} | fields)


def corrected(allocation: Allocation, by: Actor, **fields: Any) -> Upload:
    values: dict[str, Any] = {"amount": "1234.5", "note": "Misprint, so", "published_on": PUBLISHED}
    return correct_figure(allocation=allocation, by=by, **values | fields)


def refused(allocation: Allocation, by: Actor, **fields: Any) -> list[Problem]:
    with pytest.raises(Refused) as refusal, transaction.atomic():
        corrected(allocation, by, **fields)
    assert not Upload.objects.filter(channel="form").exists()
    assert not AuditEvent.objects.filter(action="allocation.correction_proposed").exists()
    return refusal.value.problems


def test_a_correction_is_a_file_of_one_row_with_the_whole_key_of_its_figure(by):
    one = figure(
        organisation=factories.organisation(code="QXM"), stream=factories.stream(code="core"), basis="budget",
        gross_or_net="net", recurrence="non_recurrent", financial_year=2023,
    )  # fmt: skip
    upload = corrected(one, by)
    with default_storage.open(upload.stored_name) as file:
        (row,) = csv.DictReader(io.StringIO(file.read().decode(), newline=""))
    assert row == {
        "financial_year": "2023-24",
        "organisation": "QXM",
        "stream": "core",
        "basis": "budget",
        "amount": "1234.5",
        "recurrence": "non_recurrent",
        "note": "Misprint, so",
        "gross_or_net": "net",
        "corrects": one.reference,
    }
    assert list(row)[-2:] == ["gross_or_net", "corrects"]
    assert (upload.organisation, upload.kind, upload.channel) == (one.source, "allocations", "form")
    assert (upload.filename, upload.published_on) == (f"correction-of-{one.reference}.csv", PUBLISHED)
    assert (upload.prepared_by, upload.prepared_actor, upload.complete) == (by.person, by.reference, False)


def test_the_trail_says_who_proposed_which_correction_of_what(by):
    one = figure()
    upload = corrected(one, by)
    event = AuditEvent.objects.get(action="allocation.correction_proposed")
    assert (event.actor, event.subject, event.organisation) == (by.reference, f"allocation:{one.reference}", "X24")
    assert event.sentence == f"A correction of {one.reference} was proposed as {upload.reference}."


@pytest.mark.parametrize(
    "fields",
    [
        {"is_current": False},
        {"withdrawn": True, "amount": None},
        {"is_current": False, "withdrawn": True, "amount": None},
    ],
    ids=["superseded", "withdrawn", "both"],
)
def test_only_a_figure_that_stands_is_corrected(by, fields):
    one = figure(**fields)
    assert refused(one, by) == [
        Problem(
            "NOT_CURRENT",
            f"{one.reference} is no longer the current version",
            fix="Look at the current figure and correct that one.",
        )
    ]


@pytest.mark.parametrize("amount", ["1000", "1000.00", "£1,000"])
def test_the_amount_that_stands_already_is_no_correction_however_it_is_written(by, amount):
    one = figure()
    assert refused(one, by, amount=amount) == [
        Problem(
            "UNCHANGED",
            f"{one.reference} already has this amount",
            Where(field="amount"),
            amount,
            "Enter the right one.",
        )
    ]


def test_an_amount_that_cannot_be_read_is_told_at_its_field(by):
    (problem,) = refused(figure(), by, amount="1,23")
    assert (problem.code, problem.where, problem.value) == ("AMBIGUOUS_NUMBER", Where(field="amount"), "1,23")


def test_what_was_not_reported_is_corrected_to_an_amount(by):
    assert corrected(figure(amount=None, published_text="..."), by, amount="0").channel == "form"


HIDDEN = Problem(
    "REQUIRED",
    "Enter the day on which the corrected figure was published",
    Where(field="published_on"),
    fix="The figure that it replaces is published, and an unpublished one cannot replace it.",
)
EARLIER = Problem(
    "PUBLISHED_BEFORE",
    "The figure that it replaces was published later, on 3 May 2024",
    Where(field="published_on"),
    "2024-05-02",
    "Correct the date of publication.",
)


@pytest.mark.parametrize(
    ("stands_since", "published_on", "expected"),
    [
        (PUBLISHED, None, [HIDDEN]),
        (PUBLISHED, PUBLISHED - A_DAY, [EARLIER]),
        (PUBLISHED, PUBLISHED, []),
        (PUBLISHED, PUBLISHED + A_DAY, []),
        (None, None, []),
        (None, PUBLISHED, []),
    ],
)
def test_a_correction_is_published_no_earlier_than_its_figure(by, stands_since, published_on, expected):
    one = figure(published_on=stands_since)
    if expected:
        assert refused(one, by, published_on=published_on) == expected
    else:
        assert corrected(one, by, published_on=published_on).published_on == published_on


def test_every_mistake_of_the_form_is_told_at_once(by):
    assert [problem.code for problem in refused(figure(), by, amount="1000", published_on=None)] == [
        "UNCHANGED",
        "REQUIRED",
    ]


def test_who_may_not_upload_for_the_source_corrects_nothing(db):
    holder = factories.organisation()
    officer = factories.actor(factories.member(organisation=holder, roles=["finance_officer"]))
    (problem,) = refused(figure(organisation=holder), officer)
    assert problem.code == "NOT_ALLOWED"
    assert corrected(figure(organisation=holder, source=holder), officer).organisation == holder


# ── The code that the organisation had in the year ───────────────────────────────────────────────────────────────────


def day(text: str | None) -> dt.date | None:
    return text and dt.date.fromisoformat(text)  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "holds"),
    [
        (None, None, True),
        ("2024-03-31", None, True), ("2025-03-31", None, True), ("2025-04-01", None, False),
        (None, "2024-03-31", False), (None, "2024-04-01", True), (None, "2024-04-02", True),
        ("2020-04-01", "2023-03-31", False), ("2024-06-01", "2024-06-02", True),
    ],
)  # fmt: skip
def test_a_code_is_of_the_year_if_it_was_valid_on_any_day_of_it(valid_from, valid_to, holds):
    body = factories.organisation(code="NOW")
    OrganisationCode.objects.filter(organisation=body).delete()
    OrganisationCode.objects.create(
        organisation=body, scheme="ods", code="THEN", valid_from=day(valid_from), valid_to=day(valid_to)
    )
    assert _code_in_year(factories.allocation(organisation=body, financial_year=2024)) == ("THEN" if holds else "NOW")


def test_of_several_codes_of_the_year_the_youngest_of_the_first_scheme_is_taken():
    body = factories.organisation(code="NOW")
    OrganisationCode.objects.filter(organisation=body).delete()
    for scheme, code, start, end in (
        ("ods", "ODS", "2013-04-01", None),
        ("gss", "FORMER", "2013-04-01", "2024-06-30"),
        ("gss", "NEW", "2024-07-01", None),
    ):
        OrganisationCode.objects.create(
            organisation=body, scheme=scheme, code=code, valid_from=day(start), valid_to=day(end)
        )
    OrganisationCode.objects.create(
        organisation=factories.organisation(), scheme="ada", code="OTHERS", valid_from=day("2013-04-01")
    )
    found = [_code_in_year(factories.allocation(organisation=body, financial_year=year)) for year in (2023, 2024, 2025)]
    assert found == ["FORMER", "NEW", "NEW"]
