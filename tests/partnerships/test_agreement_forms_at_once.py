"""The same form sent twice at the same instant, on real connections: a double click has one effect."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from partnerships.models import Agreement, Decision
from pooledcare.directory.models import Organisation
from tests import factories
from tests.partnerships.editing_pages import HIDDEN, address
from tests.uploads.test_concurrency import at_once
from tests.world import People, World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def twice(people: People, url: str, **typed: str) -> list[int]:
    """What two clients of one person are answered who send what one page carried."""
    clients = [Client(), Client()]
    for client in clients:
        factories.log_in(client, people.person("governance_lead"))
    carried = dict(HIDDEN.findall(clients[0].get(url).content.decode()))
    carried.pop("csrfmiddlewaretoken", None)
    answers = at_once(*(lambda client=client: client.post(url, carried | typed) for client in clients))
    return sorted(answer.status_code for answer in answers)  # type: ignore[attr-defined]


def test_a_double_click_starts_one_agreement(world: World):
    url = reverse("partnerships:agreement-start")
    assert twice(world.council, url, title="Reablement", power="s75") == [200, 302]
    assert Agreement.objects.count() == 1


def test_a_double_click_records_one_decision(world: World, icb: Organisation, county: Organisation):
    begun = factories.agreement(partners=[icb, county])
    typed = {"decided_on_day": "14", "decided_on_month": "3", "decided_on_year": "2024"}
    url = address(begun, "decision-record")
    answers = twice(world.council, url, body="cabinet", reference="Minute 12", **typed)
    assert answers == [200, 302]
    assert Decision.objects.count() == 1
