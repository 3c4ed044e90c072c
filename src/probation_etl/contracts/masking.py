"""The shape of a restricted value, which is all that a finding, a report or a trace may show of it.

Each letter becomes ``A`` and each number ``9``; punctuation and spaces stay, because a stray full stop or a long dash is
what a supplier has to look for. Nothing else may stay: an accent, the ``²`` of ``x²``, the ``Ⅷ`` of a case number or a
letter in a circle would say more of a value than its letters and digits do.
"""

from __future__ import annotations

import string

import polars as pl

#: Any number, with the marks that are set on it: digits of every script, ``²``, ``½`` and ``Ⅷ``.
_NUMBER = r"\p{N}\p{M}*"
#: Whatever is neither a number nor punctuation, a space, a control character or a sign such as ``+`` or ``£``, with its
#: marks. Tags are letters that nobody sees.
_LETTER = r"(?:[^\p{N}\p{P}\p{Z}\p{Cc}\p{Cf}\p{Sm}\p{Sc}\p{Sk}]|[\x{E0000}-\x{E007F}])\p{M}*"


def shapes(values: pl.Series) -> pl.Series:
    """The shapes of values; null stays null."""
    return values.str.replace_all(_NUMBER, "9").str.replace_all(_LETTER, "A")


_SHAPES = {ord(each): "9" if each.isdigit() else "A" for each in string.ascii_letters + string.digits}


def shape(value: str) -> str:
    """The shape of one value: ``AA-999`` of ``Qx-123``."""
    if value.isascii():
        return value.translate(_SHAPES)
    # Half of a UTF-16 pair is not text: Polars would not take it.
    text = value.encode("utf-8", errors="replace").decode()
    return str(shapes(pl.Series([text], dtype=pl.String)).item())
