"""Rules that the engine adds to every contract are proved once: each fires where it should, and no other with it.

``contract prove`` proves the rules that a contract itself has, and leaves these out.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings

from probation_etl.contracts.rulebook import Rulebook
from probation_etl.intake.assess import assess
from probation_etl.intake.readers import Grid
from probation_etl.intake.readers.base import Block
from probation_etl.intake.sender import Given
from probation_etl.proof import Example, clean_return
from random_contracts import contracts

if TYPE_CHECKING:
    from conftest import Library

#: Rule, code, row and header of a finding.
Found = tuple[str, str, int | None, str | None]
FIRST_ROW = 2


@dataclass(frozen=True)
class Sent:
    """A clean return, to be sent as CSV or as a workbook with something wrong."""

    rulebook: Rulebook
    clean: Example

    @property
    def header(self) -> list[str]:
        return [column.header for column in self.clean.contract.columns]

    def records(self, changes: Mapping[str, str] | None = None, *, without: str | None = None) -> list[list[str]]:
        """The header and the rows, with other cells in the first row, or without a column."""
        names = self.clean.contract.column_names
        first, *others = self.clean.rows
        rows = [[(changes or {}).get(name, cell) for name, cell in zip(names, first, strict=True)], *others]
        kept = [at for at, name in enumerate(names) if name != without]
        return [[record[at] or "" for at in kept] for record in [self.header, *rows]]

    def as_csv(self, records: Sequence[Sequence[str]], sender: Given | None = None) -> list[Found]:
        text = io.StringIO()
        csv.writer(text).writerows(records)
        return self._found(text.getvalue().encode(), None, sender)

    def as_workbook(self, records: Sequence[Sequence[str]], *merged: Block) -> list[Found]:
        cells = {f"c{at}": [cell or None for cell in column] for at, column in enumerate(zip(*records, strict=True))}
        frame = pl.DataFrame(cells, schema=dict.fromkeys(cells, pl.String))
        return self._found(b"", [Grid(frame, sheet="Sheet1", merged=merged)])

    def _found(self, data: bytes, grids: list[Grid] | None, sender: Given | None = None) -> list[Found]:
        (result,) = assess(
            "return", data, self.rulebook, grids=grids,
            given=sender or Given((self.clean.contract,), self.clean.context.supplier.code, self.clean.context.period_end),
        )  # fmt: skip
        findings = result.findings.filter(pl.col("code") != "acceptance-limit")
        return findings.select("rule", "code", "row", "column").rows()


@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
@given(columns=contracts())
def test_rules_of_every_column_fire_alone_in_any_contract(library: Library, columns: list[dict[str, Any]]) -> None:
    book = library.rulebook(library.contract(columns=columns, rules=(), custom={"identification": None}))
    clean = clean_return(book.contracts["loans"], book)
    assert clean
    sent = Sent(book, clean)
    assert sent.as_csv(sent.records()) == sent.as_workbook(sent.records()) == []
    for column in clean.contract.columns:
        name, header = column.name, column.header
        control, error = sent.records({name: "a\x01"}), sent.records({name: "#DIV/0!"})
        assert sent.as_csv(control) == [(f"{name}|control", "control-character", FIRST_ROW, header)]
        assert sent.as_workbook(control) == [(f"{name}|control", "control-character", FIRST_ROW, header)]
        assert sent.as_workbook(error) == [(f"{name}|error", "error-cell", FIRST_ROW, header)]
        assert sent.as_csv(sent.records(without=name)) == [_missing(name, header, of=len(columns))]


def _missing(name: str, header: str, *, of: int) -> Found:
    """Of two columns, one is too few to be known by: the header as a whole is missing."""
    return (f"{name}|present", "missing-column", None, header) if of > 2 else ("missing-column",) * 2 + (None, None)


@pytest.fixture(scope="module")
def loans(library: Library) -> Sent:
    organisations = "code,name,kind,level,valid_from,valid_to\nB1,Bath,town,x,,\n"
    contract = library.contract(custom={"effectiveFrom": "2024-01-01", "effectiveTo": "2024-12-31"})
    book = library.rulebook(contract, tables={"organisations": organisations})
    clean = clean_return(book.contracts["loans"], book)
    assert clean
    return Sent(book, clean)


@pytest.mark.parametrize(
    ("supplier", "period_end", "code"),
    [
        ("B1", None, "wrong-file-name"),
        ("B1", date(2023, 12, 31), "period-mismatch"),
        ("B1", date(2025, 1, 1), "period-mismatch"),
        ("B2", date(2024, 3, 31), "unknown-organisation"),
    ],
)
def test_a_return_of_an_unknown_sender_or_period_has_one_finding(
    loans: Sent, supplier: str, period_end: date | None, code: str
) -> None:
    sender = Given((loans.clean.contract,), supplier, period_end)
    found = loans.as_csv(loans.records(), sender)
    # Of another period than that of the rows, their days are not likely, or lie outside it.
    of_days = ("unlikely-date", "dates-outside-period")
    assert [each for each in found if each[1] not in of_days] == [(code, code, None, None)]


def test_columns_that_are_not_of_the_contract_have_one_finding_each(loans: Sent) -> None:
    header, *rows = loans.records()
    twice = [[*header, "Branch"], *([*row, row[2]] for row in rows)]
    more = [[*header, "Colour"], *([*row, "red"] for row in rows)]
    assert loans.as_csv(twice) == [("branch|once", "duplicate-column", None, "Branch")]
    assert loans.as_csv(more) == [("unexpected-column", "unexpected-column", None, "Colour")]


def test_a_record_of_another_width_has_one_finding(loans: Sent) -> None:
    header, first, *_ = loans.records()
    assert loans.as_csv([header, first[:-1]]) == [("malformed-row", "malformed-row", FIRST_ROW, None)]
    assert loans.as_csv([header, [*first, "x"]]) == [("malformed-row", "malformed-row", FIRST_ROW, None)]


def test_each_cell_of_a_merged_block_has_one_finding(loans: Sent) -> None:
    last = len(loans.header) - 1
    found = loans.as_workbook(loans.records(), Block(first_row=1, first_column=last - 1, last_row=1, last_column=last))
    assert found == [
        ("renewed|merged", "merged-cell", FIRST_ROW, "Renewed"), ("notes|merged", "merged-cell", FIRST_ROW, "Notes")
    ]  # fmt: skip
