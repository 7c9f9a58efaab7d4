"""Uploads of agreements and schemes: their columns, how rows are checked, previewed, written and taken back."""
