"""Login through an organisation's OpenID Connect. People are identified by issuer and subject, never by e-mail.

Only a login that is linked to a person's account works.
"""

from __future__ import annotations

from typing import NoReturn

from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils import timezone

from pooledcare.directory.access import ANONYMOUS
from pooledcare.directory.actions.invitations import accept_as_new_person
from pooledcare.kernel.problems import Refused

CLOCK_SKEW_SECONDS = 60
INVITATION = "invitation_token"  # the session key under which the token of an opened invitation is stored

NOT_LINKED = (
    "This login is not linked to anybody on PooledCare. Log in with your password and link it on your account page, "
    "or ask an administrator of your organisation to invite you."
)


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Let a linked login continue; link one that accepts an invitation; refuse any other."""
        claims = sociallogin.account.extra_data.get("id_token", {})
        if claims.get("nbf", 0) > timezone.now().timestamp() + CLOCK_SKEW_SECONDS:
            self._refuse(request, "Your organisation’s login gave a response that is not valid yet. Try again.")
        if sociallogin.is_existing or sociallogin.state.get("process") == "connect":
            return
        token = request.session.pop(INVITATION, None)
        if token is None:
            self._refuse(request, NOT_LINKED)
        name = str(claims.get("name") or "Name not given")
        try:
            membership = accept_as_new_person(token=token, name=name[:100], password=None, by=ANONYMOUS)
        except Refused as refusal:
            self._refuse(request, refusal.problems[0].message)
        sociallogin.connect(request, membership.user)
        sociallogin.email_addresses = list(EmailAddress.objects.filter(user=membership.user))

    def _refuse(self, request: HttpRequest, sentence: str) -> NoReturn:
        messages.error(request, sentence)
        raise ImmediateHttpResponse(redirect("account_login"))
