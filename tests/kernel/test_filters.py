"""Forms in the address: what is asked wrongly is said at the field, never ignored."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.http import QueryDict

from pooledcare.kernel.fields import CheckboxesField, SelectField, TextField
from pooledcare.kernel.filters import DayField, FilterForm


class Filters(FilterForm):
    kind = SelectField(label="Kind", choices=[("a", "A")], required=False)
    name = TextField(label="Name", required=False)
    on = DayField(label="As at", required=False)
    places = CheckboxesField(label="Places", choices=[("n", "North"), ("s", "South")], required=False)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1900-01-01", dt.date(1900, 1, 1)),
        ("2026-04-30", dt.date(2026, 4, 30)),
        ("2026-05-01", dt.date(2026, 5, 1)),
        (" 2024-02-29 ", dt.date(2024, 2, 29)),
        ("1 Nov 2025", dt.date(2025, 11, 1)),
        ("1st November 2025", dt.date(2025, 11, 1)),
        ("1/11/2025", dt.date(2025, 11, 1)),
        ("Nov 1, 2025", dt.date(2025, 11, 1)),
        ("", None),
    ],
)
def test_a_day_of_the_past_or_today_is_read(text, day):
    with time_machine.travel("2026-05-01T12:00:00Z", tick=False):
        form = Filters(QueryDict(mutable=True) | {"on": text})
        assert form.is_valid(), form.errors
        assert form.cleaned_data["on"] == day


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1899-12-31", "As at must be a date from 1900 to today"),
        ("2026-05-02", "As at must be a date from 1900 to today"),
        ("2026-02-30", "As at must be a real date, like 1 April 2024"),
        ("2026-13-01", "As at must be a real date, like 1 April 2024"),
        ("20260401", "As at must be a real date, like 1 April 2024"),
        ("2026-W18-1", "As at must be a real date, like 1 April 2024"),
        ("2026-4-1", "As at must be a real date, like 1 April 2024"),
        ("\u0662026-04-01", "As at must be a real date, like 1 April 2024"),
        ("4/13/2025", "As at must be a real date, like 1 April 2024"),
        ("1 Nov 25", "As at must be a real date, like 1 April 2024"),
        ("1 June 2026", "As at must be a date from 1900 to today"),
    ],
)
def test_another_day_is_refused_in_words(text, says):
    with time_machine.travel("2026-05-01T12:00:00Z", tick=False):
        assert Filters({"on": text}).errors == {"on": [says]}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 Nov 2025", "2025-11-01"),
        (" 2025-11-01 ", "2025-11-01"),
        ("2999-01-01", "2999-01-01"),
        ("soon", "soon"),
        ("", ""),
    ],
)
def test_a_day_is_shown_again_as_browsers_want_it(text, value):
    field = Filters({"on": text})["on"]
    assert field.value() == value
    assert f'value="{value}"' in str(field) or not value


def test_a_field_may_have_other_bounds():
    field = DayField(label="Day", first=dt.date(1990, 1, 1), last=dt.date(2100, 12, 31))
    assert [field.clean(text) for text in ("1 January 1990", "2100-12-31")] == [field.first, field.last]
    for text in ("31 December 1989", "2101-01-01"):
        with pytest.raises(ValidationError, match="Day must be a date from 1990 to 2100"):
            field.clean(text)


@pytest.mark.parametrize(("moment", "is_accepted"), [("2026-04-30T22:59:59Z", False), ("2026-04-30T23:00:00Z", True)])
def test_today_is_the_day_in_london(moment, is_accepted):
    with time_machine.travel(moment, tick=False):
        assert Filters({"on": "2026-05-01"}).is_valid() is is_accepted


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        ("kind=a&name=x&on=2024-04-01&places=n&places=s", {}),
        ("places=n&places=n", {}),
        ("other=1&other=2", {}),
        ("kind=a&kind=a", {"kind": ["Give kind only once"]}),
        ("name=x&name=y", {"name": ["Give name only once"]}),
        ("name=&name=", {"name": ["Give name only once"]}),
        ("on=2024-04-01&on=2024-04-01&name=x&name=x&name=x", {
            "name": ["Give name only once"], "on": ["Give as at only once"],
        }),
        ("kind=b", {"kind": ["Select a valid choice. b is not one of the available choices."]}),
    ],
)  # fmt: skip
def test_a_parameter_with_one_answer_is_given_once(query, errors):
    assert Filters(QueryDict(query)).errors == errors


def test_a_plain_mapping_has_every_parameter_once():
    form = Filters({"name": "x", "places": ["n", "s"]})
    assert form.is_valid()
    assert form.cleaned_data == {"kind": "", "name": "x", "on": None, "places": ["n", "s"]}


def test_what_is_offered_comes_with_the_form_or_later():
    form = Filters({"kind": "b"}, kind=[("b", "B")], places=[("w", "West")])
    assert form.is_valid()
    assert form.fields["places"].choices == [("w", "West")]
    later = Filters({"kind": "c"})
    later.offer(kind=[("c", "C")])
    assert later.is_valid()
    assert Filters({"kind": "a"}).is_valid()
    assert form["kind"].auto_id == "filter-kind"


@pytest.mark.parametrize(
    ("query", "is_used"),
    [("", False), ("kind=", False), ("page=2", False), ("kind=&name=x", True), ("places=n", True), ("on=no", True)],
)
def test_a_filter_is_used_when_any_field_of_it_is_set(query, is_used):
    assert Filters(QueryDict(query)).is_used is is_used


def test_what_the_page_chose_is_shown_but_does_not_count_as_asked():
    form = Filters(QueryDict("name=x&page=2"))
    form.show(kind="a")
    assert form.data == {"kind": "a", "name": "x", "on": "", "places": ""}
    assert form["kind"].value() == "a"
    assert form.is_used
    unasked = Filters(QueryDict(""))
    unasked.show(kind="a", name="y")
    assert (unasked["name"].value(), unasked.is_used) == ("y", False)
