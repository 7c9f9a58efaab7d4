"""Judging rows of files about drafts: what is wrong at which cell, and what is staged of the others."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from partnerships.models import Agreement, Deed
from partnerships.upload_kinds import kinds
from partnerships.upload_kinds.checkers import AgreementChecker, SchemeChecker
from pooledcare.directory.access import system_actor
from pooledcare.directory.models import Organisation, OrganisationCode
from pooledcare.uploads.checks import Checked, Piece
from tests import factories

pytestmark = pytest.mark.django_db
CHANGED_HANDS = dt.date(2025, 4, 1)


@pytest.fixture
def draft(icb: Organisation, county: Organisation) -> Agreement:
    return factories.whole_agreement(partners=[icb, county], title="Joint arrangements")


def piece(kind: kinds.Kind, *rows: dict[str, str], first: int = 2) -> Piece:
    names = [column.heading for column in kind.columns]
    frame = pd.DataFrame([{name: row.get(name, "") for name in names} for row in rows], columns=names, dtype=object)
    numbers = np.arange(first, first + len(rows), dtype=np.int64)
    return Piece("Sheet 1", numbers, frame, dict.fromkeys(names, "A"), {name: name for name in names})


class Desk:
    """Judges pieces of one upload one after another."""

    def __init__(self, kind: kinds.Kind, organisation: Organisation) -> None:
        self.kind = kind
        self.upload = factories.upload(organisation=organisation, kind=kind.key)
        checker = AgreementChecker if kind is kinds.AGREEMENTS else SchemeChecker
        self.checker = checker(self.upload, system_actor("example"))

    def check(self, *rows: dict[str, str], first: int = 2) -> Checked:
        return self.checker.check(piece(self.kind, *rows, first=first))

    def staged(self, checked: Checked) -> list[tuple[Any, ...]]:
        """Line, row, what is said, agreement and slug of each staged row."""
        found = []
        for line in checked.lines.splitlines():
            upload, number, sheet, row, said, agreement, slug = line.split("\t")
            assert (upload, sheet) == (str(self.upload.pk), "Sheet 1")
            found.append((int(number), int(row), json.loads(said), agreement, slug))
        return found


def told(checked: Checked) -> list[tuple[str, str, list[int]]]:
    return sorted((each.code, each.column, each.rows.tolist()) for each in checked.findings)


def sentences(checked: Checked) -> list[str]:
    return [each.message for each in checked.findings]


def body(one: Organisation) -> dict[str, Any]:
    return {"pk": one.pk, "code": one.code, "name": one.name}


def new(**more: str) -> dict[str, str]:
    return {"title": "New", "power": "s75", **more}


# --- agreements ------------------------------------------------------------------------------------------------------


def test_good_rows_are_staged_with_what_they_say_and_numbered_on_from_piece_to_piece(icb, county, draft):
    desk = Desk(kinds.AGREEMENTS, icb)
    first = desk.check(
        new(partners="qms; E10000999", start="1 April 2026"), new(title=""),
        {"reference": f" {draft.reference.lower()} ", "title": "Ours", "exit": "As it\tcame."},
    )  # fmt: skip
    assert (first.staged, first.refused, told(first)) == (2, 1, [("REQUIRED", "title", [3])])
    assert desk.staged(first) == [
        (1, 2, {**new(), "start": "2026-04-01", "partners": [body(icb), body(county)]}, "\\N", ""),
        (2, 4, {"title": "Ours", "exit": "As it came."}, str(draft.pk), ""),
    ]  # fmt: skip
    assert first.notices["Dates were read in other spellings, such as 1 April 2026"] == 1
    second = desk.check(new(title="Other"), {"reference": draft.reference, "power": "s31"}, first=90)
    assert [(line, row, agreement) for line, row, _, agreement, _ in desk.staged(second)] == [
        (3, 90, "\\N"), (4, 91, str(draft.pk)),
    ]  # fmt: skip
    assert (second.staged, second.refused) == (2, 0)


def test_a_reference_is_that_of_a_draft_of_the_organisation(icb, county, draft):
    theirs = factories.whole_agreement(slug="theirs")
    signed = factories.signed_agreement(partners=[icb, county], slug="signed")
    desk = Desk(kinds.AGREEMENTS, icb)
    given = ["12", "S75-123", "S76-0012", "S75-1234567890", "S75-12a4", "S75-١٢٣٤", theirs.reference, signed.reference]
    checked = desk.check(*({"reference": text, "title": "x"} for text in given))
    assert told(checked) == [
        ("NOT_A_REFERENCE", "reference", [2, 3, 4, 5, 6, 7]), ("NO_OPEN_DEED", "reference", [9]),
        ("UNKNOWN_AGREEMENT", "reference", [8]),
    ]  # fmt: skip
    assert sentences(checked) == [
        "This is not the reference of an agreement",
        "NHS Mereshire Integrated Care Board is in no agreement with this reference",
        f"{signed.reference} is signed, and signed text cannot be changed",
    ]
    later = desk.check({"reference": draft.reference, "title": "x"}, {"reference": theirs.reference, "title": "x"})
    assert (later.staged, told(later)) == (1, [("UNKNOWN_AGREEMENT", "reference", [3])])


def test_an_agreement_is_begun_with_a_title_that_is_free_and_a_power(icb, draft):
    checked = Desk(kinds.AGREEMENTS, icb).check(
        {"summary": "x"}, new(title="Joint arrangements"), {"reference": draft.reference, "title": "Joint arrangements"}
    )
    assert told(checked) == [("REQUIRED", "power", [2]), ("REQUIRED", "title", [2]), ("STARTED_ALREADY", "title", [3])]
    already = next(each for each in checked.findings if each.code == "STARTED_ALREADY")
    assert already.message == "NHS Mereshire Integrated Care Board has already started an agreement with this title"
    assert already.fix == f"Enter {draft.reference} as its reference, or give it another title."
    assert checked.staged == 1


def test_power_and_places_are_those_of_the_agreement_itself(icb, county, draft):
    factories.place(slug="mere", name="Mere")
    signed = factories.signed_agreement(partners=[icb, county], slug="signed")
    Deed.objects.create(agreement=signed, number=1, kind="variation")
    fixed = {"power": "s31", "places": "Mere"}
    checked = Desk(kinds.AGREEMENTS, icb).check(
        {"reference": signed.reference, **fixed}, {"reference": draft.reference, **fixed},
        {"reference": signed.reference, "title": "x"},
    )  # fmt: skip
    assert told(checked) == [("NOT_BY_A_DEED", "places", [2]), ("NOT_BY_A_DEED", "power", [2])]
    assert (checked.staged, checked.refused) == (2, 1)


def test_a_place_is_known_by_its_name_and_by_its_address(icb):
    for slug, name in (("old", "Mere"), ("newer", "Mere"), ("moor", "The Moor")):
        factories.place(slug=slug, name=name)
    desk = Desk(kinds.AGREEMENTS, icb)
    checked = desk.check(new(places="THE MOOR; mere"), new(title="B", places="newer; moor"), new(title="C", places="x"))
    assert [said["places"] for _, _, said, _, _ in desk.staged(checked)] == [["moor", "old"], ["newer", "moor"]]
    assert told(checked) == [("UNKNOWN_PLACE", "places", [4])]


@pytest.fixture
def handed_on(icb: Organisation) -> tuple[Organisation, Organisation]:
    """A code that one body held until a day, and another from that day on."""
    before, after = factories.organisation(name="Before"), factories.organisation(name="After")
    last = CHANGED_HANDS - dt.timedelta(days=1)
    OrganisationCode.objects.create(organisation=before, scheme="ods", code="QOLD", valid_to=last)
    OrganisationCode.objects.create(organisation=after, scheme="ods", code="QOLD", valid_from=CHANGED_HANDS)
    return before, after


@pytest.mark.parametrize(("days", "holder"), [(-1, 0), (0, 1), (1, 1)])
def test_codes_are_those_of_the_first_day_that_the_row_says_or_else_its_draft(icb, draft, handed_on, days, holder):
    day = CHANGED_HANDS + dt.timedelta(days=days)
    desk = Desk(kinds.AGREEMENTS, icb)
    Deed.objects.filter(agreement=draft).update(effective_on=day)
    said = {"reference": draft.reference, "partners": "QMS;QOLD"}
    checked = desk.check(said, {**said, "start": "2025-03-31"}, {**said, "start": "2025-04-01"})
    found = [said["partners"][1] for _, _, said, _, _ in desk.staged(checked)]
    assert found == [body(handed_on[holder]), body(handed_on[0]), body(handed_on[1])]


def test_codes_are_those_of_today_where_no_first_day_is_said(icb, draft, handed_on):
    Deed.objects.filter(agreement=draft).update(effective_on=None)
    desk = Desk(kinds.AGREEMENTS, icb)
    checked = desk.check({"reference": draft.reference, "partners": "QOLD"}, new(partners="QOLD"))
    assert [said["partners"] for _, _, said, _, _ in desk.staged(checked)] == [[body(handed_on[1])]] * 2


def test_every_code_without_a_body_is_told_by_its_day(icb):
    checked = Desk(kinds.AGREEMENTS, icb).check(new(start="2026-04-01", partners=f"QMS; ZZZ; {'Y' * 20}"))
    assert sentences(checked) == [
        "The code ZZZ is in none of our lists of organisations",
        f"The code {'Y' * 12} is in none of our lists of organisations",
    ]
    assert told(checked) == [("UNKNOWN_ORG", "partners", [2])] * 2
    assert (checked.staged, checked.refused) == (0, 1)


def test_a_code_that_somebody_had_on_another_day_says_until_when_and_what_follows(icb):
    council = factories.council(name="Mere Council", code="E08000991", opened=dt.date(1974, 4, 1))
    council.codes.update(valid_to=CHANGED_HANDS - dt.timedelta(days=1))
    OrganisationCode.objects.create(organisation=council, scheme="gss", code="E08000992", valid_from=CHANGED_HANDS)
    checked = Desk(kinds.AGREEMENTS, icb).check(
        new(start="2025-04-01", partners="QMS; E08000991"),
        new(title="B", start="2025-04-01", partners="QMS; E08000992"),
        new(title="C", start="2025-04-01", partners="QMS; W06000015; E08000991"),
    )  # fmt: skip
    assert told(checked) == [
        ("CODE_ENDED", "partners", [2]), ("CODE_ENDED", "partners", [4]), ("ORG_OUTSIDE_ENGLAND", "partners", [4]),
    ]  # fmt: skip
    assert sentences(checked)[0] == "Mere Council had the code E08000991 only until 31 March 2025"


# --- schemes ---------------------------------------------------------------------------------------------------------


def row(draft: Agreement, **said: str) -> dict[str, str]:
    return {"agreement": draft.reference, **said}


def test_rows_of_schemes_are_staged_with_bodies_in_the_place_of_codes(icb, county, draft):
    desk = Desk(kinds.SCHEMES, icb)
    checked = desk.check(
        row(draft, name="Home", functions="NHS-s3:qms; social-services", exclusions="nhs-s3:surgery", lead="E10000999",
            pool="Reablement", start="2024-06-01", voluntary="no"),
        row(draft, scheme=" REABLEMENT ", exclusions="social-services:endoscopy", notice_months="3"),
    )  # fmt: skip
    assert told(checked) == []
    assert desk.staged(checked) == [
        (1, 2, {
            "name": "Home", "functions": [["nhs-s3", body(icb)], ["social-services", None]],
            "exclusions": [["nhs-s3", "surgery"]], "lead": body(county), "pool": "reablement", "start": "2024-06-01",
            "voluntary": False,
        }, str(draft.pk), ""),
        (2, 3, {"exclusions": [["social-services", "endoscopy"]], "notice_months": 3}, str(draft.pk), "reablement"),
    ]  # fmt: skip


def test_codes_in_schemes_are_those_of_the_first_day_of_the_draft_and_not_of_the_scheme(icb, draft, handed_on):
    Deed.objects.filter(agreement=draft).update(effective_on=CHANGED_HANDS - dt.timedelta(days=1))
    desk = Desk(kinds.SCHEMES, icb)
    said = row(draft, name="Home", lead="QOLD", functions="nhs-s3:QOLD", start="2025-05-01")
    ((_, _, found, _, _),) = desk.staged(desk.check(said))
    assert (found["lead"], found["functions"]) == (body(handed_on[0]), [["nhs-s3", body(handed_on[0])]])


WRONG: list[tuple[dict[str, str], list[tuple[str, str, str]]]] = [
    ({}, [("REQUIRED", "name", "Enter the name of the new scheme")]),
    ({"scheme": "none"}, [("UNKNOWN_SCHEME", "scheme", "The agreement has no scheme of this name")]),
    ({"scheme": "none", "name": "x"}, [("UNKNOWN_SCHEME", "scheme", "The agreement has no scheme of this name")]),
    ({"name": "x", "pool": "none"}, [("UNKNOWN_POOL", "pool", "The agreement has no fund of this name")]),
    ({"scheme": "no way"}, [("NOT_AN_ADDRESS", "scheme", "This is not the short name of a scheme or fund")]),
    ({"name": "x", "pool": "é"}, [("NOT_AN_ADDRESS", "pool", "This is not the short name of a scheme or fund")]),
    ({"name": "x", "lead": "ZZZ"}, [("UNKNOWN_ORG", "lead", "The code ZZZ is in none of our lists of organisations")]),
    (
        {"name": "x", "functions": "nhs-s3:ZZZ; social-services:YYY"},
        [
            ("UNKNOWN_ORG", "functions", "The code ZZZ is in none of our lists of organisations"),
            ("UNKNOWN_ORG", "functions", "The code YYY is in none of our lists of organisations"),
        ],
    ),
    (
        {"name": "x", "functions": "nhs-s3", "exclusions": "nhs-s3:tea; nhs-s3:surgery"},
        [("UNKNOWN_EXCLUSION", "exclusions", "This is not one of the treatments that regulation 5 excludes")],
    ),
    (
        {"name": "x", "functions": "nhs-s3", "exclusions": "social-services:surgery"},
        [
            (
                "FUNCTION_NOT_NAMED", "exclusions",
                "A treatment is named within a function that the scheme does not have",
            )
        ],
    ),
    (
        {"scheme": "reablement", "functions": "nhs-s3", "exclusions": "social-services:surgery"},
        [
            (
                "FUNCTION_NOT_NAMED", "exclusions",
                "A treatment is named within a function that the scheme does not have",
            )
        ],
    ),
    ({"scheme": "reablement", "exclusions": "social-services:surgery"}, []),
    ({"scheme": "x" * 60}, [("UNKNOWN_SCHEME", "scheme", "The agreement has no scheme of this name")]),
    ({"scheme": "x" * 61}, [("NOT_AN_ADDRESS", "scheme", "This is not the short name of a scheme or fund")]),
]  # fmt: skip


def test_what_is_wrong_with_a_scheme_is_told_at_its_cell(icb, draft):
    checked = Desk(kinds.SCHEMES, icb).check(*(row(draft, **said) for said, _ in WRONG))
    found = [
        (number, each.code, each.column, each.message) for each in checked.findings for number in each.rows.tolist()
    ]
    expected = [(number, *problem) for number, (_, problems) in enumerate(WRONG, 2) for problem in problems]
    assert sorted(found) == sorted(expected)
    assert checked.staged == sum(not problems for _, problems in WRONG)
    assert checked.staged + checked.refused == len(WRONG)


def test_a_scheme_needs_its_agreement_and_is_told_which_funds_there_are(icb, draft):
    bare = factories.agreement(partners=[icb, factories.council()])
    checked = Desk(kinds.SCHEMES, icb).check(
        {"name": "x"}, row(draft, name="x", pool="none"), row(bare, name="x", pool="none")
    )
    assert [(each.code, each.column, each.rows.tolist(), each.fix) for each in checked.findings] == [
        ("REQUIRED", "agreement", [2], "Fill in agreement. A blank is never filled down from the row above."),
        ("UNKNOWN_POOL", "pool", [3], "Use one of: reablement."),
        ("UNKNOWN_POOL", "pool", [4], "Leave the cell empty: the agreement has no fund yet."),
    ]
