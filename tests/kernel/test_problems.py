"""Problems: where they are, how they are grouped, and that a refusal keeps its reasons."""

import copy

import pytest

from pooledcare.kernel.problems import Group, Problem, Refused, Where, grouped, shown


@pytest.mark.parametrize(
    ("where", "cell", "text"),
    [
        (Where(), None, ""),
        (Where(row=7, column="D"), "D7", "D7"),
        (Where(row=7), None, "row 7"),
        (Where(row=0), None, "row 0"),
        (Where(column="D"), None, "D"),
        (Where(field="amount"), None, "amount"),
        (Where(column_name="Amount"), None, "Amount"),
        (Where(column="D", field="amount"), None, "D"),
        (Where(row=7, column_name="Amount"), None, "row 7 (Amount)"),
        (Where(sheet="ICB core"), None, "ICB core"),
        (Where(sheet="ICB core", column_name="Amount"), None, "ICB core, Amount"),
        (Where(sheet="ICB core", row=7, column="D", column_name="Amount"), "D7", "ICB core, D7 (Amount)"),
    ],
)
def test_a_place_is_named_as_a_spreadsheet_names_it(where, cell, text):
    assert (where.cell, str(where)) == (cell, text)


def test_only_what_is_known_of_a_place_is_told():
    assert Where().as_dict() == {}
    assert Where(field="amount").as_dict() == {"field": "amount"}
    assert Where(row=0).as_dict() == {"row": 0}
    assert Where("ICB core", 7, "D", "Amount", "amount").as_dict() == {
        "sheet": "ICB core",
        "row": 7,
        "column": "D",
        "column_name": "Amount",
        "cell": "D7",
        "field": "amount",
    }


def test_a_problem_has_one_shape_for_json():
    problem = Problem("REQUIRED", "Enter an amount", Where(row=2), "x\u200b" + "y" * 100, "Enter it.")
    shape = problem.as_dict()
    assert shape["value"] == "x<U+200B>" + "y" * 78 + "…"
    assert {key: shape[key] for key in ("code", "message", "severity", "fix", "where")} == {
        "code": "REQUIRED",
        "message": "Enter an amount",
        "severity": "error",
        "fix": "Enter it.",
        "where": {"row": 2},
    }
    assert Problem("A", "b").as_dict() == {"code": "A", "message": "b", "severity": "error"}
    assert Problem("A", "b", value="", fix="", severity="warning").as_dict() == {
        "code": "A",
        "message": "b",
        "severity": "warning",
        "value": "",
        "fix": "",
    }
    assert Problem("A", "b", Where()).as_dict()["where"] == {}


def test_a_refusal_carries_every_reason_and_can_be_copied_to_another_process():
    refused = Refused([Problem("A", "first"), Problem("B", "second")])
    again = copy.copy(refused)
    assert [problem.code for problem in again.problems] == ["A", "B"]
    assert str(again) == "first; second"
    assert again.problems == refused.problems
    assert type(again) is Refused
    assert refused.code == "A"
    assert Refused.because("C", "third", where=Where(row=1), value="v", fix="mend").problems == [
        Problem("C", "third", Where(row=1), "v", "mend", "error")
    ]
    assert Refused.because("C", "third").code == "C"


def test_a_refusal_without_a_reason_is_a_mistake_of_ours():
    with pytest.raises(ValueError, match="at least one"):
        Refused([])


def test_ten_thousand_equal_problems_are_one_group_and_errors_come_first():
    many = [Problem("REQUIRED", "Enter an amount", Where(row=row, column="E"), "") for row in range(2, 10_002)]
    warning = Problem("W_SCALE", "Is it in thousands?", severity="warning")
    groups = grouped([warning, *many, Problem("FORMULA", "A formula", Where(row=3, column="E"))])
    assert [(group.code, group.count) for group in groups] == [("REQUIRED", 10_000), ("FORMULA", 1), ("W_SCALE", 1)]
    assert groups[0].summary(2) == "E2, E3 and 9,998 more"
    assert groups[0].places[-1] == Where(row=10_001, column="E")
    assert not warning.is_error


def test_problems_are_one_group_only_when_severity_code_sentence_and_remedy_are_the_same():
    same = Problem("A", "b", Where(row=2), "x", "mend")
    others = [
        Problem("B", "b", Where(row=2), "x", "mend"),
        Problem("A", "c", Where(row=2), "x", "mend"),
        Problem("A", "b", Where(row=2), "x", "do"),
        Problem("A", "b", Where(row=2), "x", "mend", "warning"),
    ]
    elsewhere = Problem("A", "b", Where(row=3), "y", "mend")
    nowhere = Problem("A", "b", None, None, "mend")
    groups = grouped([others[3], same, *others[:3], elsewhere, nowhere])
    assert groups[0] == Group("A", "b", "mend", "error", (Where(row=2), Where(row=3)), ("x", "y"), 3)
    assert groups[1:] == [
        Group(one.code, one.message, one.fix, one.severity, (Where(row=2),), ("x",), 1) for one in others
    ]
    assert grouped([]) == []


@pytest.mark.parametrize(
    ("count", "most", "summary"),
    [
        (0, 5, ""),
        (1, 5, "E2"),
        (2, 5, "E2 and E3"),
        (3, 5, "E2, E3 and E4"),
        (5, 5, "E2, E3, E4, E5 and E6"),
        (6, 5, "E2, E3, E4, E5, E6 and 1 more"),
        (3, 2, "E2, E3 and 1 more"),
        (1004, 3, "E2, E3, E4 and 1,001 more"),
    ],
)
def test_few_places_are_all_named_and_of_many_the_first(count, most, summary):
    places = [Problem("A", "b", Where(row=row, column="E")) for row in range(2, 2 + count)] or [Problem("A", "b")]
    assert grouped(places)[0].summary(most) == summary
    if most == 5:
        assert grouped(places)[0].summary() == summary


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a\u202eb\x00 c", "a<U+202E>b<U+0000> c"),
        ("a\u00a0b", "a<U+00A0>b"),
        ("\U000e0001", "<U+E0001>"),
        ("£é–1", "£é–1"),
        ("y" * 80, "y" * 80),
        ("y" * 81, "y" * 80 + "…"),
        ("\x00" * 81, "<U+0000>" * 80 + "…"),
    ],
)
def test_what_cannot_be_seen_is_spelt_out_and_what_is_long_is_cut_at_eighty(value, text):
    assert shown(value) == text


def test_a_value_may_be_cut_elsewhere():
    assert (shown("abc", 2), shown("abc", 3)) == ("ab…", "abc")
