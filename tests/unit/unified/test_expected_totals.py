"""What a return should add is counted before its rows are mapped, in another way."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from probation_etl.contracts.checks.measures import amounts, counted
from probation_etl.contracts.model import (
    Column,
    Counterpart,
    MappedColumn,
    Mapping,
    Measure,
    ReturnContract,
    TableContract,
)
from probation_etl.unified.expected_totals import contribution
from probation_etl.unified.harmonise import harmonise_rows

COLUMNS = (
    Column("fine", "number", "fine"), Column("kind", "string", "kind"), Column("branch", "string", "branch"),
    Column("nobody_fills_this", "integer", "n"), Column("joined_on", "date", "j", joined=True),
)  # fmt: skip
LOANS = ReturnContract(
    id="loans", version="1.0.0", table="loans", columns=(),
    mapping=Mapping(
        "loan",
        (
            MappedColumn("fine", "fine * 2"),
            # ‘kind’ of the table is the return's ‘branch’, and the other way round: neither hides the other.
            MappedColumn("kind", "branch", codes={"B": "book", "D": "the disc's"}),
            MappedColumn("branch", "kind"),
        ),
    ),
)  # fmt: skip
MEASURES = (
    Measure("fine", '"fine"'), Measure("discs", "kind = 'the disc''s'"), Measure("dear_books", "kind = 'book' AND fine > 1"),
    Measure("nobody_fills_this", "nobody_fills_this"), Measure("placed", "branch IS NOT NULL"),
    Measure("joined", "joined_on IS NOT NULL", Counterpart("member", ("branch",))),
)  # fmt: skip
LOAN = TableContract(id="loan", version="1.0.0", table="loan", columns=COLUMNS, measures=MEASURES)
SCHEMA = {"source_row": pl.Int64, "fine": pl.Decimal(28, 6), "branch": pl.String, "kind": pl.String}


def rows(*records: tuple[str | None, str | None, str | None]) -> pl.DataFrame:
    made = [(at, None if fine is None else Decimal(fine), *rest) for at, (fine, *rest) in enumerate(records, 2)]
    return pl.DataFrame(made, schema=SCHEMA, orient="row")


def test_a_return_contributes_its_rows_and_every_measure_that_it_sends() -> None:
    given = contribution(
        [rows(("0.1", "B", "x"), ("0.6", "B", None)), rows((None, "D", "y"))], LOANS, LOAN, return_id="r1"
    )
    assert (given.return_id, given.table) == ("r1", "loan")
    assert given.totals == {
        "rows": 3, "fine": Decimal("1.4"), "discs": 1, "dear_books": 1, "nobody_fills_this": 0, "placed": 2
    }  # fmt: skip


def test_a_return_without_rows_contributes_nothing() -> None:
    assert set(contribution([rows()], LOANS, LOAN, return_id="r1").totals.values()) == {0}


@pytest.mark.parametrize(
    "records", [(), (("0.1", "B", None),), (("0.1", "D", "x"), (None, None, None), ("9", "B", ""))]
)
def test_it_is_what_mapping_gives_so_long_as_mapping_is_right(records: tuple[tuple[str, str, str], ...]) -> None:
    sent = rows(*records)
    mapped = harmonise_rows(sent, LOANS, LOAN, {}, return_id="r1")
    assert contribution([sent], LOANS, LOAN, return_id="r1").totals == counted(mapped, amounts(LOAN))
