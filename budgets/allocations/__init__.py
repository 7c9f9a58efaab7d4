"""Uploads of allocations: their columns, how rows are checked, previewed, accepted and reversed."""
