"""Pure rules about agreements: content as at a day, differences, the approved hash, and facts for the law."""

from partnerships.rules.agreements.approved_hash import content_hash
from partnerships.rules.agreements.content import (
    Body,
    Content,
    DeputyContent,
    FunctionContent,
    LimitContent,
    MoneyTermsContent,
    PartnerContent,
    PlaceNamed,
    PoolContent,
    SchemeContent,
)
from partnerships.rules.agreements.differences import Difference, FieldChange, What, differences
from partnerships.rules.agreements.legal_facts import facts_of
from partnerships.rules.agreements.reading import content_as_at, content_before, content_of, deeds_in_effect
from partnerships.rules.agreements.record import (
    AgreementRecord,
    ConsentFact,
    DeedRecord,
    Joined,
    PreconditionFact,
    SchemeClosed,
    known_by,
    published,
)
from partnerships.rules.agreements.summary import (
    SummaryValues,
    findings_of,
    read_on,
    reading_day,
    shown_state,
    summary_on,
)

__all__ = [
    "AgreementRecord", "Body", "ConsentFact", "Content", "DeedRecord", "DeputyContent", "Difference", "FieldChange",
    "FunctionContent", "Joined", "LimitContent", "MoneyTermsContent", "PartnerContent", "PlaceNamed", "PoolContent",
    "PreconditionFact", "SchemeClosed", "SchemeContent", "SummaryValues", "What", "content_as_at", "content_before",
    "content_hash", "content_of", "deeds_in_effect", "differences", "facts_of", "findings_of", "known_by",
    "published", "read_on", "reading_day", "shown_state", "summary_on",
]  # fmt: skip
