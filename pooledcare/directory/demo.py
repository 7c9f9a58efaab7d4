"""The invented users of the demonstration, each with a role to try and a second factor.

They exist and can log in only if `settings.DEMO` is true: with the embedded database, on a loopback address.
"""

from __future__ import annotations

from dataclasses import dataclass

from allauth.account.models import EmailAddress
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from pooledcare.directory.demo_bodies import make_demo_bodies
from pooledcare.directory.models import Membership, Organisation, User
from pooledcare.directory.models.people import DEMO_DOMAIN

PASSWORD = "lanterns over the quiet estuary"  # noqa: S105 - public on purpose: these people exist on loopback only
TOTP_SECRET = "KBXW63DFMRBWC4TFKBXW63DFMRBWC4TF"  # noqa: S105 - likewise


@dataclass(frozen=True)
class Part:
    """One demonstration user: name, organisation, roles, and what to try."""

    handle: str
    name: str
    code: str
    roles: tuple[str, ...]
    purpose: str

    @property
    def email(self) -> str:
        return f"{self.handle}@{DEMO_DOMAIN}"


@dataclass(frozen=True)
class DemoPerson:
    handle: str
    user: User
    organisation: Organisation
    purpose: str


CAST = (
    Part("pat", "Pat Example (demo)", "X24", ("publisher",), "Uploads the national allocation workbook"),
    Part("robin", "Robin Sample (demo)", "X24", ("finance_approver",), "Accepts or reverses what Pat has uploaded"),
    Part("jo", "Jo Specimen (demo)", "MHCLG", ("publisher",), "Uploads councils’ budgets and outturns"),
    Part("kit", "Kit Pattern (demo)", "MHCLG", ("finance_approver",), "Accepts or reverses what Jo has uploaded"),
    Part("sam", "Sam Placeholder (demo)", "QSL", ("finance_officer",), "Uploads the board’s own figures"),
    Part("alex", "Alex Template (demo)", "QSL", ("finance_approver",), "Accepts or reverses what Sam has uploaded"),
    Part("charlie", "Charlie Mockup (demo)", "QSL", ("org_admin",), "Invites and changes members, manages keys"),
    Part("frankie", "Frankie Draft (demo)", "QSL", ("viewer",), "Reads what is not published yet"),
    Part("morgan", "Morgan Outline (demo)", "QSL", ("auditor",), "Reads the audit trail and changes nothing"),
    Part("lee", "Lee Model (demo)", "E06000066", ("finance_officer",), "Uploads and publishes the council’s figures"),
    Part("ash", "Ash Sketch (demo)", "E06000066", ("finance_approver",), "Accepts or reverses what Lee has uploaded"),
    Part("mo", "Mo Fiction (demo)", "Z0L1", ("governance_lead",), "Writes and signs agreements for Mereshire’s county"),
    Part("drew", "Drew Invented (demo)", "Z0L1", ("finance_approver",), "Approves what Mo has written"),
    Part("toni", "Toni Imagined (demo)", "Z0B1", ("governance_lead",), "Approves and signs for Mereshire’s board"),
    Part("lou", "Lou Notional (demo)", "Z0B1", ("pool_manager",), "Prepares deeds for Mereshire’s board"),
    Part("vic", "Vic Madeup (demo)", "Z0B1", ("policy_officer",), "Asks what a proposed rule would change"),
)


@transaction.atomic
def make_demo_people() -> list[DemoPerson]:
    """Create missing users, and reset all of them to their roles. Safe to repeat."""
    if not settings.DEMO:
        raise ImproperlyConfigured("Demo people exist only with the embedded database and a loopback address.")
    make_demo_bodies()
    return [_make(part) for part in CAST]


def _make(part: Part) -> DemoPerson:
    organisation = Organisation.objects.filter(code=part.code, closed=None).first()
    if organisation is None:
        raise ImproperlyConfigured(f"There is no organisation {part.code}: run load_reference first.")
    user = User.objects.filter(email=part.email).first()
    if user is None:
        user = User.objects.create_user(email=part.email, password=PASSWORD, name=part.name)
    elif not user.check_password(PASSWORD) or user.name != part.name:
        user.name = part.name
        user.set_password(PASSWORD)
        user.save()
    EmailAddress.objects.get_or_create(user=user, email=part.email, defaults={"verified": True, "primary": True})
    Authenticator.objects.update_or_create(
        user=user,
        type=Authenticator.Type.TOTP,
        defaults={"data": {"secret": get_adapter().encrypt(TOTP_SECRET)}},
    )
    Membership.objects.update_or_create(
        user=user, organisation=organisation, ended_at=None, defaults={"roles": list(part.roles)}
    )
    return DemoPerson(part.handle, user, organisation, part.purpose)


def demo_people() -> list[DemoPerson]:
    """The users that exist, in the order of PARTS; none outside the demonstration."""
    if not settings.DEMO:
        return []
    known = {
        membership.user.email: membership
        for membership in Membership.objects.active()
        .filter(user__email__endswith=f"@{DEMO_DOMAIN}")
        .select_related("user", "organisation")
    }
    return [
        DemoPerson(part.handle, known[part.email].user, known[part.email].organisation, part.purpose)
        for part in CAST
        if part.email in known
    ]
