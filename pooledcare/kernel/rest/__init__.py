"""The base classes of the REST API: strict parameters, cursors, conditional requests, idempotency, problem+json, CSV.

The apps declare their resources in their own `api.py`. This file must not import anything, because the REST framework
loads some of these modules by name while it is still being loaded itself.
"""
