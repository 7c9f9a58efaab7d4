"""People, their memberships of organisations, and invitations."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from pooledcare.directory.models.organisations import Organisation

# The e-mail domain of demonstration users. It is a reserved name, so that no e-mail ever reaches anybody.
DEMO_DOMAIN = "demo.pooledcare.example"


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A person who can log in. Their permissions come only from memberships; there are no superusers."""

    email = models.EmailField()
    name = models.TextField()
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique")]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    @property
    def has_credentials(self) -> bool:
        """Whether this person has a way to log in: a password, or a login at their organisation."""
        return self.has_usable_password() or self.socialaccount_set.exists()  # type: ignore[attr-defined]

    @property
    def is_demo(self) -> bool:
        return self.email.endswith(f"@{DEMO_DOMAIN}")

    @property
    def is_demo_elsewhere(self) -> bool:
        """Whether this is a demonstration user outside the demonstration: cannot log in, and has no permissions."""
        return self.is_demo and not settings.DEMO


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self) -> MembershipQuerySet:
        return self.filter(ended_at=None, user__is_active=True)


class Membership(models.Model):
    """A person's membership of an organisation, with one or more roles (`access.ROLES`), until `ended_at`.

    A person has at most one open membership of each organisation. Rows are kept when a membership ends.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    roles = ArrayField(models.CharField(max_length=30))
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["organisation_id", "user_id", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation"], condition=Q(ended_at=None), name="membership_one_per_organisation"
            ),
            models.CheckConstraint(condition=Q(roles__len__gt=0), name="membership_has_a_role"),
        ]

    def __str__(self) -> str:
        return f"{self.user} at {self.organisation}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> InvitationQuerySet:
        """Invitations that were neither accepted nor withdrawn. They may have expired, and can then be sent again."""
        return self.filter(accepted_at=None, withdrawn_at=None)


class Invitation(models.Model):
    """An invitation of an e-mail address to be a member. Only the SHA-256 of its token is stored.

    Each address has at most one open invitation to an organisation.
    """

    email = models.EmailField()
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="invitations")
    roles = ArrayField(models.CharField(max_length=30))
    token_hash = models.CharField(max_length=64, db_index=True)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    invited_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-invited_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                "organisation",
                condition=Q(accepted_at=None, withdrawn_at=None),
                name="invitation_one_open_per_address",
            )
        ]

    def __str__(self) -> str:
        return f"Invitation {self.pk} to {self.organisation}"

    @property
    def has_expired(self) -> bool:
        return self.expires_at <= timezone.now()
