"""The vocabulary of partnerships: legal powers, kinds of rule, outcomes, and a sentence for every constraint."""

from __future__ import annotations

from django.db.models import TextChoices


class Power(TextChoices):
    """Legal powers for pooling money, and powers that are sometimes mistaken for one."""

    S31 = "s31", "Section 31, Health Act 1999"
    S75 = "s75", "Section 75, NHS Act 2006"
    S65Z5_65Z6 = "s65Z5_65Z6", "Sections 65Z5 and 65Z6, NHS Act 2006"
    S13Z = "s13Z", "Section 13Z, NHS Act 2006 (delegation)"
    S76 = "s76", "Section 76, NHS Act 2006"
    S77 = "s77", "Section 77, NHS Act 2006 (Care Trusts)"
    S256 = "s256", "Section 256, NHS Act 2006"
    S10_CHILDREN_ACT = "s10_children_act", "Section 10, Children Act 2004"


class InstrumentStatus(TextChoices):
    IN_FORCE = "in_force", "In force"
    PROPOSED = "proposed", "Proposed"
    REVOKED = "revoked", "Revoked"


class Side(TextChoices):
    """Whether a function or a body belongs to the NHS or to local authorities."""

    NHS = "nhs", "NHS"
    LOCAL_AUTHORITY = "local_authority", "Local authority"


class RuleKind(TextChoices):
    """The kind of thing that a rule decides."""

    POWER = "power", "Legal power"
    CONTINUATION = "continuation", "Continuation under a later power"
    NAMED_POWER = "named_power", "Power that is not pooling"
    BODY = "body", "Who may be a partner"
    CONDITION = "condition", "Condition before entering"
    EXEMPTION = "exemption", "Exemption from consultation"
    FUNCTION = "function", "Function"
    EXCLUSION = "exclusion", "Excluded treatment"
    COMPANION = "companion", "Charging and its parent service"
    HOLDER = "holder", "Holder of a function"
    DELEGATION = "delegation", "Delegated function"
    TERM = "term", "Term of the agreement"
    CONSENT = "consent", "Consent of commissioners"
    REPORT = "report", "Report"
    AUDIT = "audit", "Audit"


class Confidence(TextChoices):
    """How we know a rule. Only what was read in an instrument decides between lawful and unlawful."""

    INSTRUMENT = "instrument", "Read in the instrument"
    INFERENCE = "inference", "Concluded from the instrument"
    DEFAULT = "default", "Taken over, not read"


class Outcome(TextChoices):
    LAWFUL = "lawful", "Lawful"
    NOT_SETTLED = "not_settled", "Not settled"
    UNLAWFUL = "unlawful", "Unlawful"


class Holding(TextChoices):
    """Whether a kind of body holds a function on a day."""

    HOLDS = "holds", "Yes"
    DELEGATED = "delegated", "By delegation"
    NOT_HELD = "not_held", "No"
    NOT_KNOWN = "not_known", "Not known"


class FindingSeverity(TextChoices):
    BLOCKING = "blocking", "Blocking"
    WARNING = "warning", "Warning"
    NOTE = "note", "Note"


class Exclusion(TextChoices):
    """The treatments that regulation 5(a) excludes."""

    SURGERY = "surgery", "Surgery"
    RADIOTHERAPY = "radiotherapy", "Radiotherapy"
    TERMINATION = "termination-of-pregnancies", "Termination of pregnancies"
    ENDOSCOPY = "endoscopy", "Endoscopy"
    CLASS_4_LASER = "class-4-laser", "Class 4 laser treatments"
    OTHER_INVASIVE = "other-invasive", "Other invasive treatments"
    EMERGENCY_AMBULANCE = "emergency-ambulance", "Emergency ambulance services"


class Flexibility(TextChoices):
    """The arrangements of regulations 7, 8 and 9."""

    POOLED_FUND = "pooled_fund", "Pooled fund"
    NHS_EXERCISES_COUNCIL_FUNCTIONS = "nhs_exercises_council_functions", "NHS body exercises council functions"
    COUNCIL_EXERCISES_NHS_FUNCTIONS = "council_exercises_nhs_functions", "Council exercises NHS functions"


class Condition(TextChoices):
    """Conditions before partners enter an arrangement."""

    PARTNERS = "partners", "NHS body and local authority"
    RELEVANT_BODIES = "relevant_bodies", "Relevant NHS body"
    IMPROVEMENT = "improvement", "Improvement"
    JOINT_CONSULTATION = "joint_consultation", "Joint consultation"
    PLAN_FIT = "plan_fit", "Fit with the health improvement plan"


class Exemption(TextChoices):
    """Reasons why no joint consultation is needed."""

    CARE_TRUST = "care_trust", "Consulted on in a Care Trust proposal"
    BETTER_CARE_FUND = "better_care_fund", "Mandated pool of the Better Care Fund"
    VOLUNTARY_SCHEMES = "voluntary_schemes", "Voluntary schemes beside a mandated pool"


class AgreementTerm(TextChoices):
    """What the written agreement must specify or set up."""

    IN_WRITING = "in_writing", "In writing"
    AIMS = "aims", "Aims and outcomes"
    CONTRIBUTIONS = "contributions", "Contributions and their variation"
    PAYMENTS = "payments", "Payments and their variation"
    FUNCTIONS = "functions", "Functions"
    PERSONS_AND_SERVICES = "persons_and_services", "Persons and kinds of services"
    RESOURCES = "resources", "Staff, goods, services and accommodation"
    DURATION = "duration", "Duration, review, variation and termination"
    FUND_MANAGEMENT = "fund_management", "Management and monitoring of the fund"
    HOST = "host", "Host partner"
    POOL_MANAGER = "pool_manager", "Pool manager"
    MONITORING = "monitoring", "Monitoring"
    CHARGING = "charging", "Charging"
    INFORMATION_SHARING = "information_sharing", "Information sharing"


class Duty(TextChoices):
    """Duties of report and audit while an arrangement runs."""

    QUARTERLY_REPORT = "quarterly_report", "Quarterly report"
    ANNUAL_RETURN = "annual_return", "Annual return"
    QUARTERLY_AND_ANNUAL_REPORT = "quarterly_and_annual_report", "Quarterly and annual report"
    AUDIT_COMMISSION = "audit_commission", "Audit Commission"
    APPROPRIATE_PERSON = "appropriate_person", "Appropriate person or body"


SENTENCES: dict[str, str] = {
    "instrument_slug_unique": "Another instrument already has this address.",
    "instrument_citation_unique": "Another instrument already has this citation.",
    "instrument_proposed_has_no_dates": "A proposed instrument is neither made, in force nor revoked.",
    "instrument_revoked_has_its_date": "An instrument is revoked exactly when it has a date of revocation.",
    "instrument_dates_in_order": "An instrument is made before it comes into force, and revoked after that.",
    "instrument_not_of_itself": "An instrument cannot amend itself.",
    "function_code_unique": "Another function already has this code.",
    "rule_code_unique": "Another rule already has this code.",
    "rule_ends_after_start": "A rule cannot end before it starts.",
    "rule_has_a_power": "A rule belongs to at least one legal power.",
    "rule_ended_by_needs_an_end": "Only a rule that has ended can name what ended it.",
    "rule_names_its_subject": "This kind of rule needs a function, a kind of body or a subject that is missing.",
}
