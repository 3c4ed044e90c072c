from __future__ import annotations

import gc
import hashlib
import resource
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError

from probation_etl.contracts.findings import Finding
from probation_etl.intake.readers import Grid, read_grids
from probation_etl.intake.result import ReturnResult
from probation_etl.reports.cell_marks import Marks
from probation_etl.reports.spreadsheet_text import LONGEST_CELL
from probation_etl.reports.workbook import Sent, write_workbook
from workbooks import WorkbookParts

if TYPE_CHECKING:
    from conftest import Library

RED, YELLOW = "FFF6D7D2", "FFFFF2D3"
Written = Callable[..., WorkbookParts]
PAYLOADS = (
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", "\r=1+1", "  =1+1", "\u00a0=1+1", "\u200b=1+1", "＝1+1", "＋1", "－1", "＠x",
    "=HYPERLINK(\"http://localhost\")", "=cmd|' /C calc'!A0", "{=1+1}", "−1",
)  # fmt: skip
HOSTILE = (
    "<script>alert(1)</script>", "</t></is></c></row></table>", '"><img onerror=alert(1)>', "<r>x</r>", "<r><t>=1</t></r>",
    "\u202eevil", "_x0041_", "a\x00b\x07c\x1bd", "\ufffe\uffff", "&amp;&lt;", " spaces ", "line\nbreak", "tab\tinside", "😀" * 40,
    "]]>", "'quoted'",
)  # fmt: skip


@pytest.fixture
def written(tmp_path: Path) -> Written:
    def write(result: ReturnResult, grids: list[Grid], **more: Any) -> WorkbookParts:
        write_workbook(tmp_path / "a.xlsx", [Sent(result.file, result.sha256, grids)], [result], **more)
        return WorkbookParts(tmp_path / "a.xlsx")

    return write


def assessed(library: Library, data: bytes) -> tuple[ReturnResult, list[Grid]]:
    result = library.assess(data)
    return result, list(result.source.sheets)


def grid_of(rows: list[list[str | None]], **more: Any) -> Grid:
    width = max(map(len, rows))
    padded = [[*row, *[None] * (width - len(row))] for row in rows]
    return Grid(pl.DataFrame(padded, schema={f"c{at}": pl.String for at in range(width)}, orient="row"), **more)


def plain_result(library: Library) -> ReturnResult:
    """A return that was read, to go with cells that are none of its own."""
    result = library.assess(library.csv(library.row()))
    return replace(result, source=replace(result.source, header=None))


def columns_of(text: str) -> str:
    return text.rstrip("0123456789")


class TestRows:
    """What the supplier sent."""

    def test_are_in_their_own_order_and_columns_at_the_row_numbers_of_the_findings(
        self, library: Library, written: Written
    ) -> None:
        rows = [["Return of March"], [], ["Notes", "Branch", "Loan ref", "Copy", "Team", "Lent on"]]
        rows += [["", "Central", "L0001", "1", "x", "01/03/2024"], [], ["", "South", "L0002", "1", "y", "02/03/2024"]]
        rows += [[], ["Source: the cards"]]
        parts = written(*assessed(library, library.text(*rows)))
        sheet = parts.sheets["B1_loans_2024-03-31"]
        expected = {
            f"{chr(ord('A') + at)}{number}": text
            for number, row in enumerate(rows, 1)
            for at, text in enumerate(row)
            if text
        }
        assert sheet.texts == expected
        assert [place for place, style in sheet.styles.items() if parts.fills[style] == RED] == ["B6"]
        assert sheet.comments["B6"].startswith("Error: ‘South’ is not one of: Central, N (North).\n")

    def test_of_a_workbook_stay_in_their_cells(self, library: Library, written: Written) -> None:
        header = list(library.header)
        row = [library.row(Branch="South")[name] or None for name in header]
        cells = {f"{chr(ord('C') + at)}4": name for at, name in enumerate(header)}
        cells |= {f"{chr(ord('C') + at)}5": text for at, text in enumerate(row) if text}
        data = library.workbook(Loans=cells)
        contract = library.contract(custom={"identification": {"sheet": "Loans"}})
        rulebook = library.rulebook(contract)
        result = library.assess(data, rulebook, name="loans.xlsx")
        parts = written(result, read_grids(data))
        sheet = parts.sheets["Loans"]
        assert sheet.texts == cells
        (finding,) = result.findings.filter(pl.col("row").is_not_null()).to_dicts()
        assert parts.fills[sheet.styles[finding["cell"]]] == RED
        assert finding["cell"] in sheet.comments

    @given(
        texts=st.lists(
            st.lists(
                st.none() | st.sampled_from([*PAYLOADS, *HOSTILE]) | st.text(st.characters(codec="utf-8"), min_size=1, max_size=20),
                min_size=3, max_size=3,
            ),
            min_size=1, max_size=6,
        ),
        first=st.integers(0, 2),
    )  # fmt: skip
    def test_are_text_just_as_they_were(
        self, library: Library, tmp_path_factory: pytest.TempPathFactory, texts: list[list[str | None]], first: int
    ) -> None:
        result, target = plain_result(library), tmp_path_factory.mktemp("any") / "a.xlsx"
        write_workbook(target, [Sent("x.csv", "", [grid_of(texts, first_column=first)])], [result])
        parts = WorkbookParts(target)
        shown = {
            f"{chr(ord('A') + at + first)}{number}": text.replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")
            for number, row in enumerate(texts, 1)
            for at, text in enumerate(row)
            if text is not None
        }
        found = {place: text.replace("\r\n", "\n") for place, text in parts.sheets["x"].texts.items()}
        assert found == {place: text.replace("\r\n", "\n") for place, text in shown.items()}
        assert parts.formulas == 0

    @pytest.mark.parametrize("payload", [each for each in PAYLOADS if not each.startswith("{")], ids=ascii)
    def test_that_could_be_run_carry_the_mark_of_text(self, library: Library, written: Written, payload: str) -> None:
        parts = written(plain_result(library), [grid_of([["harmless", payload]])])
        sheet = next(sheet for name, sheet in parts.sheets.items() if name != "Findings")
        assert sheet.texts["B1"] == payload
        assert parts.quoted[sheet.styles["B1"]]
        assert not parts.quoted[sheet.styles["A1"]]

    def test_a_cell_of_any_length_is_cut_to_what_a_cell_can_hold(self, library: Library, written: Written) -> None:
        long = ["x" * LONGEST_CELL, "x" * (LONGEST_CELL + 1), "😀" * LONGEST_CELL]
        parts = written(plain_result(library), [grid_of([list(long)])])
        sheet = next(sheet for name, sheet in parts.sheets.items() if name != "Findings")
        assert sheet.texts["A1"] == long[0]
        assert sheet.texts["B1"] == "x" * (LONGEST_CELL - 21) + "… (32,768 characters)"
        assert sheet.texts["C1"].endswith("😀… (32,767 characters)")
        assert all(len(text.encode("utf-16-le")) // 2 <= LONGEST_CELL for text in sheet.texts.values())


class TestMarks:
    """Which cells are coloured and commented."""

    def test_errors_and_warnings_differ_and_one_comment_lists_all_findings_of_a_cell(
        self, library: Library, written: Written
    ) -> None:
        rows = [
            library.row(),
            {**library.row(Loan_reference="nonsense"), "Team": "x"},
            library.row(Loan_reference="nonsense"),
        ]
        header = [*library.header, "Team"]
        data = library.text(header, *([row.get(name, "") for name in header] for row in rows))
        parts = written(*assessed(library, data))
        sheet = parts.sheets["B1_loans_2024-03-31"]
        coloured = {place: parts.fills[style] for place, style in sheet.styles.items() if parts.fills[style]}
        assert coloured == {"I1": YELLOW, "A3": RED, "A4": RED}
        assert sheet.comments["I1"].startswith("Warning: The column ‘Team’ is not part of the return")
        assert sheet.comments["A3"].split("\n\n") == [
            "Error: Rows 3, 4 have the same Loan reference, Copy.\nKeep the right row and remove the others.",
            (
                "Error: ‘AAAAAAAA’ is not in the right format: place 1 is not ‘L’, but a small letter; there are 8 characters, "
                "and 5 are due.\nCopy it from the card."
            ),
        ]

    def test_an_empty_cell_is_coloured_too(self, library: Library, written: Written) -> None:
        parts = written(*assessed(library, library.csv(library.row(Branch=""))))
        sheet = parts.sheets["B1_loans_2024-03-31"]
        assert "C2" not in sheet.texts
        assert parts.fills[sheet.styles["C2"]] == RED
        assert sheet.comments["C2"] == "Error: ‘Branch’ is empty.\nFill in the cell."

    def test_of_a_broken_row_all_cells_are_coloured_and_the_first_is_commented(
        self, library: Library, written: Written
    ) -> None:
        data = library.csv(library.row()) + b"L0002,1,Central\n"
        parts = written(*assessed(library, data))
        sheet = parts.sheets["B1_loans_2024-03-31"]
        assert {place for place, style in sheet.styles.items() if parts.fills[style] == RED} == {"A3", "B3", "C3"}
        assert list(sheet.comments) == ["A3"]

    def test_the_first_of_two_columns_of_one_name_is_the_one_that_was_read(self, library: Library) -> None:
        header = ("Extra", "Branch", "Copy", "Branch", "Loan reference", "Lent on")
        row = ("a", "South", "1", "Central", "L0001", "01/03/2024")
        result, (grid,) = assessed(library, library.text(header, row))
        marks = Marks(grid, result.source.header)
        cells = {each["rule"]: marks.add(Finding(**each)) for each in result.findings.to_dicts()}
        assert cells["branch|enum"] == "B2"
        assert cells["branch|once"] == "B1"
        assert set(marks.by_row[0]) == {0, 1, 3}

    def test_a_finding_of_the_file_leads_to_no_cell(self, library: Library) -> None:
        result, (grid,) = assessed(library, library.csv(library.row()))
        finding = Finding("control-total", "m", hint="h")
        assert Marks(grid, result.source.header).add(finding) is None

    def test_without_a_header_nothing_is_marked(self, library: Library, written: Written) -> None:
        result, grids = assessed(library, b"nothing,known\n1,2\n")
        assert result.verdict == "rejected"
        parts = written(result, grids)
        assert parts.sheets["B1_loans_2024-03-31"].comments == {}
        assert parts.sheets["B1_loans_2024-03-31"].texts == {"A1": "nothing", "B1": "known", "A2": "1", "B2": "2"}


class TestList:
    """The sheet of findings."""

    def test_each_line_leads_to_its_cell(self, library: Library, written: Written) -> None:
        rows = [
            library.row(),
            library.row(Loan_reference="L0002", Branch="South"),
            library.row(Loan_reference="L0003", Copy="0"),
        ]
        parts = written(*assessed(library, library.csv(*rows)))
        assert list(parts.sheets) == ["Findings", "B1_loans_2024-03-31"]
        sheet = parts.sheets["Findings"]
        columns = {columns_of(place): [] for place in sheet.texts}
        for place, text in sheet.texts.items():
            columns[columns_of(place)].append(text)
        assert columns["A"][0] == "Findings"
        assert "partly accepted. Rows read 3, accepted 1, set aside 2. Errors 2, warnings 0." in columns["A"][1]
        assert [sheet.texts[place] for place in sheet.links] == ["C3", "B4"]
        assert list(sheet.links.values()) == ["'B1_loans_2024-03-31'!C3", "'B1_loans_2024-03-31'!B4"]
        assert "‘South’ is not one of: Central, N (North)." in columns["G"]
        assert sheet.attribute("autoFilter", "ref") == "A4:J6"
        assert parts.sheets["B1_loans_2024-03-31"].attribute("autoFilter", "ref") == "A1:H4"
        assert parts.sheets["B1_loans_2024-03-31"].attribute("pane", "topLeftCell") == "A2"

    def test_the_list_says_that_values_are_masked_where_they_are(self, library: Library, written: Written) -> None:
        masked = "each letter is shown as A and each digit as 9"
        assert masked in repr(
            written(*assessed(library, library.csv(library.row(Loan_reference="X")))).sheets["Findings"].texts
        )
        others = written(*assessed(library, library.csv(library.row(Branch="South")))).sheets["Findings"].texts
        assert masked not in repr(others)
        empty = written(*assessed(library, library.csv(library.row(Loan_reference="")))).sheets["Findings"].texts
        assert masked not in repr(empty)

    def test_notes_below_the_data_are_not_filtered(self, library: Library, written: Written) -> None:
        data = library.csv(library.row()) + b"\nSource: the cards\n"
        assert written(*assessed(library, data)).sheets["B1_loans_2024-03-31"].attribute("autoFilter", "ref") == "A1:H2"

    def test_a_good_return_says_so(self, library: Library, written: Written) -> None:
        texts = written(*assessed(library, library.csv(library.row()))).sheets["Findings"].texts.values()
        assert "No errors or warnings were found." in texts

    @pytest.mark.parametrize("value", [*PAYLOADS, *HOSTILE], ids=ascii)
    def test_a_value_neither_runs_nor_breaks_it(self, library: Library, written: Written, value: str) -> None:
        result = library.assess(library.csv(library.row(Branch=value)))
        parts = written(result, [grid_of([["x"]])])
        sheet = parts.sheets["Findings"]
        values = [
            (text, parts.quoted[sheet.styles[place]]) for place, text in sheet.texts.items() if columns_of(place) == "F"
        ]
        # The reader takes a value that is white space for none.
        kept = result.findings["value"].drop_nulls().to_list()
        expected = [each.replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff") for each in kept]
        assert values[1:] == [(each, True) for each in expected]
        assert parts.formulas == 0


class TestLimits:
    """What a workbook cannot hold is left out, with a note."""

    def many(self, library: Library, count: int) -> tuple[ReturnResult, list[Grid]]:
        rows = (library.row(Loan_reference=f"L{at:04}", Branch="South") for at in range(count))
        return assessed(library, library.csv(*rows))

    def test_links(self, library: Library, written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(import_module("probation_etl.reports.workbook_list"), "MOST_LINKS", 3)
        sheet = written(*self.many(library, 5)).sheets["Findings"]
        assert len(sheet.links) == 3
        assert "The first 3 of 5 cells are linked: a sheet holds no more links." in sheet.texts.values()
        assert [text for place, text in sheet.texts.items() if columns_of(place) == "B"] == [
            "Where",
            "C2",
            "C3",
            "C4",
            "C5",
            "C6",
        ]

    def test_comments(self, library: Library, written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(import_module("probation_etl.reports.workbook_rows"), "MOST_COMMENTS", 2)
        parts = written(*self.many(library, 5))
        sheet = parts.sheets["B1_loans_2024-03-31"]
        assert list(sheet.comments) == ["C2", "C3"]
        assert sum(1 for style in sheet.styles.values() if parts.fills[style] == RED) == 5
        said = "On ‘B1_loans_2024-03-31’ 5 cells are marked; the first 2 of them have a comment."
        assert said in parts.sheets["Findings"].texts.values()

    def test_rows(self, library: Library, written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
        for module in ("workbook_list", "workbook_rows"):
            monkeypatch.setattr(import_module(f"probation_etl.reports.{module}"), "MOST_ROWS", 10)
        parts = written(*self.many(library, 30))
        sheet, listed = parts.sheets["B1_loans_2024-03-31"], parts.sheets["Findings"]
        assert {int(place.lstrip("ABCDEFGH")) for place in sheet.texts} == set(range(1, 11))
        assert max(int(place.lstrip("ABCDEFGHIJ")) for place in listed.texts) <= 10
        texts = list(listed.texts.values())
        assert "‘B1_loans_2024-03-31’ shows the first 10 of 31 rows: a sheet holds no more." in texts
        room = sum(1 for place, text in listed.texts.items() if columns_of(place) == "B") - 1
        said = next(text for text in texts if text.startswith("The first ") and "findings are listed" in text)
        assert said.startswith(f"The first {room} of 30 findings")

    def test_findings(self, library: Library, written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(import_module("probation_etl.reports.workbook"), "MOST_FINDINGS", 4)
        parts = written(*self.many(library, 6))
        sheet, listed = parts.sheets["B1_loans_2024-03-31"], parts.sheets["Findings"]
        assert sum(1 for style in sheet.styles.values() if parts.fills[style] == RED) == len(listed.links) == 4
        said = "The first 4 of 6 findings are listed and marked: the CSV of findings holds all."
        assert said in listed.texts.values()

    def test_rows_that_are_not_held(self, library: Library, written: Written) -> None:
        result, _ = self.many(library, 3)
        sheet = written(replace(result, source=replace(result.source, grid=None)), []).sheets["Findings"]
        assert "The rows of B1_loans_2024-03-31.csv are not shown: the file is too large." in sheet.texts.values()
        assert sum(columns_of(place) == "G" for place in sheet.texts) == 1 + 3

    @pytest.mark.parametrize(
        ("wanted", "shown"),
        [
            ("a" * 40, "a" * 31), ("q/1:[x]?*\\", "q_1__x____"), ("'Loans'", "Loans"), ("History", "History (2)"),
            ("Findings", "Findings"), ("a\x00b\ufffe", "a_b_"), ("''", "Return"), ("x#y!z", "x#y!z"), ("😀" * 20, "😀" * 15),
        ],
    )  # fmt: skip
    def test_names_of_sheets(self, library: Library, written: Written, wanted: str, shown: str) -> None:
        result = library.assess(library.csv(library.row(Branch="South")))
        assert result.source.grid is not None
        grid = Grid(result.source.grid.cells, sheet=wanted)
        parts = written(replace(result, source=replace(result.source, sheet=wanted, grid=grid)), [grid])
        assert list(parts.sheets)[1] == shown
        assert next(iter(parts.sheets)) == ("Findings (2)" if shown == "Findings" else "Findings")
        (place,) = parts.sheets[next(iter(parts.sheets))].links.values()
        assert place.replace("''", "'").endswith("!C2")
        assert place.removesuffix("!C2").strip("'") == shown

    def test_sheets_of_two_files_with_one_name_have_two(self, library: Library, tmp_path: Path) -> None:
        grids = [grid_of([["x"]], sheet="Loans")]
        target = tmp_path / "a.xlsx"
        write_workbook(target, [Sent("a.xlsx", "1", grids), Sent("b.xlsx", "2", grids), Sent("c.xlsx", "3", [])], [])
        assert list(WorkbookParts(target).sheets) == ["Findings", "Loans", "Loans (2)"]


@given(names=st.lists(st.text(st.characters(codec="utf-8"), max_size=40), min_size=1, max_size=3))
def test_sheets_of_any_name_can_be_written(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    target = tmp_path_factory.mktemp("names") / "a.xlsx"
    grids = [grid_of([[str(at)]], sheet=name) for at, name in enumerate(names)]
    write_workbook(target, [Sent("a.xlsx", "1", grids)], [])
    shown = list(WorkbookParts(target).sheets)
    assert len({name.lower() for name in shown}) == len(names) + 1
    assert all(0 < len(name.encode("utf-16-le")) // 2 <= 31 for name in shown)


def test_the_same_return_makes_the_same_bytes(library: Library, tmp_path: Path) -> None:
    result, grids = assessed(library, library.csv(library.row(Branch="South")))
    digests = set()
    for name in ("a.xlsx", "b.xlsx"):
        write_workbook(tmp_path / name, [Sent(result.file, result.sha256, grids)], [result])
        digests.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert len(digests) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.xlsx", "b.xlsx"]
    assert (tmp_path / "a.xlsx").stat().st_mode & 0o777 == 0o600


def test_a_directory_that_is_not_there_is_an_error_of_the_system(library: Library, tmp_path: Path) -> None:
    result, grids = assessed(library, library.csv(library.row()))
    with pytest.raises(OSError, match="No such file"):
        write_workbook(tmp_path / "no" / "a.xlsx", [Sent(result.file, result.sha256, grids)], [result])


@pytest.mark.parametrize("cause", ["no word of the system", OSError("no word of the system")], ids=["text", "bare"])
def test_whatever_keeps_it_from_being_written_is_said(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cause: str | OSError
) -> None:
    result, grids = assessed(library, library.csv(library.row()))

    close = Workbook.close

    def fail(book: Workbook) -> None:
        close(book)
        raise FileCreateError(cause)

    monkeypatch.setattr(Workbook, "close", fail)
    with pytest.raises(OSError, match="no word of the system") as raised:
        write_workbook(tmp_path / "a.xlsx", [Sent(result.file, result.sha256, grids)], [result])
    assert raised.value.strerror == "no word of the system"
    assert list(tmp_path.iterdir()) == []


def test_a_sheet_may_be_larger_than_archives_could_once_hold(
    library: Library, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zipfile.ZIP64_LIMIT", 1_000)
    listing, own = written(*assessed(library, library.csv(library.row(Branch="South")))).sheets.values()
    assert listing.links
    assert "South" in own.texts.values()


@pytest.mark.parametrize("room", [1, 2_000, 6_000])
def test_a_disk_that_is_full_is_an_error_of_the_system_and_nothing_else_is_said(
    library: Library, tmp_path: Path, room: int
) -> None:
    """What the library clears away later must not fail again: a traceback of that would reach the user."""
    result, grids = assessed(library, library.csv(*(library.row(Branch=f"South {at}") for at in range(300))))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    said: list[Any] = []
    hook, sys.unraisablehook = sys.unraisablehook, said.append
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large") as raised:
            write_workbook(tmp_path / "a.xlsx", [Sent(result.file, result.sha256, grids)], [result])
        del raised
        gc.collect()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        sys.unraisablehook = hook
    # Only developers get the warning that a file was closed late.
    assert [each for each in said if each.exc_type is not ResourceWarning] == []
    assert list(tmp_path.iterdir()) == []
