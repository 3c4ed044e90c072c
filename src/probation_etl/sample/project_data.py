"""The files of ``sample_data/``: good returns, one faulty workbook with its answer key, and what a run must make of them."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

from probation_etl.files import explained, make_folder, write_file
from probation_etl.sample.annexe_2 import annexe_2_files
from probation_etl.sample.faulty import faulty_return
from probation_etl.sample.files import File, Table
from probation_etl.sample.tables import shipped_tables


def write_project_data(target: Path) -> None:
    """Writes the files into a folder, the same each time.

    Raises:
        EnvironmentFailure: They cannot be written.
    """
    tables = shipped_tables()
    good, faulty = list(annexe_2_files(tables)), faulty_return(tables)
    faults = {sheet: [each.severity for each in planted.values()] for sheet, planted in faulty.faults.items()}
    returns = [_expected("annexe_2", table, ()) for file in good for table in file.tables]
    returns += [_expected("faulty", table, faults[table.sheet]) for table in faulty.workbook.tables]
    outcome = {"exit_code": 1, "returns": sorted(returns, key=lambda each: (each["file"], each["sheet"] or ""))}
    with explained(f"The directory {target} cannot be written"):
        _write(target / "annexe_2", good)
        _write(target / "faulty", [faulty.workbook])
        write_file(target / "answer_key.csv", faulty.answer_key())
        write_file(target / "expected_outcome.json", json.dumps(outcome, indent=2, ensure_ascii=False) + "\n")


def _write(folder: Path, files: list[File]) -> None:
    make_folder(folder)
    for file in files:
        write_file(folder / file.name, file.content())


def _expected(folder: str, table: Table, severities: Collection[str]) -> dict[str, object]:
    """What a run must say of a return whose rows have faults of these severities, one fault a row."""
    read, quarantined = len(table.records), sum(each == "error" for each in severities)
    good = "accepted_with_warnings" if severities else "accepted"
    return {
        "file": f"{folder}/{table.file}",
        "sheet": table.sheet or None,
        "contract": table.contract,
        "verdict": "partly_accepted" if quarantined else good,
        "rows": {"read": read, "accepted": read - quarantined, "quarantined": quarantined},
    }
