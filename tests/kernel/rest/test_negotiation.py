"""Which format the client wants: the most specific range decides, then the quality, then our own order."""

from __future__ import annotations

import doctest

import pytest

from pooledcare.kernel.rest import negotiation
from pooledcare.kernel.rest.negotiation import CSV, JSON, chosen_format
from tests.kernel.rest.conftest import refusal


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", JSON),
        ("   ", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("text/*", CSV),
        ("TEXT/CSV", CSV),
        (" text/csv ; q=1 ", CSV),
        ("text/csv;q=0.4, application/json;q=0.5", JSON),
        ("text/csv;q=0.5, application/json;q=0.5", JSON),
        ("text/csv;q=0.501, application/json;q=0.5", CSV),
        ("text/csv;q=0.51, application/json;q=0.509", CSV),
        ("text/csv;q=0.001, application/json;q=0", CSV),
        ("text/csv;q=1, application/json;q=0.999", CSV),
        ("text/csv, application/json;q=1", JSON),
        ("text/csv;q=1.000, application/json;q=1.", JSON),
        ("text/csv;q=1.999, application/json", JSON),
        ("text/csv;header=present;q=0.9, application/json;q=0.8", CSV),
        ("text/csv;Q=0.1, application/json;q=0.2", JSON),
        ("text/csv;q=0.1;q=0.9, application/json;q=0.2", JSON),
        ("application/json;q=0, */*", CSV),
        ("application/json;q=0.1, */*;q=0.9", CSV),
        ("application/json;q=0.1, application/*;q=0.9, text/csv;q=0.2", CSV),
        ("application/*;q=0.1, */*;q=0.9", CSV),
        ("text/csv;q=0.1, text/csv;q=0.9, application/json;q=0.5", CSV),
        ("text/html, */*;q=0.1", JSON),
        ("text/csv;q=2, application/json;q=0.1", JSON),
        ("text/csv;q=0.1234, application/json;q=0.1", JSON),
        ("text/csv;q=, application/json;q=0.1", JSON),
        ("text/csv;q=-1, application/json;q=0.1", JSON),
        ("text/csv;q=.9, application/json;q=0.1", JSON),
        ("text/html," * 49 + "text/csv", CSV),
        ("*/*;q=0.1," + "text/html," * 49 + "text/csv", JSON),
    ],
)
def test_the_best_format_of_those_accepted_is_chosen(accept, expected):
    assert chosen_format(accept, [JSON, CSV]) == expected


@pytest.mark.parametrize(
    "accept",
    [
        "application/xml",
        "*/*;q=0",
        "*/*;q=0.000",
        "application/json;q=0",
        "image/*",
        "json",
        ",",
        "*",
        "*/*;q=2",
        "*/*;q=high",
    ],
)
def test_nothing_is_chosen_when_nothing_is_accepted(accept):
    problem = refusal(lambda: chosen_format(accept, [JSON]))
    assert (problem.kind.slug, problem.detail) == ("not-acceptable", "Offered here: application/json.")


def test_what_is_offered_is_told():
    problem = refusal(lambda: chosen_format("image/*", [JSON, CSV]))
    assert problem.detail == "Offered here: application/json, text/csv."


def test_the_address_takes_precedence_over_the_header():
    assert chosen_format("application/json", [JSON, CSV], "csv") == CSV
    assert chosen_format("text/csv", [JSON, CSV], "json") == JSON


@pytest.mark.parametrize(
    ("offered", "wanted"), [([JSON], "csv"), ([JSON, CSV], "xml"), ([JSON, CSV], ""), ([CSV], "json")]
)
def test_a_format_in_the_address_that_is_not_offered_is_refused(offered, wanted):
    problem = refusal(lambda: chosen_format("*/*", offered, wanted))
    assert problem.kind.slug == "not-acceptable"
    assert problem.detail == f"This resource is not offered as {wanted}."


def test_the_examples_are_true():
    assert doctest.testmod(negotiation).failed == 0
