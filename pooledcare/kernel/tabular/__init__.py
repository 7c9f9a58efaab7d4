"""Reading CSV, XLSX and ODS files as sheets of numbered rows of text, and writing CSV and XLSX that are safe to open.

Callers decide what the columns mean, which row is the heading and which rows are totals.
"""

from pooledcare.kernel.tabular.batches import Chunk, Notice, merge
from pooledcare.kernel.tabular.csv_reading import CsvSheet, IsHeading
from pooledcare.kernel.tabular.formulas import NEUTRALISE_SQL, neutralise, neutralise_sql, unneutralise
from pooledcare.kernel.tabular.headings import plain_heading
from pooledcare.kernel.tabular.limits import Limits
from pooledcare.kernel.tabular.old_encodings import ENCODING_NAMES, OLD_ENCODINGS, EncodingChoice, StrangeText
from pooledcare.kernel.tabular.places import column_index, column_letter
from pooledcare.kernel.tabular.recognise import FileType, display_name, recognise
from pooledcare.kernel.tabular.sheets import CHUNK, Sheet
from pooledcare.kernel.tabular.tables import InputTable, open_table
from pooledcare.kernel.tabular.writing import BOM, FileColumn, Kind, SheetOut, Value, safe_csv, safe_text, safe_xlsx

__all__ = [
    "BOM",
    "CHUNK",
    "ENCODING_NAMES",
    "NEUTRALISE_SQL",
    "OLD_ENCODINGS",
    "Chunk",
    "CsvSheet",
    "EncodingChoice",
    "FileColumn",
    "FileType",
    "InputTable",
    "IsHeading",
    "Kind",
    "Limits",
    "Notice",
    "Sheet",
    "SheetOut",
    "StrangeText",
    "Value",
    "column_index",
    "column_letter",
    "display_name",
    "merge",
    "neutralise",
    "neutralise_sql",
    "open_table",
    "plain_heading",
    "recognise",
    "safe_csv",
    "safe_text",
    "safe_xlsx",
    "unneutralise",
]
