"""Neutralising text that a spreadsheet would run as a formula, with an apostrophe in front, and undoing that.

There are three implementations of the rule: `neutralise`, `NEUTRALISE_SQL` for rows that PostgreSQL exports with COPY,
and `unneutralise`, which removes only apostrophes that `neutralise` added.
"""

import re

# Characters that a spreadsheet skips before a formula: spaces, the byte order mark, zero-width characters.
_SKIPPED = " \u00a0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u2064\u2066-\u206f\u3000\ufeff\u00ad"
_STARTS = "=+@\\-\uff1d\uff0b\uff0d\uff20\t\r\n"
_NUL = "\x00"
# A cell that already has apostrophes before a formula gets one more, so that removing one always restores it.
_DANGEROUS = re.compile(rf"'*[{_SKIPPED}]*[{_STARTS}{_NUL}]")


def neutralise(text: str) -> str:
    """
    >>> neutralise("=1+1"), neutralise(" @SUM(A1)"), neutralise("St John's"), neutralise("'=1")
    ("'=1+1", "' @SUM(A1)", "St John's", "''=1")
    """
    return f"'{text}" if _DANGEROUS.match(text) else text


def unneutralise(text: str) -> str:
    """
    >>> unneutralise("'=1+1"), unneutralise("'quoted'")
    ('=1+1', "'quoted'")
    """
    return text[1:] if text.startswith("'") and _DANGEROUS.match(text, 1) else text


# PostgreSQL's text holds no NUL, so the class is the same without it.
_SQL_PATTERN = (
    r"^''*[ \u00a0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u2064\u2066-\u206f\u3000\ufeff\u00ad]*"
    r"[=+@\t\r\n\uff1d\uff0b\uff0d\uff20-]"
)


def neutralise_sql(expression: str) -> str:
    """The SQL expression that neutralises a text column or expression. The argument must never come from a user.

    >>> neutralise_sql("note").startswith("CASE WHEN note ~ ")
    True
    """
    return NEUTRALISE_SQL.replace("{}", expression)


NEUTRALISE_SQL = f"CASE WHEN {{}} ~ '{_SQL_PATTERN}' THEN '''' || {{}} ELSE {{}} END"
