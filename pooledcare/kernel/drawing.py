"""Charts as pictures: `svg_of` returns a chart as SVG, with a title and a description, as a browser would draw it.

ECharts draws them in a process of its own (`drawing_process`, docs/adr/0025), with a script that `npm run build` makes.
A picture is cached under a hash of everything that goes into it, so it is never out of date.
"""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.core.cache import caches
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify

from pooledcare.kernel.charts import number_drawn
from pooledcare.kernel.drawing_process import DrawingProcess, NotDrawn

__all__ = ["MEDIUM", "NARROW", "SIZES", "WIDE", "Drawable", "NotDrawn", "Picture", "Size", "pictures", "svg_of"]

logger = logging.getLogger(__name__)


class Drawable(Protocol):
    """What is needed of a chart to draw it; `budgets.charts.Chart` has it.

    `option` is an ECharts option without colours, `format` one of pounds, percent and number. `tall` gives more height.
    """

    @property
    def title(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def option(self) -> dict[str, Any]: ...
    @property
    def format(self) -> str: ...
    @property
    def tall(self) -> bool: ...


@dataclass(frozen=True)
class Size:
    """Width and heights in CSS pixels, and a name, which is part of ids and of CSS classes."""

    name: str
    width: int
    height: int
    height_if_tall: int


# The width of a chart in windows of 356, 642 and 1050 pixels. A picture grows and shrinks with its window; before its
# text is smaller than 10 or larger than 21 pixels, the next one takes over: static/src/scss/_charts.scss. The narrow
# one is higher, because each name of the legend has a line of its own.
NARROW = Size("narrow", 290, 440, 560)
MEDIUM = Size("medium", 560, 380, 520)
WIDE = Size("wide", 1000, 360, 500)
SIZES = (NARROW, MEDIUM, WIDE)


@dataclass(frozen=True)
class Picture:
    """One size of a chart; `svg` is safe to print into a page."""

    size: Size
    svg: SafeString


def svg_of(chart: Drawable, size: Size = WIDE) -> str:
    """The chart as an SVG element, its width and height in CSS pixels. It has no inline style, script or link.

    Its ids begin with `chart-` and the title of the chart, as a page has no two charts of the same title.
    Raises NotDrawn if the drawing process fails; the chart's table has the same numbers.
    """
    wanted = {
        "option": chart.option,
        "format": chart.format,
        "title": chart.title,
        "summary": chart.summary,
        "id": f"chart-{slugify(chart.title)}-{size.name}",
        "width": size.width,
        "height": size.height_if_tall if chart.tall else size.height,
    }
    asked = json.dumps(wanted, sort_keys=True, default=_number)
    key = hashlib.sha256(f"{bundle_version()}\n{asked}".encode()).hexdigest()
    kept = caches["pictures"].get(key)
    if isinstance(kept, str):
        return kept
    svg = _process.draw(asked)
    try:
        caches["pictures"].set(key, svg)
    except OSError:
        logger.exception("A picture of a chart could not be cached; it will be drawn again each time.")
    return svg


def pictures(chart: Drawable) -> list[Picture]:
    """The chart in every size, for a page that shows the one that fits. Empty, and logged, if it cannot be drawn."""
    try:
        # Every text in it was escaped, and every attribute is of ECharts' making: static/src/js/drawing.js.
        return [Picture(size, mark_safe(svg_of(chart, size))) for size in SIZES]  # noqa: S308
    except NotDrawn:
        logger.exception("The chart “%s” could not be drawn.", chart.title)
        return []


def bundle_version() -> str:
    """A hash of the script that draws; the file is read again when it has changed."""
    try:
        status = settings.DRAWING_SCRIPT.stat()
    except FileNotFoundError as missing:
        raise NotDrawn(f"{settings.DRAWING_SCRIPT} is missing: `npm run build` makes it.") from missing
    return _hash_of(settings.DRAWING_SCRIPT, status.st_mtime_ns)


@lru_cache(maxsize=1)
def _hash_of(path: Path, changed_at: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _number(value: object) -> Any:
    if isinstance(value, Decimal):
        return number_drawn(value)
    raise TypeError(f"A chart cannot draw {value!r}.")


_process = DrawingProcess()
