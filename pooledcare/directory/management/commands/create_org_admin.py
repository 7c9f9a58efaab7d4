"""Invites the first administrator of an organisation, and prints the one-time link."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from pooledcare.directory.access import system_actor
from pooledcare.directory.actions.invitations import invite_person, resend_invitation
from pooledcare.directory.models import Invitation, Membership, Organisation
from pooledcare.directory.rules import ADMINISTRATOR, INVITATION_LIFE
from pooledcare.kernel.problems import Refused


class Command(BaseCommand):
    help = "Invite the first administrator of an organisation, and print a link that works once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organisation", required=True, help="its code, such as QSL")
        parser.add_argument("--email", required=True)

    def handle(self, *args: Any, organisation: str, email: str, **options: Any) -> None:
        body = Organisation.objects.filter(code=organisation.upper(), closed=None).first()
        if body is None:
            raise CommandError(f"There is no open organisation with the code {organisation}.")
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"{email} is not an e-mail address.") from error
        if Membership.objects.active().filter(organisation=body, roles__contains=[ADMINISTRATOR]).exists():
            raise CommandError(f"{body.name} has an administrator already, who can invite others.")
        try:
            link = self._invite(body, email.lower())
        except Refused as refusal:
            raise CommandError(refusal.problems[0].message) from refusal
        self.stdout.write(f"Give this link to {email}. It works once, for {INVITATION_LIFE.days} days:\n{link}")

    def _invite(self, body: Organisation, email: str) -> str:
        by = system_actor("create-org-admin")
        waiting = Invitation.objects.open().filter(organisation=body, email=email).first()
        if waiting is not None:
            return resend_invitation(invitation=waiting, version=waiting.version, by=by)[1]
        return invite_person(organisation=body, email=email, roles=[ADMINISTRATOR], by=by)[1]
