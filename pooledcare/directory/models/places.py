"""Places (areas of health and wellbeing boards), and the populations that they share with NHS commissioners."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from pooledcare.directory.models.organisations import Organisation, Source
from pooledcare.directory.terms import CouncilRole, OverlapMeasure


class PlaceQuerySet(models.QuerySet["Place"]):
    def open_on(self, day: dt.date) -> PlaceQuerySet:
        return self.filter(Q(opened=None) | Q(opened__lte=day), Q(closed=None) | Q(closed__gte=day))


class Place(models.Model):
    """The area of one health and wellbeing board. `closed` is its last day."""

    slug = models.SlugField(max_length=100)
    name = models.TextField()
    opened = models.DateField(null=True, blank=True)
    closed = models.DateField(null=True, blank=True)
    illustrative = models.BooleanField(default=False)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = PlaceQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["slug"], name="place_slug_unique")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("budgets:place-detail", args=[self.slug])


class PlaceCouncil(models.Model):
    """A council of a place in a period: the one with social care duties, or a district within it."""

    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="councils")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="places")
    role = models.CharField(max_length=12, choices=CouncilRole)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["place_id", "-role", "organisation_id"]
        constraints = [
            models.UniqueConstraint(fields=["place", "organisation", "role"], name="place_council_recorded_once")
        ]

    def __str__(self) -> str:
        return f"{self.organisation} in {self.place}"


class PlaceSuccession(models.Model):
    predecessor = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="successions")
    successor = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="predecessions")
    effective_on = models.DateField()
    source = models.ForeignKey(Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["effective_on", "predecessor_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["predecessor", "successor", "effective_on"], name="place_succession_recorded_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.predecessor} → {self.successor} on {self.effective_on}"


class Overlap(models.Model):
    """The population that an NHS commissioner and a place share, as counted from a published lookup.

    `quantity` is a number of small areas or of registered patients, depending on `measure`. `share` is its share of the
    organisation's total and `share_of_place` its share of the place's, both from 0 to 1.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="overlaps")
    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="overlaps")
    measure = models.CharField(max_length=24, choices=OverlapMeasure)
    as_at = models.DateField()
    quantity = models.PositiveIntegerField()
    share = models.DecimalField(max_digits=9, decimal_places=8)
    share_of_place = models.DecimalField(max_digits=9, decimal_places=8)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["organisation_id", "place_id", "measure", "as_at"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "place", "measure", "as_at"], name="overlap_recorded_once"),
            models.CheckConstraint(
                condition=Q(share__gte=0, share__lte=1, share_of_place__gte=0, share_of_place__lte=1),
                name="overlap_shares_between_0_and_1",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} and {self.place}: {self.quantity}"


class AreaTransfer(models.Model):
    """Part of the area of one organisation that became part of the area of another.

    It is not a succession: functions, agreements and figures do not follow it. If the giver was an NHS commissioner,
    `place` is the place in which the area lies; the area is all that the giver had of that place.
    """

    giver = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="areas_given")
    receiver = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="areas_received")
    effective_on = models.DateField()
    area = models.TextField()
    place = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["effective_on", "giver_id", "receiver_id"]
        constraints = [
            models.UniqueConstraint(fields=["giver", "receiver", "effective_on"], name="area_transfer_recorded_once"),
            models.CheckConstraint(condition=~Q(giver=F("receiver")), name="area_transfer_not_to_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.area}: {self.giver} → {self.receiver} on {self.effective_on}"
