"""Whether a return has what the control totals in a file beside it say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from probation_etl.contracts.findings import CONTROL_FILE, Finding, make
from probation_etl.contracts.model import Column, ReturnContract
from probation_etl.contracts.organisations import fold
from probation_etl.intake.control_totals import ControlTotals
from probation_etl.intake.parse import TypedTable


def control_findings(
    totals: ControlTotals | None, height: int, parsed: TypedTable, contract: ReturnContract
) -> Iterator[Finding]:
    """What a return lacks by its control totals.

    Args:
        totals: What the file beside it says; None where there is none.
        height: The number of its rows.
        parsed: Its rows.
        contract: Its contract.
    """
    if totals is None:
        if contract.delivery.control_file:
            yield _uncounted(
                f"The control totals, in a file whose name ends in ‘{contract.delivery.control_file}’, were not given"
            )
        return
    if totals.fault:
        yield _finding(f"The control totals in ‘{totals.file}’ cannot be read: {totals.fault}.")
        return
    if totals.rows != height:
        yield _finding(f"‘{totals.file}’ says that there are {totals.rows:,} rows, but {height:,} were found.")
    columns = _columns(contract)
    for name, (line, total) in totals.sums.items():
        column = columns.get(name)
        if column is None:
            yield _finding(f"Line {line} of ‘{totals.file}’ names no column of numbers of the return.")
            continue
        unknown = parsed.uncertain.get(column.name)
        # What a column adds up to is not known where a cell of it is not.
        if (unknown is None or not unknown.any()) and (found := _sum(parsed, column)) != total:
            yield _finding(_differing(totals.file, column, total, found))


def columns_of_totals(totals: ControlTotals | None, contract: ReturnContract) -> list[str]:
    """The columns of which there are control totals."""
    columns = _columns(contract)
    return [columns[name].name for name in totals.sums if name in columns] if totals else []


def _columns(contract: ReturnContract) -> dict[str, Column]:
    """The columns of numbers, by what they may be called."""
    numbers = [each for each in contract.columns if each.type in ("integer", "number")]
    return {fold(name): each for each in numbers for name in (each.name, each.header, *each.synonyms)}


def _differing(file: str, column: Column, total: Decimal, found: Decimal) -> str:
    if column.restricted:
        return f"‘{column.header}’ does not add up to what ‘{file}’ says."
    return f"‘{file}’ says that ‘{column.header}’ adds up to {total:,f}, but it adds up to {found.normalize():,f}."


def _sum(parsed: TypedTable, column: Column) -> Decimal:
    """Exact; Polars would wrap a sum of whole numbers in 64 bits."""
    return sum((Decimal(each) for each in parsed.frame[column.name].drop_nulls()), Decimal(0))


def _finding(message: str) -> Finding:
    hint = "Check that the file is whole, and send it again with the control totals that belong to it."
    return replace(make("control-total", hint=hint, rule=CONTROL_FILE), message=message)


def _uncounted(message: str) -> Finding:
    found = make(
        "no-control-total", severity="warning", hint="Give the file with the control totals beside the return."
    )
    return replace(found, message=f"{message}: nothing was counted.")
