"""The second factor: a code counts once however it is written, and secrets are read with our keys alone."""

from __future__ import annotations

import datetime as dt
import string

import pytest
import time_machine
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import validate_totp_code
from cryptography.fernet import InvalidToken
from django.core.cache import cache
from django.db import connection

from pooledcare.directory.models import User
from pooledcare.directory.second_factor import (
    INCORRECT,
    ConfirmCodeForm,
    EnterCodeForm,
    MFAAdapter,
    SetUpForm,
    current_code,
    spend,
)
from tests import factories

NOON = dt.datetime(2026, 6, 1, 12, 0, 5, tzinfo=dt.UTC)
SECRET = factories.TOTP_SECRET
# allauth leaves out all of these, wherever they stand.
SEPARATORS = string.punctuation + string.whitespace


@pytest.fixture(autouse=True)
def _nothing_spent(request):
    if "django_db" in request.keywords:
        request.getfixturevalue("db")
        cache.clear()


@pytest.fixture
def asked(rf):
    """allauth's forms read the request that they belong to, to count attempts."""
    with context.request_context(rf.post("/account/second-factor/authenticate/")):
        yield


def at(seconds: float) -> time_machine.travel:
    return time_machine.travel(NOON + dt.timedelta(seconds=seconds), tick=False)


def person() -> User:
    user = factories.person()
    factories.second_factor(user)
    return user


# The appendix B of RFC 6238, of which an app shows the last six digits.
@pytest.mark.parametrize(
    ("moment", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_the_standard(moment, code):
    assert current_code("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", at=moment) == code


def test_the_code_of_now_is_shown_where_no_moment_is_named_and_that_of_1970_where_it_is():
    with at(0):
        assert current_code(SECRET) == current_code(SECRET, at=NOON.timestamp())
        assert current_code(SECRET) == current_code(SECRET, at=NOON.timestamp() + 24.9)
        assert current_code(SECRET) != current_code(SECRET, at=NOON.timestamp() + 25)
        assert current_code(SECRET, at=0) == current_code(SECRET, at=29) != current_code(SECRET)


# --- one code, one use ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_whatever_allauth_takes_for_a_code_that_was_used_is_spent():
    with at(0):
        user, code = User(pk=1), current_code(SECRET)
        assert spend(user, SECRET, code)
        marks = [*map(chr, range(0x20, 0x7F)), *string.whitespace[1:], *"\u00a0\u2010\u2013\u2019"]
        taken = [mark.join(code) for mark in marks if validate_totp_code(SECRET, mark.join(code))]
        assert len(taken) == len(SEPARATORS)
        assert [written for written in taken if spend(user, SECRET, written)] == []


@pytest.mark.django_db
def test_a_code_that_was_used_with_a_separator_is_spent_without_it():
    with at(0):
        code = current_code(SECRET)
        for number, mark in enumerate(SEPARATORS):
            assert spend(User(pk=number), SECRET, f"{code[:3]}{mark}{code[3:]}"), mark
            assert not spend(User(pk=number), SECRET, code), mark


@pytest.mark.django_db
@pytest.mark.parametrize("form", [EnterCodeForm, ConfirmCodeForm])
@pytest.mark.parametrize(("first", "again"), [("123456", "123-456"), ("123-456", "123456"), ("1.2.3 456", "(123) 456")])
def test_the_forms_take_a_code_once_although_allauth_has_forgotten_it(asked, form, first, again):
    user = person()
    with at(0):
        code = current_code(SECRET)
    digits = str.maketrans("123456", code)
    with at(-30):
        assert form(data={"code": first.translate(digits)}, user=user).is_valid()
    with at(54.9):  # the last moment at which the code counts; allauth remembers it for half a minute only
        refused = form(data={"code": again.translate(digits)}, user=user)
        assert refused.errors == {"code": [INCORRECT]}


@pytest.mark.django_db
def test_a_code_that_set_the_app_up_is_spent(asked, monkeypatch):
    user = factories.person()
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.get_totp_secret", lambda regenerate=False: SECRET)
    with at(0):
        code = current_code(SECRET)
        assert SetUpForm(data={"code": f"{code[:3]}-{code[3:]}"}, user=user).is_valid()
        assert SetUpForm(data={"code": code}, user=user).errors == {"code": [INCORRECT]}
        factories.second_factor(user)
        assert EnterCodeForm(data={"code": code}, user=user).errors == {"code": [INCORRECT]}


@pytest.mark.django_db
def test_a_code_is_spent_for_its_owner_and_its_half_minute_alone():
    with at(0):
        now, next_one = (current_code(SECRET, at=NOON.timestamp() + seconds) for seconds in (0, 30))
        assert spend(User(pk=1), SECRET, now)
        assert spend(User(pk=2), SECRET, now)
        assert spend(User(pk=1), SECRET, next_one)
        assert not spend(User(pk=1), SECRET, next_one)
        assert not spend(User(pk=2), SECRET, now)


@pytest.mark.django_db
def test_a_spent_code_is_remembered_for_two_minutes_and_no_longer():
    """It counts for a minute and a half; what is kept longer only fills the table."""
    with at(0):
        assert spend(User(pk=1), SECRET, current_code(SECRET))
    with connection.cursor() as cursor:
        cursor.execute("select expires from directory_cache where cache_key like '%totp-spent%'")
        assert cursor.fetchall() == [(NOON + dt.timedelta(seconds=120),)]


@pytest.mark.django_db
@pytest.mark.parametrize(("seconds", "counts"), [(-35.1, False), (-35, True), (0, True), (54.9, True), (55, False)])
def test_a_code_outside_its_time_counts_for_nothing(seconds, counts):
    """Also when its time ends between the look of allauth and ours."""
    with at(0):
        code = current_code(SECRET)
    with at(seconds):
        assert spend(User(pk=1), SECRET, code) is counts


@pytest.mark.django_db
@pytest.mark.parametrize(("first", "again"), [("{0}-{1}", "{0}{1}"), ("{0}{1}", "{0} {1}"), ("{0}.{1}", "-{0}{1}-")])
def test_a_recovery_code_counts_once_however_it_is_written(asked, first, again):
    user = person()
    one, other = RecoveryCodes.activate(user).get_unused_codes()[:2]
    assert EnterCodeForm(data={"code": first.format(one[:4], one[4:])}, user=user).is_valid()
    assert EnterCodeForm(data={"code": again.format(one[:4], one[4:])}, user=user).errors == {"code": [INCORRECT]}
    assert one not in RecoveryCodes(Authenticator.objects.get(user=user, type="recovery_codes")).get_unused_codes()
    assert EnterCodeForm(data={"code": again.format(other[:4], other[4:])}, user=user).is_valid()


# --- what is kept ----------------------------------------------------------------------------------------------------


def test_a_secret_that_was_kept_last_year_is_read_today(settings):
    """Were the key made in another way, nobody could log in any more."""
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "an example of a key that is kept in no installation", []
    kept = "gAAAAABrDNl-82URQu-gKd0j_ZgkpfYmbG7Sv2_K2lBbxLGeVbr6kVy-cbMeOfDcncxAyqIpTADDsJIVKpOxupUuxWwQNR59iQ=="
    assert MFAAdapter().decrypt(kept) == "JBSWY3DP"


def test_the_newest_key_writes_and_replaced_keys_still_read(settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "the older of two keys, which has been replaced", []
    before = MFAAdapter().encrypt("JBSWY3DP")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = (
        "the newer of two keys, which is used today",
        [settings.SECRET_KEY],
    )
    after = MFAAdapter().encrypt("JBSWY3DP")
    assert "JBSWY3DP" not in after
    assert [MFAAdapter().decrypt(kept) for kept in (before, after)] == ["JBSWY3DP", "JBSWY3DP"]
    settings.SECRET_KEY_FALLBACKS = []
    assert MFAAdapter().decrypt(after) == "JBSWY3DP"
    with pytest.raises(InvalidToken):
        MFAAdapter().decrypt(before)


# --- what the forms say -----------------------------------------------------------------------------------------------


def test_the_forms_say_what_to_enter_and_open_the_right_keyboard(monkeypatch):
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.get_totp_secret", lambda regenerate=False: SECRET)
    hints = {
        EnterCodeForm: "6 digits from your authenticator app, or one of your recovery codes",
        ConfirmCodeForm: "6 digits from your authenticator app, or one of your recovery codes",
        SetUpForm: "The 6 digits that the app shows now",
    }
    for form, hint in hints.items():
        field = form(user=User(pk=1)).fields["code"]
        assert (field.label, field.help_text, field.max_length) == ("Security code", hint, 32)
        assert field.error_messages["required"] == "Enter the code"
        assert field.widget.attrs == {"maxlength": "32", "autocomplete": "one-time-code"}
        assert field.looks == {"width": "10", "inputmode": "numeric", "spellcheck": "false"}
    assert MFAAdapter.error_messages["incorrect_code"] == INCORRECT
    of_allauth = {name: text for name, text in MFAAdapter.error_messages.items() if name != "incorrect_code"}
    assert of_allauth == {k: v for k, v in DefaultMFAAdapter.error_messages.items() if k != "incorrect_code"} != {}
    assert INCORRECT == "The code is not correct, or it has been used already. Wait for the next one and try again"
