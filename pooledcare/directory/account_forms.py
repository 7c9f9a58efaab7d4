"""django-allauth's forms, with labels, hints and error messages in the style of the NHS.UK service manual."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account
from django import forms
from django.core.validators import EmailValidator

EMAIL = "Email address"
HINT_FOR_A_NEW_ONE = "At least 15 characters. Several unrelated words are easier to remember than one word with symbols"
INVALID_EMAIL = "Enter an email address in the correct format, like name@example.com"
# By field name: label, hint, error message if it is missing.
WORDS = {
    "login": (EMAIL, "", "Enter your email address"),
    "email": (EMAIL, "", "Enter an email address"),
    "password": ("Password", "", "Enter your password"),
    "oldpassword": ("Current password", "", "Enter your current password"),
    "password1": ("New password", HINT_FOR_A_NEW_ONE, "Enter a new password"),
    "password2": ("New password again", "", "Enter the new password again"),
}


class _Worded:
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():  # type: ignore[attr-defined]
            field.label, field.help_text, missing = WORDS[name]
            field.error_messages["required"] = missing
            field.widget.attrs.pop("placeholder", None)
            if isinstance(field, forms.EmailField):
                field.widget = forms.EmailInput(attrs={"autocomplete": "username" if name == "login" else "email"})
                field.validators = [EmailValidator(INVALID_EMAIL), *field.validators[1:]]
                field.looks = {"spellcheck": "false"}  # type: ignore[attr-defined]


class LoginForm(_Worded, account.LoginForm):
    pass


class ReauthenticateForm(_Worded, account.ReauthenticateForm):
    pass


class ResetPasswordForm(_Worded, account.ResetPasswordForm):
    pass


class ResetPasswordKeyForm(_Worded, account.ResetPasswordKeyForm):
    pass


class ChangePasswordForm(_Worded, account.ChangePasswordForm):
    pass


class SetPasswordForm(_Worded, account.SetPasswordForm):
    pass


class ChangeEmailForm(_Worded, account.AddEmailForm):
    pass
