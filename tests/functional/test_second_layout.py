"""A CRC that sends grades as columns: another layout of a return is another contract, and not a line of Python."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from senders import workbook

from places import SAMPLE_DATA, Outcome, Place

Command = Callable[..., Outcome]
CONTRACT = Path(__file__).parents[1] / "data" / "crc-caseload-wide.odcs.yaml"
HEADER = (
    "Local delivery unit", "As at", "PO officers (FTE)", "PO cases", "PO average caseload", "PSO officers (FTE)",
    "PSO cases", "PSO average caseload",
)  # fmt: skip
ROWS = (
    ("Derby City", "01/03/2020", "10.00", "420", "42.0", "5.50", "330", "60.0"),
    ("Leicester", "01/03/2020", "", "", "45.1", "", "", ""),
)
LONG_HEADER = ("Local delivery unit", "Grade", "As at", "Officers (FTE)", "Cases", "Average caseload")
LONG_ROWS = (
    ("Derby City", "Probation officer (or equivalent)", "01/03/2020", "10.00", "420", "42.0"),
    ("Derby City", "Probation services officer (or equivalent)", "01/03/2020", "5.50", "330", "60.0"),
    ("Leicester", "Probation officer (or equivalent)", "01/03/2020", "", "", "45.1"),
)
QUERY = "SELECT ldu, grade, officers_fte, cases, average_caseload, region_code, region_basis FROM unified.caseload ORDER BY 1, 2"


@pytest.fixture(scope="module")
def contracts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped contracts and one more."""
    directory = tmp_path_factory.mktemp("contracts") / "contracts"
    shutil.copytree(SAMPLE_DATA.parent / "contracts", directory)
    shutil.copy(CONTRACT, directory / "returns")
    return directory


def sent(*rows: tuple[str, ...], header: tuple[str, ...] = HEADER) -> bytes:
    return workbook(Caseload=(header, *rows))


def caseload_of(outcome: Outcome) -> dict[str, Any]:
    """What became of the sheet on caseloads."""
    (found,) = (each for each in outcome.json["returns"] if each["sheet"] == "Caseload")
    return dict(found)


@pytest.fixture
def arrive(place: Place, command: Command, contracts: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Outcome]:
    monkeypatch.setattr("probation_etl.runs.conclusion.release_checks", lambda *_: [])

    def call(name: str, content: bytes) -> Outcome:
        place.put(name, content)
        return command(*place.arguments, "--contracts", contracts, "--json")

    return call


def test_it_is_a_good_contract_and_all_its_rules_are_proved(command: Command, contracts: Path) -> None:
    linted = command("contract", "lint", contracts)
    assert (linted.code, "0 fault(s)" in linted.err) == (0, True), linted
    assert command("contract", "prove", "crc-caseload-wide", "--contracts", contracts).code == 0


def test_wide_and_long_rows_give_the_same_unified_rows(
    place: Place, command: Command, contracts: Path, arrive: Callable[..., Outcome], tmp_path: Path
) -> None:
    wide = caseload_of(arrive("C08_return_2020-03-01.xlsx", sent(*ROWS)))
    assert (wide["contract"]["id"], wide["verdict"]) == ("crc-caseload-wide", "accepted")
    assert wide["rows"] == {"read": 2, "accepted": 2, "quarantined": 0, "blank": 0, "notes": 0}
    other = Place(tmp_path / "other")
    other.put("C08_return_2020-03-01.xlsx", sent(*LONG_ROWS, header=LONG_HEADER))
    command(*other.arguments, "--contracts", contracts)
    assert place.rows(QUERY) == other.rows(QUERY) == [
        ("Derby City", "probation_officer", Decimal("10.00"), 420, Decimal("42.00"), "N53", "provider"),
        ("Derby City", "probation_services_officer", Decimal("5.50"), 330, Decimal("60.00"), "N53", "provider"),
        ("Leicester", "probation_officer", None, None, Decimal("45.10"), "N53", "provider"),
    ]  # fmt: skip


def test_each_unified_row_knows_the_row_that_it_comes_from(place: Place, arrive: Callable[..., Outcome]) -> None:
    arrive("C08_return_2020-03-01.xlsx", sent(*ROWS))
    rows = place.rows("SELECT source_row, grade FROM unified.caseload ORDER BY 1, 2")
    assert rows == [(4, "probation_officer"), (4, "probation_services_officer"), (5, "probation_officer")]


def test_totals_of_rows_that_became_several_agree(arrive: Callable[..., Outcome]) -> None:
    outcome = arrive("C08_return_2020-03-01.xlsx", sent(*ROWS))
    totals: dict[str, Any] = {
        each["measure"]: (each["from_returns"], each["in_store"])
        for each in reversed(outcome.json["reconciliation"])
        if each["table"] == "caseload"
    }
    assert totals == {"rows": (3, 3), "cases": (750, 750), "officers_fte": (15.5, 15.5)}


def test_a_correction_in_the_other_layout_replaces_the_return(place: Place, arrive: Callable[..., Outcome]) -> None:
    arrive("C08_return_2020-03-01.xlsx", sent(*ROWS))
    arrive("C08_return_2020-03-01_v2.xlsx", sent(LONG_ROWS[0], header=LONG_HEADER))
    assert place.rows("SELECT ldu, grade FROM unified.caseload") == [("Derby City", "probation_officer")]


def test_a_row_that_would_become_none_is_a_fault_and_not_gone(arrive: Callable[..., Outcome]) -> None:
    outcome = arrive("C08_return_2020-03-01.xlsx", sent(*ROWS, ("Nottingham", "01/03/2020", *[""] * 6)))
    result = caseload_of(outcome)
    assert result["rows"]["quarantined"] == 1
    assert [(each["code"], each["row"], each["column"]) for each in result["findings"]] == [
        ("unmapped-value", 6, "PO average caseload")
    ]


def test_rows_are_not_lost_where_the_columns_that_tell_are_missing(arrive: Callable[..., Outcome]) -> None:
    rows = [(row[0], row[1], row[4]) for row in ROWS] + [("Nottingham", "01/03/2020", "")]
    header = ("Local delivery unit", "As at", "PO average caseload")
    result = caseload_of(arrive("C08_return_2020-03-01.xlsx", sent(*rows, header=header)))
    assert result["rows"]["accepted"] == 2
    assert [(each["code"], each["row"]) for each in result["findings"] if each["severity"] == "error"] == [
        ("unmapped-value", 6)
    ]


@pytest.mark.parametrize(
    ("layout_of", "said"),
    [("crc-caselode", "did you mean ‘crc-caseload’?"), ("crc-breaches", "gives rows of caseload, ‘crc-breaches’ of breach")],
)  # fmt: skip
def test_a_layout_of_nothing_or_of_another_table_is_a_fault(
    layout_of: str, said: str, command: Command, contracts: Path, tmp_path: Path
) -> None:
    shutil.copytree(contracts, tmp_path / "contracts")
    path = tmp_path / "contracts" / "returns" / CONTRACT.name
    path.write_text(
        path.read_text(encoding="utf-8").replace("value: crc-caseload\n", f"value: {layout_of}\n"), encoding="utf-8"
    )
    linted = command("contract", "lint", tmp_path / "contracts")
    assert linted.code == 2
    assert said in linted.out + linted.err


def test_faults_of_an_unpivot_are_reported_with_their_lines(command: Command, contracts: Path, tmp_path: Path) -> None:
    shutil.copytree(contracts, tmp_path / "contracts")
    path = tmp_path / "contracts" / "returns" / CONTRACT.name
    text = path.read_text(encoding="utf-8").replace("pso_average IS NOT NULL", "pso_averag IS NOT NULL")
    text = text.replace("            grade: \"'probation_officer'\"\n", "").replace(
        "cases: po_cases", "cases: po_casses"
    )
    path.write_text(text, encoding="utf-8")
    said = command("contract", "lint", tmp_path / "contracts")
    told = said.out + said.err
    assert "unpivot ‘probation officers’: nothing fills ‘grade’" in told
    assert "mapping of ‘cases’ in ‘probation officers’: no such column: ‘po_casses’; did you mean ‘po_cases’?" in told
    assert "no such column: ‘pso_averag’; did you mean ‘pso_average’?" in told
