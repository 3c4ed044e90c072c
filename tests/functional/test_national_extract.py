"""One file of all suppliers: taken, taken again, corrected and withdrawn supplier by supplier; each sees its own rows alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from branches import Branch

from places import Outcome
from probation_etl.audit.verify import verify
from probation_etl.contracts.rulebook import load_rulebook
from probation_etl.intake.readers import read_grids
from probation_etl.stores import connect

HEADER = "Library,Loan reference,Fine\n"
ORGANISATIONS = "code,name,kind,level,valid_from,valid_to\n" + "".join(
    f"B{at},Library {at},library,,,\n" for at in (1, 2, 3)
)


@pytest.fixture
def extract(tmp_path: Path, command: Callable[..., Outcome], library: Any) -> Branch:
    """The inbox and store of a file with the fines of all libraries."""
    columns = [{"name": "library", "physicalName": "Library", "logicalType": "string"}, *library.columns()]
    columns = [each for each in columns if each["name"] in ("library", "loan_reference", "fine")]
    del columns[1]["classification"]
    identification = {"fileName": r"fines_(?P<period_end>\d{4}-\d{2}-\d{2}).*\.csv", "supplierColumn": "library"}
    contract = library.contract(columns=columns, rules=[], custom={"identification": identification})
    contracts = library.directory(contract, tables={"organisations": ORGANISATIONS})
    made = Branch(tmp_path, contracts, command, library)
    made.rulebook = load_rulebook(contracts)
    return made


def text(*rows: tuple[str, int, str]) -> bytes:
    return (HEADER + "".join(f"{name},L{at:04},{fine}\n" for name, at, fine in rows)).encode()


def current(extract: Branch) -> list[tuple[str, str]]:
    with connect(extract.url, extract.rulebook.contracts, extract.rulebook.tables) as store:
        assert not [fault for proof in verify(store, extract.rulebook).proofs for fault in proof.faults]
        return store.query("SELECT supplier_code, loan_reference FROM released.loans ORDER BY 1, 2").rows()


def outcome(extract: Branch, *more: object) -> dict[str | None, tuple[str, list[str]]]:
    return {
        each["supplier"] and each["supplier"]["code"]: (
            each["verdict"],
            [finding["code"] for finding in each["findings"]],
        )
        for each in extract.returns(*more)
    }


def test_a_file_of_several_suppliers_is_taken_corrected_and_withdrawn(extract: Branch) -> None:
    rows = [("B1", 1, "1.00"), ("Library 2", 2, "2.00"), ("B1", 3, "x"), ("B3", 4, "3.00"), ("B7", 5, "1.00")]
    extract.write("fines_2024-03-31.csv", text(*rows))
    assert outcome(extract, "--annotated") == {
        "B1": ("partly_accepted", ["not-a-number"]), "B2": ("accepted", []), "B3": ("accepted", []),
        None: ("rejected", ["unknown-organisation"]),
    }  # fmt: skip
    assert current(extract) == [("B1", "L0001"), ("B2", "L0002"), ("B3", "L0004")]
    (annotated,) = (extract.root / "reports").glob("2*/B1/*/*.xlsx")
    shown = [
        cell for grid in read_grids(annotated.read_bytes()) for row in grid.cells.iter_rows() for cell in row if cell
    ]
    assert {"L0001", "L0003"} <= set(shown)
    assert not {"L0002", "L0004", "L0005"} & set(shown)

    assert {verdict for verdict, _ in outcome(extract).values()} == {"unchanged"}
    extract.write("fines_2024-03-31 again.csv", text(*rows))
    assert {verdict for verdict, _ in outcome(extract).values()} == {"unchanged"}

    extract.take("fines_2024-03-31.csv", "fines_2024-03-31 again.csv")
    extract.write("fines_2024-03-31 b.csv", text(("B1", 1, "1.00"), ("B1", 3, "4.00"), ("B2", 6, "2.00")))
    corrected = outcome(extract)
    assert corrected == {"B1": ("accepted_with_warnings", ["fewer-rows"]), "B2": ("accepted", [])}
    assert current(extract) == [("B1", "L0001"), ("B1", "L0003"), ("B2", "L0006"), ("B3", "L0004")]

    with connect(extract.url, extract.rulebook.contracts, extract.rulebook.tables) as store:
        ids = {each.supplier_code: each.return_id for each in store.ledger.entries() if each.is_current}
    assert extract.command("store", "withdraw", extract.url, ids["B2"], "--reason", "test").code == 0
    assert current(extract) == [("B1", "L0001"), ("B1", "L0003"), ("B2", "L0002"), ("B3", "L0004")]
    assert {verdict for verdict, _ in outcome(extract).values()} <= {"unchanged"}
    traced = extract.command("trace", "--store", extract.url, "loans", "loan_reference=L0003", "--json")
    assert [cell["value"] for cell in traced.json["rows"][0]["cells"]] == ["B1", "L0003", "4.00"]


def test_the_same_content_for_another_period_is_refused_for_each_supplier(extract: Branch) -> None:
    extract.write("fines_2024-03-31.csv", text(("B1", 1, "1.00"), ("B2", 2, "2.00")))
    assert {code for _, codes in outcome(extract).values() for code in codes} == set()
    extract.write("fines_2024-04-30.csv", text(("B1", 1, "1.00"), ("B2", 2, "2.00")))
    april = [each for each in extract.returns() if each["period_end"] == "2024-04-30"]
    assert [(each["verdict"], [one["code"] for one in each["findings"]]) for each in april] == [
        ("rejected", ["content-of-another-return"])
    ] * 2
    assert len(current(extract)) == 2


def test_folders_tell_the_same_bytes_of_two_suppliers_apart(
    tmp_path: Path, command: Callable[..., Outcome], library: Any
) -> None:
    identification = {"fileName": r"loans\.csv", "folder": r"(?P<supplier_code>B\d)/(?P<period_end>[\d-]{10})"}
    contracts = library.directory(library.contract(custom={"identification": identification}))
    made = Branch(tmp_path, contracts, command, library)
    made.rulebook = load_rulebook(contracts)
    for name in ("B1", "B2"):
        made.write(f"{name}/2024-03-31/loans.csv", library.csv())
    assert outcome(made) == {"B1": ("accepted", []), "B2": ("accepted", [])}
    made.write("B3/2024-03-31/loans.csv", library.csv())
    assert {code: verdict for code, (verdict, _) in outcome(made).items()} == {
        "B1": "unchanged", "B2": "unchanged", "B3": "accepted"
    }  # fmt: skip
    checked = made.command("validate", made.inbox / "B3" / "2024-03-31" / "loans.csv", "--format", "json").json
    assert checked["returns"][0]["supplier"]["code"] == "B3"
