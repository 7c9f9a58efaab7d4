"""Text files whose figures could be read otherwise than their sender sees them, through the whole upload."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from budgets.models import StagedAllocation
from pooledcare.directory.models import AuditEvent
from pooledcare.kernel.problems import Refused
from pooledcare.uploads import actions, exports
from pooledcare.uploads.models import Upload, UploadProblem
from tests import factories
from tests.uploads.sending import HEADINGS, Desk, told, worked

pytestmark = pytest.mark.django_db
WAITS, REFUSED = "awaiting_second_person", "refused"
AMOUNT = HEADINGS.split(",").index("amount")


@pytest.fixture
def desk() -> Desk:
    factories.stream(code="nhs-core", holder_kinds=["icb"])
    factories.stream(code="running-costs", holder_kinds=["icb"])
    return Desk(factories.organisation(name="NHS Somerset ICB", code="QSL", opened=dt.date(2013, 4, 1)))


@pytest.fixture
def case(shared_data: Path):
    def read(name: str) -> bytes:
        path = shared_data / "cases" / name
        if not path.is_file():
            pytest.skip(f"{name} is not beside this checkout")
        return path.read_bytes()

    return read


def amounts(upload: Upload) -> list[Decimal]:
    return list(StagedAllocation.objects.filter(upload_id=upload.pk).order_by("line").values_list("amount", flat=True))


def notes(upload: Upload) -> list[str]:
    return list(StagedAllocation.objects.filter(upload_id=upload.pk).order_by("line").values_list("note", flat=True))


def problem(upload: Upload) -> UploadProblem:
    return UploadProblem.objects.get(upload=upload)


def of(*texts: str, mark: str = ";") -> str:
    """A file with these amounts, one a year, separated by `mark`."""
    lines = [
        mark.join([f"{2018 + n}-{19 + n}", "QSL", "nhs-core", "allocation", text, "recurrent", ""])
        for n, text in enumerate(texts)
    ]
    return "\n".join([HEADINGS.replace(",", mark), *lines]) + "\n"


# ── Points and commas ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_point_before_three_digits_between_semicolons_is_asked_about(desk, case):
    upload = desk.send(case("c05c_german_thousand_point.csv"))
    assert (upload.state, told(upload)) == (REFUSED, [("AMBIGUOUS_NUMBER", 2, "E"), ("AMBIGUOUS_NUMBER", 3, "E")])
    (message,) = {one.message for one in UploadProblem.objects.filter(upload=upload)}
    assert message.endswith("1.500 in E2 could be 1,500 or 1.50")


def test_rounding_is_not_advised_where_the_point_may_stand_between_thousands(desk, case):
    upload = desk.send(case("c05b_continental_dot.csv"))
    assert (upload.state, told(upload)) == (REFUSED, [("AMBIGUOUS_NUMBER", 2, "E")])
    assert "1,234 or 1.234" in problem(upload).message
    assert "Round" not in problem(upload).fix


DECIMAL_COMMA = [
    (";", ["1.500", "1.234,56"], ["1500", "1234.56"]),
    (";", ["1.500", "2.500.000"], ["1500", "2500000"]),
    (";", ["-1.500", "0,75"], ["-1500", "0.75"]),
    (";", ["£1.500", "1 234,50", "(1 000)"], ["1500", "1234.50", "-1000"]),
    ("\t", ["1.500", "1.234,56"], ["1500", "1234.56"]),
    (",", ["1.500", '"1.234,56"'], ["1500", "1234.56"]),
    (",", ['"1.500.000"', '"12,5"'], ["1500000", "12.50"]),
]
DECIMAL_POINT = [
    (";", ["1.500", "12.5"], ["1.50", "12.50"]),
    (";", ["1.500", "1,234.50"], ["1.50", "1234.50"]),
    (";", ["1,500", "1234.56"], ["1500", "1234.56"]),
    (";", ["1500", "0"], ["1500", "0"]),
    ("\t", ["1,500"], ["1500"]),
    ("|", ["1.500", "0.75"], ["1.50", "0.75"]),
    (",", ["1.500"], ["1.50"]),
]


@pytest.mark.parametrize(
    ("mark", "texts", "read", "has_comma"),
    [*((*one, True) for one in DECIMAL_COMMA), *((*one, False) for one in DECIMAL_POINT)],
)
def test_another_amount_of_the_file_shows_what_a_point_means(desk, mark, texts, read, has_comma):
    upload = desk.send(of(*texts, mark=mark))
    # Amounts of following years may be a thousand times as large as each other here.
    assert (upload.state, [one for one in told(upload) if one[0] != "W_SCALE"]) == (WAITS, [])
    assert amounts(upload) == [Decimal(text) for text in read]
    assert any("decimal comma, as the file shows" in notice for notice in upload.notices) is has_comma


@pytest.mark.parametrize(
    ("mark", "texts", "rows"),
    [
        (";", ["1,500"], [2]),
        (";", ["1.500", "1.500"], [2, 3]),
        ("\t", ["1.500"], [2]),
        ("|", ["1.500"], [2]),
        (";", ["500.50", "1.234,56", "1.500"], [3, 4]),  # both styles
        (",", ["500.50", '"1.234,56"'], [3]),
        (",", ['"1,23"'], [2]),
        (";", ["1.234,56", "1,500", "1234.500", "0.500"], [3, 4, 5]),
        ("\t", ["12,5"], [2]),
    ],
)
def test_what_the_file_does_not_show_is_refused(desk, mark, texts, rows):
    upload = desk.send(of(*texts, mark=mark))
    assert (upload.state, told(upload)) == (REFUSED, [("AMBIGUOUS_NUMBER", row, "E") for row in rows])


def test_of_a_file_with_both_styles_both_cells_are_named(desk):
    upload = desk.send(of("500.50", "1.234,56"))
    assert "(500.50 in E2)" in problem(upload).message
    assert "(1.234,56 in E3)" in problem(upload).message


@pytest.mark.parametrize(
    ("mark", "text", "others", "fix"),
    [
        (",", '"1,234.5k"', [], "Write it in pounds with digits only: 1234500 if 1,234.5k is right."),
        (",", '"12,5k"', [], "Write it in pounds with digits only."),
        (";", "12,5k", [], "Write it in pounds with digits only."),
        (";", "1.234k", ["1.234,50"], "Write it in pounds with digits only."),
        (";", "1.234k", [], "Write it in pounds with digits only."),
        (";", "-12k", ["1.234,50"], "Write it in pounds with digits only: -12000 if -12k is right."),
        (";", "1.5m", ["1234.50"], "Write it in pounds with digits only: 1500000 if 1.5m is right."),
        ("\t", "1,50 million", [], "Write it in pounds with digits only."),
    ],
)
def test_advice_about_an_amount_with_a_unit_never_names_another_amount(desk, mark, text, others, fix):
    upload = desk.send(of(text, *others, mark=mark))
    assert [(one.code, one.fix) for one in UploadProblem.objects.filter(upload=upload)] == [("UNIT", fix)]


# ── Amounts cut by a comma ───────────────────────────────────────────────────────────────────────────────────────────


def test_an_amount_cut_by_its_comma_is_refused_with_the_cause(desk, case):
    upload = desk.send(case("c01_unquoted_thousands_then_note.csv"))
    assert (upload.state, told(upload)) == (REFUSED, [("CUT_AMOUNT", 2, "E")])
    assert problem(upload).message == (
        "The amount 1 and the note “234” look like one number 1,234 that needs quotation marks"
    )
    assert "1234" in problem(upload).fix
    assert "1.00" in problem(upload).fix


START = "2026-27,QSL,nhs-core,allocation"
SHORT = "financial_year,organisation,stream,basis,amount,note"


@pytest.mark.parametrize(
    ("headings", "row", "code", "said"),
    [
        (SHORT, f"{START},1,234.50", "CUT_AMOUNT", "one number 1,234.50"),
        (SHORT, f"{START},-£1,234", "CUT_AMOUNT", "one number -£1,234"),
        (SHORT, f"{START},(1,234)", "CUT_AMOUNT", "one number (1,234)"),
        (SHORT, f"{START},GBP 1,234", "CUT_AMOUNT", "one number GBP 1,234"),
        (SHORT, f"{START}, 1, 234 ", "CUT_AMOUNT", "The amount 1 and the note “234” look like one number 1,234 that"),
        (SHORT, f"{START}, -£ 123,456\u00a0", "CUT_AMOUNT", "one number -£ 123,456"),
        (SHORT, f"{START},1\u200b,\u200b234", "CUT_AMOUNT", "one number 1,234"),
        (SHORT, f"{START},1,234-", "CUT_AMOUNT", "one number 1,234-"),
        (SHORT, f"{START},1,234 CR", "CUT_AMOUNT", "one number 1,234 CR"),
        (SHORT, f"{START},1,234 GBP", "CUT_AMOUNT", "one number 1,234 GBP"),
        (SHORT, f"{START},£1,234m", "CUT_AMOUNT", "one number £1,234m"),
        (SHORT, f"{START},1,234 (net)", "CUT_AMOUNT", "one number 1,234 (net)"),
        (SHORT, f"{START},1,234 gross", "CUT_AMOUNT", "one number 1,234 gross"),
        (SHORT, f"{START},1,234k p.a.", "CUT_AMOUNT", "one number 1,234k p.a."),
        (SHORT, f"{START},1,5m", "CUT_AMOUNT", "note “5m” look like one number 1,5m with a decimal comma"),
        (SHORT, f"{START},£12,25 million", "CUT_AMOUNT", "one number £12,25 million with a decimal comma"),
        (SHORT, f"{START},1234,56", "CUT_AMOUNT", "one number 1234,56 with its pence after a comma"),
        (SHORT, f"{START},-£12,50 ", "CUT_AMOUNT", "one number -£12,50 with its pence after a comma"),
        (HEADINGS, f"{START},1,234,567", "CUT_AMOUNT", "The amount 1 and the recurrence “234” and the note “567” look"),
        (SHORT, f"{START},1,234,567", "EXTRA_COLUMN", "one number 1,234,567"),
        (SHORT, f"{START},1,234,as agreed", "EXTRA_COLUMN", "one number 1,234"),
        (HEADINGS, f"{START},1,234", "MISSING_COLUMN", "one number 1,234"),
        (
            "amount,financial_year,organisation,stream,basis",
            "1,234,2026-27,QSL,nhs-core,allocation",
            "EXTRA_COLUMN",
            "one number 1,234",
        ),
    ],
)
def test_more_amounts_cut_by_their_commas(desk, headings, row, code, said):
    upload = desk.send(f"{headings}\n{row}\n")
    assert (upload.state, [one for one, *_ in told(upload)]) == (REFUSED, [code])
    assert said in problem(upload).message


def test_advice_about_an_amount_with_a_unit_and_a_decimal_comma_names_no_number(desk):
    upload = desk.send(f"{SHORT}\n{START},1,5m\n")
    assert problem(upload).fix == (
        "If they are one number, write it in pounds with digits only. If they are separate cells, write the amount "
        "with its pence, as 1.00."
    )


def test_advice_about_pence_cut_off_by_a_comma_never_makes_the_amount_a_hundred_times_larger(desk):
    upload = desk.send(f"{SHORT}\n{START},1234,56\n")
    assert problem(upload).fix == (
        "If they are one number, write it as 1234.56. If they are separate cells, write the amount with its pence, as "
        "1234.00."
    )


@pytest.mark.parametrize(
    ("row", "note"),
    [
        (f"{START},1,2", "2"),
        (f"{START},1,2345", "2345"),
        (f"{START},1,234 beds", "234 beds"),
        (f"{START},1,5 months", "5 months"),
        (f"{START},1,2345m", "2345m"),
        (f"{START},1.00,234", "234"),
        (f"{START},1234.00,56", "56"),
        (f'{START},1234,"56"', "56"),
        (f"{START},1234,5", "5"),
        (f"{START},1000,234", "234"),
        (f"{START},0,234", "234"),
        (f'{START},1,"234"', "234"),
        (f'{START},"1",234', "234"),
        (f'{START},"1,234",x', "x"),
        (f"{START},1,", ""),
    ],
)
def test_a_note_that_no_comma_made_is_read(desk, row, note):
    upload = desk.send(f'{SHORT}\n"2025-26",QSL,nhs-core,allocation,5,"a\nb"\n{row}\n')
    assert (upload.state, told(upload), notes(upload)[1]) == (WAITS, [], note)


def test_between_semicolons_no_comma_cuts(desk):
    upload = desk.send(f"{SHORT}\n{START},1,234\n".replace(",", ";"))
    assert (upload.state, amounts(upload), notes(upload)) == (WAITS, [Decimal(1)], ["234"])


# ── The file given back with its problems, and sent again ────────────────────────────────────────────────────────────


def sent_again(desk: Desk, upload: Upload) -> Upload:
    name, _, content = exports.marked_file(upload)
    return desk.send(b"".join(content), name=name)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (of("1.500"), ["AMBIGUOUS_NUMBER"]),
        (of("1,500", mark=";"), ["AMBIGUOUS_NUMBER"]),
        (of("1.500", mark="\t"), ["AMBIGUOUS_NUMBER"]),
        (of("1.500", "12,5", "x"), ["REQUIRED"]),
        (f"sep=;\n{of('1.500')}", ["AMBIGUOUS_NUMBER"]),
        (of("-5", '"-1,234.50"', "x", mark=","), ["REQUIRED"]),
        (f"{SHORT}\n{START},1,234\n", ["CUT_AMOUNT"]),
        (f"{SHORT}\n{START},1,234,567\n", ["EXTRA_COLUMN"]),
        (f"{SHORT}\n{START},1,234,as agreed\n", ["EXTRA_COLUMN"]),
        (f'{SHORT}\n{START},1,"234"\n{START},x,\n', ["REQUIRED"]),
        (f"{SHORT}\n{START},5,a note, with a comma\n", ["EXTRA_COLUMN"]),
    ],
)
def test_a_file_given_back_and_sent_again_is_refused_for_what_it_was_refused_before(desk, text, found):
    upload = desk.send(text)
    assert (upload.state, [code for code, *_ in told(upload)]) == (REFUSED, found)
    again = sent_again(desk, upload)
    codes = [code for code, *_ in told(again) if code != "NO_HEADING"]
    assert again.state == REFUSED
    assert codes in (found, ["CUT_AMOUNT"] if found == ["EXTRA_COLUMN"] else found, [])


def test_cells_that_have_no_heading_are_never_left_out_in_silence(desk):
    upload = desk.send(f"{HEADINGS.replace('recurrence', '')}\n{START},5,,x\n2025-26{START[7:]},6,k,\n")
    assert (upload.state, told(upload)) == (REFUSED, [("NO_HEADING", 3, "F")])
    assert problem(upload).message == "Column F has no heading, so its cells would be left out"
    upload = desk.send(f"{HEADINGS.replace('recurrence', ' ')}\n{START},5, ,x\n")
    assert (upload.state, told(upload), notes(upload)) == (WAITS, [], ["x"])


# ── What cannot be seen ──────────────────────────────────────────────────────────────────────────────────────────────

GOOD = f"{HEADINGS}\n2026-27,QSL,nhs-core,allocation,100,recurrent,x\n"


@pytest.mark.parametrize("name", ["c02_zero_width_in_stream.csv", "c02c_zero_width_in_heading.csv"])
def test_what_cannot_be_seen_is_read_as_if_it_were_not_there(desk, case, name):
    upload = desk.send(case(name))
    assert (upload.state, told(upload), amounts(upload)) == (WAITS, [], [Decimal(100)])
    assert any("nvisible characters were" in notice for notice in upload.notices)


UNSEEN = ["\u200b", "\u200d", "\ufeff", "\u00ad", "\u2060", "\u200e", "\u200f", "\u2066", "\u202a", "\u034f", "\ufe0f"]


@pytest.mark.parametrize("unseen", UNSEEN)
@pytest.mark.parametrize("word", ["basis", "2026-27", "QSL", "nhs-core", "allocation", "recurrent"])
def test_a_word_with_something_unseen_in_it_is_that_word(desk, unseen, word):
    middle = len(word) // 2
    upload = desk.send(GOOD.replace(word, f"{word[:middle]}{unseen}{word[middle:]}"))
    assert (upload.state, told(upload), amounts(upload)) == (WAITS, [], [Decimal(100)])
    assert any("nvisible" in notice or "Byte order marks" in notice for notice in upload.notices)


@pytest.mark.parametrize("word", ["nhs core", "nhs\u00a0core", "Q\u00a0SL", "1\u00a0000", "1\u200b000"])
def test_a_space_that_does_not_break_is_a_space_or_nothing(desk, word):
    old = {"n": "nhs-core", "Q": "QSL", "1": "100"}[word[0]]
    upload = desk.send(GOOD.replace(f",{old},", f",{word},"))
    assert (upload.state, told(upload)) == (WAITS, [])


@pytest.mark.parametrize("word", ["2026-27", "QSL", "nhs-core", "allocation", "recurrent", "x"])
def test_text_that_is_turned_round_is_refused_by_that_name(desk, word):
    upload = desk.send(GOOD.replace(word, f"\u202e{word}", 1))
    assert (upload.state, problem(upload).code) == (REFUSED, "BIDI_CONTROL")
    assert "direction of writing" in problem(upload).message


def test_what_belongs_to_a_character_of_a_note_stays(desk):
    text = "👩‍👩‍👧 नेपाल्‍स 1\ufe0f\u20e3"
    assert notes(desk.send(GOOD.replace(",x\n", f",{text}\n"))) == [text]
    assert notes(desk.send(GOOD.replace(",x\n", ",win\u200bter\n"))) == ["winter"]


def test_a_heading_below_a_mark_is_found_and_a_quoted_cell_too(desk):
    upload = desk.send(f'\ufeff\ufeff"financial_year"{GOOD[14:]}'.replace("2026-27", '\ufeff"2026-27"'))
    assert (upload.state, told(upload), amounts(upload)) == (WAITS, [], [Decimal(100)])


def test_what_is_unseen_before_a_quotation_mark_is_named(desk):
    upload = desk.send(GOOD.replace("nhs-core", '\u200b"nhs-core"'))
    assert (upload.state, told(upload)) == (REFUSED, [("BAD_QUOTE", 2, "")])
    assert "invisible character (U+200B)" in problem(upload).message


# ── Headings again, and none ─────────────────────────────────────────────────────────────────────────────────────────

ROWS = [f"{year}-{year % 100 + 1},QSL,nhs-core,allocation,{year},recurrent,y" for year in range(2014, 2026)]


def test_headings_again_are_one_problem(desk, case):
    upload = desk.send(case("c20_repeated_heading.csv"))
    assert (upload.state, told(upload)) == (REFUSED, [("HEADINGS_AGAIN", 3, "")])
    assert (problem(upload).message, upload.rows_read) == ("The headings are there again in row 3", 3)


@pytest.mark.parametrize("size", [1, 2, 100])
@pytest.mark.parametrize(
    "again",
    [HEADINGS, HEADINGS.upper(), f"\ufeff{HEADINGS}", HEADINGS.replace("_", " "), HEADINGS.replace("am", "a\u200bm")],
)
def test_all_repeated_headings_are_named_at_once(desk, settings, again, size):
    settings.UPLOAD_CHUNK_ROWS = size
    upload = desk.send("\n".join([HEADINGS, *ROWS[:2], again, ROWS[2], again, again, ROWS[3]]))
    assert (upload.state, told(upload)) == (REFUSED, [("HEADINGS_AGAIN", 4, "")])
    assert problem(upload).message == "The headings are there again in rows 4, 6 and 7"


@pytest.mark.parametrize("size", [1, 100])
def test_below_headings_in_another_order_nothing_is_judged(desk, settings, size):
    settings.UPLOAD_CHUNK_ROWS = size
    backwards = [",".join(reversed(row.split(","))) for row in [HEADINGS, *ROWS[4:]]]
    upload = desk.send("\n".join([HEADINGS, *ROWS[:3], HEADINGS, *backwards]))
    assert (upload.state, told(upload)) == (REFUSED, [("HEADINGS_AGAIN", 5, ""), ("HEADINGS_AGAIN", 6, "")])
    last = UploadProblem.objects.filter(upload=upload).order_by("row").last()
    assert last.message == "The headings are there again in row 6, in another order"


def test_a_note_with_the_words_of_a_heading_is_a_note(desk):
    upload = desk.send("\n".join([HEADINGS, ROWS[0].replace(",y", ",note"), ROWS[1].replace(",y", ",amount")]))
    assert (upload.state, notes(upload)) == (WAITS, ["note", "amount"])


def test_a_file_without_headings_is_one_problem(desk, case):
    upload = desk.send(case("c26_no_heading.csv"))
    assert (upload.state, told(upload)) == (REFUSED, [("HEADER_NOT_FOUND", 1, "")])
    assert problem(upload).message == "There is no row of headings: row 1 already holds data"
    assert "financial_year, organisation, stream, basis, amount" in problem(upload).fix


@pytest.mark.parametrize(
    ("content", "codes"),
    [
        (ROWS[0], {"HEADER_NOT_FOUND"}),
        (ROWS[0].replace(",", ";"), {"HEADER_NOT_FOUND"}),
        ("\n".join(ROWS), {"HEADER_NOT_FOUND"}),
        ('2026-27,QSL,nhs-core,allocation,"1,234.50",,', {"HEADER_NOT_FOUND"}),
        ("organisation,stream,basis,2026-27\nQSL,nhs-core,allocation,1", {"MISSING_HEADER", "UNKNOWN_HEADER"}),
    ],
)
def test_a_row_is_taken_for_data_only_if_it_looks_so(desk, content, codes):
    upload = desk.send(content + "\n")
    assert (upload.state, {code for code, *_ in told(upload)}) == (REFUSED, codes)
    assert upload.problem_count == 1 or codes != {"HEADER_NOT_FOUND"}


@pytest.mark.parametrize(
    "content",
    [
        "E06000028,2026-27,education,budget,(5)",
        "Body,2025-26,2026-27\nQSL,1,2",  # headings, though not ours
        "Body,2025,2026\nQSL,1,2",
        "Year,Body,Line 1\n2026-27,QSL,1",
    ],
)
def test_a_file_with_other_headings_or_other_words_waits_for_its_layout(desk, content):
    upload = desk.send(content + "\n")
    assert (upload.state, upload.problem_count) == ("needs_layout", 0)


# ── Old encodings ────────────────────────────────────────────────────────────────────────────────────────────────────


def saved_as(encoding: str, note: str) -> bytes:
    return GOOD.replace(",x\n", f",{note}\n").encode(encoding)


def test_text_in_an_old_encoding_is_shown_and_somebody_chooses(desk, case):
    upload = desk.send(case("p02_msdos_cp850.csv"))
    assert (upload.state, upload.encoding, upload.encoding_chosen_actor) == (WAITS, "windows-1252", "")
    assert upload.encoding_choice["possible"] == ["ibm850", "macintosh", "windows-1252"]
    with pytest.raises(Refused) as refused:
        desk.accept(upload)
    assert [one.code for one in refused.value.problems] == ["ENCODING_NOT_CHOSEN"]
    upload = worked(actions.choose_encoding(upload=upload, encoding="ibm850", by=desk.officer))
    assert (upload.state, upload.encoding, upload.encoding_chosen_by) == (WAITS, "ibm850", desk.officer.person)
    assert notes(upload) == ["plus £5m of winter money"]
    assert desk.accept(upload).state == "accepted"
    sentences = AuditEvent.objects.filter(action="upload.encoding_chosen").values_list("sentence", flat=True)
    assert list(sentences) == [f"{upload.reference} (allocations), to be read as MS-DOS (850)."]


@pytest.mark.parametrize(
    ("encoding", "note", "is_doubtful"),
    [
        ("macintosh", "the board’s £5m", True),
        ("ibm437", "£5m for cafés", True),
        ("ibm850", "½ of £5m", True),
        ("ibm850", "für £5", True),  # 0x81 is no character of Windows-1252
        ("windows-1252", "£5m – agreed", False),
    ],
)
def test_whatever_it_was_saved_as_can_be_chosen(desk, encoding, note, is_doubtful):
    upload = desk.send(saved_as(encoding, note))
    assert (upload.state, upload.encoding_choice["is_doubtful"]) == (WAITS, is_doubtful)
    possible = upload.encoding_choice["possible"]
    right = next(one for one in possible if note == saved_as(encoding, note).decode(one).split(",")[-1].strip())
    upload = worked(actions.choose_encoding(upload=upload, encoding=right, by=desk.officer))
    assert (upload.state, notes(upload), upload.encoding) == (WAITS, [note], right)


@pytest.mark.parametrize("content", [GOOD.encode(), saved_as("utf-8", "£5"), saved_as("utf-16", "£5")])
def test_of_text_that_says_what_it_is_nothing_is_asked(desk, content):
    upload = desk.send(content)
    assert (upload.state, upload.encoding_choice, upload.encoding[:4]) == (WAITS, {}, "utf-")


def test_a_file_that_was_refused_for_its_pound_signs_can_be_read_again(desk):
    upload = desk.send(GOOD.replace(",100,", ",£100,").encode("ibm850"))
    assert (upload.state, told(upload)) == (REFUSED, [("CURRENCY", 2, "E")])
    upload = worked(actions.choose_encoding(upload=upload, encoding="ibm850", by=desk.officer))
    assert (upload.state, told(upload), amounts(upload)) == (WAITS, [], [Decimal(100)])


def test_not_everybody_and_not_every_encoding_and_not_at_any_time(desk):
    upload = desk.send(saved_as("ibm850", "£5"))
    with pytest.raises(Refused) as refused:
        actions.choose_encoding(upload=upload, encoding="ibm850", by=desk.approver)
    assert refused.value.code == "NOT_ALLOWED"
    with pytest.raises(Refused) as refused:
        actions.choose_encoding(upload=upload, encoding="", by=desk.officer)
    assert refused.value.code == "REQUIRED"
    for encoding in ("utf-8", "ibm437", "rot13"):
        with pytest.raises(Refused) as refused:
            actions.choose_encoding(upload=upload, encoding=encoding, by=desk.officer)
        assert refused.value.code == "UNKNOWN_ENCODING"
    plain = desk.send(GOOD)
    with pytest.raises(Refused) as refused:
        actions.choose_encoding(upload=plain, encoding="ibm850", by=desk.officer)
    assert refused.value.code == "NO_CHOICE"
    chosen = worked(actions.choose_encoding(upload=upload, encoding="windows-1252", by=desk.officer))
    accepted = desk.accept(chosen)
    with pytest.raises(Refused) as refused:
        actions.choose_encoding(upload=accepted, encoding="ibm850", by=desk.officer)
    assert refused.value.code == "WRONG_STATE"


def test_a_refused_file_is_not_a_road_around_the_number_of_open_uploads(desk, settings):
    refused_file = desk.send(GOOD.replace(",100,", ",£100,").encode("ibm850"))
    settings.UPLOAD_MAX_OPEN = 1
    desk.send(GOOD)
    with pytest.raises(Refused) as refused:
        actions.choose_encoding(upload=refused_file, encoding="ibm850", by=desk.officer)
    assert refused.value.code == "TOO_MANY_OPEN"


def test_a_stated_encoding_is_used_and_never_against_the_file(desk):
    upload = desk.send(saved_as("ibm850", "£5"), channel="api", encoding="ibm850")
    assert (upload.state, notes(upload), upload.encoding_chosen_actor) == (WAITS, ["£5"], desk.officer.reference)
    upload = desk.send(saved_as("utf-8", "£5"), channel="api", encoding="windows-1252")
    assert (upload.state, problem(upload).message) == (
        REFUSED,
        "The file is UTF-8, but Windows-1252 was stated as its encoding",
    )
    upload = desk.send(saved_as("utf-16", "£5"), channel="api", encoding="windows-1252")
    assert (upload.state, problem(upload).code) == (REFUSED, "ENCODING")
    with pytest.raises(Refused) as refused:
        desk.send(GOOD, channel="api", encoding="utf-7")
    assert refused.value.code == "UNKNOWN_ENCODING"


def test_the_page_shows_the_texts_in_every_encoding_and_takes_the_choice(desk, client_of):
    upload = desk.send(saved_as("ibm850", "plus £5m"))
    page = client_of(desk.officer.person)
    shown = page.get(f"/uploads/{upload.reference}/").content.decode()
    assert "It was read as Windows-1252, which may be wrong" in shown
    assert "plus œ5m" in shown
    assert "plus £5m" in shown
    assert (
        "Read the file again"
        not in client_of(desk.approver.person).get(f"/uploads/{upload.reference}/").content.decode()
    )
    address = f"/uploads/{upload.reference}/encoding/"
    nothing = page.post(address)
    assert (nothing.status_code, "Select how the text should be read" in nothing.content.decode()) == (422, True)
    assert page.post(address, {"encoding": "ibm850"}).status_code == 302
    worked(upload)
    shown = page.get(f"/uploads/{upload.reference}/").content.decode()
    assert f"MS-DOS (850), chosen by {desk.officer.person.name}" in shown
    assert "which may be wrong" not in shown
    assert (
        "œ"
        not in page.get(f"/uploads/{upload.reference}/")
        .content.decode()
        .split("Check these texts")[1]
        .split("</ul>")[0]
    )


def test_the_file_with_its_problems_is_in_the_chosen_encoding(desk):
    content = saved_as("ibm850", "£5").replace(b"QSL", b"QZZ")
    upload = worked(actions.choose_encoding(upload=desk.send(content), encoding="ibm850", by=desk.officer))
    assert upload.state == REFUSED
    *_, marked = exports.marked_file(upload)
    assert "£5" in b"".join(marked).decode("utf-8-sig")


def test_a_file_whose_characters_are_in_doubt_is_not_given_back_before_somebody_chooses(desk, client_of):
    """Otherwise it would come back as UTF-8, with the wrong characters in it for good."""
    upload = desk.send(f"{SHORT}\n{START},x,cost £5\n".encode("ibm850"))
    assert upload.state == REFUSED
    page, address = client_of(desk.officer.person), f"/uploads/{upload.reference}/"
    link = "your file with a column that says what to correct"
    assert link not in page.get(address).content.decode()
    assert page.get(f"{address}marked").status_code == 404
    worked(actions.choose_encoding(upload=upload, encoding="ibm850", by=desk.officer))
    assert link in page.get(address).content.decode()
    assert "cost £5" in page.get(f"{address}marked").getvalue().decode()
