"""A run in which something goes missing on the way ends with 3 and loads nothing; its message says whose and which."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import pytest
from senders import breaches, extract, suspension

from databases import ENGINES, new_store
from places import Outcome, Place
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.stores import LedgerEntry, connect
from probation_etl.stores.ledger import Ledger

Command = Callable[..., Outcome]
FIRST, SECOND = "N53_breaches_2020-09-28.csv", "N54_breaches_2020-10-12.csv"
GOOD = {"referral_date": "2020-09-08", "logged_date": "2020-09-10"}
SUSPENDED = "N53_suspended_breaches_2020-09-28.csv"

pytestmark = pytest.mark.usefixtures("quick")


@pytest.fixture(params=ENGINES)
def arguments(request: pytest.FixtureRequest, place: Place) -> tuple[object, ...]:
    """The main job on each engine, with returns of two providers in the inbox."""
    place.put(FIRST, breaches(5, **GOOD))
    place.put(SECOND, breaches(4, **{**GOOD, "provider_code": "N54", "ldu_code": "N54NTH"}))
    rows = [suspension(number) for number in (1, 2)]
    place.put(SUSPENDED, extract(*rows, header=rows[0]))
    return ("run", place.inbox, "--store", new_store(request.param, place.root, request), "--reports", place.reports)


def ledger(arguments: tuple[object, ...], rulebook: Rulebook) -> list[tuple[Any, ...]]:
    """What is in the store."""
    with connect(str(arguments[3]), rulebook.contracts, rulebook.tables) as store:
        query = "SELECT COUNT(*) FROM ledger.runs UNION ALL SELECT COUNT(*) FROM ledger.returns UNION ALL SELECT COUNT(*) FROM history.breach"
        return store.query(query).rows()


def sabotaged(monkeypatch: pytest.MonkeyPatch, statement: str) -> None:
    """A statement that runs in the middle of the run, after its returns are loaded and before they are reconciled."""
    original = Ledger.entries
    done: list[bool] = []

    def entries(ledger: Ledger) -> list[LedgerEntry]:
        if not done and ledger._engine.value("SELECT COUNT(*) FROM history.suspended_breach") > 0:
            done.append(True)
            ledger._engine.execute(statement)
        return original(ledger)

    monkeypatch.setattr(Ledger, "entries", entries)


N53 = "SELECT return_id FROM ledger.returns WHERE supplier_code = 'N53' AND kind = 'nps-breaches'"
VIEWS = {
    "current rows": ("current_rows.breach", "breach"),
    "the unified table": ("unified.breach", "breach"),
}


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (f"DELETE FROM history.breach WHERE source_row = 3 AND return_id IN ({N53})", ("breach.rows of N53, period to 2020-09-28", "5 accepted, 4 in the history")),
        (f"UPDATE history.breach SET logged_on = NULL WHERE source_row = 6 AND return_id IN ({N53})", ("breach.logged of N53, period to 2020-09-28", "5 counted before mapping, 4 in the history")),
        (f"INSERT INTO history.breach SELECT * FROM history.breach WHERE return_id IN ({N53})", ("breach.rows of N53, period to 2020-09-28", "5 accepted, 10 in the history")),
        (f"UPDATE ledger.totals SET total = 6 WHERE measure = 'heard' AND return_id IN ({N53})", ("breach.heard of N53, period to 2020-09-28", "6 counted before mapping, 0 in the history")),
        (f"UPDATE ledger.returns SET control_rows = 7 WHERE return_id IN ({N53})", ("breach.rows of N53, period to 2020-09-28", "7 announced, 5 read")),
        (f"INSERT INTO quarantine.rows SELECT return_id, 9, '[]' FROM ledger.returns WHERE return_id IN ({N53})", ("breach.rows of N53, period to 2020-09-28", "0 quarantined, 1 in quarantine")),
        ("UPDATE history.breach SET return_id = 'nobody' WHERE provider_code = 'N53'", ("5 rows of ‘nobody’",)),
    ],
)  # fmt: skip
def test_what_goes_missing_in_the_store_stops_the_run(
    statement: str, said: tuple[str, ...], arguments: tuple[object, ...], command: Command, place: Place,
    monkeypatch: pytest.MonkeyPatch, shipped_rulebook: Rulebook,
) -> None:  # fmt: skip
    with monkeypatch.context() as patch:
        sabotaged(patch, statement)
        command(*arguments, "--json").refused(3, "Totals do not agree, so nothing was loaded", *said)
    assert ledger(arguments, shipped_rulebook) == [(0,), (0,), (0,)]
    assert not list(place.reports.glob("[!.]*"))
    again = command(*arguments, "--json")
    assert (again.code, [each["rows"]["quarantined"] for each in again.json["returns"]]) == (0, [0, 0, 0])


@contextmanager
def altered(monkeypatch: pytest.MonkeyPatch, table: str, change: Callable[[str], str]) -> Any:
    """The view of a table is made otherwise than its contract says."""
    home = import_module("probation_etl.stores.contract_tables")
    original = home.create_views

    def create_views(*given: Any) -> list[Any]:
        return [(each, change(text) if f"VIEW {table} " in text else text) for each, text in original(*given)]

    with monkeypatch.context() as patch:
        patch.setattr(home, "create_views", create_views)
        yield


@pytest.mark.parametrize(
    ("table", "old", "new", "said"),
    [
        ("current_rows.\"breach\"", "WHERE ", "WHERE NOT (source_row = 3 AND provider_code = 'N53') AND ", "breach.rows of N53, period to 2020-09-28"),
        ("unified.\"breach\"", "breach WHERE logged_on IS NOT", "breach WHERE source_row <> 3 AND logged_on IS NOT", "breach.rows of N53, period to 2020-09-28"),
        ("unified.\"breach\"", "s.suspended_on, s.resumed_on", "NULL AS suspended_on, s.resumed_on", "breach.suspended of N53, period to 2020-09-28"),
        ("unified.\"breach\"", "AND s.recency = 1", "", ""),
        ("unified.\"weekly_breaches\"", "WHERE logged_on IS NOT NULL", "WHERE logged_on IS NOT NULL AND provider_code <> 'N54'", "weekly_breaches.logged, provider_code N54, provider_kind nps, region_code"),
    ],
)  # fmt: skip
def test_a_view_that_drops_or_changes_rows_stops_the_run(
    table: str, old: str, new: str, said: str, arguments: tuple[object, ...], command: Command,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    with altered(monkeypatch, table, lambda text: text.replace(old, new)):
        outcome = command(*arguments, "--json")
    if said:
        outcome.refused(3, "Totals do not agree", said)
    else:
        assert outcome.code == 0  # each breach has one suspension: nothing is lost or doubled


def test_a_row_that_another_return_replaces_or_supersedes_is_counted_beside(
    arguments: tuple[object, ...], command: Command, place: Place
) -> None:
    assert command(*arguments).code == 0
    later = {**GOOD, "hearing_date": "2020-10-01", "nsi_status_code": "BRE07"}
    place.put("N53_breaches_2020-10-12.csv", breaches(2, **later))
    second = command(*arguments, "--json")
    assert second.code == 0, second
    (rows,) = (
        each for each in second.json["reconciliation"]
        if (each["scope"], each["provider"], each["table"], each["measure"]) == ("store", None, "breach", "rows")
    )  # fmt: skip
    assert (rows["from_returns"], rows["in_store"], rows["superseded"], rows["in_unified"]) == (11, 11, 2, 9)


def test_the_report_shows_the_whole_store_and_the_providers_and_periods_that_the_run_changed(
    arguments: tuple[object, ...], command: Command, place: Place
) -> None:
    assert command(*arguments).code == 0
    later = {**GOOD, "hearing_date": "2020-10-01", "nsi_status_code": "BRE07"}
    place.put("N53_breaches_2020-10-12.csv", breaches(2, **later))
    outcome = command(*arguments, "--json")
    shown = {
        (each["provider"], each["period_end"]): (each["from_returns"], each["in_store"], each["in_unified"])
        for each in outcome.json["reconciliation"]
        if (each["scope"], each["table"], each["measure"], each["return_id"]) == ("store", "breach", "rows", None)
    }
    # Of the first return two rows give way to those of the later period; the other provider's came in an earlier run.
    assert shown == {
        (None, None): (11, 11, 9), ("N53", "2020-09-28"): (5, 5, 3), ("N53", "2020-10-12"): (2, 2, 2),
    }  # fmt: skip
    page = (place.reports / "latest" / "index.html").read_text(encoding="utf-8")
    rows = re.findall(r"<tr><th scope=\"row\">.*?</tr>", page.partition('id="reconciliation-periods-1"')[2], re.DOTALL)
    told = [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip() for row in rows[:2]]
    assert told == [
        "N53 28 September 2020 – not counted 5 5 0 3 of 5 3 of 5 3 of 5 0 0 Agrees",
        "N53 12 October 2020 – not counted 2 2 0 2 2 2 2 2 Agrees",
    ]
