"""Text for spreadsheets: what they would run as a formula, what a cell cannot hold, how long it may be."""

from __future__ import annotations

import re

import polars as pl

#: Text that a spreadsheet program may run: white space and invisible characters may come before the sign, and
#: full-width, small and mathematical signs may be read as the plain ones.
EXECUTABLE = r"^(?:[\s\p{Cc}\p{Cf}]*[=+\-@＝＋－＠﹦﹢﹣﹫−]|[\t\r\n])"
#: UTF-16 units of one cell.
LONGEST_CELL = 32_767
#: Characters that XML 1.0 cannot hold. Control characters are not among them here: spreadsheets escape those themselves.
_NEVER_IN_XML = "\ud800-\udfff\ufffe\uffff"
_NOT_IN_XML = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f{_NEVER_IN_XML}]")
_NOT_IN_A_CELL = re.compile(f"[{_NEVER_IN_XML}]")


def neutral(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with an apostrophe before each text that a spreadsheet might run, which marks it as text."""
    text = pl.col(pl.String)
    return frame.with_columns(
        pl.when(text.str.contains(EXECUTABLE)).then(pl.lit("'") + text).otherwise(text).name.keep()
    )


def xml_text(text: str) -> str:
    """The text with every character that XML cannot hold shown by its number."""
    return _NOT_IN_XML.sub(_numbered, text)


def cell_text(text: str) -> str:
    """The text as a cell of a workbook can hold it; longer text is cut, with its full length given."""
    return shortened(text if text.isascii() else _NOT_IN_A_CELL.sub(_numbered, text), LONGEST_CELL)


def shortened(text: str, most: int) -> str:
    """The text, cut to fit into ``most`` UTF-16 units together with a note of its full length."""
    if len(text) <= most // 2 or _units(text) <= most:
        return text
    said = f"… ({len(text):,} characters)"
    return first_units(text, most - len(said)) + said


def first_units(text: str, most: int) -> str:
    """The beginning of a text that fits into ``most`` UTF-16 units, without cutting a character in two."""
    return text.encode("utf-16-le")[: most * 2].decode("utf-16-le", errors="ignore")


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _numbered(found: re.Match[str]) -> str:
    return f"\\u{ord(found.group()):04x}"
