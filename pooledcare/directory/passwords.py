"""Rules for passwords beyond Django's own (ASVS 5.0 6.2): a maximum length, and no word that anyone would guess here."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from pooledcare.directory.models import User

CONTEXT_WORDS = ("pooledcare", "nhsengland", "council", "section75", "bettercare", "password")


class MaximumLengthValidator:
    """Argon2 reads any length, but nobody may make it read a megabyte."""

    def __init__(self, max_length: int = 256) -> None:
        self.max_length = max_length

    def validate(self, password: str, user: User | None = None) -> None:
        if len(password) > self.max_length:
            raise ValidationError(f"Use at most {self.max_length} characters.", code="password_too_long")

    def get_help_text(self) -> str:
        return f"Your password can have up to {self.max_length} characters."


class ContextWordValidator:
    """Refuses a password that is mostly a word of this service or its trade."""

    def validate(self, password: str, user: User | None = None) -> None:
        squeezed = "".join(letter for letter in password.casefold() if letter.isalnum())
        for word in CONTEXT_WORDS:
            if word in squeezed and len(squeezed) - len(word) < 8:
                raise ValidationError(
                    f"Do not build your password around the word “{word}”.", code="password_context_word"
                )

    def get_help_text(self) -> str:
        return "Do not build your password around the name of this service or of its trade."
