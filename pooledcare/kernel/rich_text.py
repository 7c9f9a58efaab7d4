"""Texts of workbooks in which single digits look different: 1500 with a raised 1 for a footnote is not 15001."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

RAISED, LOWERED, STRUCK_OUT = "superscript", "subscript", "strike"
_DIGITS = "0123456789"
_LOOKS: dict[str, dict[int, str]] = {
    RAISED: dict(zip(map(ord, _DIGITS), "⁰¹²³⁴⁵⁶⁷⁸⁹", strict=True)),
    LOWERED: dict(zip(map(ord, _DIGITS), "₀₁₂₃₄₅₆₇₈₉", strict=True)),
    STRUCK_OUT: {ord(digit): f"{digit}\u0336" for digit in _DIGITS},
}


class RichText(str):
    """A text with digits that are raised, lowered or struck out. `looks` is how it looks, as in `1500¹`."""

    __slots__ = ("looks",)

    looks: str


def look_of(element: str, attributes: Mapping[str, str]) -> str:
    """How an element of the properties of a run makes its digits look; empty if as usual."""
    value = attributes.get("val", "1")
    if element == "vertAlign":
        return value if value in _LOOKS else ""
    return STRUCK_OUT if value not in ("0", "false", "off") else ""


def joined(runs: Sequence[tuple[str, str]]) -> str:
    """The runs as one text, each with its look.

    >>> joined([("1500", ""), ("1", RAISED)]).looks, type(joined([("note", ""), ("a", RAISED)]))
    ('1500¹', <class 'str'>)
    """
    return looking("".join(run for run, _ in runs), "".join(as_it_looks(run, look) for run, look in runs))


def as_it_looks(run: str, look: str) -> str:
    """
    >>> as_it_looks("1 a", RAISED), as_it_looks("1", "")
    ('¹ a', '1')
    """
    return run.translate(_LOOKS[look]) if look else run


def looking(text: str, looks: str) -> str:
    """The text, as a `RichText` if it looks different."""
    if looks == text:
        return text
    found = RichText(text)
    found.looks = looks
    return found
