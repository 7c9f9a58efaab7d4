"""What is typed into the draft of an agreement or deed. Drafts are saved half-finished: little is required here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django import forms

from partnerships.forms.naming import (
    NAME_OR_CODE,
    DaysField,
    OrganisationField,
    PartnerField,
    PercentField,
    SeenForm,
    WholeNumberField,
    line,
    offer_bodies,
    text,
)
from partnerships.rules.agreements.fields import LONGEST_LINE, POWERS_OF_POOLING
from partnerships.terms import (
    AccountingTreatment,
    Exclusion,
    Flexibility,
    PartnerRole,
    PoolKind,
    Power,
    VatRegime,
    VatStructure,
    WayOfWorking,
)
from pooledcare.kernel.fields import (
    CheckboxesField,
    CheckboxField,
    DateField,
    LongTextField,
    RadiosField,
    SelectField,
    TextField,
)

if TYPE_CHECKING:
    from partnerships.queries.agreements.drafts import Draft
    from pooledcare.directory.models import Organisation

POWERS = [(power.value, str(power.label)) for power in POWERS_OF_POOLING]
UNDECIDED = ("", "Not decided yet")
OPEN_ENDED, ENDS_ON = "open", "on"


class StartForm(SeenForm):
    """The least with which an agreement begins; all of it can be changed until it is signed."""

    organisation = RadiosField(label="Which organisation prepares it?", missing="Select the organisation")
    title = TextField(
        label="Title",
        max_length=LONGEST_LINE,
        help_text="For example, Section 75 agreement for reablement in Mereshire",
    )
    power = RadiosField(label="Legal power", choices=POWERS, initial=Power.S75)
    effective_on = DateField(
        label="First day", required=False, help_text="For example, 1 4 2026. You can add it later."
    )
    is_integrated = CheckboxField(
        label="This records an existing integrated arrangement",
        required=False,
        help_text="No partner alone may then end it, move its host or drop a scheme here.",
    )

    def __init__(self, *args: Any, organisations: Sequence[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organisation"]
        field.choices = [(each.code, each.name) for each in organisations]  # type: ignore[attr-defined]
        if len(organisations) == 1:
            field.widget = forms.HiddenInput()
            self.initial["organisation"] = organisations[0].code


class MainTermsForm(SeenForm):
    """Title, days and notice. A later deed is shown the agreement as it would read, and says only what differs."""

    title = line("Title")
    summary = text("What this deed does", help_text="A sentence or two, for those who approve and read it.")
    power = RadiosField(label="Legal power", choices=POWERS)
    effective_on = DateField(label="First day", required=False, help_text="For example, 1 4 2026")
    ends = RadiosField(
        label="Does the agreement end?",
        required=False,
        choices=[(OPEN_ENDED, "No end date: it goes on until it is ended"), (ENDS_ON, "It ends on a day")],
    )
    end_on = DateField(label="Last day", required=False, help_text="Only if it ends on a day. For example, 31 3 2029")
    notice_months = WholeNumberField(label="Notice, in months", required=False, most=120)
    review_on = DaysField(
        label="Review dates",
        required=False,
        max_length=2_000,
        looks={"rows": 3},
        help_text="One a line, for example 1 April 2027",
    )

    def __init__(self, *args: Any, draft: Draft, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": self.started(draft)} | kwargs)
        if draft.is_original:
            del self.fields["summary"]
        else:
            del self.fields["power"]
            self.fields["effective_on"].label = "First day on which this deed has effect"

    @staticmethod
    def started(draft: Draft) -> dict[str, Any]:
        content = draft.content
        said = draft.deed.sets_end or (draft.before is not None)
        return {
            "title": content.title,
            "summary": draft.deed.summary,
            "power": content.power,
            "effective_on": draft.deed.effective_on,
            "ends": ENDS_ON if content.end else OPEN_ENDED if said else "",
            "end_on": content.end,
            "notice_months": content.notice_months,
            "review_on": content.review_on,
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
        """What the deed says. Where a later deed leaves something as it was, it says nothing of it."""
        said, before = self.cleaned_data, draft.before
        end = said["end_on"] if said["ends"] != OPEN_ENDED else None
        changes = {
            "title": said["title"],
            "effective_on": said["effective_on"],
            "sets_end": bool(said["ends"]) or end is not None,
            "end_on": end,
            "notice_months": said["notice_months"],
            "review_on": said["review_on"],
        }
        if before is None:
            return changes | {"power": said["power"]}
        if said["title"] == before.title:
            changes["title"] = ""
        if end == before.end:
            changes |= {"sets_end": False, "end_on": None}
        if said["notice_months"] == before.notice_months:
            changes["notice_months"] = None
        if said["review_on"] == list(before.review_on):
            changes["review_on"] = None
        return changes | {"summary": said["summary"]}


class PlacesForm(SeenForm):
    """The places of an agreement: those that stay, and one more by name."""

    kept = CheckboxesField(label="Places of this agreement", required=False, help_text="Untick one to take it out")
    added = line("Add a place", help_text="The name of a health and wellbeing board’s area, as under Places")

    def __init__(self, *args: Any, draft: Draft, **kwargs: Any) -> None:
        places = draft.content.places
        super().__init__(*args, **{"initial": {"kept": [place.slug for place in places]}} | kwargs)
        self.fields["kept"].choices = [(place.slug, place.name) for place in places]  # type: ignore[attr-defined]
        if not places:
            del self.fields["kept"]


class PartnerForm(SeenForm):
    """What a partner does in the arrangements."""

    role = RadiosField(
        label="What does it do?",
        required=False,
        choices=PartnerRole.choices,
        help_text="Without an answer, it follows from the kind of body.",
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
    text = LongTextField(
        label="Text of the clause", required=False, max_length=100_000, looks={"rows": 14, "label_size": "m"}
    )


class PoolForm(SeenForm):
    """A fund of the agreement."""

    name = TextField(label="Name of the fund", max_length=LONGEST_LINE)
    kind = RadiosField(label="What kind of fund is it?", choices=PoolKind.choices, initial=PoolKind.POOLED)
    host = PartnerField(
        label="Host partner",
        required=False,
        help_text="Responsible for the accounts and audit of the fund (regulation 7(4))",
    )
    manager = line("Pool manager", help_text="The post, not the person: an officer of the host (regulation 7(4)(b))")
    manager_employer = PartnerField(label="Who employs the pool manager?", required=False)
    vat_structure = RadiosField(label="VAT structure", required=False, choices=[UNDECIDED, *VatStructure.choices])
    vat_regime = RadiosField(label="VAT regime", required=False, choices=[UNDECIDED, *VatRegime.choices])
    irrecoverable_vat = PercentField(label="Irrecoverable VAT", required=False)
    vat_advice = line("VAT advice", help_text="The reference of the advice that was taken")
    accounting = RadiosField(
        label="Accounting treatment", required=False, choices=[UNDECIDED, *AccountingTreatment.choices]
    )

    def __init__(self, *args: Any, draft: Draft, bodies: Mapping[str, Organisation], slug: str = "", **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.taken = {pool.name.lower() for pool in draft.content.pools if pool.slug != slug}
        offer_bodies(self, draft, bodies)

    def clean_name(self) -> str:
        return _free(self.cleaned_data["name"], self.taken, "fund")


class SchemeForm(SeenForm):
    """A scheme, as Schedule 1 of the usual agreement has it; its functions have a page of their own."""

    name = TextField(label="Name of the scheme", max_length=LONGEST_LINE)
    aims = text("Aims and outcomes")
    services = text("Services")
    client_group = text("Client group", help_text="For whom it is, and who is eligible")
    geography = text("Area", rows=2)
    providers = text("Providers", rows=2)
    flexibilities = CheckboxesField(
        label="Flexibilities", required=False, choices=Flexibility.choices, help_text="Regulations 7, 8 and 9"
    )
    ways_of_working = CheckboxesField(label="Way of working", required=False, choices=WayOfWorking.choices)
    lead = PartnerField(label="Lead", required=False)
    pool = RadiosField(label="Fund", required=False)
    governance = text("Governance")
    exit_terms = text("Exit, and who is liable for its cost")
    start_on = DateField(
        label="First day of the scheme", required=False, help_text="Only if it starts later than the agreement"
    )
    end_on = DateField(
        label="Last day of the scheme", required=False, help_text="Only if it ends sooner than the agreement"
    )
    notice_months = WholeNumberField(
        label="Notice on the scheme, in months", required=False, help_text="Only if it differs from the agreement’s"
    )
    is_voluntary = CheckboxField(label="It is voluntary, beside a mandated pool", required=False)

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


class FunctionForm(SeenForm):
    """A statutory function of a scheme: whose it is, and what its services contain."""

    code = SelectField(label="Function", missing="Select a function")
    holder = PartnerField(label="Whose function is it?", required=False)
    exclusions = CheckboxesField(
        label="Do its services contain any of these?",
        required=False,
        choices=Exclusion.choices,
        help_text="Regulation 5 leaves them out of every arrangement",
    )
    delegation_evidence = text(
        "Delegation",
        rows=3,
        help_text="Where the function is delegated: where it is recorded that the delegate may pool it",
    )

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
            raise forms.ValidationError("The scheme already names this function. Change it there.")
        return code


class ConfirmForm(SeenForm):
    """One button that does what the page says."""


def _free(name: str, taken: set[str], what: str) -> str:
    if name.strip().lower() in taken:
        raise forms.ValidationError(f"The agreement already has a {what} of this name. Give it another one.")
    return name
