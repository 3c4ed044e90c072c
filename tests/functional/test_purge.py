"""What has been kept for its time is removed for good, on both engines, and everything else goes on as before."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

from lending import CANARY, RETENTION, RETURN, Lending
from places import Outcome
from probation_etl.contracts.rulebook import load_rulebook
from probation_etl.stores import connect

PAYMENTS = """\
apiVersion: v3.2.0
kind: DataContract
id: payments
name: payments
version: 1.0.0
status: active
schema:
  - name: payments
    logicalType: object
    properties:
      - {name: ticket, physicalName: ticket, logicalType: string, required: true, primaryKey: true, primaryKeyPosition: 1, classification: restricted}
      - {name: paid, physicalName: paid, logicalType: integer, required: true}
    relationships:
      - id: for_a_loan
        type: foreignKey
        from: [payments.ticket]
        to: [loan.ticket]
customProperties:
  - property: layer
    value: return
  - property: reportingPeriod
    value: {days: 7}
  - property: identification
    value: {fileName: '(?P<supplier_code>[A-Z]+)_payments_(?P<period_end>\\d{4}-\\d{2}-\\d{2})\\.csv'}
"""
OLD, NEW = "LEEDS_lending_2018-03-31.csv", "LEEDS_lending_2024-03-31.csv"


@pytest.fixture
def lending(tmp_path: Path, url: str, command: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch) -> Lending:
    # They are not what is tested here, and take most of the time.
    monkeypatch.setattr(import_module("probation_etl.runs.conclusion"), "release_checks", lambda *_: [])
    office = Lending(tmp_path, url, command)
    office.write(returned=RETURN + RETENTION)
    (office.contracts / "payments.odcs.yaml").write_text(PAYMENTS, encoding="utf-8")
    office.send(OLD, ("OLD1", 0), ("OLD2", 0), day="2018-03-28")
    with (office.root / "inbox" / OLD).open("a", encoding="utf-8") as file:
        file.write(f"{CANARY}OLD3,soon,0\n")
    office.send(NEW, ("NEW1", 0), day="2024-03-28")
    rows = "".join(f"{CANARY}{ticket},1\n" for ticket in ("OLD1", "NEW1", "NEW9"))
    (office.root / "inbox" / "LEEDS_payments_2024-03-31.csv").write_text(f"ticket,paid\n{rows}", encoding="utf-8")
    return office


def purge(lending: Lending, *more: object) -> Outcome:
    options = ("--reason", "five years are over", "--reports", lending.reports, "--contracts", lending.contracts)
    return lending.command("store", "purge", lending.url, *options, *more)


def texts(lending: Lending) -> str:
    """Everything that the store holds, the bytes of files but for their compression left out."""
    rulebook = load_rulebook(lending.contracts)
    with connect(lending.url, rulebook.contracts, rulebook.tables) as store:
        tables = store.query(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
        ).rows()
        return "\n".join(
            str(sorted(store.query(f'SELECT * FROM "{schema}"."{name}"').rows(), key=repr)) for schema, name in tables
        )


def accepted(lending: Lending, table: str) -> list[str]:
    rulebook = load_rulebook(lending.contracts)
    with connect(lending.url, rulebook.contracts, rulebook.tables) as store:
        return sorted(each.removeprefix(CANARY) for each in store.table(table)["ticket"])


def test_what_has_been_kept_for_its_time_is_removed_and_the_rest_goes_on(lending: Lending) -> None:
    assert lending.run().code == 1
    before = texts(lending)
    assert "OLD1" in before
    assert "OLD3" in before
    looked = purge(lending, "--on", "2024-04-05", "--dry-run")
    assert (looked.code, "1 attempt(s) at returns would be purged" in looked.out) == (0, True), looked
    assert purge(lending, "--on", "2023-03-31").out.endswith("0 attempt(s) at returns purged\n")
    assert texts(lending) == before

    done = purge(lending, "--on", "2024-04-05", "--json").json
    assert [(each["period_end"], each["rows"], each["kept_until"]) for each in done["purged"]] == [
        ("2018-03-31", 3, "2023-03-31")
    ]
    left = texts(lending)
    assert "OLD2" not in left
    assert "OLD3" not in left
    assert accepted(lending, "loan") == ["NEW1"]
    verified = lending.command("store", "verify", lending.url, "--contracts", lending.contracts)
    assert verified.code == 0, verified.out
    assert '"event": "purge"' in next(lending.root.rglob("*.ledger.jsonl")).read_text(encoding="utf-8")

    # The same file again is known, and told once; nothing of it is loaded.
    again = lending.json()
    (told,) = [each for each in again["returns"] if each["findings"]]
    assert (told["verdict"], told["findings"][0]["code"], again["exit_code"]) == ("unchanged", "purged-content", 0)
    assert "five" not in told["findings"][0]["message"]
    assert [each for each in lending.json()["returns"] if each["findings"]] == []
    traced = lending.command(
        "trace", "--store", lending.url, "--contracts", lending.contracts, "loan", f"ticket={CANARY}OLD1"
    )
    traced.refused(2, "No row of loan", "were purged")

    # A return that refers to what is gone loses nothing when it is validated again.
    lending.send(NEW.replace(".csv", "_v2.csv"), ("NEW1", 0), ("NEW2", 0), day="2024-03-28")
    assert lending.run().code == 0
    assert accepted(lending, "payments") == ["NEW1", "OLD1"]
    assert lending.command("store", "verify", lending.url, "--contracts", lending.contracts).code == 0
    assert purge(lending, "--on", "2024-04-05").out == "0 attempt(s) at returns purged\n"


def test_without_a_reason_nothing_is_removed(lending: Lending) -> None:
    assert lending.run().code == 1
    lending.command("store", "purge", lending.url).refused(2, "--reason")
    purge(lending, "--reason", " ").refused(2, "Say why")
