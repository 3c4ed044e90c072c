"""Which part of a table each check needs to see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Literal, NamedTuple

import polars as pl

from probation_etl.unified.release_checks.checks import ReleaseCheck
from probation_etl.unified.release_checks.sources import Grounds, side_by_side

#: Expectations that judge each value of a column by itself. Of any other it is not known, and it sees the rows.
_OF_VALUES = frozenset((
    "expect_column_to_exist", "expect_column_values_to_not_be_null", "expect_column_values_to_be_null",
    "expect_column_values_to_be_in_set", "expect_column_values_to_not_be_in_set", "expect_column_values_to_be_between",
    "expect_column_value_lengths_to_be_between", "expect_column_value_lengths_to_equal",
    "expect_column_values_to_match_regex", "expect_column_values_to_not_match_regex",
    "expect_column_values_to_match_regex_list", "expect_column_values_to_not_match_regex_list",
))  # fmt: skip
#: Expectations that judge the values of each row by themselves.
_OF_ROWS = frozenset((
    "expect_column_pair_values_a_to_be_greater_than_b", "expect_column_pair_values_to_be_equal",
    "expect_column_pair_values_to_be_in_set", "expect_multicolumn_sum_to_equal",
    "expect_select_column_values_to_be_unique_within_record",
))  # fmt: skip
#: Expectations that no two rows have the same values.
_OF_KEYS = frozenset(("expect_column_values_to_be_unique", "expect_compound_columns_to_be_unique"))
#: Arguments that make a result depend on how many rows there are, or on other columns.
_OF_THE_WHOLE = frozenset(("mostly", "row_condition"))


#: How many different values a column has that is looked at apart.
_MANY = 5_000


class Part(NamedTuple):
    """Checks of one table that see the same frame.

    Attributes:
        name: What it is called beside the name of the table.
        checks: The checks.
        frame: What they see.
        sees: ``rows``: all of them. ``values``: each once, so that what fails has to be counted again with the rows.
            ``suspects``: every row that can fail.
    """

    name: str
    checks: tuple[ReleaseCheck, ...]
    frame: Callable[[], pl.DataFrame]
    sees: Literal["rows", "values", "suspects"]


def parts(table: str, checks: Iterable[ReleaseCheck], grounds: Grounds) -> Iterator[Part]:
    """The checks of a table, each with what it needs to see."""
    of_values, of_rows, of_keys, others = _sorted_out(checks)
    if of_values:
        yield from _of_values(of_values, grounds.values(table, _columns(of_values)))
    if of_rows:
        together = _columns(of_rows)
        yield Part("combinations", of_rows, lambda: grounds.tuples(table, together), "values")
    for each in of_keys:
        yield _of_key(table, each, grounds)
    if others:
        yield Part("rows", others, lambda: grounds.rows(table, _named_alone(others)), "rows")


def _of_values(checks: tuple[ReleaseCheck, ...], values: Sequence[pl.Series]) -> Iterator[Part]:
    """Checks of values, apart where a column has many: the library works on all columns of a frame as far down as the longest."""
    many = {each.name for each in values if each.len() > _MANY}
    for name, of_many in (("values", False), ("many values", True)):
        own = tuple(each for each in checks if (each.expectation.kwargs["column"] in many) is of_many)
        columns = [each for each in values if (each.name in many) is of_many]
        if own:
            yield Part(name, own, partial(side_by_side, columns), "values")


def of_rows(table: str, checks: Sequence[ReleaseCheck], grounds: Grounds) -> Part:
    """Checks with the rows, to count those that fail."""
    columns = _columns(checks)
    return Part("rows that fail", tuple(checks), lambda: grounds.rows(table, columns), "rows")


def _of_key(table: str, check: ReleaseCheck, grounds: Grounds) -> Part:
    columns = _columns([check])
    return Part(f"{check.name} twice", (check,), lambda: grounds.sharing(table, columns), "suspects")


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
    named = [_columns([each]) for each in checks if "row_condition" not in each.expectation.kwargs]
    return _columns(checks) if len(named) == len(checks) and all(named) else None


def _columns(checks: Iterable[ReleaseCheck]) -> tuple[str, ...]:
    """The columns that checks name, each once."""
    found: list[str] = []
    for each in checks:
        given = each.expectation.kwargs
        found += [str(given[name]) for name in ("column", "column_A", "column_B") if name in given]
        found += map(str, given.get("column_list", ()))
    return tuple(dict.fromkeys(found))
