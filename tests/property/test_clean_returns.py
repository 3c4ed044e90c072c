"""A return without a fault has no finding: false alarms are counted as misses are.

The returns are those in which faults are planted elsewhere, with nothing planted: random values, columns in any order,
synonyms, blank rows, notes, white space, dates as cells and as text. ``PROBATION_ETL_CLEAN`` says how many are made.
"""

from __future__ import annotations

import os
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from planting import Planted, Planter, Sent, as_csv, as_workbook
from probation_etl.contracts.rulebook import Rulebook, load_rulebook
from probation_etl.intake.assess import assess
from probation_etl.intake.references import InFrame

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from probation_etl.intake.result import ReturnResult

CLEAN = int(os.environ.get("PROBATION_ETL_CLEAN", "120"))
WORKBOOK = {"Caseload": "crc-caseload", "Breaches": "crc-breaches", "Suspended breaches": "crc-suspended-breaches"}
LABELS = {"Caseload": "Caseload rows", "Breaches": "Breach rows", "Suspended breaches": "Suspended breach rows"}
EXTRACTS = {"caseload": "nps-caseload", "breaches": "nps-breaches", "suspended_breaches": "nps-suspended-breaches"}


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return load_rulebook()


def clean(rulebook: Rulebook, name: str, sent: Sent, rng: Random, *, native: bool) -> Planted:
    rows = rng.choice((1, 2, 3, 8, 20))
    return Planter(rulebook.contracts[name], sent, rng, native=native, rows=rows).finish()


def known(planted: Planted) -> Any:
    return lambda _supplier, _end: lambda _table: None if planted.targets is None else InFrame(planted.targets)


def outside(planted: Planted) -> bool:
    """Whether no date of a return lies in its period, which is told rightly."""
    start, end = planted.sent.period_start, planted.sent.period_end
    assert start is not None
    assert end is not None
    days = [cell.value for row in planted.rows for cell in row.cells.values() if isinstance(cell.value, date)]
    return bool(days) and not any(start <= day <= end for day in days)


def alarms(results: Iterable[ReturnResult], returns: Mapping[str | None, Planted]) -> list[tuple[Any, ...]]:
    """The findings that there should not be, and those that the values do not ask for."""
    return [
        (each.sheet, *row)
        for each in results
        for row in each.findings.select("rule", "row", "message").rows()
        if row[:2] not in expected(returns[each.sheet])
        and not (row[0] == "dates-outside-period" and outside(returns[each.sheet]))
    ]


def expected(*returns: Planted) -> list[tuple[str, int | None]]:
    """What the values alone ask for: a return may hold old cases only."""
    return sorted({(each.rule, each.row) for planted in returns for each in planted.key}, key=str)


def sent_by(code: str, rng: Random) -> Sent:
    end = date(2020, 5, 3) + timedelta(days=14 * rng.randrange(22))
    return Sent(code, end - timedelta(days=13), end)


def test_a_clean_extract_has_no_finding(rulebook: Rulebook) -> None:
    for number in range(CLEAN // 2):
        rng = Random(f"extract {number}")  # noqa: S311
        file, name = rng.choice(sorted(EXTRACTS.items()))
        sent = sent_by(rng.choice(("N03", "N50", "N53")), rng)
        planted = clean(rulebook, name, sent, rng, native=False)
        results = assess(
            f"{sent.supplier_code}_{file}_{sent.period_end}.csv", as_csv(planted), rulebook, references=known(planted)
        )
        assert alarms(results, {None: planted}) == [], (number, planted.records)


def test_a_clean_workbook_has_no_finding(rulebook: Rulebook) -> None:
    for number in range(CLEAN // 2):
        rng = Random(f"workbook {number}")  # noqa: S311
        sent = sent_by(rng.choice(("C01", "C07", "C21")), rng)
        sheets = {sheet: clean(rulebook, name, sent, rng, native=True) for sheet, name in WORKBOOK.items()}
        cover: list[list[Any]] = [["Provider code", sent.supplier_code], ["Period start", sent.period_start]]
        cover += [["Period end", sent.period_end]]
        cover += [[LABELS[sheet], len(each.rows)] for sheet, each in sheets.items()]
        data = as_workbook(cover, **sheets)
        results = assess(
            f"{sent.supplier_code}_return_{sent.period_end}.xlsx",
            data,
            rulebook,
            references=known(sheets["Suspended breaches"]),
        )
        assert alarms(results, sheets) == [], number
