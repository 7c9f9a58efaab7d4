"""The second factor: each code works once, secrets are encrypted in the database, and the forms have our own texts."""

from __future__ import annotations

import base64
import time
from typing import Any

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa import app_settings
from allauth.mfa.adapter import DefaultMFAAdapter, get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django import forms
from django.conf import settings
from django.core.cache import cache

from pooledcare.directory.models import User

INCORRECT = "The code is not correct, or it has been used already. Wait for the next one and try again"


class MFAAdapter(DefaultMFAAdapter):
    """Encrypts the secrets of authenticator apps and recovery codes, so that a copy of the database is no use."""

    error_messages = {**DefaultMFAAdapter.error_messages, "incorrect_code": INCORRECT}

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()


def _cipher() -> MultiFernet:
    """Encrypts with the current SECRET_KEY; decrypts with it and with earlier ones (SECRET_KEY_FALLBACKS)."""
    return MultiFernet([_key_from(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key_from(secret: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"pooledcare second factor").derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


def current_code(secret: str, at: float | None = None) -> str:
    """The code that an authenticator app shows now, or at the Unix time `at`."""
    moment = time.time() if at is None else at
    return format_hotp_value(hotp_value(secret, int(moment) // app_settings.TOTP_PERIOD))


def spend(user: User, secret: str, code: str) -> bool:
    """Mark a code as used, and return whether it was unused (RFC 6238, section 5.2).

    A code is valid for some time before and after its 30 seconds, so it is remembered for as long. Spaces and
    punctuation are ignored, as allauth does: `123-456` is `123456`.
    """
    for counter in yield_hotp_counters_from_time():
        if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, counter))):
            life = app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 2)
            return cache.add(f"totp-spent:{user.pk}:{counter}", 1, timeout=life)
    return False  # it stopped being valid in the meantime


def _code_field(label: str, hint: str) -> forms.CharField:
    field = forms.CharField(label=label, help_text=hint, max_length=32, error_messages={"required": "Enter the code"})
    field.widget.attrs["autocomplete"] = "one-time-code"
    field.looks = {"width": "10", "inputmode": "numeric", "spellcheck": "false"}  # type: ignore[attr-defined]
    return field


class OnceOnly:
    """Refuses a code of the app that has been used before."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = _code_field(  # type: ignore[attr-defined]
            "Security code", "6 digits from your authenticator app, or one of your recovery codes"
        )

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]
        authenticator: Authenticator = self.authenticator  # type: ignore[attr-defined]
        if authenticator.type == Authenticator.Type.TOTP:
            secret = get_adapter().decrypt(authenticator.data["secret"])
            if not spend(authenticator.user, secret, code):
                raise get_adapter().validation_error("incorrect_code")
        return code


class EnterCodeForm(OnceOnly, AuthenticateForm):
    pass


class ConfirmCodeForm(OnceOnly, ReauthenticateForm):
    pass


class SetUpForm(ActivateTOTPForm):
    """Sets up an app. The code entered here counts as used."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = _code_field("Security code", "The 6 digits that the app shows now")

    def clean_code(self) -> str:
        code = super().clean_code()
        if not spend(self.user, self.secret, code):
            raise get_adapter().validation_error("incorrect_code")
        return code
