"""Organisations, with their codes, names, regions, successions and populations.

An organisation and its successor are separate rows. For example, a clinical commissioning group keeps its row after an
integrated care board has taken over its functions, and a `Succession` says when that happened.
"""

from __future__ import annotations

import datetime as dt

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.urls import reverse

from pooledcare.directory.terms import (
    COUNCIL_KINDS,
    NHS_KINDS,
    CodeScheme,
    OrganisationKind,
    PopulationMeasure,
    RegionKind,
)


class Source(models.Model):
    """A publication from which reference rows or figures were taken."""

    slug = models.SlugField(max_length=80)
    title = models.TextField()
    publisher = models.TextField()
    licence = models.TextField()
    dated = models.DateField(null=True, blank=True, help_text="The date printed in the publication, if any")
    url = models.URLField(max_length=500, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["title", "slug"]
        constraints = [models.UniqueConstraint(fields=["slug"], name="source_slug_unique")]

    def __str__(self) -> str:
        return self.title


class Region(models.Model):
    """A region of England, either of NHS England or of official statistics (`kind`)."""

    code = models.CharField(max_length=12)
    name = models.TextField()
    kind = models.CharField(max_length=12, choices=RegionKind)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["kind", "name"]
        constraints = [models.UniqueConstraint(fields=["code"], name="region_code_unique")]

    def __str__(self) -> str:
        return self.name


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def open_on(self, day: dt.date) -> OrganisationQuerySet:
        """Organisations that existed on `day`. A missing opening or closing date counts as open."""
        return self.filter(Q(opened=None) | Q(opened__lte=day), Q(closed=None) | Q(closed__gte=day))

    def with_code(self, code: str, *, on: dt.date | None = None) -> OrganisationQuerySet:
        codes = OrganisationCode.objects.filter(code=code.strip().upper())
        if on is not None:
            codes = codes.valid_on(on)
        return self.filter(pk__in=codes.values("organisation_id"))


class Organisation(models.Model):
    """A public body, such as an NHS commissioner, a trust, a council or a department. `closed` is its last day.

    Rows from the reference tables have a `key` and a source. Rows are not deleted when an organisation closes.
    """

    # Null, not empty, for organisations that are not in the reference tables, because the key is unique.
    key = models.SlugField(max_length=100, null=True, blank=True, help_text="Identity in our reference tables")  # noqa: DJ001
    name = models.TextField()
    kind = models.CharField(max_length=30, choices=OrganisationKind)
    code = models.CharField(max_length=12, db_index=True, help_text="The code by which pages and the API name it")
    opened = models.DateField(null=True, blank=True)
    closed = models.DateField(null=True, blank=True)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, blank=True, related_name="organisations")
    illustrative = models.BooleanField(default=False, help_text="Invented for the demonstration")
    waives_second_person = models.BooleanField(default=False, help_text="For uploads of allocations only")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["key"], name="organisation_key_unique"),
            models.CheckConstraint(
                condition=Q(closed=None) | Q(opened=None) | Q(closed__gte=F("opened")),
                name="organisation_closes_after_opening",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("budgets:organisation-detail", args=[self.code])

    def is_open_on(self, day: dt.date) -> bool:
        return (self.opened is None or self.opened <= day) and (self.closed is None or day <= self.closed)

    @property
    def is_nhs(self) -> bool:
        return self.kind in NHS_KINDS

    @property
    def is_council(self) -> bool:
        return self.kind in COUNCIL_KINDS


class OrganisationCodeQuerySet(models.QuerySet["OrganisationCode"]):
    def valid_on(self, day: dt.date) -> OrganisationCodeQuerySet:
        return self.filter(Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gte=day))


class OrganisationCode(models.Model):
    """One code of one organisation for a period. `valid_to` is the last day. Look codes up by code and date.

    On any day, a code of a scheme belongs to at most one organisation.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="codes")
    scheme = models.CharField(max_length=8, choices=CodeScheme)
    code = models.CharField(max_length=12)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = OrganisationCodeQuerySet.as_manager()

    class Meta:
        ordering = ["scheme", "code", "valid_from"]
        indexes = [models.Index(fields=["code"], name="organisation_code_code")]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_from=None) | Q(valid_to__gte=F("valid_from")),
                name="organisation_code_ends_after_start",
            ),
            ExclusionConstraint(
                name="organisation_code_one_holder_at_a_time",
                expressions=[
                    ("scheme", RangeOperators.EQUAL),
                    ("code", RangeOperators.EQUAL),
                    (
                        Func(
                            F("valid_from"),
                            F("valid_to"),
                            Value("[]"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} ({self.get_scheme_display()})"


class OrganisationName(models.Model):
    """Another name of an organisation: a former name, or one that a source uses for it."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="other_names")
    name = models.TextField()
    source = models.ForeignKey(Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="organisation_name_recorded_once")]

    def __str__(self) -> str:
        return self.name


class ShortName(models.Model):
    """A short name by which people search for an organisation, such as BNSSG. Others can have the same one.

    `letters` is the name as `wording.letters_of` compares it.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="short_names")
    letters = models.CharField(max_length=40)
    name = models.TextField()
    source = models.ForeignKey(Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["name", "pk"]
        indexes = [models.Index(fields=["letters"], name="short_name_letters")]
        constraints = [models.UniqueConstraint(fields=["organisation", "letters"], name="short_name_recorded_once")]

    def __str__(self) -> str:
        return self.name


class Succession(models.Model):
    """`successor` took over from `predecessor` on the day `effective_on`.

    `share` is the share of the predecessor that it took over, from 0 to 1; null if nobody published it.
    """

    predecessor = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="successions")
    successor = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="predecessions")
    effective_on = models.DateField()
    share = models.DecimalField(max_digits=7, decimal_places=6, null=True, blank=True)
    share_basis = models.TextField(blank=True)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["effective_on", "predecessor_id", "successor_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["predecessor", "successor", "effective_on"], name="succession_recorded_once"
            ),
            models.CheckConstraint(
                condition=Q(share=None) | Q(share__gt=0, share__lte=1), name="succession_share_between_0_and_1"
            ),
            models.CheckConstraint(condition=~Q(predecessor=F("successor")), name="succession_not_of_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor} → {self.successor} on {self.effective_on}"


class Population(models.Model):
    """The number of people of an organisation on a date: estimated residents, or patients registered with practices."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="populations")
    measure = models.CharField(max_length=24, choices=PopulationMeasure)
    as_at = models.DateField()
    persons = models.PositiveIntegerField()
    source = models.ForeignKey(Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["organisation_id", "measure", "as_at"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "measure", "as_at"], name="population_recorded_once")
        ]

    def __str__(self) -> str:
        return f"{self.persons} people of {self.organisation} at {self.as_at}"
