"""Words that publishers use in headings and titles for funding streams, bases and recurrence."""

from __future__ import annotations

from budgets.terms import Basis, Recurrence
from pooledcare.uploads.kinds import Hint

_STREAMS: dict[str, tuple[str, ...]] = {
    "nhs-core": ("core services", "core allocation", "core allocations", "icb core", "ccg core"),
    "primary-medical": ("primary medical", "primary medical care", "pmc", "general practice", "delegated gp"),
    "other-primary-care": ("other primary care", "pod", "pharmacy optometry and dentistry", "pharmacy optical dental"),
    "primary-dental": ("primary dental", "dental", "dentistry"),
    "primary-ophthalmic": ("primary ophthalmic", "ophthalmic"),
    "pharmaceutical": ("pharmaceutical", "community pharmacy"),
    "specialised": ("specialised", "specialised services", "specialised commissioning"),
    "running-costs": ("running cost", "running costs", "running cost allowance"),
    "bcf-nhs-minimum": (
        *("minimum bcf", "bcf minimum", "nhs minimum contribution", "minimum nhs contribution"),
        *(
            "minimum ccg contribution",
            "ccg minimum contribution",
            "icb minimum contribution",
            "minimum bcf contribution",
        ),
    ),
    "nhs-discharge": (
        *("icb discharge", "icb discharge funding", "additional discharge allocation", "discharge allocation icb"),
        *("nhs discharge",),
    ),
    "la-discharge": ("local authority discharge", "la discharge", "local authority discharge funding"),
    "adult-social-care": ("adult social care", "asc"),
    "public-health": ("public health", "public health grant"),
    "ibcf": ("ibcf", "improved better care fund", "improved bcf"),
    "la-better-care-grant": ("local authority better care grant", "la better care grant"),
    "dfg": ("dfg", "disabled facilities grant", "disabled facilities"),
    "winter-pressures": ("winter pressures", "winter pressures grant"),
}
_BASES: dict[str, tuple[str, ...]] = {
    Basis.ALLOCATION.value: ("allocation", "allocations", "allocated", "grant determination", "allowance"),
    Basis.BUDGET.value: ("budget", "budgets", "budgeted", "plan", "planned", "plans"),
    Basis.OUTTURN.value: ("outturn", "outturns", "actual", "actuals", "spent"),
}
_RECURRENCES: dict[str, tuple[str, ...]] = {
    Recurrence.RECURRENT.value: ("recurrent", "recurring"),
    Recurrence.NON_RECURRENT.value: ("non recurrent", "nonrecurrent", "non recurring", "one off"),
}

HINTS = tuple(
    Hint(column, value, words)
    for column, values in (("stream", _STREAMS), ("basis", _BASES), ("recurrence", _RECURRENCES))
    for value, words in values.items()
)
