"""The vocabulary of a fund's year, and a sentence for each of its constraints."""

from __future__ import annotations

from django.db.models import TextChoices


class PlanState(TextChoices):
    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Waiting for approval"
    APPROVED = "approved", "Approved"


SENTENCES: dict[str, str] = {
    "pool_year_once": "This year of the fund is already open.",
    "pool_year_plausible": "The financial year must lie between 2000-01 and 2049-50.",
    "plan_line_number_once": "A line of the plan already has this number.",
    "plan_line_one_commissioner_or_joint": (
        "A line has one commissioner, or it is joint and states the NHS share between 0 and 100 per cent."
    ),
}
