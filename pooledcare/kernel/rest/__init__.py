"""The bases of the REST API: strict filters, cursors, conditional requests, idempotency, problem+json and CSV.

Nothing here knows what the resources are about; the apps declare theirs in their own `api.py`. This file imports
nothing: the REST framework loads some of these modules by name while it is itself still loading.
"""
