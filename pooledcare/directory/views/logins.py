"""django-allauth's login pages with more context: why a session ended, and where to continue."""

from __future__ import annotations

from typing import Any

from allauth.account.views import LoginView as AllauthLoginView
from allauth.mfa.recovery_codes.views import ViewRecoveryCodesView
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.views import ConnectionsView as AllauthConnectionsView
from django.conf import settings
from django.http import HttpRequest

from pooledcare.directory.access import AFTER_SECOND_FACTOR
from pooledcare.directory.sessions import ENDED

REASONS = {
    "idle": "You were logged out because you did nothing for {idle} minutes.",
    "absolute": "You were logged out because you had been logged in for {absolute} hours.",
}


class LoginView(AllauthLoginView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        reason = REASONS.get(self.request.session.get(ENDED, ""), "")
        context["ended"] = reason.format(
            idle=int(settings.SESSION_IDLE.total_seconds()) // 60,
            absolute=int(settings.SESSION_ABSOLUTE.total_seconds()) // 3600,
        )
        context["providers"] = provider_links(self.request)
        return context


def provider_links(request: HttpRequest, **parameters: str) -> list[tuple[str, str]]:
    """Name and address of each login through an organisation; empty unless OIDC_ISSUER is set."""
    return [
        (provider.name, provider.get_login_url(request, **parameters))
        for provider in get_adapter().list_providers(request)
        if provider.app is not None
    ]


class ConnectionsView(AllauthConnectionsView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context["providers"] = provider_links(self.request, process="connect")
        return context


class RecoveryCodesView(ViewRecoveryCodesView):
    """After the first set-up, its button continues to the page that required the second factor."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context["then"] = self.request.session.get(AFTER_SECOND_FACTOR, "/account/")
        return context
