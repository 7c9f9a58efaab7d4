"""Problems: where they are, how they are grouped, and that a refusal keeps its reasons."""

import copy

import pytest

from pooledcare.kernel.problems import Problem, Refused, Where, grouped, shown


def test_a_cell_is_named_as_a_spreadsheet_names_it():
    assert Where(row=7, column="D").cell == "D7"
    assert Where(row=7).cell is None
    assert str(Where(sheet="ICB core", row=7, column="D", column_name="Amount")) == "ICB core, D7 (Amount)"
    assert str(Where(row=7)) == "row 7"
    assert str(Where(field="amount")) == "amount"
    assert str(Where(column_name="Amount")) == "Amount"


def test_only_what_is_known_of_a_place_is_told():
    assert Where(row=7, column="D").as_dict() == {"row": 7, "column": "D", "cell": "D7"}
    assert Where(field="amount").as_dict() == {"field": "amount"}


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


def test_a_refusal_carries_every_reason_and_can_be_copied_to_another_process():
    refused = Refused([Problem("A", "first"), Problem("B", "second")])
    again = copy.copy(refused)
    assert [problem.code for problem in again.problems] == ["A", "B"]
    assert str(again) == "first; second"
    assert Refused.because("C", "third", value="v", fix="mend").problems == [Problem("C", "third", None, "v", "mend")]
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


@pytest.mark.parametrize(("count", "summary"), [(0, ""), (1, "E2"), (2, "E2 and E3"), (3, "E2, E3 and E4")])
def test_few_places_are_all_named(count, summary):
    places = [Problem("A", "b", Where(row=row, column="E")) for row in range(2, 2 + count)] or [Problem("A", "b")]
    assert grouped(places)[0].summary() == summary


def test_what_cannot_be_seen_is_spelt_out():
    assert shown("a\u202eb\x00 c") == "a<U+202E>b<U+0000> c"
