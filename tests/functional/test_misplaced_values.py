"""Restricted values in wrong places: typed into other columns, headers, names, notes. None is shown in clear, by any output.

Each place gets two canaries: one that looks like a restricted value (its column has a pattern) and stands nowhere else, and one that
is a restricted value of the same file, in a column without a pattern. Tables that hold rows by design are as in ``test_masking``.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from branches import IDENTIFIED
from senders import BREACH, BREACH_HEADER, BREACH_ROW, COVER
from test_masking import FORMS

from places import Outcome, Place, speed_up
from probation_etl.cli.formats import FORMS as WRITERS
from probation_etl.cli.formats import Checked
from probation_etl.contracts.rulebook import Rulebook, load_rulebook
from probation_etl.intake.readers import Content
from probation_etl.runs.check import check_files
from workbooks import WorkbookParts

Command = Callable[..., Outcome]
ROWS = 6
#: What must not be seen: a text by the pattern of a restricted column, and a value of another restricted column.
LIKE, SAME = {"loans": "L731{:01}", "shipped": "Q73100{:01}"}, "BORROWER-731-{:02}"
CANARY = re.compile(r"l731\d|q73100\d|borrower-731", re.IGNORECASE)


@dataclass(frozen=True)
class Sent:
    """A return as a supplier sends it, before it is written."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    sheet: str = "Sheet"
    below: tuple[str, ...] = ()
    note: str = ""
    packed: str = ""
    cover: tuple[tuple[str, str], ...] = ()
    above: int = 0

    def with_cell(self, header: str, value: str) -> Sent:
        """With another value in the third row."""
        rows = list(self.rows)
        rows[2] = tuple(value if name == header else cell for name, cell in zip(self.header, rows[2], strict=True))
        return replace(self, rows=tuple(rows))

    def with_column(self, header: str, value: str) -> Sent:
        return replace(self, header=(*self.header, header), rows=tuple((*row, value) for row in self.rows))

    def written(self) -> tuple[str, bytes]:
        records = [self.header, *self.rows, *(() if not self.below else ((), self.below))]
        if self.name.endswith(".xlsx"):
            return self.name, self._workbook(records)
        text = "\n".join(",".join(row or [""]) for row in records).encode()
        if not self.packed:
            return self.name, text
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr(self.packed, text)
        return f"{self.name}.zip", buffer.getvalue()

    def _workbook(self, records: list[Any]) -> bytes:
        stream = io.BytesIO()
        book = xlsxwriter.Workbook(stream, {"in_memory": True})
        if self.cover:
            sheet = book.add_worksheet("Cover")
            for row, pair in enumerate(self.cover):
                sheet.write_row(row, 0, pair)
        sheet = book.add_worksheet(self.sheet)
        for row, cells in enumerate(records, self.above):
            for column, cell in enumerate(cells):
                sheet.write_string(row, column, cell)
        if self.note:
            sheet.write_comment(self.above + 2, 1, self.note)
        book.close()
        return stream.getvalue()


@dataclass(frozen=True)
class Kind:
    """A kind of return with the headers that canaries are typed below.

    Attributes:
        make: A good return in a file of that name.
        cells: Headers of columns of different types that no restricted value belongs to.
        free: The one of them that takes any text.
        misspelt: A header that a canary is written into.
        names: Names of files that the contract recognises, one for each supplier.
    """

    label: str
    like: str
    make: Callable[[str], Sent]
    cells: tuple[str, ...]
    free: str
    own: str | None
    misspelt: str
    names: tuple[str, ...]


Good = Callable[[], Sent]


def placed(kind: Kind) -> Iterator[tuple[str, Sent]]:
    """Every place with a return that has canaries there, and nowhere else but in their own column."""
    names = iter(kind.names)

    def good() -> Sent:
        sent = kind.make(next(names))
        if kind.own is None:
            return sent
        at = sent.header.index(kind.own)
        rows = [(*row[:at], SAME.format(number), *row[at + 1 :]) for number, row in enumerate(sent.rows)]
        return replace(sent, rows=tuple(rows))

    like = LIKE[kind.like].format(1)
    for header in kind.cells:
        yield f"{header}: {like}", good().with_cell(header, like)
    yield from of_rows(kind, good, like)
    yield from of_headers(kind, good, like)
    yield from of_names(good, like)
    if kind.own:
        same = SAME.format(1)
        yield f"{kind.cells[0]}: {same}", good().with_cell(kind.cells[0], same)
        yield from of_rows(kind, good, same)
        yield from of_headers(kind, good, same)


def of_rows(kind: Kind, good: Good, canary: str) -> Iterator[tuple[str, Sent]]:
    yield f"in a longer text: {canary}", good().with_cell(kind.free, f"see {canary}, again")
    yield f"alone in a free text: {canary}", good().with_cell(kind.free, canary)
    yield f"cell of an unknown column: {canary}", good().with_column("Something", canary)
    yield f"row below: {canary}", replace(good(), below=(f"Note: {canary} was left out",))


def of_headers(kind: Kind, good: Good, canary: str) -> Iterator[tuple[str, Sent]]:
    yield f"new header: {canary}", good().with_column(canary, "x")
    sent = good()
    header = tuple(f"{each} {canary}" if each == kind.misspelt else each for each in sent.header)
    yield f"misspelt header: {canary}", replace(sent, header=header)


def of_names(good: Good, canary: str) -> Iterator[tuple[str, Sent]]:
    sent = good()
    stem, dot, ending = sent.name.partition(".")
    yield f"file name: {canary}", replace(sent, name=f"{stem}_{canary}{dot}{ending}")
    if sent.name.endswith(".csv"):
        yield f"archive member: {canary}", replace(good(), packed=f"{canary}.csv")
        return
    yield f"sheet: {canary}", replace(good(), sheet=f"{sent.sheet} {canary}")
    yield f"note in a sheet: {canary}", replace(good(), note=canary)
    for label, _ in sent.cover:
        cover = tuple((name, canary if name == label else value) for name, value in sent.cover)
        yield f"cover, {label}: {canary}", replace(good(), cover=cover)


def loans(library: Any) -> Callable[[str], Sent]:
    header = (*(each["physicalName"] for each in library.columns()), "Borrower")

    def make(name: str) -> Sent:
        rows = [
            library.row(Loan_reference=f"L{at:04}", Notes="") | {"Borrower": f"Nobody {at:04}"} for at in range(ROWS)
        ]
        return Sent(name, header, tuple(tuple(str(row.get(each, "")) for each in header) for row in rows))

    return make


def extract_of(name: str) -> Sent:
    rows = [{**BREACH, "nsi_id": f"SYNTHETIC-{at:04}", "crn": f"X99000{at}"} for at in range(ROWS)]
    return Sent(name, tuple(BREACH), tuple(tuple(row.values()) for row in rows))


def workbook_of(name: str) -> Sent:
    rows = tuple((f"X99000{at}", *BREACH_ROW[1:]) for at in range(ROWS))
    return Sent(name, BREACH_HEADER, rows, sheet="Breaches", cover=tuple(COVER.items()), above=2)


@dataclass(frozen=True)
class Ran:
    """All files of some kinds after a run, and what every command said of them."""

    place: Place
    outcomes: list[Outcome]
    where: tuple[object, ...]
    rulebook: Rulebook


def shipped_kinds() -> list[Kind]:
    days = [f"2020-{month:02}-{day:02}" for month in range(3, 12) for day in (1, 8, 15, 22)]
    cells = (
        "event_number",
        "provider_code",
        "ldu_code",
        "disposal_code",
        "referral_date",
        "court_code",
        "nsi_status_code",
    )
    extracts = tuple(f"N{50 + at % 5}_breaches_{day}.csv" for at, day in enumerate(days))
    books = tuple(f"C{1 + at % 20:02}_return_{day}.xlsx" for at, day in enumerate(days))
    in_book = ("Order type", "Breach initiated")
    return [
        Kind("extract", "shipped", extract_of, cells, "ldu_code", "nsi_id", "hearing_date", extracts),
        Kind("workbook", "shipped", workbook_of, in_book, "LDU", None, "Heard on", books),
    ]


def lending_kinds(library: Any) -> list[Kind]:
    codes = [f"{letter}{digit}" for letter in "ABCDEFG" for digit in range(10)]
    cells = ("Copy", "Branch", "Lent on", "Fine", "Renewed", "Notes")
    kinds = []
    for ending in ("csv", "xlsx"):
        names = tuple(f"{code}_loans_2024-03-31.{ending}" for code in codes[35 * (ending == "xlsx") :])
        kinds.append(
            Kind(
                ending,
                "loans",
                loans(library),
                cells if ending == "csv" else cells[:1],
                "Notes",
                "Borrower",
                "Returned on",
                names,
            )
        )
    return kinds


@pytest.fixture(scope="module", params=["lending", "shipped"])
def ran(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, command: Command, library: Any,
    shipped_rulebook: Rulebook,
) -> Iterator[Ran]:  # fmt: skip
    place = Place(tmp_path_factory.mktemp("misplaced"))
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "shipped":
            speed_up(patch, shipped_rulebook)
            kinds, where, rulebook = shipped_kinds(), (), shipped_rulebook
        else:
            borrower = {
                "name": "borrower", "physicalName": "Borrower", "logicalType": "string", "classification": "restricted"
            }  # fmt: skip
            columns = [*library.columns(notes={"logicalTypeOptions": {"maxLength": 60}}), borrower]
            contracts = library.directory(library.contract(columns=columns, custom={"identification": IDENTIFIED}))
            rulebook = load_rulebook(contracts)
            patch.setattr(import_module("probation_etl.runs.conclusion"), "release_checks", lambda *_: [])
            patch.setattr(import_module("probation_etl.runs.run"), "load_rulebook", lambda _: rulebook)
            kinds, where = lending_kinds(library), ("--contracts", contracts)
        for kind in kinds:
            for _, sent in placed(kind):
                place.put(*sent.written())
        words = (*place.arguments, *where, "--annotated")
        ran = Ran(
            place, [command("--log-format", "json", "-vv", *words, "--json"), command("-vv", *words)], where, rulebook
        )
        yield ran


def leaked(text: str) -> list[str]:
    return sorted({text[max(0, found.start() - 60) : found.end() + 20] for found in CANARY.finditer(text)})


def test_nothing_that_a_run_says_shows_one(ran: Ran) -> None:
    assert [outcome.code for outcome in ran.outcomes] == [1, 0]
    for outcome in ran.outcomes:
        assert leaked(outcome.out + outcome.err) == []
    assert '"level": "info"' in ran.outcomes[0].err


def test_no_report_and_no_name_of_a_report_shows_one(ran: Ran) -> None:
    files = [path for path in ran.place.reports.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"index.html", "findings.csv", "run.json", "junit.xml", "findings.sarif"}
    assert leaked("\n".join(str(path) for path in files)) == []
    shown = {path: leaked(path.read_text(encoding="utf-8")) for path in files if path.suffix != ".xlsx"}
    assert {path: found for path, found in shown.items() if found} == {}
    for path in files:
        if path.suffix == ".xlsx":
            parts = WorkbookParts(path)
            assert leaked(repr(parts.sheets["Findings"].texts)) == []
            assert [
                leaked(repr(sheet.comments)) for sheet in parts.sheets.values() if leaked(repr(sheet.comments))
            ] == []


def test_no_table_but_those_of_rows_holds_one(ran: Ran) -> None:
    rows = (
        "history.", "earlier.", "unified.", "current_rows.", "released.", "released_rows.", "quarantine.rows",
        "received.files",
    )  # fmt: skip
    tables = {name: found for name, found in ran.place.dump().items() if not name.startswith(rows)}
    assert {"ledger.returns", "ledger.runs", "quarantine.findings"} <= set(tables)
    assert {name: leaked(repr(found)) for name, found in tables.items() if leaked(repr(found))} == {}


def test_what_is_let_into_the_released_tables_is_told(ran: Ran) -> None:
    """A free text is not refused for what it looks like, but it is never let in without a word."""
    told = ran.place.rows(
        "SELECT COUNT(DISTINCT return_id) FROM quarantine.findings WHERE code = 'restricted-value-elsewhere' "
        "AND severity = 'warning' AND message NOT LIKE '%731%' AND message LIKE '%9%'"
    )
    assert told[0][0] >= 4
    names = ran.place.rows("SELECT DISTINCT message FROM quarantine.findings WHERE code = 'restricted-value-in-name'")
    assert len(names) >= 2


def test_a_masked_name_is_found_by_the_digits_of_its_content(ran: Ran) -> None:
    named = [row for row in ran.place.rows("SELECT DISTINCT file, sha256 FROM ledger.returns") if "~" in row[0]]
    assert named
    for file, sha256 in named:
        assert f"~{sha256[:8]}." in file


def test_the_same_files_again_are_unchanged(ran: Ran) -> None:
    """A masked name is the same in each run, so that a file is known by it."""
    assert "unchanged" in ran.outcomes[1].out.lower()
    before = ran.place.in_ledger()
    assert ran.place.rows("SELECT COUNT(DISTINCT run_id) FROM ledger.returns") == [(1,)]
    assert before == ran.place.rows("SELECT COUNT(DISTINCT return_id) FROM ledger.returns")[0][0]


def test_status_and_verify_show_none_and_find_the_kept_files(ran: Ran, command: Command) -> None:
    for words in (("status", "--store", ran.place.url), ("store", "verify", ran.place.url)):
        outcome = command("-vv", *words, *ran.where)
        assert outcome.code == 0, outcome
        assert leaked(outcome.out + outcome.err) == []


def test_validate_shows_none_in_any_form(ran: Ran, command: Command, tmp_path: Path) -> None:
    files = sorted(ran.place.inbox.iterdir())[::3]
    book = tmp_path / "checked.xlsx"
    outcome = command("--log-format", "json", "-vv", "validate", "-o", book, *files, *ran.where)
    assert (outcome.code, leaked(outcome.out + outcome.err)) == (1, [])
    parts = WorkbookParts(book)
    assert leaked(repr(parts.sheets["Findings"].texts)) == []
    assert leaked(repr([sheet.comments for sheet in parts.sheets.values()])) == []
    contents = [(path.name, Content.of(path.read_bytes())) for path in files]
    checked = Checked(list(check_files(contents, ran.rulebook)), list)
    for form, ending in FORMS.items():
        target = tmp_path / ("pages" if form == "html" else f"out.{ending}")
        WRITERS[form](checked, target)
        written = [path for path in (target, *target.rglob("*")) if path.is_file()]
        assert written
        assert {path.name: leaked(path.read_text(encoding="utf-8")) for path in written} == {
            path.name: [] for path in written
        }
