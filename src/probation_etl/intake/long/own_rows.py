"""Rows of a long return that refer to rows which the return does not have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import polars as pl

from probation_etl.contracts.checks import Check
from probation_etl.contracts.checks.relations import key_of
from probation_etl.intake.long.judging import JudgedPart

#: Keys that are held at a time.
KEYS_AT_A_TIME = 1 << 22


def unknown_rows(parts: Sequence[JudgedPart], check: Check) -> Iterator[tuple[JudgedPart, pl.Series]]:
    """By part, positions of the rows in it that refer to no row of the return; a part may come several times."""
    if check.reference is None:
        return
    own, theirs = check.reference.columns.keys(), check.reference.columns.values()
    turns = max(1, -(-sum(each.height for each in parts) // KEYS_AT_A_TIME))
    for turn in range(turns):
        # In each turn those keys are held whose turn it is: which one that is follows from the key alone.
        held = pl.concat([_keys(each, theirs, turns, turn)["key"] for each in parts]).unique()
        for each in parts:
            unknown = _keys(each, own, turns, turn).filter(~pl.col("key").is_in(held.implode()))["position"]
            for name in own:
                if name in each.uncertain:
                    unknown = unknown.filter(~each.uncertain[name].gather(unknown))
            if unknown.len():
                yield each, unknown


def _keys(part: JudgedPart, columns: Iterable[str], turns: int, turn: int) -> pl.DataFrame:
    """The keys of a part whose turn it is, and their positions in it."""
    keys = part.typed.read(sorted(columns)).lazy().select(key=key_of(columns)).with_row_index("position").drop_nulls()
    return keys.filter(pl.col("key").hash() % turns == turn).collect()
