"""Rows of plausible values, mixed without a search: enough to see whether an expression ever gives something."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from random import Random

import polars as pl

from probation_etl.contracts.checks import Schema
from probation_etl.contracts.checks.check import OF_COLUMN, Kind
from probation_etl.proof.candidates import Cell, candidates, many_values
from probation_etl.proof.evaluate import Evaluator, Row
from probation_etl.proof.hints import Hints, hints_of

#: How many rows are mixed.
_ROWS = 2_000
_EMPTY = 0.4
#: Period of the rows, where a contract does not say when it is in force.
PERIOD_START, PERIOD_END = date(2020, 1, 1), date(2020, 1, 31)
_MOMENTS = tuple(
    datetime.fromisoformat(each).replace(tzinfo=UTC)
    for each in ("2020-01-31 10:30:00", "1999-12-01", "2024-02-29 23:59:58", "2099-12-31")
)
_FORMS = ("%Y-%m-%d", "%d/%m/%Y", "%Y%m%d", "%d%m%Y", "%y%m%d", "%H:%M", "%Y-%m-%d %H:%M:%S", "%d.%m.%y", "%d %b %Y")
_TEXTS = (
    "a", "x", "AB12CD", "A1-B2-C3", "1", "0", "7", "12", "-3", "2.50", "1,234", "£5", "50%", "123456789", "12345678901234",
    "true", "false", "TRUE", "yes", "no", "Y", "N", "10:30", "Ann Other", "one two three four", "é", "",
)  # fmt: skip
_SEPARATORS = "-/.:;,_ |+#"
_PLACES, _SERIES = 30, 45
_SENDER = ("supplier_code", "supplier_kind")


def any_rows(schema: Schema) -> pl.DataFrame:
    """Typed rows whose cells look like anything that SQL may read of them, be it allowed in the column or not."""
    known: dict[str, object] = {
        "supplier_code": "A1", "supplier_kind": "a", "period_start": PERIOD_START, "period_end": PERIOD_END,
        "file_name": "A1_return_2020-01-31.csv",
    }  # fmt: skip
    values = _values(schema, known, PERIOD_END)
    # What is not in the list of its column is an error already: no rule is needed for it.
    values |= {each.name: list(each.labels) for each in schema.contract.columns if each.labels}
    rows = list(_mixed({name: [each for each in cells if each] or [None] for name, cells in values.items()}))
    return Evaluator(schema, known, native=False).parsed(rows)[1].frame


def allowed_rows(schema: Schema, known: dict[str, object], period_end: date) -> pl.DataFrame:
    """Typed rows in which each cell alone keeps the rules of its column.

    Args:
        schema: The compiled contract.
        known: Values of the columns that rules may use beside those of the return.
        period_end: Last day of the period.
    """
    names, values = schema.contract.column_names, _values(schema, known, period_end)
    evaluator = Evaluator(schema, known, native=False)
    longest = max(map(len, values.values()), default=0)
    # Each row has the next value of every column, so one pass judges every value by the rules of its own column.
    rows = [tuple(values[name][at % len(values[name])] for name in names) for at in range(longest)]
    of_column = {check.name: check.target for check in schema.rules.values() if check.kind in OF_COLUMN - {Kind.UNIQUE}}
    broken = [{of_column[rule] for rule in rules if rule in of_column} for rules in evaluator.broken(rows)]
    good = {
        name: list(dict.fromkeys(row[at] for row, faulty in zip(rows, broken, strict=True) if name not in faulty))
        for at, name in enumerate(names)
    }
    mixed = list(_mixed({name: cells or [None] for name, cells in good.items()}))
    return _sent_by_others(evaluator.parsed(mixed)[1].frame, schema)


def _values(schema: Schema, known: dict[str, object], period_end: date) -> dict[str, list[Cell]]:
    """Texts to mix, by column."""
    values, hints = candidates(schema, known, period_end), hints_of(schema, known)
    for column in schema.contract.columns:
        if column.type == "string":
            more = _texts(hints[column.name].texts, (int(each) for each in hints[column.name].numbers))
        else:
            more = iter(many_values(column, _SERIES, period_end))
        values[column.name] = list(dict.fromkeys((*values[column.name], *more)))
    return values


def _sent_by_others(rows: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    """The rows, as if also those sent them whom the rules name."""
    rng = Random(1)  # noqa: S311 -- nothing secret
    hints = Hints()
    for check in schema.of(Kind.ROW, Kind.TABLE):
        if any(name in check.sql for name in _SENDER):
            hints.learn(check.sql)
    named = {name: [rows[name][0], *hints.texts] for name in _SENDER} if hints.texts and rows.height else {}
    return rows.with_columns(
        pl.Series(name, rng.choices(texts, k=rows.height), dtype=pl.String) for name, texts in named.items()
    )


def _mixed(values: Mapping[str, list[Cell]]) -> Iterator[Row]:
    """Rows with a value of each column; the same contract gives the same rows."""
    rng = Random(0)  # noqa: S311 -- nothing secret
    return zip(*(rng.choices(cells, _weights(cells), k=_ROWS) for cells in values.values()), strict=True)


def _weights(cells: list[Cell]) -> list[float]:
    """Cells that may be empty often are: rules over several columns are seldom kept by chance where all are filled."""
    filled = max(1, len(cells) - cells.count(None))
    return [_EMPTY if each is None else (1 - _EMPTY) / filled for each in cells]


def _texts(written: Iterable[str], numbers: Iterable[int]) -> Iterator[str]:
    """Texts that look like numbers, days and words, in the forms and at the places that expressions name."""
    texts = list(written)
    forms = [text for text in texts if "%" in text]
    named = [shown for moment in _MOMENTS for form in forms if (shown := _shown(moment, form))]
    days = [*named, *(_shown(moment, form) for moment in _MOMENTS for form in _FORMS)]
    separators = {*_SEPARATORS, *(text for text in texts if 0 < len(text) <= len(_SEPARATORS) and "%" not in text)}
    joined = [each.join(("12", "13", "14", "2020")) for each in separators]
    plain = [*_TEXTS, *days, *joined]
    yield from plain
    for place in {each for each in numbers if 1 < each <= _PLACES}:
        yield from (f"{'A' * (place - 1)}{each}" for each in ("12", "20200131", *named))
    yield from (f"{text}{each}" for text in texts for each in ("12", "x") if re.fullmatch(r"[^%]{1,20}", text))


def _shown(moment: datetime, form: str) -> str:
    try:
        return moment.strftime(form)
    except ValueError:
        return ""
