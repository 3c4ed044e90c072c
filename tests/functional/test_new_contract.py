"""A return that nobody has written a line of Python for: one contract and one file are enough."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from places import Outcome, Place

Command = Callable[..., Outcome]

LOANS = """\
apiVersion: v3.2.0
kind: DataContract
id: library-loans
name: Loans of a library
version: {version}
status: active
description:
  purpose: Books that were lent.
schema:
  - name: loans
    physicalName: loans
    logicalType: object
    properties:
      - {{name: ticket, physicalName: Ticket, logicalType: string, required: true, primaryKey: true, primaryKeyPosition: 1, logicalTypeOptions: {{pattern: '^T[0-9]+$'}}}}
      - {{name: lent_on, physicalName: Lent on, logicalType: date, required: true, logicalTypeOptions: {{format: dd/MM/yyyy}}}}
      - {{name: due_on, physicalName: Due on, logicalType: date, logicalTypeOptions: {{format: dd/MM/yyyy}}}}
      - {{name: fine, physicalName: Fine, logicalType: number, logicalTypeOptions: {{multipleOf: 0.01}}}}
      - name: genre
        physicalName: Genre
        logicalType: string
        enum: [{{value: C, label: Crime}}, {{value: P, label: Poetry}}]
    quality:
      - id: due_after_lent
        type: custom
        engine: probation-etl
        description: The book was due before it was lent.
        implementation: {{expression: due_on >= lent_on, column: due_on}}
customProperties:
  - property: layer
    value: return
  - property: identification
    value: {{fileName: '(?P<supplier_code>[A-Z]+)_loans_(?P<period_end>\\d{{4}}-\\d{{2}}-\\d{{2}})\\.csv'}}
"""
MAPPING = """\
  - property: mapping
    value:
      table: lending
      columns:
        branch: supplier_code
        slip: ticket
        taken_on: lent_on
        charge: fine
        shelf: {expression: genre, codes: {C: crime, P: poetry}}
"""
LENDING = """\
apiVersion: v3.2.0
kind: DataContract
id: lending
name: Lending of all libraries
version: 1.0.0
status: active
schema:
  - name: lending
    logicalType: object
    properties:
      - {name: branch, logicalType: string, required: true, primaryKey: true, primaryKeyPosition: 1}
      - {name: slip, logicalType: string, required: true, primaryKey: true, primaryKeyPosition: 2}
      - {name: taken_on, logicalType: date, required: true}
      - {name: charge, logicalType: number, physicalType: "DECIMAL(7,2)"}
      - {name: shelf, logicalType: string, enum: [{value: crime}, {value: poetry}]}
customProperties:
  - property: layer
    value: unified
  - property: measures
    value: [charge]
"""
SENT = """\
Ticket,Lent on,Due on,Fine,Genre
T1,01/02/2020,15/02/2020,0.50,C
T2,02/02/2020,01/02/2020,,P
T3,03/02/2020,17/02/2020,1.25,P
"""
NAME = "TOWN_loans_2020-02-29.csv"


@pytest.fixture
def library(place: Place) -> Place:
    """A contract, a file, and nothing else."""
    contracts = place.root / "contracts"
    contracts.mkdir()
    (contracts / "loans.odcs.yaml").write_text(LOANS.format(version="1.0.0"), encoding="utf-8")
    place.put(NAME, SENT.encode())
    return place


def run(library: Place, command: Command) -> Outcome:
    return command(*library.arguments, "--contracts", library.root / "contracts", "--json")


def test_one_contract_and_one_file_become_a_table_of_their_own(library: Place, command: Command) -> None:
    outcome = run(library, command)
    assert (outcome.code, outcome.err) == (1, "")
    (entry,) = outcome.json["returns"]
    assert (entry["contract"]["id"], entry["supplier"]["code"], entry["period_end"]) == (
        "library-loans", "TOWN", "2020-02-29",
    )  # fmt: skip
    assert [(each["rule"], each["row"], each["column"]) for each in entry["findings"]] == [
        ("row|due_after_lent", 3, "Due on")
    ]
    assert library.rows(
        "SELECT supplier_code, ticket, lent_on, due_on, CAST(fine AS DECIMAL(9,2)), genre, source_row "
        "FROM unified.loans ORDER BY ticket"
    ) == [
        ("TOWN", "T1", date(2020, 2, 1), date(2020, 2, 15), Decimal("0.50"), "C", 2),
        ("TOWN", "T3", date(2020, 2, 3), date(2020, 2, 17), Decimal("1.25"), "P", 4),
    ]
    assert library.rows("SELECT COUNT(*) FROM unified.loans JOIN ledger.returns USING (return_id)") == [(2,)]
    assert all(each["passed"] for each in outcome.json["release_checks"])
    assert {each["table"] for each in outcome.json["release_checks"]} == {"loans"}


@pytest.mark.usefixtures("quick")
def test_its_status_and_its_lint_work_as_for_any_other(library: Place, command: Command) -> None:
    run(library, command)
    contracts = ("--contracts", library.root / "contracts")
    (line,) = command("status", "--store", library.url, *contracts, "--json").json["returns"]
    assert (line["supplier_code"], line["contract_id"], line["rows_accepted"]) == ("TOWN", "library-loans", 2)
    assert command("contract", "lint", library.root / "contracts").code == 0
    assert command(*library.arguments, *contracts, "-q") != 0


@pytest.mark.usefixtures("quick")
def test_a_second_version_can_map_to_a_written_table(library: Place, command: Command) -> None:
    run(library, command)
    contracts = library.root / "contracts"
    (contracts / "loans.odcs.yaml").write_text(LOANS.format(version="2.0.0") + MAPPING, encoding="utf-8")
    (contracts / "lending.odcs.yaml").write_text(LENDING, encoding="utf-8")
    outcome = run(library, command)
    assert (outcome.code, outcome.err) == (1, "")
    assert outcome.json["returns"][0]["contract"]["version"] == "2.0.0"
    assert library.rows(
        "SELECT branch, slip, taken_on, charge, shelf, source_row FROM unified.lending ORDER BY slip"
    ) == [
        ("TOWN", "T1", date(2020, 2, 1), Decimal("0.50"), "crime", 2),
        ("TOWN", "T3", date(2020, 2, 3), Decimal("1.25"), "poetry", 4),
    ]
    assert {(each["table"], each["measure"], each["in_store"]) for each in outcome.json["reconciliation"]} == {
        ("lending", "rows", 2), ("lending", "charge", 1.75),
    }  # fmt: skip
    # What was loaded by the first version stays where it was, in history.
    assert library.rows("SELECT COUNT(*) FROM history.loans") == [(2,)]
    assert library.rows("SELECT contract_version FROM ledger.returns ORDER BY sequence") == [("1.0.0",), ("2.0.0",)]


@pytest.mark.usefixtures("quick")
def test_a_changed_contract_of_the_same_version_does_not_touch_rows_already_loaded(
    library: Place, command: Command
) -> None:
    run(library, command)
    path = library.root / "contracts" / "loans.odcs.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("Loans of a library", "Loans"), encoding="utf-8")
    rows = library.rows("SELECT * FROM unified.loans ORDER BY ALL")
    outcome = run(library, command)
    assert (outcome.code, outcome.json["verdict"]) == (0, "unchanged")
    assert library.rows("SELECT * FROM unified.loans ORDER BY ALL") == rows


def test_names_of_contracts_cannot_leave_their_quotes(library: Place, command: Command) -> None:
    hostile = 'lo"ans; DROP TABLE ledger.returns; --'
    path: Path = library.root / "contracts" / "loans.odcs.yaml"
    text = path.read_text(encoding="utf-8").replace("- name: loans", f"- name: {json.dumps(hostile)}")
    path.write_text(text, encoding="utf-8")
    outcome = run(library, command)
    assert (outcome.code, outcome.err) == (1, "")
    table = hostile.replace('"', '""')
    assert library.rows(f'SELECT ticket FROM unified."{table}" ORDER BY 1') == [("T1",), ("T3",)]
    assert library.rows("SELECT COUNT(*) FROM ledger.returns") == [(1,)]


@pytest.mark.parametrize("name", ["order", "fine in pounds", 'fi"ne', "Fine"])
@pytest.mark.usefixtures("quick")
def test_a_column_may_have_any_name_even_a_word_of_sql(name: str, library: Place, command: Command) -> None:
    path: Path = library.root / "contracts" / "loans.odcs.yaml"
    text = path.read_text(encoding="utf-8").replace("{name: fine,", f"{{name: {json.dumps(name)},")
    path.write_text(text, encoding="utf-8")
    outcome = run(library, command)
    assert (outcome.code, outcome.err) == (1, "")
    column = name.replace('"', '""')
    assert library.rows(f'SELECT "{column}" FROM unified.loans ORDER BY 1') == [(Decimal("0.50"),), (Decimal("1.25"),)]
