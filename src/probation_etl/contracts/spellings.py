"""Texts that a contract takes for others: listed values that are spelt in another way, and numbers with their unit."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

import polars as pl

from probation_etl.contracts.model import Column

#: What is left out of a text before it is compared: each kind of dash, and each kind of space.
_LEFT_OUT = {
    "dashes": "\\-\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212",
    "spaces": "\\s\u00a0\u2007\u202f\u200b",
}

#: No number ends with it.
_NO_NUMBER = "\x1f"


def folded(text: pl.Expr, ignored: Collection[str]) -> pl.Expr:
    """A text without what does not matter when it is compared with a listed value.

    Args:
        text: The text.
        ignored: ``case``, ``dashes`` and ``spaces``, as many as do not matter.
    """
    signs = "".join(_LEFT_OUT[each] for each in _LEFT_OUT if each in ignored)
    kept = text.str.replace_all(f"[{signs}]", "") if signs else text
    return kept.str.to_lowercase() if "case" in ignored else kept


def fold(texts: Iterable[str], ignored: Collection[str]) -> list[str]:
    """The same for texts of a contract."""
    given = pl.Series(list(texts), dtype=pl.String)
    return given.to_frame("text").select(folded(pl.col("text"), ignored)).to_series().to_list()


def listed_as(column: Column) -> dict[str, str]:
    """Listed values and their synonyms without what does not matter, each with the listed value that is meant."""
    meant = {**{each: each for each in column.labels}, **column.value_synonyms}
    return dict(zip(fold(meant, column.ignored), meant.values(), strict=True))


def spelt_as_listed(text: pl.Expr, column: Column) -> pl.Expr:
    """The listed value that a text is meant for; the text itself where there is none. Values of a list are looked at one by one."""
    if not column.is_respelt:
        return text
    if column.separator is None:
        return _as_listed(text, column)
    each = pl.element().str.strip_chars()
    values = text.str.split(column.separator).list.eval(_as_listed(each, column).filter(each != ""))
    return pl.when(text.is_not_null()).then(values.list.join(column.separator))


def _as_listed(text: pl.Expr, column: Column) -> pl.Expr:
    meant = listed_as(column)
    return folded(text, column.ignored).replace_strict(meant, default=text, return_dtype=pl.String) if meant else text


def with_unit(column: Column) -> str:
    """A regular expression for a number with its unit before or behind it; its groups 1 and 2, or 1 and 3, are the number."""
    texts = _any_of(column.unit_texts)
    return rf"^([+-]?)(?:\s*(?:{texts})\s*([0-9].*)|([0-9].*?)\s*(?:{texts}))$"


def without_unit(text: pl.Expr, column: Column) -> pl.Expr:
    """A number without its unit. One that has none is left as it is; where the unit must be there, it is no number then."""
    if not column.unit_texts:
        return text
    pattern = with_unit(column)
    number = pl.concat_str([text.str.extract(pattern, at) for at in (1, 2, 3)], ignore_nulls=True)
    bare: pl.Expr = text
    if column.needs_unit:
        bare = pl.when(text.str.contains("^[+-]?[0-9]")).then(text + _NO_NUMBER).otherwise(text)
    return pl.when(text.str.contains(pattern)).then(number).otherwise(bare)


def _any_of(texts: Iterable[str]) -> str:
    return "|".join(re.escape(each) for each in sorted(texts, key=len, reverse=True))


def parts_of(text: str, column: Column) -> list[str]:
    """The values of a cell that holds several."""
    return [each.strip() for each in text.split(column.separator)] if column.separator else [text]
