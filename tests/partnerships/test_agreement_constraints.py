"""Each constraint and trigger of agreements, attacked through raw rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.postgres.fields import ArrayField
from django.db import IntegrityError, connection, models, transaction
from django.db.models import F

from partnerships.models import Deed, Partner
from tests import factories
from tests.partnerships import agreement_rows as make
from tests.partnerships.law_rows import function

pytestmark = pytest.mark.django_db

DAY = make.DAY
EARLIER = DAY - dt.timedelta(days=1)
LATER = DAY + dt.timedelta(days=1)

SHARES = ("monitoring_percent", "tolerance_percent", "early_warning_percent")
OUT_OF_RANGE = [
    *({name: Decimal(wrong)} for name in SHARES for wrong in ("-0.01", "100.01")),
    {"monitoring_pounds": Decimal("-0.01")},
]  # fmt: skip


def twice(factory: Callable[..., object], **shared: Callable[[], object]) -> Callable[[], None]:
    """The same row two times, on the same others."""

    def attack() -> None:
        same = {name: one() for name, one in shared.items()}
        factory(**same)
        factory(**same)

    return attack


def deeds(first: dict[str, Any], second: dict[str, Any]) -> Callable[[], None]:
    def attack() -> None:
        one = make.agreement()
        make.deed(agreement=one, **first)
        make.deed(agreement=one, **second)

    return attack


SIGNED = {"state": "signed", "signed_on": DAY, "effective_on": DAY}


def same_office_in_capitals() -> None:
    one = make.delegated_limit(office="Head of finance")
    make.delegated_limit(terms=one.terms, partner=one.partner, office="HEAD of finance")


def succeeding_itself() -> None:
    one = make.partner(by_succession_of=make.partner())
    Partner.objects.filter(pk=one.pk).update(by_succession_of=F("id"))


def joining_twice() -> None:
    before, heir = make.partner(), factories.organisation()
    for _ in range(2):
        make.partner(by_succession_of=before, organisation=heir)


def withdrawn_twice() -> None:
    one = make.notice()
    for _ in range(2):
        make.notice(agreement=one.agreement, withdraws=one)


ATTACKS: dict[str, list[Callable[[], object]]] = {
    "agreement_term_in_order": [lambda: make.agreement(state="ended", operating_since=DAY, ended_on=EARLIER)],
    "agreement_over_has_its_day": [
        lambda: make.agreement(state="ended"),
        lambda: make.agreement(state="expired"),
        lambda: make.agreement(state="in_operation", ended_on=DAY),
        lambda: make.agreement(state="withdrawn", ended_on=DAY),
    ],
    "deed_number_once": [
        deeds(SIGNED, {}),
        deeds({"number": 1, **SIGNED}, {"number": 1, "kind": "termination"}),
    ],
    "deed_first_is_the_agreement": [
        lambda: make.deed(kind="variation"),
        lambda: make.deed(number=1, kind="original"),
    ],
    "deed_one_open": [
        deeds({}, {"number": 1}),
        deeds({"state": "changes_requested"}, {"number": 1, "state": "approved"}),
    ],
    "deed_ends_after_start": [lambda: make.deed(effective_on=DAY, end_on=EARLIER)],
    "deed_signed_has_its_date": [
        lambda: make.deed(state="signed"),
        lambda: make.deed(state="signed", signed_on=DAY),
        lambda: make.deed(state="signed", effective_on=DAY),
        lambda: make.deed(signed_on=DAY),
    ],
    "deed_notice_is_positive": [lambda: make.deed(notice_months=0)],
    "partner_once": [twice(make.partner, deed=make.deed, organisation=factories.organisation), joining_twice],
    "partner_not_of_itself": [succeeding_itself],
    "partner_joins_one_way": [
        lambda: make.partner(valid_from=DAY),
        lambda: make.partner(deed=None, agreement=make.agreement()),
        lambda: make.partner(deed=None, agreement=make.agreement(), valid_from=DAY),
        lambda: make.partner(by_succession_of=make.partner(), valid_from=None),
        lambda: make.partner(by_succession_of=make.partner(), deed=make.deed()),
    ],
    "partner_leaves_once": [twice(make.leaving, partner=make.partner)],
    "pool_slug_once": [twice(make.pool, agreement=make.agreement, slug=lambda: "fund")],
    "pool_terms_once": [twice(make.pool_terms, deed=make.deed, pool=make.pool)],
    "pool_irrecoverable_vat_is_a_share": [
        lambda: make.pool_terms(irrecoverable_vat=Decimal("100.01")),
        lambda: make.pool_terms(irrecoverable_vat=Decimal("-0.01")),
    ],
    "pool_money_terms_in_range": [lambda said=said: make.pool_terms(**said) for said in OUT_OF_RANGE],
    "scheme_money_terms_in_range": [lambda said=said: make.scheme_terms(**said) for said in OUT_OF_RANGE],
    "delegated_limit_once": [
        twice(make.delegated_limit, terms=make.pool_terms, partner=factories.organisation, office=lambda: "Head"),
        same_office_in_capitals,
    ],
    "delegated_limit_is_an_amount_or_none": [
        lambda: make.delegated_limit(limit=Decimal(5), is_unlimited=True),
        lambda: make.delegated_limit(limit=None, is_unlimited=False),
        lambda: make.delegated_limit(limit=Decimal("-0.01"), is_unlimited=False),
    ],
    "limit_deputy_days_in_order": [lambda: make.limit_deputy(first_on=DAY, last_on=EARLIER)],
    "limit_deputy_once": [twice(make.limit_deputy, limit=make.delegated_limit)],
    "scheme_slug_once": [twice(make.scheme, agreement=make.agreement, slug=lambda: "scheme")],
    "scheme_terms_once": [twice(make.scheme_terms, deed=make.deed, scheme=make.scheme)],
    "scheme_ends_after_start": [lambda: make.scheme_terms(start_on=DAY, end_on=EARLIER)],
    "scheme_function_once": [twice(make.scheme_function, terms=make.scheme_terms, function=function)],
    "clause_once": [twice(make.clause, deed=make.deed)],
    "place_once": [
        twice(lambda agreement, place: agreement.places.create(place=place), agreement=make.agreement,
              place=factories.place),
    ],
    "publication_once": [twice(make.publication, deed=make.deed, organisation=factories.organisation)],
    "notice_withdrawn_once": [withdrawn_twice],
    "notice_runs_forward": [lambda: make.notice(takes_effect_on=EARLIER)],
    "board_version_is_positive": [lambda: make.board(version=0)],
    "board_seat_once": [twice(make.seat, board=make.board, organisation=factories.organisation)],
    "board_quorum_once": [twice(make.quorum, board=make.board, organisation=factories.organisation)],
    "reminder_once": [twice(make.reminder, agreement=make.agreement)],
    "agreement_summary_once": [twice(make.summary, agreement=make.agreement)],
    "uploaded_row_once": [
        twice(make.uploaded_row, upload=lambda: factories.upload(organisation=factories.organisation()))
    ],
}  # fmt: skip


def refused(name: str, attack: Callable[[], object]) -> None:
    """The attack is refused, by the constraint or trigger of this name."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        attack()
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")
    assert caught.value.__cause__.diag.constraint_name == name


@pytest.mark.parametrize(
    ("name", "attack"), [(name, attack) for name, attacks in ATTACKS.items() for attack in attacks]
)
def test_the_database_refuses(name: str, attack: Callable[[], object]):
    refused(name, attack)


def test_what_is_near_to_a_constraint_is_allowed():
    ended = make.agreement(state="ended", operating_since=DAY, ended_on=DAY)
    make.deed(agreement=ended, effective_on=DAY, end_on=DAY, notice_months=1, state="withdrawn")
    make.deed(agreement=ended, number=1, **SIGNED)
    make.deed(agreement=ended, number=2, kind="termination")
    one = make.partner()
    make.partner(by_succession_of=one)
    make.partner(by_succession_of=one)
    make.notice(takes_effect_on=LATER)
    for share in (Decimal(0), Decimal(100)):
        make.pool_terms(irrecoverable_vat=share)
        make.delegated_limit(limit=share, is_unlimited=False)
        for made in (make.pool_terms, make.scheme_terms):
            made(
                monitoring_percent=share, tolerance_percent=share, early_warning_percent=share, monitoring_pounds=share
            )


# --- written once ----------------------------------------------------------------------------------------------------

WRITTEN_ONCE: dict[str, Callable[[], models.Model]] = {
    "agreement_status_append_only": make.status,
    "approval_append_only": make.approval,
    "publication_append_only": make.publication,
    "precondition_append_only": make.precondition,
    "decision_append_only": make.decision,
    "trust_consent_append_only": make.trust_consent,
    "notice_append_only": make.notice,
    "occurrence_append_only": make.occurrence,
    "impact_assessment_append_only": make.impact_assessment,
    "integration_mark_append_only": make.integration_mark,
}
REWRITES = {
    "changed": "update {table} set actor = 'user:2' where id = %s",
    "written again": "update {table} set actor = actor where id = %s",
    "deleted": "delete from {table} where id = %s",
}


@pytest.mark.parametrize("rewrite", REWRITES)
@pytest.mark.parametrize("name", WRITTEN_ONCE)
def test_what_was_recorded_is_never(name: str, rewrite: str):
    row = WRITTEN_ONCE[name]()
    refused(name, lambda: execute(REWRITES[rewrite], row))


def execute(statement: str, row: models.Model) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement.format(table=row._meta.db_table), [row.pk])


# --- a signed deed is final -------------------------------------------------------------------------------------------

PARTS: dict[str, tuple[Callable[..., models.Model], str]] = {
    "clause_signed_is_final": (make.clause, "text = 'Another aim.'"),
    "pool_terms_signed_is_final": (make.pool_terms, "is_closed = true"),
    "scheme_terms_signed_is_final": (make.scheme_terms, "is_ended = true"),
    "delegated_limit_signed_is_final": (make.delegated_limit, "office = 'Another'"),
    "limit_deputy_signed_is_final": (make.limit_deputy, "office = 'Another'"),
    "scheme_function_signed_is_final": (make.scheme_function, "exclusions = array['surgery']::varchar[]"),
    "partner_signed_is_final": (make.partner, "role = 'provider'"),
    "partner_leaving_signed_is_final": (make.leaving, "deed_id = deed_id"),
}


@pytest.fixture(params=PARTS)
def part(request: pytest.FixtureRequest) -> str:
    return request.param


def deed_with(part: str) -> tuple[Deed, models.Model]:
    """An open deed that has such a part."""
    one = make.deed()
    if part == "partner_leaving_signed_is_final":
        return one, make.leaving(partner=make.partner(deed=one))
    return one, PARTS[part][0](deed=one)


def test_nothing_of_a_signed_deed_is_changed(part: str):
    one, row = deed_with(part)
    change = f"update {{table}} set {PARTS[part][1]} where id = %s"
    execute(change, row)
    make.sign(one)
    refused(part, lambda: execute(change, row))


def test_nothing_of_a_signed_deed_is_deleted(part: str):
    one, row = deed_with(part)
    make.sign(one)
    refused(part, lambda: execute("delete from {table} where id = %s", row))


def test_nothing_is_added_to_a_signed_deed(part: str):
    one, row = deed_with(part)
    make.sign(one)
    if part == "scheme_function_signed_is_final":
        refused(part, lambda: make.scheme_function(terms=row.terms))
    elif part == "delegated_limit_signed_is_final":
        refused(part, lambda: make.delegated_limit(terms=row.terms))
    elif part == "limit_deputy_signed_is_final":
        refused(part, lambda: make.limit_deputy(limit=row.limit, office="Another"))
    elif part == "partner_leaving_signed_is_final":
        refused(part, lambda: make.leaving(deed=one, partner=make.partner(by_succession_of=row.partner)))
    else:
        refused(part, lambda: PARTS[part][0](deed=one, **({"kind": "exit"} if "clause" in part else {})))


@pytest.mark.parametrize("out", [True, False], ids=["out of it", "into it"])
def test_nothing_is_moved_across_the_border_of_a_signed_deed(part: str, out: bool):
    (signed, inside), (open_deed, outside) = deed_with(part), deed_with(part)
    make.sign(signed)
    Deed.objects.filter(pk=open_deed.pk).update(agreement=signed.agreement, number=1, kind="variation")
    row, deed = (inside, open_deed) if out else (outside, signed)
    column, target = "deed_id", deed.pk
    if part in ("scheme_function_signed_is_final", "delegated_limit_signed_is_final"):
        column, target = "terms_id", (outside if out else inside).terms_id
    if part == "limit_deputy_signed_is_final":
        column, target = "limit_id", (outside if out else inside).limit_id
    refused(part, lambda: execute(f"update {{table}} set {column} = {target} where id = %s", row))


def test_a_deed_that_is_signed_elsewhere_binds_nothing_here(part: str):
    (signed, _), (_, row) = deed_with(part), deed_with(part)
    make.sign(signed)
    execute(f"update {{table}} set {PARTS[part][1]} where id = %s", row)
    execute("delete from {table} where id = %s", row)


STILL_WRITTEN = {"published_on", "version"}  # of a signed deed


def otherwise(field: models.Field[Any, Any], other: Deed) -> str:
    """Another value of a column, in SQL."""
    kinds: dict[type, str] = {
        models.DateTimeField: "now() - interval '9 years'",
        models.DateField: "coalesce({column}, date '2020-01-01') + 1",
        models.BooleanField: "not {column}",
        models.IntegerField: "coalesce({column}, 0) + 1",
        models.CharField: "left({column}, 8) || 'x'",
        models.TextField: "{column} || 'x'",
        models.ForeignKey: str(other.agreement_id),
        ArrayField: "array[date '2020-01-01']",
    }
    return next(sql for kind, sql in kinds.items() if isinstance(field, kind)).format(column=field.column)


def test_no_column_of_a_signed_deed_is_changed_but_its_day_of_publication_and_its_version():
    one, other = make.deed(), make.deed()
    make.sign(one)
    names = set()
    for field in Deed._meta.concrete_fields:
        if field.name not in STILL_WRITTEN | {"id"}:
            names.add(field.name)
            change = f"update {{table}} set {field.column} = {otherwise(field, other)} where id = %s"
            refused("deed_signed_is_final", lambda change=change: execute(change, one))
    assert {"title", "sealed_hash", "signed_on", "edited_by", "follows", "review_on"} < names
    with_the_day = "update {table} set published_on = '2020-01-01', version = 9, summary = 'x' where id = %s"
    refused("deed_signed_is_final", lambda: execute(with_the_day, one))


def test_a_signed_deed_itself_is_never_deleted():
    one = make.deed()
    make.sign(one)
    refused("deed_signed_is_final", lambda: execute("delete from {table} where id = %s", one))


def test_a_signed_deed_may_be_published():
    one = make.deed()
    make.sign(one)
    execute("update {table} set published_on = '2016-05-01', version = version + 1 where id = %s", one)
    assert Deed.objects.get(pk=one.pk).version == 2


def test_a_successor_is_added_after_signing():
    one = make.partner()
    make.sign(one.deed)
    make.partner(by_succession_of=one)
    assert Partner.objects.filter(agreement=one.agreement).count() == 2
