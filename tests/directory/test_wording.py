"""Names of bodies as words."""

from __future__ import annotations

import pytest

from pooledcare.directory.wording import place_of, plain_words


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("King's Lynn & West Norfolk", ["kings", "lynn", "west", "norfolk"]),
        ("King’s `Lynn`", ["kings", "lynn"]),
        ("The City of London in the County and for Mere", ["city", "london", "county", "mere"]),
        ("ÅNGSTRÖM Straße", ["ångström", "strasse"]),
        ("A_1-b", ["a_1", "b"]),
        (" & ", []),
    ],
)
def test_what_is_left_of_a_name_when_its_spelling_no_longer_matters(name, words):
    assert plain_words(name) == words


@pytest.mark.parametrize(
    ("wanted", "place"),
    [
        ("a", 0),
        ("a b", 0),
        ("b c", 1),
        ("c", 2),
        ("a b c", 0),
        ("a c", None),
        ("b a", None),
        ("d", None),
        ("a b c d", None),
        ("b", 1),
    ],
)
def test_where_words_begin_to_follow_one_another(wanted, place):
    assert place_of(wanted.split(), ["a", "b", "c", "b", "c"]) == place
