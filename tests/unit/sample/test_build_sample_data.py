"""The sample returns: built again byte for byte, real figures kept, synthetic rows within the rules."""

import csv
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

ROOT = Path(__file__).resolve().parents[3]
SAMPLE = ROOT / "sample_data"
ANNEXE_2 = SAMPLE / "annexe_2"
FAULTY = next((SAMPLE / "faulty").glob("*.xlsx"))
WORKBOOKS = sorted(path for path in ANNEXE_2.iterdir() if path.suffix != ".csv")
SHEETS = {
    "Caseload": "Caseload rows",
    "Breaches": "Breach rows",
    "Suspended breaches": "Suspended breach rows",
}
SYNONYMS = {
    "local delivery unit": "ldu",
    "ldu cluster": "ldu",
    "date": "as at",
    "crn": "case reference",
    "case ref": "case reference",
    "rosh": "risk of harm",
}
GRADES = {"NPSM": "Probation officer (or equivalent)", "NPSQ": "Probation services officer (or equivalent)"}
BANK_HOLIDAYS = {date(2020, 1, 1), date(2020, 8, 31)}
HEARD_CODES = {"BRE07", "BRE08", "BRE09", "BRE15", "BRE16"}
UNLOGGED_CODES = {"BRE01", "BRE02", "BRE03", "BRE04", "BRE06", "BRE17", "BRE18"}
EDM_CODES = {"BRE26", "BRE27", "BRE28", "BRE29", "CRT15", "CRT16"}
OTHER_CODES = {"BRE05", "BRE11", "BRE12", "BRE19"}

Row = dict[str, Any]


def csv_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def grid(path: Path, sheet: str) -> list[list[Any]]:
    return CalamineWorkbook.from_path(path).get_sheet_by_name(sheet).to_python(skip_empty_area=False)


def records(path: Path, sheet: str) -> list[Row]:
    """The data rows of a sheet: not the blank ones, and not the note, which fills its first cell alone."""
    cells = grid(path, sheet)
    keys = [SYNONYMS.get(key, key) for key in (" ".join(head.split()).casefold() for head in cells[2])]
    filled = [row for row in cells[3:] if any(value != "" for value in row[1:])]
    return [{key: typed(value) for key, value in zip(keys, row, strict=True)} for row in filled]


def typed(value: Any) -> Any:
    """A cell as a date where it is one; the planted impossible date stays text."""
    if isinstance(value, str) and re.fullmatch(r"\d\d/\d\d/\d{4}", value):
        with suppress(ValueError):
            return datetime.strptime(value, "%d/%m/%Y").date()
    return None if value == "" else value


def period_end(path: Path) -> date:
    return date.fromisoformat(path.stem[-10:])


def working_days_between(first: date, last: date) -> int:
    days = (first + timedelta(days=number) for number in range(1, (last - first).days + 1))
    return sum(day.weekday() < 5 and day not in BANK_HOLIDAYS for day in days)


def crc_breaches() -> Iterator[tuple[Path, Row]]:
    return ((path, row) for path in WORKBOOKS for row in records(path, "Breaches"))


def nps_breaches() -> Iterator[tuple[Path, dict[str, str]]]:
    return ((path, row) for path in sorted(ANNEXE_2.glob("N??_breaches_*.csv")) for row in csv_rows(path))


def test_the_table_of_figures_is_complete() -> None:
    figures = csv_rows(SAMPLE / "figures" / "annexe_2.csv")
    keys = {(row["organisation"], row["grade"], row["as_at"]) for row in figures}
    assert len(figures) == len(keys) == 48
    assert [len(set(part)) for part in zip(*keys, strict=True)] == [12, 2, 2]
    assert all(row["average_caseload"] in row["quote"].split() for row in figures)


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_building_again_gives_the_same_bytes(tmp_path: Path, hash_seed: str) -> None:
    script = ROOT / "scripts" / "build_sample_data.py"
    environment = os.environ | {"PYTHONHASHSEED": hash_seed}
    subprocess.run([sys.executable, script, "--output", tmp_path], check=True, env=environment)
    built = {path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()}
    kept = {path.relative_to(SAMPLE) for path in SAMPLE.rglob("*") if path.is_file()}
    assert built == {path for path in kept if path.parts[0] not in {"figures", "README.md"}}
    assert [path for path in sorted(built) if (tmp_path / path).read_bytes() != (SAMPLE / path).read_bytes()] == []


def test_every_published_figure_comes_back_from_the_returns() -> None:
    found = Counter[tuple[str, str, str, Decimal]]()
    for path in WORKBOOKS:
        for row in records(path, "Caseload"):
            average = Decimal(str(row["average caseload"]))
            found[path.name[:3], row["grade"], str(row["as at"])[:10], average] += 1
    for path in ANNEXE_2.glob("*_caseload_*.csv"):
        for line in csv_rows(path):
            average = Decimal(line["average_caseload"])
            found[line["provider_code"], GRADES[line["grade_code"]], line["snapshot_date"], average] += 1
    figures = csv_rows(SAMPLE / "figures" / "annexe_2.csv")
    assert found == Counter(
        (row["provider_code"], row["grade"], row["as_at"], Decimal(row["average_caseload"])) for row in figures
    )


@pytest.mark.parametrize("path", [*WORKBOOKS, FAULTY], ids=lambda path: path.name)
def test_the_cover_names_the_sender_and_counts_the_rows(path: Path) -> None:
    names = {row["provider_code"]: row["organisation"] for row in csv_rows(SAMPLE / "figures/annexe_2.csv")}
    cover = {label: typed(value) for label, value in grid(path, "Cover")}
    assert cover["Organisation"] == names[cover["Provider code"]]
    assert cover["Provider code"] == path.name[:3]
    assert cover["Period end"] == date.fromisoformat(path.name[11:21])
    assert cover["Period end"] - cover["Period start"] == timedelta(days=13)
    assert {label: cover[label] for label in SHEETS.values()} == {
        label: len(records(path, sheet)) for sheet, label in SHEETS.items()
    }


@pytest.mark.parametrize("path", [*WORKBOOKS, FAULTY], ids=lambda path: path.name)
def test_synthetic_sheets_say_so(path: Path) -> None:
    for sheet in ("Breaches", "Suspended breaches"):
        title, blank, header = grid(path, sheet)[:3]
        assert "synthetic data" in title[0]
        assert not any(blank)
        assert all(header)
    assert ("SYNTHETIC" in grid(path, "Caseload")[0][0]) == (path == FAULTY)


def test_crc_breaches_keep_the_rules() -> None:
    for path, row in crc_breaches():
        assert re.fullmatch(r"[A-Z]\d{6}", row["case reference"])
        days = [row["breach initiated"], row["logged with court"], row["heard on"]]
        given = [day for day in days if day]
        assert [*given, period_end(path)] == sorted([*given, period_end(path)])
        assert (row["status"] == "Heard") == bool(row["heard on"]) == bool(row["outcome"])
        assert row["status"] in {"Initiated", "Withdrawn"} or days[1]
        assert days[1] is None or working_days_between(days[0], days[1]) <= 10
    statuses = {row["status"] for _, row in crc_breaches()}
    assert statuses == {"Initiated", "Logged", "Suspended", "Resumed", "Heard", "Withdrawn"}


def test_nps_breaches_keep_the_rules() -> None:
    for path, row in nps_breaches():
        given = [row[key] for key in ("referral_date", "logged_date", "hearing_date") if row[key]]
        assert [*given, path.stem[-10:]] == sorted([*given, path.stem[-10:]])
        assert (row["nsi_status_code"] in HEARD_CODES) == bool(row["hearing_date"])
        assert row["nsi_status_code"] in UNLOGGED_CODES or row["logged_date"]
        assert row["nsi_id"].startswith(f"SYNTHETIC-{row['provider_code']}-")
        days = [date.fromisoformat(row[key] or row["referral_date"]) for key in ("referral_date", "logged_date")]
        assert working_days_between(*days) <= 10
    codes = {row["nsi_status_code"] for _, row in nps_breaches()}
    assert codes == HEARD_CODES | UNLOGGED_CODES | EDM_CODES | OTHER_CODES


def test_crc_suspensions_are_of_breaches_in_the_same_workbook() -> None:
    for path in WORKBOOKS:
        key = ("case reference", "event", "logged with court")
        status = {tuple(row[part] for part in key): row["status"] for row in records(path, "Breaches")}
        suspended = records(path, "Suspended breaches")
        assert len(suspended) in ({0} if period_end(path) < date(2020, 3, 24) else {2, 3, 4})
        for row in suspended:
            assert status[tuple(row[part] for part in key)] == ("Resumed" if row["resumed on"] else "Suspended")
            dates = [row["logged with court"], row["suspended on"], row["resumed on"] or period_end(path)]
            assert [*dates, period_end(path)] == sorted([*dates, period_end(path)])


def test_nps_suspensions_are_of_breaches_in_the_same_region() -> None:
    shared = ("nsi_id", "crn", "event_number", "ldu_code", "logged_date", "nsi_status_code")
    for path in ANNEXE_2.glob("*_suspended_breaches_*.csv"):
        breaches = csv_rows(path.with_name(path.name.replace("suspended_", "")))
        suspended = csv_rows(path)
        edm = {tuple(row[key] for key in shared) for row in breaches if row["nsi_status_code"] in EDM_CODES}
        assert {tuple(row[key] for key in shared) for row in suspended} == edm
        assert len(suspended) in ({0} if period_end(path) < date(2020, 3, 24) else {2, 3, 4})
        for row in suspended:
            assert (row["nsi_status_code"] == "BRE27") == bool(row["resumed_date"])
            days = [row["logged_date"], row["suspended_date"], row["resumed_date"] or path.stem[-10:]]
            assert [*days, path.stem[-10:]] == sorted([*days, path.stem[-10:]])


def test_no_case_reference_is_in_two_returns() -> None:
    references = [row["case reference"] for _, row in crc_breaches()]
    references += [row["crn"] for _, row in nps_breaches()]
    references += [row["case reference"] for row in records(FAULTY, "Breaches")]
    assert len(references) == len(set(references))


def test_cheshire_and_greater_manchester_reports_units_of_both() -> None:
    units = {row["ldu"] for path, row in crc_breaches() if path.name.startswith("C07")}
    assert {"West Cheshire", "Salford"} <= units


def test_the_answer_key_points_at_the_planted_cells() -> None:
    expected = {
        "F6": "Licence",
        "B17": "C1234567",
        "K23": "31/11/2020",
        "D33": "",
        "G33": "Community payback",
    }
    key = csv_rows(SAMPLE / "answer_key.csv")
    breaches = [line for line in key if line["sheet"] == "Breaches"]
    found = {line["cell"]: value_at(line) for line in breaches if line["code"] != "row-rule"}
    assert found == expected
    for line in key:
        assert line["file"] == FAULTY.name
        assert value_at(line | {"row": "3"}) == line["column"]
        assert line["cell"][1:] == line["row"]


def value_at(line: dict[str, str]) -> Any:
    return grid(FAULTY, line["sheet"])[int(line["row"]) - 1][ord(line["cell"][0]) - ord("A")]


def test_row_rule_faults_are_what_they_say() -> None:
    rows = grid(FAULTY, "Breaches")
    heads = [" ".join(head.split()) for head in rows[2]]
    early, late = (dict(zip(heads, rows[number - 1], strict=True)) for number in (11, 29))
    assert early["Heard on"] < early["Logged with court"]
    assert working_days_between(late["Breach initiated"], late["Logged with court"]) > 10


def test_the_expected_outcome_agrees_with_the_files_and_the_answer_key() -> None:
    outcome = json.loads((SAMPLE / "expected_outcome.json").read_text(encoding="utf-8"))
    returns = outcome["returns"]
    assert outcome["exit_code"] == 1
    assert returns == sorted(returns, key=lambda each: (each["file"], each["sheet"] or ""))
    assert Counter(each["file"].split("/")[0] for each in returns) == {"annexe_2": 72, "faulty": 3}
    for each in returns:
        path = SAMPLE / each["file"]
        rows = csv_rows(path) if each["sheet"] is None else records(path, each["sheet"])
        assert each["rows"]["read"] == len(rows) == each["rows"]["accepted"] + each["rows"]["quarantined"]
        assert each["rows"]["quarantined"] == rows_with_errors(path.name, each["sheet"])
        assert each["rows"]["quarantined"] <= 0.2 * len(rows)


def rows_with_errors(file: str, sheet: str | None) -> int:
    key = csv_rows(SAMPLE / "answer_key.csv")
    errors = [line for line in key if line["severity"] == "error"]
    return len({line["row"] for line in errors if (line["file"], line["sheet"]) == (file, sheet)})
