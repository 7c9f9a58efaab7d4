"""A normal form of headings for comparison, so that `" HWB_Code "` matches `hwb code`."""

import re
import unicodedata

from pooledcare.kernel.characters import EDGES, without_invisible

_GAPS = re.compile(rf"[{re.escape(EDGES)}_]+")


def plain_heading(heading: str) -> str:
    """
    >>> plain_heading(" HWB_Code "), plain_heading("2024/25\\n allocation")
    ('hwb code', '2024/25 allocation')
    """
    return _GAPS.sub(" ", unicodedata.normalize("NFKC", without_invisible(heading))).strip().casefold()
