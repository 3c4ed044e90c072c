"""What a file says of a cell beside its text: its kind, whether it shows what is stored, and whether it is merged with others.

The value of a cell that is merged, of another kind than its column, or shown otherwise than stored is not known for certain. Such
a cell is reported once, for that, and no rule is applied to it. Where the contract makes a warning of it, what is stored counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from probation_etl.contracts.checks import Kind, Schema
from probation_etl.contracts.model import Column
from probation_etl.contracts.patterns import polars_pattern
from probation_etl.contracts.spellings import spelt_as_listed, without_unit
from probation_etl.discreet import Discreet
from probation_etl.intake.faults import FAULT_SCHEMA
from probation_etl.intake.readers import BLANKS, ERROR_CELLS
from probation_etl.intake.readers.base import CellKind, Otherwise
from probation_etl.intake.table import RawTable

#: Kinds of cells that a column takes beside texts and errors, by its type. Which numbers a column of
#: texts takes is looked at more closely; a number in a column of dates or truth values does not parse.
_TAKEN: Mapping[str, tuple[CellKind, ...]] = {
    "string": (CellKind.NUMBER,),
    "integer": (CellKind.NUMBER,),
    "number": (CellKind.NUMBER,),
    "date": (CellKind.NUMBER, CellKind.DATE),
    "timestamp": (CellKind.NUMBER, CellKind.DATE),
    "time": (CellKind.NUMBER, CellKind.TIME),
    "duration": (CellKind.NUMBER, CellKind.TIME),
    "boolean": (CellKind.NUMBER, CellKind.BOOLEAN),
}
#: Whole numbers that a spreadsheet keeps exactly, so that they are their digits.
_EXACT = r"^-?[0-9]{1,15}$"
_HOLDS = {
    CellKind.NUMBER: "a number",
    CellKind.DATE: "a date",
    CellKind.TIME: "a time of day or a duration",
    CellKind.BOOLEAN: "a truth value",
}
_SHOWS = "The cell shows ‘{shown}’, but ‘{value}’ is stored"
_OTHERWISE = {
    Otherwise.PER_CENT: f"{_SHOWS}.",
    Otherwise.FORMAT: f"{_SHOWS}.",
    Otherwise.TIME: f"{_SHOWS}.",
    Otherwise.DIGITS: f"{_SHOWS}: a spreadsheet keeps no more than 15 digits of a number.",
    Otherwise.RAISED: "The cell shows raised or lowered characters: ‘{shown}’, but ‘{value}’ is stored.",
}
_IN_PART = {
    Otherwise.DATE_PART: "The cell shows only ‘{shown}’ of the date ‘{value}’ that is stored.",
    Otherwise.ROUNDED: "The cell shows ‘{shown}’, rounded from ‘{value}’, which is stored.",
}
_SHOWS_NOTHING = "The cell shows nothing, but ‘{value}’ is stored."
#: What other rules say of a cell that shows a part of what is stored.
_IN_FULL = {
    Kind.DECIMALS: f"{_SHOWS}, which has too many decimal places. At most {{expected}} can be given.",
    Kind.INTEGER: f"{_SHOWS}, which is not a whole number.",
    Kind.TYPE: f"{_SHOWS}, which is not a day alone.",
}
#: A number 0 in the format of a date is read as the time of midnight.
_NO_DAY, _NOUGHT = "The cell holds 0, which is no day; {expected} is due.", "00:00:00"
_NUMBER_FOR_DATE = "The cell holds a number, ‘{value}’, and not a date: the cell is not formatted as one."


@dataclass(frozen=True)
class Doubts(Discreet):
    """Cells whose values are not what they seem.

    Attributes:
        faults: Columns as in ``FAULT_SCHEMA``.
        unknown: By column name, a Boolean series that is true where the value of the cell is not known.
    """

    faults: pl.DataFrame
    unknown: Mapping[str, pl.Series]


def doubts(table: RawTable, schema: Schema) -> Doubts:
    """The cells of a table that are merged, of another kind than their column, or shown otherwise than stored."""
    faults, unknown = [pl.DataFrame(schema=FAULT_SCHEMA)], {}
    shown_in, kinds = set(table.shown["column"]), _kinds_in(table)
    for column in schema.contract.columns:
        if column.name in table.merged or column.name in shown_in or kinds.get(column.name, set()) - _harmless(column):
            found = _doubted(column, table).filter(~pl.col("position").is_in(table.broken.implode()))
            if found.height:
                mild = [name for name in found["rule"].unique() if schema.by_name[name].severity == "warning"]
                positions = found.filter(~pl.col("rule").is_in(mild))["position"]
                every = pl.int_range(table.frame.height, dtype=pl.UInt32, eager=True)
                unknown[column.name] = every.is_in(positions.implode())
                faults.append(found)
    return Doubts(pl.concat(faults), unknown)


def _kinds_in(table: RawTable) -> dict[str, set[int]]:
    """By column name, the kinds of its cells: most have none that can be in doubt, and that is seen at once."""
    kinds = pl.DataFrame([each.alias(name) for name, each in table.kinds.items()])
    return {each.name: set(each.item()) for each in kinds.select(pl.all().unique().implode()).iter_columns()}


def _harmless(column: Column) -> set[int]:
    """The kinds of cells that cannot be in doubt in a column."""
    return {int(CellKind.TEXT), *(map(int, _TAKEN[column.type]) if column.type != "string" else ())}


def _doubted(column: Column, table: RawTable) -> pl.DataFrame:
    """The faults of one column."""
    height, at = table.frame.height, pl.int_range(table.frame.height, dtype=pl.UInt32, eager=True).alias("position")
    kinds = table.kinds.get(column.name, pl.repeat(CellKind.TEXT, height, dtype=pl.UInt8, eager=True))
    merged = table.merged.get(column.name, pl.repeat(value=False, n=height, dtype=pl.Boolean, eager=True))
    text = table.frame[column.name].str.strip_chars(BLANKS).alias("text")
    shown = table.shown.filter(pl.col("column") == column.name).unique("position", keep="first")
    cells = pl.DataFrame([at, text, kinds.alias("kind"), merged.alias("merged")])
    cells = cells.join(shown.drop("column"), on="position", how="left", maintain_order="left").with_columns(
        shown=pl.when(pl.col("kind") == CellKind.BOOLEAN).then(pl.col("text").str.to_uppercase()).otherwise("shown")
    )
    filled = text.is_not_null() & ~text.is_in(["", *column.null_tokens])
    rule, message = pl.lit(None, dtype=pl.String), pl.lit(None, dtype=pl.String)
    # The first case that applies counts; they are put together from the last.
    for kind, says, applies in reversed(_cases(column)):
        holds = applies if kind is Kind.MERGED else applies & pl.col("filled")
        rule = pl.when(holds).then(pl.lit(f"{column.name}|{kind}")).otherwise(rule)
        message = pl.when(holds).then(says).otherwise(message)
    found = cells.with_columns(filled=filled).select("position", rule=rule, message=message, shown="shown")
    return found.drop_nulls("rule").cast(pl.Schema(FAULT_SCHEMA))


def _cases(column: Column) -> list[tuple[Kind, pl.Expr, pl.Expr]]:
    """What can be wrong with a cell: the rule, the message, and when it applies."""
    kind, how, text = pl.col("kind"), pl.col("how"), pl.col("text")
    nothing = pl.lit(None, dtype=pl.String)
    taken = (CellKind.TEXT, CellKind.ERROR, *_TAKEN[column.type])
    exact = text.str.contains(_EXACT) | _accepted(text, column)
    seen = pl.when(pl.col("shown").is_null()).then(pl.lit("‘{value}’")).otherwise(pl.lit("shown ‘{shown}’"))
    holds = kind.replace_strict(_HOLDS, default="another value", return_dtype=pl.String)
    other = pl.format("The cell holds {}, {}; {} is due.", holds, seen, pl.lit("{expected}"))
    no_day = (kind == CellKind.TIME) & (text == _NOUGHT) & pl.lit(column.has_days)
    unseen = pl.col("shown").str.strip_chars(BLANKS) == ""
    otherwise = pl.when(unseen).then(pl.lit(_SHOWS_NOTHING)).otherwise(_said(_OTHERWISE))
    return [
        (Kind.MERGED, nothing, pl.col("merged")),
        (Kind.ERROR, nothing, (kind == CellKind.ERROR) & ~text.is_in(ERROR_CELLS)),
        (Kind.KIND, pl.lit(_NO_DAY), no_day),
        (Kind.KIND, other, ~kind.is_in(taken)),
        (Kind.SHOWN, otherwise, how.is_in(_otherwise(column)).fill_null(value=False) & ~_with_its_unit(column)),
        (Kind.KIND, other, (kind == CellKind.NUMBER) & ~exact if column.type == "string" else pl.lit(value=False)),
        (Kind.PART, _said(_IN_PART), how.is_in(list(_IN_PART)).fill_null(value=False)),
    ]


def _otherwise(column: Column) -> list[Otherwise]:
    """In which ways a cell shows something else than is stored. That a time of day is shown in short is no fault where one is due."""
    return [each for each in _OTHERWISE if each is not Otherwise.TIME or column.type not in ("time", "duration")]


def _with_its_unit(column: Column) -> pl.Expr:
    """Whether a cell shows what is stored with the unit beside it."""
    if not column.unit_texts:
        return pl.lit(value=False)
    return (without_unit(pl.col("shown"), column) == pl.col("text")).fill_null(value=False)


def _accepted(text: pl.Expr, column: Column) -> pl.Expr:
    """Whether a number in a column of texts is what the column asks for as it is shown."""
    if column.labels:
        return spelt_as_listed(text, column).is_in(list(column.labels))
    return text.str.contains(polars_pattern(column.pattern)) if column.pattern else pl.lit(value=False)


def _said(messages: Mapping[Otherwise, str]) -> pl.Expr:
    return pl.col("how").replace_strict(messages, default=None, return_dtype=pl.String)


def explained(faults: pl.DataFrame, table: RawTable, schema: Schema) -> pl.DataFrame:
    """The faults of a table, with what the file says of the cells that could not be taken as they are.

    A cell that shows a part of what is stored is reported for what it should not hold, or else for showing a part.
    """
    if faults.is_empty() or (not table.kinds and not table.shown.height):
        return faults
    place = ["position", "column"]
    rules = [schema.by_name[name] for name in faults["rule"].unique()]
    targets = {
        "rule": [each.name for each in rules],
        "column": [each.target for each in rules],
        "kind": [each.kind for each in rules],
    }
    in_part = table.shown.filter(pl.col("how").is_in(list(_IN_PART))).unique(place, keep="first")
    known = (
        faults.lazy()
        .join(pl.LazyFrame(targets, schema=dict.fromkeys(targets, pl.String)), on="rule", maintain_order="left")
        .join(in_part.lazy().select(*place, seen="shown"), on=place, how="left", maintain_order="left")
        .join(_numbers_for_dates(table, schema).lazy(), on=[*place, "kind"], how="left", maintain_order="left")
        .with_columns(in_full=pl.col("kind").replace_strict(_IN_FULL, default=None, return_dtype=pl.String))
        .with_columns(in_full=pl.when(pl.col("seen").is_not_null() & pl.col("number").is_null()).then("in_full"))
        .with_columns(
            message=pl.coalesce("in_full", "number", "message"),
            shown=pl.when(pl.col("in_full").is_not_null()).then("seen").otherwise("shown"),
        )
    )
    told = known.filter(pl.col("in_full").is_not_null()).select(*place, kind=pl.lit(str(Kind.PART)))
    kept = known.join(told, on=[*place, "kind"], how="anti", maintain_order="left")
    return kept.select(*FAULT_SCHEMA).collect()


def _numbers_for_dates(table: RawTable, schema: Schema) -> pl.DataFrame:
    """The numbers in columns of dates, as faults of their type: what stands there is a day that was not formatted as one."""
    dates = [each.name for each in schema.contract.columns if each.has_days and each.name in table.kinds]
    numbers = {name: (table.kinds[name] == CellKind.NUMBER).arg_true() for name in dates}
    found = [pl.DataFrame({"position": at, "column": [name] * len(at)}) for name, at in numbers.items()]
    kept = pl.Schema({"position": pl.UInt32(), "column": pl.String()})
    return pl.concat([pl.DataFrame(schema=kept), *(each.cast(kept) for each in found)]).with_columns(
        kind=pl.lit(str(Kind.TYPE)), number=pl.lit(_NUMBER_FOR_DATE)
    )
