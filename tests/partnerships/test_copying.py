"""What is carried over without being decided anew: partners to their successors, and a whole text to its renewal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from decimal import Decimal
from typing import Any

import pytest
from django.db import models

from partnerships.actions import deeds
from partnerships.changing.copying import add_successors, create_successor
from partnerships.models import (
    Agreement,
    Board,
    Clause,
    Deed,
    Partner,
    PartnerLeaving,
    PoolTerms,
    SchemeFunction,
    SchemeTerms,
)
from pooledcare.directory.models import Organisation
from tests import factories
from tests.deed_steps import SYSTEM
from tests.partnerships import agreement_rows as make
from tests.partnerships.agreement_values import MONEY

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
SUCCEEDED = dt.date(2022, 7, 1)
AROUND = [SUCCEEDED - DAY, SUCCEEDED, SUCCEEDED + DAY]
TODAY = dt.date(2026, 6, 15)


@pytest.fixture
def old() -> Organisation:
    return factories.organisation(kind="ccg")


@pytest.fixture
def heir(old: Organisation) -> Organisation:
    made = factories.organisation()
    factories.succession(predecessor=old, successor=made, effective_on=SUCCEEDED)
    return made


def written(
    agreement: Agreement,
    number: int,
    day: dt.date | None,
    *,
    joining: Collection[Organisation] = (),
    leaving: Collection[Partner] = (),
    is_signed: bool = True,
    role: str = "commissioner",
    **fields: Any,
) -> Deed:
    """A deed by which these join and those leave; signed once that is written."""
    deed = make.deed(agreement=agreement, number=number, effective_on=day, **fields)
    for each in joining:
        Partner.objects.create(agreement=agreement, deed=deed, organisation=each, role=role, contributes=False)
    for each in leaving:
        PartnerLeaving.objects.create(deed=deed, partner=each)
    if is_signed:
        Deed.objects.filter(pk=deed.pk).update(state="signed", signed_on=day)
    return deed


def joined(old: Organisation, since: dt.date = dt.date(2020, 4, 1), **fields: Any) -> Partner:
    """The partner of a signed agreement."""
    return written(make.agreement(), 0, since, joining=[old], role="provider", **fields).partners.get()


def test_a_successor_takes_the_place_with_its_role(old, heir):
    partner = joined(old)
    (row,) = add_successors(partner.agreement, TODAY)
    assert (row.agreement, row.organisation, row.role, row.contributes) == (partner.agreement, heir, "provider", False)
    assert (row.valid_from, row.by_succession_of, row.deed) == (SUCCEEDED, partner, None)
    assert add_successors(partner.agreement, TODAY) == []


@pytest.mark.parametrize(("today", "count"), [*zip(AROUND, [0, 1, 1], strict=True)])
def test_it_is_followed_from_the_day_of_the_succession_on(old, heir, today, count):
    assert len(add_successors(joined(old).agreement, today)) == count


@pytest.mark.parametrize(("ended_on", "count"), [*zip(AROUND, [0, 1, 1], strict=True)])
def test_it_is_not_followed_after_the_agreement_has_ended(old, heir, ended_on, count):
    agreement = joined(old).agreement
    agreement.state, agreement.ended_on = "ended", ended_on
    agreement.save()
    assert len(add_successors(agreement, TODAY)) == count


@pytest.mark.parametrize(("end_on", "count"), [*zip(AROUND, [0, 1, 1], strict=True)])
def test_it_is_not_followed_after_the_term_of_the_agreement(old, heir, end_on, count):
    partner = joined(old, sets_end=True, end_on=end_on)
    assert len(add_successors(partner.agreement, TODAY)) == count


@pytest.mark.parametrize(("since", "count"), [*zip(AROUND, [1, 0, 0], strict=True)])
def test_who_joined_on_or_after_that_day_is_left_as_written(old, heir, since, count):
    assert len(add_successors(joined(old, since).agreement, TODAY)) == count


@pytest.mark.parametrize(("left_on", "count"), [*zip(AROUND, [0, 0, 1], strict=True)])
def test_who_has_left_by_that_day_is_not_followed(old, heir, left_on, count):
    partner = joined(old)
    written(partner.agreement, 1, left_on, leaving=[partner])
    assert len(add_successors(partner.agreement, TODAY)) == count


def test_who_would_leave_by_a_deed_that_is_not_signed_is_followed(old, heir):
    partner = joined(old)
    written(partner.agreement, 1, AROUND[0], leaving=[partner], is_signed=False)
    assert len(add_successors(partner.agreement, TODAY)) == 1


def test_who_has_left_another_agreement_is_followed_in_this_one(old, heir):
    partner, other = joined(old), joined(old)
    written(other.agreement, 1, AROUND[0], leaving=[other])
    assert len(add_successors(partner.agreement, TODAY)) == 1


def test_who_leaves_and_joins_by_one_deed_is_followed_in_its_new_part(old, heir):
    partner = joined(old)
    deed = written(partner.agreement, 1, dt.date(2021, 4, 1), leaving=[partner], joining=[old])
    (row,) = add_successors(partner.agreement, TODAY)
    assert (row.by_succession_of, row.role) == (deed.partners.get(), "commissioner")


def test_who_left_before_it_joined_again_is_followed(old, heir):
    partner = joined(old)
    written(partner.agreement, 1, dt.date(2021, 4, 1), leaving=[partner])
    again = written(partner.agreement, 2, dt.date(2021, 10, 1), joining=[old]).partners.get()
    assert [row.by_succession_of for row in add_successors(partner.agreement, TODAY)] == [again]


def test_who_would_join_by_a_deed_that_is_not_signed_has_no_successor_yet(old, heir):
    partner = joined(factories.organisation())
    written(partner.agreement, 1, dt.date(2021, 4, 1), joining=[old], is_signed=False)
    assert add_successors(partner.agreement, TODAY) == []


def test_a_line_of_successors_is_followed_to_its_end_in_the_order_of_their_days(old, heir):
    other, late = factories.organisation(), factories.organisation()
    factories.succession(predecessor=old, successor=other, effective_on=SUCCEEDED - 9 * DAY)
    factories.succession(predecessor=heir, successor=late, effective_on=SUCCEEDED + 9 * DAY)
    partner = joined(old)
    made = add_successors(partner.agreement, TODAY)
    assert [(row.organisation, row.valid_from) for row in made] == [
        (other, SUCCEEDED - 9 * DAY), (heir, SUCCEEDED), (late, SUCCEEDED + 9 * DAY),
    ]  # fmt: skip
    assert [row.by_succession_of for row in made] == [partner, partner, made[1]]


@pytest.mark.parametrize(("left_on", "count"), [(SUCCEEDED, 1), (SUCCEEDED + 9 * DAY, 1), (SUCCEEDED + 10 * DAY, 2)])
def test_a_successor_that_has_left_is_not_followed_in_its_turn(old, heir, left_on, count):
    late = factories.organisation()
    factories.succession(predecessor=heir, successor=late, effective_on=SUCCEEDED + 9 * DAY)
    partner = joined(old)
    row = create_successor(partner, heir, SUCCEEDED)
    written(partner.agreement, 1, left_on, leaving=[row])
    made = add_successors(partner.agreement, TODAY)
    assert len(made) == count - 1


# --- a renewal -------------------------------------------------------------------------------------------------------


def filled(row: models.Model, **values: Any) -> models.Model:
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    return row


def kept(row: models.Model, *, but: set[str]) -> dict[str, Any]:
    """Every column of a row but these; each has another value than a row has that nobody has filled in."""
    fields = {field.attname: field for field in row._meta.concrete_fields}
    assert but <= fields.keys()
    found = {name: getattr(row, name) for name in sorted(fields.keys() - but)}
    assert [name for name, value in found.items() if value == fields[name].get_default()] == []
    return found


@pytest.fixture
def agreement() -> Agreement:
    """Signed, and with something in every column that a renewal takes over."""
    bodies = [factories.organisation(), factories.council()]
    made = factories.whole_agreement(
        partners=bodies, places=[factories.place()], notice_months=3, review_on=[dt.date(2030, 1, 1)],
        of_agreement={"power": "s31", "is_integrated": True, "is_illustrative": True, "operating_since": SUCCEEDED},
    )  # fmt: skip
    deed = factories.open_deed(made)
    filled(
        deed.pool_terms.get(), name="Fund", kind="aligned", host=bodies[0], manager="Head", manager_employer=bodies[1],
        vat_structure="agency", vat_regime="s33", irrecoverable_vat=Decimal("12.50"), vat_advice="Letter",
        accounting="lead", **MONEY | {"instalment_shares": ["04-15 100.00"]},
    )  # fmt: skip
    texts = ("aims", "services", "client_group", "geography", "providers", "governance", "exit_terms")
    terms = filled(
        deed.scheme_terms.get(), **{name: f"Of {name}." for name in texts}, ways_of_working=["lead_commissioning"],
        lead=bodies[1], start_on=dt.date(2024, 5, 1), end_on=dt.date(2026, 5, 1), notice_months=2, is_voluntary=True,
        **MONEY | {"instalment_shares": ["10-15 100.00"]},
    )  # fmt: skip
    SchemeFunction.objects.filter(terms=terms).update(exclusions=["surgery"], delegation_evidence="Schedule 2")
    Partner.objects.filter(deed=deed).update(role="provider", contributes=False)
    deeds.record_history(agreement=made, signed={0: dt.date(2024, 3, 1)}, published=True, source=None, by=SYSTEM)
    return made


def pairs(model: type[models.Model], old: Deed, new: Deed, by: str, path: str = "deed") -> list[tuple[Any, Any]]:
    rows = [list(model.objects.filter(**{path: deed}).order_by(by)) for deed in (old, new)]
    assert rows[0]
    return list(zip(*rows, strict=True))


def test_a_renewal_takes_over_every_column_of_the_text(agreement):
    """A column that is added to one of these tables is taken over, or stands here among those that are not."""
    start = dt.date(2027, 4, 1)
    made = deeds.prepare_renewal(agreement=agreement, start=start, end_on=dt.date(2029, 3, 31), by=SYSTEM)
    old, new = agreement.deeds.get(), made.deeds.get()
    before = {"state", "operating_since", "ended_on", "source_id", "created_at", "version", "id", "prepared_by_id"}
    agreement.refresh_from_db()
    assert kept(made, but=before) == kept(agreement, but=before)
    own = {
        "id", "agreement_id", "number", "kind", "state", "summary", "effective_on", "sets_end", "end_on", "follows_id",
        "signed_on", "sealed_hash", "published_on", "edited_by", "created_at", "version",
    }  # fmt: skip
    assert kept(new, but=own) == kept(old, but=own)
    assert (new.number, new.kind, new.state, new.summary, new.effective_on, new.sets_end, new.end_on) == (
        0, "original", "draft", "", start, True, dt.date(2029, 3, 31),
    )  # fmt: skip
    assert (new.follows, new.edited_by, made.prepared_by) == (agreement, SYSTEM.reference, agreement.prepared_by)
    ours, theirs = (list(each.places.values_list("place_id", flat=True)) for each in (agreement, made))
    assert ours == theirs
    for was, now in pairs(Partner, old, new, "organisation"):
        beside = {"id", "agreement_id", "deed_id", "valid_from", "by_succession_of_id"}
        assert kept(now, but=beside) == kept(was, but=beside)
        assert (now.agreement, now.valid_from, now.by_succession_of) == (made, None, None)
    for was, now in pairs(Clause, old, new, "kind"):
        assert kept(now, but={"id", "deed_id"}) == kept(was, but={"id", "deed_id"})
    ((was, now),) = pairs(PoolTerms, old, new, "pk")
    assert kept(now, but={"id", "deed_id", "pool_id", "is_closed"}) == kept(
        was, but={"id", "deed_id", "pool_id", "is_closed"}
    )
    assert (now.pool.slug, now.pool.agreement) == (was.pool.slug, made)
    ((was, now),) = pairs(SchemeTerms, old, new, "pk")
    apart = {"id", "deed_id", "scheme_id", "pool_id", "start_on", "end_on", "is_ended"}
    assert kept(now, but=apart) == kept(was, but=apart)
    assert (now.scheme.slug, now.scheme.agreement, now.pool) == (was.scheme.slug, made, made.pools.get())
    assert (now.start_on, now.end_on) == (None, None)
    for one, other in pairs(SchemeFunction, old, new, "function", "terms__deed"):
        assert kept(other, but={"id", "terms_id"}) == kept(one, but={"id", "terms_id"})
    assert [(mark.kind, mark.organisation, mark.actor) for mark in made.marks.all()] == [
        ("marked", made.prepared_by, SYSTEM.reference)
    ]
    assert not Board.objects.filter(agreement=made).exists()


def test_a_renewal_of_what_is_not_marked_is_not_marked_and_may_lack_much(agreement):
    bare = factories.agreement()
    deeds.record_history(agreement=bare, signed={0: dt.date(2024, 3, 1)}, published=False, source=None, by=SYSTEM)
    made = deeds.prepare_renewal(agreement=bare, start=dt.date(2027, 4, 1), by=SYSTEM)
    deed = made.deeds.get()
    assert (made.is_integrated, made.is_illustrative, made.marks.count()) == (False, False, 0)
    assert (deed.sets_end, deed.end_on, deed.review_on, deed.notice_months) == (True, None, None, None)


@pytest.mark.parametrize(("review", "is_kept"), [(-1, False), (0, False), (1, True)])
def test_a_renewal_keeps_the_reviews_after_its_first_day(review, is_kept):
    start = dt.date(2027, 4, 1)
    day = start + review * DAY
    old = factories.signed_agreement(review_on=[day])
    made = deeds.prepare_renewal(agreement=old, start=start, by=SYSTEM)
    assert made.deeds.get().review_on == ([day] if is_kept else None)
