"""Refuses a text with a line that is longer than that of any table, or with far too many, before anything is made of it.

A cell of 450 MB, or as many delimiters or line ends, would take many times its size as text, and again as cells.
"""

from __future__ import annotations

from probation_etl.errors import UnreadableFile
from probation_etl.intake.readers.limits import DEFAULT_LIMITS, Limits, check_limit

_ENDS = (b"\n", b"\r")


def check_lines(data: bytes, limits: Limits = DEFAULT_LIMITS) -> None:
    """Refuses a text with a line of more bytes than the limit, or with so many that they are more than the rows of a table.

    Lines are more than rows only where cells in quotation marks have several: of such, twice as many are looked at.

    A longer line would have a whole step of half the limit within it. So the text is looked at step by step, as far as the
    first line end in each: where lines are short, that is at once.

    Raises:
        UnreadableFile: There is one, with the code ``too-large``.
    """
    lines = max(data.count(end) for end in _ENDS)
    if lines > 2 * limits.rows or (lines > limits.rows and b'"' not in data):
        check_limit(lines, limits.rows, "lines")
    step = (limits.line_bytes + 1) // 2
    for begin in range(0, len(data), step):
        if len(data) - begin >= step and not _has_end(data, begin, begin + step):
            first = max(data.rfind(end, 0, begin) for end in _ENDS) + 1
            last = min(
                (at for end in _ENDS if (at := data.find(end, begin, first + limits.line_bytes + 1)) >= 0), default=-1
            )
            if last < 0 and len(data) - first > limits.line_bytes:
                raise UnreadableFile(
                    f"The file has a line of more than {limits.line_bytes:,} bytes, which begins at byte {first + 1:,}: no "
                    "table has. Perhaps it is no text, or its lines end in another way than by a line feed or a carriage return.",
                    code="too-large",
                )


def _has_end(data: bytes, begin: int, end: int) -> bool:
    return any(data.find(each, begin, end) >= 0 for each in _ENDS)
