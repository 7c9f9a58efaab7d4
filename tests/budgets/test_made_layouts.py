"""A layout that somebody made, through the whole upload: bodies by name, repaired amounts, what the file had."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from budgets.models import StagedAllocation
from pooledcare.directory.loading import load_reference
from pooledcare.uploads import profiles
from pooledcare.uploads.layouts import profile_from
from tests import factories
from tests.uploads.sending import Desk, codes

pytestmark = pytest.mark.django_db

LAYOUT = {
    "title": "Grants",
    "publisher": "Mereshire",
    "summary": "",
    "unit": "1",
    "missing": ["NA"],
    "broken_pounds": "贈",
    "rounds": True,
    "names": {"The Hull people": "E06000010", "Others": ""},
    "defaults": {"basis": "allocation"},
    "sheets": [
        {
            "to_the_end": True,
            "family": "council",
            "name": "Council",
            "figures": [{"heading": r"(?P<year>20\d\d\-\d\d)\ grant", "stream": "ibcf"}],
            "totals": [{"column": "Council", "text": "Total"}],
        }
    ],
}
FILE = """Council,2023-24 grant
Barnet,"贈9,621,518"
Bexley,1000.005
The Hull people,5
Bradford,NA

Others,70
Bolton,(3)
Total,9622520.01
Source: the department
"""


@pytest.fixture
def department(db, monkeypatch) -> Desk:
    load_reference()
    call_command("load_figures", "--without-publisher", "X24", "--without-publisher", "MHCLG")
    layout = profile_from(LAYOUT, "grants")
    monkeypatch.setattr(profiles, "profiles", lambda kind: [layout])
    return Desk(factories.mhclg(), ("publisher",))


def test_names_and_repaired_amounts_become_figures_with_what_the_file_had(department):
    upload = department.send(FILE.encode(), name="grants.csv")
    assert (upload.state, upload.profile, codes(upload)) == ("awaiting_second_person", "grants", [])
    staged = StagedAllocation.objects.filter(upload=upload).order_by("row").select_related("organisation")
    assert [(one.organisation.code, str(one.amount), one.published_text, one.row) for one in staged] == [
        ("E09000003", "9621518.00", "贈9,621,518", 2),
        ("E09000004", "1000.00", "1000.005", 3),
        ("E06000010", "5.00", "5", 4),
        ("E08000032", "None", "NA", 5),
        ("E08000001", "-3.00", "(3)", 8),
    ]
    assert [(line["ours"], line["publishers"]) for line in upload.preview["controls"]] == [("9622520.00", "9622520.01")]
    [left] = upload.preview["not_read"]
    assert (left["label"], left["amount"]) == ("Left out by name: 2023-24 grant", "70.00")


def test_a_name_that_nobody_knows_is_refused_with_its_row_and_nothing_else_is(department):
    upload = department.send(FILE.replace("Bexley", "Bexlei").encode(), name="grants.csv")
    [problem] = upload.problems.all()
    assert (upload.state, problem.code, problem.row) == ("refused", "UNKNOWN_NAME", 3)
    assert problem.message == "“Bexlei” is not the name of one of the councils in 2023-24"
    assert problem.fix == (
        "Say which body is meant, or leave the row out. Similar are London Borough of Bexley (E09000004)."
    )
