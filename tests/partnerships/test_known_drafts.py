"""What the rows of a file are looked up in: bodies by code and day, drafts within reach, titles that are taken."""

from __future__ import annotations

import datetime as dt

import pytest

from partnerships.models import Deed
from partnerships.upload_kinds.known_drafts import Bodies, Holder, drafts_of, titles_open
from pooledcare.directory.models import OrganisationCode
from tests import factories

DAY = dt.date(2022, 7, 1)
BEFORE, AFTER = DAY - dt.timedelta(days=1), DAY + dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("first", "last", "there"),
    [
        (None, None, [True, True, True]),
        (DAY, None, [False, True, True]),
        (None, DAY, [True, True, False]),
        (DAY, DAY, [False, True, False]),
    ],
)
def test_a_holder_is_there_from_its_first_day_to_its_last(first, last, there):
    holder = Holder(1, "QXX", "Board", first, last)
    assert [holder.is_there_on(day) for day in (BEFORE, DAY, AFTER)] == there


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("opened", "closed", "start", "end", "there"),
    [
        (DAY, None, BEFORE, None, [False, True, True]),
        (BEFORE, None, DAY, None, [False, True, True]),
        (None, DAY, None, AFTER, [True, True, False]),
        (None, AFTER, None, DAY, [True, True, False]),
        (None, None, None, None, [True, True, True]),
    ],
)
def test_a_code_is_looked_up_while_its_body_held_it_and_existed(opened, closed, start, end, there):
    body = factories.organisation(name="Board", code="QNEW", opened=opened, closed=closed)
    OrganisationCode.objects.create(organisation=body, scheme="ods", code="QOLD", valid_from=start, valid_to=end)
    bodies = Bodies()
    found = [bodies.on("QOLD", day) for day in (BEFORE, DAY, AFTER)]
    assert [each is not None for each in found] == there
    assert {(each.pk, each.code, each.name) for each in found if each} == {(body.pk, "QNEW", "Board")}
    assert bodies.on("NONE", DAY) is None


@pytest.mark.django_db
def test_of_two_bodies_with_a_code_the_first_by_name_that_was_there_is_meant():
    older = factories.organisation(name="B", code="B1", closed=BEFORE)
    newer = factories.organisation(name="C", code="C1")
    first = factories.organisation(name="A", code="A1", closed=BEFORE)
    for each, scheme in ((newer, "ods"), (older, "gss"), (first, "own")):
        OrganisationCode.objects.create(organisation=each, scheme=scheme, code="SAME")
    bodies = Bodies()
    assert [bodies.on("SAME", day).pk for day in (BEFORE, DAY)] == [first.pk, newer.pk]


@pytest.mark.django_db
def test_only_agreements_that_the_organisation_reads_as_a_partner_are_known():
    icb = factories.organisation()
    mine, other = factories.agreement(partners=[icb, factories.council()]), factories.agreement()
    shown = factories.signed_agreement(is_published=True)
    shown.summaries.filter(audience="public").update(reader_ids=[icb.pk])
    signed = factories.signed_agreement(partners=[icb, factories.council()])
    Deed.objects.filter(agreement=mine).update(version=7)
    found = drafts_of(icb, {each.pk for each in (mine, other, shown, signed)})
    assert found.keys() == {mine.pk, signed.pk}
    draft = found[mine.pk]
    assert (draft.agreement, draft.deed.number, draft.content.title, draft.version) == (
        mine, 0, mine.deeds.get().title, 7,
    )  # fmt: skip
    assert (found[signed.pk].deed, found[signed.pk].content, found[signed.pk].version) == (None, None, None)
    assert drafts_of(icb, {other.pk}) == {}


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["draft", "changes_requested", "approved", "withdrawn"])
def test_a_title_is_taken_by_a_text_that_the_organisation_has_begun_and_nobody_has_signed(state):
    icb, county = factories.organisation(), factories.council()
    made = factories.agreement(partners=[icb, county], title="Taken")
    Deed.objects.filter(agreement=made).update(state=state)
    assert titles_open(icb) == ({} if state == "withdrawn" else {"Taken": made.reference})
    assert titles_open(county) == {}


@pytest.mark.django_db
def test_the_title_of_what_is_signed_is_free_though_a_later_deed_is_open():
    signed = factories.signed_agreement(is_published=True, title="Signed")
    Deed.objects.create(agreement=signed, number=1, kind="variation")
    assert titles_open(signed.prepared_by) == {}
