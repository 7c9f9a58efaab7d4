"""Rules for passwords beyond Django's own (ASVS 5.0 6.2): a maximum length, and no word that anyone would guess."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError

from pooledcare.directory.models import Membership, User

CONTEXT_WORDS = ("pooledcare", "nhsengland", "council", "section75", "bettercare", "password", "commissioning")
SHORTEST_WORD = 5  # of an organisation's name
RUNS = ("abcdefghijklmnopqrstuvwxyz", "12345678901", "qwertyuiopasdfghjklzxcvbnm")
SHORTEST = 15
REST = 8  # letters and digits that must remain beside the word


class MaximumLengthValidator:
    """Argon2 reads any length, but nobody may make it read a megabyte."""

    def __init__(self, max_length: int = 256) -> None:
        self.max_length = max_length

    def validate(self, password: str, user: User | None = None) -> None:
        if len(password) > self.max_length:
            raise ValidationError(f"Password must be {self.max_length} characters or fewer", code="password_too_long")

    def get_help_text(self) -> str:
        return f"Your password can have up to {self.max_length} characters."


class ContextWordValidator:
    """Refuses a password that is little more than a word of this service, its trade or one's own organisation."""

    def validate(self, password: str, user: User | None = None) -> None:
        squeezed = "".join(letter for letter in password.casefold() if letter.isalnum())
        for word in (*CONTEXT_WORDS, *_words_of_organisations(user)):
            if word in squeezed and len(squeezed.replace(word, "")) < REST:
                raise ValidationError(
                    f"Do not build your password around the word “{word}”", code="password_context_word"
                )

    def get_help_text(self) -> str:
        return "Do not build your password around the name of this service, of its trade or of your organisation."


class PredictableValidator:
    """Refuses runs of neighbours, on the keyboard or in the alphabet, of whatever length."""

    def validate(self, password: str, user: User | None = None) -> None:
        if len(password) < SHORTEST:
            return  # which is said already, and reason enough
        steps = zip(password.casefold(), password.casefold()[1:], strict=False)
        if sum(not _is_neighbour(*step) for step in steps) < REST - 1:
            raise ValidationError("Do not use a run of letters, numbers or keys", code="password_predictable")

    def get_help_text(self) -> str:
        return "Do not use a run of letters, numbers or keys."


def _is_neighbour(one: str, next_one: str) -> bool:
    return one == next_one or any(one + next_one in run or next_one + one in run for run in RUNS)


def _words_of_organisations(user: User | None) -> list[str]:
    if user is None or user.pk is None:
        return []
    names = Membership.objects.active().filter(user=user).values_list("organisation__name", flat=True)
    words = {word for name in names for word in re.findall(r"\w+", name.casefold()) if len(word) >= SHORTEST_WORD}
    return sorted(words)
