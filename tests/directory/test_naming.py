"""Which body somebody means who types a name or a code, among a few bodies of our own: no database but for days."""

from __future__ import annotations

import datetime as dt

import pytest

from pooledcare.directory.models import Organisation, OrganisationCode, OrganisationName
from pooledcare.directory.queries.naming import _code_in, _fitting, _words, bodies_called, bodies_of_other_days
from tests import factories

FIRST, LAST = dt.date(2013, 4, 1), dt.date(2023, 3, 31)
DAY = dt.timedelta(days=1)


def fitting(typed: str, *names: str | tuple[str, ...]) -> tuple[list[str], bool]:
    """What is found among bodies of these names; of several names of one body the first is its own."""
    bodies = []
    for pk, called in enumerate(names):
        own, *others = [called] if isinstance(called, str) else called
        bodies.append(Organisation(pk=pk, name=own))
        bodies[-1].also_called = others
    called = _fitting(typed, bodies)
    return [body.name for body in called.bodies], called.is_sure


@pytest.mark.parametrize(
    ("typed", "names", "found", "is_sure"),
    [
        # the whole name, then the whole name but for "NHS"
        ("Mere Council", ["Mere Council", "Mere Council North"], ["Mere Council"], True),
        ("Mere Board", ["NHS Mere Board", "Mere Board of Trade"], ["NHS Mere Board"], True),
        ("NHS Mere Board", ["Mere Board", "NHS Mere Board"], ["NHS Mere Board"], True),
        ("Mere Council", ["Mere Council", "Mere Council"], ["Mere Council", "Mere Council"], False),
        ("the City of Mere", ["Mere City", "City of Mere", "Mere"], ["City of Mere"], True),
        ("Mere Council (E1)", ["Mere Council"], ["Mere Council"], True),
        # words in their order: the only one, if it says no more than its kind beside them
        ("Mere", ["Mere County Council", "Ald Council"], ["Mere County Council"], True),
        ("Mere", ["Meres County Council"], [], False),
        ("Mere", ["Mere and Ald Council"], ["Mere and Ald Council"], False),
        ("Mere", ["Ald Council", ("Ald and Bed Council", "Mere Council")], ["Ald and Bed Council"], True),
        # several of them: first where the words stand earlier, then the shorter, then by name
        (
            "Mere",
            ["North Mere", "Mere Z Council", "Mere A Council", "Mere Council"],
            ["Mere Council", "Mere A Council", "Mere Z Council", "North Mere"],
            False,
        ),
        # the same words in another order: the shorter first, then by name, never sure
        (
            "Council Mere",
            ["Mere Z Council", "Mere A Council", "Mere Council", "Ald Council"],
            ["Mere Council", "Mere A Council", "Mere Z Council"],
            False,
        ),
        # what is misspelt
        ("Mere Counsil", ["Mere Council", "Aldshire Board"], ["Mere Council"], False),
        ("Mere Counsil", [("Ald", "Mere Council"), "Mere Council"], ["Ald", "Mere Council"], False),
        ("Bere Counsyl", ["Mere Council"], [], False),
        ("Nobody at all", ["Mere Council"], [], False),
        ("", ["Mere Council"], [], False),
        ("the of", ["Mere Council"], [], False),
        ("(E1)", ["Mere Council"], [], False),
    ],
)
def test_one_body_is_told_from_another(typed, names, found, is_sure):
    assert fitting(typed, *names) == (found, is_sure)


def test_at_most_three_likely_names_are_offered_the_likeliest_first():
    names = ["Mere Council A", "Mere Counciler", "Mere Councils", "Mere Council Bee", "Mere Council"]
    found, is_sure = fitting("Mere Counsil", *names)
    assert (found, is_sure) == (["Mere Council", "Mere Councils", "Mere Counciler"], False)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("QSL", "QSL"),
        ("Somerset Council (E06000066)", "E06000066"),
        ("Somerset (QSL)  ", "QSL"),
        ("Somerset (A)", "Somerset (A)"),
        ("Somerset (QSL) Board", "Somerset (QSL) Board"),
        ("Somerset (ABCDEFGHIJKL)", "ABCDEFGHIJKL"),
        ("Somerset (ABCDEFGHIJKLM)", "Somerset (ABCDEFGHIJKLM)"),
        ("Somerset (Q-L)", "Somerset (Q-L)"),
    ],
)
def test_a_code_is_what_was_typed_or_stands_in_brackets_at_its_end(text, code):
    assert _code_in(text) == code


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("Mere ICB", "mere integrated care board"),
        ("Mere PCT", "mere primary care trust"),
        ("Mere CCG", "mere clinical commissioning group"),
        ("Mere FT", "mere foundation trust"),
        ("Mere CC", "mere county council"),
        ("Mere MBC", "mere metropolitan borough council"),
        ("Mere DC", "mere district council"),
        ("Mere BC", "mere borough council"),
        ("LB Mere", "london borough mere"),
        ("Saint Mere", "st mere"),
    ],
)
def test_what_people_shorten_is_written_out(short, long):
    assert " ".join(_words(short)) == long


# --- of a day --------------------------------------------------------------------------------------------------------


def called(typed: str, day: dt.date) -> tuple[list[str], bool]:
    found = bodies_called(typed, on=day)
    return [body.name for body in found.bodies], found.is_sure


@pytest.mark.django_db
def test_a_body_is_called_by_name_or_code_on_the_days_of_its_life():
    county = factories.organisation(name="Mere County Council", code="E10", opened=FIRST, closed=LAST)
    unitary = factories.organisation(name="Mere Council", code="E06", opened=LAST + DAY)
    OrganisationName.objects.create(organisation=unitary, name="Mere District Authority")
    for day, body in ((FIRST, county), (LAST, county), (LAST + DAY, unitary)):
        for typed in (body.name, body.name.upper(), body.code.lower(), f"whatever ({body.code})"):
            assert called(typed, day) == ([body.name], True), (typed, day)
    for typed, day in (("E10", FIRST - DAY), ("E10", LAST + DAY), ("E06", LAST)):
        assert called(typed, day) == ([], False), (typed, day)
    assert called("mere district authority", LAST + DAY) == (["Mere Council"], True)


@pytest.mark.django_db
def test_a_code_counts_on_the_days_of_which_it_is_and_two_holders_are_never_sure():
    first, second = (factories.organisation(name=name, code=f"N{name}") for name in ("B", "A"))
    OrganisationCode.objects.create(organisation=first, scheme="own", code="OLD", valid_from=FIRST, valid_to=LAST)
    OrganisationCode.objects.create(organisation=second, scheme="gss", code="OLD", valid_from=LAST)
    assert called("OLD", FIRST - DAY) == ([], False)
    assert called("OLD", FIRST) == (["B"], True)
    assert called("OLD", LAST) == (["A", "B"], False)
    assert called("OLD", LAST + DAY) == (["A"], True)


@pytest.mark.django_db
def test_bodies_of_other_days_are_those_of_exactly_this_code_or_name_the_latest_first():
    made = {
        name: factories.organisation(name="Mere Council", code=name, closed=closed)
        for name, closed in (("C1", FIRST), ("C2", LAST), ("C3", LAST))
    }
    other = factories.organisation(name="Ald Council", code="C4", closed=FIRST)
    OrganisationName.objects.create(organisation=other, name="The Mere Council")
    factories.organisation(name="Mere Council North", code="C5")
    OrganisationCode.objects.create(organisation=made["C1"], scheme="own", code="OLD")
    OrganisationCode.objects.create(organisation=made["C1"], scheme="gss", code="OLD")
    assert [body.code for body in bodies_of_other_days("mere council")] == ["C2", "C3", "C4", "C1"]
    assert [body.code for body in bodies_of_other_days("x (old)")] == ["C1"]
    assert bodies_of_other_days("mere") == []


@pytest.mark.django_db
def test_a_body_is_asked_for_with_three_queries_at_most(django_assert_num_queries):
    body = factories.organisation(name="Mere Council", code="E06")
    for name in ("B", "A"):
        OrganisationName.objects.create(organisation=body, name=name)
    with django_assert_num_queries(1):
        assert bodies_called("E06", on=LAST).bodies[0].also_called == ["A", "B"]
    with django_assert_num_queries(3):
        bodies_called("Mere Council", on=LAST)
