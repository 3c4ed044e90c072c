"""Rules that rows refer to rows of other tables, or of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import polars as pl

from probation_etl.contracts.checks import words
from probation_etl.contracts.checks.check import Check, Kind
from probation_etl.contracts.checks.compiled import TYPES
from probation_etl.contracts.model import Contract, Reference, ReturnContract
from probation_etl.contracts.spellings import folded
from probation_etl.contracts.suggestions import did_you_mean

#: Types of what a reference table lists.
_LISTED = ("string", "integer", "number", "date")
#: Between the parts of a key: no text of a cell has it.
_BETWEEN = "\x1f"


def reference_checks(contract: Contract) -> Iterator[Check]:
    """The rules that rows refer to rows of other tables. A column that is not there is a fault that lint finds."""
    for reference in contract.references:
        if reference.column in contract.column_names:
            asked = f"Every row refers to a row of ‘{reference.table}’ by {words.headers(contract, reference.columns)}."
            yield _check(Kind.REFERENCE, "unknown-reference", reference, contract, asked)


def own_checks(contract: ReturnContract) -> Iterator[Check]:
    """The rules that rows refer to rows of the same return; likewise."""
    for reference in contract.own_references:
        if reference.column in contract.column_names:
            theirs = words.headers(contract, reference.columns.values())
            asked = f"{words.headers(contract, reference.columns)} of a row is {theirs} of a row of the same return."
            yield _check(Kind.OWN, "unknown-row", reference, contract, asked)


def member_checks(
    contract: ReturnContract, tables: Mapping[str, pl.DataFrame] | None, faults: list[str]
) -> Iterator[Check]:
    """The rules that reference tables have what a row says. What of them is not there becomes a fault.

    Args:
        contract: The contract of a return.
        tables: Reference tables by name; None where they are not known, and nothing is said of them.
        faults: Where faults are added.
    """
    for reference in contract.memberships:
        part = f"reference ‘{reference.name}’"
        found = [*_unknown((reference.column, *reference.columns), contract.column_names, "there is no column")]
        if tables is not None:
            found += _table_faults(reference, contract, tables)
        faults += [f"{contract.where(part)}: {each}" for each in found]
        if not found and tables is not None:
            asked = f"The reference table ‘{reference.table}’ has {words.headers(contract, reference.columns)} of every row."
            kept = _keys(tables[reference.table], reference.columns, contract)
            holds = _compared(reference.columns, contract).is_in(kept.implode())
            check = _check(Kind.MEMBER, "not-in-reference-table", reference, contract, asked, holds)
            listed = tables[reference.table].select(
                pl.col(there).alias(here) for here, there in reference.columns.items()
            )
            several = f"The list of {check.expected} has no row with these together: {words.headers(contract, listed.columns)}."
            yield replace(check, listed=listed.drop_nulls(), message="" if listed.width == 1 else several)


def key_of(columns: Iterable[str]) -> pl.Expr:
    """Some columns as one text; null where one of them is."""
    return pl.concat_str([pl.col(name).cast(pl.String) for name in columns], separator=_BETWEEN)


def _compared(columns: Iterable[str], contract: Contract) -> pl.Expr:
    """Some columns as one text, without what does not matter when they are compared."""
    if not any(contract.column(name).ignored for name in columns):
        return key_of(columns)
    parts = [folded(pl.col(name).cast(pl.String), contract.column(name).ignored) for name in columns]
    return pl.concat_str(parts, separator=_BETWEEN)


def _keys(table: pl.DataFrame, columns: Mapping[str, str], contract: Contract) -> pl.Series:
    """The different keys of a reference table, as :func:`key_of` makes them of typed rows."""
    typed = {here: _typed(there, TYPES[contract.column(here).type]) for here, there in columns.items()}
    keys = table.select(folded(each.cast(pl.String), contract.column(here).ignored) for here, each in typed.items())
    return keys.select(pl.concat_str(pl.all(), separator=_BETWEEN)).to_series().drop_nulls().unique()


def _typed(column: str, kind: pl.DataType) -> pl.Expr:
    """A column of a reference table, which is text, in a type; null where it cannot be read so."""
    text = pl.col(column)
    if kind == pl.Datetime:
        forms = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M")
        return pl.coalesce(text.str.to_datetime(each, strict=False, time_unit="us") for each in forms)
    if kind == pl.Time():
        return pl.coalesce(text.str.to_time(each, strict=False) for each in ("%H:%M:%S", "%H:%M"))
    return text.str.to_date("%Y-%m-%d", strict=False) if kind == pl.Date() else text.cast(kind, strict=False)


def _table_faults(reference: Reference, contract: Contract, tables: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    if reference.table not in tables:
        yield f"there is no reference table ‘{reference.table}’{did_you_mean(reference.table, tables)}"
        return
    table = tables[reference.table]
    unknown = [*_unknown(reference.columns.values(), table.columns, f"{reference.table} has no column")]
    yield from unknown
    for here, there in reference.columns.items() if not unknown else ():
        if here not in contract.column_names:
            continue
        kind = contract.column(here).type
        if kind not in _LISTED:
            yield f"‘{here}’ is a {kind}: a reference table lists texts, numbers and dates"
        elif table.select(_typed(there, TYPES[kind]).null_count() > pl.col(there).null_count()).item():
            form = " (yyyy-MM-dd)" if kind == "date" else ""
            yield f"‘{here}’ is a {kind}{form}, and not every value of {reference.table}.{there} is one"


def _unknown(names: Iterable[str], known: Iterable[str], text: str) -> Iterator[str]:
    there = set(known)
    return (f"{text} ‘{name}’{did_you_mean(name, there)}" for name in dict.fromkeys(names) if name not in there)


def _check(
    kind: Kind, code: str, reference: Reference, contract: Contract, asked: str, holds: pl.Expr | None = None
) -> Check:
    return Check(
        kind, f"{reference.column}|{reference.name}", code, asked, f"reference ‘{reference.name}’",
        contract.column(reference.column), tuple(reference.columns), reference.severity, holds,
        expected=reference.table.replace("_", " "), hint=reference.hint, reference=reference,
    )  # fmt: skip
