"""Pictures of charts: what they show is what the table says, they are safe in a page, and they are drawn once."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import caches
from hypothesis import given
from hypothesis import settings as example_settings
from hypothesis import strategies as st

from budgets import charts as public
from pooledcare.gallery import gallery_context
from pooledcare.kernel import drawing
from pooledcare.kernel.charts import Flow, sankey_chart
from pooledcare.kernel.drawing import SIZES, NotDrawn, pictures, svg_of
from pooledcare.kernel.tables import Column, Table
from tests.pictures import SVG, Read, amount, is_amount

pytestmark = pytest.mark.slow
YEARS = ["2021-22", "2022-23", "2023-24"]
ROWS = [
    ["North", Decimal("812400000"), Decimal("-90000000.50"), None],
    ["South and East", Decimal("98200000"), None, Decimal("0")],
    ["West", Decimal("450000000"), Decimal("455500000"), Decimal("1")],
]
HOSTILE = "</desc><script>alert(1)</script>\" onload='x' & {{ 7*7 }} \u202e\u0000".replace("\u0000", "")


@dataclass(frozen=True)
class Drawn:
    """A chart without a table."""

    title: str
    summary: str
    option: dict[str, Any]
    format: str = "pounds"
    tall: bool = False


@pytest.fixture(autouse=True)
def empty_cache(settings):
    memory = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "test-pictures"}
    settings.CACHES = {**settings.CACHES, "pictures": memory}
    caches["pictures"].clear()


def table(rows: list[list[Any]]) -> Table:
    return Table("t", "T", [Column("Region"), *(Column(year, "pounds_whole") for year in YEARS)], rows)


def of_table(rows: list[list[Any]], *, by_row: bool) -> dict[tuple[str, str], float]:
    """The amounts of a table by name of series and category; gaps are left out."""
    cells = {(row[0], year): amount for row in rows for year, amount in zip(YEARS, row[1:], strict=True)}
    return {((n, y) if by_row else (y, n)): float(a) for (n, y), a in cells.items() if a is not None}


def compared(table: Table, *, title: str) -> public.Chart | None:
    """Bars beside each other instead of in a row."""
    chart = public.stacked(table, title=title)
    for series in chart.option["series"] if chart else []:
        del series["stack"]
    return chart


def sample() -> public.Chart:
    chart = compared(table(ROWS), title="Regions compared")
    assert chart is not None
    return chart


def precision(read: Read, *, horizontal: bool) -> float:
    """Pounds of two hundredths of a pixel, the most by which rounding moves a mark."""
    return abs(0.02 / read.scale(horizontal=horizontal)[1])


# ── The numbers ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("size", SIZES, ids=lambda size: size.name)
@pytest.mark.parametrize("build", [compared, public.stacked])
def test_bars_measure_what_the_table_says(build, size):
    rows = [[name, *(None if a is None else abs(a) for a in amounts)] for name, *amounts in ROWS]
    chart = build(table(rows), title="Regions")

    read = Read(svg_of(chart, size))

    assert read.bars() == pytest.approx(of_table(rows, by_row=False), abs=precision(read, horizontal=True))


def test_bars_below_zero_go_to_the_other_side():
    read = Read(svg_of(sample()))

    assert read.bars() == pytest.approx(of_table(ROWS, by_row=False), abs=precision(read, horizontal=True))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: size.name)
def test_points_are_as_high_as_the_table_says(size):
    chart = public.years_drawn(table(ROWS), title="Years")
    assert chart is not None

    read = Read(svg_of(chart, size))

    assert read.points() == pytest.approx(of_table(ROWS, by_row=True), abs=precision(read, horizontal=False))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: size.name)
def test_dots_are_as_high_as_the_table_says_and_none_is_left_out(size):
    rows = [[f"Board {number}", Decimal(1400 + 7 * number)] for number in range(60)]
    heads = Table("a-head", "A head", [Column("Holder"), Column("A head", "pounds")], rows)
    chart = public.dots(heads, title="A head", others="Boards", marked="Board 3", mean=Decimal(1600))
    assert chart is not None

    read = Read(svg_of(chart, size))

    expected = {("Board 3" if number == 3 else "Boards", str(59 - number)): 1400.0 + 7 * number for number in range(60)}
    (low, start), (high, end) = (
        f([(amount(t.words), t.line) for t in read.texts if is_amount(t.words)]) for f in (min, max)
    )
    heights = {
        (read.series(mark), str(mark.datum)): low + (mark.top - start) * (high - low) / (end - start)
        for mark in read.marks
    }
    assert heights == pytest.approx(expected, abs=abs(0.02 * (high - low) / (end - start)))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: size.name)
def test_flows_are_as_broad_as_the_table_says(size):
    flows = [
        Flow("NHS", "Core", Decimal("900.50")),
        Flow("NHS", "Running", Decimal("60")),
        Flow("Councils", "Running", Decimal("340.25")),
        Flow("Core", "Recurrent", Decimal("900.50")),
        Flow("Running", "Recurrent", Decimal("400.25")),
    ]
    chart = sankey_chart("Flows", ("From", "To", "Amount"), flows)
    drawn = Drawn("Flows", "Said.", {"series": chart.option["series"]}, tall=True)

    read = Read(svg_of(drawn, size)).flows()

    assert [(source, target) for source, target, _ in read] == [(row[0], row[1]) for row in chart.rows]
    scale = sum(breadth for *_, breadth in read) / sum(float(flow.value) for flow in flows)
    for (*_, breadth), flow in zip(read, flows, strict=True):
        assert breadth == pytest.approx(float(flow.value) * scale, abs=0.03)


amounts = st.one_of(st.none(), st.decimals(min_value=-(10**9), max_value=10**12, places=2))


@example_settings(max_examples=20, deadline=None)
@given(st.lists(amounts, min_size=2, max_size=6).filter(lambda values: any(values)))
def test_any_amounts_can_be_measured(values):
    rows = [[f"Place {index}", value, None, None] for index, value in enumerate(values)]
    chart = compared(table(rows), title="Any")
    assert chart is not None

    read = Read(svg_of(chart))

    # A bar drawn a hundredth of a pixel long has no direction: it may stand for up to 0.015 pixels to the other side.
    bound = 1.25 * precision(read, horizontal=True)
    assert read.bars() == pytest.approx(of_table(rows, by_row=False), abs=bound)


# ── In a page and in a document ──────────────────────────────────────────────────────────────────────────────────────


def test_a_picture_has_a_title_and_a_description():
    chart = sample()
    root = Read(svg_of(chart)).root

    named = {element.get("id"): element for element in root.iter() if element.get("id")}
    assert root.get("role") == "img"
    assert named[root.get("aria-labelledby")].text == chart.title
    assert named[root.get("aria-describedby")].text == chart.summary
    assert named[root.get("aria-labelledby")].tag == f"{SVG}title"
    assert named[root.get("aria-describedby")].tag == f"{SVG}desc"


def test_a_picture_says_how_large_it_is():
    chart = sample()
    for size in SIZES:
        low, high = Read(svg_of(chart, size)).root, Read(svg_of(replace(chart, tall=True), size)).root
        assert low.get("viewBox") == f"0 0 {size.width} {size.height}"
        assert (low.get("width"), low.get("height")) == (str(size.width), str(size.height))
        assert high.get("viewBox") == f"0 0 {size.width} {size.height_if_tall}"


def every_chart() -> list[Any]:
    return [*gallery_context(bound=False)["charts"], sample()]


def test_a_picture_has_no_style_script_or_link():
    for chart in every_chart():
        for picture in pictures(chart):
            for element in Read(picture.svg).root.iter():
                assert element.tag.removeprefix(SVG) in {
                    "svg", "title", "desc", "g", "defs", "path", "text", "clipPath", "pattern", "rect",
                }  # fmt: skip
                assert not {
                    name for name in element.attrib if name.startswith("on") or name in {"style", "class", "href"}
                }


def test_ids_are_unique_and_all_that_is_referred_to_is_there():
    svgs = [picture.svg for chart in every_chart() for picture in pictures(chart)]
    ids = Counter(e.get("id") for svg in svgs for e in ET.fromstring(svg).iter() if e.get("id"))  # noqa: S314
    assert len(svgs) == 15
    assert max(ids.values()) == 1
    for svg in svgs:
        own = {e.get("id") for e in ET.fromstring(svg).iter()}  # noqa: S314
        used = {
            value.removeprefix("url(#").removesuffix(")")
            for e in ET.fromstring(svg).iter()  # noqa: S314
            for value in e.attrib.values()
            if value.startswith("url(")
        }
        assert used <= own
    assert any("url(#" in svg for svg in svgs)


def test_hostile_names_are_text():
    chart = replace(sample(), title=HOSTILE, summary=HOSTILE)
    chart.option["yAxis"]["data"][0] = HOSTILE
    chart.option["series"][0]["name"] = HOSTILE

    svg = svg_of(chart)

    root = ET.fromstring(svg)  # noqa: S314
    assert not [e for e in root.iter() if e.tag.endswith("script") or e.get("onload")]
    assert root.findtext(f"{SVG}title") == root.findtext(f"{SVG}desc") == HOSTILE
    assert HOSTILE.replace(" ", "") in "".join(root.itertext()).replace(" ", "").replace(
        HOSTILE.replace(" ", ""), "", 2
    )


def test_an_amount_that_is_no_number_is_refused():
    chart = sample()
    chart.option["series"][0]["data"][0] = object()

    with pytest.raises(TypeError, match="cannot draw"):
        svg_of(chart)


# ── Drawn once ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def asked(monkeypatch) -> list[str]:
    """Everything that the drawing process was asked for."""
    lines: list[str] = []
    draw = drawing._process.draw

    def counted(line: str) -> str:
        lines.append(line)
        return draw(line)

    monkeypatch.setattr(drawing._process, "draw", counted)
    return lines


def test_the_same_chart_is_drawn_once_and_always_the_same(asked):
    first = svg_of(sample())
    assert svg_of(sample()) == first
    assert len(asked) == 1
    caches["pictures"].clear()
    assert svg_of(sample()) == first
    assert len(asked) == 2


@pytest.mark.parametrize(
    "change", [{"title": "Other"}, {"summary": "Other."}, {"format": "number"}, {"tall": True}, {"option": {}}]
)
def test_another_chart_is_drawn_anew(asked, change):
    chart = Drawn("T", "Said.", sample().option)
    if "option" in change:
        option = sample().option
        option["series"][0]["data"][0] = 1
        change = {"option": option}

    assert svg_of(chart) != svg_of(replace(chart, **change))
    assert len(asked) == 2


def test_another_size_or_another_script_draws_anew(asked, settings, tmp_path):
    svg_of(sample(), SIZES[0])
    svg_of(sample(), SIZES[1])
    assert len(asked) == 2
    other = tmp_path / "drawing.js"
    other.write_text(settings.DRAWING_SCRIPT.read_text() + "\n// changed")
    settings.DRAWING_SCRIPT = other
    svg_of(sample(), SIZES[0])
    assert len(asked) == 3


def test_a_full_disk_is_logged_and_the_picture_shown(monkeypatch, caplog):
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("django.core.cache.backends.locmem.LocMemCache.set", full)
    assert svg_of(sample()).startswith("<svg")
    assert "could not be cached" in caplog.text


def test_without_the_script_there_is_no_picture_and_the_log_says_so(settings, tmp_path, caplog):
    settings.DRAWING_SCRIPT = tmp_path / "missing.js"
    with pytest.raises(NotDrawn, match="npm run build"):
        svg_of(sample())
    assert pictures(sample()) == []
    assert "The chart “Regions compared” could not be drawn" in caplog.text


def test_a_page_comes_with_its_tables_if_no_chart_can_be_drawn(settings, tmp_path, client):
    settings.DRAWING_SCRIPT = tmp_path / "missing.js"
    page = client.get("/gallery/")
    text = page.content.decode()
    assert page.status_code == 200
    assert text.count("This chart could not be drawn just now.") == 4
    assert "<svg role" not in text
    assert "data-chart" not in text
    assert "Table: Streams over the years" in text
