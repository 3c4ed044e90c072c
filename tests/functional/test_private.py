"""No value of a restricted column is unmasked in a log, an output, a report, the ledger or a finding."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest
from senders import BREACH_HEADER, BREACH_ROW, SUSPENSION_HEADER, breach, extract, put, suspension, workbook

from places import Outcome, Place, speed_up
from probation_etl.contracts.rulebook import Rulebook

Command = Callable[..., Outcome]

#: Valid and invalid case references, and numbers of interventions: each is planted in a row with another kind of fault.
CANARIES = (
    "Q987654", "Q987655", "Q987656", "Q987657", "Q987658", "Q987659", "Q987660", "Q987661", "Q987662", "Q987663",
    "QQ98765", "QQ98766", "QQ98767", "q-canary-1", "q-canary-2", "ZZ-CANARY-TOO-LONG",
)  # fmt: skip
LATER = {"referral_date": "2020-09-08", "logged_date": "2020-09-10", "nsi_status_code": "BRE26"}
GOOD = [breach(number) for number in range(20, 80)]


def files() -> dict[str, bytes]:
    """Returns with a canary in every kind of faulty row and file."""
    faulty = [
        breach(1, crn="Q987654", disposal_code="LIC"),
        breach(2, crn="Q987655", logged_date="31/31/2020"),
        breach(3, crn="QQ98765"),
        breach(4, crn="Q987656", event_number="one"),
        breach(5, crn="Q987657", nsi_id="q-canary-1", hearing_date="2019-01-01", nsi_status_code="BRE08"),
        breach(6, crn="Q987658", nsi_id="q-canary-2"),
        breach(7, crn="Q987658", nsi_id="q-canary-2"),
        breach(8, nsi_id="ZZ-CANARY-TOO-LONG" * 3),
    ]
    text = extract(*GOOD, *faulty).decode()
    broken = text.splitlines()[-8].replace(",LIC,", ",LIC,,").replace("Q987654", "Q987659")
    suspended = [suspension(number, logged_date="2020-09-10") for number in range(20, 40)]
    there = [breach(number, **LATER) for number in range(20, 40)]
    quotes = extract(breach(1, crn="Q987661", court_code='"open')).replace(b"\n", b"\r\n")
    rows = [("X99" + str(1000 + at), *BREACH_ROW[1:]) for at in range(20)]
    return {
        "N53_breaches_2020-03-01.csv": f"{text}{broken}\n".encode(),
        "N53_breaches_2020-09-28.csv": extract(*there),
        "N53_suspended_breaches_2020-09-28.csv": extract(
            *suspended, suspension(90, crn="Q987660"), suspension(91, crn="QQ98766"), header=suspension(1)
        ),
        "N52_breaches_2020-03-01.csv": quotes,
        "N50_breaches_2020-03-01.csv": extract(breach(1, crn="Q987662", court_code="é")).decode().encode("cp1252"),
        "C08_return_2020-03-01.xlsx": workbook(
            Breaches=(BREACH_HEADER, *rows, ("Q987663", *BREACH_ROW[1:3], "Licence", *BREACH_ROW[4:])),
            Suspended_breaches=(SUSPENSION_HEADER, ("QQ98767", "1", "Derby City", "21/02/2020", "x", "", "")),
        ),
    }  # fmt: skip


@pytest.fixture(scope="module")
def ran(
    tmp_path_factory: pytest.TempPathFactory, command: Command, shipped_rulebook: Rulebook
) -> Iterator[tuple[Place, Outcome]]:
    place = Place(tmp_path_factory.mktemp("private"))
    put(place.inbox, **files())
    with pytest.MonkeyPatch.context() as patch:
        speed_up(patch, shipped_rulebook)
        yield place, command("--log-format", "json", "-vv", *place.arguments, "--json")


def leaked(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary in text]


def test_every_canary_was_sent_and_met_a_fault(ran: tuple[Place, Outcome]) -> None:
    place, outcome = ran
    assert outcome.code == 1
    kept = repr(place.rows("SELECT cells FROM quarantine.rows"))
    assert {*CANARIES} <= {*leaked(kept)}
    codes = {finding["code"] for each in outcome.json["returns"] for finding in each["findings"]}
    assert codes >= {
        "not-in-list", "not-a-date", "wrong-pattern", "not-a-number", "row-rule", "duplicate-row", "wrong-length",
        "malformed-row", "unknown-reference",
    }  # fmt: skip


def test_streams_hold_none(ran: tuple[Place, Outcome]) -> None:
    assert leaked(ran[1].out) == []
    assert leaked(ran[1].err) == []
    assert ran[1].err


def test_reports_hold_none(ran: tuple[Place, Outcome]) -> None:
    pages = [path for path in ran[0].reports.rglob("*") if path.is_file()]
    assert len(pages) > 10
    assert {path: leaked(path.read_text(encoding="utf-8")) for path in pages} == {path: [] for path in pages}


def test_the_ledger_and_the_findings_in_the_store_hold_none(ran: tuple[Place, Outcome]) -> None:
    tables = {name: rows for name, rows in ran[0].dump().items() if name.startswith("ledger.")}
    tables["quarantine.findings"] = ran[0].rows("SELECT * FROM quarantine.findings")
    assert len(tables) >= 4
    assert {name: leaked(repr(rows)) for name, rows in tables.items()} == {name: [] for name in tables}


def test_a_masked_value_keeps_its_shape(ran: tuple[Place, Outcome]) -> None:
    values = {
        finding["value"]
        for each in ran[1].json["returns"]
        for finding in each["findings"]
        if finding["code"] == "wrong-pattern"
    }
    assert values == {"AA99999"}


@pytest.mark.parametrize("form", ["text", "json", "csv"])
@pytest.mark.usefixtures("quick")
def test_validate_shows_none(form: str, ran: tuple[Place, Outcome], command: Command) -> None:
    outcome = command("-vv", "validate", "--format", form, *sorted(ran[0].inbox.iterdir()))
    assert outcome.code == 1
    assert leaked(outcome.out + outcome.err) == []


@pytest.mark.parametrize("method", ["append", "execute"])
@pytest.mark.usefixtures("quick")
def test_a_store_that_fails_shows_none(
    method: str, place: Place, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = import_module("probation_etl.stores.duckdb")

    def fail(self: Any, *_: object) -> None:
        self.rows(f"SELECT CAST('{CANARIES[0]}' AS DATE)")

    monkeypatch.setattr(store.DuckDBEngine, method, fail)
    put(place.inbox, **{"N53_breaches_2020-03-01.csv": extract(breach(1, crn="Q987654"))})
    outcome = command("-vv", *place.arguments)
    assert outcome.code == 3
    assert leaked(outcome.out + outcome.err) == []
