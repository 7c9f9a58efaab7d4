"""Which characters are white space, invisible or forbidden in a cell."""

import unicodedata

import pytest

from pooledcare.kernel.characters import CONTROL, EDGES, trim

# The first and last of each range, written out once more.
RANGES = [
    (0x09, 0x0D), (0x1C, 0x20), (0x85, 0x85), (0xA0, 0xA0), (0xAD, 0xAD), (0x61C, 0x61C), (0x1680, 0x1680),
    (0x180E, 0x180E), (0x2000, 0x200F), (0x2028, 0x202F), (0x205F, 0x2064), (0x2066, 0x206F), (0x3000, 0x3000),
    (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFB), (0xE0001, 0xE0001), (0xE0020, 0xE007F),
]  # fmt: skip


def test_the_characters_trimmed_from_edges_are_exactly_these():
    assert set(EDGES) == {chr(point) for first, last in RANGES for point in range(first, last + 1)}
    assert len(EDGES) == len(set(EDGES))


def test_all_white_space_that_python_knows_and_nothing_that_can_be_seen_is_trimmed():
    everything = map(chr, range(0x110000))
    assert {character for character in everything if character.isspace()} <= set(EDGES)
    assert {unicodedata.category(character)[0] for character in EDGES} <= {"C", "Z"}


@pytest.mark.parametrize(
    "character", ["\u0009", "\u000d", "\u00ad", "\u200b", "\u202e", "\u2060", "\ufeff", "\U000e007f"]
)
def test_only_the_edges_are_trimmed(character):
    assert trim(f"{character}{character}1{character}2{character}") == f"1{character}2"


def test_the_controls_that_no_cell_may_hold_are_exactly_these():
    allowed = {"\t", "\n", "\r"}
    controls = {chr(point) for point in (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029)} - allowed
    assert {chr(point) for point in range(0x3000) if CONTROL.search(chr(point))} == controls
