"""Which part of a table each check needs to see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

import polars as pl

from probation_etl.unified.release_checks.checks import ReleaseCheck
from probation_etl.unified.release_checks.sources import FEW, Grounds, Piece, side_by_side

#: Expectations that judge each value of a column by itself. Of any other it is not known, and it sees the rows.
_OF_VALUES = frozenset((
    "expect_column_to_exist", "expect_column_values_to_not_be_null", "expect_column_values_to_be_null",
    "expect_column_values_to_be_in_set", "expect_column_values_to_not_be_in_set", "expect_column_values_to_be_between",
    "expect_column_value_lengths_to_be_between", "expect_column_value_lengths_to_equal",
    "expect_column_values_to_match_regex", "expect_column_values_to_not_match_regex",
    "expect_column_values_to_match_regex_list", "expect_column_values_to_not_match_regex_list",
))  # fmt: skip
#: Those of them for which it is the same which value it is.
_OF_PRESENCE = frozenset((
    "expect_column_to_exist", "expect_column_values_to_not_be_null", "expect_column_values_to_be_null",
))  # fmt: skip
#: Expectations that judge the values of each row by themselves.
_OF_ROWS = frozenset((
    "expect_column_pair_values_a_to_be_greater_than_b", "expect_column_pair_values_to_be_equal",
    "expect_column_pair_values_to_be_in_set", "expect_multicolumn_sum_to_equal",
    "expect_select_column_values_to_be_unique_within_record",
))  # fmt: skip
#: Expectations that no two rows have the same values.
_OF_KEYS = frozenset(("expect_column_values_to_be_unique", "expect_compound_columns_to_be_unique"))
#: Expectations that only count the rows.
_OF_NO_COLUMN = frozenset(("expect_table_row_count_to_be_between", "expect_table_row_count_to_equal"))
#: Arguments that make a result depend on how many rows there are, or on other columns.
_OF_THE_WHOLE = frozenset(("mostly", "row_condition"))


class Part(NamedTuple):
    """Checks of one table that see the same frames.

    Attributes:
        checks: The checks.
        frames: What they see: what holds in each of them holds in the table.
        counted: Gives the pieces in which the rows that fail a check are counted; None where the one frame is all rows.
    """

    checks: tuple[ReleaseCheck, ...]
    frames: Callable[[], Iterable[pl.DataFrame]]
    counted: Callable[[ReleaseCheck], Iterable[Piece]] | None


def parts(table: str, checks: Iterable[ReleaseCheck], grounds: Grounds) -> Iterator[Part]:
    """The checks of a table, each with what it needs to see."""
    checks = tuple(checks)
    if grounds.count(table) <= FEW:
        # Each frame takes the library longer than a few thousand rows do.
        yield Part(checks, lambda: [grounds.rows(table, _named_alone(checks))], None)
        return
    of_values, of_rows, of_keys, others = _sorted_out(checks)

    named = _columns(of_values)
    there = grounds.columns(table, named)
    of_presence = [name for name in there if all(_is_of_presence(each) for each in of_values if _column(each) == name)]
    presence = dict(zip(of_presence, grounds.presence(table, of_presence), strict=True))

    def pieces(check: ReleaseCheck) -> Iterator[Piece]:
        columns = _columns([check])
        yield from (
            [presence[columns[0]]]
            if _is_of_presence(check) and columns[0] in presence
            else grounds.pieces(table, columns)
        )

    def repeated(check: ReleaseCheck) -> Iterator[Piece]:
        return grounds.repeated(table, _columns([check]))

    few = grounds.few_values(table, [each for each in there if each not in presence])
    many = [each for each in there if each not in {*presence, *(column.name for column in few)}]
    # Of columns that are not there, the checks see that.
    if together := tuple(each for each in of_values if _column(each) not in many):
        yield Part(
            together, lambda: [side_by_side([*few, *(each.frame.to_series() for each in presence.values())])], pieces
        )
    for column in many:
        own = tuple(each for each in of_values if _column(each) == column)
        yield Part(own, partial(_frames, pieces, own[0]), pieces)
    for each in of_rows:
        yield Part((each,), partial(_frames, pieces, each), pieces)
    for each in of_keys:
        yield Part((each,), partial(_frames, repeated, each), repeated)
    if others:
        # Where rows are only counted, any column will do.
        needed = _named_alone(others)
        yield Part(others, lambda: [grounds.rows(table, there[:1] if needed == () else needed)], None)


def _frames(pieces: Callable[[ReleaseCheck], Iterator[Piece]], check: ReleaseCheck) -> Iterator[pl.DataFrame]:
    return (each.frame for each in pieces(check))


def _sorted_out(checks: Iterable[ReleaseCheck]) -> tuple[tuple[ReleaseCheck, ...], ...]:
    kinds: tuple[list[ReleaseCheck], ...] = ([], [], [], [])
    for each in checks:
        kinds[_kind(each)].append(each)
    return tuple(map(tuple, kinds))


def _kind(check: ReleaseCheck) -> int:
    kind, arguments = check.expectation
    known = (_OF_VALUES, _OF_ROWS, _OF_KEYS)
    if _OF_THE_WHOLE & arguments.keys():
        return len(known)
    return next((at for at, types in enumerate(known) if kind in types), len(known))


def _named_alone(checks: Sequence[ReleaseCheck]) -> tuple[str, ...] | None:
    """The columns that checks name; None where one of them may look at any."""
    others = [each for each in checks if each.expectation.type not in _OF_NO_COLUMN]
    named = [_columns([each]) for each in others if "row_condition" not in each.expectation.kwargs]
    return _columns(checks) if len(named) == len(others) and all(named) else None


def _is_of_presence(check: ReleaseCheck) -> bool:
    return check.expectation.type in _OF_PRESENCE


def _column(check: ReleaseCheck) -> str:
    return str(check.expectation.kwargs["column"])


def _columns(checks: Iterable[ReleaseCheck]) -> tuple[str, ...]:
    """The columns that checks name, each once."""
    found: list[str] = []
    for each in checks:
        given = each.expectation.kwargs
        found += [str(given[name]) for name in ("column", "column_A", "column_B") if name in given]
        found += map(str, given.get("column_list", ()))
    return tuple(dict.fromkeys(found))
