"""What the plain text of a value is in the type of its column; null where it is none."""

from __future__ import annotations

import re

import polars as pl

from probation_etl.contracts.checks import NUMBER
from probation_etl.contracts.durations import MICROSECONDS, OF_CELLS, DurationForm, duration_form
from probation_etl.contracts.forms import ISO, MONTHS, Form, form
from probation_etl.contracts.model import Column

#: How the readers write the moments of cells that are days with a time of day.
_MOMENTS = ("yyyy-MM-dd HH:mm:ss", *(f"yyyy-MM-dd HH:mm:ss.{'S' * digits}" for digits in range(1, 7)))
_TIMES = ("HH:mm:ss", *(f"HH:mm:ss.{'S' * digits}" for digits in range(1, 7)))
_WHOLE = r"^[+-]?[0-9]{1,18}$"
_MONTHS = {name[:3].lower(): f"{number:02}" for number, name in enumerate(MONTHS, start=1)}


def typed(cell: pl.Expr, column: Column, *, native: bool) -> pl.Expr:
    """The value of a text without blanks around it.

    Args:
        cell: The text.
        column: Its column.
        native: Whether date cells come as ISO 8601.
    """
    if column.type == "integer":
        return pl.when(cell.str.contains(_WHOLE)).then(cell).cast(pl.Int64, strict=False)
    if column.type == "number":
        number = pl.when(cell.str.contains(decimal(column))).then(cell)
        plain = (
            number
            if column.decimal_separator == "."
            else number.str.replace(column.decimal_separator, ".", literal=True)
        )
        return plain.cast(NUMBER, strict=False)
    if column.type == "boolean":
        return cell.str.to_lowercase().replace_strict(truths(column), default=None, return_dtype=pl.Boolean)
    if column.type == "date":
        return pl.coalesce([_day(cell, each) for each in forms_of(column, native=native)])
    if column.type == "timestamp":
        return pl.coalesce([_moment(cell, each) for each in forms_of(column, native=native)])
    if column.type == "time":
        return pl.coalesce([_moment(cell, each) for each in forms_of(column, native=native)]).dt.time()
    if column.type == "duration":
        return pl.coalesce([_length(cell, each) for each in durations_of(column, native=native)])
    return cell


def decimal(column: Column) -> str:
    """A regular expression for a number, with decimals or without."""
    return rf"^[+-]?[0-9]{{1,18}}({re.escape(column.decimal_separator)}[0-9]+)?$"


def truths(column: Column) -> dict[str, bool]:
    """What the words for true and false mean, in small letters."""
    return {
        **{each.lower(): True for each in column.true_values},
        **{each.lower(): False for each in column.false_values},
    }


def forms_of(column: Column, *, native: bool) -> list[Form]:
    """The forms of a column of dates. The reader gives the dates of a spreadsheet as ISO 8601."""
    own = list(column.forms)
    if not native:
        return own
    of_cells = list(map(form, _TIMES if column.type == "time" else (ISO,)))
    if column.type == "timestamp" or any(each.has_time for each in own):
        of_cells += map(form, _MOMENTS)
    return list(dict.fromkeys((*of_cells, *own)))


def durations_of(column: Column, *, native: bool) -> list[DurationForm]:
    """The forms of a column of lengths of time."""
    of_cells = map(duration_form, OF_CELLS if native else ())
    return list(dict.fromkeys((*of_cells, *column.durations)))


def _day(cell: pl.Expr, written: Form) -> pl.Expr:
    if written.is_plain and not written.has_time:
        return pl.when(cell.str.contains(written.pattern)).then(cell).str.to_date(written.strptime, strict=False)
    return _moment(cell, written).dt.date()


def _moment(cell: pl.Expr, written: Form) -> pl.Expr:
    """A day with a time of day."""
    if written.is_plain and written.order:
        given = pl.when(cell.str.contains(written.pattern)).then(cell)
        return given.str.to_datetime(written.strptime, strict=False, time_unit="us")
    found = cell.str.extract_groups(written.pattern).struct
    fields = {name: found.field(name) for name in written.fields}
    if "year_of_century" in fields:
        fields["year"] = fields["year_of_century"].replace_strict(written.years(), default=None)
    if "month_name" in fields:
        fields["month"] = fields["month_name"].str.slice(0, 3).str.to_lowercase().replace_strict(_MONTHS, default=None)
    if "hour_of_half" in fields:
        later: pl.Expr = pl.when(fields["half"].str.to_lowercase() == "pm").then(12).otherwise(0)
        fields["hour"] = (fields["hour_of_half"].cast(pl.Int8) % 12 + later).cast(pl.String)
    day = [fields[each].str.zfill(2) if each in fields else pl.lit("01") for each in ("month", "day")]
    at = [fields[each].str.zfill(2) if each in fields else pl.lit("00") for each in ("hour", "minute", "second")]
    fraction = fields["fraction"].str.pad_end(6, "0") if "fraction" in fields else pl.lit("000000")
    # A time of day alone needs some day to be read by; where the text is no time, it has none.
    year = fields["year"] if "year" in fields else pl.when(cell.str.contains(written.pattern)).then(pl.lit("2000"))
    text = pl.format("{}-{}-{} {}:{}:{}.{}", year, *day, *at, fraction)
    return text.str.to_datetime("%Y-%m-%d %H:%M:%S%.6f", strict=False, time_unit="us")


def _length(cell: pl.Expr, written: DurationForm) -> pl.Expr:
    """A length of time, in microseconds."""
    found = cell.str.extract_groups(written.pattern).struct
    given = {name: found.field(name) for name in written.fields}
    counts = [
        given[name].cast(pl.Int64) * size for name, size in MICROSECONDS.items() if name in given and name != "fraction"
    ]
    if "fraction" in given:
        counts.append(given["fraction"].str.pad_end(6, "0").cast(pl.Int64))
    sign = pl.when(found.field("sign") == "-").then(-1).otherwise(1)
    some = pl.any_horizontal(each.is_not_null() for each in given.values())
    return pl.when(some).then(pl.sum_horizontal(counts) * sign).cast(pl.Duration("us"))
