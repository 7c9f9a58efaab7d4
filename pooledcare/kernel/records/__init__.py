"""Descriptions of a model's fields, from which forms, files, the API and comparisons are built.

`declared` reads them from the Django model, `values` validates and cleans values, and `forms` makes form fields.
`pooledcare.kernel.rest.records` uses them for the API, and `pooledcare.uploads.cells` for files.
"""

from pooledcare.kernel.records.declared import LONGEST_LINE, LONGEST_TEXT, FieldKind, Record, RecordField, stored_values
from pooledcare.kernel.records.values import cleaned, value_problems, value_text

__all__ = [
    "LONGEST_LINE",
    "LONGEST_TEXT",
    "FieldKind",
    "Record",
    "RecordField",
    "cleaned",
    "stored_values",
    "value_problems",
    "value_text",
]
