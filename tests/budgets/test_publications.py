"""What publishers changed: the list of publications, the page of each, versions compared, and restated figures."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from budgets.models import Allocation
from budgets.queries import changes
from budgets.queries.visibility import with_restated
from pooledcare.uploads import actions
from pooledcare.uploads.models import Upload
from tests import factories
from tests.uploads.sending import Desk, rows, worked

pytestmark = pytest.mark.django_db

DAY = dt.date(2024, 5, 3)
NEXT_DAY = DAY + dt.timedelta(days=1)
CORE = "2024-25,QXM,nhs-core,allocation,1000.00,recurrent,"
RUNNING = "2024-25,QXM,running-costs,allocation,5.50,recurrent,"
OTHER = "2024-25,QXN,nhs-core,allocation,70.00,recurrent,"


@pytest.fixture
def nhs(db: None) -> Desk:
    factories.stream(code="nhs-core", name="Core services", position=1, holder_kinds=["icb"])
    factories.stream(code="running-costs", name="Running costs", position=2, holder_kinds=["icb"])
    for code, name in (("QXM", "NHS Mereshire"), ("QXN", "NHS Northmere")):
        factories.organisation(code=code, name=name, kind="icb", opened=dt.date(2013, 4, 1))
    return Desk(factories.nhs_england(), roles=("publisher",))


def changed(line: str, amount: str) -> str:
    year, code, stream, basis, _, *rest = line.split(",")
    return ",".join([year, code, stream, basis, amount, *rest])


def seen(upload: Upload, *, public: bool = True) -> list[tuple[str, str, Any, Any, bool]]:
    return [
        (one.organisation, one.stream, one.before, one.after, one.withdrawn)
        for one in changes.changes_of(upload, public=public)
    ]


def counted(upload: Upload) -> tuple[int, int, int]:
    counts = changes.public_counts(Upload.objects.get(pk=upload.pk))
    return counts.new, counts.changed, counts.withdrawn


# ── What one publication changed ─────────────────────────────────────────────────────────────────────────────────────


def test_changed_figures_come_first_by_size_then_withdrawn_then_new_ones(nhs):
    first = nhs.put(rows(CORE, OTHER), published_on=DAY)
    second = nhs.put(
        rows(changed(CORE, "1012.50"), changed(OTHER, "20.00"), RUNNING), published_on=NEXT_DAY, complete=True
    )
    assert seen(first) == [
        ("QXM", "nhs-core", None, Decimal("1000.00"), False),
        ("QXN", "nhs-core", None, Decimal("70.00"), False),
    ]
    assert seen(second) == [
        ("QXN", "nhs-core", Decimal("70.00"), Decimal("20.00"), False),
        ("QXM", "nhs-core", Decimal("1000.00"), Decimal("1012.50"), False),
        ("QXM", "running-costs", None, Decimal("5.50"), False),
    ]
    third = nhs.put(rows(changed(CORE, "1012.50")), published_on=NEXT_DAY, complete=True)
    assert seen(third) == [("QXN", "nhs-core", Decimal("20.00"), None, True)]
    assert [counted(one) for one in (first, second, third)] == [(2, 0, 0), (1, 2, 0), (0, 0, 1)]
    assert changes.net_changes(second, public=True) == [("2024-25 allocation", Decimal("-32.00"))]


def test_what_was_not_public_before_is_new_to_the_public_and_changed_to_members(nhs):
    hidden = nhs.put(rows(CORE, OTHER), published_on=None)
    dated = nhs.put(rows(changed(CORE, "1001.00"), OTHER), published_on=DAY)
    core, other = Decimal("1000.00"), Decimal("70.00")
    assert seen(dated) == [
        ("QXM", "nhs-core", None, Decimal("1001.00"), False),
        ("QXN", "nhs-core", None, other, False),
    ]
    assert seen(dated, public=False) == [
        ("QXM", "nhs-core", core, Decimal("1001.00"), False),
        ("QXN", "nhs-core", other, other, False),
    ]
    assert counted(dated) == (2, 0, 0)
    assert dated.preview["becoming_public"] == 1
    assert counted(hidden) == (2, 0, 0)


def test_an_unpublished_figure_that_a_publication_withdraws_is_no_change_to_the_public(nhs):
    nhs.put(rows(CORE, OTHER), published_on=None)
    dated = nhs.put(rows(CORE), published_on=DAY, complete=True)
    assert seen(dated) == [("QXM", "nhs-core", None, Decimal("1000.00"), False)]
    assert ("QXN", "nhs-core", Decimal("70.00"), None, True) in seen(dated, public=False)
    assert counted(dated) == (1, 0, 0)


def test_a_version_written_again_by_a_reversal_is_no_change(nhs):
    first = nhs.put(rows(CORE), published_on=DAY)
    second = nhs.put(rows(changed(CORE, "1001.00")), published_on=NEXT_DAY)
    actions.reverse_upload(upload=second, by=nhs.approver, reason="Wrong file")
    assert seen(first) == [("QXM", "nhs-core", None, Decimal("1000.00"), False)]
    assert seen(second) == [("QXM", "nhs-core", Decimal("1000.00"), Decimal("1001.00"), False)]


def test_pages_of_changes_have_each_figure_once(nhs):
    upload = nhs.put(rows(CORE, OTHER, RUNNING), published_on=DAY)
    whole = changes.changes_of(upload, public=True)
    parts = [changes.changes_of(upload, public=True, most=1, start=start) for start in range(4)]
    assert [one for part in parts for one in part] == whole
    assert len(whole) == 3


# ── The pages ────────────────────────────────────────────────────────────────────────────────────────────────────────


def words(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def test_what_a_publisher_changed_is_two_clicks_from_the_first_page(nhs, client):
    nhs.put(rows(CORE), published_on=DAY)
    upload = nhs.put(rows(changed(CORE, "1012.50")), published_on=NEXT_DAY)
    assert f'href="{reverse("budgets:publication-list")}"' in words(client, "/")
    address = reverse("budgets:publication-detail", args=[upload.reference])
    assert f'href="{address}"' in words(client, reverse("budgets:publication-list"))
    page = words(client, address)
    assert "1 figure changed. 2024-25 allocation: £12.50 more." in page
    figure = Allocation.objects.get(is_current=True)
    for said in ("£1,000.00", f'<a href="/allocations/{figure.reference}/">£1,012.50</a>', "+£12.50", "+1.25%"):
        assert said in page


def test_an_accepted_upload_that_is_not_published_is_seen_by_members_only(nhs, client, client_of):
    upload = nhs.put(rows(CORE), published_on=None)
    address = reverse("budgets:publication-detail", args=[upload.reference])
    assert "only members of NHS England see this page" in words(client_of(nhs.officer.person), address)
    stranger = client_of(factories.member(organisation=factories.organisation(), roles=["viewer"]))
    for other in (client, stranger):
        assert other.get(address).status_code == 404
        assert upload.reference not in words(other, reverse("budgets:publication-list"))


@pytest.mark.parametrize("reference", ["UP-0", "UP-x", "UP-99999999999999999", "AL-1", "UP-", "UP-²"])
def test_there_is_no_page_for_what_is_no_publication(nhs, client, reference):
    assert client.get(f"/publications/{reference}/").status_code == 404


def test_an_upload_that_waits_has_no_page(nhs, client, client_of):
    upload = nhs.send(rows(CORE), published_on=DAY)
    address = reverse("budgets:publication-detail", args=[upload.reference])
    for reader in (client, client_of(nhs.officer.person)):
        assert reader.get(address).status_code == 404


def test_a_reversed_publication_says_so(nhs, client):
    upload = nhs.put(rows(CORE), published_on=DAY)
    actions.reverse_upload(upload=upload, by=nhs.approver, reason="Wrong file")
    assert "This upload was reversed on" in words(client, f"/publications/{upload.reference}/")
    assert "Reversed" in words(client, "/publications/")


@pytest.mark.parametrize("address", ["/publications/", "/publications/{}/"])
def test_a_page_needs_the_same_queries_for_one_figure_and_for_many(nhs, client, address):
    needed = []
    for lines in ([CORE], [changed(CORE, "3"), OTHER, RUNNING]):
        upload = nhs.put(rows(*lines), published_on=DAY)
        client.get(address.format(upload.reference))
        with CaptureQueriesContext(connection) as queries:
            client.get(address.format(upload.reference))
        needed.append(len(queries))
    assert needed[0] == needed[1]


def test_the_table_of_a_publication_is_a_file_with_plain_numbers(nhs, client):
    nhs.put(rows(CORE), published_on=DAY)
    upload = nhs.put(rows(changed(CORE, "1012.50")), published_on=NEXT_DAY)
    answer = client.get(f"/publications/{upload.reference}/", {"format": "csv"})
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Organisation,Stream,Year,Before (£),After (£),Difference (£)")
    assert "1000.00,1012.50,12.50" in lines[1]


# ── Versions ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def versions(nhs) -> list[Allocation]:
    """Three versions of one figure: £1,000, £1,012.50 and £990."""
    for amount in ("1000.00", "1012.50", "990.00"):
        nhs.put(rows(changed(CORE, amount)), published_on=DAY)
    return list(Allocation.objects.order_by("version"))


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("", "", "From version 1 to version 3: £10.00 less (−1.00%)."),
        ("1", "2", "From version 1 to version 2: £12.50 more (+1.25%)."),
        ("2", "3", "From version 2 to version 3: £22.50 less (−2.22%)."),
        ("3", "1", "From version 3 to version 1: £10.00 more (+1.01%)."),
        ("2", "2", "From version 2 to version 2: no difference."),
    ],
)
def test_any_two_versions_are_compared(versions, client, first, second, said):
    answer = client.get(f"/allocations/{versions[0].reference}/", {"first": first, "second": second})
    assert said in answer.content.decode()


@pytest.mark.parametrize("asked", [{"first": "4"}, {"second": "x"}, {"first": ["1", "2"]}])
def test_a_version_that_there_is_none_of_is_told_at_its_field(versions, client, asked):
    answer = client.get(f"/allocations/{versions[0].reference}/", asked)
    assert answer.status_code == 400
    assert "There is a problem" in answer.content.decode()


def test_versions_that_a_reader_may_not_see_are_not_compared(nhs, client, client_of):
    nhs.put(rows(CORE), published_on=None)
    nhs.put(rows(changed(CORE, "1012.50")), published_on=DAY)
    figure = Allocation.objects.get(is_current=True)
    page = words(client, f"/allocations/{figure.reference}/")
    assert "From version" not in page
    assert "1,000.00" not in page
    holder = client_of(factories.member(organisation=figure.organisation, roles=["viewer"]))
    assert "From version 1 to version 2: £12.50 more (+1.25%)." in words(holder, f"/allocations/{figure.reference}/")


# ── Restated ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def restated() -> list[tuple[int, bool]]:
    found = with_restated(Allocation.objects.order_by("version"))
    return [(one.version, one.is_restated) for one in found]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ((DAY, "1000.00"), (DAY, "1001.00"), True),
        ((None, "1000.00"), (DAY, "1001.00"), False),
        ((None, "1000.00"), (DAY, "1000.00"), False),
    ],
    ids=["another amount was public", "the other amount was not public", "only the date is new"],
)
def test_a_figure_is_restated_if_another_amount_of_it_was_public(nhs, before, after, expected, client):
    for day, amount in (before, after):
        nhs.put(rows(changed(CORE, amount)) + ("\n" if day else ""), published_on=day)
    assert restated() == [(1, False), (2, expected)]
    figure = Allocation.objects.get(is_current=True)
    for address in ("/organisations/QXM/", "/streams/nhs-core/"):
        assert (">restated</span>" in words(client, address)) is expected, address
    assert ("Restated" in words(client, f"/allocations/{figure.reference}/")) is expected
    (row,) = client.get("/api/v1/allocations/", headers={"Accept": "application/json"}).json()["results"]
    assert row["restated"] is expected


def test_a_figure_that_has_its_first_amount_again_after_a_reversal_is_not_restated(nhs):
    nhs.put(rows(CORE), published_on=DAY)
    second = nhs.put(rows(changed(CORE, "1001.00")), published_on=DAY)
    assert restated() == [(1, False), (2, True)]
    actions.reverse_upload(upload=second, by=nhs.approver, reason="Wrong file")
    assert restated() == [(1, False), (2, True), (3, False)]


def test_a_published_figure_whose_publication_is_accepted_by_the_publisher_is_not_restated(nhs):
    hidden = nhs.put(rows(CORE), published_on=None)
    publication = worked(actions.publish_upload(upload=hidden, published_on=DAY, channel="page", by=nhs.officer))
    nhs.accept(publication)
    assert restated() == [(1, False), (2, False)]
    assert seen(publication) == [("QXM", "nhs-core", None, Decimal("1000.00"), False)]
    assert counted(publication) == (1, 0, 0)
