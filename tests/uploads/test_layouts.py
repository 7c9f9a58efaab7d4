"""A publisher's layout as data: what its file says, which sheets it fits, and which of several layouts is taken."""

from __future__ import annotations

import os
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from pooledcare.kernel.problems import Refused
from pooledcare.kernel.tabular import InputTable, open_table
from pooledcare.uploads import layouts, profiles
from pooledcare.uploads.kinds import LayoutColumns
from pooledcare.uploads.layouts import Profile, read_profile
from pooledcare.uploads.published import open_published

LEAST = """
title = "Boards"
publisher = "Mereshire"
summary = "One grant."
[[sheets]]
"""
WHOLE = """
title = "Boards"
publisher = "Mereshire"
summary = "One grant."
source_title = "Grants"
published = false
unit = 0.5
missing = ["tbc", "-"]
money = '£'
year = 'for (?P<year>20..-..)'
notes = ["One", "Two"]
[defaults]
basis = "allocation"
[[sheets]]
title = 'Grants .*'
required = false
code = 'Board'
name = 'Name'
codes = 'Q..'
columns = { amount = 'Pounds' }
not_read = [{ heading = 'Gross', reason = 'Net is read' }]
rows_left_out = [{ column = 'Name', text = 'Region', label = 'Regions', reason = 'No boards' }]
totals = [{ column = 'Name', text = 'All' }]
left_out = [{ column = 'Class', unless = ['A', 'B'], reason = 'None' }]
[[sheets.figures]]
heading = 'Core'
stream = "nhs-core"
control_note = "Rounded"
"""


@pytest.fixture
def profile(tmp_path: Path):
    def make(toml: str, key: str = "boards") -> Profile:
        path = tmp_path / f"{key}.toml"
        path.write_text(toml, encoding="utf-8")
        return read_profile(path)

    return make


def table(*sheets: tuple[str, list[list[Any]]]) -> InputTable:
    book = Workbook()
    book.remove(book.active)
    for name, lines in sheets:
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line)
    out = BytesIO()
    book.save(out)
    return open_table(BytesIO(out.getvalue()), "a.xlsx")


def test_a_layout_says_all_of_this(profile):
    read = profile(WHOLE)
    assert (read.key, read.title, read.publisher, read.summary) == ("boards", "Boards", "Mereshire", "One grant.")
    assert (read.source_title, read.is_published, read.unit) == ("Grants", False, Decimal("0.5"))
    assert (read.missing, read.notes, read.defaults) == (
        frozenset({"tbc", "-"}),
        ("One", "Two"),
        {"basis": "allocation"},
    )
    assert (read.money.pattern, read.year.pattern) == ("£", "for (?P<year>20..-..)")
    (sheet,) = read.sheets
    assert (sheet.title.pattern, sheet.required) == ("Grants .*", False)
    assert (sheet.code.pattern, sheet.name.pattern, sheet.codes.pattern) == ("Board", "Name", "Q..")
    assert {name: heading.pattern for name, heading in sheet.columns.items()} == {"amount": "Pounds"}
    (left_out,), (not_read,), (row_left_out,), (total,) = (
        sheet.left_out,
        sheet.not_read,
        sheet.rows_left_out,
        sheet.totals,
    )
    assert (left_out.column.pattern, left_out.unless, left_out.reason) == ("Class", frozenset({"A", "B"}), "None")
    assert (not_read.heading.pattern, not_read.reason) == ("Gross", "Net is read")
    assert (row_left_out.column.pattern, row_left_out.text.pattern, row_left_out.label, row_left_out.reason) == (
        "Name",
        "Region",
        "Regions",
        "No boards",
    )
    assert (total.column.pattern, total.text.pattern, total.label, total.reason) == ("Name", "All", "", "")
    (figures,) = sheet.figures
    assert (figures.heading.pattern, figures.values, figures.control_note) == (
        "Core",
        {"stream": "nhs-core"},
        "Rounded",
    )


def test_what_a_layout_does_not_say_is_this(profile):
    read = profile(LEAST)
    assert (read.source_title, read.is_published, read.unit, read.money, read.year) == (
        "",
        True,
        Decimal(1),
        None,
        None,
    )
    assert (read.missing, read.notes, read.defaults) == (frozenset(), (), {})
    (sheet,) = read.sheets
    assert (sheet.title.pattern, sheet.required, sheet.header_within) == (".*", True, 30)
    assert (sheet.code, sheet.name, sheet.codes) == (None, None, None)
    assert (sheet.columns, sheet.figures, sheet.not_read, sheet.rows_left_out, sheet.totals, sheet.left_out) == (
        {},
        (),
        (),
        (),
        (),
        (),
    )


def test_capitals_do_not_matter_in_a_layout():
    assert layouts.pattern("core").fullmatch("CORE")


def test_a_layout_is_read_again_once_its_file_has_changed(profile, tmp_path: Path):
    first = profile(LEAST)
    assert read_profile(tmp_path / "boards.toml") is first
    changed = tmp_path / "boards.toml"
    changed.write_text(LEAST.replace("Boards", "Others"), encoding="utf-8")
    os.utime(changed, ns=(1, 1))
    assert read_profile(changed).title == "Others"


NEEDS = f"""{LEAST}
title = 'Grants'
code = 'Board'
name = 'Name'
columns = {{ note = 'Remark' }}
[[sheets.figures]]
heading = 'Core'
"""
HEADING = ["Board", " Core\n", "Name", "Remark", "More"]


@pytest.mark.parametrize("number", [1, 30])
def test_the_heading_row_is_the_first_that_has_every_heading(profile, number):
    (layout,) = profile(NEEDS).sheets
    lines = [[n] for n in range(1, number)]
    (sheet,) = table(("Grants", [*lines, HEADING, ["Board", "Core", "Name", "Remark", "again"]])).sheets
    assert layout.heading_row(sheet) == (number, ["Board", "Core", "Name", "Remark", "More"])


def test_a_heading_row_below_the_thirtieth_is_not_looked_for(profile):
    (layout,) = profile(NEEDS).sheets
    (sheet,) = table(("Grants", [*([n] for n in range(1, 31)), HEADING])).sheets
    assert layout.heading_row(sheet) is None


@pytest.mark.parametrize("left_out", [0, 1, 2, 3])
def test_each_heading_that_a_layout_names_is_needed(profile, left_out):
    (layout,) = profile(NEEDS).sheets
    (sheet,) = table(("Grants", [[*HEADING[:left_out], "x", *HEADING[left_out + 1 :]]])).sheets
    assert layout.heading_row(sheet) is None


def test_a_sheet_of_another_title_does_not_fit(profile):
    (layout,) = profile(NEEDS).sheets
    (sheet,) = table(("Grants 2", [HEADING])).sheets
    assert layout.heading_row(sheet) is None


TWO = """
title = "Boards"
publisher = "Mereshire"
summary = "One grant."
[[sheets]]
title = 'One.*'
code = 'Board'
[[sheets]]
title = '.*'
required = false
code = 'Council'
[[sheets]]
title = 'One.*'
required = false
name = 'Board'
"""


def test_a_sheet_belongs_to_the_first_layout_that_fits_it(profile):
    read = profile(TWO)
    found = read.matches(
        table(("One a", [["Board"]]), ("Other", [["x"]]), ("One b", [[], ["Council"]]), ("One c", [["Board"]]))
    )
    assert [(read.sheets.index(layout), sheet.name, number, headings) for layout, sheet, number, headings in found] == [
        (0, "One a", 1, ["Board"]),
        (1, "One b", 2, ["Council"]),
        (0, "One c", 1, ["Board"]),
    ]


@pytest.mark.parametrize(
    ("names", "fit"),
    [({"One": "Board", "Two": "Council"}, 2), ({"One": "Board"}, 1), ({"Two": "Council"}, 0), ({"Three": "x"}, 0)],
)
def test_a_layout_fits_as_many_sheets_as_it_explains_if_those_that_it_needs_are_there(profile, names, fit):
    read, found = profile(TWO), table(*((name, [[heading]]) for name, heading in names.items()))
    assert read.fit(found) == fit
    filled = LayoutColumns(names=("code", "amount", "year"), code="code", amount="amount", year="year")
    if fit:
        assert open_published(read, filled, found).profile == "boards"
        return
    with pytest.raises(Refused) as refused:
        open_published(read, filled, found)
    (problem,) = refused.value.problems
    assert (problem.code, problem.message, problem.fix) == (
        "WRONG_LAYOUT",
        "The file does not have the sheets and headings of “Boards”",
        "Choose the file as it was published, or do not choose a layout, so that it is recognised.",
    )


# ── Which layout ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def folders(tmp_path: Path, monkeypatch) -> Path:
    """Layouts of two kinds, in two folders of the first."""
    monkeypatch.setattr(profiles, "_FOLDERS", {})
    for folder, kind in (("a", "allocations"), ("b", "allocations"), ("c", "agreements")):
        (tmp_path / folder).mkdir()
        profiles.register(kind, tmp_path / folder)
    (tmp_path / "a" / "two.toml").write_text(TWO, encoding="utf-8")
    (tmp_path / "a" / "one.toml").write_text(LEAST + "code = 'Board'\n", encoding="utf-8")
    (tmp_path / "a" / "readme.txt").write_text("No layout", encoding="utf-8")
    (tmp_path / "b" / "ours.toml").write_text("published = false\n" + LEAST, encoding="utf-8")
    (tmp_path / "c" / "drafts.toml").write_text(LEAST + "code = 'Board'\n", encoding="utf-8")
    return tmp_path


def keys(found: list[Profile]) -> list[str]:
    return [profile.key for profile in found]


@pytest.mark.usefixtures("folders")
def test_layouts_belong_to_a_kind_and_ours_are_not_offered():
    assert keys(profiles.profiles("allocations")) == ["one", "two", "ours"]
    assert keys(profiles.profiles("agreements")) == ["drafts"]
    assert profiles.profiles("nothing") == []
    assert keys(profiles.published()) == ["one", "two", "drafts"]


@pytest.mark.usefixtures("folders")
@pytest.mark.parametrize(
    ("kind", "key", "is_there", "is_there_for_us"),
    [
        ("allocations", "one", True, True),
        ("allocations", "ours", False, True),
        ("allocations", "drafts", False, False),
        ("agreements", "drafts", True, True),
        ("allocations", "", False, False),
    ],
)
def test_a_layout_of_ours_exists_for_us_alone(kind, key, is_there, is_there_for_us):
    assert profiles.exists(kind, key) is is_there
    assert profiles.exists(kind, key, among_ours=True) is is_there_for_us


@pytest.mark.usefixtures("folders")
def test_a_layout_is_found_by_its_name_or_not_at_all():
    assert profiles.named("allocations", "ours").key == "ours"
    with pytest.raises(Refused) as refused:
        profiles.named("allocations", "drafts")
    (problem,) = refused.value.problems
    assert (problem.code, problem.message, problem.value) == (
        "UNKNOWN_PROFILE",
        "There is no layout called “drafts”",
        "drafts",
    )


@pytest.mark.usefixtures("folders")
@pytest.mark.parametrize(
    ("sheets", "key"),
    [
        # As good as each other: the first by name. One explains a sheet more than the other. Neither fits.
        ((("One", [["Board"]]),), "one"),
        ((("One", [["Board"]]), ("Two", [["Council"]])), "two"),
        ((("Two", [["Council"]]),), None),
    ],
)
def test_the_layout_that_explains_most_sheets_is_taken(sheets, key):
    found = profiles.recognise("allocations", table(*sheets))
    assert (found and found.key) == key


@pytest.mark.usefixtures("folders")
def test_where_there_is_no_layout_none_is_recognised():
    assert profiles.recognise("nothing", table(("One", [["Board"]]))) is None
