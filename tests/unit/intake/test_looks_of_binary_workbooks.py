"""What binary workbooks show besides what they store: old ones (``.xls``), and those of the later form (``.xlsb``)."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pytest

from probation_etl.intake.readers import Grid, Otherwise, read_grids
from probation_etl.intake.readers.looks.binary import short_number
from probation_etl.intake.readers.looks.xls_texts import inline_text, rich_strings

FIXTURES = Path(__file__).parents[2] / "fixtures"
HOWS = [
    Otherwise.PER_CENT, Otherwise.FORMAT, Otherwise.FORMAT, Otherwise.TIME, Otherwise.DATE_PART, Otherwise.FORMAT,
    Otherwise.FORMAT, Otherwise.ROUNDED, Otherwise.FORMAT, *[None] * 7, Otherwise.RAISED, Otherwise.RAISED,
]  # fmt: skip


@pytest.mark.parametrize("form", ["xlsx", "xls", "ods"])
def test_every_form_of_a_workbook_shows_the_same(form: str) -> None:
    (grid,) = read_grids((FIXTURES / f"shown-otherwise.{form}").read_bytes())
    told = grid.cells["c1"].to_list()
    expected = [(row, 0, told[row], how) for row, how in enumerate(HOWS) if how]
    assert grid.shown.rows() == expected
    assert (grid.hidden_rows, grid.hidden_columns) == ((2, 4), (2,))


# Workbooks of the later binary form, which no library writes


def record(kind: int, body: bytes = b"") -> bytes:
    """Type and length in bytes of seven bits, then the body."""
    head = bytes([kind]) if kind < 128 else bytes([(kind & 0x7F) | 0x80, kind >> 7])
    size = len(body)
    return head + (bytes([size]) if size < 128 else bytes([(size & 0x7F) | 0x80, size >> 7])) + body


def wide(words: str) -> bytes:
    return struct.pack("<I", len(words)) + words.encode("utf-16-le")


def rich(text: str, *runs: tuple[int, int]) -> bytes:
    packed = b"".join(struct.pack("<HH", *run) for run in runs)
    return bytes([1 if runs else 0]) + wide(text) + (struct.pack("<I", len(runs)) + packed if runs else b"")


def font(script: int) -> bytes:
    return record(43, struct.pack("<HHHHBBBB", 220, 0, 400, script, 0, 2, 0, 0) + bytes(8) + b"\2" + wide("Calibri"))


def style(code: int, font: int = 0) -> bytes:
    return record(47, struct.pack("<HHH", 0, code, font) + bytes(10))


def row(number: int, *cells: bytes, flags: int = 0, height: int = 300) -> bytes:
    return record(0, struct.pack("<IIHBB", number, 0, height, 0, flags) + bytes(5)) + b"".join(cells)


def cell(kind: int, column: int, style: int, value: bytes) -> bytes:
    return record(kind, struct.pack("<II", column, style) + value)


def real(column: int, style: int, value: float) -> bytes:
    return cell(5, column, style, struct.pack("<d", value))


STYLES = (
    record(278)
    + record(615, struct.pack("<I", 1))
    + record(44, struct.pack("<H", 164) + wide('"X"000000'))
    + record(44, struct.pack("<H", 165) + wide(";;;"))
    + record(616)
    + record(611, struct.pack("<I", 3))
    + font(0) + font(1) + font(2)
    + record(612)
    + record(626, struct.pack("<I", 1)) + style(0) + record(627)
    + record(617, struct.pack("<I", 7))
    + style(0) + style(9) + style(164) + style(17) + style(14) + style(0, 1) + style(165)
    + record(618)
    + record(279)
)  # fmt: skip
GENERAL, PER_CENT, REFERENCE, MONTH, DAY, RAISED, UNSEEN = range(7)
STRINGS = (
    record(159, struct.pack("<II", 3, 3))
    + b"".join(record(19, each) for each in (rich("plain"), rich("4201", (3, 1)), rich("H2O", (1, 2), (2, 0))))
    + record(160)
)


def xlsb(rows: bytes, columns: bytes = b"", *, from_1904: bool = False) -> Grid:
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    types = ("worksheet", "styles", "sharedStrings")
    targets = ("worksheets/sheet1.bin", "styles.bin", "sharedStrings.bin")
    one = '<Relationship Id="rId{}" Type="' + office + '/{}" Target="{}"/>'
    links = f'<Relationships xmlns="{package}/relationships">{{}}</Relationships>'
    kinds = f'<Types xmlns="{package}/content-types"><Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/></Types>'
    listed = record(156, bytes(4) + struct.pack("<I", 1) + wide("rId1") + wide("Loans"))
    book = (
        record(131)
        + record(153, bytes([from_1904]) + bytes(7))
        + record(143)
        + listed
        + record(144)
        + record(157, bytes(26))
        + record(132)
    )
    parts = {
        "[Content_Types].xml": kinds.encode(),
        "_rels/.rels": links.format(one.format(1, "officeDocument", "xl/workbook.bin")).encode(),
        "xl/workbook.bin": book,
        "xl/_rels/workbook.bin.rels": links.format(
            "".join(one.format(at, *each) for at, each in enumerate(zip(types, targets, strict=True), start=1))
        ).encode(),
        "xl/styles.bin": STYLES,
        "xl/sharedStrings.bin": STRINGS,
        "xl/worksheets/sheet1.bin": record(129)
        + record(148, bytes(16))
        + columns
        + record(145)
        + rows
        + record(146)
        + record(130),
    }
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    (grid,) = read_grids(target.getvalue())
    return grid


def test_cells_of_the_binary_form_shown_otherwise_are_told() -> None:
    grid = xlsb(
        row(2, real(1, PER_CENT, 0.28), real(2, GENERAL, 0.28), real(3, DAY, 44075))
        + row(3, real(1, REFERENCE, 101001), real(2, MONTH, 44075), cell(2, 3, PER_CENT, struct.pack("<I", 28 << 2 | 3)))
        + row(4, *(cell(7, at, GENERAL, struct.pack("<I", at)) for at in range(3)))
        + row(5, cell(6, 1, RAISED, wide("12")), cell(6, 2, UNSEEN, wide("note")))
        + row(6, cell(9, 0, PER_CENT, struct.pack("<dHI", 0.5, 0, 0) + bytes(4)))
    )  # fmt: skip
    assert grid.shown.rows() == [
        (2, 1, "28%", Otherwise.PER_CENT),
        (3, 1, "X101001", Otherwise.FORMAT),
        (3, 2, "Sep-20", Otherwise.DATE_PART),
        (3, 3, "28%", Otherwise.PER_CENT),
        (4, 1, "420¹", Otherwise.RAISED),
        (4, 2, "H₂O", Otherwise.RAISED),
        (5, 1, "¹²", Otherwise.RAISED),
        (5, 2, "", Otherwise.FORMAT),
        (6, 0, "50%", Otherwise.PER_CENT),
    ]


def test_hidden_rows_and_columns_of_the_binary_form_are_told() -> None:
    filled = tuple(real(at, GENERAL, at) for at in range(4))
    hidden = record(60, struct.pack("<IIIIH", 1, 2, 2_560, 0, 1))
    thin = record(60, struct.pack("<IIIIH", 3, 3, 0, 0, 2))
    seen = record(60, struct.pack("<IIIIH", 0, 0, 2_560, 0, 2))
    grid = xlsb(
        row(0, *filled)
        + row(1, *filled, flags=0x10)
        + row(2, *filled, flags=0x20)
        + row(3, *filled, flags=0x20, height=0)
        + row(4, flags=0x10)
        + row(5, *filled),
        record(390) + seen + hidden + thin + record(391),
    )
    assert (grid.hidden_rows, grid.hidden_columns) == ((1, 3), (1, 2, 3))


def test_the_binary_form_may_count_days_from_1904() -> None:
    grid = xlsb(row(0, real(0, MONTH, 44075 - 1462)), from_1904=True)
    assert grid.shown.rows() == [(0, 0, "Sep-20", Otherwise.DATE_PART)]


# Pieces of the old form


@pytest.mark.parametrize(
    ("packed", "number"),
    [
        (28 << 2 | 2, 28.0),
        (28 << 2 | 3, 0.28),
        ((-5 << 2 | 2) & 0xFFFFFFFF, -5.0),
        (0x3FF80000, 1.5),
        (0x3FF80001, 0.015),
    ],
)
def test_numbers_in_four_bytes(packed: int, number: float) -> None:
    assert short_number(packed) == number


def old_text(words: str, *runs: tuple[int, int], wide: bool = False, more: int = 0) -> bytes:
    flags = wide | (8 if runs else 0) | (4 if more else 0)
    head = struct.pack("<HB", len(words), flags)
    head += struct.pack("<H", len(runs)) if runs else b""
    head += struct.pack("<I", more) if more else b""
    body = words.encode("utf-16-le" if wide else "latin-1")
    return head + body + b"".join(struct.pack("<HH", *run) for run in runs) + bytes(more)


@pytest.mark.parametrize("wide", [False, True], ids=["narrow", "wide"])
def test_shared_texts_of_the_old_form_are_read_over_every_cut(wide: bool) -> None:
    texts = [
        old_text("plain", wide=wide),
        old_text("phonetic", more=5),
        old_text("4201 of them", (3, 6), (4, 0), wide=wide),
    ]
    head = struct.pack("<II", 3, 3)
    whole = head + b"".join(texts)
    begin = len(head) + len(texts[0]) + len(texts[1])
    characters = range(begin + 5, begin + 5 + 12 * (2 if wide else 1))
    expected = [(2, ("4201 of them", [(3, 6), (4, 0)]))]
    assert [*rich_strings([whole])] == expected
    for cut in range(begin + 5, len(whole)):
        if cut not in characters:
            assert [*rich_strings([whole[:cut], whole[cut:]])] == expected
        elif cut > characters.start and (cut - characters.start) % (2 if wide else 1) == 0:
            # Characters that go on begin with a byte on their width, and may change it.
            assert [*rich_strings([whole[:cut], bytes([wide]) + whole[cut:]])] == expected


def test_shared_texts_of_the_old_form_may_change_their_width_at_a_cut() -> None:
    whole = struct.pack("<II", 1, 1) + old_text("4201", (3, 6))
    first, second = whole[: 8 + 5 + 2], b"\1" + "01".encode("utf-16-le") + whole[-4:]
    assert [*rich_strings([first, second])] == [(0, ("4201", [(3, 6)]))]


def test_texts_that_are_cut_short_end_quietly() -> None:
    whole = struct.pack("<II", 5, 5) + old_text("4201", (3, 6)) + b"\x09"
    assert [*rich_strings([whole])] == [(0, ("4201", [(3, 6)]))]


def test_texts_in_cells_of_the_oldest_form() -> None:
    body = struct.pack("<H", 4) + b"4201" + b"\1" + bytes([3, 6])
    assert inline_text(body, unicode=False) == ("4201", [(3, 6)])
    assert inline_text(struct.pack("<HB", 4, 0) + b"4201" + struct.pack("<HHH", 1, 3, 6), unicode=True) == (
        "4201",
        [(3, 6)],
    )
