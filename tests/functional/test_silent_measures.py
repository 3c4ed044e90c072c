"""What a restricted column adds up to is compared at every stage, and no number of it is shown anywhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from places import Outcome

RETURN = """\
apiVersion: v3.2.0
kind: DataContract
id: library-fines
name: Fines
version: 1.0.0
status: active
schema:
  - name: fines
    logicalType: object
    properties:
      - {name: loan_id, physicalName: Loan number, logicalType: string, required: true, primaryKey: true, primaryKeyPosition: 1}
      - {name: fine, physicalName: Fine, logicalType: number, logicalTypeOptions: {multipleOf: 0.01}, classification: restricted}
customProperties:
  - property: layer
    value: return
  - property: identification
    value:
      fileName: '(?P<supplier_code>[A-Z]+)_fines_(?P<period_end>\\d{4}-\\d{2}-\\d{2})\\.csv'
  - property: mapping
    value:
      table: fine
      columns: {library_code: supplier_code, loan_id: loan_id, fine: fine}
"""
TABLE = """\
apiVersion: v3.2.0
kind: DataContract
id: fine
name: Fines
version: 1.0.0
status: active
schema:
  - name: fine
    logicalType: object
    properties:
      - {name: library_code, logicalType: string, required: true, primaryKey: true, primaryKeyPosition: 1}
      - {name: loan_id, logicalType: string, required: true, primaryKey: true, primaryKeyPosition: 2}
      - {name: fine, logicalType: number, physicalType: "DECIMAL(9,2)", classification: restricted}
customProperties:
  - property: layer
    value: unified
  - property: measures
    value:
      fines: MEASURE
"""
SENT = b"Loan number,Fine\nL1,137.55\n"


def contracts(root: Path, measure: str) -> Path:
    folder = root / "contracts"
    folder.mkdir(exist_ok=True)
    (folder / "library-fines.odcs.yaml").write_text(RETURN, encoding="utf-8")
    (folder / "fine.odcs.yaml").write_text(TABLE.replace("MEASURE", measure), encoding="utf-8")
    return folder


def test_a_restricted_amount_is_added_up_silently_or_not_at_all(
    command: Callable[..., Outcome], tmp_path: Path
) -> None:
    refused = command("contract", "lint", contracts(tmp_path, "fine"))
    assert refused.code == 2
    assert "which is restricted: say ‘silent: true’" in refused.out + refused.err
    folder, inbox = contracts(tmp_path, "{expression: fine, silent: true}"), tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "LEEDS_fines_2020-03-31.csv").write_bytes(SENT)
    store = f"duckdb:///{tmp_path / 'store.duckdb'}"
    where = ("--store", store, "--contracts", folder)
    outcome = command(
        "-vv", "run", inbox, *where, "--reports", tmp_path / "reports", "--settle", 0, "--no-release", "--json"
    )
    assert outcome.code == 0
    listed = [each for each in outcome.json["reconciliation"] if each["measure"] == "fines"]
    assert {each["in_store"] for each in listed} == {None}
    assert {each["scope"] for each in listed} == {"run", "store"}
    page = next((tmp_path / "reports").glob("*Z-*/index.html"))
    assert "not shown" in page.read_text(encoding="utf-8")
    pages = [
        each.read_text(encoding="utf-8")
        for each in (tmp_path / "reports").rglob("*")
        if each.suffix in (".html", ".json")
    ]
    verified = command("store", "verify", store, "--contracts", folder)
    assert verified.code == 0
    assert not [each for each in (outcome.out, outcome.err, verified.out, *pages) if "137.55" in each]
