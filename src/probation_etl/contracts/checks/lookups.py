"""Lookups in reference tables, by folded keys."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

import polars as pl

from probation_etl.contracts.checks.sql import column_types, safe_sql
from probation_etl.contracts.model import Contract, Lookup
from probation_etl.contracts.organisations import fold


def lookup_key(lookup: Lookup, contract: Contract) -> pl.Expr:
    """The key of a lookup, over the columns of a contract, as one folded text; null where a part is null."""
    types = column_types(contract)
    parts = [safe_sql(expression, types).cast(pl.String) for expression in lookup.match.values()]
    return pl.concat_str(parts, separator="\x1f").map_batches(_fold_series, return_dtype=pl.String)


def lookup_values(lookup: Lookup, table: pl.DataFrame) -> Mapping[str, str | None]:
    """What the reference table gives for each key, keys folded as by :func:`lookup_key`.

    A key with several values has none: we cannot know which of them is meant.
    """
    return _values(_Table(table), tuple(lookup.match), lookup.value)


class _Table:
    """A reference table as the key of a cache: the same only if it is the same in memory."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame = frame

    def __hash__(self) -> int:
        return id(self.frame)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Table) and other.frame is self.frame


@lru_cache(maxsize=64)  # asked for each return, of tables that do not change
def _values(table: _Table, match: tuple[str, ...], value: str) -> Mapping[str, str | None]:
    keys = table.frame.select(pl.concat_str(list(match), separator="\x1f")).to_series()
    found: dict[str, set[str | None]] = {}
    for key, each in zip(_fold_series(keys), table.frame[value], strict=True):
        if key is not None:
            found.setdefault(key, set()).add(each)
    return MappingProxyType({key: next(iter(values)) for key, values in found.items() if len(values) == 1})


def _fold_series(series: pl.Series) -> pl.Series:
    """Folds each different text once: a million rows hold a few hundred delivery units."""
    different = series.drop_nulls().unique()
    folded = {text: "\x1f".join(fold(part) for part in text.split("\x1f")) for text in different}
    return series.replace_strict(folded, default=None, return_dtype=pl.String)
