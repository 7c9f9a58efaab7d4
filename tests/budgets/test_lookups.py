"""What checks look up: who had which code in which financial years, names however written, and who speaks for whom."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from budgets.allocations.lookups import (
    FIRST_YEAR,
    LAST_YEAR,
    Holding,
    Lookups,
    _earliest,
    _latest,
    _years,
    lookups,
    plain_name,
)
from budgets.models import FundingStream
from pooledcare.directory.access import ANONYMOUS
from pooledcare.directory.models import Organisation, OrganisationCode
from tests import factories


def day(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("start", "end", "years"),
    [
        (None, None, (1900, 2999)),
        ("2024-03-31", None, (2023, 2999)), ("2024-04-01", None, (2024, 2999)), ("2024-04-02", None, (2024, 2999)),
        (None, "2024-03-31", (1900, 2023)), (None, "2024-04-01", (1900, 2024)), (None, "2024-04-02", (1900, 2024)),
        ("2022-07-01", "2022-07-01", (2022, 2022)),
    ],
)  # fmt: skip
def test_money_is_held_in_every_year_of_which_one_day_was_lived(start, end, years):
    assert _years(day(start), day(end)) == years
    assert (FIRST_YEAR, LAST_YEAR) == (1900, 2999)


def test_the_later_and_the_earlier_of_days_of_which_some_are_unknown():
    early, late = day("2020-04-01"), day("2021-04-01")
    assert [_latest(early, late), _latest(late, None), _latest(None, early), _latest(None, None)] == [
        late, late, early, None,
    ]  # fmt: skip
    assert [_earliest(early, late), _earliest(late, None), _earliest(None, early), _earliest()] == [
        early, late, early, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("NHS Somerset ICB", "somerset"), ("NHS Somerset Integrated Care Board", "somerset"),
        ("Bath & North East Somerset Council", "bath north east somerset"), ("King's Lynn", "kings lynn"),
        ("London Borough of Barnet", "barnet"), ("Royal Borough of Kingston upon Thames", "kingston thames"),
        ("City of York (UA)", "york"), ("The Metropolitan District of Leeds", "leeds"),
        ("NHS Mere Clinical Commissioning Group", "mere"), ("Mere CCG", "mere"),
        ("Mere County Unitary Authority", "mere"),        ("14th Ward", "14th ward"), ("", ""),
    ],
)  # fmt: skip
def test_a_name_is_what_tells_one_body_from_another(name, plain):
    assert plain_name(name) == plain


def holding(organisation: int, kind: str) -> Holding:
    return Holding(organisation, kind, 1900, 2999, None, None, None)


def known(**fields: Any) -> Lookups:
    values: dict[str, Any] = {
        "codes": {"B": [holding(7, "unitary"), holding(3, "icb")], "A": [holding(3, "icb")]},
        "names": {7: "Mere Council", 3: "NHS Mere ICB", 5: "NHS Tarn ICB"},
        "current_codes": {},
        "streams": {},
        "submitting": Organisation(pk=1),
        "may_publish": True,
        "funded_kinds": frozenset({"icb"}),
    }
    return Lookups(**values | fields)


def test_bodies_and_kinds_are_numbered_with_nobody_as_nought():
    found = known()
    assert found.ids.tolist() == [0, 3, 5, 7]
    assert found.kind_names == ["", "icb", "unitary"]
    assert found.kind_numbers.tolist() == [0, 1, 0, 2]


@pytest.mark.parametrize(("may_publish", "expected"), [(True, [False, True, False]), (False, [False, False, False])])
def test_one_speaks_for_the_kinds_that_one_funds_if_one_may_publish(may_publish, expected):
    assert known(may_publish=may_publish).may_by_kind.tolist() == expected


def test_figures_are_of_holders_and_of_those_included_and_nothing_is_said_of_nobody():
    found = known()
    assert found.reported_by(FundingStream(holder_kinds=["icb"])) == [True, True, False]
    assert found.reported_by(FundingStream(holder_kinds=["unitary"])) == [True, False, True]
    assert found.reported_by(FundingStream(holder_kinds=["unitary"], included_kinds=["icb"])) == [True, True, True]
    assert found.reported_by(None) == [True, True, True]


def test_a_name_belongs_to_everybody_who_bears_it():
    found = known()
    assert found.owners_of_name("mere") == frozenset({3, 7})
    assert found.owners_of_name("tarn") == frozenset({5})
    assert found.owners_of_name("nowhere") == frozenset()


# ── Read from the directory ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("opened", "closed", "valid_from", "valid_to", "years"),
    [
        (None, None, None, None, (1900, 2999)),
        ("2020-04-01", None, None, None, (2020, 2999)),
        ("2020-04-01", None, "2021-04-01", None, (2021, 2999)),
        ("2022-04-01", None, "2021-04-01", None, (2022, 2999)),
        (None, "2020-03-31", None, None, (1900, 2019)),
        (None, "2020-04-01", None, None, (1900, 2020)),
        (None, "2022-03-31", None, "2021-03-31", (1900, 2020)),
        (None, "2021-03-31", None, "2022-03-31", (1900, 2020)),
        ("2013-04-01", "2023-03-31", "2013-04-01", "2023-03-31", (2013, 2022)),
    ],
)
def test_a_code_is_held_while_both_body_and_code_are_valid(opened, closed, valid_from, valid_to, years):
    body = factories.council(code="E1", opened=day(opened), closed=day(closed))
    OrganisationCode.objects.filter(organisation=body).update(valid_from=day(valid_from), valid_to=day(valid_to))
    found = lookups(factories.nhs_england(), ANONYMOUS)
    assert found.codes["E1"] == [
        Holding(
            body.pk,
            "unitary",
            *years,
            opened=day(opened),
            closed=day(closed),
            code_ended=day(valid_to),
            scheme="gss",
            code_began=day(valid_from),
            sure_first=years[0],
            sure_last=years[1],
        )
    ]


@pytest.mark.django_db
def test_the_holders_of_a_code_come_in_the_order_in_which_they_had_it():
    bodies = [factories.organisation(name=f"Body {number}") for number in range(3)]
    for body, start, end in zip(
        bodies, ("2020-04-01", "2013-04-01", "2016-04-01"), (None, "2016-03-31", "2020-03-31"), strict=True
    ):
        OrganisationCode.objects.create(
            organisation=body, scheme="ods", code="99Z", valid_from=day(start), valid_to=day(end)
        )
    found = lookups(factories.nhs_england(), ANONYMOUS)
    assert [one.organisation for one in found.codes["99Z"]] == [bodies[1].pk, bodies[2].pk, bodies[0].pk]
    assert found.current_codes[bodies[0].pk] == bodies[0].code
    assert found.names[bodies[0].pk] == "Body 0"


@pytest.mark.django_db
def test_the_sender_is_looked_up_with_its_rights(django_assert_num_queries):
    publisher, council = factories.nhs_england(), factories.council()
    stream = factories.stream(code="core")
    OrganisationCode.objects.create(organisation=council, scheme="ods", code="5E1")
    sender = factories.actor(factories.member(organisation=publisher, roles=["publisher"]))
    viewer = factories.actor(factories.member(organisation=publisher, roles=["viewer"]))
    with django_assert_num_queries(2):
        found = lookups(publisher, sender)
    assert (found.submitting, found.may_publish, lookups(publisher, viewer).may_publish) == (publisher, True, False)
    assert "icb" in found.funded_kinds
    assert "unitary" not in found.funded_kinds
    assert found.streams == {"core": stream}
    assert found.numeric == {50: ["5E1"]}


@pytest.mark.django_db
def test_successors_are_named_with_code_and_day_three_at_most():
    gone = factories.organisation()
    heirs = [factories.organisation(name=f"Heir {number}", code=f"H{number}") for number in range(4)]
    found = known()
    assert found.successors(gone.pk) == ""
    factories.succession(predecessor=gone, successor=heirs[0])
    factories.succession(predecessor=heirs[1], successor=heirs[0])
    assert found.successors(gone.pk) == "Heir 0 (H0) on 1 July 2022"
    for heir in heirs[1:]:
        factories.succession(predecessor=gone, successor=heir, effective_on=dt.date(2023, 4, 1))
    words = found.successors(gone.pk).split(" and ")
    assert len(words) == 3
    assert "Heir 1 (H1) on 1 April 2023" in words
