"""The faults that are put into SQL, in .sql files and in strings of Python."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple


class Fault(NamedTuple):
    """Replace `text[start:end]` by `instead`."""

    start: int
    end: int
    instead: str

    def put_into(self, text: str) -> str:
        return text[: self.start] + self.instead + text[self.end :]


# Pattern and replacement. Each match is one fault.
REPLACED = (
    (r"(?<= )<(?= )", "<="),
    (r"(?<= )<=(?= )", "<"),
    (r"(?<= )>(?= )", ">="),
    (r"(?<= )>=(?= )", ">"),
    (r"(?<= )=(?= )", "<>"),
    (r"(?<= )<>(?= )", "="),
    (r"\bis not distinct from\b", "is distinct from"),
    (r"\bis distinct from\b", "is not distinct from"),
    (r"\bis not null\b", "is null"),
    (r"\bis null\b", "is not null"),
    (r"\bnot (?=exists\b)", ""),
    (r"\bnot (?!exists\b|null\b|distinct\b|in\b|materialized\b)", ""),
    (r"\bdistinct (?!from\b|on\b)", ""),
    (r"\bdesc\b", "asc"),
    (r"\bfor (?:no key )?update(?: of \w+)?(?: skip locked| nowait)?", ""),
    (r"\bfor (?:key )?share\b", ""),
    (r"\bskip locked\b", ""),
    (r"\bleft join\b", "join"),
    (r"\bunion all\b", "union"),
    (r"\bmin\(", "max("),
    (r"\bmax\(", "min("),
    (r"\bgreatest\(", "least("),
    (r"\bleast\(", "greatest("),
    (r"\btrue\b", "false"),
    (r"\bfalse\b", "true"),
    (r"\b(?:insert|update|delete|truncate) or (?=(?:insert|update|delete|truncate)\b)", ""),
    (r"\bor (?:insert|update|delete|truncate)(?= (?:on|of)\b)", ""),
    (r"\braise exception\b", "raise debug"),
    (r"\bin (?:share row exclusive|exclusive|access exclusive|share) mode\b", "in access share mode"),
    (r"(?<![\w.%(])[0-9]+(?![\w.%)])", None),
)
_REPLACED = tuple((re.compile(found), instead) for found, instead in REPLACED)
_CONDITION = re.compile(
    r"\b(?P<word>where|and|or|on|when|if|filter \(where)\s+(?!replace\b|conflict\b|delete\b|update\b|insert\b|commit\b)"
)
_ENDS_CONDITION = re.compile(
    r"\b(?:and|or|then|order by|group by|having|limit|returning|for|union|left join|join|where|end|loop|on|set)\b|[,;]"
)
_ORDERED = re.compile(r"\border by\s+(?P<key>[\w.]+)(?=\s*(?:[,)]|$|\n|limit\b|for\b))")
_COALESCE = re.compile(r"\bcoalesce\(")
_IS_SQL = re.compile(
    r"\bselect\b.+\bfrom\b|\binsert into\b|\bdelete from\b|\bupdate \w+ (?:\w+ )?set\b|\block table\b|\border by\b"
    r"|\bwhere\b.+[=<>]|\bjoin\b.+\bon\b|\bfor (?:update|share)\b|^\s*and \w+[. ]|\bnot exists\b|\bcase when\b",
    re.DOTALL,
)
_COMMENT = re.compile(r"--[^\n]*|'(?:[^']|'')*'")


def is_sql(text: str) -> bool:
    """Whether a string of Python is SQL or a piece of it; ours is written in lower case."""
    return bool(_IS_SQL.search(text))


def faults(text: str) -> Iterator[Fault]:
    """Every fault of the list that can be put into `text`; comments and quoted text stay as they are."""
    readable = _COMMENT.sub(lambda found: " " * len(found[0]), text)
    for pattern, instead in _REPLACED:
        for found in pattern.finditer(readable):
            yield Fault(*found.span(), str(int(found[0]) + 1) if instead is None else instead)
    yield from _conditions_dropped(readable)
    for found in _ORDERED.finditer(readable):
        yield Fault(found.end("key"), found.end("key"), " desc")
    for found in _COALESCE.finditer(readable):
        first = _end_of_argument(readable, found.end())
        if readable[first : first + 1] == ",":
            yield Fault(found.start(), _closing(readable, found.end()) + 1, f"({text[found.end() : first]})")


def _conditions_dropped(text: str) -> Iterator[Fault]:
    """`a and b` without `b`; of `where a and b` without `a`."""
    for found in _CONDITION.finditer(text):
        end = _end_of_condition(text, found.end())
        if not text[found.end() : end].strip() or re.search(r"\bbetween\s+\S+\s*$", text[: found.start()]):
            continue
        if found["word"] in ("and", "or"):
            yield Fault(found.start(), end, " ")
        elif found["word"] != "on" or re.match(r"\s*[\w.]+\s*=|\s*\{", text[found.end() :]):
            yield Fault(found.end(), end, "true" + (" " if end < len(text) and text[end].isalpha() else ""))


def _end_of_condition(text: str, begin: int) -> int:
    depth, place = 0, begin
    while place < len(text):
        if text[place] == "(":
            depth += 1
        elif text[place] == ")":
            if depth == 0:
                return place
            depth -= 1
        elif depth == 0 and (place == begin or not text[place - 1].isalnum()) and _ENDS_CONDITION.match(text, place):
            return place
        place += 1
    return place


def _end_of_argument(text: str, begin: int) -> int:
    depth = 0
    for place in range(begin, len(text)):
        if text[place] in ",)" and depth == 0:
            return place
        depth += (text[place] == "(") - (text[place] == ")")
    return len(text)


def _closing(text: str, begin: int) -> int:
    depth = 0
    for place in range(begin, len(text)):
        if text[place] == ")" and depth == 0:
            return place
        depth += (text[place] == "(") - (text[place] == ")")
    return len(text)
