"""What a rule has to say of single values that break it, in place of the words that all of them would get."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import polars as pl

from probation_etl.contracts.checks.check import Told
from probation_etl.intake.readers import BLANKS


def told(
    tell: Callable[[str], Told | None] | None, text: pl.Series, shown: pl.Series, *, most: int
) -> dict[str, pl.Series]:
    """The message and the hint for each value, null where there is no more to say.

    Args:
        tell: What the rule that they break says of a value.
        text: The values as they were sent.
        shown: The same as a finding may show them.
        most: How many characters of it are shown.

    Returns:
        Columns ``told`` and ``advised`` (String).
    """
    said = {} if tell is None else {each: tell(_as_read(each)) for each in text.drop_nulls().unique()}
    messages: list[str | None] = [None] * len(text)
    hints = messages
    if any(said.values()):
        found = [said.get(each) for each in text]
        messages = [
            each.message.replace("\0", (value or "")[:most]) if each else None
            for each, value in zip(found, shown, strict=True)
        ]
        hints = [(each and each.hint) or None for each in found]
    return {name: pl.Series(values, dtype=pl.String) for name, values in (("told", messages), ("advised", hints))}


def _as_read(text: str) -> str:
    """The value as the parser reads it: composed letters, and no white space around it."""
    return unicodedata.normalize("NFC", text).strip(BLANKS)
