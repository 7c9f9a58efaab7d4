"""The addresses of django-allauth's pages that PooledCare uses. Its other pages do not exist here."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.socialaccount import views as social
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from django.urls import URLPattern, path, re_path
from django.views.decorators.http import require_http_methods

from pooledcare.directory.views.logins import ConnectionsView, LoginView, RecoveryCodesView

READ = require_http_methods(["GET", "HEAD"])
FORM = require_http_methods(["GET", "HEAD", "POST"])
ONLY_POST = require_http_methods(["POST"])

urlpatterns: list[URLPattern] = [
    path("login/", FORM(LoginView.as_view()), name="account_login"),
    path("logout/", FORM(account.logout), name="account_logout"),
    path("inactive/", READ(account.account_inactive), name="account_inactive"),
    path("signup/", FORM(account.signup), name="account_signup"),
    path("reauthenticate/", FORM(account.reauthenticate), name="account_reauthenticate"),
    path("email/", FORM(account.email), name="account_email"),
    path("confirm-email/", READ(account.email_verification_sent), name="account_email_verification_sent"),
    re_path(r"^confirm-email/(?P<key>[-:\w]+)/$", FORM(account.confirm_email), name="account_confirm_email"),
    path("password/change/", FORM(account.password_change), name="account_change_password"),
    path("password/set/", FORM(account.password_set), name="account_set_password"),
    path("password/reset/", FORM(account.password_reset), name="account_reset_password"),
    path("password/reset/done/", READ(account.password_reset_done), name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        FORM(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        READ(account.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    path("second-factor/", READ(mfa.index), name="mfa_index"),
    path("second-factor/authenticate/", FORM(mfa.authenticate), name="mfa_authenticate"),
    path("second-factor/reauthenticate/", FORM(mfa.reauthenticate), name="mfa_reauthenticate"),
    path("second-factor/set-up/", FORM(totp.activate_totp), name="mfa_activate_totp"),
    path("second-factor/remove/", FORM(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("second-factor/recovery-codes/", READ(RecoveryCodesView.as_view()), name="mfa_view_recovery_codes"),
    path(
        "second-factor/recovery-codes/new/",
        FORM(recovery_codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "second-factor/recovery-codes/download/",
        READ(recovery_codes.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    path("linked/", FORM(ConnectionsView.as_view()), name="socialaccount_connections"),
    path("linked/cancelled/", READ(social.login_cancelled), name="socialaccount_login_cancelled"),
    path("linked/error/", READ(social.login_error), name="socialaccount_login_error"),
    path("linked/signup/", FORM(social.signup), name="socialaccount_signup"),
    path("oidc/<slug:provider_id>/login/", ONLY_POST(openid_connect.login), name="openid_connect_login"),
    path("oidc/<slug:provider_id>/login/callback/", READ(openid_connect.callback), name="openid_connect_callback"),
]
