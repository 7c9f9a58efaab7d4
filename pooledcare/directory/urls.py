"""Addresses of the pages about people: members, invitations, keys, the audit trail and one's own account."""

from __future__ import annotations

from django.urls import URLPattern, path, register_converter

from pooledcare.directory.views import accounts, audit, demo, invitations, keys, members

app_name = "directory"


class Number:
    """A row's id: at most 18 digits, so that it fits the database's bigint."""

    regex = "[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(Number, "number")

urlpatterns: list[URLPattern] = [
    path("members/", members.member_list, name="members"),
    path("members/invite/", members.member_invite, name="member-invite"),
    path("members/second-person/", members.second_person, name="second-person"),
    path("members/invitations/<number:pk>/resend/", members.invitation_resend, name="invitation-resend"),
    path("members/invitations/<number:pk>/withdraw/", members.invitation_withdraw, name="invitation-withdraw"),
    path("members/<number:pk>/", members.member_change, name="member-change"),
    path("members/<number:pk>/remove/", members.member_remove, name="member-remove"),
    path("members/<number:pk>/reset-second-factor/", members.member_reset, name="member-reset"),
    path("invitations/accept/", invitations.invitation_accept, name="invitation-accept"),
    path("invitations/<str:token>/", invitations.invitation_open, name="invitation-open"),
    path("keys/", keys.key_list, name="keys"),
    path("keys/new/", keys.key_make, name="key-make"),
    path("keys/<slug:prefix>/revoke/", keys.key_revoke, name="key-revoke"),
    path("audit/", audit.audit_list, name="audit"),
    path("audit/download/", audit.audit_download, name="audit-download"),
    path("account/", accounts.account, name="account"),
    path("account/name/", accounts.account_name, name="account-name"),
    path("account/sessions/", accounts.account_sessions, name="account-sessions"),
    path("account/sessions/end-others/", accounts.sessions_end_others, name="sessions-end-others"),
    path("account/sessions/<number:pk>/end/", accounts.session_end, name="session-end"),
    path("session/extend/", accounts.session_extend, name="session-extend"),
    path("session/ended/", accounts.session_ended, name="session-ended"),
    path("demo/", demo.demo_list, name="demo"),
    path("demo/<slug:handle>/", demo.demo_log_in, name="demo-log-in"),
]
