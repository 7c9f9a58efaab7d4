"""Questions about money: which figures, in which order, with what beside them; each condition by itself."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from budgets import totals
from budgets.queries import listings, publications, streams
from budgets.queries.england import YEARS_SHOWN, chosen_measure, england, years_around
from budgets.queries.figures import figures_of
from budgets.queries.lineage import provenance
from budgets.queries.listings import ALWAYS_APART, MAY_DIVIDE, Asked
from budgets.queries.organisation import organisation_page
from budgets.queries.place import place_page
from budgets.queries.streams import (
    all_totals,
    holders_of,
    silence,
    stream_by_code,
    stream_totals,
    streams_found,
    streams_listed,
)
from budgets.queries.totals import Measure, measures
from budgets.queries.waiting import waiting_for
from pooledcare.directory.access import ANONYMOUS, system_actor
from pooledcare.directory.queries.organisations import organisations_named_by
from tests import factories

YEAR = {"financial_year": 2024}


# ── England ──────────────────────────────────────────────────────────────────────────────────────────────────────────

HELD = [
    Measure(2022, "outturn", 1), Measure(2023, "allocation", 5), Measure(2023, "budget", 2),
    Measure(2024, "allocation", 5), Measure(2024, "budget", 5), Measure(2025, "budget", 3),
]  # fmt: skip


@pytest.mark.parametrize(
    ("year", "basis", "chosen"),
    [
        (None, "", Measure(2024, "budget", 5)),
        (2023, "", Measure(2023, "allocation", 5)),
        (None, "outturn", Measure(2022, "outturn", 1)),
        (None, "allocation", Measure(2024, "allocation", 5)),
        (2023, "budget", Measure(2023, "budget", 2)),
        (2023, "outturn", Measure(2023, "outturn", 0)),
        (1999, "", Measure(1999, "budget", 0)),
        (None, "none", Measure(2025, "none", 0)),
    ],
)
def test_the_measure_that_was_asked_for_or_the_fullest(year, basis, chosen):
    assert chosen_measure(HELD, year=year, basis=basis) == chosen


def test_where_nothing_is_held_nothing_is_chosen_unless_both_are_asked_for():
    for year, basis in ((None, ""), (2024, ""), (None, "budget")):
        assert chosen_measure([], year=year, basis=basis) is None
    assert chosen_measure([], year=2024, basis="budget") == Measure(2024, "budget", 0)


def test_the_years_around_the_chosen_one():
    years = [2010, 2012, 2014, 2016, 2018, 2020, 2022, 2024]
    assert YEARS_SHOWN == 6
    assert years_around(years, 2014) == [2014, 2016, 2018, 2020, 2022, 2024]
    assert years_around(years, 2013) == [2010, 2012]
    assert years_around(years, 2012) == [2010, 2012]
    assert years_around(list(range(2000, 2020)), 2008) == [2003, 2004, 2005, 2006, 2007, 2008]


@pytest.mark.django_db
def test_england_shows_publishers_figures_of_the_chosen_year_and_basis_and_ones_own_of_the_year():
    body = factories.organisation(region=factories.region(name="North"))
    stream = factories.stream(code="core")
    for year, basis, amount in ((2024, "allocation", 1), (2023, "allocation", 2), (2024, "budget", 4)):
        factories.allocation(organisation=body, stream=stream, financial_year=year, basis=basis, amount=Decimal(amount))
    factories.allocation(stream=stream, source=body, amount=Decimal(99))
    totals.rebuild()
    reader = factories.actor(factories.member(organisation=body, roles=["viewer"]))
    page = england(actor=reader, year=2024, basis="allocation")
    assert page.measures == [Measure(2023, "allocation", 1), Measure(2024, "allocation", 1), Measure(2024, "budget", 1)]
    assert [(one.region, one.amount) for one in page.by_region] == [("North", Decimal(1))]
    assert [(one.year, one.basis, one.amount) for one in page.over_years] == [
        (2023, "allocation", Decimal(2)), (2024, "allocation", Decimal(1)), (2024, "budget", Decimal(4)),
    ]  # fmt: skip
    assert page.years == [2023, 2024]
    assert [(one.financial_year, one.basis) for one in page.own] == [(2024, "allocation"), (2024, "budget")]
    assert england(actor=ANONYMOUS, year=2024, basis="allocation").own == []


@pytest.mark.django_db
def test_measures_count_streams_once_and_only_those_of_publishers():
    one, two = factories.stream(), factories.stream()
    for stream in (one, one, two):
        factories.allocation(stream=stream, organisation=factories.organisation(region=factories.region()))
    factories.allocation(stream=factories.stream(), source=factories.mhclg())
    own = factories.organisation()
    factories.allocation(stream=factories.stream(), source=own, organisation=own)
    factories.allocation(stream=one, source=own, organisation=own, financial_year=2030)
    totals.rebuild()
    assert measures() == [Measure(2024, "allocation", 3)]


# ── Totals ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_totals_come_in_the_order_of_streams_years_bases_and_regions_with_all_that_is_known_of_them():
    whole = factories.stream(code="whole", name="Whole", position=2)
    part = factories.stream(code="part", name="Part", position=1, part_of=whole, holder_kinds=["icb", "ccg"])
    south, north = factories.region(name="South"), factories.region(name="North")
    east = factories.region(name="East", kind="statistical")
    for region in (south, north, east, None):
        factories.allocation(stream=whole, organisation=factories.organisation(region=region))
    factories.allocation(stream=whole, organisation=factories.organisation(region=north), financial_year=2023)
    factories.allocation(stream=whole, organisation=factories.organisation(region=north), basis="budget")
    factories.allocation(
        stream=part, organisation=factories.organisation(region=north), amount=None, published_text="."
    )
    totals.rebuild()
    found = stream_totals(whole)
    assert [(one.year, one.basis, one.region_kind, one.region) for one in found] == [
        (2023, "allocation", "nhs", "North"), (2024, "allocation", "nhs", "North"),
        (2024, "allocation", "nhs", "South"),
        (2024, "allocation", "statistical", "East"), (2024, "allocation", "statistical", "No region"),
        (2024, "budget", "nhs", "North"),
    ]  # fmt: skip
    (first, *others) = all_totals()
    assert (first.stream, first.stream_name, first.position, first.part_of, first.holder_kinds) == (
        "part", "Part", 1, "whole", ("icb", "ccg"),
    )  # fmt: skip
    assert (first.amount, first.reported, first.not_reported, first.region) == (None, 0, 1, "North")
    assert (first.source, first.source_code, first.recurrence, first.gross_or_net) == (
        "NHS England", "X24", "recurrent", "not_applicable",
    )  # fmt: skip
    assert [(one.stream, one.year, one.basis, one.amount) for one in others] == [
        ("whole", 2023, "allocation", Decimal(1000)), ("whole", 2024, "allocation", Decimal(4000)),
        ("whole", 2024, "budget", Decimal(1000)),
    ]  # fmt: skip


@pytest.mark.django_db
def test_totals_as_they_stood_are_of_publishers_published_and_of_one_stream():
    stream, region = factories.stream(code="core"), factories.region(name="North")
    body = factories.organisation(region=region)
    factories.allocation(stream=stream, organisation=body, amount=Decimal(5))
    factories.allocation(
        stream=stream, organisation=factories.organisation(region=region), amount=None, published_text="."
    )
    factories.allocation(stream=stream, organisation=body, source=body, amount=Decimal(7))
    factories.allocation(stream=stream, organisation=body, basis="budget", published_on=None, amount=Decimal(9))
    factories.allocation(stream=factories.stream(), organisation=body, amount=Decimal(11))
    totals.rebuild()
    later = timezone.now() + dt.timedelta(days=1)
    for asked in ({"known_at": later}, {"published_by": dt.date(2024, 4, 1)}, {}):
        (found,) = stream_totals(stream, **asked)
        assert (found.amount, found.reported, found.not_reported, found.region) == (Decimal(5), 1, 1, "North"), asked
    assert stream_totals(stream, published_by=dt.date(2024, 3, 31)) == []


# ── Streams and holders ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_streams_are_listed_in_the_order_of_pages_and_found_by_every_word():
    whole = factories.stream(code="b", name="Better care", description="Money for both", position=2)
    part = factories.stream(code="a", name="Discharge", description="of the Better kind", position=1, part_of=whole)
    same = factories.stream(code="c", name="Third", description="thing", position=2)
    assert streams_listed() == [part, whole, same]
    assert streams_found("BETTER") == [part, whole]
    assert streams_found("better, money") == [whole]
    assert streams_found("a discharge") == [part]
    assert streams_found("b") == [part, whole]
    assert [streams_found(text) for text in ("", " ,. ", "better nothing")] == [[], [], []]
    found = stream_by_code("b")
    assert found is not None
    assert list(found.parts.all()) == [part]
    assert found.known_to is None  # type: ignore[attr-defined]
    assert stream_by_code("B") is None


@pytest.mark.django_db
def test_holders_are_those_of_the_stream_year_and_basis_by_name_with_their_people():
    stream = factories.stream()
    birch, ash = (factories.organisation(name=name) for name in ("Birch", "Ash"))
    factories.population(organisation=ash, persons=10, as_at=dt.date(2022, 6, 30))
    factories.population(organisation=ash, persons=30, as_at=dt.date(2023, 6, 30))
    for body in (birch, ash):
        factories.allocation(stream=stream, organisation=body)
    own = factories.allocation(stream=stream, organisation=ash, source=ash, published_on=None)
    factories.allocation(organisation=ash)
    factories.allocation(stream=stream, organisation=ash, financial_year=2023)
    factories.allocation(stream=stream, organisation=ash, basis="budget")
    asked: Any = {"year": 2024, "basis": "allocation"}
    found = list(holders_of(stream, actor=ANONYMOUS, **asked))
    assert [one.organisation.name for one in found] == ["Ash", "Birch"]
    assert [one.population and one.population["persons"] for one in found] == [30, None]  # type: ignore[attr-defined]
    reader = factories.actor(factories.member(organisation=ash, roles=["viewer"]))
    assert [one.pk for one in holders_of(stream, actor=reader, **asked)] == [found[0].pk, own.pk, found[1].pk]
    assert not holders_of(stream, actor=ANONYMOUS, published_by=dt.date(2024, 3, 31), **asked).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "absent"),
    [
        ({}, True), ({"kind": "ccg"}, False), ({"illustrative": True}, False),
        ({"opened": dt.date(2025, 3, 31)}, True), ({"opened": dt.date(2025, 4, 1)}, False),
        ({"closed": dt.date(2025, 3, 30)}, False), ({"closed": dt.date(2025, 3, 31)}, True),
        ({"closed": dt.date(2025, 4, 1)}, True),
    ],
)  # fmt: skip
def test_whoever_exists_on_the_last_day_of_the_year_and_has_no_figure_is_absent(fields, absent):
    stream = factories.stream(holder_kinds=["icb"], expected_kinds=["icb"])
    body = factories.organisation(**fields)
    found = silence(stream, year=2024, basis="allocation")
    assert (found.marked, found.absent) == ([], [body] if absent else [])


@pytest.mark.django_db
def test_who_is_marked_as_not_reporting_is_not_absent_and_names_are_in_order(monkeypatch):
    stream = factories.stream(expected_kinds=["icb"])
    names = ("Dale", "Cedar", "Birch", "Ash")
    dale, cedar, birch, ash = (factories.organisation(name=name) for name in names)
    factories.allocation(stream=stream, organisation=dale, amount=None, published_text="...")
    factories.allocation(stream=stream, organisation=cedar, amount=None, published_text="...")
    factories.allocation(stream=stream, organisation=birch, amount=Decimal(0), basis="budget")
    factories.allocation(stream=stream, organisation=birch, amount=Decimal(0), financial_year=2023)
    factories.allocation(organisation=birch)
    factories.allocation(stream=stream, organisation=birch, published_on=None)
    found = silence(stream, year=2024, basis="allocation")
    assert (found.marked, found.absent) == ([cedar, dale], [ash, birch])
    assert silence(stream, year=2024, basis="budget").absent == [ash, cedar, dale]
    earlier = silence(stream, year=2024, basis="allocation", published_by=dt.date(2024, 3, 31))
    assert (earlier.marked, len(earlier.absent)) == ([], 4)
    assert streams.MOST_NAMED == 400
    monkeypatch.setattr(streams, "MOST_NAMED", 1)
    few = silence(stream, year=2024, basis="allocation")
    assert (few.marked, few.absent) == ([cedar], [ash])


# ── Figures, lineage and listings ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_figures_come_in_the_order_in_which_lines_are_made_of_them():
    core, other = factories.stream(code="b", position=1), factories.stream(code="a", position=1)
    last = factories.stream(code="0", position=2)
    ash, birch = (factories.organisation(name=name) for name in ("Ash", "Birch"))
    own = {"source": ash, "organisation": ash}
    made: list[dict[str, Any]] = [
        {"organisation": birch, "stream": other}, {"organisation": ash, "stream": last},
        {"organisation": ash, "stream": core, "recurrence": "recurrent"},
        {"organisation": ash, "stream": core, "recurrence": "non_recurrent"},
        {"organisation": ash, "stream": core, "gross_or_net": "gross"},
        {"organisation": ash, "stream": core, "basis": "budget"},
        {"stream": core, **own}, {"organisation": ash, "stream": core, "financial_year": 2023},
        {"organisation": ash, "stream": other},
    ]  # fmt: skip
    figures = {place: factories.allocation(**fields) for place, fields in enumerate(made)}
    found = list(figures_of([ash.pk, birch.pk], actor=ANONYMOUS))
    order = [8, 4, 3, 6, 7, 2, 5, 1, 0]
    assert [one.pk for one in found] == [figures[place].pk for place in order]
    assert [one.pk for one in figures_of([ash.pk], actor=ANONYMOUS, year=2023)] == [figures[7].pk]
    assert list(figures_of([], actor=ANONYMOUS)) == []


@pytest.mark.django_db
def test_a_figure_is_known_with_the_versions_of_its_own_key_the_newest_first():
    key = {"organisation": factories.organisation(), "stream": factories.stream(), "source": factories.nhs_england()}
    first = factories.allocation(**key, is_current=False)
    second = factories.allocation(**key, version=2, withdrawn=True, amount=None, is_current=False)
    third = factories.allocation(**key, version=3)
    others = {
        "organisation": factories.organisation(), "stream": factories.stream(), "source": factories.mhclg(),
        "financial_year": 2023, "basis": "budget", "gross_or_net": "net", "recurrence": "not_stated",
    }  # fmt: skip
    for name, value in others.items():
        factories.allocation(**key | {name: value})
    found = provenance(first.reference, actor=ANONYMOUS)
    assert found is not None
    assert (found.figure, found.versions, found.standing) == (first, [third, second, first], third)
    for reference in ("AL-0", f"AL-0{first.pk}", f"al-{first.pk}", f"AL-{first.pk} ", "AL-" + "9" * 18):
        assert provenance(reference, actor=ANONYMOUS) is None


@pytest.mark.django_db
@pytest.mark.parametrize("now", [{"withdrawn": True, "amount": None}, {"is_current": False}, {"published_on": None}])
def test_nothing_stands_where_the_last_version_is_gone_or_may_not_be_seen(now):
    key = {"organisation": factories.organisation(), "stream": factories.stream(), "source": factories.nhs_england()}
    first = factories.allocation(**key, is_current=False)
    factories.allocation(**key | now, version=2)
    found = provenance(first.reference, actor=ANONYMOUS)
    assert found is not None
    assert found.standing is None


def test_only_what_is_part_of_a_figures_key_narrows_before_the_version_is_chosen():
    asked = Asked(
        organisation_ids=[1, 2], source_ids=[3], stream_id=4, region_id=5,
        plain=(("financial_year", 2024), ("basis", "budget"), ("upload_id", 6)),
    )  # fmt: skip
    assert asked.key() == {
        "organisation_id__in": [1, 2], "source_id__in": [3], "stream_id": 4, "organisation__region_id": 5,
        "financial_year": 2024, "basis": "budget",
    }  # fmt: skip
    assert asked.conditions() == [
        ("a.financial_year = %s", 2024), ("a.basis = %s", "budget"), ("a.upload_id = %s", 6),
        ("a.organisation_id = any(%s)", [1, 2]), ("a.source_id = any(%s)", [3]), ("a.stream_id = %s", 4),
        ("o.region_id = %s", 5),
    ]  # fmt: skip
    assert (Asked().key(), Asked().conditions()) == ({}, [])
    assert Asked(organisation_ids=[], source_ids=[]).key() == {"organisation_id__in": [], "source_id__in": []}
    assert ALWAYS_APART == ("financial_year", "basis", "gross_or_net", "source")
    assert ("stream", "region", "organisation", "recurrence", *ALWAYS_APART) == MAY_DIVIDE


def listed(asked: Asked, actor: Any = ANONYMOUS) -> list[str]:
    return [row[0] for row in listings.allocations(asked, actor=actor).page(100).rows]


@pytest.mark.django_db
@pytest.mark.parametrize("moment", [{}, {"as_at": dt.date(2099, 1, 1)}, {"known_at": timezone.now() + dt.timedelta(9)}])
def test_every_filter_narrows_by_itself_now_and_then(moment):
    region = factories.region()
    one = factories.allocation(organisation=factories.organisation(region=region), source=factories.mhclg())
    two = factories.allocation(basis="budget")
    assert listed(Asked(**moment)) == [one.reference, two.reference]
    for narrow in (
        {"organisation_ids": [one.organisation_id]}, {"source_ids": [one.source_id]}, {"stream_id": one.stream_id},
        {"region_id": region.pk}, {"plain": (("basis", "allocation"),)}, {"plain": (("upload_id", one.upload_id),)},
    ):  # fmt: skip
        assert listed(Asked(**narrow, **moment)) == [one.reference], narrow


@pytest.mark.django_db
def test_an_upload_narrows_only_after_the_version_that_stood_is_chosen():
    key = {"organisation": factories.organisation(), "stream": factories.stream(), "source": factories.nhs_england()}
    first = factories.allocation(**key, is_current=False)
    factories.allocation(**key, version=2)
    moment = {"known_at": timezone.now() + dt.timedelta(days=1)}
    assert listed(Asked(plain=(("upload_id", first.upload_id),), **moment)) == []


def summed(by: tuple[str, ...] = (), asked: Asked | None = None) -> list[tuple[Any, ...]]:
    """Rows of totals as far as the counts of holders."""
    return [row[:-2] for row in listings.totals(asked or Asked(), by, actor=ANONYMOUS).page(100).rows]


@pytest.mark.django_db
def test_totals_are_always_apart_and_divided_by_what_is_asked_in_a_fixed_order():
    body = factories.organisation(code="QA", region=factories.region(code="Y1"))
    stream = factories.stream(code="core")
    factories.allocation(organisation=body, stream=stream, amount=Decimal(5))
    factories.allocation(organisation=body, stream=stream, recurrence="not_stated", amount=None, published_text=".")
    factories.allocation(stream=stream, organisation=factories.organisation(code="QB"), amount=Decimal("2.50"))
    common = ("2024-25", "allocation", "not_applicable", "X24")
    assert summed() == [(*common, "7.50", 2, 1)]
    assert summed(("recurrence", "stream", "organisation", "region", "basis")) == [
        (*common, "core", "", "QB", "recurrent", "2.50", 1, 0),
        (*common, "core", "Y1", "QA", "not_stated", None, 0, 1),
        (*common, "core", "Y1", "QA", "recurrent", "5.00", 1, 0),
    ]
    for apart in (
        {"financial_year": 2023},
        {"basis": "budget"},
        {"gross_or_net": "net"},
        {"source": factories.mhclg()},
    ):
        factories.allocation(organisation=body, stream=stream, **apart)
    assert len(summed()) == 5
    assert summed(("unknown",)) == summed()


@pytest.mark.django_db
@pytest.mark.parametrize("moment", [{}, {"known_at": timezone.now() + dt.timedelta(days=9)}])
@pytest.mark.parametrize(
    ("whole", "counted"),
    [
        ({}, False), ({"financial_year": 2023}, True), ({"basis": "budget"}, True), ({"withdrawn": True}, True),
        ({"published_on": None}, True), ({"organisation": 1}, True), ({"source": 1}, True), ({"stream": 1}, True),
    ],
)  # fmt: skip
def test_a_part_is_left_out_only_beside_its_whole_of_the_same_holder_year_basis_and_source(moment, whole, counted):
    body, of = factories.organisation(), factories.stream(code="whole")
    part = factories.stream(code="part", part_of=of)
    other = {"organisation": factories.organisation, "source": factories.mhclg, "stream": factories.stream}
    fields = {name: other[name]() if name in other else value for name, value in whole.items()}
    factories.allocation(organisation=body, stream=part, amount=Decimal(4))
    factories.allocation(**{"organisation": body, "stream": of, "amount": Decimal(100)} | fields)
    added = sum(Decimal(row[-3]) for row in summed(asked=Asked(**moment)) if row[-3])
    shown = not ({"withdrawn", "published_on"} & whole.keys())
    assert added == 100 * shown + 4 * counted
    assert [row[-3] for row in summed(("stream",), Asked(**moment)) if row[4] == "part"] == ["4.00"]
    assert [row[-3] for row in summed(asked=Asked(stream_id=part.pk, **moment))] == ["4.00"]


@pytest.mark.django_db
def test_a_stream_is_found_by_its_code():
    stream = factories.stream(code="core")
    assert (listings.stream_id("core"), listings.stream_id("CORE"), listings.stream_id("")) == (stream.pk, None, None)


@pytest.mark.django_db
def test_streams_are_listed_with_their_years_and_what_they_are_part_of():
    whole = factories.stream(code="whole", position=2, funder="", last_year=2099)
    factories.stream(code="part", position=1, part_of=whole, first_year=2009, ring_fenced=True)
    names = [column.name for column in listings.STREAMS.columns]
    rows = [dict(zip(names, row, strict=True)) for row in listings.STREAMS.page(10).rows]
    short = ("code", "first_year", "last_year", "funder", "part_of", "ring_fenced", "holder_kinds")
    assert [tuple(row[name] for name in short) for row in rows] == [
        ("part", "2009-10", None, "X24", "whole", True, ["icb"]),
        ("whole", "2013-14", "2099-00", None, None, False, ["icb"]),
    ]


@pytest.mark.django_db
def test_a_single_version_is_shown_whether_it_stands_or_not_to_whoever_may_see_it():
    gone = factories.allocation(is_current=False)
    hidden = factories.allocation(published_on=None)
    assert listings.allocation(gone.pk, actor=ANONYMOUS)[0] == gone.reference  # type: ignore[index]
    assert listings.allocation(hidden.pk, actor=ANONYMOUS) is None
    assert listings.allocation(hidden.pk, actor=system_actor("test"))[0] == hidden.reference  # type: ignore[index]


# ── Organisation and place ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_the_page_of_an_organisation_has_its_own_figures_only_as_they_stood():
    body, stream = factories.organisation(code="QME"), factories.stream()
    factories.population(organisation=body, persons=7)
    first = factories.allocation(organisation=body, stream=stream, is_current=False, published_on=dt.date(2024, 4, 1))
    second = factories.allocation(organisation=body, stream=stream, version=2, published_on=dt.date(2024, 4, 2))
    factories.allocation(stream=stream)
    (found,) = organisations_named_by("QME")
    page = organisation_page(found, actor=ANONYMOUS)
    assert [[one.pk for one in line.cells.values()] for line in page.lines] == [[second.pk]]
    assert page.head is not None
    assert page.head.persons == 7
    earlier = organisation_page(found, actor=ANONYMOUS, published_by=dt.date(2024, 4, 1))
    assert [[one.pk for one in line.cells.values()] for line in earlier.lines] == [[first.pk]]
    before = organisation_page(found, actor=ANONYMOUS, known_at=first.accepted_at - dt.timedelta(days=1))
    assert before.lines == []


def bodies_with_figures(page: Any) -> set[str]:
    return {line.first.organisation.name for line in page.lines}


@pytest.mark.django_db
def test_a_place_shows_its_bodies_and_whoever_took_over_from_them_after_any_number_of_steps():
    place = factories.place(slug="mere")
    council, district = factories.council(name="Council"), factories.council(name="District", kind="district")
    factories.place_council(place=place, organisation=council)
    factories.place_council(place=place, organisation=district, role="district")
    group, wider, board, before, stranger = (
        factories.organisation(name=name, kind=kind, opened=opened)
        for name, kind, opened in (
            ("Group", "ccg", dt.date(2013, 4, 1)), ("Wider", "ccg", dt.date(2018, 4, 1)),
            ("Board", "icb", dt.date(2022, 7, 1)), ("Trust", "pct", None), ("Stranger", "icb", None),
        )
    )  # fmt: skip
    factories.overlap(organisation=group, place=place)
    for one, other in ((before, group), (group, wider), (wider, board)):
        factories.succession(predecessor=one, successor=other)
    for body in (council, district, group, wider, board, before, stranger):
        factories.allocation(organisation=body)
    page = place_page("mere", actor=ANONYMOUS)
    assert page is not None
    assert bodies_with_figures(page) == {"Council", "Group", "Wider", "Board"}
    assert [one.organisation for one in page.upper_tier] == [council]
    assert [body.name for body in page.commissioners()] == ["Trust", "Group", "Wider", "Board"]
    assert place_page("nowhere", actor=ANONYMOUS) is None


@pytest.mark.django_db
def test_a_place_is_compared_by_published_figures_of_all_holders_in_the_year_it_leads_with():
    place = factories.place(slug="mere")
    own, other, secret, invented, district = (
        factories.council(kind=kind, illustrative=is_invented)
        for kind, is_invented in [("unitary", False), ("county", False), ("unitary", False), ("unitary", True),
                                  ("district", False)]
    )  # fmt: skip
    factories.place_council(place=place, organisation=own)
    care = factories.stream(code="care", holder_kinds=["unitary", "county"])
    for council in (own, other, invented, district):
        factories.allocation(organisation=council, stream=care, financial_year=2022)
    factories.allocation(organisation=secret, stream=care, financial_year=2022, published_on=None)
    factories.allocation(organisation=own, stream=care, financial_year=2022, source=own)
    factories.allocation(organisation=own, stream=factories.stream(holder_kinds=["unitary"]), financial_year=2021)
    factories.allocation(organisation=other, stream=care, financial_year=2021)
    reader = factories.actor(factories.member(organisation=secret, roles=["viewer"]))
    for actor in (ANONYMOUS, reader):
        page = place_page("mere", actor=actor)
        assert page is not None
        (lead,) = page.leads()
        assert (lead.figure.stream, lead.figure.financial_year) == (care, 2022)
        assert [one.organisation_id for one in page.beside(lead)] == [own.pk, other.pk]
        (earlier,) = page.leads(2021)
        assert [one.organisation_id for one in page.beside(earlier)] == [own.pk]
    page = place_page("mere", actor=ANONYMOUS, year=2021)
    assert page is not None
    assert [line.first.organisation_id for line in page.others] == [other.pk]


@pytest.mark.django_db
def test_a_body_has_its_own_people_and_a_council_without_any_those_of_its_place():
    place = factories.place(slug="mere")
    counted, uncounted = factories.council(), factories.council()
    district, board = factories.council(kind="district"), factories.organisation()
    for body, role in ((counted, "upper_tier"), (uncounted, "upper_tier"), (district, "district")):
        factories.place_council(place=place, organisation=body, role=role)
    factories.overlap(organisation=board, place=place)
    factories.population(organisation=counted, persons=1000)
    page = place_page("mere", actor=ANONYMOUS)
    assert page is not None
    heads = {pk: (head.persons, of_the_place) for pk, (head, of_the_place) in page.heads().items()}
    assert heads == {counted.pk: (1000, False), uncounted.pk: (1000, True)}


# ── Publications and what waits ──────────────────────────────────────────────────────────────────────────────────────


def test_a_publication_is_known_by_our_compiled_file_with_its_own_totals():
    assert publications.compiled_from("somebodys.csv") is None
    found = publications.compiled_from("nhs_england_icb_allocations.csv")
    assert found is not None
    assert (found.publisher, found.published_on) == ("X24", dt.date(2023, 6, 19))
    assert found.title.startswith("ICB allocations 2023/24 to 2024/25")
    (pair,) = publications.controls_of("other-primary-care", 2024, "X24")
    assert (pair[0], pair[1].amount) == (found, Decimal(5_714_919_000))
    assert pair[1].says
    for stream, year, publisher in (
        ("other", 2024, "X24"), ("other-primary-care", 2030, "X24"), ("other-primary-care", 2024, "MHCLG"),
    ):  # fmt: skip
        assert publications.controls_of(stream, year, publisher) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "decides"),
    [("finance_approver", True), ("viewer", False), ("finance_officer", True)],
)
def test_only_who_decides_something_is_waited_for(role, decides):
    actor = factories.actor(factories.member(organisation=factories.organisation(), roles=[role]))
    found = waiting_for(actor)
    assert (found is not None) is decides
    assert waiting_for(ANONYMOUS) is None


@pytest.mark.django_db
def test_the_models_of_money_name_themselves():
    figure = factories.allocation(amount=Decimal(5))
    totals.rebuild()
    assert str(figure) == figure.reference == f"AL-{figure.pk}"
    assert str(figure.stream) == figure.stream.name
    assert figure.stream.get_absolute_url() == f"/streams/{figure.stream.code}/"
