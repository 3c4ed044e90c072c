"""Reference tables are validated against their own contracts, and a table with faults gets into no store."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from senders import caseload

import probation_etl
from places import CHECKOUT, Outcome, Place
from probation_etl.errors import ContractError
from probation_etl.intake.reference_tables import reference_faults

Command = Callable[..., Outcome]
TABLES = ("organisations", "organisation_labels", "regions", "crosswalk", "delivery_units", "breach_statuses",
          "bank_holidays", "tracker_baselines")  # fmt: skip


@pytest.fixture
def contracts(tmp_path: Path) -> Path:
    """A copy of the shipped contracts and reference tables."""
    return Path(shutil.copytree(CHECKOUT / "contracts", tmp_path / "contracts"))


def change(contracts: Path, name: str, old: str, new: str) -> int:
    """Changes a file of the folder of reference tables in one place; gives the line of it."""
    path = contracts / "reference" / name
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_every_table_that_ships_has_a_contract_and_keeps_to_it() -> None:
    folder = CHECKOUT / "contracts" / "reference"
    assert {path.stem for path in folder.glob("*.csv")} == set(TABLES)
    assert {path.name.removesuffix(".odcs.yaml") for path in folder.glob("*.yaml")} == set(TABLES)
    assert reference_faults(CHECKOUT / "contracts") == []


def test_they_are_listed_and_can_be_loaded_by_their_ids(command: Command) -> None:
    listed = [line.split()[0] for line in command("contract", "list").out.splitlines() if " reference " in line]
    assert listed == sorted(TABLES)
    assert probation_etl.load_contract("regions").layer == "reference"
    exported = command("contract", "export", "regions", "--to", "frictionless").json
    assert [field["name"] for field in exported["fields"]] == ["code", "name", "valid_from", "source", "verification"]


@pytest.mark.parametrize(
    ("table", "old", "new", "column", "words"),
    [
        ("regions", "N53,East Midlands,2021-06-26", "N53,East Midlands,26 June", "valid_from", "‘26 June’"),
        ("regions", "N53,East Midlands,", "53,East Midlands,", "code", "‘53’"),
        ("regions", "N53,East Midlands,", "N52,East Midlands,", "code", "row"),
        ("organisations", "C01,Northumbria CRC,crc", "C01,Northumbria CRC,company", "kind", "‘company’ is not one of: crc"),
        ("organisations", "2014-06-01,2021-06-25", "2014-06-01,2013-06-25", "valid_to", "before the first"),
        ("organisation_labels", "CPA Northumbria,C01,crc", "CPA Northumbria,C01,region", "code", "organisations.csv"),
        ("crosswalk", "C01,Northumbria,N54", "C01,Northumbria,N64", "to_region_code", "‘N64’ is in no row of regions.csv"),
        ("crosswalk", "C01,Northumbria,N54", "C31,Northumbria,N54", "from_code", "‘C31’ is in no row of organisations.csv"),
        ("crosswalk", "C02,Cumbria,N51", "C02,Lancashire,N51", "from_code", "Rows 3, 4 have the same from_code"),
        ("delivery_units", "C04,Lincolnshire,N53", "C04,Lincolnshire,N63", "region_code", "‘N63’ is in no row of regions.csv"),
        ("breach_statuses", "Breach Not Proven,heard,not_proven", "Breach Not Proven,heard,", "harmonised_outcome", "outcome"),
        ("bank_holidays", "2018-01-01,New Year's Day", "2018-13-01,New Year's Day", "date", "‘2018-13-01’"),
        ("tracker_baselines", "nps,239", "nps,many", "value", "‘many’"),
        ("tracker_baselines", ",quote,verification", ",words,verification", "quote", "quote"),
    ],
)  # fmt: skip
def test_a_fault_is_reported_with_file_line_and_column(
    contracts: Path, table: str, old: str, new: str, column: str, words: str
) -> None:
    line = change(contracts, f"{table}.csv", old, new)
    faults = reference_faults(contracts)
    place = f"{contracts / 'reference' / table}.csv:{line}: {column}: "
    assert any(fault.startswith(place) and words in fault for fault in faults), faults


def test_all_faults_of_all_tables_are_reported_at_once(contracts: Path, command: Command) -> None:
    change(contracts, "regions.csv", "N53,East Midlands,2021-06-26", "N53,East Midlands,")
    change(contracts, "tracker_baselines.csv", "nps,239", "nps,0")
    change(contracts, "breach_statuses.csv", "BRE05,Breach Summons Issued,logged", "BRE05,Breach Summons Issued,served")
    outcome = command("contract", "lint", contracts)
    assert outcome.code == 2
    assert [Path(line.split(":")[0]).name for line in outcome.out.splitlines()] == [
        "breach_statuses.csv", "regions.csv", "tracker_baselines.csv",
    ]  # fmt: skip
    assert "3 fault(s) found" in outcome.err


def test_a_run_refuses_them_and_leaves_nothing(contracts: Path, tmp_path: Path, command: Command) -> None:
    place = Place(tmp_path / "place")
    place.put("N53_caseload_2020-03-01.csv", caseload())
    arguments = (*place.arguments, "--contracts", contracts)
    line = change(contracts, "crosswalk.csv", "C01,Northumbria,N54", "C01,Northumbria,N64")
    for _ in range(2):
        command(*arguments).refused(
            2, f"crosswalk.csv:{line}: to_region_code", "‘N64’", "Add the region to regions.csv"
        )
    assert not place.reports.exists()
    assert not place.store.exists()
    change(contracts, "crosswalk.csv", "C01,Northumbria,N64", "C01,Northumbria,N54")
    assert command(*arguments).code == 0
    assert place.in_ledger() == 1


def test_a_store_keeps_the_tables_it_has_until_the_new_ones_are_good(
    contracts: Path, tmp_path: Path, command: Command
) -> None:
    place = Place(tmp_path / "place")
    place.put("N53_caseload_2020-03-01.csv", caseload())
    arguments = (*place.arguments, "--contracts", contracts)
    assert command(*arguments).code == 0
    before = place.dump()
    change(contracts, "regions.csv", "N53,East Midlands,2021-06-26", "N53,East Midlands,")
    command(*arguments).refused(2, "regions.csv", "valid_from")
    command("status", "--store", place.url, "--contracts", contracts).refused(2, "regions.csv", "valid_from")
    with pytest.raises(ContractError, match="valid_from"):
        probation_etl.open_store(place.url, contracts=contracts)
    assert place.dump() == before


@pytest.mark.parametrize("below", ["\na note below the table,,,,\n", ",,,,\n"], ids=["note", "empty row"])
def test_there_is_nothing_in_a_table_but_data(contracts: Path, below: str) -> None:
    with (contracts / "reference" / "regions.csv").open("a", encoding="utf-8") as file:
        file.write(below)
    (fault,) = reference_faults(contracts)
    assert fault.startswith(f"{contracts / 'reference' / 'regions.csv'}: below the header")


def test_a_column_that_the_contract_does_not_know_is_a_fault(contracts: Path) -> None:
    path = contracts / "reference" / "tracker_baselines.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(f"{line},{'more' if not at else 'x'}" for at, line in enumerate(lines)), encoding="utf-8")
    assert any("more" in fault for fault in reference_faults(contracts))


def test_a_header_that_is_not_the_contracts_is_shown(contracts: Path) -> None:
    (contracts / "reference" / "tracker_baselines.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (fault,) = reference_faults(contracts)
    assert "tracker_baselines.csv:1: the header must have the columns measure, provider_kind" in fault


def test_a_fault_is_one_line_whatever_the_cell_holds(contracts: Path) -> None:
    change(contracts, "tracker_baselines.csv", "nps,239", 'nps,"2\n39\x1b[2J"')
    faults = reference_faults(contracts)
    assert faults
    assert all(fault.isprintable() for fault in faults)


def test_a_contract_without_its_table_is_a_fault(contracts: Path) -> None:
    (contracts / "reference" / "tracker_baselines.csv").unlink()
    (fault,) = reference_faults(contracts)
    assert "tracker_baselines.odcs.yaml" in fault
    assert "there is no file" in fault


def test_a_table_without_a_contract_is_used_unchecked(contracts: Path, command: Command) -> None:
    (contracts / "reference" / "regions.odcs.yaml").unlink()
    for name in ("crosswalk", "delivery_units"):
        path = contracts / "reference" / f"{name}.odcs.yaml"
        text = path.read_text(encoding="utf-8")
        path.write_text(text[: text.index("    relationships:")] + text[text.index("customProperties:\n  - property: layer") :], encoding="utf-8")  # fmt: skip
    change(contracts, "regions.csv", "N53,East Midlands,2021-06-26", "N53,East Midlands,whenever")
    assert command("contract", "lint", contracts).code == 0


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("to: regions.code", "to: region.code", ("no reference table ‘region’", "did you mean ‘regions’")),
        ("to: regions.code", "to: regions.cod", ("regions has no column ‘cod’", "did you mean ‘code’")),
        ("to: regions.code", "to: regions.valid_from", ("‘to_region_code’ is a string, regions.valid_from a date",)),
        ("value: reference", "value: unified", ("this is ‘unified’", "in the folder ‘reference’")),
    ],
)
def test_a_faulty_contract_of_a_table_is_reported(contracts: Path, old: str, new: str, words: tuple[str, ...]) -> None:
    change(contracts, "crosswalk.odcs.yaml", old, new)
    (fault,) = reference_faults(contracts)
    assert fault.startswith(f"{contracts / 'reference' / 'crosswalk.odcs.yaml'}:")
    for each in words:
        assert each in fault


def test_a_contract_of_a_table_is_in_the_folder_of_the_tables(contracts: Path, command: Command) -> None:
    (contracts / "reference" / "regions.odcs.yaml").rename(contracts / "unified" / "regions.odcs.yaml")
    outcome = command("contract", "lint", contracts)
    assert outcome.code == 2
    assert "this is ‘reference’; contracts of layer reference" in outcome.out
