"""Forms for members, keys and the audit trail. They check formats; the actions check everything else."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any, cast

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import QueryDict

from pooledcare.directory.access import KEY_PERMISSIONS, Actor, roles_for
from pooledcare.directory.account_forms import HINT_FOR_A_NEW_ONE
from pooledcare.directory.models import Organisation, User
from pooledcare.directory.queries.audit import AuditFilter
from pooledcare.directory.rules import LONGEST_NAME
from pooledcare.directory.terms import PERMISSION_LABELS
from pooledcare.kernel.fields import CheckboxesField, DateField, EmailField, SelectField, TextField
from pooledcare.kernel.filters import DayField


def _role_choices(organisation: Organisation) -> list[tuple[str, str]]:
    return [(role.key, role.label) for role in roles_for(organisation)]


class RolesForm(forms.Form):
    roles = CheckboxesField(label="Roles", missing="Select at least one role", help_text="Select all that apply")
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["roles"].choices = _role_choices(organisation)  # type: ignore[attr-defined]


class InviteForm(forms.Form):
    email = EmailField(
        label="Email address",
        missing="Enter an email address",
        help_text="The link in the invitation works once, for 7 days",
        looks={"autocomplete": "off", "spellcheck": "false"},
    )
    roles = CheckboxesField(label="Roles", missing="Select at least one role", help_text="Select all that apply")

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["roles"].choices = _role_choices(organisation)  # type: ignore[attr-defined]


class VersionForm(forms.Form):
    """The hidden version of a row, to detect that somebody else has changed it meanwhile."""

    version = forms.IntegerField(widget=forms.HiddenInput)


def show_present_version(form: forms.Form, version: int) -> None:
    """Put the current version in the form, beside what was typed, so that saving again overwrites what is now shown."""
    data = cast(QueryDict, form.data).copy()
    data["version"] = str(version)
    form.data = data


class NameForm(forms.Form):
    name = TextField(
        label="Full name", missing="Enter your full name", max_length=LONGEST_NAME, looks={"autocomplete": "name"}
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class NewPersonForm(forms.Form):
    name = TextField(
        label="Full name", missing="Enter your full name", max_length=LONGEST_NAME, looks={"autocomplete": "name"}
    )
    password = forms.CharField(
        label="Password",
        help_text=HINT_FOR_A_NEW_ONE,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "Enter a password"},
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if password := cleaned.get("password"):
            try:
                validate_password(password, User(email=self.email, name=cleaned.get("name", "")))
            except ValidationError as error:
                self.add_error("password", error)
        return cleaned


class KeyForm(forms.Form):
    """The form to make a key. Its hidden `once` makes sure that it makes only one key, even if it is sent twice."""

    name = TextField(
        label="Name",
        missing="Enter a name for the key",
        max_length=LONGEST_NAME,
        help_text="The system that will use it, such as “General ledger, nightly”",
    )
    permissions = CheckboxesField(
        label="What the key may do", missing="Select what the key may do", help_text="Select all that apply"
    )
    expires_on = DateField(
        label="Last day on which the key works",
        missing="Enter the last day on which the key works",
        help_text="Within one year",
    )
    once = forms.CharField(
        widget=forms.HiddenInput,
        max_length=64,
        initial=secrets.token_urlsafe,
        error_messages={"required": "Open the page again and fill in the form again"},
    )

    def __init__(self, *args: Any, organisation: Organisation, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = KEY_PERMISSIONS & actor.grants.get(organisation.pk, frozenset())
        self.fields["permissions"].choices = [  # type: ignore[attr-defined]
            (permission.value, PERMISSION_LABELS[permission.value]) for permission in sorted(held)
        ]


LAST_DAY = dt.date(2100, 12, 31)


class AuditForm(forms.Form):
    """The filter of the audit page."""

    action = SelectField(label="Action", required=False)
    actor = TextField(
        label="Who", required=False, max_length=LONGEST_NAME, help_text="A name, or for example user:12 or key:ab12cd34"
    )
    subject = TextField(
        label="What", required=False, max_length=120, help_text="A name, or for example member:7 or upload:UP-3"
    )
    since = DayField(label="From", required=False, last=LAST_DAY)
    until = DayField(label="To", required=False, last=LAST_DAY)

    def __init__(self, *args: Any, actions: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["action"].choices = [("", "All actions"), *((name, name) for name in actions)]  # type: ignore[attr-defined]

    def asked(self) -> AuditFilter:
        return AuditFilter(**self.cleaned_data) if self.is_valid() else AuditFilter()
