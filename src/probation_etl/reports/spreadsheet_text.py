"""Text as a spreadsheet takes it: what it would run as a formula, what it cannot hold, how long a cell may be."""

from __future__ import annotations

import re

import polars as pl

#: Text that some spreadsheet program may run, or that one may make into such: blanks and unseen characters may go
#: before the sign, and full-width, small and mathematical signs are taken for the plain ones.
EXECUTABLE = r"^(?:[\s\p{Cc}\p{Cf}]*[=+\-@＝＋－＠﹦﹢﹣﹫−]|[\t\r\n])"
#: UTF-16 units of one cell.
LONGEST_CELL = 32_767
#: Characters that XML 1.0 has no way to hold; the control characters among them a spreadsheet writes in a way of its own.
_NEVER_IN_XML = "\ud800-\udfff\ufffe\uffff"
_NOT_IN_XML = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f{_NEVER_IN_XML}]")
_NOT_IN_A_CELL = re.compile(f"[{_NEVER_IN_XML}]")


def neutral(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with an apostrophe before each text that a spreadsheet program might run: the sign that it is text."""
    text = pl.col(pl.String)
    return frame.with_columns(
        pl.when(text.str.contains(EXECUTABLE)).then(pl.lit("'") + text).otherwise(text).name.keep()
    )


def xml_text(text: str) -> str:
    """The text with every character that XML cannot hold shown by its number."""
    return _NOT_IN_XML.sub(_numbered, text)


def cell_text(text: str) -> str:
    """The text as a cell of a workbook can hold it; of a longer one the beginning, with its true length said."""
    return shortened(text if text.isascii() else _NOT_IN_A_CELL.sub(_numbered, text), LONGEST_CELL)


def shortened(text: str, most: int) -> str:
    """The text, or as much of it as fits into so many UTF-16 units together with its true length."""
    if len(text) <= most // 2 or _units(text) <= most:
        return text
    said = f"… ({len(text):,} characters)"
    return first_units(text, most - len(said)) + said


def first_units(text: str, most: int) -> str:
    """As much of the beginning as fits into so many UTF-16 units; no character is cut in two."""
    return text.encode("utf-16-le")[: most * 2].decode("utf-16-le", errors="ignore")


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _numbered(found: re.Match[str]) -> str:
    return f"\\u{ord(found.group()):04x}"
