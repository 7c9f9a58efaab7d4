"""Current notices on agreements: given and not withdrawn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from partnerships.models import Agreement, Notice
from partnerships.rules.agreements.noticing import NoticeFact


def current_notice_facts(agreement: Agreement) -> list[NoticeFact]:
    """Current notices on the agreement, oldest first."""
    return notices_by_agreement([agreement.pk])[agreement.pk]


def notices_by_agreement(keys: Collection[int]) -> defaultdict[int, list[NoticeFact]]:
    """Current notices by key of the agreement. One query."""
    found: defaultdict[int, list[NoticeFact]] = defaultdict(list)
    rows = Notice.objects.filter(agreement__in=keys, withdraws=None, withdrawn_by=None).select_related("scheme")
    for row in rows:
        scheme = row.scheme.slug if row.scheme else ""
        fact = NoticeFact(row.pk, row.organisation_id, scheme, row.given_on, row.takes_effect_on)
        found[row.agreement_id].append(fact)
    return found
