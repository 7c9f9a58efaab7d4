"""Forms to record conditions, decisions, consents, assessments, boards and documents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings

from partnerships.documents.file_types import ACCEPTED, IN_WORDS
from partnerships.forms.deeds import ForOrganisationForm
from partnerships.forms.naming import NAME_OR_CODE, OrganisationField, PartnerField, SeenForm, line
from partnerships.terms import BoardForm as Form
from partnerships.terms import DecisionBody, DocumentKind, PreconditionKind
from pooledcare.kernel.fields import (
    CheckboxField,
    DateField,
    FileField,
    LongTextField,
    RadiosField,
    SelectField,
    TextField,
    WholeNumberField,
)
from pooledcare.kernel.records import LONGEST_LINE

if TYPE_CHECKING:
    from partnerships.queries.agreements.governance import BoardShown
    from pooledcare.directory.models import Organisation

NEW_SEATS = 3
MOST_MEGABYTES = settings.DOCUMENT_MAX_BYTES // (1024 * 1024)
NO_NAMES = "Name posts, not people."


def evidence(label: str = "Evidence", **rest: Any) -> LongTextField:
    hint = f"Where it is written, such as the paper and its date. {NO_NAMES}"
    given: dict[str, Any] = {"max_length": 4_000, "help_text": hint}
    return LongTextField(label=label, **given | rest)


class PreconditionForm(ForOrganisationForm):
    kind = RadiosField(label="Which condition?", choices=PreconditionKind.choices, missing="Select the condition")
    is_met = RadiosField(
        label="Is it met?",
        choices=[("yes", "Yes, or the exemption applies"), ("no", "No")],
        missing="Select whether it is met",
    )
    met_on = DateField(label="Since when?", required=False, help_text="For example, 14 3 2026")
    evidence = evidence()


class DecisionForm(ForOrganisationForm):
    body = RadiosField(label="Who decided?", choices=DecisionBody.choices, missing="Select who decided")
    reference = TextField(
        label="Reference of the decision", max_length=LONGEST_LINE, help_text="For example, Cabinet, minute 12 of 2026"
    )
    decided_on = DateField(label="Day of the decision", help_text="For example, 14 3 2026")
    url = line("Web address", required=False, max_length=500, help_text="Where it is published, if it is")
    about_deed = CheckboxField(label="It is about the deed that is open now", required=False)

    def __init__(self, *args: Any, has_open_deed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_open_deed:
            del self.fields["about_deed"]

    def clean_url(self) -> str:
        address: str = self.cleaned_data["url"]
        return forms.URLField(required=False, assume_scheme="https").clean(address) if address else ""


class ConsentForm(ForOrganisationForm):
    """A commissioner's consent under regulation 7(2). An empty day means not consented yet."""

    trust = PartnerField(label="Which NHS trust contributes?", missing="Select the trust")
    commissioner = OrganisationField(
        label="Commissioner",
        missing="Enter the name or the code of the commissioner",
        help_text=f"Each commissioner that contracts with the trust for these people must consent. {NAME_OR_CODE}",
    )
    consented_on = DateField(
        label="Day of the consent", required=False, help_text="Leave it empty if it has not consented yet"
    )
    evidence = evidence(required=False)

    def __init__(self, *args: Any, trusts: dict[str, Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["trust"]
        assert isinstance(field, PartnerField)
        field.offer(trusts)


class ImpactForm(ForOrganisationForm):
    assessed_on = DateField(label="Day of the assessment", help_text="For example, 14 3 2026")
    text = LongTextField(
        label="What would change for the people served?",
        missing="Enter what would change for the people served",
        max_length=20_000,
        looks={"rows": 10},
        help_text="What they would lose or gain, and how you would prevent or make up for a loss. Do not name people.",
    )


class BoardForm(SeenForm):
    """A board, with one fieldset for each seat, and the quorum of each partner."""

    name = TextField(label="Name of the board", max_length=LONGEST_LINE)
    form = RadiosField(label="What form does it have?", choices=Form.choices, missing="Select the form of the board")
    meets = line("How often does it meet?", help_text="For example, every two months")
    reports_to = line("Who does it report to?")

    def __init__(self, *args: Any, partners: Sequence[Organisation], board: BoardShown | None, **kwargs: Any) -> None:
        self.partners = {each.code: each for each in partners}
        seats = board.seats if board else []
        super().__init__(*args, **{"initial": _board_started(board)} | kwargs)
        self.seat_count = len(seats) + NEW_SEATS
        for number in range(1, self.seat_count + 1):
            self._seat(number)
        for each in partners:
            self.fields[f"quorum_{each.pk}"] = WholeNumberField(label=each.name, required=False, least=0, most=50)

    def _seat(self, number: int) -> None:
        choices = [("", "Choose one"), *((code, each.name) for code, each in self.partners.items())]
        self.fields |= {
            f"post_{number}": line("Post", help_text="Leave the post empty to remove the seat"),
            f"whose_{number}": SelectField(label="Acts for", required=False, choices=choices),
            f"deputy_{number}": line("Post of the deputy"),
            f"chair_{number}": CheckboxField(label="Chairs the board", required=False),
            f"voting_{number}": CheckboxField(label="Votes", required=False, initial=True),
        }

    @property
    def seats(self) -> Iterable[dict[str, Any]]:
        """The bound fields of each seat, for the page."""
        names = ("post", "whose", "deputy", "chair", "voting")
        for number in range(1, self.seat_count + 1):
            yield {"number": number} | {name: self[f"{name}_{number}"] for name in names}

    @property
    def quorum_fields(self) -> list[Any]:
        return [self[f"quorum_{each.pk}"] for each in self.partners.values()]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for number in range(1, self.seat_count + 1):
            if cleaned.get(f"post_{number}") and not cleaned.get(f"whose_{number}"):
                self.add_error(f"whose_{number}", f"Select who seat {number} acts for")
        return cleaned

    def typed_seats(self) -> list[dict[str, Any]]:
        said = self.cleaned_data
        return [
            {
                "organisation": self.partners[said[f"whose_{number}"]],
                "post": said[f"post_{number}"],
                "deputy": said[f"deputy_{number}"],
                "is_chair": said[f"chair_{number}"],
                "is_voting": said[f"voting_{number}"],
            }
            for number in range(1, self.seat_count + 1)
            if said[f"post_{number}"]
        ]

    def typed_quorums(self) -> dict[Organisation, int]:
        found = {each: self.cleaned_data[f"quorum_{each.pk}"] for each in self.partners.values()}
        return {each: least for each, least in found.items() if least}


def _board_started(board: BoardShown | None) -> dict[str, Any]:
    if board is None:
        return {}
    row = board.board
    started: dict[str, Any] = {"name": row.name, "form": row.form, "meets": row.meets, "reports_to": row.reports_to}
    for number, seat in enumerate(board.seats, start=1):
        started |= {
            f"post_{number}": seat.post,
            f"whose_{number}": seat.organisation.code,
            f"deputy_{number}": seat.deputy,
            f"chair_{number}": seat.is_chair,
            f"voting_{number}": seat.is_voting,
        }
    return started | {f"quorum_{each.organisation_id}": each.least for each in board.quorums}


class DocumentForm(SeenForm):
    title = TextField(label="Title of the document", max_length=LONGEST_LINE)
    is_exempt = CheckboxField(
        label="Exempt: keep it from the public",
        required=False,
        initial=True,
        help_text="Only partners can read an exempt document. Other documents become public with the agreement.",
    )


class NewDocumentForm(ForOrganisationForm, DocumentForm):
    file = FileField(label="File", accept=ACCEPTED, help_text=f"{IN_WORDS}, smaller than {MOST_MEGABYTES}MB")
    kind = RadiosField(label="What is it?", choices=DocumentKind.choices, missing="Select the kind of document")
    about_deed = CheckboxField(label="It belongs to the deed that is open now", required=False)
    field_order = ("seen", "acting_for", "file", "kind", "title", "is_exempt", "about_deed")

    def __init__(self, *args: Any, has_open_deed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_open_deed:
            del self.fields["about_deed"]
