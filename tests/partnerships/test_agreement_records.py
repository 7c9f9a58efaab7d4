"""The record of an agreement, read with statements of our own: the same as row by row, and in the stated order."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any

import pytest

from partnerships.models import Agreement, Deed, PoolTerms, SchemeTerms
from partnerships.queries.agreements import record_statements as statements
from partnerships.queries.agreements.marks import released_since_mark
from partnerships.queries.agreements.notices import current_notice_facts, notices_by_agreement
from partnerships.queries.agreements.records import body_of, record_of, records_of
from partnerships.rules.agreements import (
    AgreementRecord,
    Body,
    ConsentFact,
    DeedRecord,
    FunctionContent,
    Joined,
    PlaceNamed,
    PoolContent,
    PreconditionFact,
    SchemeClosed,
    SchemeContent,
)
from partnerships.rules.agreements.noticing import NoticeFact
from pooledcare.directory.models import Organisation
from tests import factories
from tests.partnerships import agreement_rows as rows

pytestmark = pytest.mark.django_db

DAY = dt.date(2024, 4, 1)


# --- row by row ------------------------------------------------------------------------------------------------------


def by_pk(found: Any) -> list[Any]:
    return sorted(found.all(), key=lambda row: row.pk)


def twin(agreement: Agreement) -> AgreementRecord:
    """The same record, slowly and plainly."""
    agreement = Agreement.objects.get(pk=agreement.pk)
    consents: dict[tuple[int, int], ConsentFact] = {}
    for row in by_pk(agreement.trust_consents):
        fact = ConsentFact(row.trust.code, row.commissioner.name, row.consented_on)
        consents[row.trust_id, row.commissioner_id] = fact
    closed = [row for row in agreement.occurrences.all() if row.scheme]
    closed.sort(key=lambda row: (row.happened_on, row.pk))
    return AgreementRecord(
        pk=agreement.pk,
        power=agreement.power,
        state=agreement.state,
        operating_since=agreement.operating_since,
        ended_on=agreement.ended_on,
        is_integrated=agreement.is_integrated,
        places=tuple(PlaceNamed(r.place.pk, r.place.slug, r.place.name) for r in by_pk(agreement.places)),
        deeds=tuple(twin_of_deed(row) for row in sorted(agreement.deeds.all(), key=lambda row: row.number)),
        successors=tuple(twin_of_partner(row) for row in by_pk(agreement.partners) if row.deed is None),
        preconditions=tuple(PreconditionFact(r.kind, r.is_met, r.met_on) for r in by_pk(agreement.preconditions)),
        consents=tuple(consents.values()),
        closures=tuple(SchemeClosed(row.scheme.slug, row.happened_on) for row in closed),
    )


def twin_of_partner(row: Any) -> Joined:
    body = twin_of_body(row.organisation)
    assert body is not None
    return Joined(row.pk, body, row.role, row.contributes, row.valid_from, row.by_succession_of_id)


def twin_of_body(row: Organisation | None) -> Body | None:
    return None if row is None else Body(row.pk, row.code, row.name, row.kind)


def twin_of_deed(row: Deed) -> DeedRecord:
    plain = {
        name: getattr(row, name)
        for name in ("pk", "number", "kind", "state", "title", "summary", "effective_on", "sets_end", "end_on",
                     "notice_months", "signed_on", "published_on")
    }  # fmt: skip
    funds, schemes = by_pk(row.pool_terms), by_pk(row.scheme_terms)
    return DeedRecord(
        **plain,
        review_on=None if row.review_on is None else tuple(row.review_on),
        clauses=tuple((each.kind, each.text) for each in by_pk(row.clauses)),
        joined=tuple(twin_of_partner(each) for each in by_pk(row.partners)),
        left=tuple(each.partner_id for each in by_pk(row.leavings)),
        pools=tuple(twin_of_fund(each) for each in funds if not each.is_closed),
        closed_pools=tuple(each.pool.slug for each in funds if each.is_closed),
        schemes=tuple(twin_of_scheme(each) for each in schemes if not each.is_ended),
        ended_schemes=tuple(each.scheme.slug for each in schemes if each.is_ended),
    )


def twin_of_fund(row: PoolTerms) -> PoolContent:
    return PoolContent(
        pk=row.pool.pk, slug=row.pool.slug, name=row.name, kind=row.kind, host=twin_of_body(row.host),
        manager=row.manager, manager_employer=twin_of_body(row.manager_employer), vat_structure=row.vat_structure,
        vat_regime=row.vat_regime, irrecoverable_vat=row.irrecoverable_vat, vat_advice=row.vat_advice,
        accounting=row.accounting,
    )  # fmt: skip


def twin_of_scheme(row: SchemeTerms) -> SchemeContent:
    functions = sorted(row.functions.all(), key=lambda each: (each.function.position, each.pk))
    return SchemeContent(
        pk=row.scheme.pk, slug=row.scheme.slug, name=row.name, aims=row.aims, services=row.services,
        client_group=row.client_group, geography=row.geography, providers=row.providers, governance=row.governance,
        exit_terms=row.exit_terms, flexibilities=tuple(sorted(row.flexibilities)),
        ways_of_working=tuple(sorted(row.ways_of_working)), lead=twin_of_body(row.lead),
        pool=row.pool.slug if row.pool else "", start_on=row.start_on, end_on=row.end_on,
        notice_months=row.notice_months, is_voluntary=row.is_voluntary,
        functions=tuple(
            FunctionContent(
                each.function.code, each.function.name, twin_of_body(each.holder), tuple(sorted(each.exclusions)),
                each.delegation_evidence,
            )
            for each in functions
        ),
    )  # fmt: skip


# --- an agreement with something everywhere, written in another order than it is read ---------------------------------


backwards = itertools.count(2_000_000_000, -1)


def before() -> dict[str, int]:
    """A key smaller than that of the row before: rows are kept in another order than they are read."""
    return {"pk": next(backwards)}


@pytest.fixture
def agreement() -> Agreement:
    board, council, employer, lead, holder = (factories.organisation() for _ in range(5))
    made = rows.agreement(
        prepared_by=board, state="in_operation", operating_since=DAY, is_integrated=True, power="s65Z5_65Z6"
    )
    for name in ("Zedshire", "Aldshire"):
        made.places.create(place=factories.place(name=name), **before())
    first = rows.deed(
        agreement=made, title="Title", summary="Summary", effective_on=DAY, sets_end=True, end_on=dt.date(2030, 3, 31),
        notice_months=6, review_on=[dt.date(2026, 4, 1), dt.date(2025, 4, 1)],
    )  # fmt: skip
    one = rows.partner(deed=first, organisation=council, role="provider", contributes=False, **before())
    other = rows.partner(deed=first, organisation=board, **before())
    for kind in ("exit", "aims", "disputes"):
        rows.clause(deed=first, kind=kind, text=f"Text of {kind}", **before())
    fund = rows.pool_terms(
        deed=first, pool=rows.pool(agreement=made, slug="zeta"), name="Zeta", kind="aligned", host=board,
        manager="Head", manager_employer=employer, vat_structure="agency", vat_regime="s33",
        irrecoverable_vat=Decimal("1.50"), vat_advice="Advice", accounting="lead", **before(),
    )  # fmt: skip
    rows.pool_terms(deed=first, pool=rows.pool(agreement=made, slug="alpha"), **before())
    there = rows.scheme_terms(
        deed=first, scheme=rows.scheme(agreement=made, slug="zeta"), name="Zeta", aims="A", services="S",
        client_group="C", geography="G", providers="P", governance="V", exit_terms="E",
        flexibilities=["pooled_fund", "a"], ways_of_working=["lead_commissioning", "integrated_provision"], lead=lead,
        pool=fund.pool, start_on=DAY, end_on=dt.date(2027, 3, 31), notice_months=3, is_voluntary=True,
        **before(),
    )  # fmt: skip
    rows.scheme_terms(deed=first, scheme=rows.scheme(agreement=made, slug="alpha"), name="Alpha", **before())
    for position in (9, 7, 9):
        rows.scheme_function(
            terms=there, function=rows.function(position=position), holder=holder, exclusions=["surgery", "endoscopy"],
            delegation_evidence=f"Paper {position}", **before(),
        )  # fmt: skip
    first.state, first.signed_on, first.published_on = "signed", DAY - dt.timedelta(days=3), DAY
    first.save()
    rows.deed(agreement=made, number=2, state="withdrawn", title="Given up")
    second = rows.deed(agreement=made, number=1, kind="termination", summary="Ends", review_on=[])
    for each in (other, one):
        rows.leaving(deed=second, partner=each, **before())
    rows.pool_terms(deed=second, pool=fund.pool, is_closed=True)
    rows.scheme_terms(deed=second, scheme=there.scheme, is_ended=True)
    rows.clause(deed=second, kind="exit", text="")
    heir = rows.partner(by_succession_of=one, valid_from=dt.date(2025, 4, 1), role="provider", contributes=False)
    rows.partner(by_succession_of=heir, valid_from=dt.date(2025, 10, 1), **before())
    for kind, is_met in (("plan_fit", False), ("improvement", True), ("plan_fit", True)):
        rows.precondition(agreement=made, kind=kind, is_met=is_met, met_on=DAY if is_met else None, **before())
    trust, other = factories.organisation(kind="nhs_trust"), factories.organisation(kind="nhs_trust")
    for who, whose, on in ((trust, lead, None), (other, lead, None), (trust, board, None), (trust, lead, DAY)):
        rows.trust_consent(agreement=made, trust=who, commissioner=whose, consented_on=on, **before())
    for slug, on in (("zeta", 2), ("alpha", 1), ("zeta", 1)):
        rows.occurrence(
            agreement=made, kind="closure_of_scheme", scheme=made.schemes.get(slug=slug),
            happened_on=dt.date(2026, 4, on), **before(),
        )  # fmt: skip
    rows.occurrence(agreement=made)
    return made


def test_records_have_all_that_is_written_in_their_rows_in_order_and_never_mixed(agreement, django_assert_num_queries):
    other, unasked = factories.agreement(), factories.agreement()
    with django_assert_num_queries(12):
        found = records_of([agreement, other])
    assert found == {each.pk: twin(each) for each in (agreement, other)}
    assert unasked.pk not in found
    with django_assert_num_queries(12):
        one = record_of(agreement)
    assert one == found[agreement.pk]
    assert_in_its_order(one)


def assert_in_its_order(found: AgreementRecord) -> None:
    """Rows with the smallest key first, whatever was written first; functions by place, closures by day before that."""
    assert [each.number for each in found.deeds] == [0, 1, 2]
    assert [each.name for each in found.places] == ["Aldshire", "Zedshire"]
    first, second, third = found.deeds
    assert [kind for kind, _ in first.clauses] == ["disputes", "aims", "exit"]
    assert [each.slug for each in first.pools] == [each.slug for each in first.schemes] == ["alpha", "zeta"]
    there = first.schemes[1]
    assert [each.delegation_evidence for each in there.functions] == ["Paper 7", "Paper 9", "Paper 9"]
    assert there.functions[0].exclusions == ("endoscopy", "surgery")
    assert (there.pool, first.schemes[0].pool, first.schemes[0].lead) == ("zeta", "", None)
    assert [each.pk for each in first.joined] == sorted(second.left)
    assert list(second.left) == [each.pk for each in reversed(first.joined)]
    assert (second.closed_pools, second.ended_schemes) == (("zeta",), ("zeta",))
    assert (first.review_on, second.review_on, third.review_on) == (
        (dt.date(2026, 4, 1), dt.date(2025, 4, 1)), (), None,
    )  # fmt: skip
    assert [(each.kind, each.is_met) for each in found.preconditions] == [
        ("plan_fit", True), ("improvement", True), ("plan_fit", False),
    ]  # fmt: skip
    assert [(each.slug, each.last_day.day) for each in found.closures] == [("zeta", 1), ("alpha", 1), ("zeta", 2)]
    assert [each.consented_on for each in found.consents] == [None, None, None]


BY_AGREEMENT = {
    name: getattr(statements, name)
    for name in ("DEEDS", "PARTNERS", "LEAVINGS", "CLAUSES", "POOLS", "SCHEMES", "FUNCTIONS", "PLACES", "PRECONDITIONS",
                 "CONSENTS", "CLOSURES")
}  # fmt: skip


def test_each_statement_reads_the_rows_of_the_agreements_asked_for_and_no_others(agreement):
    other = factories.whole_agreement(places=[factories.place()])
    for name, statement in BY_AGREEMENT.items():
        one, two = (statements.rows_of(statement, [each.pk]) for each in (agreement, other))
        assert one, name
        assert sorted(map(str, one + two)) == sorted(map(str, statements.rows_of(statement, [agreement.pk, other.pk])))
        assert statements.rows_of(statement, []) == []
    bodies = statements.rows_of(statements.BODIES, [agreement.prepared_by_id])
    assert [Body(*row) for row in bodies] == [body_of(agreement.prepared_by)]


def test_a_body_is_an_organisation_as_an_agreement_sees_it():
    made = factories.organisation(name="Name", kind="ccg", code="99X")
    assert body_of(made) == Body(made.pk, "99X", "Name", "ccg")
    assert body_of(None) is None


# --- notices and marks -----------------------------------------------------------------------------------------------


def test_notices_that_stand_are_read_oldest_first_and_what_was_taken_back_is_not(django_assert_num_queries):
    made, other = rows.agreement(), rows.agreement()
    scheme = rows.scheme(agreement=made, slug="equipment")
    last = dt.date(2027, 3, 31)
    given = rows.notice(agreement=made, takes_effect_on=last)
    gone = rows.notice(agreement=made)
    rows.notice(agreement=made, withdraws=gone)
    of_scheme = rows.notice(agreement=made, scheme=scheme, given_on=rows.DAY)
    elsewhere = rows.notice(agreement=other)
    assert current_notice_facts(made) == [
        NoticeFact(given.pk, given.organisation_id, "", rows.DAY, last),
        NoticeFact(of_scheme.pk, of_scheme.organisation_id, "equipment", rows.DAY, rows.DAY),
    ]
    with django_assert_num_queries(1):
        assert set(notices_by_agreement([made.pk])) == {made.pk}
    found = notices_by_agreement([made.pk, other.pk])
    assert [each.pk for each in found[other.pk]] == [elsewhere.pk]
    assert found[made.pk] == current_notice_facts(made)
    assert current_notice_facts(rows.agreement()) == []


def test_who_has_agreed_to_clear_the_mark_has_done_so_since_the_last_mark():
    made, one, two = rows.agreement(), factories.organisation(), factories.organisation()

    def mark(kind: str, who: Organisation) -> set[int]:
        rows.integration_mark(agreement=made, kind=kind, organisation=who)
        return released_since_mark(made)

    rows.integration_mark(kind="release_agreed", organisation=one)
    assert released_since_mark(made) == set()
    assert mark("marked", one) == set()
    assert mark("release_agreed", one) == {one.pk}
    assert mark("release_agreed", two) == {one.pk, two.pk}
    assert mark("marked", two) == set()
    assert mark("release_agreed", two) == {two.pk}
