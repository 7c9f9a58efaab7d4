"""Schemes and funds as rows for the API: on every day the same as the agreements read one by one."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from partnerships.models import Agreement, AgreementSummary, Deed
from partnerships.queries.agreements.api_listings import (
    _OF_AGREEMENT,
    _OF_POOL,
    _OF_SCHEME,
    AGREEMENTS,
    POOLS,
    SCHEMES,
    _narrowed,
    _seen_by,
    _today,
    agreements,
    is_function,
    pools,
    schemes,
)
from partnerships.queries.agreements.records import records_of
from partnerships.rules.agreements import (
    AgreementRecord,
    Content,
    MoneyTermsContent,
    content_as_at,
    published,
    reading_day,
)
from partnerships.terms import Audience
from pooledcare.directory.access import ANONYMOUS, Actor, system_actor
from pooledcare.directory.models import Organisation
from pooledcare.kernel.rest.listings import Listing
from tests import factories
from tests.partnerships import agreement_rows as rows
from tests.partnerships.law_rows import function

pytestmark = pytest.mark.django_db
SYSTEM = system_actor("example")
DAY = dt.timedelta(days=1)
Records = dict[Audience, list[tuple[AgreementSummary, AgreementRecord]]]
START, VARIED, CLOSED, FOLLOWED, AGAIN, END = (
    dt.date(2024, 4, 1), dt.date(2025, 4, 1), dt.date(2025, 5, 1), dt.date(2025, 7, 1), dt.date(2025, 10, 1),
    dt.date(2026, 3, 31),
)  # fmt: skip


def listed(listing: Listing, actor: Actor, day: dt.date) -> list[dict[str, Any]]:
    found = _seen_by(_today(listing, day), actor).page(500).rows
    return [dict(zip((column.name for column in listing.columns), row, strict=True)) for row in found]


def twins(day: dt.date, audience: Audience, records: Records) -> list[tuple[Agreement, AgreementSummary, Content]]:
    """Each agreement as it reads alone, in the order of their keys."""
    found = []
    for summary, record in records[audience]:
        content = content_as_at(record, reading_day(record, day), audience=audience)
        if content is not None:
            found.append((summary.agreement, summary, content))
    return found


def records_now() -> Records:
    summaries = list(AgreementSummary.objects.select_related("agreement").order_by("agreement_id"))
    known = records_of([each.agreement for each in summaries])
    made: Records = {audience: [] for audience in Audience}
    for each in summaries:
        record = known[each.agreement_id]
        made[Audience(each.audience)].append((each, published(record) if each.audience == "public" else record))
    return made


def code(body: Any) -> str | None:
    return body.code if body else None


def money(each: MoneyTermsContent) -> dict[str, Any]:
    said = {field.name: getattr(each, field.name) for field in dataclasses.fields(MoneyTermsContent)}
    choices = ("information_every", "monitoring_rule", "instalments", "no_budget", "income_basis")
    return {
        name: str(value) if isinstance(value, Decimal) else list(value) if isinstance(value, tuple)
        else None if name in choices and not value else value
        for name, value in said.items()
    }  # fmt: skip


def scheme_rows(day: dt.date, audience: Audience, records: Records) -> list[dict[str, Any]]:
    return [
        {
            "agreement": agreement.reference, "slug": each.slug, "name": each.name,
            "flexibilities": list(each.flexibilities), "ways_of_working": list(each.ways_of_working),
            "lead": code(each.lead), "pool": each.pool or None, "aims": each.aims, "services": each.services,
            "client_group": each.client_group, "geography": each.geography, "providers": each.providers,
            "governance": each.governance, "exit_terms": each.exit_terms, "start": each.start_on, "end": each.end_on,
            "notice_months": each.notice_months, "voluntary": each.is_voluntary, **money(each),
            "functions": [one.code for one in each.functions], "agreement_state": summary.state, "seen_by": audience,
        }
        for agreement, summary, content in twins(day, audience, records)
        for each in sorted(content.schemes, key=lambda each: each.pk)
    ]  # fmt: skip


def pool_rows(day: dt.date, audience: Audience, records: Records) -> list[dict[str, Any]]:
    return [
        {
            "agreement": agreement.reference, "slug": each.slug, "name": each.name, "kind": each.kind,
            "host": code(each.host), "manager": each.manager, "manager_employer": code(each.manager_employer),
            "vat_structure": each.vat_structure or None, "vat_regime": each.vat_regime or None,
            "irrecoverable_vat": None if each.irrecoverable_vat is None else str(each.irrecoverable_vat),
            "vat_advice": each.vat_advice, "accounting": each.accounting or None, **money(each),
            "agreement_state": summary.state,
            "seen_by": audience,
        }
        for agreement, summary, content in twins(day, audience, records)
        for each in sorted(content.pools, key=lambda each: each.pk)
    ]  # fmt: skip


def stands(made: Agreement, *audiences: str, **columns: Any) -> Agreement:
    for audience in audiences or ("partners", "public"):
        rows.summary(agreement=made, audience=audience, state=made.state, **columns)
    return made


def sign(one: Deed, on: dt.date, *, is_published: bool) -> None:
    signed = on - 9 * DAY
    Deed.objects.filter(pk=one.pk).update(
        state="signed", effective_on=on, signed_on=signed, published_on=signed if is_published else None
    )


def begun(drafter: Organisation, slug: str, **columns: Any) -> tuple[Agreement, Deed]:
    """An agreement with a fund and a scheme."""
    made = rows.agreement(prepared_by=drafter, **columns)
    first = rows.deed(agreement=made)
    fund = rows.pool_terms(deed=first, pool=rows.pool(agreement=made, slug=slug), host=drafter)
    rows.scheme_terms(deed=first, scheme=rows.scheme(agreement=made, slug=slug), pool=fund.pool, lead=drafter)
    return made, first


@pytest.fixture
def varied() -> Agreement:
    """One that was varied (not for everybody to read), succeeded twice, and lost a scheme; others beside it."""
    board, council, heir, last = (factories.organisation() for _ in range(4))
    made, first = begun(board, "alpha", state="in_operation")
    one, two = rows.partner(deed=first, organisation=board), rows.partner(deed=first, organisation=council)
    full = rows.pool_terms(
        deed=first, pool=rows.pool(agreement=made, slug="zeta"), name="Zeta", kind="aligned", host=council,
        manager="Head", manager_employer=board, vat_structure="agency", vat_regime="s33",
        irrecoverable_vat=Decimal("1.50"), vat_advice="Advice", accounting="lead",
    )  # fmt: skip
    rich = rows.scheme_terms(
        deed=first, scheme=rows.scheme(agreement=made, slug="zeta"), name="Zeta", services="S", client_group="C",
        geography="G", providers="P", flexibilities=["pooled_fund", "Another"], ways_of_working=["b", "C"],
        lead=council, pool=full.pool, start_on=START, end_on=END, notice_months=3, is_voluntary=True,
    )  # fmt: skip
    for position in (9, 1):
        rows.scheme_function(terms=rich, function=function(position=position))
    for slug in ("closed", "dropped"):
        rows.scheme_terms(deed=first, scheme=rows.scheme(agreement=made, slug=slug), lead=board)
    sign(first, START, is_published=True)
    second = rows.deed(agreement=made, number=1)
    rows.scheme_terms(deed=second, scheme=rich.scheme, name="Zeta varied", lead=board)
    rows.scheme_terms(deed=second, scheme=made.schemes.get(slug="dropped"), is_ended=True)
    rows.pool_terms(deed=second, pool=full.pool, name="Zeta varied", host=board)
    rows.pool_terms(deed=second, pool=made.pools.get(slug="alpha"), is_closed=True)
    sign(second, VARIED, is_published=False)
    same_day = rows.deed(agreement=made, number=2)
    rows.scheme_terms(deed=same_day, scheme=rich.scheme, name="Zeta varied again")
    sign(same_day, VARIED, is_published=True)
    rows.occurrence(agreement=made, scheme=made.schemes.get(slug="closed"), happened_on=CLOSED)
    follower = rows.partner(by_succession_of=one, organisation=heir, valid_from=FOLLOWED)
    rows.partner(by_succession_of=follower, organisation=last, valid_from=AGAIN)
    for _ in range(2):
        rows.partner(by_succession_of=two, organisation=factories.organisation(), valid_from=FOLLOWED)
    opened = rows.deed(agreement=made, number=3, effective_on=VARIED)
    rows.scheme_terms(deed=opened, scheme=rich.scheme, name="Not signed")
    stands(made)
    for state, on in (("draft", None), ("approved", END + DAY), ("withdrawn", None)):
        unsigned, its_deed = begun(council, state)
        Deed.objects.filter(pk=its_deed.pk).update(state=state, effective_on=on)
        Agreement.objects.filter(pk=unsigned.pk).update(state=state)
        unsigned.refresh_from_db()
        stands(unsigned, "partners")
    over, its_first = begun(council, "over", state="ended", ended_on=VARIED - DAY)
    late = rows.deed(agreement=over, number=1, state="withdrawn")
    rows.scheme_terms(deed=late, scheme=over.schemes.get(), name="After its end")
    sign(its_first, START, is_published=True)
    sign(late, VARIED, is_published=True)
    stands(over)
    return made


def test_on_the_day_before_and_the_day_of_every_change_the_lists_are_what_each_agreement_reads(varied):
    records, compared = records_now(), 0
    edges = (START, VARIED, CLOSED + DAY, FOLLOWED, AGAIN, END + DAY)
    for day in (each for edge in edges for each in (edge - DAY, edge)):
        for actor, audience in ((SYSTEM, Audience.PARTNERS), (ANONYMOUS, Audience.PUBLIC)):
            expected = scheme_rows(day, audience, records)
            compared += len(expected)
            assert listed(SCHEMES, actor, day) == expected, (day, audience)
            assert listed(POOLS, actor, day) == pool_rows(day, audience, records), (day, audience)
    assert compared > 100


def test_without_a_day_today_is_read(varied):
    assert _today(SCHEMES).before_values == (dt.datetime.now(dt.UTC).astimezone().date(),)
    assert schemes({}, actor=SYSTEM).page(500).rows == _seen_by(_today(SCHEMES), SYSTEM).page(500).rows
    assert pools({}, actor=ANONYMOUS).page(500).rows == _seen_by(_today(POOLS), ANONYMOUS).page(500).rows


# --- narrowed --------------------------------------------------------------------------------------------------------


def slugs(found: Listing) -> list[str]:
    place = next(n for n, column in enumerate(found.columns) if column.name == "slug")
    return [row[place] for row in found.page(500).rows]


def narrowed(listing: Listing, conditions: dict[str, str], day: dt.date = CLOSED, **asked: Any) -> list[str]:
    return slugs(_narrowed(_seen_by(_today(listing, day), SYSTEM), asked, conditions))


def test_schemes_and_funds_are_narrowed_by_each_thing_alone(varied):
    board, council = varied.prepared_by, varied.partners.get(pk=varied.partners.order_by("pk")[1].pk).organisation
    AgreementSummary.objects.filter(agreement=varied).update(place_ids=[5, 7], partner_ids=[board.pk, 9])
    whole = ["alpha", "zeta", "closed"]
    codes = [each.function.code for each in varied.schemes.get(slug="zeta").terms.first().functions.all()]
    assert narrowed(SCHEMES, _OF_SCHEME, agreement_id=varied.pk) == whole
    assert narrowed(SCHEMES, _OF_SCHEME, place_id=7) == whole
    assert narrowed(SCHEMES, _OF_SCHEME, partner_ids=[board.pk, 8]) == whole
    assert narrowed(SCHEMES, _OF_SCHEME, place_id=6) == narrowed(SCHEMES, _OF_SCHEME, partner_ids=[8]) == []
    assert narrowed(SCHEMES, _OF_SCHEME, START, function=codes[0]) == ["zeta"]
    assert narrowed(SCHEMES, _OF_SCHEME, START, function=codes[1]) == ["zeta"]
    assert narrowed(SCHEMES, _OF_SCHEME, START, function="none") == []
    assert narrowed(SCHEMES, _OF_SCHEME, START, flexibility="pooled_fund") == ["zeta"]
    assert narrowed(SCHEMES, _OF_SCHEME, START, flexibility="none") == []
    assert narrowed(SCHEMES, _OF_SCHEME, START, lead=[board.pk, 0]) == ["alpha", "closed", "dropped"]
    assert narrowed(POOLS, _OF_POOL, START, agreement_id=varied.pk) == ["alpha", "zeta"]
    assert narrowed(POOLS, _OF_POOL, START, kind="aligned") == ["zeta"]
    assert narrowed(POOLS, _OF_POOL, START, host=[board.pk]) == ["alpha"]
    assert narrowed(POOLS, _OF_POOL, START, host=[council.pk], agreement_id=varied.pk) == ["zeta"]
    assert narrowed(POOLS, _OF_POOL, START, place_id=6) == narrowed(POOLS, _OF_POOL, START, partner_ids=[8]) == []


def references(actor: Actor = SYSTEM, **asked: Any) -> list[str]:
    return [row[0] for row in agreements(asked, actor=actor).page(500).rows]


def test_agreements_are_narrowed_by_each_thing_alone_the_newest_first():
    drafter = factories.organisation()
    columns: dict[str, Any] = {
        "place_ids": [5, 7], "partner_ids": [1, 2], "host_ids": [3, 4], "state": "signed", "end_on": END,
        "function_codes": ["a", "b"], "flexibilities": ["x", "y"], "awaits": "approval",
    }  # fmt: skip
    made, other = rows.agreement(prepared_by=drafter, power="s31"), rows.agreement(prepared_by=drafter)
    rows.summary(agreement=made, **columns)
    rows.summary(agreement=other, end_on=END + DAY)
    assert references() == [other.reference, made.reference]
    for asked in (
        {"agreement_id": made.pk}, {"place_id": 7}, {"partner_ids": [2, 9]}, {"host_ids": [9, 3]}, {"power": "s31"},
        {"status": "signed"}, {"function": "b"}, {"flexibility": "x"}, {"ending_before": END + DAY},
        {"awaits": "approval"},
    ):  # fmt: skip
        assert references(**asked) == [made.reference], asked
    assert references(ending_before=END) == references(place_id=5, power="s75") == []
    assert set(_OF_AGREEMENT) == {
        "agreement_id", "place_id", "partner_ids", "host_ids", "power", "status", "function", "flexibility",
        "ending_before", "awaits",
    }  # fmt: skip


def test_an_agreement_is_a_row_of_its_standing_with_codes_by_name():
    drafter = factories.organisation()
    zeta, alpha, twin = (factories.organisation(name=name) for name in ("Zeta", "Alpha", "Alpha"))
    zed, ald = factories.place(name="Zedshire", slug="z"), factories.place(name="Aldshire", slug="a")
    factories.place()
    made = rows.agreement(prepared_by=drafter, is_integrated=True, is_illustrative=True)
    keys = [zeta.pk, twin.pk, alpha.pk]
    rows.summary(
        agreement=made, title="Title", state="signed", is_operating_unsigned=True, start_on=START, end_on=END,
        partner_ids=keys, host_ids=keys[:1], place_ids=[zed.pk, ald.pk], function_codes=["b", "a"],
        flexibilities=["y"], pool_count=1, scheme_count=2, verdict="unlawful", unlawful_count=3, not_settled_count=4,
        awaits="signature", awaited_ids=keys[1:], unpublished_ids=keys[2:],
    )  # fmt: skip
    (row,) = agreements({}, actor=SYSTEM).page(9).rows
    assert dict(zip((column.name for column in AGREEMENTS.columns), row, strict=True)) == {
        "reference": made.reference, "title": "Title", "state": "signed", "operating_unsigned": True, "power": "s75",
        "start": START, "end": END, "partners": [alpha.code, twin.code, zeta.code], "hosts": [zeta.code],
        "places": ["a", "z"], "functions": ["b", "a"], "flexibilities": ["y"], "pool_count": 1, "scheme_count": 2,
        "verdict": "unlawful", "unlawful_count": 3, "not_settled_count": 4, "integrated": True, "illustrative": True,
        "seen_by": "partners", "awaits": "signature", "awaited": [alpha.code, twin.code], "to_publish": [alpha.code],
    }  # fmt: skip
    AgreementSummary.objects.update(awaits="", audience="public")
    Agreement.objects.update(is_integrated=False, is_illustrative=False)
    (row,) = agreements({}, actor=ANONYMOUS).page(9).rows
    found = dict(zip((column.name for column in AGREEMENTS.columns), row, strict=True))
    assert (found["awaits"], found["integrated"], found["illustrative"], found["seen_by"]) == (
        None, False, False, "public",
    )  # fmt: skip


def test_a_reference_has_four_figures_at_least():
    drafter = factories.organisation()
    for pk in (7, 12_345):
        made = Agreement.objects.create(pk=1_000_000 + pk, power="s75", prepared_by=drafter)
        rows.summary(agreement=made)
        assert references(agreement_id=made.pk) == [made.reference]


def test_each_agreement_is_one_row_as_partner_or_as_anybody():
    own, other = factories.organisation(), factories.organisation()
    mine, theirs = rows.agreement(prepared_by=own), rows.agreement(prepared_by=other)
    for made, reader in ((mine, own), (theirs, other)):
        rows.summary(agreement=made, reader_ids=[reader.pk])
        rows.summary(agreement=made, audience="public")
    hidden = rows.agreement(prepared_by=other)
    rows.summary(agreement=hidden, reader_ids=[other.pk])

    def seen(actor: Actor) -> list[tuple[str, str]]:
        names = [column.name for column in AGREEMENTS.columns]
        found = agreements({}, actor=actor).page(9).rows
        return [(row[0], row[names.index("seen_by")]) for row in found]

    member = factories.actor(factories.member(organisation=own, roles=["viewer"]))
    assert seen(ANONYMOUS) == [(theirs.reference, "public"), (mine.reference, "public")]
    assert seen(member) == [(theirs.reference, "public"), (mine.reference, "partners")]
    assert seen(SYSTEM) == [(each.reference, "partners") for each in (hidden, theirs, mine)]
    for listing, rows_of in ((SCHEMES, schemes), (POOLS, pools)):
        assert [row[0] for row in rows_of({}, actor=member).page(9).rows] == []
        assert listing.order == ("a.id", "c.id")


def test_a_function_is_one_that_the_law_knows():
    assert is_function(function().code)
    assert not is_function("witchcraft")
