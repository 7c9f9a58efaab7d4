"""The vocabulary of contributions to a fund, and a sentence for each of their constraints."""

from __future__ import annotations

from django.db.models import TextChoices


class ContributionKind(TextChoices):
    BCF_MINIMUM = "bcf_minimum", "Better Care Fund minimum NHS contribution"
    ADDITIONAL_NHS = "additional_nhs", "Additional NHS contribution"
    DFG = "dfg", "Disabled Facilities Grant"
    BETTER_CARE_GRANT = "better_care_grant", "Local authority Better Care Grant"
    ADDITIONAL_COUNCIL = "additional_council", "Additional council contribution"
    DISCHARGE = "discharge", "Discharge funding"
    BROUGHT_FORWARD = "brought_forward", "Brought forward"
    OTHER_GRANT = "other_grant", "Other grant"
    RECHARGE = "recharge", "Recharge income"


class FundedFrom(TextChoices):
    ALLOCATION = "allocation", "An allocation"
    OWN = "own", "The partner’s own money"


class AgreedBasis(TextChoices):
    """Which amount the partner pays into the fund."""

    NET = "net", "Net: it pays the amount after client income"
    GROSS = "gross", "Gross: it pays the amount before client income"


class ComponentKind(TextChoices):
    BASELINE = "baseline", "Baseline"
    INFLATION = "inflation", "Inflation"
    GROWTH = "growth", "Growth"
    EFFICIENCY = "efficiency", "Efficiency"
    NON_RECURRENT = "non_recurrent", "Non-recurrent"
    BROUGHT_FORWARD = "brought_forward", "Brought forward"
    CHANGE = "change", "Change in the year"


class InKindKind(TextChoices):
    STAFF = "staff", "Staff"
    PREMISES = "premises", "Premises"
    GOODS = "goods", "Goods"
    EQUIPMENT = "equipment", "Equipment"
    SERVICES = "services", "Services"


class OutsideKind(TextChoices):
    ALIGNED = "aligned", "Aligned"
    OFF_POOL = "off_pool", "Off-pool"


class InstalmentEventKind(TextChoices):
    INVOICED = "invoiced", "Invoiced"
    RECEIVED = "received", "Received"
    SUSPENDED = "suspended", "Suspended"
    RESUMED = "resumed", "Resumed"


_ONCE = "This is recorded once and never changed. Record the difference instead."
_RECHECKS = "After a change of an allocation, what funds draw on it is compared with it again."

SENTENCES: dict[str, str] = {
    "contribution_once": "The partner already has this contribution. Add a component to it.",
    "contribution_allocation_has_stream": "A contribution from an allocation names its funding stream.",
    "contribution_own_money": (
        "The partner has an allocation of this funding stream in this year, so it is not its own money. "
        "Record the contribution as drawn on the allocation."
    ),
    "contribution_append_only": _ONCE,
    "component_not_zero": "Enter an amount other than 0.",
    "component_draw": (
        "The contributions drawn on this allocation, over all funds, would be more than the allocation. "
        "Contribute less, or reduce a contribution to another fund."
    ),
    "contribution_not_negative": "A contribution cannot be less than 0. Enter a smaller reduction.",
    "component_append_only": _ONCE,
    "contribution_condition_append_only": _ONCE,
    "condition_met_once": "It is already recorded that the condition is met.",
    "condition_met_append_only": _ONCE,
    "contribution_notice_once": "The other partners already have notice of this cut.",
    "contribution_notice_append_only": _ONCE,
    "in_kind_append_only": _ONCE,
    "outside_money_append_only": _ONCE,
    "allocation_draw_once": "The draws on an allocation are counted in one place.",
    "allocation_draw_within_limit": (
        "The allocation is now less than what funds draw on it. Record the shortfall with it."
    ),
    "allocation_rechecks_new": _RECHECKS,
    "allocation_rechecks_changed": _RECHECKS,
    "shortfall_is_true": "A shortfall is recorded only where an allocation is less than what funds draw on it.",
    "shortfall_append_only": _ONCE,
    "instalment_number_once": "The contribution already has an instalment with this number.",
    "instalment_not_zero": "An instalment has an amount other than 0.",
    "instalment_append_only": _ONCE,
    "instalment_event_says_what": (
        "An amount is given for money received and for nothing else, and a reason for every suspension."
    ),
    "instalment_event_append_only": _ONCE,
    "balance_quarter_of_year": "A quarter is 1, 2, 3 or 4.",
    "balance_difference_explained": "Say what differs if you do not agree.",
    "balance_confirmation_append_only": _ONCE,
}
