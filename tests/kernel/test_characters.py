"""Which characters are white space, invisible or forbidden in a cell."""

import unicodedata

import pytest

from pooledcare.kernel.characters import CONTROL, EDGES, TURNING, trim, without_invisible

# The first and last of each range, written out once more.
RANGES = [
    (0x09, 0x0D), (0x1C, 0x20), (0x85, 0x85), (0xA0, 0xA0), (0xAD, 0xAD), (0x61C, 0x61C), (0x1680, 0x1680),
    (0x180E, 0x180E), (0x2000, 0x200F), (0x2028, 0x202A), (0x202C, 0x202D), (0x202F, 0x202F), (0x205F, 0x2064),
    (0x2066, 0x2066), (0x2068, 0x206F), (0x3000, 0x3000),
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
    "character", ["\u0009", "\u000d", "\u00ad", "\u200b", "\u202d", "\u2060", "\ufeff", "\U000e007f"]
)
def test_only_the_edges_are_trimmed(character):
    assert trim(f"{character}{character}1{character}2{character}") == f"1{character}2"


def test_the_controls_that_no_cell_may_hold_are_exactly_these():
    allowed = {"\t", "\n", "\r"}
    controls = {chr(point) for point in (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029)} - allowed
    assert {chr(point) for point in range(0x3000) if CONTROL.search(chr(point))} == controls


@pytest.mark.parametrize("character", ["\u202b", "\u202e", "\u2067"])
def test_what_turns_text_round_is_never_taken_away(character):
    assert TURNING.search(character)
    assert trim(f"{character}1") == without_invisible(f"{character}1") == f"{character}1"


def test_everything_unseen_goes_from_among_plain_letters_and_nothing_else():
    everything = [chr(point) for point in range(0x110000) if not 0xD800 <= point < 0xE000]
    gone = {character for character in everything if without_invisible(f"a{character}b") == "ab"}
    formats = {character for character in everything if unicodedata.category(character) == "Cf"}
    visible_formats = {
        character
        for character in formats
        if unicodedata.name(character, "").startswith(
            ("ARABIC", "SYRIAC", "KAITHI", "EGYPTIAN", "MUSICAL", "SHORTHAND")
        )
    } - {"\u061c"}
    assert formats - visible_formats - set("\u202b\u202e\u2067") <= gone
    assert {unicodedata.category(character) for character in gone} <= {"Cf", "Mn", "Lo", "Cn"}


@pytest.mark.parametrize(
    "text", ["👩\u200d👧", "क्\u200dष", "🏴\U000e0067\U000e007f", "❤\ufe0f", "1\ufe0f\u20e3", "é", "QSL"]
)
def test_what_belongs_to_the_character_before_it_stays(text):
    assert without_invisible(text) == text
