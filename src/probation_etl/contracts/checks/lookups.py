"""Lookups in reference tables, by folded keys, and by the day on which a row of the table is valid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache, partial
from types import MappingProxyType

import polars as pl

from probation_etl.contracts.checks.sql import column_types, safe_sql
from probation_etl.contracts.checks.types import type_of
from probation_etl.contracts.model import Contract, Lookup
from probation_etl.contracts.organisations import fold
from probation_etl.contracts.suggestions import did_you_mean

#: What a lookup by day gives for a row: whether the table has it, and what it says.
_FOUND = pl.Struct({"known": pl.Boolean(), "value": pl.String()})
_BETWEEN = "\x1f"


def looked_up(lookup: Lookup, contract: Contract, table: pl.DataFrame) -> pl.Expr:
    """What a reference table gives for a row of a return, as a text; null where it gives nothing, or several values.

    We cannot know which of several is meant.
    """
    if lookup.on is not None:
        return _by_day(lookup, contract, table).struct.field("value")
    return _key(lookup, contract).replace_strict(_values_of(lookup, table), default=None, return_dtype=pl.String)


def is_listed(lookup: Lookup, contract: Contract, table: pl.DataFrame) -> pl.Expr:
    """Whether a reference table has just one value for a row, be it an empty one."""
    if lookup.on is not None:
        return _by_day(lookup, contract, table).struct.field("known")
    return _key(lookup, contract).is_in(list(_values_of(lookup, table)))


def lookup_faults(lookup: Lookup, contract: Contract, tables: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    """Why a lookup can find nothing: a table or a column that is not there, or days that are none."""
    table = tables.get(lookup.table)
    if table is None:
        yield f"there is no reference table ‘{lookup.table}’{did_you_mean(lookup.table, tables)}"
        return
    for name in lookup.columns:
        if name not in table.columns:
            yield f"{lookup.table} has no column ‘{name}’{did_you_mean(name, table.columns)}"
    for name in filter(None, (lookup.valid_from, lookup.valid_to)):
        if name in table.columns and table.select(_day(name).null_count() > pl.col(name).null_count()).item():
            yield f"not every value of {lookup.table}.{name} is a date in the form yyyy-MM-dd"
    types = column_types(contract)
    if lookup.on is not None and type_of(pl.sql_expr(lookup.on), types) not in (None, pl.Date()):
        yield f"‘{lookup.on}’ is no day"


def _key(lookup: Lookup, contract: Contract) -> pl.Expr:
    """The key of a lookup, over the columns of a contract, as one folded text; null where a part is null."""
    types = column_types(contract)
    parts = [safe_sql(expression, types).cast(pl.String) for expression in lookup.match.values()]
    return pl.concat_str(parts, separator=_BETWEEN).map_batches(_folded, return_dtype=pl.String)


def _values_of(lookup: Lookup, table: pl.DataFrame) -> Mapping[str, str | None]:
    """What the reference table gives for each key, keys folded as those of :func:`_key`."""
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
    keys = table.frame.select(pl.concat_str(list(match), separator=_BETWEEN)).to_series()
    found: dict[str, set[str | None]] = {}
    for key, each in zip(_folded(keys), table.frame[value], strict=True):
        if key is not None:
            found.setdefault(key, set()).add(each)
    return MappingProxyType({key: next(iter(values)) for key, values in found.items() if len(values) == 1})


def _by_day(lookup: Lookup, contract: Contract, table: pl.DataFrame) -> pl.Expr:
    day = safe_sql(lookup.on or "NULL", column_types(contract)).cast(pl.Date)
    asked = pl.struct(_key(lookup, contract).alias("key"), day.alias("on"))
    return asked.map_batches(partial(_on_days, lookup=lookup, table=_Table(table)), return_dtype=_FOUND)


def _on_days(asked: pl.Series, *, lookup: Lookup, table: _Table) -> pl.Series:
    """For each key and day whether the table has one value for them, and which. Each different pair is looked up once."""
    pairs = asked.struct.unnest()
    match, days = tuple(lookup.match), (lookup.valid_from, lookup.valid_to)
    begins, ends = pl.col("begins"), pl.col("ends")
    valid = (begins.is_null() | (begins <= pl.col("on"))) & (ends.is_null() | (pl.col("on") <= ends))
    found = (
        pairs.unique().drop_nulls()
        .join(_valid_rows(table, match, lookup.value, days), on="key")
        .filter(valid)
        .group_by("key", "on")
        .agg(known=pl.col("value").n_unique() == 1, value=pl.col("value").first())
        .with_columns(value=pl.when("known").then("value"))
    )  # fmt: skip
    rows = pairs.join(found, on=["key", "on"], how="left", maintain_order="left")
    return rows.select(pl.struct(pl.col("known").fill_null(value=False), "value")).to_series().cast(_FOUND)


@lru_cache(maxsize=64)
def _valid_rows(table: _Table, match: tuple[str, ...], value: str, days: tuple[str | None, str | None]) -> pl.DataFrame:
    """The rows of a reference table by their keys, with the days from and to which they are valid."""
    keys = table.frame.select(pl.concat_str(list(match), separator=_BETWEEN)).to_series()
    begins, ends = (pl.lit(None, dtype=pl.Date) if name is None else _day(name) for name in days)
    return table.frame.select(_folded(keys).alias("key"), begins=begins, ends=ends, value=pl.col(value)).drop_nulls(
        "key"
    )


def _day(column: str) -> pl.Expr:
    return pl.col(column).str.to_date("%Y-%m-%d", strict=False)


def _folded(series: pl.Series) -> pl.Series:
    """Folds each different text once: a million rows hold a few hundred delivery units."""
    different = series.drop_nulls().unique()
    folded = {text: _BETWEEN.join(fold(part) for part in text.split(_BETWEEN)) for text in different}
    return series.replace_strict(folded, default=None, return_dtype=pl.String)
