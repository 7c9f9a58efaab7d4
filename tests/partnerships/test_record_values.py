"""The frozen values that pages and the law work on hold the fields of the records, neither more nor fewer."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from django.db import models

from partnerships import records as r
from partnerships.models import SchemeTerms
from partnerships.records import DEED, DELEGATED_LIMIT, LIMIT_DEPUTY, PARTNER, POOL, SCHEME, SCHEME_FUNCTION
from partnerships.rules.agreements import (
    Content,
    DeedRecord,
    DeputyContent,
    FunctionContent,
    Joined,
    LimitContent,
    PartnerContent,
    PoolContent,
    SchemeContent,
)
from partnerships.upload_kinds.writing import scheme_before
from pooledcare.kernel.records import FieldKind, Record, stored_values
from tests import factories

RECORDS = (DEED, PARTNER, POOL, DELEGATED_LIMIT, LIMIT_DEPUTY, SCHEME, SCHEME_FUNCTION)
# What a deed says of itself alone, or under another name: its first day is the start of the agreement.
OF_DEED = {"summary", "sets_end"}


def names(frozen: Any) -> set[str]:
    return {each.name for each in dataclasses.fields(frozen)}


def keys(record: Record) -> set[str]:
    return {each.key for each in record.values()}


def test_a_scheme_a_fund_and_a_function_are_frozen_field_by_field():
    assert names(SchemeContent) == {*SCHEME, "pk", "slug", "functions"}
    assert names(PoolContent) == {*POOL, "pk", "slug", "limits"}
    assert names(LimitContent) == {*DELEGATED_LIMIT, "deputies"}
    assert names(DeputyContent) == {*LIMIT_DEPUTY}
    assert names(FunctionContent) == {*SCHEME_FUNCTION, "code", "name"} - {"function"}


def test_a_partner_and_a_deed_are_frozen_with_all_that_their_records_have():
    assert set(PARTNER) < names(PartnerContent)
    assert set(PARTNER) < names(Joined)
    assert set(DEED) < names(DeedRecord)
    assert keys(DEED) - OF_DEED < names(Content)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.model.__name__)
def test_no_two_fields_of_a_record_have_the_same_name_in_files_and_in_the_api(record: Record):
    assert len(keys(record)) == len(record)


@pytest.mark.parametrize(
    ("record", "frozen"),
    [(SCHEME, SchemeContent), (POOL, PoolContent), (SCHEME_FUNCTION, FunctionContent), (DEED, DeedRecord)],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_values_are_frozen_as_their_kinds_have_them(record: Record, frozen: Any):
    types = {each.name: str(each.type) for each in dataclasses.fields(frozen)}
    expected = {
        FieldKind.LINE: "str", FieldKind.TEXT: "str", FieldKind.CHOICE: "str", FieldKind.CHOICES: "tuple[str, ...]",
        FieldKind.DAY: "dt.date | None", FieldKind.DAYS: "tuple[dt.date, ...] | None",
        FieldKind.WHOLE: "int | None", FieldKind.PERCENT: "Decimal | None", FieldKind.MONEY: "Decimal | None",
        FieldKind.SHARES: "tuple[str, ...]", FieldKind.FLAG: "bool",
    }  # fmt: skip
    assert {each.name: types[each.name] for each in record.plain} == {
        each.name: expected[each.kind] for each in record.plain
    }


# --- the records of agreements ---------------------------------------------------------------------------------------


def kinds(record: Record) -> dict[str, str]:
    """Kind, and where people write freely the greatest length too."""
    return {name: f"{each.kind} {each.longest}" if each.is_text else str(each.kind) for name, each in record.items()}


MONEY = {
    "information_shared": "text 20000", "information_every": "choice", "information_days": "whole",
    "monitoring_percent": "percent", "monitoring_pounds": "money", "monitoring_rule": "choice",
    "tolerance_percent": "percent", "early_warning_percent": "percent", "instalments": "choice",
    "instalment_count": "whole", "instalment_shares": "shares", "no_budget": "choice", "no_budget_months": "whole",
    "income_basis": "choice",
}  # fmt: skip


def test_each_record_has_its_fields_of_their_kinds():
    assert kinds(r.DEED) == {
        "title": "line 300", "summary": "text 20000", "effective_on": "day", "sets_end": "flag", "end_on": "day",
        "notice_months": "whole", "review_on": "days",
    }  # fmt: skip
    assert kinds(r.POOL) == {
        "name": "line 300", "kind": "choice", "host": "reference", "manager": "line 300",
        "manager_employer": "reference", "vat_structure": "choice", "vat_regime": "choice",
        "irrecoverable_vat": "percent", "vat_advice": "text 20000", "accounting": "choice",
        **MONEY,
    }  # fmt: skip
    long = ("aims", "services", "client_group", "geography", "providers", "governance", "exit_terms")
    assert kinds(r.SCHEME) == {
        "name": "line 300", "flexibilities": "choices", "ways_of_working": "choices", "lead": "reference",
        "pool": "reference", **dict.fromkeys(long, "text 20000"), "start_on": "day", "end_on": "day",
        "notice_months": "whole", "is_voluntary": "flag", **MONEY,
    }  # fmt: skip
    assert kinds(r.SCHEME_FUNCTION) == {
        "function": "reference", "holder": "reference", "exclusions": "choices", "delegation_evidence": "text 20000",
    }  # fmt: skip
    assert kinds(r.PARTNER) == {"role": "choice", "contributes": "flag"}
    assert kinds(r.CLAUSE) == {"kind": "choice", "text": "text 100000"}
    assert kinds(r.PRECONDITION) == {"kind": "choice", "is_met": "flag", "met_on": "day", "evidence": "text 20000"}
    assert kinds(r.DECISION) == {
        "body": "choice", "reference": "line 300", "decided_on": "day", "url": "text 500",
    }  # fmt: skip
    assert kinds(r.CONSENT) == {"consented_on": "day", "evidence": "text 20000"}
    assert kinds(r.ASSESSMENT) == {"assessed_on": "day", "text": "text 20000"}
    assert kinds(r.BOARD) == {"name": "line 300", "form": "choice", "meets": "line 300", "reports_to": "line 300"}
    assert kinds(r.SEAT) == {"post": "line 300", "deputy": "line 300"}
    assert kinds(r.DOCUMENT) == {"kind": "choice", "title": "line 300", "is_exempt": "flag"}


def test_what_must_be_given_is_asked_for_in_a_sentence():
    everything = (r.ORIGINAL, r.POOL, r.SCHEME, r.CLAUSE, r.PRECONDITION, r.DECISION, r.CONSENT, r.ASSESSMENT, r.BOARD,
                  r.SEAT, r.DOCUMENT)  # fmt: skip
    answer = "Answer yes or no"
    assert [{name: each.required for name, each in record.items() if each.required} for record in everything] == [
        {"sets_end": answer, "power": "Choose the legal power"},
        {"name": "Enter the name of the fund", "kind": "Choose the kind of fund"},
        {"name": "Enter the name of the scheme", "is_voluntary": answer},
        {"kind": "Choose what the clause is about", "text": "Enter the text of the clause"},
        {"kind": "Choose the condition", "is_met": answer,
         "evidence": "Enter where this is written, such as the paper and its date"},
        {"body": "Choose the body that decided", "reference": "Enter the reference of the decision",
         "decided_on": "Enter the day of the decision"},
        {},
        {"assessed_on": "Enter the day of the assessment", "text": "Enter what would change for the people served"},
        {"name": "Enter the name of the board", "form": "Choose the form of the board"},
        {"post": "Enter the post of each seat"},
        {"kind": "Choose the kind of document", "title": "Enter the title of the document", "is_exempt": answer},
    ]  # fmt: skip


def test_agreements_are_made_under_the_powers_of_pooling_alone():
    assert r.ORIGINAL["power"].values == ("s31", "s75", "s65Z5_65Z6")


def test_days_lie_in_the_time_of_pooling_and_notice_is_given_in_one_to_a_hundred_and_twenty_months():
    days = {(str(each.least), str(each.most)) for record in RECORDS for each in record.of_kind(FieldKind.DAY)}
    assert days == {("2000-04-01", "2100-12-31")}
    whole = [each for record in RECORDS for each in record.of_kind(FieldKind.WHOLE)]
    assert {each.name: (each.least, each.most) for each in whole} == {
        "notice_months": (1, 120), "information_days": (1, 120), "instalment_count": (1, 12),
        "no_budget_months": (1, 24),
    }  # fmt: skip
    assert POOL["monitoring_pounds"].least == 0
    assert (POOL["irrecoverable_vat"].least, POOL["irrecoverable_vat"].most) == (0, 100)


# --- copies ----------------------------------------------------------------------------------------------------------


def columns(model: type[models.Model], *, but: set[str]) -> set[str]:
    return {field.attname for field in model._meta.concrete_fields if field.name not in {"id", *but}}


@pytest.mark.django_db
def test_what_is_remembered_of_a_scheme_is_every_column_of_its_terms():
    deed = factories.open_deed(factories.whole_agreement())
    terms = SchemeTerms.objects.get(deed=deed)
    assert {*stored_values(terms)} == columns(SchemeTerms, but=set())
    kept = scheme_before(deed, "reablement")["terms"]
    assert {*kept} == columns(SchemeTerms, but={"deed", "scheme"})
    assert kept == {name: getattr(terms, name) for name in kept}
