"""Password rules besides Django's own (ASVS 5.0 6.2): a maximum length, and no words or runs that are easy to guess."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError

from pooledcare.directory.models import Membership, User

CONTEXT_WORDS = ("pooledcare", "nhsengland", "council", "section75", "bettercare", "password", "commissioning")
SHORTEST_WORD = 5  # the minimum length of a word in an organisation's name for it to count
RUNS = ("abcdefghijklmnopqrstuvwxyz", "12345678901", "qwertyuiopasdfghjklzxcvbnm")
SHORTEST = 15
REST = 8  # the number of letters and digits that a password must have besides the word


class MaximumLengthValidator:
    """Limits the length, because hashing a very long password would take too much work."""

    def __init__(self, max_length: int = 256) -> None:
        self.max_length = max_length

    def validate(self, password: str, user: User | None = None) -> None:
        if len(password) > self.max_length:
            raise ValidationError(f"Password must be {self.max_length} characters or fewer", code="password_too_long")

    def get_help_text(self) -> str:
        return f"Your password can have up to {self.max_length} characters."


class ContextWordValidator:
    """Refuses a password that is mostly a word from the service, its field, or the person's organisation."""

    def validate(self, password: str, user: User | None = None) -> None:
        squeezed = "".join(letter for letter in password.casefold() if letter.isalnum())
        for word in (*CONTEXT_WORDS, *_words_of_organisations(user)):
            if word in squeezed and len(squeezed.replace(word, "")) < REST:
                raise ValidationError(f"Do not base your password on the word “{word}”", code="password_context_word")

    def get_help_text(self) -> str:
        return "Do not base your password on the name of this service, your organisation or its work."


class PredictableValidator:
    """Refuses passwords made of runs of neighbouring keys, letters or numbers."""

    def validate(self, password: str, user: User | None = None) -> None:
        if len(password) < SHORTEST:
            return  # another validator refuses it already
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
