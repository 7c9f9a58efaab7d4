"""The fonts of PDFs, which come in wheels, and what is done about characters that none of them has.

PDF/UA, the standard for accessible PDFs, allows only characters that the fonts of the file can show. Arimo has the
widths of Arial, in which pages and Word documents are set, and covers Latin, Greek, Cyrillic and Hebrew letters; IBM
Plex Sans Arabic covers Arabic, Persian and Urdu. Each of its letters is one glyph with its dots. Where dots are glyphs
of their own, as in Noto Sans Arabic, text copied from the PDF has such letters twice. To add a script, add its wheel to
`_PACKAGES`, its name to FAMILIES, and a line to pyproject.toml.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files
from pathlib import Path

import typst
from fontTools.ttLib import TTFont

FAMILIES = ("Arimo", "IBM Plex Sans Arabic")
_PACKAGES = ("fontpkg_arimo", "fontpkg_ibm_plex_sans_arabic")
# They only choose how another character looks (variation selectors) or mark the beginning of a file, which PDF forbids.
_NOT_NEEDED = re.compile("[\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]")
# Line breaks and tabs are layout and need no glyph.
_LAYOUT = frozenset("\n\t")


@cache
def fonts() -> typst.Fonts:
    """The fonts of `_PACKAGES`, and never those of the machine. Read from the wheels once in each process."""
    folders = [_folder(package) for package in _PACKAGES]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


def showable(text: str) -> str:
    """The text with each character that the fonts do not have as its number and name.

    >>> showable("Agreed 😀")
    'Agreed [U+1F600 GRINNING FACE]'
    """
    text = _NOT_NEEDED.sub("", text)
    missing = set(text) - _characters() - _LAYOUT
    return text.translate({ord(each): _spelt(each) for each in missing}) if missing else text


@cache
def _characters() -> frozenset[str]:
    """Every character that all styles of one of the fonts have."""
    found: set[str] = set()
    for package in _PACKAGES:
        styles = [_characters_of(file) for file in sorted(_folder(package).glob("*.ttf"))]
        found |= set.intersection(*styles)
    return frozenset(found)


def _characters_of(file: Path) -> set[str]:
    with TTFont(file, lazy=True) as font:
        return {chr(point) for point in font.getBestCmap()}


def _folder(package: str) -> Path:
    return Path(str(files(package) / "files"))


def _spelt(character: str) -> str:
    name = unicodedata.name(character, "")
    return f"[U+{ord(character):04X}{' ' if name else ''}{name}]"
