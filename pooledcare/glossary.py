"""The terms that PooledCare uses, each defined in plain English, for the glossary page and the search."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.text import slugify


@dataclass(frozen=True)
class Term:
    word: str
    meaning: str
    also: tuple[str, ...] = ()  # other words that people search for
    headings: tuple[str, ...] = ()  # other headings that mean the same, beside its name and its plural

    @property
    def anchor(self) -> str:
        return slugify(self.word)


GLOSSARY: tuple[Term, ...] = (
    Term(
        "Agreement",
        "An arrangement by which councils and NHS bodies pool money or let each other carry out functions, most often"
        " under section 75 of the NHS Act 2006. Its terms are those of its signed deeds, read together.",
        ("section 75", "s75"),
    ),
    Term(
        "Allocation",
        "Money that a funder gives a body for one financial year and one purpose. NHS England publishes allocations to"
        " integrated care boards before the year starts.",
    ),
    Term(
        "Apportioned",
        "Estimated as a share of a larger figure, because nobody publishes it. PooledCare apportions by registered"
        " population, only when you ask for it. It marks the result and leaves it out of every total.",
    ),
    Term(
        "As at",
        "What was true on a date. For figures: what had been published by that date.",
        ("as_at",),
    ),
    Term(
        "Basis",
        "What kind of figure it is: an allocation (what was given), a budget (what was planned) or an outturn (what was"
        " spent). Figures of different bases are shown side by side and never added up.",
        ("budget", "outturn"),
    ),
    Term(
        "Clinical commissioning group (CCG)",
        "The NHS bodies that planned and paid for most local health care from April 2013 to June 2022. Integrated care"
        " boards took over from them.",
        ("ccg",),
    ),
    Term(
        "Control total",
        "A total that a publisher prints in its own file. PooledCare compares it with the sum of the figures, shows the"
        " difference, and never adds it to anything.",
    ),
    Term(
        "Coterminous",
        "With the same boundary. A place and an NHS commissioner are coterminous when each contains the whole of the"
        " other, counted by small areas or by registered patients.",
        ("same boundary",),
    ),
    Term(
        "Current",
        "The version of a figure that applies now. Earlier versions are superseded, but stay on record.",
        ("version", "superseded"),
    ),
    Term(
        "Deed",
        "The document that made an agreement, or a later one that varies or ends it. A signed deed is never edited: a"
        " later deed replaces some or all of its terms.",
        ("variation", "deed of variation"),
    ),
    Term(
        "Existing integrated arrangement",
        "A mark that partners set on an agreement that works. No partner can then end it or take it apart alone in"
        " PooledCare: that needs an impact assessment, notice and every partner's agreement. This is our policy, not"
        " a bar in law.",
        ("do no harm",),
    ),
    Term(
        "Financial year",
        "From 1 April to 31 March: 2024-25 is 1 April 2024 to 31 March 2025.",
    ),
    Term(
        "Finding",
        "What one rule of law says about one thing in an agreement on one day: lawful, unlawful or not settled, with"
        " the regulation.",
    ),
    Term(
        "Flexibility",
        "One of the three arrangements that the regulations of 2000 allow: a pooled fund, NHS bodies carrying out"
        " functions of councils, or councils carrying out functions of NHS bodies.",
        headings=("Flexibilities",),
    ),
    Term(
        "Function",
        "Something that a law requires or allows a body to do, such as arranging community nursing or adult social"
        " care.",
    ),
    Term(
        "Funding stream",
        "A named source of money with its own rules: who holds it, for which years, and whether it is ring-fenced.",
        ("stream",),
        headings=("Stream",),
    ),
    Term(
        "Gross and net",
        "Gross is what is spent; net is gross less income from charges and others. The two are never added up.",
        ("gross", "net"),
    ),
    Term("Holder", "The body that receives a funding stream and is accountable for it."),
    Term(
        "Integrated care board (ICB)",
        "The NHS body that plans and pays for most health care in its area since 1 July 2022.",
        ("icb",),
    ),
    Term(
        "Host",
        "The partner that keeps a pooled fund and its accounts for the others, and employs or appoints its manager.",
    ),
    Term(
        "Known at",
        "What had been signed or recorded by a date. “As at” asks what was true on a date; “known at” asks what was"
        " known about it by a date.",
        ("known_at",),
    ),
    Term(
        "Lineage",
        "Where a figure comes from: the upload, the file, the sheet, row and cell, the text that was printed there, and"
        " who prepared and accepted it.",
    ),
    Term(
        "Not reported",
        "The publisher marks the figure as missing. It is never counted as 0: each sum says how many of those who hold"
        " the money have reported.",
        ("missing", "no data"),
    ),
    Term(
        "Operating unsigned",
        "An agreement that began before its text was signed. The regulations require it in writing, so PooledCare flags"
        " it.",
    ),
    Term(
        "Organisation code",
        "A code that names a body: the NHS's own (ODS), that of the Office for National Statistics (ONS or GSS), or the"
        " E-code of government finance returns. A code has a lifetime, and can pass to another body later.",
        ("ods", "gss", "e-code", "code"),
    ),
    Term(
        "Overlap",
        "The population that an NHS commissioner and a place share, counted from a published lookup: by small areas or"
        " by patients registered with general practices.",
    ),
    Term(
        "Place",
        "The area of one health and wellbeing board, which is the area of one council with social care duties.",
        ("health and wellbeing board", "hwb"),
    ),
    Term(
        "Pooled fund",
        "One fund that partners pay into. It pays for the functions in the agreement, whoever put the money in. The"
        " money of an aligned fund is reported together, but stays with its owners.",
        ("pool", "aligned fund"),
    ),
    Term(
        "Primary care trust (PCT)",
        "The NHS bodies that planned and paid for local health care until 31 March 2013.",
        ("pct",),
    ),
    Term(
        "Profile",
        "A description of a publisher's own file layout. PooledCare uses it to read the file as it was published.",
    ),
    Term(
        "Publisher",
        "The body that publishes figures for the holders that it funds: NHS England for NHS bodies, the Ministry of"
        " Housing, Communities and Local Government for councils. A holder's own figure is shown beside its"
        " publisher's.",
        ("source",),
    ),
    Term(
        "Recurrent",
        "Expected again every year. Non-recurrent money is given once.",
        ("non-recurrent",),
    ),
    Term(
        "Region",
        "A part of England: one of NHS England's regions for the NHS, one of the nine English regions for councils.",
    ),
    Term(
        "Ring-fence",
        "A condition that money may be spent on its purpose only.",
        ("ring-fenced",),
        headings=("Ring-fenced",),
    ),
    Term(
        "Small area (LSOA)",
        "A unit of about 1,500 people that the Office for National Statistics uses to count. PooledCare uses those of"
        " 2011.",
        ("lsoa",),
    ),
    Term(
        "Scheme",
        "A part of an agreement with its own specification: what is done for whom, by which functions and flexibility,"
        " and from which fund.",
    ),
    Term(
        "Succession",
        "One body taking over from another on a date. The old body is not renamed as its successor: both keep their"
        " pages.",
        ("successor", "predecessor", "abolished"),
    ),
    Term(
        "Upload",
        "A file on its way into PooledCare: read, checked, previewed in pounds, and accepted by a second person.",
    ),
    Term(
        "Upper-tier council",
        "A council with social care duties: a county, a unitary authority, a metropolitan district, a London borough,"
        " the City of London or the Isles of Scilly.",
        ("county", "unitary"),
    ),
    Term(
        "Withdrawn",
        "Taken back by its publisher. The figure and its history stay on record, and no figure replaces it.",
    ),
)


_BY_HEADING = {
    heading: term
    for term in GLOSSARY
    for heading in (term.word, f"{term.word}s", term.word.split(" (")[0], *term.headings)
}


def term_named(heading: str) -> Term | None:
    """The term that a heading of a table or a key of a list names; None if it is not a word of the glossary.

    >>> term_named("Schemes").word, term_named("Amount")
    ('Scheme', None)
    """
    return _BY_HEADING.get(heading)


def terms_found(text: str) -> list[Term]:
    """The terms whose name, or one of whose other words, contains all of the text that was typed."""
    words = re.findall(r"[\w'-]+", text.lower())
    if not words:
        return []
    return [
        term
        for term in GLOSSARY
        if any(all(word in name.lower() for word in words) for name in (term.word, *term.also))
    ]
