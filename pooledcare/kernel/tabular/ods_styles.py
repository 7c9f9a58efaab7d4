"""The styles of ODS workbooks: the number format of a cell, and which rows, columns and sheets are not shown.

A number style is turned into the code that a spreadsheet program shows for it, such as `£#,##0,"k"`, so that
`kernel.number_formats` decides what a cell shows, as it does for XLSX. OpenDocument 1.3, part 3, sections 16 and 19.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from pooledcare.kernel.number_formats import NumberFormat, number_format
from pooledcare.kernel.rich_text import LOWERED, RAISED, STRUCK_OUT
from pooledcare.kernel.tabular.limits import Limits, refuse
from pooledcare.kernel.tabular.packages import Attributes

_NAMESPACE = "urn:oasis:names:tc:opendocument:xmlns:"
OFFICE, TABLE, TEXT, STYLE, NUMBER = (
    f"{_NAMESPACE}{name}:1.0 " for name in ("office", "table", "text", "style", "datastyle")
)
FO = f"{_NAMESPACE}xsl-fo-compatible:1.0 "
LOEXT = "urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0 "

CONTENT, STYLES = "content.xml", "styles.xml"
_FAMILIES = ("table", "table-row", "table-column", "table-cell")
_DIGITS = ("number", "scientific-number", "fraction")
_DATES = frozenset({f"{NUMBER}date-style", f"{NUMBER}time-style"})
_STYLES = frozenset({f"{NUMBER}{kind}-style" for kind in ("number", "percentage", "currency", "boolean", "text")})
_CONDITION = re.compile(r"value\(\)(<=|>=|!=|<|>|=)(-?[0-9]*\.?[0-9]+(?:E[+-]?[0-9]{1,3})?)", re.IGNORECASE)
_LONGEST_CODE = 400  # longer than any code that is read to its end
_MOST_PLACES = 30
_LONGEST_CHAIN = 20  # of styles that take their number format from other styles
_RED = "#ff0000"
_NO_SIZE = re.compile(r"0*\.?0*[a-z%]*", re.IGNORECASE)


@dataclass
class DataStyle:
    """A number style: the code of its numbers without its conditions, and the styles for numbers under conditions.

    `part` is the part of the workbook that it is in; a style of `content.xml` comes before one of `styles.xml`.
    """

    part: str
    kind: str
    code: str = ""
    conditions: list[tuple[str, str]] = field(default_factory=list)  # the condition, and the name of the style


@dataclass
class CellStyle:
    """The style of cells, rows, columns or sheets, in a part of the workbook."""

    part: str
    parent: str = ""
    data_style: str = ""
    is_hidden: bool = False


@dataclass
class Styles:
    """All styles of a workbook: number and text styles by part and name, the others by part, family and name."""

    data: dict[tuple[str, str], DataStyle] = field(default_factory=dict)
    others: dict[tuple[str, str, str], CellStyle] = field(default_factory=dict)
    looks: dict[tuple[str, str], str] = field(default_factory=dict)  # of text styles with raised digits or the like
    _formats: dict[str, NumberFormat | str | None] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.data) + len(self.others) + len(self.looks)

    def format_of(self, cell_style: str) -> NumberFormat | str | None:
        """The number format of a cell style; or `date` or `boolean` if it shows those; None if it has no format."""
        if cell_style not in self._formats:
            self._formats[cell_style] = self._found(cell_style)
        return self._formats[cell_style]

    def is_hidden(self, family: str, name: str) -> bool:
        style = self._style(CONTENT, family, name)
        return style is not None and style.is_hidden

    def look_of(self, text_style: str) -> str:
        """How digits in this style look: see `rich_text`. Empty if as usual."""
        return self.looks.get((CONTENT, text_style)) or self.looks.get((STYLES, text_style), "")

    def _style(self, part: str, family: str, name: str) -> CellStyle | None:
        return self.others.get((part, family, name)) or self.others.get((STYLES, family, name))

    def _data(self, part: str, name: str) -> DataStyle | None:
        return self.data.get((part, name)) or self.data.get((STYLES, name))

    def _found(self, name: str) -> NumberFormat | str | None:
        part = CONTENT
        for _ in range(_LONGEST_CHAIN):
            style = self._style(part, "table-cell", name)
            if style is None:
                return None
            if style.data_style:
                return self._format(self._data(style.part, style.data_style))
            part, name = STYLES, style.parent  # only styles that have names for people can be parents
        return None

    def _format(self, style: DataStyle | None) -> NumberFormat | str | None:
        if style is None:
            return None
        return style.kind if style.kind in ("date", "boolean") else number_format(self._code(style))

    def _code(self, style: DataStyle) -> str:
        """The code with all conditions. The usual ones, of signs, are written as spreadsheet programs write them."""
        found = {condition: self._data(style.part, name) for condition, name in style.conditions}
        parts = {condition: part.code for condition, part in found.items() if part is not None}
        code = style.code
        match frozenset(parts):
            case known if not known:
                return code
            case known if known == {">=0"}:
                return f"{parts['>=0']};{code}"
            case known if known == {"<0"}:
                return f"{code};{parts['<0']}"
            case known if known == {">0", "<0"}:
                return f"{parts['>0']};{parts['<0']};{code}"
            case known if known == {">0", "<0", "=0"}:
                return f"{parts['>0']};{parts['<0']};{parts['=0']};{code}"
        return ";".join([*(f"[{condition}]{part}" for condition, part in parts.items()), code])


class StyleReader:
    """Gathers styles from the events of a parser that names elements and attributes by their namespaces."""

    def __init__(self, styles: Styles, part: str, limits: Limits) -> None:
        self.styles = styles
        self.part = part
        self.limits = limits
        self.data: DataStyle | None = None
        self.is_percentage = self.has_percent = False
        self.cell: CellStyle | None = None
        self.text_style = ""
        self.text: list[str] | None = None
        self.digits = ""
        self.texts_between: list[tuple[int, str]] = []
        self.position = 0

    def start(self, name: str, attributes: Attributes) -> None:
        if name in _STYLES or name in _DATES:
            self._start_data_style(name, attributes)
        elif self.data is not None:
            self._start_in_data_style(self.data, name, attributes)
        elif name == f"{STYLE}style":
            self._start_style(attributes)
        elif self.text_style and name == f"{STYLE}text-properties":
            if look := _look_of(attributes):
                self.styles.looks[self.part, self.text_style] = look
        elif self.cell is not None and name.endswith("-properties"):
            self.cell.is_hidden |= _is_hidden(name, attributes)

    def characters(self, text: str) -> None:
        if self.text is not None and len(self.text) < _LONGEST_CODE:
            self.text.append(text)

    def end(self, name: str) -> None:
        data = self.data
        if data is None:
            if name == f"{STYLE}style":
                self.cell, self.text_style = None, ""
            return
        if name in _STYLES or name in _DATES:
            if self.is_percentage and not self.has_percent:
                _add(data, "%")
            self.data = None
        elif name == f"{NUMBER}embedded-text":
            self.texts_between.append((self.position, "".join(self.text or ())))
            self.text = None
        elif name.removeprefix(NUMBER) in _DIGITS:
            _add(data, _with_texts_between(self.digits, self.texts_between))
        elif self.text is not None:
            self._end_text(data, name, "".join(self.text))
            self.text = None

    def _start_data_style(self, name: str, attributes: Attributes) -> None:
        kind = name.removeprefix(NUMBER).removesuffix("-style")
        self.is_percentage, self.has_percent = kind == "percentage", False
        self.data = DataStyle(self.part, "date" if name in _DATES else kind)
        self.styles.data[self.part, attributes.get(f"{STYLE}name", "")] = self.data
        self._check_count()

    def _start_in_data_style(self, data: DataStyle, name: str, attributes: Attributes) -> None:
        kind = name.removeprefix(NUMBER)
        if kind in _DIGITS:
            self.digits, self.texts_between = _digits(kind, attributes), []
        elif kind in ("text", "currency-symbol", "fill-character"):
            self.text = []
        elif kind == "embedded-text":
            self.text = []
            self.position = _number(attributes, "position", 0)
        elif kind == "text-content":
            _add(data, "@")
        elif name == f"{STYLE}text-properties" and attributes.get(f"{FO}color", "").casefold() == _RED:
            data.code = f"[Red]{data.code}"
        elif name == f"{STYLE}map":
            condition = _CONDITION.fullmatch(attributes.get(f"{STYLE}condition", "").replace(" ", ""))
            if condition is not None:
                operator = "<>" if condition[1] == "!=" else condition[1]
                data.conditions.append((f"{operator}{condition[2]}", attributes.get(f"{STYLE}apply-style-name", "")))

    def _end_text(self, data: DataStyle, name: str, text: str) -> None:
        if name == f"{NUMBER}fill-character":
            _add(data, f"*{text[0]}" if text else "")
        elif self.is_percentage and "%" in text:
            self.has_percent = True
            _add(data, "%".join(_quoted(part) for part in text.split("%")))
        else:
            _add(data, _quoted(text))

    def _start_style(self, attributes: Attributes) -> None:
        family, name = attributes.get(f"{STYLE}family", ""), attributes.get(f"{STYLE}name", "")
        parent = attributes.get(f"{STYLE}parent-style-name", "")
        self.cell = CellStyle(self.part, parent, attributes.get(f"{STYLE}data-style-name", ""))
        self.text_style = name if family == "text" else ""
        if family in _FAMILIES:
            self.styles.others[self.part, family, name] = self.cell
        self._check_count()

    def _check_count(self) -> None:
        if len(self.styles) > self.limits.styles:
            refuse(
                "TOO_MANY_STYLES",
                f"The workbook must have at most {self.limits.styles:,} styles of cells, rows and numbers",
                fix="Save the sheet that is needed as CSV UTF-8 and select that file.",
            )


def _look_of(attributes: Attributes) -> str:
    """How the properties of a text style make digits look.

    >>> _look_of({f"{STYLE}text-position": "super 58%"}), _look_of({f"{STYLE}text-position": "-8% 58%"})
    ('superscript', 'subscript')
    """
    position = attributes.get(f"{STYLE}text-position", "").partition(" ")[0]
    if position == "super" or re.fullmatch(r"[0-9.]*[1-9][0-9.]*%", position):
        return RAISED
    if position.startswith(("sub", "-")):
        return LOWERED
    lines = (attributes.get(f"{STYLE}text-line-through-{what}", "none") for what in ("style", "type"))
    return STRUCK_OUT if any(line != "none" for line in lines) else ""


def _add(data: DataStyle, code: str) -> None:
    if len(data.code) < _LONGEST_CODE:
        data.code += code


def _quoted(text: str) -> str:
    """
    >>> _quoted('a"b')
    '"a"\\\\""b"'
    """
    return '\\"'.join(f'"{part}"' if part else "" for part in text.split('"'))


def _number(attributes: Attributes, name: str, default: int) -> int:
    """An attribute of a number; the default if it is not given or is no number."""
    text = attributes.get(f"{NUMBER}{name}", attributes.get(f"{LOEXT}{name}", ""))
    return int(text) if re.fullmatch(r"[0-9]{1,12}", text) else default


def _digits(kind: str, attributes: Mapping[str, str]) -> str:
    """The placeholders of the digits, such as `#,##0.00`, with a comma behind for each thousand of the factor."""
    found = dict(attributes)
    if kind == "fraction":
        return "# ?/?"
    decimals = min(_number(found, "decimal-places", -1), _MOST_PLACES)
    factor = _number(found, "display-factor", 1)
    has_groups = found.get(f"{NUMBER}grouping", "false") == "true"
    if kind == "scientific-number":
        return "0." + "0" * max(decimals, 0) + "E+00"
    if decimals < 0 and factor == 1 and not has_groups:
        return "General"
    whole = "0" * min(_number(found, "min-integer-digits", 0), _MOST_PLACES) or "#"
    if has_groups:
        whole = whole.rjust(4, "#")
        whole = f"{whole[:-3]},{whole[-3:]}"
    least = _number(found, "min-decimal-places", 0 if f"{NUMBER}decimal-replacement" in found else max(decimals, 0))
    places = "0" * min(least, max(decimals, 0)) + "#" * (max(decimals, 0) - least)
    commas = 0
    while factor > 1 and factor % 1000 == 0:
        factor, commas = factor // 1000, commas + 1
    divided = f'" divided by {factor}"' if factor != 1 else ""
    return f"{whole}{'.' if places else ''}{places}{',' * commas}{divided}"


def _with_texts_between(code: str, texts: list[tuple[int, str]]) -> str:
    """The code with texts between the digits of its whole part; the position of a text is the digits behind it."""
    for position, text in sorted(texts):
        whole, point, rest = code.partition(".")
        end = len(whole.rstrip(","))
        places = [index for index in range(end) if whole[index] in "0#"]
        if 0 < position < len(places):
            before = places[-position]
            code = f"{whole[:before]}{_quoted(text)}{whole[before:]}{point}{rest}"
    return code


def _is_hidden(name: str, attributes: Attributes) -> bool:
    """Whether these properties hide a sheet, or give a row no height or a column no width."""
    if name == f"{STYLE}table-properties":
        return attributes.get(f"{TABLE}display", "true") == "false"
    sizes = {f"{STYLE}table-row-properties": "row-height", f"{STYLE}table-column-properties": "column-width"}
    size = attributes.get(f"{STYLE}{sizes.get(name, '')}", "1")
    return _NO_SIZE.fullmatch(size) is not None and size != ""
