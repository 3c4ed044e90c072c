"""The fewest columns by which one row is told from another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import polars as pl

from probation_etl.drafting.columns import Laid
from probation_etl.drafting.drafted import DraftColumn
from probation_etl.drafting.evidence import plural

#: Rows of one table from which a key is evidence; columns of a key, and columns that are tried.
_ENOUGH, _MOST, _TRIED = 10, 3, 12
#: Rows of one table in which a value may be expected to come again.
_MANY = 50
#: The last of the kinds of columns that may be a key alone.
_ALONE = 3


def with_key(columns: Sequence[DraftColumn], laid: Laid) -> tuple[tuple[DraftColumn, ...], tuple[str, ...]]:
    """The columns with the key of the table, and what is asked if there is none."""
    frames = [table.frame for table in laid.tables if table.height]
    rows = sum(frame.height for frame in frames)
    candidates = sorted((each for each in columns if each.required and _fitness(each) is not None), key=_rank)[:_TRIED]
    if max((frame.height for frame in frames), default=0) < _ENOUGH or not candidates:
        return tuple(columns), ("Which columns tell one row from another? They are its primaryKey.",)
    # A day, or a name, may well be another in each row of a sample by chance.
    alone = [each.name for each in candidates if _rank(each) <= _ALONE]
    key = next((each for each in _sets([each.name for each in candidates], alone) if _is_unique(each, frames)), None)
    if key is None:
        asked = (
            f"Which columns tell one row from another? No {_MOST} of the required ones do, in {plural(rows, 'row')}."
        )
        return tuple(columns), (asked,)
    told = f"no two of {plural(rows, 'row')} of a file agree" + (
        "" if len(key) == 1 else f" in these {len(key)} columns"
    )
    positions = {name: at for at, name in enumerate(key, start=1)}
    certain = any(_rank(each) <= 1 for each in candidates if each.name in key)
    questions = () if certain else ("Is this the key? No column that looks like a code is in it.",)
    return tuple(_keyed(each, positions, told, frames) for each in columns), questions


def _keyed(column: DraftColumn, positions: Mapping[str, int], told: str, frames: Sequence[pl.DataFrame]) -> DraftColumn:
    if column.name in positions:
        return replace(column, key=positions[column.name]).because(primaryKey=told)
    is_code = column.required and (
        column.pattern or column.restricted.startswith(("the header speaks of an id", "nearly all"))
    )
    many = max(frame.height for frame in frames) >= _MANY
    if is_code and many and column.typed.type in ("string", "integer") and _is_unique((column.name,), frames):
        rows = sum(frame.height for frame in frames)
        return replace(column, unique=True).because(unique=f"no value twice in a file, in {plural(rows, 'row')}")
    return column


def _fitness(column: DraftColumn) -> int | None:
    """How well a column tells rows apart, the best first: codes, names of classes, whole numbers, days; None for others."""
    if column.restricted == "the header speaks of an identifier":
        return 0
    if column.pattern:
        return 1
    if column.restricted in ("the header speaks of free text", "texts of several words"):
        return None
    if column.restricted in ("the header speaks of a name", "texts like names of people"):
        return 5
    order = {"integer": 3, "date": 4, "timestamp": 4, "string": 2}
    return order.get(column.typed.type)


def _rank(column: DraftColumn) -> int:
    found = _fitness(column)
    return 9 if found is None else found


def _sets(names: Sequence[str], alone: Sequence[str]) -> Iterator[tuple[str, ...]]:
    yield from ((name,) for name in alone)
    for size in range(2, _MOST + 1):
        yield from combinations(names, size)


def _is_unique(names: Sequence[str], frames: Sequence[pl.DataFrame]) -> bool:
    return all(not frame.select(names).is_duplicated().any() for frame in frames)
