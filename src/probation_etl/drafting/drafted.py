"""One column as it is drafted: what is said of it, what speaks for each thing, and what is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import polars as pl

from probation_etl.contracts.model.columns import Type
from probation_etl.discreet import Discreet
from probation_etl.drafting.evidence import Evidence, plural
from probation_etl.drafting.patterns import pattern_of, says_something
from probation_etl.drafting.privacy import why_restricted
from probation_etl.drafting.typed import Typed, read_as

#: Cells, different values, and cells for each of these, from which a list is one; values that a person reads.
_LISTED_CELLS, _LISTED_VALUES, _REPEATED, _LISTED_CHARACTERS = 12, 40, 3, 80
#: Cells from which a form, or a bound, is evidence.
_ENOUGH, _BOUND = 10, 10
_LENGTHS = (10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 50_000, 100_000, 1_000_000)
#: The first day that is likely where a contract says nothing.
_EARLIEST = date(1910, 1, 1)


@dataclass(frozen=True)
class DraftColumn(Discreet, tells=("name",)):
    """A column of a draft.

    Attributes:
        typed: Its type.
        synonyms: Other headers, each with the number of tables that have it.
        restricted: Why it is; empty where it is not.
        values: Values of its list, each with its number of cells.
        pattern: The form of its cells.
        longest: Most characters.
        least: The least value.
        window: Sides of the window of likely days that have no end.
        key: Position in the key, from 1; 0 where it is no part of it.
        why: What speaks for each thing that is said, by its key in the contract.
        questions: What could not be told.
    """

    name: str
    header: str
    typed: Typed
    synonyms: Mapping[str, int] = field(default_factory=dict)
    required: bool = False
    unique: bool = False
    restricted: str = ""
    values: Mapping[str, int] = field(default_factory=dict)
    pattern: str | None = None
    longest: int | None = None
    least: int | None = None
    window: tuple[str, ...] = ()
    key: int = 0
    why: Mapping[str, str] = field(default_factory=dict)
    questions: tuple[str, ...] = ()

    def because(self, **why: str) -> DraftColumn:
        """The same with more that speaks for it."""
        return replace(self, why={**self.why, **why})

    def asking(self, *questions: str) -> DraftColumn:
        """The same with more questions."""
        return replace(self, questions=(*self.questions, *questions))


def drafted(found: Evidence, typed: Typed, periods: Sequence[date | None]) -> DraftColumn:
    """Drafts a column.

    Args:
        found: Its cells.
        typed: Its type.
        periods: The end of the period of each table that has it.
    """
    column = DraftColumn(found.name, found.headers[0], typed, questions=typed.questions).because(logicalType=typed.told)
    given = found.filled.filter(~found.filled.is_in(list(typed.unread)))
    column = _presence(column, found, len(given))
    if not len(given):
        return column
    if typed.type == "string":
        return _text(column, found, given)
    # Thousands and units are of amounts, which tell nobody apart.
    is_amount = bool(typed.thousands or typed.units)
    reason = None if is_amount else why_restricted(found, typed.type, None, is_listed=False)
    column = replace(column, restricted=reason or "").because(
        classification=f"{reason}; {found.shown_shapes()}" if reason else ""
    )
    values = read_as(given, typed, native=found.native)
    if typed.type in ("date", "timestamp"):
        return _days(column, values.cast(pl.Date), found, periods)
    return _number(column, values) if typed.type in ("integer", "number") else column


def _presence(column: DraftColumn, found: Evidence, values: int) -> DraftColumn:
    if found.missing_in:
        return column.asking(f"{plural(found.missing_in, 'file')} lack it: may it be left out?")
    if found.rows and values == found.rows:
        return replace(column, required=True).because(required=f"filled in {values:,} of {plural(found.rows, 'row')}")
    told = f"{values:,} of {plural(found.rows, 'row')} filled" if found.rows else "no rows"
    return column.because(required=told)


def _text(column: DraftColumn, found: Evidence, given: pl.Series) -> DraftColumn:
    counts = given.alias("value").value_counts(sort=True)
    few = counts.height <= _LISTED_VALUES and len(given) >= max(_LISTED_CELLS, _REPEATED * counts.height)
    readable = int(given.str.len_chars().max() or 0) <= _LISTED_CHARACTERS  # type: ignore[arg-type] # a length
    pattern = pattern_of(given.unique())
    pattern = pattern if pattern and says_something(pattern) else None
    is_listed = few and readable and counts.height > 1 and not column.typed.ambiguous
    as_read: Type = "date" if column.typed.ambiguous else "string"
    reason = why_restricted(found, as_read, pattern, is_listed=is_listed)
    column = replace(column, restricted=reason or "").because(
        classification=f"{reason}; {found.shown_shapes()}" if reason else ""
    )
    if found.is_constant_in_each:
        return _formed(
            column.asking("Each file has one value: is it the sender’s, and a rule that it is?"), given, pattern, found
        )
    if is_listed and not reason and found.is_own_of_each:
        return _formed(column.asking("Each sender has values of its own: is there a list of them?"), given, None, found)
    if is_listed and not reason:
        values = {str(value): int(number) for value, number in sorted(counts.iter_rows())}
        once = sum(number == 1 for number in values.values())
        column = replace(column, values=values).because(
            enum=f"{counts.height} different values in {len(given):,} cells"
        )
        return (
            column.asking(f"{plural(once, 'value')} of the list stand in one cell alone: are they meant?")
            if once
            else column
        )
    if counts.height == 1 and len(given) > 1 and not reason:
        column = column.asking("All cells have the same value: which others may there be?")
    return _formed(column, given, pattern, found)


def _formed(column: DraftColumn, given: pl.Series, pattern: str | None, found: Evidence) -> DraftColumn:
    """The column with the form of its texts, or with their length where they have none, or too few cells show it."""
    longest = int(given.str.len_chars().max() or 0)  # type: ignore[arg-type] # a length
    if pattern and len(given) >= _ENOUGH and (len(given.unique()) > 1 or column.restricted):
        return replace(column, pattern=pattern).because(pattern=found.shown_shapes())
    roomy = next((each for each in _LENGTHS if each >= 2 * longest), None)
    return replace(column, longest=roomy).because(
        maxLength=f"the longest of {plural(len(given), 'cell')} has {longest}"
    )


def _number(column: DraftColumn, values: pl.Series) -> DraftColumn:
    least = values.min()
    if least is None or float(str(least)) < 0 or len(values) < _BOUND:
        return column
    return replace(column, least=0).because(minimum=f"none of {plural(len(values), 'cell')} is below 0")


def _days(column: DraftColumn, days: pl.Series, found: Evidence, periods: Sequence[date | None]) -> DraftColumn:
    """The column with what is unusual of its days: that they may be long ago, or after the end of the period."""
    earliest, sides = days.min(), list[str]()
    if isinstance(earliest, date) and earliest < _EARLIEST:
        sides.append("yearsBefore")
        column = column.asking(f"Some days are before {_EARLIEST.year}: are they right?")
    ends = [end for end, rows in zip(periods, found.by_table, strict=True) for _ in range(rows)]
    given = found.cells.is_not_null() & ~found.cells.is_in(list(column.typed.unread)).fill_null(value=False)
    known = pl.DataFrame({"day": days, "end": pl.Series(ends, dtype=pl.Date).filter(given)}).drop_nulls()
    later = int((known["day"] > known["end"]).sum()) if known.height else 0
    if later:
        sides.append("daysAfter")
        return (
            replace(column, window=tuple(sides))
            .because(dateWindow=f"{later:,} of {known.height:,} after the period end")
            .asking("How long after the period end may a day be?")
        )
    if known.height:
        column = column.because(logicalType=f"{column.why['logicalType']}; none after the period end")
    return replace(column, window=tuple(sides))
