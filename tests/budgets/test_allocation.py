"""One figure: everything that says where it comes from, and nothing that its reader may not see."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests import factories
from tests.budgets.public import printed, printed_tables

pytestmark = pytest.mark.django_db


def address(figure) -> str:
    return f"/allocations/{figure.reference}/"


def test_a_figure_shows_its_lineage(client):
    figure = factories.allocation(
        amount=Decimal("1234.56"), sheet="ICB core", row=7, cell="K7", published_text="1.23456"
    )

    words = printed(client.get(address(figure)))

    for piece in ("£1,234.56", "ICB core", "K7", "1.23456", figure.upload.sha256, figure.upload.filename):
        assert piece in words
    assert "Year: 2024-25. Basis: Allocation, recurrent. Source: NHS England, published 1 April 2024." in words


def test_every_version_is_listed_and_an_earlier_one_leads_to_the_one_that_stands(client):
    first = factories.allocation(is_current=False, amount=Decimal(100))
    second = factories.allocation(organisation=first.organisation, stream=first.stream, amount=Decimal(120), version=2)

    page = client.get(address(first))

    assert f"There is a later version: {second.reference}." in printed(page)
    rows = printed_tables(page)["Versions of this figure"]
    assert [(row[0], row[1]) for row in rows[1:]] == [("Version 2", "£120.00"), ("Version 1 this page", "£100.00")]


def test_what_is_not_reported_and_what_is_withdrawn_is_said_in_words(client):
    silent = factories.allocation(amount=None, published_text="[x]")
    withdrawn = factories.allocation(amount=None, withdrawn=True)

    assert "Not reported. The publication says “[x]”." in printed(client.get(address(silent)))
    assert "Withdrawn by the publisher." in printed(client.get(address(withdrawn)))


def test_people_are_named_to_members_of_the_uploading_organisation_only(client, client_of):
    publisher = factories.nhs_england()
    preparer, accepter = factories.person(name="Ada Example"), factories.person(name="Ben Example")
    upload = factories.upload(organisation=publisher, prepared_by=preparer, accepted_by=accepter)
    figure = factories.allocation(upload=upload)
    member = factories.member(organisation=publisher, roles=["viewer"])

    anonymous, inside = printed(client.get(address(figure))), printed(client_of(member).get(address(figure)))

    assert "Ada Example" in inside
    assert "Ben Example" in inside
    assert "Ada Example" not in anonymous
    assert "Ben Example" not in anonymous


def test_an_unpublished_figure_does_not_exist_for_others(client, client_of):
    own = factories.organisation()
    figure = factories.allocation(organisation=own, published_on=None)
    member = factories.member(organisation=own, roles=["viewer"])
    outsider = factories.member(organisation=factories.organisation(), roles=["viewer"])

    assert client_of(member).get(address(figure)).status_code == 200
    assert client.get(address(figure)).status_code == 404
    assert client_of(outsider).get(address(figure)).status_code == 404


def test_unpublished_versions_of_a_published_figure_stay_hidden(client):
    first = factories.allocation(is_current=False, amount=Decimal(100))
    factories.allocation(
        organisation=first.organisation, stream=first.stream, amount=Decimal(777), version=2, published_on=None
    )

    assert "777" not in printed(client.get(address(first)))


@pytest.mark.parametrize("reference", ["AL-0", "AL-1x", "al-1", "1", "AL-" + "9" * 30, "AL--1"])
def test_a_reference_that_is_none_is_not_found(client, db, reference):
    assert client.get(f"/allocations/{reference}/").status_code == 404


def test_a_figure_that_we_loaded_ourselves_says_so_and_claims_no_second_person(client):
    publisher = factories.nhs_england()
    upload = factories.upload(organisation=publisher, filename="nhs_england_icb_allocations.csv")
    figure = factories.allocation(
        source=publisher, upload=upload, amount=Decimal("73736534.02"), published_text="73736.53402373326"
    )
    page = client.get(f"/allocations/{figure.reference}/").content.decode()
    assert "No organisation prepared or accepted it here" in page
    assert "Prepared and accepted by two different people" not in page
    assert "ICB allocations 2023/24 to 2024/25, version 1.2" in page
    assert "73736.53402373326 (in £ thousand: multiplied by 1,000 and rounded to the penny once)" in page
