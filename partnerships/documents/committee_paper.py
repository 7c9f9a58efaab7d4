"""A committee paper about an agreement: its main terms, then sections of numbered paragraphs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from partnerships.rules.agreements import Content, PoolContent, SchemeContent
from partnerships.rules.agreements.limits import limit_text
from partnerships.rules.agreements.membership import MembershipPeriod
from partnerships.rules.law import Finding
from partnerships.tables.agreements import day_text, deed_name, glance, months_text
from partnerships.tables.money_terms import fund_money_terms
from partnerships.terms import AgreementState, ClauseKind, Flexibility, Outcome, PartnerRole, PoolKind
from pooledcare.kernel.documents.model import Document, Paragraph, Section

if TYPE_CHECKING:
    import datetime as dt

    from partnerships.queries.agreements.detail import DeedShown, Reading


SOURCE = "PooledCare"
OPEN = "Open to everybody: what all partners have published"
FOR_PARTNERS = "For the partners: may contain what is not published"


def paper_of(
    page: Reading,
    content: Content,
    *,
    findings: Iterable[Finding],
    periods: Iterable[MembershipPeriod],
    deeds: Iterable[DeedShown],
    printed_on: dt.date,
) -> Document:
    """The paper, with what this reader may read, as at the day of the page."""
    sections = {
        "What this paper is about": list(_purpose(page, content)),
        "The partners": [_period(each) for each in periods if each.is_there_on(page.day)],
        "Legal basis": list(_law(page, content, list(findings))),
        "Term, notice and review": list(_term(page, content)),
        "Funds": [_fund(pool) for pool in content.pools] or ["The agreement sets up no fund."],
        "Schemes": [_scheme(each) for each in content.schemes] or ["The agreement names no scheme."],
        "Written terms": [part for clause in content.clauses for part in _clause(*clause)],
        "Deeds": [_deed(each) for each in deeds],
    }
    return Document(
        paper_type="Summary of an agreement",
        title=page.title,
        classification=_classification(page),
        source=SOURCE,
        printed_on=printed_on,
        as_at=page.day,
        terms=_terms(page, content, printed_on),
        sections=[Section(heading, list(map(Paragraph, texts))) for heading, texts in sections.items() if texts],
    )


def _classification(page: Reading) -> str:
    return FOR_PARTNERS if page.is_partner else OPEN


def _terms(page: Reading, content: Content, printed_on: dt.date) -> list[tuple[str, str]]:
    terms = [
        ("Agreement", page.agreement.reference),
        ("Partners", "; ".join(each.body.name for each in content.partners) or "None yet"),
        ("Places", "; ".join(place.name for place in content.places) or "None named"),
        ("Status", _status(page)),
        ("As at", day_text(page.day)),
        ("Printed", day_text(printed_on)),
        ("Who may read it", _classification(page)),
    ]
    if page.agreement.is_illustrative:
        terms.insert(1, ("Illustrative", "Invented for the demonstration; not an agreement of any real organisation"))
    return terms


def _status(page: Reading) -> str:
    label = str(AgreementState(page.summary.state).label)
    return f"{label}; operating unsigned" if page.summary.is_operating_unsigned else label


def _purpose(page: Reading, content: Content) -> Iterator[str]:
    partners = "; ".join(each.body.name for each in content.partners) or "no partner yet"
    yield f"This paper sets out the agreement “{page.title}” ({page.agreement.reference}), between: {partners}."
    yield f"It describes the agreement as at {day_text(page.day)}."
    if page.known_at is not None:
        yield f"Deeds signed after {day_text(page.known_at)} are left out."


def _period(one: MembershipPeriod) -> str:
    role = str(PartnerRole(one.role).label).lower()
    gives = "contributes" if one.contributes else "does not contribute"
    place = f", in place of {one.succeeds.name}" if one.succeeds else ""
    since = f" since {day_text(one.since)}" if one.since else ""
    return f"{one.body.name} ({role}; {gives}){since}{place}."


def _law(page: Reading, content: Content, findings: list[Finding]) -> Iterator[str]:
    words = glance(content, page.agreement)
    yield f"The partners act under {words.power}."
    yield f"Flexibilities: {words.flexibilities}." if words.flexibilities else "No flexibility is named."
    counts = {outcome: sum(each.outcome == outcome for each in findings) for outcome in Outcome}
    yield (
        f"PooledCare finds {counts[Outcome.LAWFUL]} lawful, {counts[Outcome.UNLAWFUL]} unlawful and"
        f" {counts[Outcome.NOT_SETTLED]} not settled. This is a reading of public instruments and not legal advice."
    )
    for each in findings:
        if each.outcome != Outcome.LAWFUL:
            yield f"{each.outcome.label}: {each.sentence} ({each.provision})"


def _term(page: Reading, content: Content) -> Iterator[str]:
    words = glance(content, page.agreement)
    yield f"Term: {words.term}."
    yield f"Notice: {words.notice}."
    yield f"Review: {words.reviews}." if words.reviews else "No day of review is set."
    yield f"In operation: {words.operating[:1].lower()}{words.operating[1:]}."


def _fund(pool: PoolContent) -> str:
    host = f"hosted by {pool.host.name}" if pool.host else "no host named"
    manager = f"managed by the {pool.manager}" if pool.manager else "no pool manager named"
    money = _money(fund_money_terms(pool))
    limits = "; ".join(limit_text(each) for each in pool.limits)
    delegated = f" Delegated limits: {limits}." if limits else ""
    return f"{pool.name} ({str(PoolKind(pool.kind).label).lower()}): {host}; {manager}.{money}{delegated}"


def _money(terms: Iterable[tuple[str, str]]) -> str:
    return "".join(f" {subject}: {text[:1].lower()}{text[1:]}." for subject, text in terms)


def _scheme(scheme: SchemeContent) -> str:
    functions = "; ".join(each.name for each in scheme.functions) or "none named"
    ways = "; ".join(str(Flexibility(code).label) for code in scheme.flexibilities) or "none named"
    lead = f" Lead: {scheme.lead.name}." if scheme.lead else ""
    until = f" Until {day_text(scheme.end_on)}." if scheme.end_on else ""
    notice = f" Notice: {months_text(scheme.notice_months)}." if scheme.notice_months else ""
    money = _money(fund_money_terms(scheme))
    return f"{scheme.name}. Functions: {functions}. Flexibilities: {ways}.{lead}{until}{notice}{money}"


def _deed(shown: DeedShown) -> str:
    deed = shown.deed
    words = [deed_name(deed.number, deed.kind)]
    if deed.effective_on:
        words.append(f"with effect from {day_text(deed.effective_on)}")
    words.append(f"signed on {day_text(deed.signed_on)}" if deed.signed_on else "not signed")
    summary = f" {deed.summary}" if deed.summary else ""
    return f"{', '.join(words)}.{summary}"


def _clause(kind: str, text: str) -> list[str]:
    """The paragraphs of a clause. The first begins with its heading."""
    first, *others = [part.strip() for part in text.split("\n") if part.strip()] or [""]
    return [f"{ClauseKind(kind).label}: {first}", *others]
