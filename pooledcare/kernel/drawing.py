"""Charts as pictures: `svg_of` returns a chart as SVG with a title and a description, the same as a browser draws it.

ECharts draws them in a process of its own (`drawing_process`, docs/adr/0025), with the script that `npm run build` makes
for it. A picture is cached under a hash of everything that goes into it, so it is never out of date.
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

from pooledcare.kernel.drawing_process import DrawingProcess, NotDrawn

__all__ = ["MEDIUM", "NARROW", "SIZES", "WIDE", "Drawable", "NotDrawn", "Picture", "Size", "pictures", "svg_of"]

HEIGHT = 360
HEIGHT_IF_TALL = 520

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
    """A width in CSS pixels, and its name, which is part of ids and of CSS classes."""

    name: str
    width: int


# The width of a chart in a window of 360, 640 and 1280 pixels. A picture is shown at its own size or up to half as large
# again, so text is 11 to 20 pixels high. The windows in which each is shown are in static/src/scss/_charts.scss.
NARROW = Size("narrow", 300)
MEDIUM = Size("medium", 560)
WIDE = Size("wide", 910)
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
        "height": HEIGHT_IF_TALL if chart.tall else HEIGHT,
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
    """The chart in every size, for a page that shows the one that fits. Empty if it could not be drawn: that is logged."""
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


def _number(value: object) -> float | int:
    """An amount as the drawing needs it: a pixel shows at most a few digits of it."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"A chart cannot draw {value!r}.")


_process = DrawingProcess()

