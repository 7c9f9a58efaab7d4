"""What a committee paper consists of. Authors build a `Document` from plain values, without markup and numbers."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from pooledcare.kernel.tables import Table


@dataclass(frozen=True)
class Paragraph:
    """A numbered paragraph: 1.1, 1.2 and so on. A line break in the text stays one."""

    text: str


@dataclass(frozen=True)
class Points:
    """A list with bullets, without numbers."""

    items: Sequence[str]
    kind: str = field(default="points", init=False)


@dataclass(frozen=True)
class Subheading:
    """A heading within a section. It has no number, and the numbers of paragraphs go on after it."""

    text: str
    kind: str = field(default="subheading", init=False)


@dataclass(frozen=True)
class Picture:
    """A chart as the text of an SVG image that we drew, never one that somebody uploaded.

    `title` is printed with it. `description` says in a sentence what the picture shows, for people who cannot see it.
    """

    svg: str
    title: str
    description: str
    kind: str = field(default="picture", init=False)

    @property
    def address(self) -> str:
        """The picture as the address of an image, which cannot run scripts or load anything."""
        return f"data:image/svg+xml;base64,{base64.b64encode(self.svg.encode()).decode()}"


@dataclass(frozen=True)
class Signatory:
    """For whom somebody signs. What is not known yet is left empty, and the line is there to be filled in by hand."""

    organisation: str
    name: str = ""
    position: str = ""


@dataclass(frozen=True)
class Signatures:
    """Places to sign, one for each signatory: signature, name, position and date."""

    signatories: Sequence[Signatory]


Block = Paragraph | Points | Subheading | Table | Picture | Signatures


@dataclass(frozen=True)
class Section:
    heading: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Document:
    """A paper. `paper_type` says what it is ("Summary of an agreement"), `classification` who may read it.

    `terms` are the pairs of label and value at the head of the paper. The footer of each page names `source` (who made
    the paper), `as_at` (the day that it describes, if it is about one) and `printed_on`. Nothing else in the files
    depends on the clock: the same document is the same bytes.
    """

    paper_type: str
    title: str
    classification: str
    source: str
    printed_on: dt.date
    sections: Sequence[Section]
    terms: Sequence[tuple[str, str]] = ()
    as_at: dt.date | None = None
