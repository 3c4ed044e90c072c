"""A return made to break one rule, with the findings that it must have."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import polars as pl

from probation_etl.contracts.checks import TYPES
from probation_etl.contracts.checks.check import ReadTable
from probation_etl.contracts.forms import form
from probation_etl.contracts.model import Cover, ReturnContract
from probation_etl.contracts.patterns import group_names
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.discreet import Discreet
from probation_etl.intake.assess import assess
from probation_etl.intake.readers import Grid
from probation_etl.intake.references import References, among
from probation_etl.intake.result import ReturnResult
from probation_etl.intake.sender import Given
from probation_etl.proof.context import Context
from probation_etl.proof.evaluate import Row
from probation_etl.stores.rule_queries import RuleQueries

#: Follow from other findings, because the smallest return has one row, or from the days that its period happens to have, or from
#: what is not beside an example. They are no rules that are proved.
_CONSEQUENCES = ("acceptance-limit", "dates-outside-period", "no-control-total")


class Found(NamedTuple):
    """A finding: its rule, its code and, for a finding of a cell, row and header."""

    rule: str
    code: str
    row: int | None = None
    header: str | None = None


@dataclass(frozen=True)
class Example(Discreet):
    """A return, and what must be found in it.

    Attributes:
        rows: Text of the cells, in the order of the contract's columns.
        announced: Number of rows on the cover, if it is not the true one.
        tables: Rows of unified tables that it may refer to.
        expected: Every finding that it must have.
    """

    context: Context
    rows: tuple[Row, ...]
    announced: int | None = None
    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    expected: tuple[Found, ...] = ()

    @property
    def contract(self) -> ReturnContract:
        """The contract of the return."""
        return self.context.contract

    def expecting(self, *expected: Found) -> Example:
        """The same return, with the findings that it must have."""
        return replace(self, expected=expected)

    def holds(self, rulebook: Rulebook) -> bool:
        """Whether the return has the expected findings and no other."""
        return self.found(rulebook) == sorted(self.expected, key=str)

    def found(self, rulebook: Rulebook) -> list[Found]:
        """The findings of the return, when it is validated as any other."""
        results = self.results(rulebook)
        rows = (row for each in results for row in each.findings.select("rule", "code", "row", "column").rows())
        return sorted((found for row in rows if (found := Found(*row)).code not in _CONSEQUENCES), key=str)

    def results(self, rulebook: Rulebook) -> Iterator[ReturnResult]:
        """What comes of the return when it is validated as any other."""
        return assess(
            self.context.file_name() or "return", self.data(), rulebook, given=self.given(), grids=self.grids(),
            references=lambda _supplier, _end: self.others(rulebook),
        )  # fmt: skip

    def others(self, rulebook: Rulebook) -> References:
        """What the return may refer to: of what is not among its tables, there are no rows."""
        if not (self.contract.query_rules or self.contract.layout.described_by):
            return among(self.tables)

        def beside(table: ReadTable) -> pl.DataFrame:
            unified = rulebook.contracts.unified_table(table.name)
            return pl.DataFrame(schema={each.name: TYPES[each.type] for each in unified.columns})

        return RuleQueries(among(self.tables), beside, rulebook.tables)

    def given(self) -> Given:
        """What must be given beside the file, because neither its name nor its cover says it."""
        identification, name = self.contract.identification, self.context.file_name()
        by_name = [each for each in (identification.file_name, identification.folder) if name]
        known = {key for each in (*by_name, identification.sheet_pattern) for key in group_names(each or "")}
        known |= set(identification.cover.labels) if identification.cover and identification.in_workbook else set()
        known |= identification.row_columns.keys()
        return Given(
            (self.contract,),
            None if "supplier_code" in known else self.context.supplier.code,
            None if "period_end" in known else self.context.period_end,
        )

    def data(self) -> bytes:
        """The return as CSV, or as text with columns at fixed places; empty if its contract asks for a workbook."""
        if self.contract.identification.in_workbook:
            return b""
        if self.contract.places:
            lines = (_line(cells, self.contract.places) for cells in self._records())
            return "".join(f"{line}\n" for line in lines).encode(self.contract.encoding, errors="replace")
        text = io.StringIO()
        csv.writer(text, delimiter=self.contract.delimiter).writerows(self._records())
        return text.getvalue().encode(self.contract.encoding, errors="replace")

    def grids(self) -> list[Grid] | None:
        """The sheets of a workbook; None if its contract asks for CSV."""
        sheet, cover = self.context.sheet_name(), self.contract.identification.cover
        if sheet is None:
            return None
        return [*([_grid(cover.sheet, list(self.cover_lines(cover)))] if cover else []), _grid(sheet, self._records())]

    @property
    def first_row(self) -> int:
        """The first row, as a person sees it."""
        return self.contract.layout.rows_above + 1

    def _records(self) -> list[Sequence[str]]:
        """The lines of the header, rows below it that the contract leaves out, and the rows."""
        layout, header = self.contract.layout, [column.header for column in self.contract.columns]
        lines = [[""] * len(header)] * (layout.header_rows - 1) + [header] * min(layout.header_rows, 1)
        below = [["x"] * len(header)] * (layout.rows_above - layout.header_rows)
        said = [self.context.cell(column.name) for column in self.contract.columns]
        rows = [[own or cell or "" for own, cell in zip(said, row, strict=True)] for row in self.rows]
        return [*lines, *below, *rows]

    def cover_lines(self, cover: Cover) -> Iterator[tuple[str, str]]:
        """The lines of the cover: each label with what is filled in."""
        context, written = self.context, form(cover.date_format)
        values = {
            "supplier_name": context.supplier.name,
            "supplier_code": context.supplier.code,
            "control_rows": str(len(self.rows) if self.announced is None else self.announced),
            "period_start": context.period_start and written.write(context.period_start),
            "period_end": context.period_end and written.write(context.period_end),
        }
        for meaning, label in cover.labels.items():
            yield (label, values.get(meaning) or "")


def _line(cells: Sequence[str], places: Sequence[tuple[int, int]]) -> str:
    """A line with cells at their places; one that is too long is cut, and then it is not the example that was meant."""
    line = [" "] * max(last for _, last in places)
    for cell, (first, last) in zip(cells, places, strict=True):
        width = last - first + 1
        line[first - 1 : last] = cell[:width].ljust(width)
    return "".join(line).rstrip()


def _grid(sheet: str, records: Sequence[Sequence[str]]) -> Grid:
    columns = zip(*records, strict=True)
    cells = {f"c{at}": [cell or None for cell in column] for at, column in enumerate(columns)}
    return Grid(pl.DataFrame(cells, schema=dict.fromkeys(cells, pl.String)), sheet=sheet)
