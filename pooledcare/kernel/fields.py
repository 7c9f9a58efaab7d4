"""Form fields that render as NHS.UK components, with error messages in the words of the NHS.UK service manual.

`FORM_RENDERER` names `Renderer`, so every form of the site, the login forms included, renders this way:
`{{ form.amount }}` prints label, hint, error and input together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import widgets
from django.forms.boundfield import BoundField
from django.forms.renderers import DjangoTemplates
from django.template import engines
from django.utils.safestring import SafeString

from pooledcare.kernel.days import day_of, day_written, written
from pooledcare.kernel.money import parse_amount
from pooledcare.kernel.problems import Refused
from pooledcare.kernel.year_shares import read_shares, share_in_words, shares_problem

PASSED_ON = ("autocomplete", "accept", "autocapitalize")


class NhsBoundField(BoundField):
    """A field on a form. Converted to text, it is the HTML of the whole component, not only of the input."""

    def __str__(self) -> SafeString:
        return self.as_field_group()

    __html__ = __str__

    def as_field_group(self) -> SafeString:
        if self.is_hidden:
            return self.as_hidden()
        return SafeString(_component("field")(self))

    @property
    def error(self) -> str | None:
        """All errors of this field as one line; None if there are none."""
        return " ".join(str(message) for message in self.errors) or None

    @property
    def first_id(self) -> str:
        """The id of the field's first input, to which the error summary links."""
        return f"{self.auto_id}_day" if isinstance(self.field.widget, DateParts) else str(self.auto_id)

    @property
    def texts(self) -> list[str]:
        """What the person typed or chose, as text, to show again."""
        value = self.value()
        values = value if isinstance(value, list | tuple) else [value]
        return ["" if one is None else str(one) for one in values]

    @property
    def date_parts(self) -> list[str]:
        value = self.value()
        return self.texts if isinstance(value, list) else [str(part or "") for part in DateParts().decompress(value)]

    @property
    def items(self) -> list[dict[str, Any]]:
        """The choices without their groups: value, text and whether each is chosen."""
        chosen = set(self.texts)
        return [
            {"value": str(value), "text": str(label), "chosen": str(value) in chosen}
            for value, label in _flat(self.field.choices)  # type: ignore[attr-defined]
        ]

    @property
    def shape(self) -> str:
        """The name of the component that shows this field's widget. Raises TypeError if there is none."""
        for widget, name in SHAPES:
            if isinstance(self.field.widget, widget):
                return name
        raise TypeError(f"No component draws {type(self.field.widget).__name__}.")

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters of the component: id, hint, error, the attributes in PASSED_ON, and `looks`.

        `required`, `maxlength` and the like are left out, so that browsers do not show their own validation messages.
        """
        attributes = self.field.widget.attrs
        return {
            "id": self.auto_id,
            "hint": str(self.help_text) or None,
            "error": self.error,
            **{name: attributes[name] for name in PASSED_ON if name in attributes},
            **getattr(self.field, "looks", {}),
        }


class Renderer(DjangoTemplates):
    bound_field_class = NhsBoundField


class DateParts(widgets.MultiWidget):
    """Day, month and year in three inputs, named date_day, date_month and date_year."""

    PARTS = ("day", "month", "year")

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({part: widgets.TextInput() for part in self.PARTS}, attrs)

    def decompress(self, value: date | None) -> list[Any]:
        return [None, None, None] if value is None else [value.day, value.month, value.year]


SHAPES: tuple[tuple[type[widgets.Widget], str], ...] = (
    (DateParts, "date_input"),
    (widgets.CheckboxSelectMultiple, "checkboxes"),  # must come before RadioSelect, as it is a subclass of it
    (widgets.RadioSelect, "radios"),
    (widgets.CheckboxInput, "checkbox"),
    (widgets.Select, "select"),
    (widgets.Textarea, "textarea"),
    (widgets.FileInput, "file_upload"),
    (widgets.PasswordInput, "password"),
    (widgets.Input, "input"),
)


class _Presented(forms.Field):
    """Adds `looks` (parameters of the component), and an error for a missing value that names it: "Enter an amount"."""

    verb = "Enter"

    def __init__(
        self, *, label: str, missing: str | None = None, looks: Mapping[str, Any] | None = None, **rest: Any
    ) -> None:
        self.looks = dict(looks or {})
        messages = {
            "required": missing or f"{self.verb} {label[:1].lower()}{label[1:]}",
            **rest.pop("error_messages", {}),
        }
        super().__init__(label=label, error_messages=messages, **rest)


class TextField(_Presented, forms.CharField):
    pass


class LongTextField(_Presented, forms.CharField):
    widget = widgets.Textarea


class EmailField(_Presented, forms.EmailField):
    default_error_messages = {"invalid": "Enter an email address in the correct format, like name@example.com"}


class SelectField(_Presented, forms.ChoiceField):
    verb = "Select"


class RadiosField(_Presented, forms.ChoiceField):
    verb = "Select"
    widget = widgets.RadioSelect


class CheckboxesField(_Presented, forms.MultipleChoiceField):
    verb = "Select"
    widget = widgets.CheckboxSelectMultiple


class CheckboxField(_Presented, forms.BooleanField):
    verb = "Select"


class MoneyField(_Presented):
    """Pounds and pence, read by the same rules as a cell of a file."""

    widget = widgets.TextInput

    def __init__(self, *, label: str, looks: Mapping[str, Any] | None = None, **rest: Any) -> None:
        super().__init__(
            label=label, looks={"prefix": "£", "width": "10", "inputmode": "decimal", **(looks or {})}, **rest
        )

    def to_python(self, value: Any) -> Decimal | None:
        if value in self.empty_values:
            return None
        try:
            return parse_amount(str(value))
        except Refused as refusal:
            raise ValidationError(
                [_sentence(problem.message, problem.fix) for problem in refusal.problems]
            ) from refusal


class DateField(_Presented, forms.Field):
    """A date in three parts, with the NHS.UK messages for each thing that may be missing or wrong.

    The month may be a word. A whole date in the first part, where somebody has pasted it, is read too.
    """

    widget = DateParts

    def clean(self, value: Any) -> date | None:
        day, month, year = ((part or "").strip() for part in (value or ["", "", ""]))
        whole = day_written(day) if not month and not year else None
        if whole is not None:
            day, month, year = str(whole.day), str(whole.month), f"{whole.year:04}"
        missing = [name for name, part in zip(DateParts.PARTS, (day, month, year), strict=True) if not part]
        if len(missing) == 3:
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        if missing:
            raise ValidationError(f"{self.label} must include a {' and '.join(missing)}", code="incomplete")
        cleaned = day_of(day, month, year)
        if cleaned is None:
            raise ValidationError(f"{self.label} must be a real date", code="invalid")
        self.run_validators(cleaned)
        return cleaned


class WholeNumberField(TextField):
    """A whole number within bounds."""

    def __init__(self, *, label: str, least: int = 1, most: int = 120, **rest: Any) -> None:
        self.least, self.most = least, most
        looks = {"width": "3", "inputmode": "numeric"} | rest.pop("looks", {})
        super().__init__(label=label, max_length=100, looks=looks, **rest)

    def clean(self, value: Any) -> int | None:
        text = super().clean(value).strip()
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) < 9 and self.least <= int(text) <= self.most):
            raise ValidationError(f"{self.label} must be a whole number from {self.least} to {self.most}")
        return int(text)


class PercentField(TextField):
    """A percentage between 0 and 100, with up to two decimals."""

    def __init__(self, *, label: str, **rest: Any) -> None:
        super().__init__(
            label=label, max_length=100, looks={"width": "4", "suffix": "%", "inputmode": "decimal"}, **rest
        )

    def clean(self, value: Any) -> Decimal | None:
        text = super().clean(value).strip().removesuffix("%").strip()
        if not text:
            return None
        try:
            share = Decimal(text)
        except InvalidOperation:
            share = Decimal(-1)
        if not (share.is_finite() and 0 <= share <= 100 and share == round(share, 2)):
            raise ValidationError(f"{self.label} must be a number from 0 to 100, like 3.25")
        return share


class DaysField(LongTextField):
    """Several dates, one on each line. The value is a sorted list without duplicates."""

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list | tuple):
            return "\n".join(written(day) for day in value)
        return value

    def clean(self, value: Any) -> list[date]:
        lines = [line.strip() for line in super().clean(value).splitlines()]
        return sorted({self._day(line) for line in lines if line})

    def _day(self, text: str) -> date:
        found = day_written(text)
        if found is None:
            raise ValidationError(f"“{text[:40]}” must be a real date, like 1 April 2027")
        return found


class SharesField(LongTextField):
    """Days of the year with percentages, one on each line. The value is a list as `year_shares` keeps it."""

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list | tuple):
            return "\n".join(share_in_words(share) for share in value)
        return value

    def clean(self, value: Any) -> list[str]:
        lines = [line for line in super().clean(value).splitlines() if line.strip()]
        try:
            shares = read_shares(lines)
        except Refused as refused:
            raise ValidationError([_sentence(each.message, each.fix) for each in refused.problems]) from refused
        if (problem := shares_problem(str(self.label), shares)) is not None:
            raise ValidationError(_sentence(problem.message, problem.fix))
        return shares


class FileField(_Presented, forms.FileField):
    """One file, with the error messages of the NHS.UK service manual."""

    verb = "Select"
    default_error_messages = {
        "invalid": "The selected file could not be uploaded – try again",
        "missing": "The selected file could not be uploaded – try again",
        "empty": "The selected file is empty",
    }

    def __init__(self, *, label: str, accept: Iterable[str] = (), missing: str = "Select a file", **rest: Any) -> None:
        super().__init__(label=label, missing=missing, **rest)
        if accepted := ",".join(accept):
            self.widget.attrs["accept"] = accepted


def error_links(form: forms.BaseForm) -> list[tuple[str, str | None]]:
    """The errors of a form, each with the id of the input to correct: errors of the whole form first, with no id."""
    links: list[tuple[str, str | None]] = [(str(message), None) for message in form.non_field_errors()]
    for bound in form:
        target = getattr(bound, "first_id", bound.auto_id)
        links += [(str(message), target) for message in bound.errors]
    return links


def add_problems(form: forms.BaseForm, refusal: Refused) -> None:
    """Add the problems of a refused action to the form: to the field that a problem names if the form has it."""
    for problem in refusal.problems:
        named = problem.where.field if problem.where is not None else None
        form.add_error(named if named in form.fields else None, _sentence(problem.message, problem.fix))


def _sentence(message: str, fix: str | None) -> str:
    return message if fix is None else f"{message.rstrip('.')}. {fix}"


def _flat(choices: Iterable[tuple[Any, Any]]) -> Iterable[tuple[Any, Any]]:
    for value, label in choices:
        if isinstance(label, list | tuple):
            yield from label
        else:
            yield value, label


def _component(name: str) -> Any:
    return getattr(engines["jinja2"].env.get_template(f"components/{name}.jinja").module, name)  # type: ignore[attr-defined]
