"""The tables of partnerships, by noun."""

from partnerships.models.law import Function, Instrument, Rule

__all__ = ["Function", "Instrument", "Rule"]
