"""Every table that leaves PooledCare, with a formula wherever a person can write: nothing runs, numbers stay numbers.

The routes are those of the access matrix, so that a new download is tried without being named here.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from budgets.models import Allocation
from pooledcare.uploads.models import Upload
from tests import factories
from tests.architecture.access_matrix import EXPECTED, Named
from tests.uploads.sending import Desk
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

CANARY = "=cmd|'/C calc'!A0"
NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
RUNS = re.compile(r"[\s\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\u00ad]*[=+@\-＝＋－＠\t\r\n]")
KNOWN = {
    "api:allocation-list",
    "budgets:england",
    "budgets:organisation-detail",
    "directory:audit-download",
    "uploads:upload-lines",
    "uploads:upload-list",
    "uploads:upload-marked",
    "uploads:upload-problems",
}
PREVIEW_TABLES = ("streams", "organisations", "movements", "controls", "not-read")


@pytest.fixture
def named(world: World, settings) -> Named:
    """Every name, note and title that anybody may write is a formula; a draft is too, and so are its problems."""
    settings.DEMO = True
    cache.clear()
    made = Named(world)
    made.organisation.name = f"{CANARY} Board"
    made.organisation.save()
    made.place.name = f"@SUM(A1) {CANARY}"
    made.place.save()
    made.stream.name = f"+{CANARY}"
    made.stream.save()
    for person in made.people.values():
        person.name = f"-{CANARY}"
        person.save()
    figure = {"organisation": made.organisation, "source": made.organisation, "stream": made.stream}
    factories.allocation(**figure, financial_year=2023, amount="-1234.50", note=CANARY, published_text="-1234.50")
    Upload.objects.update(filename=f"{CANARY}.csv")
    return made


@pytest.fixture
def refused(named: Named) -> Upload:
    """An upload whose cells are formulas, so that its problems quote them."""
    content = (
        f"financial_year,organisation,stream,basis,amount,note\n{CANARY},{CANARY},\t{CANARY},@x,{CANARY},{CANARY}\n"
    )
    return Desk(named.organisation).send(content, name=f"{CANARY}.csv")


@pytest.fixture
def members(named: Named) -> dict[str, Client]:
    """Who reads pages: a member with every role; who reads the API: a key."""
    person = factories.member(
        organisation=named.organisation, roles=["org_admin", "finance_officer", "finance_approver"], name=CANARY
    )
    logged_in, keyed = Client(), Client()
    factories.log_in(logged_in, person)
    keyed.defaults["HTTP_AUTHORIZATION"] = f"Bearer {named.key_token}"
    return {"page": logged_in, "api": keyed}


def addresses(named: Named, refused: Upload) -> Iterator[tuple[str, str]]:
    """Every address that can be read, and those of tables that the matrix names only once."""
    for route, line in EXPECTED.items():
        if "GET" in line.answers and "logout" not in route and "end" not in route:
            yield route, reverse(route, kwargs=named.arguments(line))
    for upload in (named.upload, refused):
        reference = upload.reference
        yield "uploads:upload-problems", reverse("uploads:upload-problems", args=[reference])
        yield "uploads:upload-marked", reverse("uploads:upload-marked", args=[reference])
        yield "api:upload-problems", reverse("api:upload-problems", args=[reference])
        for table in PREVIEW_TABLES:
            for form in ("csv", "xlsx"):
                yield "uploads:upload-lines", reverse("uploads:upload-lines", args=[reference, table, form])


def downloads(client: Client, address: str, headers: dict[str, str]) -> Iterator[tuple[str, bytes]]:
    """What the address gives as a table, asked in each way in which it can be."""
    for query in ("", "?format=csv", "?format=xlsx"):
        answer: HttpResponse = client.get(address + query, headers=headers)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
        kind = answer.headers.get("Content-Type", "")
        if answer.status_code == 200 and kind.startswith("text/csv"):
            yield "csv", content
        elif answer.status_code == 200 and "spreadsheetml" in kind:
            yield "xlsx", content


def cells(kind: str, content: bytes) -> Iterator[str]:
    if kind == "csv":
        for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True):
            yield from row
        return
    for sheet in load_workbook(io.BytesIO(content)).worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", f"{cell.coordinate} is a formula: {cell.value}"
                if isinstance(cell.value, str):
                    yield cell.value


def test_nothing_that_leaves_as_a_table_runs_in_a_spreadsheet(named, refused, members):
    found: dict[tuple[str, str], int] = {}
    with_canary = set()
    for route, address in addresses(named, refused):
        is_api = route.startswith("api:")
        headers = {"Accept": "text/csv, */*;q=0.1"} if is_api else {}
        for kind, content in downloads(members["api" if is_api else "page"], address, headers):
            found[route, kind] = found.get((route, kind), 0) + 1
            for cell in cells(kind, content):
                assert not RUNS.match(cell) or NUMBER.fullmatch(cell), f"{route} as {kind}: {cell!r}"
                if "calc" in cell:
                    with_canary.add(route)
    assert {route for route, _ in found} >= KNOWN
    assert len(found) > 20, found
    assert len(with_canary) > 8, with_canary


def test_a_negative_amount_stays_a_number(named, members):
    """The sign that starts a formula also starts a negative number, which must not become a text."""
    assert Allocation.objects.filter(amount__lt=0).count() == 1
    text = b"".join(
        members["api"].get(reverse("api:allocation-list"), headers={"Accept": "text/csv"}).streaming_content
    )
    assert "-1234.50" in {row["amount"] for row in csv.DictReader(io.StringIO(text.decode()))}
    address = reverse("budgets:organisation-detail", kwargs={"code": named.organisation.code})
    page = members["page"].get(address + "?format=xlsx")
    content = b"".join(page.streaming_content) if page.streaming else page.content
    values = [cell.value for sheet in load_workbook(io.BytesIO(content)) for row in sheet.iter_rows() for cell in row]
    assert any(not isinstance(value, str) and value == -1234.5 for value in values if value is not None)
