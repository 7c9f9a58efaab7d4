"""One sentence for many problems of the same kind, where each of them names another organisation or stream."""

from __future__ import annotations

from pooledcare.directory.access import holder_kinds_funded_by
from pooledcare.uploads.models import Upload

_HEADINGS = {
    "ORG_CLOSED": "{rows} are of organisations that had closed by then",
    "ORG_NOT_OPEN": "{rows} are of organisations that did not exist yet",
    "CODE_ENDED": "{rows} have codes that organisations no longer had in that year",
    "CODE_NOT_YET": "{rows} have codes that organisations did not have yet in that year",
    "WRONG_ORG_TYPE": "{rows} are of organisations that do not hold the stream",
    "STREAM_NOT_IN_YEAR": "{rows} are of streams that do not exist in that year",
    "W_CODE_DAY": "{rows} have codes that may be those of another year",
}


def problem_heading(upload: Upload, code: str, count: int, sentences: int) -> str | None:
    """The heading for `count` problems with this code in as many different sentences; None if there is none for it."""
    what = "figures" if upload.profile else "rows"
    if code == "NOT_PERMITTED":
        return not_permitted(f"{count:,} {what}", sentences, upload)
    heading = _HEADINGS.get(code)
    return None if heading is None else heading.format(rows=f"{count:,} {what}")


def not_permitted(rows: str, organisations: int, upload: Upload) -> str:
    """Each organisation has its own sentence, so there are as many organisations as sentences."""
    name = upload.organisation.name
    if holder_kinds_funded_by(upload.organisation):
        return f"{rows} belong to {organisations:,} organisations that the sender may not submit for"
    own = f"{name}’" if name.endswith("s") else f"{name}’s"
    return f"{rows} belong to {organisations:,} other organisations; submit only {own}"
