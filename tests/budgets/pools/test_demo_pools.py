"""The fund of the demonstration: its years tell what their docstring says."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.management import call_command
from django.test import Client

from budgets.demo_pools import make_demo_pools
from budgets.queries.pools import ledger
from budgets.queries.pools.position import standings
from partnerships.demo.loading import make_demo_agreements
from partnerships.reference.law_loading import load_law
from pooledcare.directory.demo import make_demo_people

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_one_year_is_closed_and_one_partner_lacks_in_the_present_one(settings):
    settings.DEMO = True
    call_command("load_reference", verbosity=0)
    load_law()
    people = {person.handle: person.user for person in make_demo_people()}
    make_demo_agreements()
    first, second = make_demo_pools()
    assert make_demo_pools() == [first, second]
    stand = standings([first, second])
    assert (stand[first.pk].contributed, stand[first.pk].planned) == (Decimal("3000000.00"),) * 2
    assert (stand[first.pk].spent, stand[first.pk].variance) == (Decimal("3090500.01"), Decimal("90500.01"))
    assert (stand[first.pk].locked, stand[second.pk].locked) == (13, 5)
    assert ledger.different_totals() == 0
    opened = ledger.position_of(second)
    assert opened.brought_forward == Decimal("-90500.01")
    partners = ledger.contributing_partners(second)
    missing = ledger.not_supplied(second, partners, today=second.year.months[6].last_day)
    assert missing == {}
    missing = ledger.not_supplied(second, partners, today=second.year.months[7].first_day)
    (board,) = {each for each in partners.values() if "Board" in each}
    assert missing == {7: board}

    client = Client()
    client.force_login(people["lou"])
    for each in (first, second):
        for tab in ("", "contributions/", "plan/", "ledger/", "periods/"):
            assert client.get(f"{each.get_absolute_url()}{tab}").status_code == 200, tab
    assert client.get(f"/agreements/{first.pool.agreement.reference}/money/").status_code == 200
