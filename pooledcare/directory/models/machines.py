"""API keys, stored responses for repeated requests, and heartbeats of background work."""

from __future__ import annotations

import datetime as dt

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from pooledcare.directory.models.organisations import Organisation
from pooledcare.directory.models.people import User


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def note_use(self, key: ApiKey) -> None:
        """Record the day on which the key was last used. Writes at most once a day."""
        today = timezone.localdate()
        if key.last_used_on != today:
            self.filter(pk=key.pk).update(last_used_on=today)


class ApiKey(models.Model):
    """A key with which a system uses the API for one organisation, with chosen permissions.

    It can never do more than its maker, who is accountable for it. Only the SHA-256 of the key is stored; the key
    itself is shown once, when it is made. It stops working at `expires_at` or when it is revoked.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="api_keys")
    name = models.TextField()
    prefix = models.CharField(max_length=12)
    secret_hash = models.CharField(max_length=64)
    permissions = ArrayField(models.CharField(max_length=40))
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        ordering = ["organisation_id", "-created_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["prefix"], name="api_key_prefix_unique")]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"

    @property
    def last_day(self) -> dt.date:
        """The last day on which the key works. If it expires at midnight, that is the day before."""
        return timezone.localdate(self.expires_at - dt.timedelta(microseconds=1))


class IdempotencyRecordQuerySet(models.QuerySet["IdempotencyRecord"]):
    def forget_before(self, moment: dt.datetime) -> int:
        return self.filter(created_at__lt=moment).delete()[0]


class IdempotencyRecord(models.Model):
    """The response to a POST with an Idempotency-Key, stored for a week so that a repeat gets the same response.

    There is one row for each client, route and key. Forms that may be sent only once also have a row here, without the
    response, because their page may show a secret.
    """

    client = models.CharField(max_length=60)
    route = models.CharField(max_length=120)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = IdempotencyRecordQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["client", "route", "key"], name="idempotency_key_once_per_client")
        ]

    def __str__(self) -> str:
        return f"{self.route} {self.key}"


class HeartbeatQuerySet(models.QuerySet["Heartbeat"]):
    def beat(self, name: str) -> None:
        self.update_or_create(name=name, defaults={"beat_at": timezone.now()})


class Heartbeat(models.Model):
    """The last time that a kind of background work was known to run."""

    name = models.CharField(max_length=40)
    beat_at = models.DateTimeField()

    objects = HeartbeatQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["name"], name="heartbeat_name_unique")]

    def __str__(self) -> str:
        return f"{self.name} at {self.beat_at}"
