"""The codes, areas and short names of the reference tables, in uploads, on pages and in the API."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import transaction

from budgets.queries.organisation import organisation_page
from budgets.queries.place import place_page
from budgets.tables.organisations import codes
from pooledcare.directory.access import ANONYMOUS
from pooledcare.directory.loading import load_reference
from pooledcare.directory.models import AuditEvent, Organisation, OrganisationCode
from pooledcare.directory.queries.code_days import nobody_had
from pooledcare.directory.queries.naming import bodies_called
from pooledcare.directory.queries.neighbours import around_organisation, around_place, place_id
from pooledcare.directory.queries.organisations import organisations_named_by
from pooledcare.directory.queries.search import directory_search
from pooledcare.directory.reference import tables
from pooledcare.directory.terms import UPPER_TIER_KINDS
from pooledcare.uploads.models import UploadProblem
from tests import factories
from tests.uploads.sending import Desk, rows

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TODAY = dt.date(2026, 6, 15)
HEADINGS = "financial_year,organisation,stream,basis,amount,recurrence,note"


@pytest.fixture(scope="module", autouse=True)
def reference(django_db_setup, django_db_blocker) -> Iterator[None]:  # type: ignore[no-untyped-def]
    """One load for all tests here, undone after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_reference()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def desk() -> Desk:
    """The department, which publishes for councils."""
    factories.stream(
        code="adult-social-care", name="Adult social care", first_year=2013, last_year=None, gross_or_net="net",
        holder_kinds=sorted(UPPER_TIER_KINDS),
    )  # fmt: skip
    factories.stream(code="nhs-core", name="Core services", first_year=2013, holder_kinds=["icb", "ccg"])
    return Desk(Organisation.objects.get(code="MHCLG"), ("publisher",))


def told(desk: Desk, content: bytes | str) -> dict[int, tuple[str, str, str]]:
    upload = desk.send(content)
    problems = UploadProblem.objects.filter(upload=upload)
    return {each.row: (each.code, each.message, each.fix) for each in problems if each.row is not None}


# --- uploads -------------------------------------------------------------------------------------------------------

BARNSLEY, SHEFFIELD = "Barnsley Metropolitan Borough Council", "Sheffield City Council"
WEST_AND_NORTH = (
    "North Northamptonshire Council (E06000061) on 1 April 2021 and "
    "West Northamptonshire Council (E06000062) on 1 April 2021"
)
CUMBRIA = (
    "Cumberland Council (E06000063) on 1 April 2023 and Westmorland and Furness Council (E06000064) on 1 April 2023"
)
JOINED = "Bournemouth, Christchurch and Poole Council (E06000058) on 1 April 2019"
SAYS = {
    2: ("ORG_CLOSED", "Somerset County Council closed on 31 March 2023, before 2024-25",
        "Use the code of its successor: Somerset Council (E06000066) on 1 April 2023."),
    3: ("CODE_ENDED", f"{BARNSLEY} no longer had this code in 2025-26", "Its code since 1 April 2025 is E08000038."),
    5: ("CODE_ENDED", f"{SHEFFIELD} no longer had this code in 2025-26", "Its code since 1 April 2025 is E08000039."),
    7: ("CODE_NOT_YET", f"{SHEFFIELD} did not have this code yet in 2024-25",
        "Its code was then E08000019; it has had this one since 1 April 2025."),
    8: ("CODE_ENDED", "Gateshead Metropolitan Borough Council no longer had this code in 2014-15",
        "Its code since 1 April 2013 is E08000037."),
    9: ("CODE_ENDED", "Northumberland County Council no longer had this code in 2024-25",
        "Its code since 1 April 2013 is E06000057."),
    11: ("ORG_CLOSED", "Bournemouth Borough Council closed on 31 March 2019, before 2019-20",
         f"Use the code of its successor: {JOINED}."),
    13: ("ORG_CLOSED", "Northamptonshire County Council closed on 31 March 2021, before 2021-22",
         f"Use the code of its successor: {WEST_AND_NORTH}."),
    15: ("ORG_CLOSED", "Cumbria County Council closed on 31 March 2023, before 2023-24",
         f"Use the code of its successor: {CUMBRIA}."),
}  # fmt: skip


def test_each_old_and_new_code_of_the_case_is_right_in_its_years(desk: Desk, shared_data: Path):
    assert told(desk, (shared_data / "cases" / "o02_changed_council_codes.csv").read_bytes()) == SAYS


@pytest.mark.parametrize(
    ("old", "new", "last_year", "next_year"),
    [
        ("E08000016", "E08000038", "2024-25", "2025-26"),
        ("E08000019", "E08000039", "2024-25", "2025-26"),
        ("E08000020", "E08000037", "2012-13", "2013-14"),
        ("E06000048", "E06000057", "2012-13", "2013-14"),
    ],
)
def test_a_code_is_right_to_the_last_year_and_the_next_one_from_the_first(desk, old, new, last_year, next_year):
    desk.organisation.refresh_from_db()
    lines = [(last_year, old), (next_year, new), (next_year, old), (last_year, new)]
    stream = factories.stream(code="early", name="Early", first_year=2000, holder_kinds=sorted(UPPER_TIER_KINDS))
    found = told(desk, rows(*(f"{year},{code},{stream.code},budget,1.00,," for year, code in lines)))
    assert {row: code for row, (code, *_) in found.items()} == {4: "CODE_ENDED", 5: "CODE_NOT_YET"}
    assert new in found[4][2]
    assert old in found[5][2]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("W06000015", "ORG_OUTSIDE_ENGLAND"), ("S12000036", "ORG_OUTSIDE_ENGLAND"),
        ("N09000003", "ORG_OUTSIDE_ENGLAND"), ("A81001", "PRACTICE_NOT_ORG"), ("E12000001", "REGION_NOT_ORG"),
        ("Y58", "REGION_NOT_ORG"),
        ("E08000099", "UNKNOWN_ORG"), ("QZZ", "UNKNOWN_ORG"),
    ],
)  # fmt: skip
def test_a_code_that_no_organisation_has_is_told_for_what_it_is(desk, code, kind):
    assert told(desk, rows(f"2024-25,{code},nhs-core,allocation,1.00,,"))[2][0] == kind


@pytest.mark.parametrize(
    ("code", "year", "problem"),
    [
        ("E54000052", "2022-23", None), ("E54000052", "2023-24", "CODE_ENDED"), ("E54000052", "2025-26", "CODE_ENDED"),
        ("E54000063", "2022-23", "W_CODE_DAY"), ("E54000063", "2023-24", None), ("E54000063", "2025-26", None),
        ("E38000065", "2013-14", None), ("E38000065", "2014-15", "W_CODE_DAY"), ("E38000065", "2017-18", "W_CODE_DAY"),
        ("E38000065", "2018-19", "CODE_ENDED"), ("E38000227", "2017-18", "W_CODE_DAY"), ("E38000227", "2018-19", None),
        ("E38000227", "2013-14", "W_CODE_DAY"), ("E38000227", "2021-22", None),
        ("E54000042", "2025-26", None), ("E54000067", "2026-27", None), ("E54000030", "2024-25", None),
    ],
)  # fmt: skip
def test_a_code_whose_day_of_change_no_source_gives_is_read_and_asked_about_where_no_list_shows_it(
    desk, code, year, problem
):
    publisher = Desk(Organisation.objects.get(code="X24"), ("publisher",))
    found = told(publisher, rows(f"{year},{code},nhs-core,allocation,1.00,,"))
    assert [kind for kind, *_ in found.values()] == ([problem] if problem else [])


def test_what_is_asked_about_a_code_names_the_body_and_stops_nothing(desk):
    publisher = Desk(Organisation.objects.get(code="X24"), ("publisher",))
    upload = publisher.send(rows("2022-23,E54000063,nhs-core,allocation,1.00,,"))
    asked = UploadProblem.objects.get(upload=upload)
    name = "NHS Surrey Heartlands Integrated Care Board"
    assert (asked.severity, upload.state) == ("warning", "awaiting_second_person")
    assert asked.message == (
        f"{name} changed its code on a day that no source here gives, so this may be its code of another year"
    )
    assert asked.fix == f"The row is read as a figure of {name}. Check that it is."
    assert told(publisher, rows("2023-24,E54000052,nhs-core,allocation,1.00,,"))[2][2] == "Its code was then E54000063."


def test_a_page_says_that_the_last_day_of_a_code_is_not_known():
    (board,) = organisations_named_by("QXU")
    shown = codes(organisation_page(board, actor=ANONYMOUS)).rows
    days = {row[0]: (row[2], row[3]) for row in shown}
    assert days["E54000052"] == (dt.date(2022, 7, 1), {"value": None, "missing": "Not known"})
    assert days["E54000063"] == (None, dt.date(2026, 3, 31))
    (open_board,) = organisations_named_by("QRL")
    days = {row[0]: row[3] for row in codes(organisation_page(open_board, actor=ANONYMOUS)).rows}
    assert days["E54000067"] is None


def test_the_group_of_glossop_says_where_its_people_and_glossop_went(desk):
    publisher = Desk(Organisation.objects.get(code="X24"), ("publisher",))
    fix = told(publisher, rows("2023-24,01Y,nhs-core,allocation,1.00,,"))[2][2]
    assert fix == (
        "Use the code of its successor: NHS Greater Manchester Integrated Care Board (QOP) on 1 July 2022; part of its "
        "area, Glossop, passed to that of NHS Derby and Derbyshire Integrated Care Board (QJ2)."
    )


# --- an existing database ------------------------------------------------------------------------------------------


def test_a_database_of_earlier_tables_gets_the_new_codes_and_keeps_what_it_said_of_itself(desk):
    """The council keeps its row, its audit trail and its old code; a second load changes nothing."""
    council = Organisation.objects.get(code="E08000038")
    OrganisationCode.objects.filter(code="E08000038").delete()
    OrganisationCode.objects.filter(code="E08000016").update(valid_to=None)
    Organisation.objects.filter(pk=council.pk).update(code="E08000016")
    outcomes = {outcome.name: outcome for outcome in load_reference()}
    loaded = outcomes["organisation_codes"]
    assert (loaded.created, loaded.updated, outcomes["organisations"].updated) == (1, 1, 1)
    council.refresh_from_db()
    assert council.code == "E08000038"
    held = council.codes.filter(scheme="gss").values_list("code", "valid_from", "valid_to").order_by("code")
    assert list(held) == [
        ("E08000016", dt.date(1974, 4, 1), dt.date(2025, 3, 31)), ("E08000038", dt.date(2025, 4, 1), None),
    ]  # fmt: skip
    said = AuditEvent.objects.filter(action="load_reference").latest("pk").sentence
    assert "organisation codes: 1 created, 1 updated" in said
    assert not any(outcome.changed for outcome in load_reference())


@pytest.mark.parametrize("code", ["E08000016", "E08000038", "e08000016"])
def test_both_codes_lead_to_the_council(code):
    (council,) = organisations_named_by(code)
    assert (council.name, council.code) == (BARNSLEY, "E08000038")


def test_every_change_of_code_meets_on_its_day_or_is_open_on_both_sides():
    held = {row["code"]: row for row in tables.ORGANISATION_CODES.read() if row["scheme"] == "gss"}
    for change in tables.CODE_CHANGES.read():
        old, new, day = held[change["old"]], held[change["new"]], change["effective_on"]
        assert old["organisation"] == new["organisation"], change
        assert new["valid_from"] == day
        last = (dt.date.fromisoformat(day) - dt.timedelta(days=1)).isoformat() if day else ""
        assert old["valid_to"] == last, change


def test_all_42_and_all_36_boards_have_one_ons_code_on_each_day():
    for day, count in ((dt.date(2022, 7, 1), 42), (dt.date(2026, 3, 31), 42), (dt.date(2026, 4, 1), 36)):
        boards = Organisation.objects.open_on(day).filter(kind="icb")
        held = OrganisationCode.objects.filter(organisation__in=boards, scheme="gss").valid_on(day)
        assert boards.count() == count
        assert held.values("organisation").distinct().count() == count


# --- parts of areas ------------------------------------------------------------------------------------------------


def test_the_api_says_which_part_of_an_area_went_where():
    group, board = Organisation.objects.get(key="ccg-01y"), Organisation.objects.get(code="QJ2")
    around = around_organisation(group.pk)
    assert [(step["organisation"], step["extent"]) for step in around["successors"]] == [("QOP", "part")]
    assert [(each["organisation"], each["area"]) for each in around["areas_given"]] == [("QJ2", "Glossop")]
    received = around_organisation(board.pk)["areas_received"]
    assert [(each["organisation"], each["area"]) for each in received] == [("01Y", "Glossop")]
    whole = around_organisation(Organisation.objects.get(code="11X").pk)["successors"]
    assert [(step["organisation"], step["extent"]) for step in whole] == [("QSL", "whole")]


@pytest.mark.parametrize(
    ("slug", "day", "there", "not_there"),
    [
        ("derbyshire", "2022-06-30", {"01Y", "15M"}, {"QOP", "QJ2"}),
        ("derbyshire", "2022-07-01", {"QJ2"}, {"QOP", "01Y"}),
        ("tameside", "2022-07-01", {"QOP"}, {"QJ2"}),
        ("birmingham", "2022-06-30", {"D2P2L", "15E"}, {"QUA"}),
        ("birmingham", "2022-07-01", {"QHL"}, {"D2P2L"}),
        ("sandwell", "2022-07-01", {"QUA"}, {"QHL"}),
    ],
)
def test_the_commissioners_of_a_place_follow_its_own_part_of_the_area(slug, day, there, not_there):
    pk = place_id(slug)
    assert pk is not None
    bodies = {each["organisation"] for each in around_place(pk, as_at=dt.date.fromisoformat(day))["commissioners"]}
    assert there <= bodies
    assert not not_there & bodies


def test_figures_of_greater_manchester_do_not_stand_at_derbyshire_and_are_counted_at_no_place_twice():
    manchester, derbyshire = Organisation.objects.get(code="QOP"), Organisation.objects.get(code="QJ2")
    for body in (manchester, derbyshire):
        factories.allocation(organisation=body)
    for slug, body in (("derbyshire", derbyshire), ("tameside", manchester)):
        page = place_page(slug, actor=ANONYMOUS)
        assert page is not None
        holders = [line.first.organisation_id for line in page.lines]
        assert (holders.count(body.pk), len(set(holders) & {manchester.pk, derbyshire.pk})) == (1, 1)


@pytest.mark.parametrize(
    ("slug", "there", "not_there"),
    [
        ("derbyshire", {"01Y", "15M", "QJ2"}, {"QOP"}),
        ("tameside", {"01Y", "QOP"}, {"QJ2"}),
        ("birmingham", {"D2P2L", "15E", "QHL"}, {"QWU"}),
        ("sandwell", {"D2P2L", "QUA"}, {"QHL"}),
    ],
)
def test_the_page_of_a_place_names_those_who_had_its_own_part_of_an_area(slug, there, not_there):
    page = place_page(slug, actor=ANONYMOUS)
    assert page is not None
    bodies = {body.code for body in page.commissioners()}
    assert there <= bodies
    assert not not_there & bodies


def test_a_page_has_only_its_own_figures_whatever_part_passed():
    (group,) = organisations_named_by("01Y")
    factories.allocation(organisation=Organisation.objects.get(code="QJ2"))
    assert organisation_page(group, actor=ANONYMOUS).lines == []


# --- what people type ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("BCP", {"E06000058"}),
        ("BCP Council", {"E06000058"}),
        ("BANES", {"E06000022", "11E", "5FL"}),
        ("B&NES", {"E06000022", "11E", "5FL"}),
        ("BNSSG", {"QUY", "15C"}),
        ("BNSSG ICB", {"QUY"}),
        ("BSol", {"QHL", "15E"}),
        ("BOB", {"QU9"}),
        ("BSW", {"QOX", "92G"}),
        ("RBKC", {"E09000020"}),
        ("LBHF", {"E09000013"}),
        ("H&F", {"E09000013", "08C", "5H1"}),
        ("CWC", {"E08000031", "E06000050"}),
        ("NEL", {"QMF", "A3A8R", "E06000012", "03H", "TAN", "RAT"}),
        ("HIOW", {"QRL"}),
    ],
)
def test_what_people_type_finds_all_that_are_called_so(typed, expected):
    found = [body.code for body in directory_search(typed).organisations]
    assert expected <= set(found[: len(expected)])


@pytest.mark.parametrize(
    ("typed", "code"),
    [("BCP", "E06000058"), ("bnssg", "QUY"), ("BSol ICB", "QHL"), ("RBKC", "E09000020"), ("H&F", "E09000013")],
)
def test_a_form_takes_a_short_name_that_only_one_body_of_the_day_has(typed, code):
    called = bodies_called(typed, on=TODAY)
    assert ([body.code for body in called.bodies], called.is_sure) == ([code], True)


def test_a_form_offers_all_of_several():
    called = bodies_called("NEL", on=TODAY)
    assert not called.is_sure
    assert {"QMF", "E06000012"} <= {body.code for body in called.bodies}


def test_a_form_says_when_a_code_was_valid():
    assert nobody_had("E08000039", on=dt.date(2025, 3, 31)).message.endswith("only since 1 April 2025")
    assert nobody_had("E08000016", on=dt.date(2025, 4, 1)).fix == "Its code on 1 April 2025 was E08000038."
