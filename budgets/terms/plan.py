"""The vocabulary of a plan, and a sentence for each of its constraints."""

from __future__ import annotations

from django.db.models import TextChoices


class MovementKind(TextChoices):
    ORIGINAL = "original", "Original plan"
    VIREMENT = "virement", "Virement"
    IN_YEAR_CHANGE = "in_year_change", "In-year change"


class ProfileMethod(TextChoices):
    """How the year's amount of a line is divided over the twelve months."""

    TWELFTHS = "twelfths", "Equal twelfths"
    WORKING_DAYS = "working_days", "By weekdays in each month, bank holidays included"
    QUARTERLY = "quarterly", "Four equal quarters, in the last month of each"
    LAST_YEAR = "last_year", "In the shape of last year’s line"
    BY_HAND = "by_hand", "By hand"


class PlanDecision(TextChoices):
    APPROVED = "approved", "Approved"
    CHANGES_REQUESTED = "changes_requested", "Changes requested"


class VirementState(TextChoices):
    PROPOSED = "proposed", "Waiting for approval"
    AGREED = "agreed", "Agreed"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Withdrawn"


class VirementAnswer(TextChoices):
    APPROVED = "approved", "Approved"
    REFUSED = "refused", "Refused"


SENTENCES: dict[str, str] = {
    "plan_line_of_draft": "Lines of a plan can only be changed while the plan is a draft.",
    "plan_line_of_agreement": "The scheme and the provider of a line must be those of the fund’s agreement.",
    "plan_line_removed_is_empty": "A line that is removed from the plan must have no amount left.",
    "plan_movement_not_zero": "A change of a line must change its expenditure or its client income.",
    "plan_movement_names_virement": "A movement names a virement exactly when it is part of one.",
    "plan_movement_append_only": "Movements of a plan are written once and never changed. Record another one.",
    "plan_movement_in_state": (
        "The original plan changes only while it is a draft, and an approved plan only by virements and in-year "
        "changes."
    ),
    "plan_movement_in_year": (
        "A movement must have a day in the year of the plan and, once the plan is approved, after the year’s first day."
    ),
    "plan_movement_in_term": "A movement must have a day within the term of the agreement.",
    "plan_line_not_negative": "No amount of a line can be negative, nor its client income exceed its expenditure.",
    "plan_profile_once": "The line already has a profile.",
    "plan_profile_of_twelve_months": "A profile has one amount for each of the twelve months.",
    "plan_profile_sums_to_line": "The twelve months of a profile must sum to the original amount of the line.",
    "plan_profile_of_draft": "A profile can only be changed while the plan is a draft.",
    "plan_approval_append_only": "Decisions on a plan are written once and never changed.",
    "plan_approval_once": "The organisation has already approved this plan.",
    "plan_approved_stays": "An approved plan stays approved. Change it by virements and in-year changes.",
    "virement_has_two_lines": "A virement goes from one line to another one.",
    "virement_amount_positive": "A virement moves more than £0.00, and its client income is not more than its amount.",
    "virement_lines_match": (
        "The lines of a virement must be of the same plan, and have the same source, ring-fence and nature."
    ),
    "virement_creates_no_money": (
        "A virement takes from one line exactly what it adds to the other, client income included."
    ),
    "virement_is_final": "What a virement moves cannot be changed, and a decided virement stays as it was decided.",
    "virement_decision_once": "The organisation has already decided on this virement.",
    "virement_decision_append_only": "Decisions on a virement are written once and never changed.",
}
