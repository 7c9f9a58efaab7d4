"""What the checker makes of pieces of a file: the lines that are staged, and what is told of the others. No database.

What becomes of single wrong cells in a whole upload is in test_allocation_checks.py.
"""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
import time_machine

from budgets.allocations import check
from budgets.allocations.check import COPIED, AllocationChecker
from budgets.allocations.lookups import LAST_YEAR, Holding, Lookups
from budgets.models import FundingStream
from pooledcare.directory.access import ANONYMOUS
from pooledcare.directory.models import Organisation
from pooledcare.uploads.checks import Checked, Piece
from pooledcare.uploads.models import Upload

PUBLISHER, GROUP, BOARD, COUNCIL, TRUST, YOUNGER, TWO_CODES, SHORT = 1, 3, 5, 9, 11, 13, 15, 17
COLUMNS = ("financial_year", "organisation", "stream", "basis", "amount", "recurrence", "note", "gross_or_net")
USUAL = dict(zip(COLUMNS, ("2024-25", "QXM", "nhs-core", "allocation", "1000.00", "recurrent", "", ""), strict=True))
LETTERS = {name: "ABCDEFGH"[place] for place, name in enumerate(COLUMNS)}


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def holding(organisation: int, kind: str, first: int = 2013, last: int = LAST_YEAR, **days: str) -> Holding:
    known = {name: day(text) for name, text in days.items()}
    return Holding(
        organisation, kind, first, last, known.get("opened"), known.get("closed"), known.get("code_ended")
    )  # fmt: skip


CODES = {
    "X24": [holding(PUBLISHER, "nhs_england", 1900)],
    "99M": [holding(GROUP, "ccg", 2013, 2022, opened="2013-04-01", closed="2022-06-30")],
    "QXM": [holding(BOARD, "icb", 2022, opened="2022-07-01")],
    "E06000001": [holding(COUNCIL, "unitary", 1900)],
    "RXX": [holding(TRUST, "nhs_trust", 1900)],
    "5E1": [holding(SHORT, "icb", 1900)],
    # A code that passed on to another body, after years in which nobody had it.
    "QRE": [
        holding(GROUP, "ccg", 2014, 2016, opened="2013-04-01", closed="2022-06-30", code_ended="2017-03-31"),
        holding(YOUNGER, "icb", 2019, 2021, opened="2019-04-01", code_ended="2022-03-31"),
    ],
    # Two bodies, both younger than the year that is asked about.
    "QLT": [
        holding(GROUP, "ccg", 2015, 2017, opened="2015-04-01", code_ended="2018-03-31"),
        holding(YOUNGER, "icb", 2019, opened="2019-04-01"),
    ],
    # A code that passed on in the middle of a year.
    "QMID": [holding(GROUP, "ccg", 2013, 2019), holding(YOUNGER, "icb", 2019)],
    "QOLD": [holding(TWO_CODES, "icb", 2013, 2019, opened="2013-04-01", code_ended="2020-03-31")],
    "QNEW": [holding(TWO_CODES, "icb", 2020, opened="2013-04-01")],
}
NAMES = {
    PUBLISHER: "NHS England", GROUP: "NHS Mereshire CCG", BOARD: "NHS Mereshire ICB", COUNCIL: "Tarn Council",
    TRUST: "Example NHS Trust", YOUNGER: "NHS Younger ICB", TWO_CODES: "NHS Newcode ICB", SHORT: "NHS Dunholt ICB",
}  # fmt: skip


def stream(pk: int, code: str, **fields: Any) -> FundingStream:
    values = {
        "name": f"Stream {code}", "holder_kinds": ["icb", "ccg"], "gross_or_net": "not_applicable", "first_year": 2013,
    }  # fmt: skip
    return FundingStream(**values | {"pk": pk, "code": code} | fields)


STREAMS = [
    stream(21, "nhs-core"),
    stream(22, "nhs-discharge", first_year=2022, last_year=2024),
    stream(23, "care", gross_or_net="net", holder_kinds=["unitary", "county"]),
]


class Known(Lookups):
    """Reference data written down by hand; successors are those of the closed group only."""

    regions = {"Y58": "South West"}  # type: ignore[assignment]

    def successors(self, organisation: int) -> str:
        return "NHS Mereshire ICB (QXM) on 1 July 2022" if organisation == GROUP else ""


def known(**fields: Any) -> Known:
    values: dict[str, Any] = {
        "codes": CODES,
        "names": NAMES,
        "current_codes": {TWO_CODES: "QNEW", GROUP: "99M", YOUNGER: "QYY"},
        "streams": {one.code: one for one in STREAMS},
        "submitting": Organisation(pk=PUBLISHER, name="NHS England", kind="nhs_england"),
        "may_publish": True,
        "funded_kinds": frozenset({"icb", "ccg"}),
        "numeric": {50: ["5E1"]},
    }
    return Known(**values | fields)


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A checker of upload 77 of the publisher, with the reference data above."""

    def made(**fields: Any) -> AllocationChecker:
        monkeypatch.setattr(check, "lookups", lambda organisation, preparer: known(**fields))
        checker = AllocationChecker(
            Upload(pk=77, organisation=Organisation(pk=PUBLISHER, name="NHS England", kind="nhs_england")), ANONYMOUS
        )
        checker.today = day("2024-06-01")
        return checker

    return made


def piece(*rows: dict[str, str], first: int = 2, **fields: Any) -> Piece:
    cells = [USUAL | row for row in rows]
    frame = pd.DataFrame(cells, columns=sorted({name for row in cells for name in row}), dtype=object).fillna("")
    values: dict[str, Any] = {"sheet": "", "letters": LETTERS, "headings": {}}
    return Piece(numbers=np.arange(first, first + len(rows)), frame=frame, **values | fields)


def lines(checked: Checked) -> list[dict[str, str]]:
    return [dict(zip(COPIED, line.split("\t"), strict=True)) for line in checked.lines.splitlines()]


def told(checked: Checked) -> list[tuple[str, str, list[int]]]:
    return [(one.code, one.column, one.rows.tolist()) for one in checked.findings]


def only(checked: Checked) -> tuple[str, str, str]:
    (found,) = checked.findings
    return found.code, found.message, found.fix


def of(checked: Checked, *names: str) -> list[Any]:
    found = [tuple(line[name] for name in names) for line in lines(checked)]
    return [one[0] for one in found] if len(names) == 1 else found


# ── Staged lines ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_good_row_becomes_one_line_with_every_column_in_its_place(make):
    checked = make().check(piece({"note": "so", "amount": "£1,234.5"}, sheet="Core", first=7))
    assert checked.lines == (
        "77\t1\t21\tallocation\tnot_applicable\trecurrent\t1\t5\t2024\t1234.50\t£1,234.5\t7\tCore\tE\tso\n"
    )
    assert (checked.staged, checked.refused, checked.findings) == (1, 0, [])


def test_a_piece_without_rows_says_nothing(make):
    checked = make().check(
        piece({}).__class__(sheet="", numbers=np.array([]), frame=pd.DataFrame(), letters={}, headings={})
    )
    assert (checked.lines, checked.staged, checked.refused, checked.findings, checked.notices) == ("", 0, 0, [], {})


def test_lines_are_numbered_from_piece_to_piece_and_only_good_rows_count(make):
    checker = make()
    first = checker.check(piece({}, {"amount": "x"}, {"organisation": "QNEW"}))
    second = checker.check(piece({"financial_year": "2023-24"}, first=5))
    assert of(first, "line", "row") == [("1", "2"), ("2", "4")]
    assert of(second, "line", "row") == [("3", "5")]
    assert (first.staged, first.refused, second.staged, second.refused) == (2, 1, 1, 0)
    assert make().check(piece({"amount": "x"})).lines == ""


def test_rows_keep_their_own_cells_when_others_between_them_are_refused(make):
    checked = make().check(
        piece(
            {"note": "one", "amount": "1"},
            {"organisation": "QZZ", "note": "two", "amount": "2"},
            {"organisation": "QNEW", "note": "three", "amount": "3", "basis": "budget", "gross_or_net": "gross"},
            {"organisation": "5E1", "note": "four", "amount": "4", "recurrence": "", "financial_year": "2023-24"},
        )
    )
    shown = ("organisation_id", "financial_year", "amount", "published_text", "row", "note", "basis", "gross_or_net",
             "recurrence")  # fmt: skip
    assert of(checked, *shown) == [
        (str(BOARD), "2024", "1", "1", "2", "one", "allocation", "not_applicable", "recurrent"),
        (str(TWO_CODES), "2024", "3", "3", "4", "three", "budget", "gross", "recurrent"),
        (str(SHORT), "2023", "4", "4", "5", "four", "allocation", "not_applicable", "not_stated"),
    ]


def test_gross_or_net_is_that_of_the_stream_unless_the_row_says_otherwise(make):
    rows = [{"organisation": "E06000001", "stream": "care", "gross_or_net": text} for text in ("", "gross", "net")]
    checked = make(funded_kinds=frozenset({"unitary"})).check(
        piece(*rows, {"stream": "nhs-core", "organisation": "X24"})
    )
    assert of(checked, "gross_or_net", "stream_id") == [("net", "23"), ("gross", "23"), ("net", "23")]
    assert told(checked) == [("WRONG_ORG_TYPE", "organisation", [5])]


def test_every_combination_of_what_rows_share_is_kept_apart(make):
    words = {
        "stream": ["nhs-core", "nhs-discharge"], "basis": ["budget", "allocation", "outturn"],
        "gross_or_net": ["gross", "net"], "recurrence": ["recurrent", "not_stated", "non_recurrent"],
    }  # fmt: skip
    rows = [dict(zip(words, combination, strict=True)) for combination in itertools.product(*words.values())]
    checked = make().check(piece(*rows))
    numbers = {"nhs-core": "21", "nhs-discharge": "22"}
    expected = [(numbers[row["stream"]], row["basis"], row["gross_or_net"], row["recurrence"]) for row in rows]
    assert of(checked, "stream_id", "basis", "gross_or_net", "recurrence") == expected


def test_a_file_without_letters_has_rows_only(make):
    assert of(make().check(piece({}, letters={})), "row", "cell") == [("2", "")]


def test_a_compiled_file_states_sheet_row_and_cell_of_the_publication(make):
    stated = {"source_sheet": "ICB\tcore", "source_row": "46", "source_cell": "AB46", "published_text": "5.125"}
    checked = make().check(piece(stated, sheet="here", has_lineage=True))
    assert of(checked, "row", "sheet", "cell", "published_text") == [("46", "ICB\\tcore", "AB", "5.125")]


def test_text_with_tabs_and_backslashes_does_not_leave_its_column(make):
    checked = make().check(piece({"note": "a\\b"}, sheet="a\tb"))
    assert of(checked, "note", "sheet") == [("a\\\\b", "a\\tb")]


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        ("basis", "outturns", "outturn"), ("basis", "Actual", "outturn"), ("basis", "budgets", "budget"),
        ("basis", "plan", "budget"), ("basis", "allocations", "allocation"),
        ("recurrence", "nonrecurrent", "non_recurrent"), ("recurrence", "Non recurring", "non_recurrent"),
        ("recurrence", "recurring", "recurrent"), ("recurrence", "", "not_stated"), ("gross_or_net", "Net", "net"),
    ],
)  # fmt: skip
def test_words_that_people_use_are_read_as_ours(make, column, text, value):
    assert of(make().check(piece({column: text})), column) == [value]


# ── Years ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("organisation", "year", "body"),
    [
        ("QXM", "2021-22", None), ("QXM", "2022-23", BOARD), ("QXM", "2023-24", BOARD),
        ("99M", "2012-13", None), ("99M", "2013-14", GROUP), ("99M", "2021-22", GROUP), ("99M", "2022-23", GROUP),
        ("99M", "2023-24", None),
        ("QRE", "2013-14", None), ("QRE", "2014-15", GROUP), ("QRE", "2016-17", GROUP), ("QRE", "2017-18", None),
        ("QRE", "2018-19", None), ("QRE", "2019-20", YOUNGER), ("QRE", "2021-22", YOUNGER), ("QRE", "2022-23", None),
        ("QMID", "2018-19", GROUP), ("QMID", "2019-20", GROUP), ("QMID", "2020-21", YOUNGER),
    ],
)  # fmt: skip
def test_the_body_is_whoever_had_the_code_in_the_year(make, organisation, year, body):
    early = [stream(21, "nhs-core", first_year=2000)]
    checked = make(streams={one.code: one for one in early}).check(
        piece({"organisation": organisation, "financial_year": year})
    )
    assert of(checked, "organisation_id") == ([str(body)] if body else [])


LOOK_AGAIN = "Check the code and the year."
NOBODY_THEN = [
    ("QXM", "2019-20", "ORG_NOT_OPEN", "The organisation did not exist before 1 July 2022", LOOK_AGAIN),
    ("QLT", "2014-15", "ORG_NOT_OPEN", "The organisation did not exist before 1 April 2015", LOOK_AGAIN),
    (
        "99M", "2023-24", "ORG_CLOSED", "NHS Mereshire CCG closed on 30 June 2022, before 2023-24",
        "Use the code of its successor: NHS Mereshire ICB (QXM) on 1 July 2022.",
    ),
    ("QRE", "2017-18", "CODE_ENDED", "NHS Mereshire CCG no longer had this code in 2017-18", "Its code was then 99M."),
    ("QRE", "2022-23", "CODE_ENDED", "NHS Younger ICB no longer had this code in 2022-23", "Its code was then QLT."),
    ("QOLD", "2020-21", "CODE_ENDED", "NHS Newcode ICB no longer had this code in 2020-21", "Its code was then QNEW."),
]  # fmt: skip


@pytest.mark.parametrize(("code", "year", "expected", "message", "fix"), NOBODY_THEN)
def test_a_code_that_nobody_had_in_the_year_says_why(make, code, year, expected, message, fix):
    checked = make().check(piece({"organisation": code, "financial_year": year}))
    assert only(checked) == (expected, message, fix)
    assert told(checked) == [(expected, "organisation", [2])]


@pytest.mark.parametrize(
    ("closed", "code"),
    [("2022-03-31", "ORG_CLOSED"), ("2022-04-01", "CODE_ENDED"), ("2023-03-31", "CODE_ENDED")],
)
def test_a_body_is_closed_in_a_year_only_if_it_closed_before_the_first_day_of_it(make, closed, code):
    ended = [holding(YOUNGER, "icb", 2013, 2019, closed=closed, code_ended="2020-03-31")]
    checked = make(codes=CODES | {"QEN": ended}).check(piece({"organisation": "QEN", "financial_year": "2022-23"}))
    assert only(checked)[0] == code


def test_a_closed_body_without_a_known_successor_asks_for_the_code_and_the_year(make):
    closed = [holding(YOUNGER, "icb", 2013, 2019, closed="2020-03-31")]
    checked = make(codes=CODES | {"QEN": closed}).check(piece({"organisation": "QEN"}))
    assert only(checked)[2] == "Check the code and the year."


@pytest.mark.parametrize("days", [{}, {"opened": "2013-04-01"}, {"opened": "2025-03-31"}])
@pytest.mark.parametrize(
    ("before", "fix"),
    [
        ([], "Check the code and the year."),
        ([(2013, 2024)], "Its code was then QBE."),
        ([(2024, 2030)], "Its code was then QBE."),
        ([(2013, 2023)], "Check the code and the year."),
        ([(2025, 9999)], "Check the code and the year."),
    ],
)
def test_a_body_that_existed_under_another_code_is_not_said_to_have_come_later(make, days, before, fix):
    codes = {
        "QAN": [holding(BOARD, "icb", 2013)],  # of somebody else
        "QLA": [holding(YOUNGER, "icb", 2025, **days)],
        "QBE": [holding(YOUNGER, "icb", *years, **days) for years in before],
    }
    checked = make(codes=codes).check(piece({"organisation": "QLA", "financial_year": "2024-25"}))
    assert only(checked) == ("CODE_NOT_YET", "NHS Younger ICB did not have this code yet in 2024-25", fix)


@pytest.mark.parametrize(
    ("opened", "code"), [("2025-03-31", "CODE_NOT_YET"), ("2025-04-01", "ORG_NOT_OPEN"), ("2025-04-02", "ORG_NOT_OPEN")]
)
def test_a_body_opens_later_than_a_year_only_after_its_last_day(make, opened, code):
    codes = {"QLA": [holding(YOUNGER, "icb", 2026, opened=opened)]}
    checked = make(codes=codes).check(piece({"organisation": "QLA", "financial_year": "2024-25"}))
    assert only(checked)[0] == code


@pytest.mark.parametrize(
    ("year", "told_at"),
    [("2021-22", [2]), ("2022-23", []), ("2024-25", []), ("2025-26", [2])],
)
def test_a_stream_has_a_first_and_a_last_year(make, year, told_at):
    checked = make(codes={"QXM": [holding(BOARD, "icb", 2000)]}).check(
        piece({"stream": "nhs-discharge", "financial_year": year})
    )
    assert told(checked) == ([("STREAM_NOT_IN_YEAR", "financial_year", told_at)] if told_at else [])
    for found in checked.findings:
        assert found.message == "Stream nhs-discharge does not exist in this year"
        assert found.fix == "It exists from 2022-23 to 2024-25."


def test_each_stream_is_told_at_its_own_rows_of_other_years_only(make):
    checked = make(codes={"QXM": [holding(BOARD, "icb", 2000)]}).check(
        piece(
            {"stream": "nhs-discharge", "financial_year": "2022-23"},
            {"stream": "nhs-discharge", "financial_year": "2021-22"},
            {"stream": "nhs-core", "financial_year": "2012-13"},
            {"stream": "nhs-core", "financial_year": "2024-25"},
            {"stream": "nhs-discharge", "financial_year": "2025-26"},
        )
    )
    assert sorted((one.message, one.rows.tolist()) for one in checked.findings) == [
        ("Stream nhs-core does not exist in this year", [4]),
        ("Stream nhs-discharge does not exist in this year", [3, 6]),
    ]


def test_of_many_codes_and_years_each_pair_is_judged_for_itself(make):
    passed_on = {
        "QXM": [holding(BOARD, "icb", 2000)],
        "QAB": [holding(GROUP, "ccg", 2013, 2014), holding(YOUNGER, "icb", 2017)],
        "QCD": [holding(YOUNGER, "icb", 2013, 2014), holding(GROUP, "ccg", 2015)],
    }
    pairs = [
        ("QXM", "2013-14"), ("QAB", "2013-14"), ("QCD", "2013-14"), ("QAB", "2015-16"), ("QCD", "2015-16"),
        ("QAB", "2017-18"), ("QCD", "2017-18"), ("QAB", "2014-15"), ("QCD", "2014-15"),
    ]  # fmt: skip
    checked = make(codes=passed_on).check(
        piece(*({"organisation": code, "financial_year": year} for code, year in pairs))
    )
    assert [(one.code, one.rows.tolist()) for one in checked.findings] == [("CODE_ENDED", [5])]
    assert of(checked, "organisation_id") == list(
        map(str, (BOARD, GROUP, YOUNGER, GROUP, YOUNGER, GROUP, GROUP, YOUNGER))
    )


def test_of_many_streams_bases_and_recurrences_each_row_keeps_its_own(make):
    rows = [
        {"basis": basis, "recurrence": recurrence, "stream": name}
        for name in ("nhs-core", "nhs-discharge")
        for basis in ("allocation", "budget")
        for recurrence in ("recurrent", "non_recurrent")
    ]
    checked = make(codes={"QXM": [holding(BOARD, "icb", 2000)]}).check(piece(*rows))
    ids = {"nhs-core": "21", "nhs-discharge": "22"}
    assert of(checked, "stream_id", "basis", "recurrence") == [
        (ids[row["stream"]], row["basis"], row["recurrence"]) for row in rows
    ]


def test_a_stream_without_a_last_year_says_only_when_it_began(make):
    checked = make(codes={"QXM": [holding(BOARD, "icb", 2000)]}).check(piece({"financial_year": "2012-13"}))
    assert only(checked)[2] == "It exists from 2013-14."
    assert told(make().check(piece({"financial_year": "2027-28"}))) == []


@pytest.mark.parametrize(
    ("year", "codes"),
    [
        ("1999-00", ["FY_OUT_OF_RANGE"]), ("2000-01", []), ("2027-28", []), ("2028-29", ["FY_OUT_OF_RANGE"]),
    ],
)  # fmt: skip
def test_years_are_from_2000_to_three_years_ahead(make, year, codes):
    checker = make(
        codes={"QXM": [holding(BOARD, "icb", 1900)]}, streams={"nhs-core": stream(21, "nhs-core", first_year=1990)}
    )
    assert [code for code, *_ in told(checker.check(piece({"financial_year": year})))] == codes


def test_another_spelling_of_a_year_is_noticed_and_the_usual_one_is_not(make):
    checked = make().check(piece({"financial_year": "2024/25"}, {"organisation": "QNEW"}))
    assert checked.notices == {"Financial years were read in other spellings, such as 2025/26": 1}
    assert of(checked, "financial_year") == ["2024", "2024"]


# ── Codes ────────────────────────────────────────────────────────────────────────────────────────────────────────────

UNLIKE = "A character in the code only looks like a letter or digit"
TYPE_AGAIN = "Format the column as text and type the code again."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("REQUIRED", "Enter an organisation code")),
        ("QZZ", ("UNKNOWN_ORG", "This code is in none of our lists of organisations")),
        ("QХM", ("NON_ASCII_CODE", f"{UNLIKE}: cyrillic capital letter ha (U+0425)")),
        ("50", ("UNKNOWN_CODE", "This is not an organisation code")),
    ],
)  # fmt: skip
def test_a_code_that_is_none_says_why(make, text, expected):
    assert only(make().check(piece({"organisation": text})))[:2] == expected


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        (
            "QZZ",
            "Use the ODS code of an NHS body or the ONS code of a council. Check the code in the list of whoever "
            "publishes it. If it is right, it is newer than the lists held here: ask the people who run this site to "
            "load newer ones.",
        ),
        ("50", f"Did you mean 5E1? {TYPE_AGAIN}"),
        ("51", TYPE_AGAIN),
        ("01-Mar", f"Excel may have changed this to a date. {TYPE_AGAIN}"),
    ],
)
def test_a_wrong_code_says_how_to_mend_it(make, text, fix):
    assert only(make().check(piece({"organisation": text})))[2] == fix


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("REQUIRED", "Enter the funding stream")),
        ("nhs-cure", ("UNKNOWN_STREAM", "There is no funding stream with this code")),
        ("nhs-cоre", ("NON_ASCII_CODE", f"{UNLIKE}: cyrillic capital letter o (U+041E)")),
    ],
)  # fmt: skip
def test_a_stream_that_is_none_says_why(make, text, expected):
    assert only(make().check(piece({"stream": text})))[:2] == expected


def test_an_unknown_stream_names_the_nearest(make):
    fix = only(make().check(piece({"stream": "nhs-cure"})))[2]
    assert fix.startswith("Use nhs-core, nhs-discharge or care.")
    assert fix.endswith("Did you mean nhs-core?")


def test_what_was_tidied_is_counted_by_rows(make):
    checked = make().check(
        piece(
            {"organisation": "qxm"},
            {"organisation": "qxm", "financial_year": "2023-24"},
            {"organisation": "QNEW", "stream": "NHS Core"},
        )
    )
    assert checked.notices == {
        "Codes in small letters were read as capitals": 2,
        "stream: “NHS Core” was read as “nhs-core”": 1,
    }
    assert of(checked, "stream_id") == ["21", "21", "21"]


# ── Who may submit what for whom ─────────────────────────────────────────────────────────────────────────────────────


def test_nobody_submits_for_bodies_of_a_kind_that_they_do_not_fund(make):
    checked = make().check(
        piece({"organisation": "E06000001"}, {}, {"organisation": "RXX"}, {"organisation": "E06000001", "note": "x"})
    )
    assert told(checked) == [
        ("NOT_PERMITTED", "organisation", [2, 5]),
        ("NOT_PERMITTED", "organisation", [4]),
    ]
    assert [found.message for found in checked.findings] == [
        "You cannot submit for Tarn Council on behalf of NHS England",
        "You cannot submit for Example NHS Trust on behalf of NHS England",
    ]
    assert {found.fix for found in checked.findings} == {
        "Leave the row out, or ask the organisation itself to submit it."
    }


def test_who_may_not_publish_for_holders_submits_for_itself_only(make):
    itself = Organisation(pk=BOARD, name="NHS Mereshire ICB", kind="icb")
    checked = make(may_publish=False, submitting=itself).check(piece({}, {"organisation": "QNEW"}))
    assert told(checked) == [("NOT_PERMITTED", "organisation", [3])]
    assert of(checked, "organisation_id") == [str(BOARD)]


def test_a_body_submits_for_itself_whatever_its_kind(make):
    checked = make(streams={"nhs-core": stream(21, "nhs-core", holder_kinds=["nhs_england"])}).check(
        piece({"organisation": "X24"})
    )
    assert of(checked, "organisation_id") == [str(PUBLISHER)]


def test_a_stream_is_held_by_its_own_kinds_of_body(make):
    checked = make().check(piece({"stream": "care"}, {}, {"stream": "care", "organisation": "QNEW"}))
    assert told(checked) == [("WRONG_ORG_TYPE", "organisation", [2, 4])]
    assert only(checked) == (
        "WRONG_ORG_TYPE",
        "This kind of organisation does not hold Stream care",
        "Stream care is held by: Unitary authority, County council.",
    )


def test_each_stream_that_is_held_by_others_is_told_for_its_own_rows(make):
    both = {one.code: stream(one.pk, one.code, holder_kinds=["county"]) for one in STREAMS[:2]}
    checked = make(streams=both).check(piece({"stream": "nhs-discharge"}, {}, {"stream": "nhs-discharge"}))
    found = {(one.message, tuple(one.rows.tolist())) for one in checked.findings}
    assert found == {
        ("This kind of organisation does not hold Stream nhs-discharge", (2, 4)),
        ("This kind of organisation does not hold Stream nhs-core", (3,)),
    }


def test_a_publisher_may_list_a_body_of_another_kind_as_not_reported_without_money(make):
    rows = [{"stream": "care", "amount": "..."}, {"stream": "care", "amount": "1"}]
    checked = make().check(piece(*rows, missing=frozenset({"..."})))
    assert told(checked) == [("WRONG_ORG_TYPE", "organisation", [3])]
    assert of(checked, "amount", "published_text") == [("\\N", "...")]


def test_a_body_for_which_one_may_not_submit_is_not_told_of_its_kind_too(make):
    assert told(make().check(piece({"organisation": "RXX", "stream": "nhs-core"}))) == [
        ("NOT_PERMITTED", "organisation", [2])
    ]


def test_a_row_with_a_wrong_stream_is_still_judged_for_its_right(make):
    checked = make().check(piece({"organisation": "RXX", "stream": "nhs-cure"}))
    assert sorted(told(checked)) == [("NOT_PERMITTED", "organisation", [2]), ("UNKNOWN_STREAM", "stream", [2])]


# ── Names ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "warned"),
    [
        ("NHS Mereshire Integrated Care Board", False),
        ("Mereshire CCG", False),  # two bodies bear it, and it is one of them
        ("NHS Dunholt ICB", True),
        ("A body nobody knows", False),
        ("", False),
    ],
)
def test_a_name_that_is_another_bodys_is_warned_of(make, name, warned):
    checked = make().check(piece({"name": name}))
    assert [(one.code, one.severity, one.rows.tolist()) for one in checked.findings] == (
        [("W_NAME", "warning", [2])] if warned else []
    )
    for found in checked.findings:
        assert found.message == "The name and the code are of different organisations"
        assert found.fix == "The code is that of NHS Mereshire ICB. Check which one is right."
    assert checked.staged == 1


def test_each_pair_of_body_and_name_is_judged_at_its_own_rows(make):
    checked = make().check(
        piece(
            {"name": "NHS Dunholt ICB"},
            {"name": "NHS Dunholt ICB", "organisation": "5E1"},
            {"name": "NHS Mereshire ICB", "organisation": "5E1", "financial_year": "2023-24"},
            {"name": "NHS Dunholt ICB", "organisation": "QZZ"},
            {"name": "NHS Dunholt ICB", "basis": "budget"},
        )
    )
    assert sorted((one.code, one.rows.tolist(), one.fix) for one in checked.findings if one.code == "W_NAME") == [
        ("W_NAME", [2, 6], "The code is that of NHS Mereshire ICB. Check which one is right."),
        ("W_NAME", [4], "The code is that of NHS Dunholt ICB. Check which one is right."),
    ]


# ── Totals ───────────────────────────────────────────────────────────────────────────────────────────────────────────

TOTAL = ("LOOKS_LIKE_TOTAL", "organisation")


@pytest.mark.parametrize("column", ["organisation", "stream", "financial_year"])
def test_a_row_that_is_called_a_total_is_refused_as_one_and_nothing_else_is_said_of_it(make, column):
    bad = {"amount": "x", "basis": "?", "recurrence": "?", "gross_or_net": "?", "note": "be\x1bll"}
    checked = make().check(piece({}, bad | {column: "Total"}))
    assert told(checked) == [(*TOTAL, [3])]
    row = USUAL | bad | {column: "Total"}
    shown = [row[name] for name in ("financial_year", "organisation", "stream", "amount")]
    assert checked.findings[0].values == [" · ".join(shown)]
    assert only(checked)[1:] == (
        "This row looks like a total",
        "Delete the row. Totals are not accepted, so that no money is counted twice.",
    )
    assert checked.staged == 1


@pytest.mark.parametrize(
    "cells",
    [
        {"stream": "Total", "organisation": "E06000001"},  # for whom one may not submit
        {"stream": "Total", "organisation": "99M"},  # which had closed
        {"stream": "Total", "name": "NHS Dunholt ICB"},  # whose name is another's
        {"organisation": "Total", "financial_year": "2012-13"},  # in which the stream did not exist
    ],
)
def test_of_a_total_nothing_is_said_that_depends_on_two_columns(make, cells):
    assert told(make().check(piece({"name": ""}, cells))) == [(*TOTAL, [3])]


def test_a_wrong_year_is_told_once(make):
    assert told(make().check(piece({"financial_year": "2015"}))) == [("AMBIGUOUS_FY", "financial_year", [2])]


def test_invisible_characters_around_a_year_are_no_part_of_it(make):
    checked = make().check(piece({"financial_year": "\u200b2024-25 "}))
    assert of(checked, "financial_year") == ["2024"]
    assert len(checked.notices) == 1


def test_a_total_shows_what_stands_in_its_row(make):
    checked = make().check(piece({"organisation": "Total ", "amount": "5", "stream": " "}))
    (found,) = checked.findings
    assert list(found.values) == ["2024-25 · Total · 5"]


def test_a_body_whose_code_is_a_word_of_totals_is_no_total(make):
    named = {"SUM": [holding(BOARD, "icb", 1900)]}
    assert told(make(codes=named).check(piece({"organisation": "SUM"}))) == []


def plain(amount: str, **cells: str) -> dict[str, str]:
    return {"amount": amount} | cells


NOBODY = {"organisation": ""}


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([plain("10.25"), plain("5"), plain("15.25", **NOBODY)], "LOOKS_LIKE_TOTAL"),
        ([plain("10.25"), plain("5"), plain("15.24", **NOBODY)], "REQUIRED"),
        ([plain("10"), plain("-10"), plain("0", **NOBODY)], "REQUIRED"),
        ([plain("-10"), plain("-5.50"), plain("-15.5", **NOBODY)], "LOOKS_LIKE_TOTAL"),
        ([plain("10"), plain("10", **NOBODY)], "REQUIRED"),  # one row above is no sum
        ([plain("10"), plain("5"), plain("15", organisation="  ")], "LOOKS_LIKE_TOTAL"),
    ],
)
def test_a_row_without_a_body_is_a_total_if_it_is_the_sum_of_those_above(make, rows, code):
    assert told(make().check(piece(*rows))) == [(code, "organisation", [len(rows) + 1])]


def test_the_sum_of_rows_with_bodies_only_is_a_total(make):
    rows = [plain("10"), plain("7", **NOBODY), plain("5"), plain("15", **NOBODY), plain("22", **NOBODY)]
    assert sorted(told(make().check(piece(*rows)))) == [(*TOTAL, [5]), ("REQUIRED", "organisation", [3, 6])]


def test_with_a_body_the_sum_of_the_rows_above_is_a_figure_like_any_other(make):
    assert told(make().check(piece(plain("10"), plain("5"), plain("15")))) == []


def test_the_sum_goes_on_from_piece_to_piece(make):
    checker = make()
    checker.check(piece(plain("10.10"), first=2))
    checker.check(piece(plain("5"), first=3))
    checked = checker.check(piece(plain("1"), plain("16.10", **NOBODY), first=4))
    assert told(checked) == [(*TOTAL, [5])]


def test_rows_above_are_counted_from_piece_to_piece(make):
    checker = make()
    checker.check(piece(plain("10")))
    assert told(checker.check(piece(plain("10", **NOBODY), first=3))) == [("REQUIRED", "organisation", [3])]
    checker = make()
    checker.check(piece(plain("10"), plain("5")))
    assert told(checker.check(piece(plain("15", **NOBODY), first=4))) == [(*TOTAL, [4])]


SUMMED = [plain("10"), plain("5"), plain("15", **NOBODY), plain("abc"), plain("1"), plain("16", **NOBODY), plain("-1")]


@pytest.mark.parametrize("size", range(1, len(SUMMED) + 1))
def test_what_is_a_total_does_not_depend_on_where_the_file_is_cut_into_pieces(make, size):
    checker, found = make(), []
    for start in range(0, len(SUMMED), size):
        found += told(checker.check(piece(*SUMMED[start : start + size], first=start + 2)))
    assert sorted((row, code) for code, _, rows in found for row in rows) == [
        (4, "LOOKS_LIKE_TOTAL"),
        (5, "NOT_A_NUMBER"),
        (7, "LOOKS_LIKE_TOTAL"),
    ]


def test_sums_may_be_larger_than_a_computers_own_numbers(make):
    checker, most = make(), "999999999999.99"
    checker.running = 10**30
    assert told(checker.check(piece(plain(most), plain("1", **NOBODY)))) == [("REQUIRED", "organisation", [3])]
    assert checker.running == 10**30 + 99_999_999_999_999


def test_a_layout_with_a_unit_has_its_own_rules_for_totals(make):
    rows = [plain("10"), plain("5"), plain("15", **NOBODY)]
    assert told(make().check(piece(*rows, unit=Decimal(1000)))) == [("REQUIRED", "organisation", [4])]


MARKS = frozenset({"...", ""})

# ── Amounts and notes ────────────────────────────────────────────────────────────────────────────────────────────────


def test_amounts_are_worth_their_unit(make):
    checked = make().check(piece(plain("1.5"), plain("0.000005", organisation="QNEW"), unit=Decimal(1000)))
    assert of(checked, "amount", "published_text") == [("1500.00", "1.5"), ("0.00", "0.000005")]
    assert checked.notices == {}


def test_what_was_tidied_in_amounts_of_a_layout_is_no_news(make):
    checked = make().check(piece(plain("1,000.5"), unit=Decimal(1000)))
    assert (of(checked, "amount"), checked.notices) == (["1000500.00"], {})


def test_only_what_was_not_reported_is_marked_as_blank_in_a_compiled_file(make):
    stated = {"source_sheet": "", "source_row": "4", "source_cell": "K4", "published_text": ""}
    rows = [stated | plain(""), stated | plain("5", organisation="QNEW")]
    checked = make().check(piece(*rows, has_lineage=True, missing=MARKS))
    assert of(checked, "amount", "published_text") == [("\\N", "(blank)"), ("5", "")]


def test_what_was_tidied_in_amounts_is_noticed(make):
    checked = make().check(piece(plain("£5"), plain("1,000", organisation="QNEW"), plain("7", organisation="5E1")))
    assert sum(checked.notices.values()) == 2
    assert all(text.startswith("Amounts: ") for text in checked.notices)


def test_the_same_mistake_in_several_amounts_is_told_once_with_its_rows(make):
    checked = make().check(piece(plain("abc"), plain("1"), plain("def"), plain("1,23")))
    assert told(checked) == [("NOT_A_NUMBER", "amount", [2, 4]), ("AMBIGUOUS_NUMBER", "amount", [5])]
    assert checked.findings[0].fix


@pytest.mark.parametrize(("text", "kept"), [("...", "..."), (" ... ", " ... "), ("", "(blank)"), ("  ", "(blank)")])
def test_a_mark_of_the_publisher_is_not_reported_and_never_nothing(make, text, kept):
    checked = make().check(piece(plain(text), plain("5", organisation="QNEW"), missing=MARKS))
    assert of(checked, "amount", "published_text") == [("\\N", kept), ("5", "5")]


def test_a_mark_is_a_mistake_where_the_layout_has_none(make):
    assert told(make().check(piece(plain("...")))) == [("REQUIRED", "amount", [2])]


@pytest.mark.parametrize(
    ("note", "kept"),
    [("so", "so"), ("'=1", "=1"), ("it's", "it's"), (" so ", "so"), ("cafe\u0301", "café"), ("", "")],
)
def test_notes_are_kept_as_they_were_meant(make, note, kept):
    checked = make().check(piece({"note": "plain"}, {"note": note, "organisation": "QNEW"}))
    assert of(checked, "note") == ["plain", kept]
    tidied = "Spaces, line breaks and accents in text were tidied"
    assert checked.notices == ({tidied: 1} if note in (" so ", "cafe\u0301") else {})


def test_a_note_that_nobody_could_read_is_told_at_its_row(make):
    checked = make().check(piece({"note": "safe \u202etxt"}, {"organisation": "QNEW"}))
    assert told(checked) == [("BIDI_CONTROL", "note", [2])]


# ── One row, several mistakes ────────────────────────────────────────────────────────────────────────────────────────


def test_each_column_is_told_in_the_order_of_the_file(make):
    bad = dict.fromkeys(
        ("financial_year", "organisation", "stream", "basis", "recurrence", "gross_or_net", "amount"), "?"
    )
    found = [(column, rows) for _, column, rows in told(make().check(piece({}, bad)))]
    assert found == [(column, [3]) for column in bad]


def test_what_is_judged_once_is_judged_again_in_the_next_piece(make):
    checker = make()
    for first in (2, 3):
        assert told(checker.check(piece({"organisation": "QZZ"}, first=first))) == [
            ("UNKNOWN_ORG", "organisation", [first])
        ]


def test_today_is_a_day_of_london(make):
    make()
    with time_machine.travel("2024-03-31T23:30:00Z"):  # in London the next day, and the next financial year
        checker = AllocationChecker(Upload(pk=77, organisation=Organisation(pk=PUBLISHER)), ANONYMOUS)
    assert checker.today == day("2024-04-01")
