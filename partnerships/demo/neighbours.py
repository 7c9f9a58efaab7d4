"""Twelve more agreements in invented places, so that lists, filters and comparisons have something to show."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from partnerships.actions import operation, past_deeds
from partnerships.demo.writing import ILLUSTRATIVE, Bodies, begin
from partnerships.models import Agreement
from partnerships.terms import PreconditionKind
from pooledcare.directory.access import system_actor

D = dt.date


@dataclass(frozen=True)
class Arrangement:
    """A simple agreement between a board and councils, with one fund and one scheme."""

    title: str
    place: str
    council: str
    board: str
    host: str
    start: D
    end: D | None
    scheme: str
    functions: tuple[tuple[str, str], ...]  # code of the function, and `nhs` or `council`
    client_group: str
    flexibilities: tuple[str, ...] = ("pooled_fund",)
    districts: tuple[str, ...] = ()
    fund_kind: str = "pooled"
    published: bool = True


_CARE = (("nhs-s3", "nhs"), ("meeting-needs", "council"))
_PREVENT = (("nhs-s3a", "nhs"), ("preventing-needs", "council"))
_AFTER = (("after-care-s117", "nhs"), ("meeting-needs", "council"))
_HOMES = (("nhs-s3", "nhs"), ("housing-grants", "council"))
_HEALTH = (("nhs-s3a", "nhs"), ("public-health", "council"))

ARRANGEMENTS = (
    Arrangement("Tidewell better care agreement", "tidewell", "Z0L4", "Z0B2", "Z0L4", D(2023, 4, 1), D(2027, 3, 31),
                "Intermediate care", _CARE, "Adults leaving hospital in Tidewell."),
    Arrangement("Tidewell mental health after-care", "tidewell", "Z0L4", "Z0B2", "Z0B2", D(2024, 4, 1), D(2027, 3, 31),
                "After-care under section 117", _AFTER, "Adults entitled to after-care.",
                ("pooled_fund", "nhs_exercises_council_functions")),
    Arrangement("Tidewell community equipment", "tidewell", "Z0L4", "Z0B2", "Z0L4", D(2022, 7, 1), None,
                "Community equipment", _PREVENT, "Anybody who needs equipment to live at home.",
                ("pooled_fund", "council_exercises_nhs_functions")),
    Arrangement("Larkhaven better care agreement", "larkhaven", "Z0L5", "Z0B2", "Z0L5", D(2023, 4, 1), D(2027, 3, 31),
                "Urgent community response", _CARE, "Adults at risk of going to hospital."),
    Arrangement("Larkhaven learning disability partnership", "larkhaven", "Z0L5", "Z0B2", "Z0L5", D(2022, 10, 1), None,
                "Supported living", _CARE, "Adults with a learning disability.",
                ("pooled_fund", "council_exercises_nhs_functions")),
    Arrangement("Larkhaven healthy lives", "larkhaven", "Z0L5", "Z0B2", "Z0L5", D(2024, 4, 1), D(2026, 12, 31),
                "Stopping smoking", _HEALTH, "Adults who smoke.",
                ("council_exercises_nhs_functions",), fund_kind="aligned"),
    Arrangement("Oxmarch better care agreement", "oxmarch", "Z0L6", "Z0B3", "Z0B3", D(2023, 4, 1), D(2027, 3, 31),
                "Care at home", _CARE, "Adults who need care at home."),
    Arrangement("Oxmarch dementia partnership", "oxmarch", "Z0L6", "Z0B3", "Z0L6", D(2025, 4, 1), D(2028, 3, 31),
                "Memory and support", _PREVENT, "People with dementia and their families."),
    Arrangement("Oxmarch children’s joint commissioning", "oxmarch", "Z0L6", "Z0B3", "Z0L6", D(2024, 9, 1), None,
                "Therapies in schools", (("nhs-s3", "nhs"), ("education", "council")), "Children up to 18.",
                published=False),
    Arrangement("Brindlemoor better care agreement", "brindlemoor", "Z0L7", "Z0B3", "Z0L7", D(2023, 4, 1),
                D(2027, 3, 31), "Reablement", _CARE, "Adults leaving hospital in Brindlemoor."),
    Arrangement("Brindlemoor substance misuse partnership", "brindlemoor", "Z0L7", "Z0B3", "Z0B3", D(2025, 4, 1),
                D(2027, 1, 31), "Recovery service", _HEALTH, "Adults who use drugs or alcohol."),
    Arrangement("Mereshire homes and adaptations", "mereshire", "Z0L1", "Z0B1", "Z0L1", D(2023, 4, 1), D(2027, 3, 31),
                "Adaptations at home", _HOMES, "Disabled people who own or rent a home.", districts=("Z0L2", "Z0L3")),
)  # fmt: skip


def make(arrangement: Arrangement, bodies: Bodies) -> Agreement:
    """Create the agreement: signed a month before its start, in operation, and usually published."""
    system = system_actor("demo")
    writing = begin(
        arrangement.title,
        by=system,
        bodies=bodies,
        prepared_by=arrangement.council,
        with_partners=[arrangement.board, *arrangement.districts],
        start=arrangement.start,
        end=arrangement.end,
        places=[arrangement.place],
        aims=f"{arrangement.client_group} They get what they need sooner. {ILLUSTRATIVE}",
        persons=arrangement.client_group,
        improvement="One budget and one team in place of two.",
        review_on=[D(2027, 1, 31)],
    )
    fund = writing.fund(
        f"{arrangement.scheme} fund",
        host=arrangement.host,
        manager="Head of joint finance",
        kind=arrangement.fund_kind,
    )
    holders = {"nhs": arrangement.board, "council": arrangement.council}
    writing.scheme(
        arrangement.scheme,
        fund=fund,
        lead=arrangement.host,
        functions=[(code, holders[side]) for code, side in arrangement.functions],
        client_group=arrangement.client_group,
        flexibilities=list(arrangement.flexibilities),
    )
    signed = arrangement.start - dt.timedelta(days=30)
    writing.conditions(
        PreconditionKind.IMPROVEMENT,
        PreconditionKind.JOINT_CONSULTATION,
        on=signed,
        evidence=f"Joint consultation paper. {ILLUSTRATIVE}",
    )
    past_deeds.record_history(
        agreement=writing.agreement, signed={0: signed}, published=arrangement.published, source=None, by=system
    )
    operation.start_operating(agreement=writing.agreement, since=arrangement.start, by=system)
    return writing.agreement
