"""Shared code that every app may import: money, periods, problems, tables, charts, the API's base classes.

It has no models, imports no app, and knows nothing about organisations, agreements or budgets.
"""
