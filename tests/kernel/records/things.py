"""A model with a field of every kind, for tests: as records read it, forms ask for it and the API lists it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.test.utils import isolate_apps

from pooledcare.kernel.records import FieldKind, Record
from pooledcare.kernel.year_shares import YearSharesField

COLOURS = [("red", "Red as a rose"), ("blue", "Blue")]

SHARE = [MinValueValidator(0), MaxValueValidator(100)]

with isolate_apps():  # Django knows nothing of these models elsewhere

    class _Thing(models.Model):
        owner = models.ForeignKey("self", on_delete=models.PROTECT, related_name="+", verbose_name="whose it is")
        name = models.TextField("name of the thing", max_length=300)
        aims = models.TextField(blank=True, help_text="What it is for")
        colour = models.CharField(max_length=8, choices=COLOURS)
        tint = models.CharField(max_length=8, choices=COLOURS, blank=True)
        shades = ArrayField(models.CharField(max_length=8, choices=COLOURS), default=list, blank=True)
        made_on = models.DateField("day it was made", null=True, blank=True)
        seen_on = ArrayField(models.DateField(), verbose_name="days it was seen", null=True, blank=True)
        weight = models.PositiveSmallIntegerField(
            null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(120)]
        )
        share = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True, validators=SHARE)
        price = models.DecimalField("price paid", max_digits=12, decimal_places=2, null=True, blank=True)
        paid = YearSharesField(verbose_name="days and shares", default=list, blank=True)
        is_new = models.BooleanField("whether it is new", default=False)
        version = models.PositiveIntegerField(default=1)

        class Meta:
            abstract = True
            app_label = "things"

    class Thing(_Thing):  # noqa: DJ008  never shown
        class Meta:
            app_label = "things"

    class NotedThing(_Thing):  # noqa: DJ008  never shown
        """The same with one more plain field, of which nobody has been told."""

        note = models.TextField("note on the thing", blank=True, help_text="Whatever else is to be said")

        class Meta:
            app_label = "things"


def record_of(model: type[models.Model]) -> Record:
    return Record.of(model, without=("version",), keys={"made_on": "made", "is_new": "new"})


RECORD = record_of(Thing)
KINDS = {
    "owner": FieldKind.REFERENCE, "name": FieldKind.LINE, "aims": FieldKind.TEXT, "colour": FieldKind.CHOICE,
    "tint": FieldKind.CHOICE, "shades": FieldKind.CHOICES, "made_on": FieldKind.DAY, "seen_on": FieldKind.DAYS,
    "weight": FieldKind.WHOLE, "share": FieldKind.PERCENT, "price": FieldKind.MONEY, "paid": FieldKind.SHARES,
    "is_new": FieldKind.FLAG,
}  # fmt: skip
DAY = dt.date(2026, 4, 1)
VALUES: dict[str, Any] = {
    "name": "A clock", "aims": "To tell\nthe time", "colour": "red", "tint": "", "shades": ["blue", "red"],
    "made_on": DAY, "seen_on": [DAY], "weight": 6, "share": Decimal("2.50"), "price": Decimal("1234.50"),
    "paid": ["04-15 40.00", "01-10 60.00"], "is_new": True,
}  # fmt: skip
