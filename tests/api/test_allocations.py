"""Allocations and their totals: what is shown, to whom, as at when; and the same rule in SQL and in the ORM."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from budgets.models import Allocation
from budgets.queries import listings, visibility
from pooledcare.directory.access import ANONYMOUS, Actor, person_actor, system_actor
from tests import factories
from tests.asking import Api
from tests.world import CANARY, World

EVERY_LIST = [
    "/organisations/",
    "/organisations/QOX/",
    "/places/",
    "/funding-streams/",
    "/funding-streams/nhs-core/",
    "/allocations/",
    "/allocations/?organisation=QOX",
    "/allocations/?as_at=2099-01-01",
    "/allocations/?known_at=2099-01-01",
    "/allocations/?as_at=2099-01-01&known_at=2099-01-01",
    "/allocations/?source=QOX",
    "/allocations/totals/",
    "/allocations/totals/?by=organisation,stream,region,source",
    "/allocations/totals/?organisation=QOX",
    "/allocations/totals/?known_at=2099-01-01",
    "/changes/",
]


def test_an_allocation_reads_as_the_model_says(world: World):
    figure = factories.allocation(
        stream=world.stream,
        organisation=world.icb.organisation,
        source=world.publisher,
        financial_year=2030,
        amount=Decimal("1055946000"),
        published_text="1,055,946",
        sheet="Core",
        row=45,
        cell="F45",
        published_on=dt.date(2023, 6, 19),
    )
    api, here = world.api(), "http://localhost:8000/api/v1"
    shown = api.get(f"/allocations/AL-{figure.pk}/").json()
    accepted = shown.pop("accepted_at")
    assert dt.datetime.fromisoformat(accepted) == figure.accepted_at
    assert shown == {
        "reference": f"AL-{figure.pk}",
        "organisation": "QMS",
        "stream": "nhs-core",
        "financial_year": "2030-31",
        "basis": "allocation",
        "gross_or_net": "not_applicable",
        "recurrence": "recurrent",
        "amount": "1055946000.00",
        "not_reported": None,
        "version": 1,
        "restated": False,
        "source": "X24",
        "published_on": "2023-06-19",
        "published_text": "1,055,946",
        "note": "",
        "lineage": {
            "upload": figure.upload.reference,
            "file": figure.upload.filename,
            "sheet": "Core",
            "row": 45,
            "cell": "F45",
        },
        "links": {
            "self": f"{here}/allocations/AL-{figure.pk}/",
            "organisation": f"{here}/organisations/QMS/",
            "stream": f"{here}/funding-streams/nhs-core/",
            "source": f"{here}/organisations/X24/",
            "upload": f"{here}/uploads/{figure.upload.reference}/",
        },
    }
    assert shown | {"accepted_at": accepted} in api.results("/allocations/")


def test_a_figure_that_was_not_reported_is_null_with_the_publishers_mark(world: World):
    figure = factories.allocation(stream=world.stream, amount=None, published_text="...")
    shown = world.api().get(f"/allocations/AL-{figure.pk}/").json()
    assert (shown["amount"], shown["not_reported"]) == (None, "...")
    (total,) = [t for t in world.api().results("/allocations/totals/?by=organisation") if t["not_reported"]]
    assert (total["amount"], total["reported"], total["not_reported"]) == (None, 0, 1)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("financial_year=2021-22", 1),
        ("financial_year=2049-50", 0),
        ("organisation=QMS", 5),
        ("organisation=qms", 5),
        ("organisation=16X", 0),
        ("organisation=QOX", 0),
        ("stream=nhs-core", 5),
        ("basis=allocation", 5),
        ("basis=outturn", 0),
        ("gross_or_net=not_applicable", 5),
        ("recurrence=recurrent", 5),
        ("recurrence=not_stated", 0),
        ("region=Y58", 5),
        ("source=X24", 5),
        ("source=QMS", 0),
        ("organisation=QMS&financial_year=2020-21&stream=nhs-core&region=Y58", 1),
    ],
)
def test_filters_narrow(world: World, query: str, expected: int):
    assert len(world.api().results(f"/allocations/?{query}")) == expected
    assert len(world.api().results(f"/allocations/?{query}&as_at=2099-01-01")) == expected


def test_an_upload_and_a_reference_narrow_to_their_figures(world: World):
    figure = world.published[2]
    assert len(world.api().results(f"/allocations/?reference=AL-{figure.pk}")) == 1
    assert len(world.api().results(f"/allocations/?upload=UP-{figure.upload_id}")) == 1


@pytest.mark.parametrize("query", ["organisation=ZZZZ", "source=ZZZZ", "stream=nothing", "region=ZZZZ"])
def test_a_code_that_names_nothing_is_told_apart_from_one_without_figures(world: World, query: str):
    for path in ("/allocations/", "/allocations/totals/"):
        assert world.api().get(f"{path}?{query}").status_code == 404


def corrected(world: World) -> tuple[Allocation, Allocation]:
    """A figure published on 1 May 2024, and its correction published on 1 July 2024."""
    moments = [dt.datetime(2024, month, 2, 9, tzinfo=dt.UTC) for month in (5, 7)]
    made = []
    for version, (moment, amount) in enumerate(zip(moments, (100, 120), strict=True), start=1):
        made.append(
            factories.allocation(
                stream=world.stream,
                organisation=world.icb.organisation,
                financial_year=2033,
                amount=Decimal(amount),
                version=version,
                published_on=moment.date() - dt.timedelta(days=1),
                accepted_at=moment,
                is_current=version == 2,
            )
        )
    return made[0], made[1]


def test_the_version_that_stood_on_a_day_is_shown(world: World):
    first, second = corrected(world)
    path = "/allocations/?financial_year=2033-34"

    def shown(query: str = "") -> list[str]:
        return [figure["amount"] for figure in world.api().results(path + query)]

    assert shown() == ["120.00"]
    assert shown("&as_at=2024-04-30") == []
    assert shown("&as_at=2024-05-01") == ["100.00"]
    assert shown("&as_at=2024-06-30") == ["100.00"]
    assert shown("&as_at=2024-07-01") == ["120.00"]
    assert shown("&known_at=2024-07-01") == ["100.00"]
    assert shown("&known_at=2024-07-02") == ["120.00"]
    assert shown("&as_at=2024-07-01&known_at=2024-07-01") == ["100.00"]
    assert shown(f"&as_at=2024-07-01&upload=UP-{first.upload_id}") == []
    superseded = world.api().get(f"/allocations/AL-{first.pk}/").json()
    assert (superseded["amount"], superseded["version"]) == ("100.00", 1)
    assert second.version == 2


def actors(world: World) -> list[Actor]:
    return [ANONYMOUS, person_actor(world.officer), system_actor("test")]


def test_the_sql_shows_what_the_orm_says_may_be_seen(world: World):
    corrected(world)
    factories.allocation(stream=world.stream, published_on=timezone.localdate() + dt.timedelta(days=1))
    factories.allocation(stream=world.stream, withdrawn=True, amount=None)
    moments = [(None, None), (dt.date(2024, 6, 1), None), (None, timezone.now())]
    walked = 0
    for actor in actors(world):
        for as_at, known_at in moments:
            asked = listings.Asked(as_at=as_at, known_at=known_at)
            listed = [row[0] for row in listings.allocations(asked, actor=actor).page(1000).rows]
            visible = visibility.allocations_visible_to(actor)
            expected = visibility.as_at(visible, as_at=as_at, known_at=known_at).order_by("pk")
            assert listed == [figure.reference for figure in expected]
            walked += len(listed)
        every = {figure.pk for figure in visibility.allocations_visible_to(actor)}
        for figure in Allocation.objects.all():
            assert (listings.allocation(figure.pk, actor=actor) is not None) == (figure.pk in every)
    assert walked > 20


@pytest.mark.parametrize("path", EVERY_LIST)
@pytest.mark.parametrize("who", ["", "officer", "viewer"])
def test_what_another_organisation_has_not_published_is_in_no_answer(world: World, path: str, who: str):
    api = world.api(who)
    texts = [api.get(path).content.decode()]
    if not path.startswith(("/organisations/QOX", "/funding-streams/nhs")):
        texts.append(api.csv(path))
    for text in texts:
        assert str(CANARY) not in text
        assert "canary" not in text
    assert api.get(f"/allocations/AL-{world.canary.pk}/").status_code == 404
    assert api.results(f"/allocations/?reference=AL-{world.canary.pk}") == []


def test_ones_own_unpublished_figures_are_shown_to_a_key_only(world: World):
    path = f"/allocations/AL-{world.own_draft.pk}/"
    assert world.api().get(path).status_code == 404
    for who in ("officer", "approver", "viewer"):
        shown = world.api(who).get(path).json()
        assert (shown["amount"], shown["published_on"]) == ("111.11", None)
    assert world.api("outsider").get(path).status_code == 404


def test_a_key_without_the_right_to_read_sees_what_everybody_sees(world: World):
    from tests.asking import key

    api = Api(key(world.officer, world.icb.organisation, "upload_allocations"))
    assert api.results("/allocations/") == world.api().results("/allocations/")


def test_totals_equal_the_sum_of_the_figures_and_keep_measures_apart(world: World):
    budget = {"stream": world.stream, "organisation": world.icb.organisation, "basis": "budget", "gross_or_net": "net"}
    factories.allocation(**budget, financial_year=2020, amount=Decimal("5.00"))
    figures = world.api("officer").results("/allocations/?page_size=1000")
    totals = world.api("officer").results("/allocations/totals/?page_size=1000")
    keys = ("financial_year", "basis", "gross_or_net", "source")
    expected: dict[tuple[str, ...], Decimal] = {}
    for figure in figures:
        measure = tuple(figure[name] for name in keys)
        expected[measure] = expected.get(measure, Decimal(0)) + Decimal(figure["amount"])
    assert {tuple(total[name] for name in keys): Decimal(total["amount"]) for total in totals} == expected
    assert len(totals) == len(expected) > 6


def test_totals_divide_as_asked(world: World):
    (total,) = world.api().results(
        "/allocations/totals/?by=stream,region,organisation,recurrence&financial_year=2020-21"
    )
    assert total == {
        "financial_year": "2020-21",
        "basis": "allocation",
        "gross_or_net": "not_applicable",
        "source": "X24",
        "stream": "nhs-core",
        "region": "Y58",
        "organisation": "QMS",
        "recurrence": "recurrent",
        "amount": "1000.00",
        "reported": 1,
        "not_reported": 0,
        "included": 0,
        "included_amount": "0.00",
    }


def test_totals_count_bodies_that_do_not_hold_the_stream_apart(world: World):
    stream = factories.stream(
        code="care", holder_kinds=["county"], expected_kinds=["county"], included_kinds=["district"]
    )
    for kind, amount in [("county", "5.10"), ("county", None), ("district", "7.25"), ("district", None)]:
        body = factories.organisation(kind=kind, region=world.region)
        text = "" if amount else "..."
        factories.allocation(stream=stream, organisation=body, amount=amount, published_text=text, financial_year=2037)
    for moment in ("", "&as_at=2099-01-01"):
        (total,) = world.api().results(f"/allocations/totals/?financial_year=2037-38{moment}")
        counts = ("amount", "reported", "not_reported", "included", "included_amount")
        assert [total[name] for name in counts] == ["12.35", 1, 1, 1, "7.25"]
    shown = world.api().get("/funding-streams/care/").json()
    assert (shown["holder_kinds"], shown["expected_kinds"]) == (["county"], ["county"])
    assert (shown["included_kinds"], shown["expected_from"]) == (["district"], None)
    stream.expected_from = 2023
    stream.save()
    assert world.api().get("/funding-streams/care/").json()["expected_from"] == "2023-24"


@pytest.mark.parametrize("by", ["amount", "stream,stream", "", "stream,", "upload", "stream;drop"])
def test_totals_divide_by_nothing_else(world: World, by: str):
    assert world.api().get(f"/allocations/totals/?by={by}").status_code == 400


def test_a_stream_inside_another_is_counted_once_where_streams_are_added_together(world: World):
    whole = factories.stream(code="other-primary-care")
    part = factories.stream(code="primary-dental", part_of=whole)
    figure = {"organisation": world.icb.organisation, "financial_year": 2035}
    factories.allocation(**figure, stream=whole, amount=Decimal(100))
    factories.allocation(**figure, stream=part, amount=Decimal(60))
    alone = factories.organisation(region=world.region)
    factories.allocation(organisation=alone, financial_year=2035, stream=part, amount=Decimal(7))
    for moment in ("", "&as_at=2099-01-01"):
        (together,) = world.api().results(f"/allocations/totals/?financial_year=2035-36{moment}")
        assert together["amount"] == "107.00"
        apart = world.api().results(f"/allocations/totals/?financial_year=2035-36&by=stream{moment}")
        assert [total["amount"] for total in apart] == ["100.00", "67.00"]


def test_holders_without_a_region_have_a_total_of_their_own(world: World):
    factories.allocation(stream=world.stream, financial_year=2036, organisation=factories.organisation())
    (total,) = world.api().results("/allocations/totals/?by=region&financial_year=2036-37")
    assert total["region"] is None
