"""Rows refer to reference tables and to rows of their own return, in whole files and in long ones."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from probation_etl.cli.contracts import prove
from probation_etl.intake.long import own_rows
from probation_etl.intake.readers import in_pieces
from probation_etl.intake.received import InBytes
from probation_etl.runs.lint import Linted, lint

if TYPE_CHECKING:
    from conftest import Library

BRANCHES = "library,branch,shelves,opened\nB1,Central,1,2024-03-01\nB1,North,2,2024-03-02\nB2,Central,3,2024-03-01\n"


def relation(name: str, columns: dict[str, str], table: str, **custom: Any) -> dict[str, Any]:
    return {
        "id": name, "type": "foreignKey", "from": [f"loans.{here}" for here in columns],
        "to": [f"{table}.{there}" for there in columns.values()],
        "customProperties": [{"property": key, "value": value} for key, value in custom.items()],
    }  # fmt: skip


KNOWN = relation("known_branch", {"branch": "branch"}, "reference.branches", hint="Ask for it.")
PAIR = relation(
    "opened_then", {"branch": "branch", "lent_on": "opened"}, "reference.branches", severity="warning", column="lent_on"
)
TRIPLE = relation("in_all", {"branch": "branch", "copy_number": "shelves", "lent_on": "opened"}, "reference.branches")
BEFORE = relation("before", {"notes": "loan_reference"}, "loans", hint="Send the first loan too.")


def contract(library: Library, *relations: dict[str, Any]) -> dict[str, Any]:
    columns = library.columns(notes={"classification": "restricted"})
    for column in columns:
        column.pop("enum", None)
    return library.contract(columns=columns, relationships=relations)


@pytest.fixture(params=["whole", "long"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "long":
        monkeypatch.setattr(in_pieces, "PIECE", 60)
        monkeypatch.setattr(in_pieces, "_BEGINNING", 150)
        monkeypatch.setattr(in_pieces, "_LEAST_ROWS", 1)
        monkeypatch.setattr(own_rows, "KEYS_AT_A_TIME", 2)
    return str(request.param)


def rows(library: Library) -> bytes:
    return library.csv(
        library.row(Loan_reference="L0001", Notes="L0003"),
        library.row(Loan_reference="L0002", Branch="South", Notes=""),
        library.row(Loan_reference="L0003", Branch="North", Copy="2", Lent_on="02/03/2024", Notes="L0003"),
        library.row(Loan_reference="L0004", Branch="North", Notes="L0009"),
        library.row(Loan_reference="L0005", Copy="none", Lent_on="02/03/2024", Notes="L0004"),
    )


def test_values_pairs_triples_and_rows_of_the_return_are_looked_up(library: Library, way: str) -> None:
    rulebook = library.rulebook(contract(library, KNOWN, PAIR, TRIPLE, BEFORE), tables={"branches": BRANCHES})
    data = rows(library)
    result = library.assess(InBytes(data) if way == "long" else data, rulebook)
    assert (way == "long") == (len(result.accepted_rows.parts) > 1)
    found = result.findings.select("row", "column", "code", "severity", "rule").rows()
    assert [each for each in found if each[1] != "Copy"] == [
        (3, "Branch", "not-in-reference-table", "error", "branch|in_all"),
        (3, "Branch", "not-in-reference-table", "error", "branch|known_branch"),
        (3, "Lent on", "not-in-reference-table", "warning", "lent_on|opened_then"),
        (5, "Branch", "not-in-reference-table", "error", "branch|in_all"),
        (5, "Lent on", "not-in-reference-table", "warning", "lent_on|opened_then"),
        (5, "Notes", "unknown-row", "error", "notes|before"),
        (6, "Lent on", "not-in-reference-table", "warning", "lent_on|opened_then"),
    ]
    messages = dict(result.findings.select("rule", "message").rows())
    assert messages["branch|known_branch"] == "‘South’ is not in the list of branches."
    assert (
        messages["lent_on|opened_then"] == "The list of branches has no row with these together: ‘Branch’, ‘Lent on’."
    )
    own = result.findings.filter(rule="notes|before").row(0, named=True)
    assert (own["value"], own["hint"]) == ("A9999", "Send the first loan too.")
    assert not result.is_unresolved


def test_lint_says_what_cannot_be_looked_up(library: Library) -> None:
    faulty = (
        relation("no_table", {"branch": "branch"}, "reference.branch"),
        relation("no_word", {"branch": "branch"}, "branches"),
        relation("no_column", {"branch": "branhc"}, "reference.branches"),
        relation("no_own", {"brunch": "branch"}, "reference.branches"),
        relation("no_day", {"lent_on": "branch"}, "reference.branches"),
        relation("no_truth", {"renewed": "branch"}, "reference.branches"),
        relation("other_kind", {"copy_number": "loan_reference"}, "loans"),
    )
    directory = library.directory(contract(library, *faulty), tables={"branches": BRANCHES})
    found = [line.partition(": reference ")[2] for line in lint([directory]).faults]
    assert sorted(found) == [
        "‘no_column’: branches has no column ‘branhc’; did you mean ‘branch’?",
        "‘no_day’: ‘lent_on’ is a date (yyyy-MM-dd), and not every value of branches.branch is one",
        "‘no_own’: there is no column ‘brunch’; did you mean ‘branch’?",
        "‘no_table’: there is no reference table ‘branch’; did you mean ‘branches’?",
        "‘no_truth’: ‘renewed’ is a boolean: a reference table lists texts, numbers and dates",
        "‘no_word’: there is no unified table ‘branches’; of the reference table write reference.branches",
        "‘other_kind’: ‘copy_number’ is a integer, loans.loan_reference a string",
    ]


def test_they_are_proved(library: Library) -> None:
    directory = library.directory(contract(library, PAIR, BEFORE), tables={"branches": BRANCHES})
    assert lint([directory]) == Linted(1)
    result = CliRunner().invoke(prove, ["--contracts", str(directory), "--json"], standalone_mode=False)
    proofs = {each["rule"]: each for each in json.loads(result.stdout)["proofs"]}
    # What is too long a note is no loan reference either.
    assert [each["rule"] for each in proofs.values() if not each["proved"]] == ["notes|length"]
    assert proofs["notes|before"]["how"].startswith("no row that it refers to: Notes ‘")


def test_other_layers_do_not_refer_to_reference_tables(library: Library) -> None:
    unified = library.contract(name="copies", rules=[], relationships=[relation("x", {"branch": "b"}, "reference.b")],
        custom={"layer": "unified", "identification": None, "reportingPeriod": None})  # fmt: skip
    (fault,) = (line for line in lint([library.directory(unified)]).faults if "reference table" in line)
    assert "only a return refers to a reference table; this is of layer unified" in fault
