"""``contract draft``: a contract from sample files that accepts them, refuses faults, and holds no value of a person."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest

import probation_etl as pe
from loan_samples import ENDS, HEADERS, LIBRARIES, PEOPLE, csv_of, loans, workbook_of, write_loans
from places import SAMPLE_DATA, Outcome
from probation_etl.contracts.model import Column, ReturnContract

Command = Callable[..., Outcome]
RETURNS = SAMPLE_DATA / "annexe_2"
#: Kinds of faults, each with the finding that it makes.
CODES = {
    "missing": "missing-value",
    "type": "not-",
    "list": "not-in-list",
    "pattern": "wrong-pattern",
    "range": "out-of-range",
}


def planted(column: Column) -> Iterator[tuple[str, str]]:
    """A fault of each kind that a column can have, and the text that makes it."""
    if column.required:
        yield "missing", ""
    if column.type not in ("string", "boolean"):
        yield "type", "not so"
    if column.minimum == 0:
        yield "range", "-1"
    if column.labels:
        yield "list", "Something else"
    if column.pattern:
        yield "pattern", "?"


def in_csv(path: Path, header: str, text: str) -> bytes:
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
    rows[-1][rows[0].index(header)] = text
    return csv_of(rows)


def in_workbook(path: Path, sheet: str, contract: ReturnContract, column: Column, text: str) -> bytes:
    book = openpyxl.load_workbook(path)
    cells = book[sheet]
    names = {" ".join(str(name).split()).casefold() for name in (column.header, *column.synonyms)}
    found = next(
        cell for row in cells.iter_rows() for cell in row if " ".join(str(cell.value).split()).casefold() in names
    )
    cells.cell(found.row + 1, found.column).value = float(text) if text == "-1" else text or None
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def codes_of(result: pe.ReturnResult) -> set[str]:
    return set(result.findings.filter(pl.col("severity") == "error")["code"])


@pytest.mark.parametrize("kind", ["caseload", "breaches", "suspended_breaches"])
def test_of_extracts_it_accepts_them_and_refuses_what_is_planted(command: Command, tmp_path: Path, kind: str) -> None:
    files = sorted(RETURNS.glob(f"N5[025]_{kind}_*.csv" if kind == "breaches" else f"N5*_{kind}_*.csv"))
    draft = tmp_path / "draft.odcs.yaml"
    made = command("contract", "draft", *files, "-o", draft)
    assert (made.code, made.out) == (0, ""), made
    assert f"1 contract(s) drafted: {len(files)} of {len(files)} return(s) accepted" in made.err
    assert made.err.endswith("0 not proved.\n")
    checked = command("validate", *files, "--contracts", tmp_path)
    assert (checked.code, checked.out.splitlines()[-1]) == (0, f"{len(files)} returns: {len(files)} accepted")
    _refuses(draft, lambda column, text: in_csv(files[-1], column.header, text), set(CODES))


def test_of_workbooks_there_is_a_contract_for_each_sheet(command: Command, tmp_path: Path) -> None:
    files = [RETURNS / f"{code}_return_{end}.xlsx" for code, end in (("C07", "2020-09-28"), ("C16", "2020-09-28"))]
    made = command("contract", "draft", *files, "-o", tmp_path / "drafts")
    assert made.code == 0, made
    assert "3 contract(s) drafted: 6 of 6 return(s) accepted" in made.err
    for path in sorted((tmp_path / "drafts").iterdir()):
        contract = pe.load_contract(path)
        assert isinstance(contract, ReturnContract)
        identification = contract.identification
        assert identification.cover is not None
        assert set(identification.cover.labels) == {
            "supplier_code", "supplier_name", "period_start", "period_end", "control_rows",
        }  # fmt: skip
        sheet = str(identification.sheet)
        kinds = {"missing", "type"} | (set(CODES) if sheet == "Breaches" else set())
        _refuses(
            path,
            lambda column, text, sheet=sheet, contract=contract: in_workbook(files[-1], sheet, contract, column, text),
            kinds,
        )


def _refuses(draft: Path, damaged: Callable[[Column, str], bytes], kinds: set[str]) -> None:
    """One fault of each kind is planted, and found where it is."""
    contract = pe.load_contract(draft)
    found: set[str] = set()
    for column in contract.columns:
        for kind, text in planted(column):
            if kind in found:
                continue
            result = pe.validate(damaged(column, text), contract, supplier_code="N99", period_end=date(2020, 9, 28))
            told = result.findings.filter(pl.col("rule").str.starts_with(f"{column.name}|"))["code"].to_list()
            assert any(code.startswith(CODES[kind]) for code in told), (column.name, kind, told)
            found.add(kind)
    assert found >= kinds


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_loans(tmp_path_factory.mktemp("loans"))


def test_nothing_of_a_person_is_in_a_draft(command: Command, files: list[Path]) -> None:
    made = command("-q", "contract", "draft", *files)
    assert (made.code, made.err) == (0, "")
    assert [text for text in (*PEOPLE, "L0", "L2", "2020-03-31") if text in made.out] == []
    assert "- value: Disc" in made.out
    assert "shape A99999 in 180 of 180 cells" in made.out
    assert made.out == pe.draft_contract([*files]).contracts["loans"]


def test_order_of_day_and_month_is_asked_for_where_nothing_tells_it(command: Command, tmp_path: Path) -> None:
    days = [date(2020, month, day) for month in (1, 2, 3) for day in (4, 5, 6, 7)]
    path = tmp_path / "LEEDS_visits_2020-12-31.csv"
    path.write_bytes(csv_of([("Day", "Visitors"), *((day, at) for at, day in enumerate(days))], delimiter=";"))
    made = command("contract", "draft", path)
    assert made.code == 0
    assert (
        "# Question: Is the day or the month first? All 12 different texts can be read as dd/MM/yyyy and as MM/dd/yyyy."
        in made.out
    )
    assert r"pattern: '^\d{2}/\d{2}/\d{4}$'" in made.out
    assert "logicalType: date" not in made.out
    # Another column tells it.
    path.write_bytes(csv_of([("Day", "Until"), *((day, date(2020, day.month, day.day + 20)) for day in days)]))
    made = command("contract", "draft", path)
    assert made.out.count("format: dd/MM/yyyy") == 2
    assert "the day first, as other columns show; this one alone does not tell" in made.out
    # The draft of an American sample has its form.
    path.write_bytes(
        csv_of([("Day", "Until"), *((day, date(2020, day.month, day.day + 20)) for day in days)], form="%m/%d/%Y")
    )
    assert command("contract", "draft", path).out.count("format: MM/dd/yyyy") == 2


def test_workbooks_tell_their_cover_and_what_is_not_read(command: Command, tmp_path: Path) -> None:
    made = []
    for library in LIBRARIES:
        for at, end in enumerate(ENDS):
            rows = loans(library, end, 20 + at)
            cover = [["Loans of a library"], ["Library code", library], ["Period end", end], ["Rows", len(rows)]]
            sheets = {
                "Front": cover,
                "Loans": [["Sent monthly"], [], HEADERS, *rows],
                "How to": [["Fill in every row."]],
                "Lists": [["B"]],
            }
            made.append(tmp_path / f"{library} {end}.xlsx")
            made[-1].write_bytes(workbook_of(sheets, hidden=["Lists"]))
    found = command("contract", "draft", *made, "--id", "lent", "-o", tmp_path / "lent.odcs.yaml")
    assert found.code == 0, found
    assert "6 of 6 return(s) accepted, 123 of 123 row(s)" in found.err
    contract = pe.load_contract(tmp_path / "lent.odcs.yaml")
    assert isinstance(contract, ReturnContract)
    cover = contract.identification.cover
    assert contract.identification.sheet == "Loans"
    assert cover is not None
    assert (cover.sheet, cover.labels) == (
        "Front",
        {"supplier_code": "Library code", "period_end": "Period end", "control_rows": "Rows"},
    )
    assert contract.layout.not_read.sheets == ("How to", "Lists")
    assert contract.key == ("loan_number",)
    text = (tmp_path / "lent.odcs.yaml").read_text(encoding="utf-8")
    assert "the header is in row 3" in text
    assert [person for person in PEOPLE if person in text] == []


def test_a_sender_who_is_known_by_name_alone_is_accepted_and_told_of(command: Command, tmp_path: Path) -> None:
    cover = [["Library", "Leeds Libraries"], ["Period end", ENDS[0]], ["Pages", 3]]
    path = tmp_path / "loans of march.xlsx"
    path.write_bytes(
        workbook_of({"Front": cover, "Visits": [["Day", "Visitors"], *([ENDS[0], at] for at in range(12))]})
    )
    made = command("contract", "draft", path)
    assert made.code == 0, made
    assert (
        "supplierName: Library  # told by its words alone; names are looked up in the reference table organisations"
        in made.out
    )


def test_instructions_and_totals_are_left_out(command: Command, tmp_path: Path) -> None:
    rows = [*loans("LEEDS", ENDS[0]), ["Total", *[""] * 4, "12.30", 44, "", ""]]
    told = ["as on the card", "", "choose one", "dd/mm/yyyy", "dd/mm/yyyy", "pounds", "how many", "true or false", ""]
    path = tmp_path / "LEEDS_loans_2020-03-31.csv"
    path.write_bytes(csv_of([HEADERS, told, *rows]))
    made = command("contract", "draft", path)
    assert made.code == 0, made
    assert "30 of 30 row(s)" in made.err
    assert "- name: instructions  # texts above numbers and days in 1 of 1 files with rows" in made.out
    assert "matches: '(grand |sub ?-?)?totals?( .*|:.*)?'" in made.out
    assert "as on the card" not in made.out


def test_tables_in_memory_and_other_kinds_of_files_are_samples_too(tmp_path: Path) -> None:
    rows = loans("HULL", ENDS[0])
    frame = pl.DataFrame(
        {name: [str(row[at]) if at != 6 else row[at] for row in rows] for at, name in enumerate(HEADERS)}
    )
    made = pe.draft_contract([frame], id="loans")
    assert made.accepts_all
    frame.write_parquet(tmp_path / "HULL_loans_2020-03-31.parquet")
    drafted = pe.draft_contract(tmp_path / "HULL_loans_2020-03-31.parquet")
    assert drafted.accepts_all
    assert set(drafted.contracts) == {"loans"}
    assert "Only one supplier is among the files." in drafted.contracts["loans"]


def test_what_cannot_be_drafted_from_is_said(command: Command, files: list[Path], tmp_path: Path) -> None:
    empty, numbers, other = tmp_path / "empty.csv", tmp_path / "numbers.csv", tmp_path / "other.csv"
    empty.write_bytes(b"")
    numbers.write_bytes(b"1,2\n3,4\n")
    other.write_bytes(b"Loan number,Shelf,Room\n1,2,3\n")
    people = tmp_path / "people.csv"
    people.write_bytes(b"Ann Ash,Leeds\nBob Birch,York\nCyd Cox,Leeds\n")
    picture = tmp_path / "picture.csv"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n")
    for each, why in (
        (empty, "The file is empty"), (numbers, "no row at the top looks like a header"),
        (people, "no row at the top looks like a header"), (picture, "The file is a picture"),
    ):  # fmt: skip
        command("contract", "draft", each).refused(2, f"Nothing can be drafted from {each.name}", why)
    command("contract", "draft", files[0], other).refused(
        2, "other.csv has 1 of the 9 columns of LEEDS_loans_2020-03-31.csv"
    )
    command("contract", "draft", tmp_path / "nothing.csv").refused(2, "does not exist")
    command("contract", "draft", tmp_path).refused(2, "is a directory")
    command("contract", "draft", files[0], files[0]).refused(2, "Two of the files are named LEEDS_loans_2020-03-31.csv")
    command("contract", "draft", files[0], "--id", "a/b").refused(2, "cannot be the id of a contract")
    command("contract", "draft", files[0], "-o", tmp_path / "draft.yaml").refused(
        2, "Names of contracts end in .odcs.yaml"
    )
    kept = tmp_path / "kept.odcs.yaml"
    kept.write_text("mine", encoding="utf-8")
    command("contract", "draft", files[0], "-o", kept).refused(2, "already exists", "--force")
    assert kept.read_text(encoding="utf-8") == "mine"
    assert command("contract", "draft", files[0], "-o", kept, "--force").code == 0


def test_a_sample_that_no_contract_accepts_ends_with_1(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "LEEDS_loans_2020-03-31.csv"
    rows = loans("LEEDS", ENDS[0])
    rows[3][8] = "###"
    path.write_bytes(csv_of([HEADERS, *rows]))
    made = command("contract", "draft", path)
    assert made.code == 1
    assert "LEEDS_loans_2020-03-31.csv: partly accepted, 29 of 30 rows accepted (1 damaged-value)" in made.err


def test_moments_lengths_commas_and_units_are_drafted_as_the_language_says_them(
    command: Command, tmp_path: Path
) -> None:
    path = tmp_path / "HULL_desk_2020-03-31.csv"
    rows = [
        (f"V{at:03d}", f"{1 + at * 2:02d}/03/2020 09:{at:02d}", f"{20 + at}:05", f"1.{at:03d},50", f"{at} km", "[c]" if at % 3 else f"{at} [r]")
        for at in range(14)
    ]  # fmt: skip
    path.write_bytes(csv_of([("Visit id", "Began", "Took", "Cost", "Way", "Books"), *rows], delimiter=";"))
    made = command("contract", "draft", path, "-o", tmp_path / "desk.odcs.yaml")
    assert made.code == 0, made
    assert "14 of 14 row(s)" in made.err
    contract = pe.load_contract(tmp_path / "desk.odcs.yaml")
    types = [column.type for column in contract.columns]
    assert types == ["string", "timestamp", "duration", "number", "integer", "integer"]
    assert contract.column("began").formats == ("dd/MM/yyyy HH:mm",)
    assert (contract.column("cost").decimal_separator, contract.column("cost").thousands_separator) == (",", ".")
    assert contract.column("way").unit_texts == ("km",)
    assert (contract.column("books").shorthand, contract.column("books").markers) == (("c",), ("r",))
