"""Forms for drafting an agreement or deed. A draft can be incomplete, so few fields are required."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django import forms

from partnerships.forms.deputies import DeputiesField
from partnerships.forms.naming import NAME_OR_CODE, OrganisationField, SeenForm, line, offer_bodies, partner_field
from partnerships.records import CLAUSE, DEED, DELEGATED_LIMIT, POOL, POWER, SCHEME, SCHEME_FUNCTION
from partnerships.rules.agreements.limits import LimitIn
from partnerships.terms import PartnerRole, PoolKind, Power
from pooledcare.kernel.fields import CheckboxesField, CheckboxField, RadiosField, SelectField
from pooledcare.kernel.records.forms import RecordForm, form_field

if TYPE_CHECKING:
    from partnerships.queries.agreements.drafts import Draft
    from pooledcare.directory.models import Organisation

OPEN_ENDED, ENDS_ON = "open", "on"
# Fields of the deed itself; they are not carried on from earlier deeds.
DECIDED = ("summary", "effective_on", "sets_end", "end_on")


class StartForm(SeenForm):
    """What is needed to start an agreement. All of it can be changed until the agreement is signed."""

    organisation = RadiosField(label="Which organisation prepares it?", missing="Select the organisation")
    title = form_field(
        DEED["title"],
        required=True,
        help_text="For example, Section 75 agreement for reablement in Mereshire",
    )
    power = form_field(POWER, initial=Power.S75)
    effective_on = form_field(DEED["effective_on"], help_text="For example, 1 4 2026. You can add it later.")
    is_integrated = CheckboxField(
        label="This records an existing integrated arrangement",
        required=False,
        help_text="No partner can then end it, move its host or drop a scheme here on its own.",
    )

    def __init__(self, *args: Any, organisations: Sequence[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organisation"]
        field.choices = [(each.code, each.name) for each in organisations]  # type: ignore[attr-defined]
        if len(organisations) == 1:
            field.widget = forms.HiddenInput()
            self.initial["organisation"] = organisations[0].code


class MainTermsForm(RecordForm, SeenForm):
    """Title, dates and notice. For a later deed it shows the agreement as it would read, and saves only differences."""

    record = DEED
    field_order = ("seen", "summary", "title", "power", "effective_on", "ends", "end_on")
    sets_end = None  # set by the answer to `ends`
    power = form_field(POWER)
    effective_on = form_field(DEED["effective_on"], help_text="For example, 1 4 2026")
    ends = RadiosField(
        label="Does the agreement end?",
        required=False,
        choices=[(OPEN_ENDED, "No end date: it continues until it is ended"), (ENDS_ON, "It ends on a day")],
    )
    end_on = form_field(DEED["end_on"], help_text="Only if it ends on a day. For example, 31 3 2029")
    review_on = form_field(DEED["review_on"], help_text="One a line, for example 1 April 2027")

    def __init__(self, *args: Any, draft: Draft, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": self.started(draft)} | kwargs)
        if draft.is_original:
            del self.fields["summary"]
        else:
            del self.fields["power"]
            self.fields["effective_on"].label = "First day on which this deed has effect"
            self.order_fields(("seen", "summary", "effective_on"))

    @staticmethod
    def started(draft: Draft) -> dict[str, Any]:
        content = draft.content
        said = draft.deed.sets_end or (draft.before is not None)
        return {
            **DEED.plain_values(content, without=DECIDED),
            "summary": draft.deed.summary,
            "power": content.power,
            "effective_on": draft.deed.effective_on,
            "ends": ENDS_ON if content.end else OPEN_ENDED if said else "",
            "end_on": content.end,
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        ends, day = cleaned.get("ends"), cleaned.get("end_on")
        if ends == ENDS_ON and day is None and "end_on" not in self.errors:
            self.add_error("end_on", "Enter the last day")
        if ends == OPEN_ENDED and day is not None:
            self.add_error("ends", "Select whether it ends: you have also given a last day")
        return cleaned

    def changes(self, draft: Draft) -> dict[str, Any]:
        """The values to save in the deed. In a later deed, fields that do not change are saved as empty."""
        said, before = self.cleaned_data, draft.before
        end = said["end_on"] if said["ends"] != OPEN_ENDED else None
        changes = {
            **{field.name: said[field.name] for field in DEED.plain if field.name not in DECIDED},
            "effective_on": said["effective_on"],
            "sets_end": bool(said["ends"]) or end is not None,
            "end_on": end,
        }
        if before is None:
            return changes | {"power": said["power"]}
        for name, value in DEED.plain_values(before, without=DECIDED).items():
            if said[name] == value:
                changes[name] = DEED[name].empty
        if end == before.end:
            changes |= {"sets_end": False, "end_on": None}
        return changes | {"summary": said["summary"]}


class PlacesForm(SeenForm):
    """The places of an agreement: which ones stay, and the name of one to add."""

    kept = CheckboxesField(label="Places of this agreement", required=False, help_text="Untick a place to remove it")
    added = line("Add a place", help_text="The name of a health and wellbeing board’s area, as under Places")

    def __init__(self, *args: Any, draft: Draft, **kwargs: Any) -> None:
        places = draft.content.places
        super().__init__(*args, **{"initial": {"kept": [place.slug for place in places]}} | kwargs)
        self.fields["kept"].choices = [(place.slug, place.name) for place in places]  # type: ignore[attr-defined]
        if not places:
            del self.fields["kept"]


class PartnerForm(SeenForm):
    """The role of a partner."""

    role = RadiosField(
        label="What does it do?",
        required=False,
        choices=PartnerRole.choices,
        help_text="If you do not answer, it depends on the kind of organisation.",
    )
    contributes = CheckboxField(
        label="It contributes money, staff, goods or accommodation", required=False, initial=True
    )


class NewPartnerForm(PartnerForm):
    organisation = OrganisationField(missing="Enter the name or the code of an organisation", help_text=NAME_OR_CODE)
    field_order = ("seen", "organisation", "role", "contributes")

    def __init__(self, *args: Any, draft: Draft, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_bodies(self, draft)


class ClauseForm(SeenForm):
    text = form_field(CLAUSE["text"], required=False, looks={"rows": 14, "label_size": "m"})


class PoolForm(RecordForm, SeenForm):
    """A fund of the agreement."""

    record = POOL
    kind = form_field(POOL["kind"], initial=PoolKind.POOLED)
    host = partner_field(POOL["host"])
    manager_employer = partner_field(POOL["manager_employer"])

    def __init__(self, *args: Any, draft: Draft, bodies: Mapping[str, Organisation], slug: str = "", **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.taken = {pool.name.lower() for pool in draft.content.pools if pool.slug != slug}
        offer_bodies(self, draft, bodies)

    def clean_name(self) -> str:
        return _free(self.cleaned_data["name"], self.taken, "fund")


class LimitForm(RecordForm, SeenForm):
    """A delegated limit of an officer, with the offices that deputise."""

    record = DELEGATED_LIMIT
    field_order = ("seen", *DELEGATED_LIMIT, "deputies")
    partner = partner_field(DELEGATED_LIMIT["partner"])
    deputies = DeputiesField()

    def __init__(self, *args: Any, draft: Draft, bodies: Mapping[str, Organisation], **kwargs: Any):
        super().__init__(*args, **kwargs)
        offer_bodies(self, draft, bodies)

    def as_entered(self) -> LimitIn:
        """The limit of a valid form."""
        said = {name: self.cleaned_data[name] for name in DELEGATED_LIMIT}
        return LimitIn(**said, deputies=tuple(self.cleaned_data["deputies"]))


class SchemeForm(RecordForm, SeenForm):
    """A scheme, as in Schedule 1 of the usual agreement. Its functions have their own pages."""

    record = SCHEME
    lead = partner_field(SCHEME["lead"])
    pool = RadiosField(label=SCHEME["pool"].label, required=False)

    def __init__(self, *args: Any, draft: Draft, bodies: Mapping[str, Organisation], slug: str = "", **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.taken = {scheme.name.lower() for scheme in draft.content.schemes if scheme.slug != slug}
        offer_bodies(self, draft, bodies)
        funds = [(pool.slug, pool.name) for pool in draft.content.pools]
        self.fields["pool"].choices = [("", "No fund"), *funds]  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        return _free(self.cleaned_data["name"], self.taken, "scheme")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("start_on"), cleaned.get("end_on")
        if first and last and last < first:
            self.add_error("end_on", "The last day of the scheme must be on or after its first")
        return cleaned


class FunctionForm(RecordForm, SeenForm):
    """A statutory function of a scheme, its holder, and the excluded treatments that its services contain."""

    record = SCHEME_FUNCTION
    field_order = ("seen", "code", "holder")
    code = SelectField(label="Function", missing="Select a function")
    holder = partner_field(SCHEME_FUNCTION["holder"], label="Whose function is it?")
    exclusions = form_field(SCHEME_FUNCTION["exclusions"], label="Do its services contain any of these?")

    def __init__(
        self,
        *args: Any,
        draft: Draft,
        functions: Sequence[tuple[str, str]],
        taken: frozenset[str],
        bodies: Mapping[str, Organisation],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.taken = taken
        self.fields["code"].choices = [("", "Choose one"), *functions]  # type: ignore[attr-defined]
        offer_bodies(self, draft, bodies)

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if code in self.taken:
            raise forms.ValidationError("The scheme already has this function. Change that one instead.")
        return code


class ConfirmForm(SeenForm):
    """A form with one button that confirms what the page says."""


def _free(name: str, taken: set[str], what: str) -> str:
    if name.strip().lower() in taken:
        raise forms.ValidationError(f"The agreement already has a {what} with this name. Enter another name.")
    return name
