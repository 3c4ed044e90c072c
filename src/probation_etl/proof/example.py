"""A whole return, made to be judged: who sends it, for which period, what stands in it, and what must be found."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from probation_etl.contracts.date_formats import date_plan
from probation_etl.contracts.model import ReturnContract
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.intake.assess import assess
from probation_etl.intake.readers import Grid
from probation_etl.intake.sender import Given
from probation_etl.proof.context import Setting
from probation_etl.proof.evaluate import Row

#: What is found: rule, code, row, header.
Found = tuple[str, str, int | None, str | None]
#: A consequence of the findings, and no rule of its own: the smallest return has one row.
_CONSEQUENCE = "acceptance-limit"
FIRST_ROW = 2


@dataclass(frozen=True)
class Example:
    """A return and what must be found in it.

    Attributes:
        rows: Text of the cells, in the order of the contract's columns.
        announced: Rows that the cover announces, where they are not those that there are.
        tables: Rows of unified tables that it may refer to.
        expected: What must be found, and nothing else.
    """

    setting: Setting
    rows: tuple[Row, ...]
    announced: int | None = None
    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    expected: tuple[Found, ...] = ()

    @property
    def contract(self) -> ReturnContract:
        """The contract of the return."""
        return self.setting.contract

    def expecting(self, *expected: Found) -> Example:
        """The same return, with what must be found."""
        return replace(self, expected=expected)

    def holds(self, rulebook: Rulebook) -> bool:
        """Whether what must be found is found, and nothing else."""
        return self.found(rulebook) == sorted(self.expected, key=str)

    def found(self, rulebook: Rulebook) -> list[Found]:
        """What is found in it, by the stages that judge every return."""
        results = assess(
            self.setting.file_name() or "return", self.data(), rulebook, given=self.given(), grids=self.grids(),
            references=lambda _supplier, _end: self.tables.get,
        )  # fmt: skip
        found = [each for result in results for each in result.findings.select("rule", "code", "row", "column").rows()]
        return sorted((each for each in found if each[1] != _CONSEQUENCE), key=str)

    def given(self) -> Given:
        """What must be said beside the file: what neither its name nor its cover can say."""
        identification, name = self.contract.identification, self.setting.file_name()
        told = set(re.compile(identification.file_name).groupindex) if name and identification.file_name else set()
        told |= set(identification.cover.labels) if identification.cover and identification.sheet else set()
        end = None if "period_end" in told or self.setting.period_end is None else self.setting.period_end
        return Given((self.contract,), None if "supplier_code" in told else self.setting.supplier.code, end)

    def data(self) -> bytes:
        """The return as CSV, empty where it is a workbook."""
        if self.contract.identification.sheet:
            return b""
        text = io.StringIO()
        csv.writer(text, delimiter=self.contract.delimiter).writerows(self._records())
        return text.getvalue().encode(self.contract.encoding, errors="replace")

    def grids(self) -> list[Grid] | None:
        """The sheets of a workbook, None for CSV."""
        sheet, cover = self.contract.identification.sheet, self.contract.identification.cover
        if sheet is None:
            return None
        return [*([_grid(cover.sheet, list(self._cover()))] if cover else []), _grid(sheet, self._records())]

    def _records(self) -> list[Sequence[str]]:
        header = [column.header for column in self.contract.columns]
        return [header, *([cell or "" for cell in row] for row in self.rows)]

    def _cover(self) -> Iterator[Sequence[str]]:
        cover, setting = self.contract.identification.cover, self.setting
        strptime = date_plan(cover.date_format)[1] if cover else ""
        announced = len(self.rows) if self.announced is None else self.announced
        values = {
            "supplier_name": setting.supplier.name, "supplier_code": setting.supplier.code, "control_rows": str(announced),
            "period_start": setting.period_start and setting.period_start.strftime(strptime),
            "period_end": setting.period_end and setting.period_end.strftime(strptime),
        }  # fmt: skip
        for meaning, label in cover.labels.items() if cover else ():
            yield (label, values.get(meaning) or "")


def _grid(sheet: str, records: Sequence[Sequence[str]]) -> Grid:
    columns = zip(*records, strict=True)
    cells = {f"c{at}": [cell or None for cell in column] for at, column in enumerate(columns)}
    return Grid(pl.DataFrame(cells, schema=dict.fromkeys(cells, pl.String)), sheet=sheet)
