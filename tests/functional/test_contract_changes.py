"""A contract that changes does not touch what is loaded, on both engines: it is for what comes later."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from lending import CANARY, RETURN, Lending
from places import Outcome
from probation_etl.contracts.rulebook import load_rulebook
from probation_etl.stores import connect

#: The same contract, later: no fine above 5, fines counted in pence, another version.
STRICTER = (
    RETURN.replace("version: 1.0.0", "version: 2.0.0")
    .replace("logicalType: integer}", "logicalType: integer, logicalTypeOptions: {maximum: 5}}")
    .replace("fine: fine}", "fine: fine * 100}")
)


@pytest.fixture
def lending(tmp_path: Path, url: str, command: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch) -> Lending:
    # They are not what is tested here, and take most of the time.
    monkeypatch.setattr(import_module("probation_etl.runs.conclusion"), "release_checks", lambda *_: [])
    office = Lending(tmp_path, url, command)
    office.write()
    office.send("LEEDS_lending_2020-03-08.csv", ("A1", 0), ("A2", 9))
    return office


def held(lending: Lending) -> tuple[list[Any], list[Any]]:
    """Every row of history, and what the ledger says of each return."""
    rulebook = load_rulebook(lending.contracts)
    with connect(lending.url, rulebook.contracts, rulebook.tables) as store:
        rows = store.query("SELECT * FROM history.loan ORDER BY ticket").rows()
        columns = "return_id, contract_version, verdict, rows_accepted, rows_quarantined"
        return rows, store.query(f"SELECT {columns} FROM ledger.returns ORDER BY sequence").rows()


def test_rows_that_are_loaded_stay_as_they_are_and_know_their_version(lending: Lending) -> None:
    assert lending.run().code == 0
    before = held(lending)
    assert STRICTER.count("maximum: 5}") == 1
    (lending.contracts / "lending.odcs.yaml").write_text(STRICTER.replace("2.0.0", "1.0.0"), encoding="utf-8")
    assert lending.json()["returns"][0]["verdict"] == "unchanged"
    assert held(lending) == before
    # A file that still lies there would be taken again by another version: it is another return then.
    (lending.root / "inbox" / "LEEDS_lending_2020-03-08.csv").unlink()
    (lending.contracts / "lending.odcs.yaml").write_text(STRICTER, encoding="utf-8")
    # Another return in the same store is validated and mapped by the new version; the first is not validated again.
    lending.send("LEEDS_lending_2020-03-15.csv", ("B1", 5), ("B2", 9))
    assert lending.run().code == 1
    rows, returns = held(lending)
    assert [row for row in rows if row[1].startswith(f"{CANARY}A")] == before[0]
    assert [row[3] for row in rows] == [0, 9, 500]
    assert returns[0] == before[1][0]
    assert [each[1:] for each in returns] == [("1.0.0", "accepted", 2, 0), ("2.0.0", "partly_accepted", 1, 1)]
    assert [each[0].split(":")[1] for each in returns] == ["1.0.0", "2.0.0"]
    verified = lending.command("store", "verify", lending.url, "--contracts", lending.contracts)
    assert verified.code == 0, verified.out
