"""Rules that are queries: over groups and order of a return, its siblings for the same period, and the supplier's last return."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

import probation_etl as pe
from probation_etl.cli.contracts import prove, show
from probation_etl.contracts.rulebook import Rulebook, load_rulebook
from probation_etl.intake.readers import Content, in_pieces
from probation_etl.intake.received import InBytes
from probation_etl.intake.result import ReturnResult
from probation_etl.runs.check import check_files
from probation_etl.runs.lint import Linted, lint
from probation_etl.runs.run import run
from probation_etl.stores.rule_queries import without_store

if TYPE_CHECKING:
    from conftest import Library

OVERLAP = """
    SELECT source_row FROM (
        SELECT source_row, lent_on, LAG(returned_on) OVER (PARTITION BY copy_number ORDER BY lent_on, source_row) AS before
        FROM loans
    ) AS t WHERE lent_on < before
"""
UNPAID = """
    SELECT l.source_row FROM loans AS l LEFT JOIN payments AS p ON p.loan = l.loan_reference
    WHERE l.fine > 0 AND p.loan IS NULL
"""
AGAIN = """
    SELECT l.source_row FROM loans AS l JOIN previous.loans AS b ON b.loan_reference = l.loan_reference
    WHERE b.lent_on <> l.lent_on
"""
KNOWN = "SELECT source_row FROM loans WHERE branch NOT IN (SELECT branch FROM reference.branches)"


def rule(name: str, query: str, **more: Any) -> dict[str, Any]:
    implementation = {"query": query, **{key: more.pop(key) for key in ("column", "hint") if key in more}}
    return {
        "id": name, "description": f"{name} is broken.", "type": "custom", "engine": "probation-etl",
        "implementation": implementation, **more,
    }  # fmt: skip


def payments(library: Library) -> dict[str, Any]:
    return library.contract(
        name="payments", rules=[],
        columns=[
            {"name": "payment", "physicalName": "Payment", "logicalType": "string", "required": True,
             "primaryKey": True, "primaryKeyPosition": 1},
            {"name": "loan", "physicalName": "Loan", "logicalType": "string"},
        ],
        custom={"identification": {"fileName": r"(?P<supplier_code>[A-Z]\d)_paid_(?P<period_end>\d{4}-\d{2}-\d{2})\.csv"}},
    )  # fmt: skip


def directory(library: Library, *rules: dict[str, Any]) -> Path:
    columns = library.columns()
    for column in columns:
        column.pop("enum", None)
    loans = library.contract(rules=list(rules), columns=columns)
    return library.directory(loans, payments(library), tables={"branches": "branch\nCentral\n"})


def loan(library: Library, number: int, **cells: str) -> dict[str, str]:
    return library.row(Loan_reference=f"L{number:04}", Fine="", **cells)


def faults(result: ReturnResult) -> list[tuple[Any, ...]]:
    return result.findings.select("row", "column", "rule", "severity").rows()


@pytest.mark.parametrize("way", ["whole", "long"])
def test_groups_and_order_of_a_return(library: Library, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    rules = (rule("overlap", OVERLAP, column="lent_on"), rule("known", KNOWN, severity="warning", column="branch"))
    rulebook = load_rulebook(directory(library, *rules))
    data = library.csv(
        loan(library, 1, Copy="1", Lent_on="01/03/2024", Returned_on="10/03/2024"),
        loan(library, 2, Copy="2", Lent_on="05/03/2024", Returned_on="06/03/2024", Branch="South"),
        loan(library, 3, Copy="1", Lent_on="09/03/2024", Returned_on="12/03/2024"),
        loan(library, 4, Copy="1", Lent_on="12/03/2024", Returned_on="some day", Branch="East"),
        loan(library, 5, Copy="x", Lent_on="01/03/2024", Branch="West"),
    )
    if way == "long":
        monkeypatch.setattr(in_pieces, "PIECE", 60)
        monkeypatch.setattr(in_pieces, "_BEGINNING", 150)
        monkeypatch.setattr(in_pieces, "_LEAST_ROWS", 1)
    alone = without_store(rulebook.tables)
    given = InBytes(data) if way == "long" else data
    result = library.assess(given, rulebook, references=lambda _supplier, _end: alone)
    assert (way == "long") == (len(result.accepted_rows.parts) > 1)
    assert [each for each in faults(result) if each[2].startswith("query|")] == [
        (3, "Branch", "query|known", "warning"),
        (4, "Lent on", "query|overlap", "error"),
        (5, "Branch", "query|known", "warning"),
        (6, "Branch", "query|known", "warning"),
    ]
    assert "overlap is broken." in result.findings["message"].to_list()
    assert 4 not in result.accepted["source_row"].to_list()


def checked(rulebook: Rulebook, **files: bytes) -> dict[str, ReturnResult]:
    given = [(f"B1_{name.replace('__', '-')}.csv".replace("loans", "loans_").replace("paid", "paid_"), Content.of(data))
             for name, data in files.items()]  # fmt: skip
    return {each.file: each for each in check_files(given, rulebook)}


def test_siblings_and_the_last_return_among_the_given_files(library: Library) -> None:
    rulebook = load_rulebook(directory(library, rule("unpaid", UNPAID, column="fine"), rule("again", AGAIN)))
    march = library.csv(
        library.row(Loan_reference="L0001", Fine="1.00"), library.row(Loan_reference="L0002", Fine="1.00")
    )
    april = library.csv(library.row(Loan_reference="L0001", Fine="", Lent_on="02/03/2024"), loan(library, 3))
    paid = library.text(("Payment", "Loan"), ("P1", "L0001"))
    found = checked(rulebook, loans2024__03__31=march, paid2024__03__31=paid, loans2024__04__30=april)
    assert faults(found["B1_loans_2024-03-31.csv"]) == [
        (None, None, "query|again", "warning"),
        (3, "Fine", "query|unpaid", "error"),
    ]
    assert faults(found["B1_loans_2024-04-30.csv"]) == [
        (None, None, "query|unpaid", "warning"),
        (2, "Loan reference", "query|again", "error"),
    ]
    unchecked = found["B1_loans_2024-03-31.csv"].findings.row(0, named=True)
    assert unchecked["code"] == "unchecked-reference"
    assert "previous.loans" in unchecked["message"]
    masked = found["B1_loans_2024-04-30.csv"].findings.row(1, named=True)
    assert masked["value"] == "A9999"


def test_in_a_store_a_return_is_judged_again_when_what_it_reads_arrives(library: Library, tmp_path: Path) -> None:
    contracts = directory(library, rule("unpaid", UNPAID, column="fine"), rule("again", AGAIN))
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    where: dict[str, Any] = {
        "store": f"duckdb:///{tmp_path / 'store.duckdb'}", "reports": tmp_path / "reports", "contracts": contracts,
    }  # fmt: skip

    def put(**files: bytes) -> dict[str, list[str]]:
        for name, data in files.items():
            (inbox / f"{name}.csv").write_bytes(data)
        returns = run(inbox, **where).returns
        return {each["file"]: [finding["rule"] for finding in each["findings"]] for each in returns}

    april = library.csv(library.row(Loan_reference="L0001", Fine="1.00", Lent_on="02/03/2024"), loan(library, 3))
    assert put(**{"B1_loans_2024-04-30": april}) == {"B1_loans_2024-04-30.csv": ["query|unpaid"]}
    paid = library.text(("Payment", "Loan"), ("P1", "L0001"))
    march = library.csv(loan(library, 1), loan(library, 9))
    found = put(**{"B1_paid_2024-04-30": paid, "B1_loans_2024-03-31": march})
    assert found["B1_loans_2024-03-31.csv"] == []
    assert found["B1_loans_2024-04-30.csv"] == ["query|again"]


def test_the_library_answers_what_a_return_tells_by_itself(library: Library) -> None:
    contracts = directory(library, rule("known", KNOWN, column="branch"))
    contract = pe.load_contract(contracts / "contract0.odcs.yaml")
    result = pe.validate(
        library.csv(loan(library, 1, Branch="South")), contract, supplier_code="B1", period_end=date(2024, 3, 31)
    )
    assert faults(result) == [(2, "Branch", "query|known", "error")]


def test_what_cannot_be_computed_stops_the_return(library: Library) -> None:
    contracts = directory(library, rule("number", "SELECT source_row FROM loans WHERE CAST(notes AS INTEGER) > 1"))
    rulebook = load_rulebook(contracts)
    alone = without_store(rulebook.tables)
    result = library.assess(library.csv(loan(library, 1, Notes="x1")), rulebook, references=lambda _s, _e: alone)
    assert (result.verdict, result.findings["code"].to_list()) == ("rejected", ["uncomputed-rule"])
    assert "x1" not in result.findings["message"][0]


def test_lint_says_what_is_wrong_with_a_query(library: Library) -> None:
    def found(query: str, **more: Any) -> str:
        return "\n".join(lint([directory(library, rule("some", query, **more))]).faults)

    assert "‘loan’ is not a table that queries can read; did you mean ‘loans’" in found("SELECT source_row FROM loan")
    assert "does not give source_row" in found("SELECT loan_reference FROM loans")
    assert "lent" in found("SELECT source_row FROM loans WHERE lent > 1")
    assert "is not a function that queries can use" in found("SELECT source_row FROM loans WHERE read_text('x') = ''")
    assert "unified.loans" in found("SELECT source_row FROM loans, unified.loans")
    assert "not a table" in found("SELECT source_row FROM read_csv('x')") or "query reads tables" in found(
        "SELECT source_row FROM read_csv('x')"
    )
    assert "there is no column ‘brunch’ to point at; did you mean ‘branch’?" in found(KNOWN, column="brunch")
    assert "it must begin with SELECT" in found("DELETE FROM loans")
    assert "WITH RECURSIVE" in found("WITH RECURSIVE t AS (SELECT 1 AS source_row) SELECT source_row FROM t, loans")
    circle = payments(library)
    circle["schema"][0]["quality"] = [rule("back", "SELECT p.source_row FROM payments AS p, loans")]
    loans = library.contract(rules=[rule("unpaid", UNPAID)])
    assert any(
        "refer to each other's rows in a circle" in line for line in lint([library.directory(loans, circle)]).faults
    )


def test_it_is_proved_and_shown(library: Library) -> None:
    columns = [each for each in library.columns() if each["name"] in ("loan_reference", "branch", "lent_on")]
    columns[1].pop("enum")
    never = "SELECT l.source_row FROM loans AS l JOIN previous.loans AS b ON b.loan_reference = l.loan_reference"
    rules = [rule("known", KNOWN, column="branch"), rule("never", never)]
    contracts = library.directory(
        library.contract(columns=columns, rules=rules), tables={"branches": "branch\nCentral\n"}
    )
    assert lint([contracts]) == Linted(1)
    runner = CliRunner()
    proved = runner.invoke(prove, ["loans", "--contracts", str(contracts), "--json"], standalone_mode=False)
    proofs = {each["rule"]: each["proved"] for each in json.loads(proved.stdout)["proofs"]}
    assert [name for name, so in proofs.items() if not so] == ["query|never"]
    shown = runner.invoke(show, ["loans", "--contracts", str(contracts)], standalone_mode=False).stdout
    assert "SELECT source_row FROM loans WHERE branch NOT IN" in shown


def test_times_of_day_and_lengths_of_time_are_compared(library: Library) -> None:
    columns = [each for each in library.columns() if each["name"] in ("loan_reference", "lent_on")]
    columns += [
        {"name": "lent_at", "physicalName": "Lent at", "logicalType": "time", "logicalTypeOptions": {"format": "HH:mm"}},
        {"name": "lasted", "physicalName": "Lasted", "logicalType": "string",
         "customProperties": [{"property": "duration", "value": "H:mm"}]},
    ]  # fmt: skip
    query = "SELECT source_row FROM loans WHERE lent_at < TIME '03:00' AND lasted > INTERVAL '1 day'"
    contracts = library.directory(library.contract(columns=columns, rules=[rule("night", query)]))
    assert lint([contracts]) == Linted(1)
    rulebook = load_rulebook(contracts)
    alone = without_store(rulebook.tables)
    header = ("Loan reference", "Lent on", "Lent at", "Lasted")
    data = library.text(header, ("L0001", "01/03/2024", "02:59", "30:00"), ("L0002", "01/03/2024", "03:00", "30:00"))
    result = library.assess(data, rulebook, references=lambda _supplier, _end: alone)
    assert faults(result) == [(2, "Loan reference", "query|night", "error")]
