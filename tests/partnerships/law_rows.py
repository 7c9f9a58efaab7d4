"""Rows of law for tests: the smallest valid instrument, function and rule, made here and not by a load."""

from __future__ import annotations

import datetime as dt
from typing import Any

from partnerships.models import Function, Instrument, Rule
from tests.factories import number

DAY = dt.date(2016, 4, 1)


def instrument(**fields: Any) -> Instrument:
    n = number()
    values = {
        "slug": f"instrument-{n}",
        "title": f"Example Regulations {n}",
        "citation": f"Example {n}",
        "in_force": DAY,
        "status": "in_force",
        "confidence": "instrument",
    }
    return Instrument.objects.create(**values | fields)


def proposal(**fields: Any) -> Instrument:
    return instrument(**{"status": "proposed", "in_force": None} | fields)


def function(**fields: Any) -> Function:
    n = number()
    values = {
        "code": f"function-{n}",
        "name": f"Example function {n}",
        "side": "nhs",
        "provision": "Example Act s 1",
        "position": n % 30000,
    }
    return Function.objects.create(**values | fields)


def rule(**fields: Any) -> Rule:
    values: dict[str, Any] = {
        "code": f"rule-{number()}",
        "kind": "function",
        "powers": ["s75"],
        "allowed": True,
        "valid_from": DAY,
        "provision": "Example reg 1",
        "confidence": "instrument",
        "text": "An example.",
    } | fields
    values["instrument"] = values.get("instrument") or instrument()
    if values["kind"] == "function" and "side" not in values:
        values["function"] = values.get("function") or function()
    return Rule.objects.create(**values)
