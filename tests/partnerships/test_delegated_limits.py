"""Delegated limits of the partners' officers: what may be stated, and that every road says the same."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from partnerships.actions import deeds, drafting, renewals
from partnerships.models import Agreement, Deed, DelegatedLimit
from partnerships.queries.agreements.drafts import draft_of, limits_of
from partnerships.rules.agreements import DeputyContent, LimitContent, PoolContent, differences
from partnerships.rules.agreements.drafting import drafting_problems
from partnerships.rules.agreements.limits import DeputyIn, LimitIn, limit_problems
from partnerships.rules.agreements.reading import content_as_at
from pooledcare.kernel.problems import Refused
from tests.deed_steps import SYSTEM, TODAY, fresh, open_deed
from tests.partnerships.agreement_values import CCG, COUNTY, ICB, START, content, deed, joined, pool, record
from tests.partnerships.editing_pages import address, is_saved, send
from tests.world import World

FIRST, LAST = dt.date(2026, 4, 1), dt.date(2026, 9, 30)
NEXT = LAST + dt.timedelta(1)
BODY: Any = SimpleNamespace(pk=1, name="The county")
LIMIT = LimitIn(BODY, "Head of finance", "commit", Decimal("500.00"))
DEPUTY = DeputyIn("Deputy head", FIRST, LAST)


def said(*limits: LimitIn) -> list[tuple[str, str]]:
    return [(each.code, each.message) for each in limit_problems(limits)]


# --- what may be stated ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "limits",
    [
        (LIMIT,),
        (LIMIT, replace(LIMIT, power="vire")),
        (LIMIT, replace(LIMIT, office="Head of care")),
        (LIMIT, replace(LIMIT, partner=SimpleNamespace(pk=2, name="The board"))),
        (replace(LIMIT, limit=None, is_unlimited=True),),
        (replace(LIMIT, limit=Decimal(0)),),
        (replace(LIMIT, deputies=(DEPUTY, replace(DEPUTY, office="Chief"), replace(DEPUTY, office="B"))),),
        (replace(LIMIT, deputies=(DEPUTY, replace(DEPUTY, first_on=NEXT, last_on=NEXT))),),
        (replace(LIMIT, deputies=(replace(DEPUTY, last_on=FIRST),)),),
    ],
)  # fmt: skip
def test_one_limit_for_each_partner_office_and_power(limits):
    assert said(*limits) == []


WHAT = "The limit of the Head of finance of The county to commit"


@pytest.mark.parametrize(
    ("limits", "code", "message"),
    [
        ((replace(LIMIT, office=" "),), "REQUIRED", "Enter the office"),
        ((replace(LIMIT, power=""),), "REQUIRED", "Choose the power of the officer"),
        ((replace(LIMIT, power="spend"),), "UNKNOWN_VALUE", "Power of the officer: choose one of those listed"),
        ((replace(LIMIT, limit=Decimal("0.001")),), "TOO_PRECISE",
         "Limit, in pounds can have two decimal places at most"),
        ((replace(LIMIT, limit=None),), "LIMIT_OR_NONE", f"{WHAT} must have an amount, or be without limit"),
        ((replace(LIMIT, is_unlimited=True),), "LIMIT_OR_NONE", f"{WHAT} must have an amount, or be without limit"),
        ((LIMIT, replace(LIMIT, office="head  of FINANCE")), "DELEGATED_LIMIT_ONCE",
         "The limit of the head of FINANCE of The county to commit is stated twice"),
        ((replace(LIMIT, deputies=(replace(DEPUTY, last_on=FIRST - dt.timedelta(1)),)),), "LIMIT_DEPUTY_DAYS_IN_ORDER",
         f"{WHAT}: the Deputy head cannot deputise until 31 March 2026, before 1 April 2026"),
        ((replace(LIMIT, deputies=(replace(DEPUTY, office="HEAD of finance"),)),), "DEPUTY_OF_ITSELF",
         f"{WHAT}: the HEAD of finance cannot deputise for its own office"),
        ((replace(LIMIT, deputies=(DEPUTY, replace(DEPUTY, first_on=LAST, last_on=LAST))),), "LIMIT_DEPUTY_ONCE",
         f"{WHAT}: the Deputy head is named as deputy twice for the same days"),
        ((replace(LIMIT, deputies=(replace(DEPUTY, office=""),)),), "REQUIRED", "Enter the office of the deputy"),
    ],
)  # fmt: skip
def test_other_limits_are_refused(limits, code, message):
    assert said(*limits) == [(code, message)]


# --- read with the agreement -----------------------------------------------------------------------------------------

SINCE = DeputyContent("Deputy", FIRST, LAST)
READ = LimitContent(COUNTY, "Head of finance", "vire", Decimal("1500.00"), False, (SINCE,))


def test_a_limit_belongs_to_a_partner():
    drafted = deed(0, state="draft", signed_on=None)
    fine = content(pools=(pool(limits=(READ,)),), schemes=())
    assert list(drafting_problems(fine, drafted, bodies={}, places=())) == []
    other = content(pools=(pool(limits=(replace(READ, partner=CCG),)),), schemes=())
    (problem,) = drafting_problems(other, drafted, bodies={}, places=())
    assert (problem.code, problem.message) == (
        "LIMIT_NOT_OF_A_PARTNER",
        f"The fund “Community” states a limit for {CCG.name}, which is not a partner",
    )


def test_a_changed_limit_is_shown_in_a_comparison():
    (found,) = differences(
        content(),
        content(
            pools=(
                pool(
                    limits=(READ, replace(READ, limit=None, deputies=())),
                ),
            )
        ),
    )
    (change,) = found.fields
    assert (found.name, change.label, change.before, change.after) == (
        "Community",
        "Delegated limits",
        "",
        "Head of finance of Mereshire County Council may vire up to £1,500.00 (deputy: Deputy from 1 April 2026 to "
        "30 September 2026); Head of finance of Mereshire County Council may vire without limit",
    )


def test_the_successor_of_a_partner_is_read_in_its_place():
    theirs = pool(host=CCG, limits=(replace(READ, partner=CCG),))
    first = deed(0, joined=(joined(CCG, 21), joined(COUNTY)), pools=(theirs,))
    heir = joined(ICB, 31, since=dt.date(2022, 7, 1), succeeds=21)
    agreement = record(first, successors=(heir,))
    for day, expected in ((dt.date(2022, 6, 30), CCG), (dt.date(2022, 7, 1), ICB)):
        read = content_as_at(agreement, max(day, START))
        assert read is not None
        assert [each.partner for each in read.pools[0].limits] == [expected]


# --- written and read ------------------------------------------------------------------------------------------------


def fund(agreement: Agreement) -> PoolContent:
    found = draft_of(fresh(agreement))
    assert found is not None
    return found.content.pools[0]


@pytest.mark.django_db
def test_limits_are_kept_changed_by_a_later_deed_and_taken_into_a_renewal(world: World):
    agreement = world.draft()
    council, board = world.council.organisation, world.icb.organisation
    stated = [
        LimitIn(council, " Head  of finance ", "vire", Decimal("1500.00"), deputies=(DEPUTY,)),
        LimitIn(board, "Chief finance officer", "approve", is_unlimited=True),
    ]
    drafting.save_pool(deed=open_deed(agreement), slug="reablement", values={}, limits=stated, by=SYSTEM)
    read = fund(agreement).limits
    assert [(each.partner.pk, each.office, each.power, each.limit, each.is_unlimited) for each in read] == [
        (council.pk, "Head of finance", "vire", Decimal("1500.00"), False),
        (board.pk, "Chief finance officer", "approve", None, True),
    ]
    assert read[0].deputies == (DeputyContent("Deputy head", FIRST, LAST),)
    drafting.save_pool(deed=open_deed(agreement), slug="reablement", values={"manager": "Head"}, by=SYSTEM)
    assert fund(agreement).limits == read
    before = open_deed(agreement).version
    same = limits_of(fund(agreement))
    drafting.save_pool(deed=open_deed(agreement), slug="reablement", values={}, limits=same, by=SYSTEM)
    assert open_deed(agreement).version == before  # what is saved again unchanged voids no approval

    with pytest.raises(Refused, match="must have an amount, or be without limit"):
        wrong = [replace(stated[0], limit=None)]
        drafting.save_pool(deed=open_deed(agreement), slug="reablement", values={}, limits=wrong, by=SYSTEM)
    assert fund(agreement).limits == read

    Deed.objects.filter(agreement=agreement).update(state="signed", signed_on=TODAY)
    Agreement.objects.filter(pk=agreement.pk).update(state="in_operation", operating_since=TODAY)
    renewed = renewal_of(agreement)
    assert [(each.office, each.deputies) for each in fund(renewed).limits] == [
        ("Head of finance", ()), ("Chief finance officer", ()),
    ]  # fmt: skip
    later = deeds.prepare_deed(agreement=fresh(agreement), effective_on=TODAY, by=SYSTEM)
    drafting.save_pool(deed=later, slug="reablement", values={"manager": "Another"}, by=SYSTEM)
    assert fund(agreement).limits == read
    drafting.save_pool(deed=later, slug="reablement", values={}, limits=[], by=SYSTEM)
    assert fund(agreement).limits == ()
    assert DelegatedLimit.objects.filter(terms__deed__agreement=agreement).count() == 2  # those of the signed deed


def renewal_of(agreement: Agreement) -> Agreement:
    return renewals.prepare_renewal(agreement=fresh(agreement), start=TODAY.replace(year=TODAY.year + 20), by=SYSTEM)


@pytest.mark.django_db
def test_a_client_of_the_api_states_limits_and_reads_them(world: World):
    agreement = world.draft()
    path = f"/pools/{agreement.reference}/reablement/"
    stated = {
        "partner": world.council.organisation.code, "office": "Head of finance", "power": "commit", "limit": "500.00",
        "unlimited": False, "deputies": [{"office": "Deputy", "first_day": "2026-04-01", "last_day": "2026-09-30"}],
    }  # fmt: skip
    api = world.api("lead")

    def state(*limits: dict[str, Any]) -> Any:
        body = json.dumps({"limits": limits})
        return api.request("PATCH", path, {"If-Match": "*"}, data=body, content_type="application/json")

    changed = state(stated)
    assert (changed.status_code, changed.json()["limits"]) == (200, [stated])
    assert api.get(f"{path}?draft=true").json()["limits"] == [stated]
    twice = state(stated, stated)
    assert (twice.status_code, twice.json()["errors"][0]["code"]) == (409, "DELEGATED_LIMIT_ONCE")
    assert state({**stated, "partner": "ZZZ9"}).status_code == 404


@pytest.mark.django_db
@pytest.mark.slow
def test_a_limit_is_added_changed_and_removed_on_its_pages(world: World, client_of):
    agreement = world.draft()
    client = client_of(world.icb.person("governance_lead"))
    back = address(agreement, "pool-change", "reablement")
    typed = {"partner": world.council.organisation.code, "office": "Head of finance", "power": "commit"}
    add = address(agreement, "limit-add", "reablement")
    assert is_saved(send(client, add, **typed, limit="1,500", deputies="Deputy head: 1 April 2026 to 30/9/2026"), back)
    assert "£1,500.00" in client.get(back).content.decode()
    shown = client.get(address(agreement, "agreement-schemes")).content.decode()
    assert "Deputy head from 1 April 2026 to 30 September 2026" in shown
    change = address(agreement, "limit-change", "reablement", 1)
    assert "Deputy head: 1 April 2026 to 30 September 2026" in client.get(change).content.decode()
    for wrong, message in (
        ({"limit": ""}, "must have an amount, or be without limit"),
        ({"limit": "5", "deputies": "Deputy head"}, "must be an office and two real dates"),
        ({"limit": "5", "deputies": "D: 31 April 2026 to 1 May 2026"}, "must be an office and two real dates"),
    ):
        assert message in send(client, change, **typed, **wrong).content.decode()
    assert is_saved(send(client, change, **typed, is_unlimited="on"), back)
    assert [(each.limit, each.is_unlimited, each.deputies) for each in fund(agreement).limits] == [(None, True, ())]
    assert is_saved(send(client, address(agreement, "limit-remove", "reablement", 1)), back)
    assert fund(agreement).limits == ()
    assert client.get(change).status_code == 404
