"""Values on their way into PostgreSQL and out of it, as text where there are many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import polars as pl
import psycopg

#: Types of PostgreSQL, by their number in its catalogue, as types of a frame.
_TYPES: dict[int, Any] = {
    16: pl.Boolean, 17: pl.Binary, 20: pl.Int64, 21: pl.Int64, 23: pl.Int64, 25: pl.String, 700: pl.Float64,
    701: pl.Float64, 1042: pl.String, 1043: pl.String, 1082: pl.Date, 1083: pl.Time, 1114: pl.Datetime("us"),
    1186: pl.Duration("us"),
}  # fmt: skip
_NUMERIC = 1700
_DAY = 86_400_000_000
_INTERVAL = r"^(?:(?P<years>[+-]?\d+) years? ?)?(?:(?P<months>[+-]?\d+) mons? ?)?(?:(?P<days>[+-]?\d+) days?)? ?(?:(?P<sign>[+-]?)(?P<hours>\d+):(?P<minutes>\d+):(?P<seconds>\d+)(?:\.(?P<fraction>\d+))?)?$"
#: PostgreSQL cannot store NUL in text: it is replaced by its printable symbol.
_NUL, _SYMBOL_FOR_NUL = "\x00", "\u2400"


def records(blocks: Iterable[bytes | bytearray | memoryview], height: int) -> Iterator[bytes]:
    """So many records of CSV at a time. The server sends each by itself."""
    while records := list(islice(blocks, height)):
        yield b"".join(records)


def typed(text: bytes, none: pl.DataFrame) -> pl.DataFrame:
    """Records of CSV in the types of a frame without rows."""
    texts = pl.read_csv(text, has_header=False, new_columns=none.columns, infer_schema=False)
    return texts.select(_from_text(name, kind) for name, kind in none.schema.items())


def _from_text(name: str, kind: pl.DataType) -> pl.Expr:
    text = pl.col(name)
    if kind == pl.Boolean():
        return text == "t"
    if kind == pl.Date():
        return text.str.to_date("%Y-%m-%d")
    if kind == pl.Time():
        return text.str.to_time("%H:%M:%S%.f")
    if kind == pl.Duration("us"):
        return _length(text)
    return text.str.to_datetime() if isinstance(kind, pl.Datetime) else text.cast(kind)


def _length(text: pl.Expr) -> pl.Expr:
    """A length of time as the server writes it: ``25:03:00``, ``-3 days`` or ``1 day 01:03:00.5``."""
    found = text.str.extract_groups(_INTERVAL).struct
    # A month counts as the driver of the server counts it.
    sizes = {
        "years": 365 * _DAY, "months": 30 * _DAY, "days": _DAY, "hours": 3_600_000_000, "minutes": 60_000_000, "seconds": 1_000_000,
    }  # fmt: skip
    counts = {name: found.field(name).cast(pl.Int64).fill_null(0) * size for name, size in sizes.items()}
    fraction = found.field("fraction").str.pad_end(6, "0").cast(pl.Int64).fill_null(0)
    at = counts["hours"] + counts["minutes"] + counts["seconds"] + fraction
    signed = pl.when(found.field("sign") == "-").then(-at).otherwise(at)
    return (
        pl.when(text.is_not_null())
        .then(counts["years"] + counts["months"] + counts["days"] + signed)
        .cast(pl.Duration("us"))
    )


def type_of(column: psycopg.Column) -> Any:
    """The type of a column of a result, for a frame."""
    if column.type_code != _NUMERIC:
        return _TYPES.get(column.type_code, pl.String)
    # Sums come without a precision.
    return pl.Decimal(column.precision or 38, column.scale if column.precision and column.scale is not None else 6)


def without_nul(parameters: Sequence[object] | None) -> list[object] | None:
    """Parameters of a statement, as they can be stored."""
    if not parameters:
        return None
    return [[*map(_storable, each)] if isinstance(each, list) else _storable(each) for each in parameters]


def _storable(value: object) -> object:
    return value.replace(_NUL, _SYMBOL_FOR_NUL) if isinstance(value, str) else value


def as_text(rows: pl.DataFrame) -> str:
    """Rows as records of CSV."""
    cleaned = rows.with_columns(
        pl.col(pl.String).str.replace_all(_NUL, _SYMBOL_FOR_NUL, literal=True),
        pl.selectors.duration().dt.total_microseconds().cast(pl.String) + " microseconds",
    )
    # Empty text is quoted too: without quotes it would be null.
    return cleaned.write_csv(include_header=False, quote_style="non_numeric")
