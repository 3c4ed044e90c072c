"""A column of dates speaks as a whole: where it shows that day and month were exchanged, it is not known which day is meant.

Two things show it. A text may be a date only with day and month exchanged, such as ``09/28/2020`` where the day comes first.
Or all date cells have days up to 12 while texts beside them have later ones: so it is where a spreadsheet program of another
country took what it could for its own dates. Nothing is guessed from it: every date that could be two days is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import pairwise

import polars as pl

from probation_etl.contracts.checks import Check
from probation_etl.contracts.findings import Finding, make
from probation_etl.contracts.forms import ISO, Form
from probation_etl.contracts.model import Column
from probation_etl.discreet import Discreet
from probation_etl.intake.readers import BLANKS, CellKind
from probation_etl.intake.table import RawTable

#: So many days of date cells are rarely all up to the 12th by chance, even where texts beside them are such days too.
_ENOUGH, _ENOUGH_BESIDE_SUCH_TEXTS = 3, 6
#: So many dates, early ones in cells and late ones as text without exception, are parted for one reason only.
_WITHOUT_EXCEPTION = 12
_EARLY, _ROWS_NAMED, _MUCH_WIDER = 12, 10, 2
_LENGTHS = dict(enumerate((31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), start=1))
_PARTS = {
    "day": "([0-9]{1,2})",
    "month": "([0-9]{1,2})",
    "year": "([0-9]{4}|[0-9]{2})",
    "year_of_century": "([0-9]{4}|[0-9]{2})",
}
#: The same where no sign stands between them.
_TOGETHER = {"day": "([0-9]{2})", "month": "([0-9]{2})", "year": "([0-9]{4})", "year_of_century": "([0-9]{2})"}
#: A time of day behind a day, which does not matter here.
_TIME = "(?:[ T,]+[0-9:.]+(?: ?[AaPp][Mm])?)?"


@dataclass(frozen=True)
class Exchanged(Discreet):
    """What is not known of a column of dates.

    Attributes:
        unknown: Boolean series, true for each date that could be two days.
        shown_by: Boolean series, true for each text that is a date only with day and month exchanged; for none of them where
            date cells beside texts show it.
    """

    unknown: pl.Series
    shown_by: pl.Series

    def without(self, days: pl.Series) -> pl.Series:
        """The days that are known."""
        return days.zip_with(~self.unknown, pl.Series([None], dtype=days.dtype))


def exchanged_finding(rows: pl.Series, header: str, check: Check) -> Finding:
    """What is wrong with a column as a whole.

    Args:
        rows: The rows, as a person sees them, with texts that show it; none where date cells beside texts show it.
        header: The header of the column.
        check: The rule.
    """
    first = ", ".join(map(str, rows.head(_ROWS_NAMED))) + (" and more" if len(rows) > _ROWS_NAMED else "")
    texts = f"the {'text' if len(rows) == 1 else 'texts'} of row{'' if len(rows) == 1 else 's'} {first}"
    how = (
        f"{texts} can be read only so"
        if len(rows)
        else "its date cells have days up to 12 alone, and its texts later ones"
    )
    return make("ambiguous-dates", expected=how, column=header, severity=check.severity, rule=check.name)


@dataclass(frozen=True)
class _Form(Discreet):
    """A form of dates, however many digits each part has: its pattern, and the order of day, month and year in it."""

    pattern: str
    order: tuple[str, ...]

    def is_exchanged(self, text: pl.Expr) -> pl.Expr:
        """Whether a text is a date in this form with day and month exchanged."""
        day, month = (
            text.str.extract(self.pattern, self.order.index(part) + 1).cast(pl.Int32, strict=False) for part in "dM"
        )
        last = day.replace_strict(_LENGTHS, default=0, return_dtype=pl.Int32)
        return ((month > _EARLY) & (month <= last)).fill_null(value=False)


def exchanged_dates(
    table: RawTable,
    days: pl.Series,
    unread: pl.Series,
    column: Column,
    *,
    native: bool,
    shown_elsewhere: Collection[str] = (),
) -> Exchanged | None:
    """The dates of a column that are not known, because it shows that day and month were exchanged; None where it does not.

    Args:
        table: The rows as text.
        days: The column as days (Date), null where they could not be read.
        unread: Boolean series, true where a cell could not be read.
        column: The column.
        native: Whether date cells come as ISO 8601.
        shown_elsewhere: Forms of which other rows of the column show it, as from :func:`forms_shown`.
    """
    if not unread.any() and column.name not in table.kinds and not native and not shown_elsewhere:
        return None
    text, kinds = table.frame[column.name], table.kinds.get(column.name)
    if kinds is None and not native and not shown_elsewhere and not forms_shown(text.filter(unread), column):
        return None
    text = text.str.strip_chars(BLANKS)
    in_cell = _date_cells(text, kinds, column, native=native)
    cells = pl.DataFrame({"text": text, "day": days, "in_cell": in_cell})
    if not unread.any() and not shown_elsewhere and (in_cell.all() or not in_cell.any()):
        return None
    day, of_cell = pl.col("day"), pl.col("in_cell")
    is_early = day.dt.day() <= _EARLY
    cells = cells.with_columns(
        early=is_early.fill_null(value=False),
        late=(~is_early).fill_null(value=False),
        twofold=(is_early & (day.dt.day() != day.dt.month())).fill_null(value=False),
        shown_by=pl.lit(value=False),
        unknown=pl.lit(value=False),
    )
    cells_in_doubt = not cells.select((of_cell & pl.col("late")).any()).item()
    for form in _forms(column):
        shown = form.is_exchanged(pl.when(unread & ~in_cell).then("text"))
        texts = ~of_cell & pl.col("text").str.contains(form.pattern)
        taken = pl.col("twofold") & (texts | (of_cell & cells_in_doubt))
        taken = taken & (shown.any() | pl.lit(form.pattern in shown_elsewhere))
        cells = cells.with_columns(pl.col("shown_by") | shown, pl.col("unknown") | taken)
    if cells_in_doubt and _are_parted(cells):
        cells = cells.with_columns(unknown=pl.col("twofold"))
    return Exchanged(cells["unknown"], cells["shown_by"]) if shown_elsewhere or cells["unknown"].any() else None


def forms_shown(unread: pl.Series, column: Column) -> set[str]:
    """The forms of which texts that could not be read show that day and month were exchanged, by their patterns."""
    text = pl.lit(unread.str.strip_chars(BLANKS))
    return {form.pattern for form in _forms(column) if pl.select(form.is_exchanged(text).any()).item()}


def _are_parted(cells: pl.DataFrame) -> bool:
    """Whether date cells with early days and texts with late ones are parted by more than chance.

    Days may be early for a reason of their own: a report on the first of each month, or a period that begins a month. With day
    and month exchanged such days would lie far apart.
    """
    texts = cells.filter(~pl.col("in_cell"))
    early, late = cells.filter(pl.col("in_cell") & pl.col("twofold"))["day"], texts.filter("late")["day"]
    enough = _ENOUGH_BESIDE_SUCH_TEXTS if texts["twofold"].any() else _ENOUGH
    if late.is_empty() or early.n_unique() < enough or early.dt.day().max() == 1:
        return False
    if not texts["twofold"].any() and len(early) + len(late) >= _WITHOUT_EXCEPTION:
        return True
    exchanged = early.to_frame().select(
        pl.date(pl.col("day").dt.year(), pl.col("day").dt.day(), pl.col("day").dt.month())
    )
    return _span(exchanged.to_series(), late) <= _MUCH_WIDER * _span(early, late)


def _span(*parts: pl.Series) -> int:
    """How many days lie between the first and the last of some days."""
    days = pl.concat([each.alias("day") for each in parts])
    return int((days.max() - days.min()).days)  # type: ignore[operator,union-attr]


def _date_cells(text: pl.Series, kinds: pl.Series | None, column: Column, *, native: bool) -> pl.Series:
    """Where there is a date cell. A file that does not say so gives it away by a form that the contract does not have."""
    if kinds is not None:
        return kinds == CellKind.DATE
    if native and not any(each.written.startswith(ISO) for each in column.forms):
        return text.str.contains(f"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}{_TIME}$").fill_null(value=False)
    return pl.repeat(value=False, n=len(text), dtype=pl.Boolean, eager=True)


def _forms(column: Column) -> Iterator[_Form]:
    """The forms of the column, each once; two of one pattern have one order, or their contract would be at fault."""
    found: dict[str, tuple[str, ...]] = {}
    for written in column.forms:
        if {*written.fields[: len(written.order)]} >= {"day", "month"}:
            days, order = _days_of(written)
            found[f"^{days}{_TIME if written.has_time else ''}$"] = order
    yield from (_Form(pattern, order) for pattern, order in found.items())


def _days_of(written: Form) -> tuple[str, tuple[str, ...]]:
    """A pattern for the day, month and year of a form, and their order. A name of a month is exchanged with nothing."""
    parts = list(written.parts)
    while written.has_time and parts[-1].field not in _PARTS:
        parts.pop()
    texts = _TOGETHER if any(one.letters and other.letters for one, other in pairwise(parts)) else _PARTS
    return "".join(texts[each.field] if each.letters else re.escape(each.sign) for each in parts), tuple(written.order)
