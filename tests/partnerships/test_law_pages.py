"""The pages of law: what they show on which day, what they refuse, and that they cost the same for more rules."""

from __future__ import annotations

import datetime as dt

import html5lib
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from partnerships.models import Function, Instrument
from partnerships.queries.law import law_in_force, law_with
from tests.budgets.public import HTML, printed, printed_tables
from tests.partnerships import law_rows as make
from tests.partnerships import law_tables

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("law")]
PROPOSAL = law_tables.PROPOSAL
INSTRUMENTS = "Acts, regulations and proposals"


def ask(client, **given):
    values = {"body": "nhs_england", "function": "primary-medical", "on": "2016-04-01", "power": "s75"} | given
    return client.get("/law/check/", {name: value for name, value in values.items() if value})


def functions_shown(page) -> list[str]:
    return [row[1] for row in printed_tables(page).get("Function", [])[1:]]


def test_the_database_holds_the_law_that_the_rules_were_tested_with():
    assert law_in_force() == law_tables.law()
    assert law_with([PROPOSAL]) == law_tables.law(PROPOSAL)
    assert law_with([]) == law_with(["si-2015-1940"]) == law_in_force()


@pytest.mark.parametrize(
    ("day", "body", "shown"),
    [
        ("2013-03-31", "ccg", False),
        ("2013-04-01", "ccg", True),
        ("2022-06-30", "ccg", True),
        ("2022-07-01", "ccg", False),
        ("2022-07-01", "icb", True),
    ],
)
def test_rules_are_shown_as_at_any_day(client, day: str, body: str, shown: bool):
    page = client.get("/law/", {"as_at": day, "kind": "body", "power": "s75", "body": body})
    assert ("Who may be a partner" in printed_tables(page)) is shown


def test_rules_can_be_narrowed(client):
    one = client.get("/law/", {"as_at": "2016-04-01", "kind": "function", "function": "primary-medical"})
    assert functions_shown(one) == ["Primary medical services (section 83)"]
    assert "1 rule of pooling applies on 1 April 2016." in printed(one)
    guessed = client.get("/law/", {"as_at": "2016-04-01", "confidence": "default", "power": "s75", "kind": "body"})
    assert len(printed_tables(guessed)["Who may be a partner"]) == 1 + 4


def test_rules_and_instruments_are_sorted_by_each_heading(client):
    asked = {"as_at": "2016-04-01", "kind": "function", "power": "s75"}
    names = functions_shown(client.get("/law/", asked | {"sort": "function.1"}))
    assert names == sorted(names, key=str.casefold)
    assert functions_shown(client.get("/law/", asked | {"sort": "-function.1"})) == names[::-1]
    assert client.get("/law/", asked | {"sort": "function.9"}).status_code == 400
    titles = [row[0] for row in printed_tables(client.get("/law/instruments/?sort=-instruments.5"))[INSTRUMENTS][1:]]
    most = max(Instrument.objects.all(), key=lambda one: one.rules.count())
    assert titles[0].startswith(most.title)
    assert len(titles) == Instrument.objects.count()


def test_without_a_day_the_rules_of_today_are_shown(client, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_: dt.date(2016, 3, 31))
    assert "rules of pooling apply on 31 March 2016." in printed(client.get("/law/"))


def test_a_proposed_rule_is_shown_only_when_it_is_asked_for_and_marked(client):
    address = "/law/?as_at=2020-01-01&kind=function&power=s75&function=primary-dental"
    assert "Proposed, not law" not in printed(client.get(address))
    page = client.get(f"{address}&proposed={PROPOSAL}")
    assert "Arranging primary dental services may be pooled. Proposed, not law" in printed(page)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("/law/?as_at=2016-13-01", "As at must be a real date, like 1 April 2024"),
        ("/law/?as_at=4/13/2016", "As at must be a real date, like 1 April 2024"),
        ("/law/?as_at=1066-10-14", "As at must be a date from 1990 to 2100"),
        ("/law/?as_at=2016-04-01&as_at=2017-04-01", "Give as at only once"),
        ("/law/?power=s99", "Select a valid choice"),
        ("/law/?proposed=si-2015-1940", "Select a valid choice"),
        ("/law/check/?body=icb", "Select a function"),
        ("/law/check/?function=nhs-s3&power=s75&on=2016-04-01", "Select at least one kind of body"),
        ("/law/check/?body=icb&function=nhs-s3&power=s75&on=soon", "Day must be a real date"),
    ],
)
def test_what_is_asked_wrongly_is_said_at_the_field(client, address: str, message: str):
    page = client.get(address)
    assert page.status_code == 400
    assert message in printed(page)


@pytest.mark.parametrize("day", ["1 Apr 2016", "1st April 2016", "1/4/2016"])
def test_a_day_may_be_written_as_people_write_it(client, day: str):
    page = client.get("/law/", {"as_at": day})
    assert page.status_code == 200
    assert 'value="2016-04-01"' in page.content.decode()
    assert printed(page) == printed(client.get("/law/?as_at=2016-04-01"))


def test_a_day_without_rules_says_so(client):
    assert "No matching rule applied on 1 January 1999." in printed(client.get("/law/?as_at=1999-01-01"))


def test_the_question_is_answered_with_its_regulation(client):
    page = printed(ask(client))
    assert "May NHS England pool “Primary medical services (section 83)” under section 75 on 1 April 2016?" in page
    assert "Lawful under the law in force. All of the points checked are lawful." in page
    assert "SI 2000/617 reg 5(a) as amended by SI 2015/1940 reg 2(3)" in page
    assert "The partners must have consulted jointly" in page
    assert "Unlawful under the law in force" in printed(ask(client, on="2016-03-31"))


def test_dental_money_today_and_under_the_proposal_of_2015_is_one_submission(client, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_: dt.date(2026, 11, 30))
    form = client.get("/law/check/").content.decode()
    assert 'value="2026-11-30"' in form
    bodies = ["icb", "nhs_england", "unitary"]
    page = ask(client, body=bodies, function="primary-dental", on="2026-11-30", proposed=PROPOSAL)
    words = printed(page)
    assert (
        "May an integrated care board, NHS England and a unitary authority pool “Primary dental services (section 99)” "
        "under section 75 on 30 November 2026?"
    ) in words
    assert (
        "Unlawful under the law in force. “Primary dental services (section 99)” may not be pooled under section 75 on "
        "30 November 2026."
    ) in words
    assert "in 2015). All of the points checked are lawful." in words
    tables = printed_tables(page)
    assert [row[:2] + row[4:] for row in tables["Each body"][1:]] == [
        ["An integrated care board", "Lawful", "By delegation"],
        ["NHS England", "Lawful", "Yes"],
        ["A unitary authority", "Lawful", "No"],
    ]
    powers = {row[0]: row[1] for row in tables["Under other powers"][1:]}
    assert powers["Section 31, Health Act 1999"] == "Unlawful"
    assert powers["Section 256, NHS Act 2006"] == "Not judged here"
    assert len(powers) == 7


def test_every_provision_is_linked(client):
    page = ask(client, body=["icb", "county"], function="primary-dental", on="2026-11-30", proposed=PROPOSAL)
    document = html5lib.parse(page.content.decode())
    tables = list(document.iter(f"{HTML}table"))
    assert len(tables) == 5
    for table in tables:
        headings = ["".join(cell.itertext()).strip() for cell in table.find(f"{HTML}thead").iter(f"{HTML}th")]
        for row in table.find(f"{HTML}tbody").iter(f"{HTML}tr"):
            link = row[headings.index("Provision")].find(f"{HTML}a")
            assert link.get("href").startswith("/law/instruments/"), "".join(row.itertext())


def test_treatments_and_companions_are_part_of_the_question(client):
    page = printed(ask(client, body="ccg", function="nhs-s3", exclusions="endoscopy"))
    assert "with endoscopy in it?" in page
    assert "Unlawful under the law in force" in page
    charging = {"body": "unitary", "function": "charging-care-act"}
    assert "Unlawful under the law in force" in printed(ask(client, **charging))
    beside = printed(ask(client, **charging, together_with="meeting-needs"))
    assert "Lawful under the law in force" in beside
    assert "beside “Meeting needs for care and support”?" in beside


def test_a_proposal_is_answered_beside_the_law_and_shows_what_changes(client):
    page = ask(client, function="primary-dental", proposed=PROPOSAL)
    words = printed(page)
    assert "Unlawful under the law in force" in words
    assert "Lawful with the proposal (Primary dental, ophthalmic and pharmaceutical services" in words
    (_, change) = printed_tables(page)["What changes"]
    assert change[1] == "Unlawful"
    assert change[3] == "Lawful"
    same = printed(ask(client, proposed=PROPOSAL))
    assert "The answer stays the same." in same


def test_the_timeline_names_instruments_and_what_they_did(client):
    words = printed(client.get("/law/timeline/"))
    assert "Regulation 5: functions of NHS bodies" in words
    assert "1 April 2016 SI 2015/1940 From this day:" in words
    assert "29 December 2005" not in words
    assert "30 December 2005 SI 2005/3504" in words
    assert "It amends the regulations, but none of these functions." in words
    assert "Arranging primary dental services may be pooled" not in words


def test_an_instrument_shows_what_it_brought_and_ended(client):
    words = printed(client.get("/law/instruments/si-2015-1940/"))
    assert "Arranging primary medical services under section 83 may be pooled from 1 April 2016." in words
    assert "Made 25 November 2015" in words
    assert "Rules it ended" in words
    assert "SI 2015/1940" in printed(client.get("/law/instruments/si-2000-617/"))
    proposal = printed(client.get(f"/law/instruments/{PROPOSAL}/"))
    assert "It is not law" in proposal
    assert client.get("/law/instruments/si-1-1/").status_code == 404
    assert Instrument.objects.get(slug="si-2015-1940").get_absolute_url() == "/law/instruments/si-2015-1940/"


def test_an_instrument_without_rules_and_one_entered_here_say_so(client):
    make.proposal(slug="ours")
    words = printed(client.get("/law/instruments/ours/"))
    assert "Entered here" in words
    assert "No rule here begins or ends with it." in words


def test_the_list_of_instruments_has_them_all(client):
    rows = printed_tables(client.get("/law/instruments/"))["Acts, regulations and proposals"]
    assert len(rows) == 1 + Instrument.objects.count()


def test_the_law_before_it_is_loaded_is_empty_and_not_broken(client):
    from partnerships.models import Rule

    Rule.objects.all().delete()
    Function.objects.all().delete()
    Instrument.objects.update(amends=None)
    Instrument.objects.all().delete()
    for address in ("/law/", "/law/timeline/", "/law/instruments/", "/law/check/"):
        assert client.get(address).status_code == 200


QUESTION = "/law/check/?body=nhs_england&function=primary-dental&on=2023-04-01&power=s75"


@pytest.mark.parametrize(
    ("address", "most"),
    [
        ("/law/?as_at=2020-01-01", 4),
        ("/law/timeline/", 5),
        ("/law/instruments/", 2),
        ("/law/instruments/si-2000-617/", 5),
        ("/law/check/", 4),
        (f"{QUESTION}&proposed={PROPOSAL}", 6),
    ],
)
def test_more_rules_cost_no_more_queries(client, address: str, most: int):
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    few = cost()
    parent = Instrument.objects.get(slug="si-2000-617")
    for _ in range(30):
        one = make.instrument(amends=parent)
        make.rule(instrument=one, valid_to=dt.date(2021, 1, 1), ended_by=one)
        make.rule(instrument=parent)
    assert cost() == few <= most
