"""Settings of django-allauth's behaviour: accounts are made by invitation only; messages and e-mails are our own."""

from __future__ import annotations

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from pooledcare.directory import sessions
from pooledcare.directory.access import AFTER_SECOND_FACTOR, person_actor, request_actor
from pooledcare.directory.actions.accounts import note_security_event
from pooledcare.directory.mails import send_after_commit
from pooledcare.directory.models import User

security_log = logging.getLogger("pooledcare.security")

# By allauth's template: the name of the event in the audit trail, and the sentence in the e-mail to the person.
NOTICES = {
    "account/email/password_changed": ("password_changed", "Your password was changed."),
    "account/email/password_set": ("password_set", "A password was set for your account."),
    "account/email/password_reset": ("password_reset", "Your password was reset with a link sent to this address."),
    "account/email/email_changed": ("email_changed", "The e-mail address of your account was changed."),
    "account/email/email_deleted": ("email_removed", "An e-mail address was removed from your account."),
    "mfa/email/totp_activated": ("second_factor_set_up", "An authenticator app was set up for your account."),
    "mfa/email/totp_deactivated": ("second_factor_removed", "The authenticator app was removed from your account."),
    "mfa/email/recovery_codes_generated": ("recovery_codes_made", "New recovery codes were made for your account."),
    "socialaccount/email/account_connected": (
        "login_linked",
        "A login at your organisation was linked to your account.",
    ),
    "socialaccount/email/account_disconnected": ("login_unlinked", "A linked login was removed from your account."),
}
MAILS = {
    "account/email/password_reset_key": ("password_reset", "Reset your PooledCare password"),
    "account/email/unknown_account": ("unknown_account", "Reset your PooledCare password"),
    "account/email/account_already_exists": ("address_in_use", "Your e-mail address on PooledCare"),
    "account/email/email_confirmation": ("email_confirmation", "Confirm your e-mail address for PooledCare"),
    "account/email/email_confirmation_signup": ("email_confirmation", "Confirm your e-mail address for PooledCare"),
}
MESSAGES = {
    "account/messages/password_changed.txt": "Your password has been changed. Log in with the new one.",
    "account/messages/password_set.txt": "Your password has been set. Log in with it.",
    "account/messages/email_confirmation_sent.txt": "We have sent a link to {email}. Open it to confirm the address.",
    "account/messages/email_confirmed.txt": "You have confirmed {email}.",
    "account/messages/email_confirmation_failed.txt": "{email} was not confirmed: another account uses it.",
    "account/messages/logged_out.txt": "You have logged out.",
    "mfa/messages/totp_activated.txt": "Your authenticator app is set up.",
    "mfa/messages/totp_deactivated.txt": "Your authenticator app has been removed.",
    "socialaccount/messages/account_connected.txt": "The login at your organisation is linked to your account.",
    "socialaccount/messages/account_disconnected.txt": "The linked login has been removed.",
}


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "The email address or the password is not correct",
        "too_many_login_attempts": "Too many attempts to log in. Wait a few minutes, then try again",
        "enter_current_password": "The current password is not correct",
        "incorrect_password": "The password is not correct",
        "duplicate_email": "This is your email address already",
        "same_as_current": "This is your email address already",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Refuse demonstration users unless this is the demonstration, in the same way as a wrong password."""
        user = super().authenticate(request, **credentials)
        return None if user is None or user.is_demo_elsewhere else user

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        security_log.warning("login failed from %s", self.get_client_ip(request))

    def post_login(self, request: HttpRequest, user: User, **rest: Any) -> HttpResponse:
        sessions.begin(request)
        response = super().post_login(request, user, **rest)
        methods = [str(record.get("method")) for record in get_authentication_records(request, user)]
        security_log.info("login of user:%s by %s", user.pk, ", ".join(methods))
        note_security_event(person=user, event="logged_in", sentence="user:{pk} logged in.", by=person_actor(user))
        if request_actor(request).needs_second_factor:
            request.session[AFTER_SECOND_FACTOR] = response.url
            return redirect("mfa_activate_totp")
        return response

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return _on_public_address(super().get_email_confirmation_url(request, emailconfirmation))

    def get_reset_password_from_key_url(self, key: str) -> str:
        return _on_public_address(super().get_reset_password_from_key_url(key))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        name, subject = MAILS[template_prefix]
        link = context.get("password_reset_url") or context.get("activate_url") or ""
        send_after_commit(name, to=email, subject=subject, link=link)

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Called after every change to how somebody logs in: records it in the audit trail and e-mails the person."""
        event, sentence = NOTICES[template_prefix]
        note_security_event(
            person=user, event=event, sentence=f"{sentence.rstrip('.')} (user:{{pk}}).", by=person_actor(user)
        )
        address = email or EmailAddress.objects.get_primary_email(user) or user.email
        send_after_commit(
            "security_notice", to=address, subject="A change to your PooledCare account", sentence=sentence
        )

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        sentence = message or MESSAGES.get(message_template or "")
        if sentence:
            messages.add_message(request, level, sentence.format(**(message_context or {})), extra_tags=extra_tags)


def _on_public_address(url: str) -> str:
    """The link with our own PUBLIC_URL, because the Host header of a request is not trusted."""
    path = url.split("//", 1)[-1].partition("/")[2]
    return f"{settings.PUBLIC_URL.rstrip('/')}/{path}"
