"""The rows of a return, judged by themselves: held in memory, or piece by piece."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from probation_etl.contracts.checks import Schema
from probation_etl.contracts.findings import Finding
from probation_etl.contracts.model import ReturnContract
from probation_etl.discreet import Discreet
from probation_etl.intake.control_check import control_findings
from probation_etl.intake.control_totals import ControlTotals
from probation_etl.intake.frames import Frames
from probation_etl.intake.long.layout import LongTable
from probation_etl.intake.parse import TypedTable
from probation_etl.intake.period_dates import outside_period
from probation_etl.intake.references import References
from probation_etl.intake.result import Period
from probation_etl.intake.table import RawTable
from probation_etl.intake.validate import with_others


class JudgedRows(ABC):
    """The rows of a return, judged by themselves.

    Attributes:
        table: They as text.
        of_return: What they say of the return as a whole: its period, and its control totals.
    """

    table: RawTable | LongTable
    of_return: tuple[Finding, ...]

    @property
    @abstractmethod
    def typed(self) -> Frames:
        """The rows in their types."""

    @property
    @abstractmethod
    def raw(self) -> Frames:
        """The same rows as the supplier sent them, in as many parts."""

    @abstractmethod
    def findings(self, schema: Schema, references: References) -> Frames:
        """All that is wrong with them, columns as in ``FINDING_SCHEMA``, in the order of the rows.

        Args:
            schema: The compiled contract.
            references: Rows that references may point to, by unified table.
        """


@dataclass(frozen=True)
class WholeRows(JudgedRows, Discreet):
    """Rows that are held in memory.

    Attributes:
        table: They as text.
        parsed: The same in their types.
        of_return: What they say of the return as a whole: its period, and its control totals.
        found: What is wrong with them, in their order, columns as in ``FINDING_SCHEMA``.
    """

    table: RawTable
    parsed: TypedTable
    of_return: tuple[Finding, ...]
    found: pl.DataFrame

    @property
    def typed(self) -> Frames:
        """The rows in their types."""
        return Frames.of(self.parsed.frame)

    @property
    def raw(self) -> Frames:
        """The rows as the supplier sent them."""
        return Frames.of(self.table.raw)

    def findings(self, schema: Schema, references: References) -> Frames:
        """All that is wrong with them."""
        return Frames.of(with_others(self.found, self.table, self.parsed, schema, references))


def without_errors(typed: Frames, findings: Frames) -> Iterator[pl.Series]:
    """By part, which rows have no error.

    Args:
        typed: The rows in their types.
        findings: All that is wrong with them.
    """
    errors = [each.filter(pl.col("severity") == "error")["row"].drop_nulls() for each in findings]
    erring = pl.concat(errors).unique().sort()
    for rows in typed.of_columns(["source_row"]):
        row = rows.to_series()
        here = erring.filter(erring.is_between(row.min(), row.max())) if row.len() else erring.head(0)
        yield ~row.is_in(here.implode())


def of_return(
    parsed: TypedTable, height: int, contract: ReturnContract, period: Period, totals: ControlTotals | None
) -> tuple[Finding, ...]:
    """What rows say of the return as a whole: its period, and its control totals.

    Args:
        parsed: The rows, or those of their columns that are asked for.
        height: How many they are.
        contract: The contract.
        period: The period of the return.
        totals: Control totals in a file beside it.
    """
    return (*outside_period(parsed.frame, contract, period), *control_findings(totals, height, parsed, contract))
