"""Rules and mappings look values up in reference tables: by key, and by the day on which a row of the table is valid."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from probation_etl.cli.contracts import prove, show
from probation_etl.intake.readers import in_pieces
from probation_etl.intake.received import InBytes
from probation_etl.runs.lint import Linted, lint
from probation_etl.unified.harmonise import harmonise

if TYPE_CHECKING:
    from conftest import Library

CEILINGS = """branch,most,valid_from,valid_to
Central,1,,2024-03-10
central,5,2024-03-11,
N,2,,2024-03-31
N,2,2024-03-20,
"""
MOST = {
    "table": "ceilings", "match": {"branch": "branch"}, "value": "most",
    "validFrom": "valid_from", "validTo": "valid_to", "on": "lent_on",
}  # fmt: skip
AREAS = "branch,area\nCentral,C\nN,\nN,\n"


def rule(library: Library, expression: str, lookups: dict[str, Any], **more: Any) -> dict[str, Any]:
    made = library.rule(expression, **more)
    return {**made, "implementation": {**made["implementation"], "lookups": lookups}}


def ceiling(library: Library) -> dict[str, Any]:
    return rule(
        library, "fine < 0 OR fine <= CAST(most AS INTEGER)", {"most": MOST}, name="not_above", severity="warning"
    )


def rows(library: Library) -> bytes:
    return library.csv(
        library.row(Loan_reference="L0001", Fine="1.00", Lent_on="10/03/2024"),
        library.row(Loan_reference="L0002", Fine="1.01", Lent_on="10/03/2024"),
        library.row(Loan_reference="L0003", Fine="5.00", Lent_on="11/03/2024"),
        library.row(Loan_reference="L0004", Fine="5.01", Lent_on="11/03/2024"),
        library.row(Loan_reference="L0005", Fine="2.01", Lent_on="25/03/2024", Returned_on="", Branch="N"),
        library.row(Loan_reference="L0006", Fine="9.00", Lent_on="some day", Branch="N"),
    )


@pytest.mark.parametrize("way", ["whole", "long"])
def test_a_rule_reads_what_was_valid_on_the_day(library: Library, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    rulebook = library.rulebook(library.contract(rules=[ceiling(library)]), tables={"ceilings": CEILINGS})
    data = rows(library)
    if way == "long":
        monkeypatch.setattr(in_pieces, "PIECE", 60)
        monkeypatch.setattr(in_pieces, "_BEGINNING", 150)
        monkeypatch.setattr(in_pieces, "_LEAST_ROWS", 1)
    result = library.assess(InBytes(data) if way == "long" else data, rulebook)
    assert (way == "long") == (len(result.accepted_rows.parts) > 1)
    assert [each for each in library.faults(result) if each[2] != "not-a-date"] == [
        (3, "Fine", "row-rule"),
        (5, "Fine", "row-rule"),
        (6, "Fine", "row-rule"),
    ]


def test_a_rule_asks_whether_anything_is_found(library: Library) -> None:
    known = rule(
        library, "area IS NOT NULL", {"area": {"table": "areas", "match": {"branch": "branch"}, "value": "area"}}
    )
    rulebook = library.rulebook(library.contract(rules=[known]), tables={"areas": AREAS})
    result = library.assess(library.csv(library.row(), library.row(Loan_reference="L0002", Branch="N")), rulebook)
    assert library.faults(result) == [(3, "Branch", "row-rule")]


def test_a_mapping_looks_up_by_day(library: Library) -> None:
    unified = library.contract(
        name="unified_loans", table="lent", rules=[],
        columns=[
            {"name": "loan_reference", "logicalType": "string", "required": True, "primaryKey": True, "primaryKeyPosition": 1},
            {"name": "ceiling", "logicalType": "string"},
        ],
        custom={"layer": "unified", "identification": None, "reportingPeriod": None},
    )  # fmt: skip
    mapping = {"table": "lent", "columns": {"loan_reference": "loan_reference", "ceiling": {"lookups": [MOST]}}}
    loans = library.contract(rules=[], custom={"mapping": mapping})
    rulebook = library.rulebook(loans, unified, tables={"ceilings": CEILINGS.replace("N,2,,2024", "N,3,,2024")})
    result = library.assess(rows(library), rulebook)
    assert [each for each in library.faults(result) if each[2] != "not-a-date"] == [(6, "Branch", "unmapped-value")]
    assert harmonise(result, rulebook)["lent"]["ceiling"].to_list() == ["1", "1", "5", "5"]


def test_what_cannot_be_looked_up_is_a_fault_of_the_contract(library: Library) -> None:
    plain = {"table": "ceilings", "match": {"branch": "branch"}, "value": "most"}

    def faults(expression: str, **lookups: Any) -> str:
        contract = library.contract(rules=[rule(library, expression, lookups, column="fine")])
        found = lint(
            [library.directory(contract, tables={"ceilings": CEILINGS, "days": "branch,day\nN,soon\n"})]
        ).faults
        return "\n".join(line.partition(".odcs.yaml")[2].partition(": ")[2] for line in found)

    assert "there is no reference table ‘ceiling’; did you mean ‘ceilings’?" in faults(
        "m = '1'", m={**plain, "table": "ceiling"}
    )
    assert "ceilings has no column ‘mosst’; did you mean ‘most’?" in faults("m = '1'", m={**plain, "value": "mosst"})
    assert "no such column: ‘brunch’" in faults("m = '1'", m={**plain, "match": {"branch": "brunch"}})
    assert "‘fine’ is a column already" in faults("fine = '1'", fine=plain)
    assert "the expression does not read ‘m’" in faults("fine = 1", m=plain)
    assert "‘fine’ is no day" in faults("m = '1'", m={**MOST, "on": "fine"})
    assert "belong together" in faults("m = '1'", m={**plain, "on": "lent_on"})
    assert "belong together" in faults("m = '1'", m={**plain, "validFrom": "valid_from"})
    assert "not every value of days.day is a date" in faults(
        "m = 'N'",
        m={"table": "days", "match": {"branch": "branch"}, "value": "branch", "validFrom": "day", "on": "lent_on"},
    )
    assert "is neither true nor false; what is looked up is a text" in faults("m || 'x'", m=plain)
    assert "numbers" in faults("m < fine", m=plain) or "kinds" in faults("m < fine", m=plain)
    assert "‘tabel’ is not" in faults("m = '1'", m={**plain, "tabel": "x"}) or "tabel" in faults(
        "m = '1'", m={**plain, "tabel": "x"}
    )
    assert "reads other rows" in faults("m = '1'", m={**plain, "match": {"branch": "MAX(branch)"}})
    table = library.rule("COUNT(*) > 1")
    table["implementation"] = {"aggregate": "COUNT(*) > 1", "lookups": {"m": plain}}
    found = lint([library.directory(library.contract(rules=[table]), tables={"ceilings": CEILINGS})]).faults
    assert any("they belong to a rule with an expression" in line for line in found)


def test_it_is_proved_shown_and_named_where_it_is_not_handed_over(library: Library) -> None:
    directory = library.directory(library.contract(rules=[ceiling(library)]), tables={"ceilings": CEILINGS})
    assert lint([directory]) == Linted(1)
    runner = CliRunner()
    proved = runner.invoke(prove, ["--contracts", str(directory), "--json"], standalone_mode=False)
    proofs = {each["rule"]: each["proved"] for each in json.loads(proved.stdout)["proofs"]}
    assert proofs["row|not_above"] is True
    shown = runner.invoke(show, ["loans", "--contracts", str(directory)], standalone_mode=False).stdout
    assert "most: ceilings.most where branch = branch on lent_on" in shown
    from probation_etl.contracts.rulebook import load_rulebook
    from probation_etl.targets.expressed import Why
    from probation_etl.targets.pandera_schema import lost

    schema = load_rulebook(directory).schema_of(load_rulebook(directory).returns()[0])
    why = lost(schema.by_name["row|not_above"], schema.contract)
    assert isinstance(why, Why)
    assert why == "‘most’ is looked up in a reference table, which is not handed over"
