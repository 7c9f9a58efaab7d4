"""A file of an unknown layout: it waits, a person says how it is read, a second person accepts it, and it is known."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from budgets.models import Allocation
from pooledcare.uploads.models import LayoutQuestion, Upload, UploadLayoutVersion
from tests import factories
from tests.uploads.sending import Desk, worked

pytestmark = pytest.mark.django_db

# Boards of Mereshire; what the file does not say is its year, its basis and whether the money recurs.
TEXT = """Money of the boards,,
Board,Name,Core services (£000)
QXM,NHS Mereshire,"1,234"
QXN,NHS Northshire,20
QXS,NHS Southshire,n/a
Total,,"1,254"
"""


@pytest.fixture
def desk() -> Desk:
    factories.stream(code="nhs-core", name="Core services")
    mereshire = factories.organisation(name="NHS Mereshire", code="QXM")
    for name, code in (("NHS Northshire", "QXN"), ("NHS Southshire", "QXS")):
        factories.organisation(name=name, code=code)
    publisher = factories.nhs_england()
    assert mereshire.code
    return Desk(publisher, roles=("publisher",))


def page(name: str, upload: Upload, *more: Any) -> str:
    return reverse(f"uploads:{name}", args=[upload.reference, *more])


def test_it_waits_is_confirmed_accepted_and_known_next_time(desk: Desk, client_of: Any):
    upload = desk.send(TEXT)
    assert (upload.state, upload.problem_count) == ("needs_layout", 0)
    officer: Client = client_of(desk.officer.person)

    shown = officer.get(page("layout-question", upload)).content.decode()
    assert "We would read the file: headings in row 2, bodies in column A (3 of 3 known), amounts in column C" in shown
    assert "amounts in thousands of pounds." in shown

    answers = {"unit": "1000", "year": "2024/25", "value-basis": "allocation", "missing": "n/a"}
    show = officer.post(page("layout-question", upload), {**answers, "save": "no", "do": "show"})
    assert show.status_code == 302, show.content.decode()
    shown = officer.get(show.headers["Location"]).content.decode()
    reads = "This reads 2 figures of 3 bodies, £1,254,000.00 in total. The file’s own total is the same."
    assert reads in shown

    confirmed = {**answers, "save": "new", "name": "Boards by letter", "do": "continue"}
    assert officer.post(page("layout-question", upload), confirmed).headers["Location"] == upload.get_absolute_url()
    version = UploadLayoutVersion.objects.get()
    upload = worked(upload)
    assert (upload.state, upload.profile, upload.financial_year) == ("awaiting_second_person", version.key, "2024-25")
    desk.accept(upload)
    assert dict(Allocation.objects.values_list("organisation__code", "amount")) == {
        "QXM": Decimal(1_234_000),
        "QXN": Decimal(20_000),
        "QXS": None,
    }

    # Next year's file is recognised; only its year is asked, because no file of this layout says it.
    later = desk.send(TEXT.replace("20\n", "21\n"))
    assert (later.state, LayoutQuestion.objects.get(upload=later).asked) == ("needs_layout", "year")
    shown = officer.get(page("layout-question", later)).content.decode()
    assert "The file has the layout “Boards by letter” and does not say its financial year." in shown
    chosen = {"layout": version.key, "financial_year": "2025-26"}
    assert officer.post(page("layout-choose", later), chosen).status_code == 302
    assert worked(later).state == "awaiting_second_person"
    assert desk.send(TEXT.replace("20\n", "22\n"), financial_year="2025-26").state == "awaiting_second_person"


def test_a_column_in_another_unit_than_the_file_is_said_on_the_page_of_its_sheet(desk: Desk, client_of: Any):
    factories.stream(code="dfg", name="Facilities grant")
    text = "Board,Core services (£000),Grant\nQXM,1,200\nQXN,2,300\nQXS,3,400\nTotal,6,900\n"
    upload = desk.send(text)
    officer: Client = client_of(desk.officer.person)
    columns = {"role-0": "code", "role-1": "amount", "role-2": "amount"}
    streams = {"value-1-stream": "nhs-core", "value-2-stream": "dfg"}
    units = {"value-1-unit": "1000", "value-2-unit": "1"}
    rows = {"use": "on", "header_row": "1", "header_rows": "1", "total_rows": "5", "rows_left_out": ""}
    url = page("layout-sheet", upload, 1)
    assert officer.post(url, {**columns, **rows, "do": "show"}).status_code == 302
    assert "Amounts of column C are in" in officer.get(url).content.decode()
    assert officer.post(url, {**columns, **streams, **units, **rows, "do": "save"}).status_code == 302

    answers = {"unit": "", "year": "2024/25", "value-basis": "allocation"}
    show = officer.post(page("layout-question", upload), {**answers, "save": "no", "do": "show"})
    shown = officer.get(show.headers["Location"]).content.decode()
    assert "This reads 6 figures of 3 bodies, £6,900.00 in total. The file’s own totals are the same." in shown
    assert "amounts in thousands of pounds and pounds." in shown
    confirmed = {**answers, "save": "new", "name": "Two units", "do": "continue"}
    assert officer.post(page("layout-question", upload), confirmed).status_code == 302
    assert worked(upload).state == "awaiting_second_person"
    desk.accept(upload)
    amounts = dict(Allocation.objects.filter(organisation__code="QXM").values_list("stream__code", "amount"))
    assert amounts == {"nhs-core": Decimal(1000), "dfg": Decimal(200)}
    layout = officer.get(UploadLayoutVersion.objects.get().layout.get_absolute_url()).content.decode()
    assert "Amounts in pounds" in layout
