"""The vocabulary of agreements: states, deeds, partners, pools and schemes, and a sentence for every constraint."""

from __future__ import annotations

import datetime as dt

from django.db.models import TextChoices

from partnerships.terms.law import Power

# Section 31 of the Health Act 1999 could be used from this day on; none of the powers could be used earlier.
EARLIEST_DAY, LATEST_DAY = dt.date(2000, 4, 1), dt.date(2100, 12, 31)
POWERS_OF_POOLING = (Power.S31, Power.S75, Power.S65Z5_65Z6)
LONGEST_CLAUSE = 100_000  # characters
MOST_MONTHS = 120  # of notice


class AgreementState(TextChoices):
    """The state of an agreement. *Operating unsigned* is not a state: it means in operation before signing."""

    DRAFT = "draft", "Draft"
    CHANGES_REQUESTED = "changes_requested", "Changes requested"
    APPROVED = "approved", "Approved by every partner"
    SIGNED = "signed", "Signed"
    IN_OPERATION = "in_operation", "In operation"
    NOTICE_GIVEN = "notice_given", "Notice given"
    ENDED = "ended", "Ended"
    EXPIRED = "expired", "Expired"
    WITHDRAWN = "withdrawn", "Withdrawn"


BEFORE_SIGNING = frozenset({AgreementState.DRAFT, AgreementState.CHANGES_REQUESTED, AgreementState.APPROVED})
OVER = frozenset({AgreementState.ENDED, AgreementState.EXPIRED, AgreementState.WITHDRAWN})
RUNNING = frozenset({AgreementState.SIGNED, AgreementState.IN_OPERATION, AgreementState.NOTICE_GIVEN})


class DeedKind(TextChoices):
    """Deed 0 is the agreement as it was made; later deeds vary or end it."""

    ORIGINAL = "original", "Agreement"
    VARIATION = "variation", "Deed of variation"
    TERMINATION = "termination", "Deed of termination"


class DeedState(TextChoices):
    DRAFT = "draft", "Draft"
    CHANGES_REQUESTED = "changes_requested", "Changes requested"
    APPROVED = "approved", "Approved by every partner"
    SIGNED = "signed", "Signed"
    WITHDRAWN = "withdrawn", "Withdrawn"


OPEN_DEEDS = frozenset({DeedState.DRAFT, DeedState.CHANGES_REQUESTED, DeedState.APPROVED})


class ApprovalDecision(TextChoices):
    APPROVED = "approved", "Approved"
    CHANGES_REQUESTED = "changes_requested", "Changes requested"


class PartnerRole(TextChoices):
    COMMISSIONER = "commissioner", "Commissions services"
    PROVIDER = "provider", "Provides services"


class PoolKind(TextChoices):
    """A pooled fund is one under regulation 7.

    Aligned funds are reported together, but the money stays with its owners.
    """

    POOLED = "pooled", "Pooled fund"
    ALIGNED = "aligned", "Aligned fund"


class VatStructure(TextChoices):
    POOLED = "pooled", "Pooled funding: each partner procures and pays"
    AGENCY = "agency", "Agency: the host acts for the others"
    PRINCIPAL = "principal", "Principal: the host acts in its own name"


class VatRegime(TextChoices):
    COUNCIL = "s33", "Section 33, VAT Act 1994 (councils)"
    NHS = "s41", "Section 41, VAT Act 1994 (NHS, contracted-out services)"
    MIXED = "mixed", "Apportioned between the two"


class AccountingTreatment(TextChoices):
    """How each partner shows the fund in its accounts, which depends on who controls the fund."""

    JOINT_OPERATION = "joint_operation", "Joint operation: each partner shows its share"
    LEAD = "lead", "Lead commissioner: the lead shows the whole"
    AGENT = "agent", "Agent: the host shows only what it keeps"
    NOT_SETTLED = "not_settled", "Not settled"


class WayOfWorking(TextChoices):
    """How a scheme is run, in usual terms. Integrated commissioning is not a statutory flexibility."""

    LEAD_COMMISSIONING = "lead_commissioning", "Lead commissioning"
    INTEGRATED_COMMISSIONING = "integrated_commissioning", "Integrated commissioning"
    INTEGRATED_PROVISION = "integrated_provision", "Integrated provision"


class ClauseKind(TextChoices):
    """The subject of a clause. Those required by regulations 7(3), 8(2) and 9(3) have the values of `AgreementTerm`."""

    AIMS = "aims", "Aims and outcomes"
    CONTRIBUTIONS = "contributions", "Contributions and how they may be varied"
    PAYMENTS = "payments", "Payments between the partners and how they may be varied"
    PERSONS_AND_SERVICES = "persons_and_services", "Persons and kinds of services"
    RESOURCES = "resources", "Staff, goods, services and accommodation"
    DURATION = "duration", "Duration, review, variation and termination"
    FUND_MANAGEMENT = "fund_management", "Management and monitoring of the fund"
    MONITORING = "monitoring", "Monitoring of the functions"
    CHARGING = "charging", "Charging, and telling users what is charged for"
    INFORMATION_SHARING = "information_sharing", "Sharing of information"
    IMPROVEMENT = "improvement", "Why the arrangements are likely to be an improvement"
    DISPUTES = "disputes", "Disputes"
    EXIT = "exit", "Exit: staff, contracts, assets and costs"


class PreconditionKind(TextChoices):
    """Conditions before partners enter an arrangement, and exemptions from them (regulation 4)."""

    IMPROVEMENT = "improvement", "Improvement"
    JOINT_CONSULTATION = "joint_consultation", "Joint consultation"
    CARE_TRUST = "care_trust", "Exempt: consulted on in a Care Trust proposal"
    BETTER_CARE_FUND = "better_care_fund", "Exempt: mandated pool of the Better Care Fund"
    PLAN_FIT = "plan_fit", "Fit with the health improvement plan"


class DecisionBody(TextChoices):
    CABINET = "cabinet", "Cabinet or executive"
    COUNCIL_COMMITTEE = "council_committee", "Committee of the council"
    NHS_BOARD = "nhs_board", "Board of the NHS body"
    HEALTH_AND_WELLBEING_BOARD = "health_and_wellbeing_board", "Health and wellbeing board"
    OFFICER = "officer", "Officer under delegated authority"


class OccurrenceKind(TextChoices):
    """Events that can be recorded about an arrangement, even if PooledCare would not allow them as actions."""

    NOTICE_SERVED = "notice_served", "Notice served and run out"
    EXPIRY = "expiry", "Expiry"
    ABOLITION = "abolition", "Abolition of a partner"
    DIRECTION = "direction", "Direction"
    CLOSURE_OF_SCHEME = "closure_of_scheme", "Scheme closed by one partner"
    CHANGE_OF_HOST = "change_of_host", "Fund taken over by another host"


class MarkKind(TextChoices):
    MARKED = "marked", "Marked as an existing integrated arrangement"
    RELEASE_AGREED = "release_agreed", "Agreed that the mark be cleared"


class BoardForm(TextChoices):
    JOINT_COMMITTEE = "joint_committee", "Joint committee (regulation 10(2))"
    COMMITTEES_IN_COMMON = "committees_in_common", "Committees in common"
    OFFICER_BOARD = "officer_board", "Board of officers under delegated authority"


class DocumentKind(TextChoices):
    SIGNED_AGREEMENT = "signed_agreement", "Signed agreement or deed"
    DECISION_PAPER = "decision_paper", "Decision paper"
    IMPACT_ASSESSMENT = "impact_assessment", "Impact assessment"
    CONSULTATION = "consultation", "Consultation"
    FINANCE = "finance", "Finance"
    OTHER = "other", "Other"


class ScanState(TextChoices):
    NOT_SCANNED = "not_scanned", "Not scanned: no scanner is configured"
    CLEAN = "clean", "Scanned, nothing found"


class ReminderKind(TextChoices):
    REVIEW = "review", "Review"
    NOTICE = "notice", "Last day to give notice"
    EXPIRY = "expiry", "Expiry"


class Audience(TextChoices):
    """Whom a summary is for: partners, who see everything, or the public, who see what all partners have published."""

    PARTNERS = "partners", "Partners"
    PUBLIC = "public", "Public"


class Awaited(TextChoices):
    """What the open deed of an agreement is waiting for."""

    APPROVAL = "approval", "Approval"
    CHANGES = "changes", "Changes that were asked for"
    SIGNATURE = "signature", "Signature"


SENTENCES: dict[str, str] = {
    "agreement_term_in_order": "An agreement cannot end before it starts.",
    "agreement_over_has_its_day": "An agreement has a last day exactly when it has ended or expired.",
    "provider_once": "The agreement already names this provider.",
    "provider_match_is_one_body": "A provider is an organisation listed here or a named supplier, not both.",
    "provider_match_days_in_order": "The last day cannot lie before the first.",
    "provider_match_append_only": "Who a provider is, is recorded once and never changed. Record it anew.",
    "deed_number_once": "Another deed of this agreement already has this number.",
    "deed_first_is_the_agreement": "Deed 0, and no other, is the agreement as it was made.",
    "deed_one_open": "Another deed of this agreement is still open. Sign or withdraw that one first.",
    "deed_ends_after_start": "A deed cannot end the agreement before the deed has effect.",
    "deed_signed_has_its_date": "A deed is signed exactly when it has a date of signing.",
    "deed_notice_is_positive": "A notice period is at least one month.",
    "partner_once": "This organisation is already a partner from that day.",
    "partner_not_of_itself": "A partner cannot succeed itself.",
    "partner_joins_one_way": "A partner joins by a deed, or in place of a partner that it succeeds.",
    "partner_leaves_once": "This deed already says that the partner leaves.",
    "pool_slug_once": "Another fund of this agreement already has this address.",
    "pool_terms_once": "This deed already has terms for the fund.",
    "pool_irrecoverable_vat_is_a_share": "Irrecoverable VAT is a percentage between 0 and 100.",
    "pool_money_terms_in_range": "Percentages are between 0 and 100, and amounts are not negative.",
    "scheme_money_terms_in_range": "Percentages are between 0 and 100, and amounts are not negative.",
    "delegated_limit_once": "The fund already states a limit for this office of the partner and this power.",
    "delegated_limit_is_an_amount_or_none": "A limit is an amount in pounds, or there is none.",
    "limit_deputy_days_in_order": "A deputy cannot stop before it starts.",
    "limit_deputy_once": "This office is already named as deputy from that day.",
    "scheme_slug_once": "Another scheme of this agreement already has this address.",
    "scheme_terms_once": "This deed already has terms for the scheme.",
    "scheme_ends_after_start": "A scheme cannot end before it starts.",
    "scheme_function_once": "The scheme already names this function.",
    "clause_once": "This deed already has a clause on that.",
    "place_once": "The agreement already names this place.",
    "publication_once": "Your organisation has already published this deed.",
    "notice_withdrawn_once": "This notice has already been withdrawn.",
    "notice_runs_forward": "A notice takes effect on or after the day on which it is given.",
    "board_version_is_positive": "The version of a board is at least 1.",
    "board_seat_once": "This seat is already on the board.",
    "board_quorum_once": "The quorum of this partner is already set.",
    "reminder_once": "This reminder has already been sent.",
    "agreement_summary_once": "This summary already exists.",
    "uploaded_row_once": "This row of the file has been read already.",
    "approval_append_only": "Approvals are never changed or deleted.",
    "agreement_status_append_only": "The history of an agreement is never changed or deleted.",
    "publication_append_only": "A publication is never changed or deleted.",
    "precondition_append_only": "A recorded precondition is never changed or deleted. Record the current position.",
    "decision_append_only": "A recorded decision is never changed or deleted.",
    "trust_consent_append_only": "A recorded consent is never changed or deleted. Record the current position.",
    "notice_append_only": "A notice is never changed or deleted. It can be withdrawn.",
    "occurrence_append_only": "What happened is never changed or deleted.",
    "impact_assessment_append_only": "A recorded impact assessment is never changed or deleted.",
    "integration_mark_append_only": "A mark is never changed or deleted.",
    "deed_signed_is_final": "A signed deed is never changed. Prepare a deed of variation.",
    "clause_signed_is_final": "A clause of a signed deed is never changed. Prepare a deed of variation.",
    "pool_terms_signed_is_final": "A fund in a signed deed is never changed. Prepare a deed of variation.",
    "scheme_terms_signed_is_final": "A scheme in a signed deed is never changed. Prepare a deed of variation.",
    "scheme_function_signed_is_final": "A function in a signed deed is never changed. Prepare a deed of variation.",
    "delegated_limit_signed_is_final": "A limit in a signed deed is never changed. Prepare a deed of variation.",
    "limit_deputy_signed_is_final": "A deputy in a signed deed is never changed. Prepare a deed of variation.",
    "partner_signed_is_final": "The partners of a signed deed are never changed. Prepare a deed of variation.",
    "partner_leaving_signed_is_final": "Who leaves by a signed deed is never changed. Prepare a deed of variation.",
}
