"""No value of a restricted column leaves the store: not with a fault of any kind, in any form, log, message or ledger.

Every restricted column of every return that ships holds marker values alone, in every row. Each kind of fault that the
contracts have a rule for is planted among them. Then everything that the program wrote or said is searched for markers.

Some tables of the store hold rows by design, as the supplier sent them or as they were accepted: ``quarantine.rows``,
``history`` with ``current_rows`` and ``unified`` made of it, ``released``, which is a copy of ``unified`` for readers, and
``received.files``, the files themselves. ``annotated.xlsx`` holds the supplier's own
rows and goes to the supplier. All else is searched.
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any

import pytest
from senders import breach, extract

import planting
from places import Outcome, Place, speed_up
from planting import Card, Planted, Planter, Sent, as_csv, as_workbook, cards_of
from probation_etl.contracts.findings import CATALOGUE
from probation_etl.contracts.model import Column, Contract
from probation_etl.contracts.rulebook import Rulebook
from workbooks import WorkbookParts

Command = Callable[..., Outcome]

#: What a marker looks like, also once a fault was planted in it: letters changed in case, one sign more or less, a zero
#: that is an O, digits of another script.
MARKER = re.compile(
    r"q\s?7?31[0-9o]{2,4}|(?<![0-9a-z.:-])731\d{3}(?![0-9a-z])|٧٣١|marker-", re.IGNORECASE
)  # fmt: skip
#: Kinds of faults that no cell is planted for: of the file, the sender and the return as a whole.
AT_ONCE = 24
EXTRACTS = ("nps-breaches", "nps-suspended-breaches", "nps-caseload")
WORKBOOKS = ("crc-breaches", "crc-suspended-breaches", "crc-caseload")
REGIONS, CRCS = ("N50", "N51", "N52", "N53", "N54", "N55", "N56"), ("C01", "C09", "C17", "C21", "C14", "C15", "C16")
DATA = ("quarantine.rows", "received.files")
#: Why a run of the contracts that ship does not come to these codes.
NOT_IN_A_RUN = {
    "not-in-reference-table": "no return has such a relationship; its value is masked: in tests/functional/test_relationships.py",
    "unknown-row": "the same",
    "uncomputed-rule": "tells the contract's own sentence: in tests/functional/test_query_rules.py",
    "too-large": "tells of a limit and a count, and of no value",
    "workbook-with-macros": "has no value",
    "workbook-with-links": "has no value",
    "reader-failed": "tells how a process ended, and of no value",
    "not-a-boolean": "no return has such a column: in tests/unit/intake/test_validate.py",
    "not-a-timestamp": "no return has such a column: in tests/unit/intake/test_written_cells.py",
    "not-a-time": "the same",
    "not-a-duration": "the same",
    "table-rule": "no return has such a rule; what is told is the contract's own sentence",
    "cross-return-rule": "no return has such a rule; one whose totals would show a restricted value is refused",
    "unmapped-value": "no code list lacks a value: contract lint holds them against each other",
    "two-row-header": "tells of headers alone",
    "record-width": "tells of numbers of cells alone",
    "perhaps-cut-off": "tells of a row alone",
    "total-row": "tells of rows alone",
    "repeated-header": "tells of headers alone",
    "instruction-row": "tells of the row alone",
    "unclear-blank": "tells of an empty cell",
    "report-mark": "tells of the row alone; its text is masked: in tests/functional/test_rows_that_are_none.py",
    "nil-row": "the same",
    "note-among-rows": "the same",
    "missing-column": "tells of headers alone",
    "unidentified-return": "the same",
    "hidden-columns": "the same",
    "hidden-rows": "tells of rows alone",
    "hidden-sheet": "tells of sheets alone",
    "inaccessible-file": "tells what the system said of a file that was not read",
    "parked-file": "the same",
    "linked-file": "tells of a file that was not read",
    "competing-returns": "tells of names of files alone, as the next six tell of files, numbers and periods",
    "content-of-another-return": "the same",
    "superseded-content": "the same",
    "purged-content": "the same",
    "fewer-rows": "the same",
    "no-control-total": "the same",
    "wrong-quotation-mark": "the same",
    "ambiguous-date": "masked: in tests/unit/intake/test_exchanged_dates.py",
    "ambiguous-dates": "tells of rows alone",
    "wrong-kind": "masked: in tests/unit/intake/test_cells.py",
    "shown-otherwise": "masked: in tests/functional/test_formats_of_cells.py",
    "shown-in-part": "the same",
    "unlikely-date": "no date of these contracts is restricted; masked where all findings of cells are",
    "restricted-value-elsewhere": "masked: in tests/functional/test_misplaced_values.py",
    "restricted-value-in-name": "the same",
    "unchecked-reference": "a store knows all rows; told by validate, below",
}
FORMS = {"text": "txt", "json": "json", "csv": "csv", "html": "html", "junit": "xml", "sarif": "sarif"}


def leaked(text: str) -> list[str]:
    return sorted({found.group() for found in MARKER.finditer(text)})


def marked(
    contract: Contract, number: int, sent: Sent, rng: Random, clean: Callable[..., dict[str, Any]]
) -> dict[str, Any]:
    """A clean row with markers in its restricted columns."""
    values = clean(contract, number, sent, rng)
    for column in contract.columns:
        if column.restricted:
            values[column.name] = f"Q{731_000 + number // 2}" if column.pattern else f"MARKER-{number:06}"
    return values


def planted_returns(contract: Contract, codes: tuple[str, ...], *, native: bool) -> Iterator[Planted]:
    """Returns in which together every kind of fault of the contract is planted."""
    pack = [*cards_of(contract, native=native), Card("unexpected-column"), Card("duplicate-column")]
    Random(contract.id).shuffle(pack)  # noqa: S311
    for at, start in enumerate(range(0, len(pack), AT_ONCE)):
        end = date(2020, 6, 7)
        planter = Planter(contract, Sent(codes[at], end - timedelta(days=13), end), Random(at), native=native, rows=120)  # noqa: S311
        planter.plant(pack[start : start + AT_ONCE])
        yield planter.finish()


def files(rulebook: Rulebook) -> tuple[dict[str, bytes], Counter[str]]:
    """Files by name, and how often each code was planted."""
    made: dict[str, bytes] = {}
    codes: Counter[str] = Counter()
    for name in EXTRACTS:
        for planted in planted_returns(rulebook.contracts[name], REGIONS, native=False):
            kind = name.removeprefix("nps-").replace("-", "_")
            made[f"{planted.sent.supplier_code}_{kind}_{planted.sent.period_end}.csv"] = as_csv(planted)
            codes.update(card.code for card in planted.plants)
    sheets: dict[str, dict[str, Planted]] = {}
    for name in WORKBOOKS:
        contract = rulebook.contracts[name]
        for planted in planted_returns(contract, CRCS, native=True):
            sheets.setdefault(planted.sent.supplier_code, {})[str(contract.identification.sheet)] = planted
            codes.update(card.code for card in planted.plants)
    for code, of_file in sheets.items():
        (sent, *_) = (planted.sent for planted in of_file.values())
        cover = [["Provider code", code], ["Period start", sent.period_start], ["Period end", sent.period_end]]
        made[f"{code}_return_{sent.period_end}.xlsx"] = as_workbook(cover, **of_file)
    # Two more with a fault of the cover or of their sheets.
    name, rows = next(iter(of_file.items()))
    number, other = ("Breach rows", "7"), ("Provider code", "C01")
    made[f"{code}_return_2020-06-21.xlsx"] = as_workbook([*cover[:1], number], **{name: rows, "Stray": rows})
    made[f"{code}_return_2020-07-05.xlsx"] = as_workbook([other, *cover[1:]], **{name: rows})
    first = next(name for name in made if "_breaches_" in name)
    made["N57_breaches_2020-06-07.csv"] = made[first].replace(b"\n", b'\n"', 3)
    made["N58_breaches_2020-06-07.csv"] = made[first] + b"\xff\xfe MARKER-1\x00\n"
    made["MARKER-file.csv"] = made[first].replace(b"crn", b"case")
    return {**made, **of_the_whole(made[first])}, codes


def of_the_whole(sent: bytes) -> dict[str, bytes]:
    """The first of the same rows, with a fault of the file, its header, its sender or its period."""
    sent = b"\n".join(sent.split(b"\n")[:20]) + b"\n"
    header, rows = sent.split(b"\n", 1)
    return {
        "N59_breaches_2020-06-07.csv": sent.replace(b",", b";"),
        "N59_breaches_2020-06-21.csv": sent.decode().encode("utf-16"),
        "N60_breaches_2020-06-07.csv": header.replace(b"crn", b"case") + b"\n" + rows,
        "N60_breaches_2020-06-21.csv": rows,
        "N60_breaches_2020-02-31.csv": sent,
        "N60_caseload_2020-06-07.csv": extract(breach(1, crn="Q731001", nsi_id="MARKER-1")),
        "N60_breaches_2020-07-05.csv": b"",
        "N99_breaches_2020-06-07.csv": sent,
        "junk.csv": rows,
    }


@pytest.fixture(scope="module")
def everything(shipped_rulebook: Rulebook) -> tuple[dict[str, bytes], Counter[str]]:
    with pytest.MonkeyPatch.context() as patch:
        clean, long = planting.clean_values, planting._of_wrong_length

        def too_long(column: Column, number: int, rng: Random) -> str:
            text = long(column, number, rng)
            return f"MARKER-{text}" if column.restricted else text

        patch.setattr(planting, "clean_values", lambda *given: marked(*given, clean))
        patch.setattr(planting, "_of_wrong_length", too_long)
        return files(shipped_rulebook)


@pytest.fixture(scope="module")
def ran(
    tmp_path_factory: pytest.TempPathFactory, command: Command, shipped_rulebook: Rulebook,
    everything: tuple[dict[str, bytes], Counter[str]],
) -> Iterator[tuple[Place, list[Outcome]]]:  # fmt: skip
    """Two runs, the second with corrections of what came in the first; the names of files are no rows."""
    place = Place(tmp_path_factory.mktemp("masking"))
    contents = {name: data for name, data in everything[0].items() if not name.startswith("MARKER")}
    for name, data in contents.items():
        place.put(name, data)
    with pytest.MonkeyPatch.context() as patch:
        speed_up(patch, shipped_rulebook)
        words = ("--log-format", "json", "-vv", *place.arguments, "--annotated")
        outcomes = [command(*words, "--json")]
        for name, data in contents.items():
            lines = data.split(b"\n")
            if name.endswith(".csv") and len(lines) > 100:
                place.put(name, b"\n".join(lines[:-20]) + b"\n")
        outcomes.append(command(*words))
        outcomes.append(command(*words, "--json"))
        yield place, outcomes


def test_every_code_that_can_be_planted_was_planted_and_found(
    ran: tuple[Place, list[Outcome]], everything: tuple[dict[str, bytes], Counter[str]], shipped_rulebook: Rulebook
) -> None:
    place, outcomes = ran
    contracts = [(shipped_rulebook.contracts[name], name in WORKBOOKS) for name in (*EXTRACTS, *WORKBOOKS)]
    possible = {card.code for contract, native in contracts for card in cards_of(contract, native=native)}
    assert possible <= set(everything[1])
    found = {row[0] for row in place.rows("SELECT DISTINCT code FROM quarantine.findings")}
    assert possible <= found
    assert sorted(set(CATALOGUE) - found - set(NOT_IN_A_RUN)) == []
    assert sorted(set(NOT_IN_A_RUN) & found) == []
    restricted = {
        header
        for contract, _ in contracts
        for column in contract.columns
        if column.restricted
        for header in (column.header, *column.synonyms)
    }
    speaking = place.rows("SELECT DISTINCT column_name FROM quarantine.findings")
    assert {" ".join(str(row[0]).split()).lower() for row in speaking} & {header.lower() for header in restricted}
    assert [outcome.code for outcome in outcomes] == [1, 1, 0]


def test_the_markers_were_there_to_be_leaked(ran: tuple[Place, list[Outcome]]) -> None:
    place, _ = ran
    kept = repr(place.rows("SELECT cells FROM quarantine.rows"))
    assert len(leaked(kept)) > 50
    own = [sheet for path in place.reports.rglob("annotated.xlsx") for sheet in WorkbookParts(path).sheets.values()]
    assert any(leaked(repr(list(sheet.texts.values()))) for sheet in own)


def test_streams_and_logs_hold_none(ran: tuple[Place, list[Outcome]]) -> None:
    for outcome in ran[1]:
        assert leaked(outcome.out) == []
        assert leaked(outcome.err) == []
    assert '"level": "info"' in ran[1][0].err


def test_no_file_of_the_reports_holds_one(ran: tuple[Place, list[Outcome]]) -> None:
    pages = [path for path in ran[0].reports.rglob("*") if path.is_file() and path.suffix != ".xlsx"]
    names = {path.name for path in pages}
    assert names >= {"index.html", "findings.json", "findings.csv", "run.json", "junit.xml", "findings.sarif"}
    assert {path: leaked(path.read_text(encoding="utf-8")) for path in pages} == {path: [] for path in pages}


def test_the_list_and_the_comments_of_an_annotated_workbook_hold_none(ran: tuple[Place, list[Outcome]]) -> None:
    for path in ran[0].reports.rglob("annotated.xlsx"):
        parts = WorkbookParts(path)
        assert leaked(repr(parts.sheets["Findings"].texts)) == []
        assert [found for sheet in parts.sheets.values() for found in leaked(repr(sheet.comments))] == []


def test_no_table_but_those_of_rows_holds_one(ran: tuple[Place, list[Outcome]]) -> None:
    tables = {
        name: rows
        for name, rows in ran[0].dump().items()
        if name not in DATA
        and not name.startswith(("history.", "earlier.", "unified.", "current_rows.", "released.", "released_rows."))
    }
    assert {"ledger.returns", "ledger.runs", "quarantine.findings"} <= set(tables)
    assert tables["quarantine.findings"]
    assert {name: leaked(repr(rows)) for name, rows in tables.items()} == {name: [] for name in tables}


@pytest.mark.parametrize("words", [("status",), ("status", "--json"), ("store", "verify")], ids=" ".join)
@pytest.mark.usefixtures("quick")
def test_commands_on_the_store_show_none(
    words: tuple[str, ...], ran: tuple[Place, list[Outcome]], command: Command
) -> None:
    place = ran[0]
    store = (place.url,) if words[0] == "store" else ("--store", place.url)
    outcome = command("-vv", *words, *store)
    assert outcome.code in (0, 3)
    assert outcome.out
    assert leaked(outcome.out + outcome.err) == []


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.usefixtures("quick")
def test_validate_shows_none_in_any_form(
    form: str, tmp_path: Path, everything: tuple[dict[str, bytes], Counter[str]], command: Command
) -> None:
    sent = tmp_path / "sent"
    sent.mkdir()
    for name, data in everything[0].items():
        (sent / name.replace("MARKER", "any")).write_bytes(data)
    target = tmp_path / ("pages" if form == "html" else f"out.{FORMS[form]}")
    outcome = command(
        "--log-format", "json", "-vv", "validate", "--format", form, "-o", target, *sorted(sent.iterdir())
    )
    assert outcome.code == 1
    written = [path for path in (target, *target.rglob("*")) if path.is_file()]
    assert written
    assert {path.name: leaked(path.read_text(encoding="utf-8")) for path in written} == {
        path.name: [] for path in written
    }
    assert leaked(outcome.out + outcome.err) == []


@pytest.mark.parametrize(
    "module", ["unified.harmonise.harmonise_rows", "intake.judged_rows.with_others", "intake.judged.parse"]
)
@pytest.mark.usefixtures("quick")
def test_an_error_that_nobody_foresaw_shows_none(
    module: str, place: Place, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its text, and that of what led to it, quotes the rows that the function was given."""
    home, _, name = f"probation_etl.{module}".rpartition(".")

    def fail(*given: Any, **named: Any) -> None:
        rows = repr([getattr(each, "frame", each) for each in (*given, *named.values())])
        try:
            raise ValueError(f"MARKER-1 {rows}")
        except ValueError as error:
            raise RuntimeError(f"MARKER-2 {rows}") from error

    monkeypatch.setattr(import_module(home), name, fail)
    monkeypatch.setattr(tempfile, "tempdir", str(place.root))
    file = "N53_breaches_2020-03-01.csv"
    place.put(
        file, extract(*(breach(at, crn=f"Q73100{at}", nsi_id=f"MARKER-{at}") for at in range(9)), breach(10, crn="Q31"))
    )
    for words in (place.arguments, ("validate", place.inbox / file)):
        outcome = command("--log-format", "json", "-vv", *words)
        assert outcome.code == 70
        assert leaked(outcome.out + outcome.err) == []
    reports = list(place.root.glob("probation-etl-bug-*.txt"))
    assert len(reports) == 2
    assert [leaked(path.read_text(encoding="utf-8")) for path in reports] == [[], []]
