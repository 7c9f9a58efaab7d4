"""Reads the numbers back out of the picture of a chart: from where its marks are and from what its axis says.

Nothing of the option is used. A colour is found in the legend, a category beside its bar, an amount by measuring.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass

SVG = "{http://www.w3.org/2000/svg}"
NUMBER = r"-?\d+(?:\.\d+)?(?:e-?\d+)?"
BELOW_THE_MIDDLE = 0.35  # of the size of the font: where the base of a line is
SCALES = {"bn": 1e9, "m": 1e6, "k": 1e3, "": 1.0}


@dataclass(frozen=True)
class Text:
    """A line of text: where its anchor is, its middle, and the place that the lines of one label share."""

    words: str
    x: float
    line: float
    anchor: str
    block: tuple[float, float]


@dataclass(frozen=True)
class Mark:
    """A point, or a bar or a node with its edges."""

    datum: int
    colour: str
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Band:
    """A flow: where it leaves one node and where it reaches another, in the middle of its breadth."""

    datum: int
    leaves: tuple[float, float]
    reaches: tuple[float, float]
    breadth: float


class Read:
    """The texts and marks of an SVG, in pixels."""

    def __init__(self, svg: str) -> None:
        self.root = ET.fromstring(svg)  # noqa: S314 - our own
        self.texts = [text_of(one) for one in self.root.iter(f"{SVG}text")]
        drawn = [one for one in self.root.iter() if "data-series" in one.attrib]
        self.marks = [mark_of(one) for one in drawn if "C" not in one.attrib["d"]]
        self.bands = [band_of(one) for one in drawn if "C" in one.attrib["d"]]

    def scale(self, *, horizontal: bool) -> tuple[float, float]:
        """The pixel of 0 and the pixels of one pound, from the first and last number on the axis."""
        ticks = [
            (amount(text.words), text.x if horizontal else text.line) for text in self.texts if is_amount(text.words)
        ]
        (low, start), (high, end) = min(ticks), max(ticks)
        pixels = (end - start) / (high - low)
        return start - low * pixels, pixels

    def names(self) -> dict[str, str]:
        """The colours of the legend and their names: each name comes after its sign."""
        found, colour = {}, ""
        for element in self.root.iter():
            if element.tag == f"{SVG}text" and "x" in element.attrib:
                found.setdefault(colour, "".join(element.itertext()))
            elif "data-series" not in element.attrib:
                shades = [element.get(name, "") for name in ("stroke", "fill")]
                colour = next((shade for shade in shades if shade.startswith("#") and shade != "#fff"), colour)
        return found

    def bars(self) -> dict[tuple[str, str], float]:
        """Pounds by names of series and category, of horizontal bars beside each other or in a row."""
        zero, pixels = self.scale(horizontal=True)
        found = {}
        for mark in self.marks:
            sign = -1 if (mark.left + mark.right) / 2 < zero else 1
            beside = self._category(mark)
            found[self.series(mark), beside] = sign * (mark.right - mark.left) / pixels
        return found

    def points(self) -> dict[tuple[str, str], float]:
        """Pounds by names of series and category; the number of the category where its name is left out."""
        zero, pixels = self.scale(horizontal=False)
        below = [text for text in self.texts if text.anchor == "middle"]
        found = {}
        for mark in self.marks:
            names = [text.words for text in below if abs(text.x - mark.left) < 0.02]
            found[self.series(mark), names[0] if names else str(mark.datum)] = (mark.top - zero) / pixels
        return found

    def flows(self) -> list[tuple[str, str, float]]:
        """Names of both ends and breadth in pixels of each flow, in the order of the data."""
        found = []
        for band in sorted(self.bands, key=lambda one: one.datum):
            (x1, y1), (x2, y2) = band.leaves, band.reaches
            [source] = [m for m in self.marks if abs(m.right - x1) < 0.02 and m.top - 0.6 <= y1 <= m.bottom + 0.6]
            [target] = [m for m in self.marks if abs(m.left - x2) < 0.02 and m.top - 0.6 <= y2 <= m.bottom + 0.6]
            found.append((self._label(source), self._label(target), band.breadth))
        return found

    def series(self, mark: Mark) -> str:
        """Empty in a chart of one series, which has no legend."""
        names = self.names()
        return names[mark.colour] if names else ""

    def _category(self, bar: Mark) -> str:
        """The name at the left that is nearest; in a narrow chart it has several lines."""
        words = [text for text in self.texts if text.anchor == "end"]
        nearest = min(words, key=lambda text: abs(text.line - (bar.top + bar.bottom) / 2))
        return " ".join(
            text.words for text in words if abs(text.line - nearest.line) < 0.02 or text.block == nearest.block
        )

    def _label(self, node: Mark) -> str:
        """The lines at the right of a node, whose middle is that of the node."""
        lines = [text for text in self.texts if abs(text.x - node.right) < 8]
        middle = (node.top + node.bottom) / 2
        nearest = min(lines, key=lambda text: abs(text.line - middle))
        return nearest.words


def moved(element: ET.Element) -> tuple[float, float, float]:
    """How much larger it is drawn, and by how much to the right and down."""
    text = element.get("transform", "translate(0 0)")
    numbers = [float(number) for number in re.findall(NUMBER, text)]
    if text.startswith("translate"):
        return 1.0, numbers[0], numbers[1]
    assert text.startswith("matrix"), text
    assert numbers[0] == numbers[3], text
    assert numbers[1] == numbers[2] == 0, text
    return numbers[0], numbers[4], numbers[5]


def text_of(element: ET.Element) -> Text:
    _, x, y = moved(element)
    size = float(element.get("font-size", 14))
    line = y + float(element.get("y", 0)) - BELOW_THE_MIDDLE * size
    words = "".join(element.itertext()).strip()
    return Text(words, x + float(element.get("x", 0)), line, element.get("text-anchor", "start"), (x, y))


def is_amount(words: str) -> bool:
    return re.fullmatch(r"−?£[\d.,]+(bn|m|k)?", words) is not None


def amount(words: str) -> float:
    found = re.fullmatch(r"(−?)£([\d.,]+)(bn|m|k)?", words)
    assert found, words
    size = float(found[2].replace(",", "")) * SCALES[found[3] or ""]
    return -size if found[1] else size


def mark_of(element: ET.Element) -> Mark:
    larger, right, down = moved(element)
    colour = element.get("fill", "")
    if colour in {"none", "#fff"}:  # a hollow sign
        colour = element.get("stroke", "")
    datum = int(element.attrib["data-datum"])
    if larger != 1.0:  # a sign, drawn around the point that it marks
        return Mark(datum, colour, right, down, right, down)
    found = re.fullmatch(rf"M({NUMBER}) ({NUMBER})l({NUMBER}) 0l0 ({NUMBER})l{NUMBER} 0Z", element.attrib["d"])
    assert found, element.attrib
    x, y, width, height = (float(number) for number in found.groups())
    (left, far), (top, low) = sorted((x, x + width)), sorted((y, y + height))
    return Mark(datum, colour, left + right, top + down, far + right, low + down)


def band_of(element: ET.Element) -> Band:
    """A flow is M, a curve to the other node, L down its breadth, and a curve back."""
    _, right, down = moved(element)
    n = [float(number) for number in re.findall(NUMBER, element.attrib["d"])]
    x1, y1, x2, y2, breadth = n[0], n[1], n[6], n[7], n[9] - n[7]
    middle = breadth / 2 + down
    return Band(int(element.attrib["data-datum"]), (x1 + right, y1 + middle), (x2 + right, y2 + middle), breadth)
