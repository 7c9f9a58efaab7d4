"""A record's fields, declared once: the Django model fields, read here for forms, files, the API and comparisons.

`declared` reads them, `values` judges and cleans what somebody gives, `forms` makes form fields. What the API and
files make of them is in `pooledcare.kernel.rest.records` and `pooledcare.uploads.cells`.
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
