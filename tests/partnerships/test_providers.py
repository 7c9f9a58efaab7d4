"""Who a named provider is: what the database refuses, on every road."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from partnerships.models import Provider, ProviderMatch
from pooledcare.kernel.actions import constraint_name

DAY = dt.date(2025, 4, 1)


@pytest.fixture
def provider(world):
    return Provider.objects.create(agreement=world.agreement, name="Example Care Ltd")


@pytest.mark.django_db
def test_a_name_stands_once_in_an_agreement_whatever_its_case(provider):
    with pytest.raises(IntegrityError, match="provider_once"), transaction.atomic():
        Provider.objects.create(agreement=provider.agreement, name="EXAMPLE care ltd")


@pytest.mark.django_db
def test_a_match_is_an_organisation_or_a_supplier(world, provider):
    body = world.trust.organisation
    given = {"provider": provider, "first_on": DAY, "actor": "user:1"}
    ProviderMatch.objects.create(organisation=body, **given)
    ProviderMatch.objects.create(supplier="Example Care Limited", company_number="00000000", **given)
    for wrong in ({}, {"organisation": body, "supplier": "Both"}, {"organisation": body, "company_number": "1"}):
        with pytest.raises(IntegrityError, match="provider_match_is_one_body"), transaction.atomic():
            ProviderMatch.objects.create(**given, **wrong)


@pytest.mark.django_db
@pytest.mark.parametrize(("last", "refused"), [(-1, True), (0, False), (1, False)])
def test_days_of_a_match_are_in_order(provider, last, refused):
    given = {"provider": provider, "supplier": "Example", "first_on": DAY, "actor": "user:1"}
    made = {"last_on": DAY + dt.timedelta(days=last), **given}
    if not refused:
        assert ProviderMatch.objects.create(**made).pk
        return
    with pytest.raises(IntegrityError, match="provider_match_days_in_order"), transaction.atomic():
        ProviderMatch.objects.create(**made)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement", ["update partnerships_providermatch set supplier = 'Other'", "delete from partnerships_providermatch"]
)
def test_a_match_is_never_changed(provider, statement):
    ProviderMatch.objects.create(provider=provider, supplier="Example", first_on=DAY, actor="user:1")
    with pytest.raises(IntegrityError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert constraint_name(refused.value) == "provider_match_append_only"
