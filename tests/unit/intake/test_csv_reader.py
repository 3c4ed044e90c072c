"""CSV files are read strictly: nothing is padded, shifted or replaced in silence."""

from __future__ import annotations

import csv
import io

import pytest

from probation_etl.errors import UnreadableFile, UsageError
from probation_etl.intake.readers import Grid, limits_from, read_grids
from probation_etl.intake.readers.csv import read_csv


def rows(grid: Grid) -> list[tuple[str | None, ...]]:
    return grid.cells.rows()


def widths(grid: Grid) -> list[int]:
    assert grid.widths is not None
    return grid.widths.to_list()


def refused(data: bytes, **options: str) -> str:
    with pytest.raises(UnreadableFile) as caught:
        read_csv(data, **options)
    assert caught.value.code == "unreadable-file"
    return str(caught.value)


def test_cells_are_text_as_written_and_empty_ones_are_null() -> None:
    grid = read_csv(b"a,b,c\r\n007, x ,\r\n")
    assert rows(grid) == [("a", "b", "c"), ("007", " x ", None)]
    assert (grid.sheet, grid.first_column) == (None, 0)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR alone"])
def test_every_line_end_ends_a_record(end: str) -> None:
    assert rows(read_csv(end.join(("a,b", "1,2", "3,4")).encode())) == [("a", "b"), ("1", "2"), ("3", "4")]


def test_a_byte_order_mark_is_not_part_of_the_first_header() -> None:
    assert rows(read_csv(b"\xef\xbb\xbfa,b\n1,2\n"))[0] == ("a", "b")


@pytest.mark.parametrize("data", [b"a,b\n1,2", b"a,b\n1,2\n"])
def test_the_last_record_needs_no_line_end(data: bytes) -> None:
    assert rows(read_csv(data)) == [("a", "b"), ("1", "2")]


def test_a_quoted_cell_may_span_lines_and_the_records_keep_their_numbers() -> None:
    grid = read_csv(b'a,b\n"first\nsecond\r\nthird",2\n3,4\n')
    assert rows(grid) == [("a", "b"), ("first\nsecond\r\nthird", "2"), ("3", "4")]


def test_quotation_marks_inside_quotation_marks_are_doubled() -> None:
    assert rows(read_csv(b'a,b\n"she said ""no"", twice",2\n'))[1] == ('she said "no", twice', "2")


def test_blank_lines_keep_their_place() -> None:
    grid = read_csv(b"a,b\n\n1,2\n,\n3,4\n")
    assert rows(grid) == [("a", "b"), (None, None), ("1", "2"), (None, None), ("3", "4")]
    assert widths(grid) == [2, 0, 2, 2, 2]


def test_short_and_long_records_are_counted_and_not_padded_in_silence() -> None:
    grid = read_csv(b"a,b,c\n1,2\n1,2,3,4\n1,2,3\n")
    assert widths(grid) == [3, 2, 4, 3]
    assert rows(grid)[2] == ("1", "2", "3", "4")


def test_an_empty_cell_too_many_at_the_end_is_counted_too() -> None:
    assert widths(read_csv(b"a,b\n1,2,\n")) == [2, 3]


def test_the_delimiter_is_the_contract_s() -> None:
    assert rows(read_csv(b"a;b\n1,5;2\n", delimiter=";")) == [("a", "b"), ("1,5", "2")]


def test_the_delimiter_may_be_any_character() -> None:
    assert rows(read_csv("a¦b\n1,5¦2\n".encode(), delimiter="¦")) == [("a", "b"), ("1,5", "2")]


def test_the_encoding_is_the_contract_s() -> None:
    data = "name\nBrontë\n".encode("cp1252")
    assert rows(read_csv(data, encoding="cp1252"))[1] == ("Brontë",)


def test_another_encoding_is_read_with_a_warning_that_names_it() -> None:
    grid = read_csv("a,b\n1,2\nBrontë,3\n".encode("cp1252"))
    assert rows(grid)[2] == ("Brontë", "3")
    (finding,) = grid.findings
    assert (finding.code, finding.severity, finding.value) == ("wrong-encoding", "warning", "Windows-1252")


@pytest.mark.parametrize("declared", ["cp1252", "Windows-1252", "ISO-8859-1"])
def test_utf_8_is_never_read_as_a_single_byte_encoding(declared: str) -> None:
    grid = read_csv("name\nBrontë\n".encode(), encoding=declared)
    assert rows(grid)[1] == ("Brontë",)
    assert [(finding.code, finding.value) for finding in grid.findings] == [("wrong-encoding", "UTF-8")]


def test_plain_ascii_is_as_agreed_in_any_encoding() -> None:
    for declared in ("UTF-8", "cp1252", "ISO-8859-1"):
        assert read_csv(b"a,b\n1,2\n", encoding=declared).findings == ()


def test_bytes_of_windows_1252_are_not_read_as_control_characters_of_iso_8859_1() -> None:
    grid = read_csv(b"name\n\x93Emma\x94\n", encoding="ISO-8859-1")
    assert rows(grid)[1] == ("“Emma”",)
    assert [finding.value for finding in grid.findings] == ["Windows-1252"]


@pytest.mark.parametrize("byte", [b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_bytes_that_mean_nothing_are_refused_with_the_line(byte: bytes, end: bytes) -> None:
    assert "line 3" in refused(b"name" + end + b"caf\xe9" + end + b"x" + byte + end)
    assert "line 3" in refused(b"name" + end + b"caf\xe9" + end + b"x" + byte + end, encoding="cp1252")


@pytest.mark.parametrize("declared", ["UTF-8", "cp1252"])
def test_two_encodings_are_refused_whichever_is_agreed_and_comes_first(declared: str) -> None:
    utf_8, cp1252 = "Brontë\n".encode(), "Brontë\n".encode("cp1252")
    assert "line 3" in refused(b"name\n" + utf_8 + cp1252, encoding=declared)
    assert "line 3" in refused(b"name\n" + cp1252 + utf_8, encoding=declared)
    assert "line 2" in refused(b"name\n" + utf_8.strip() + cp1252, encoding=declared)


def test_capitals_before_a_quotation_mark_are_not_taken_for_a_second_encoding() -> None:
    data = "name\nCAFÉ”\nBrontë\n".encode("cp1252")
    assert rows(read_csv(data, encoding="cp1252"))[1:] == [("CAFÉ”",), ("Brontë",)]


def test_an_encoding_that_is_not_known_is_a_fault_of_the_contract() -> None:
    with pytest.raises(UsageError, match="not known"):
        read_csv(b"a\n", encoding="UTF-9")


def test_two_encodings_in_one_file_are_refused_with_the_line() -> None:
    assert "line 3" in refused("name\nBrontë\n".encode() + "Brontë\n".encode("cp1252"))


def test_a_line_of_the_wrong_encoding_is_counted_after_a_byte_order_mark_too() -> None:
    assert "line 2" in refused(b"\xef\xbb\xbfname\n\xeb\n")


def test_lines_that_end_with_cr_alone_are_counted_too() -> None:
    assert "line 3" in refused(b"name\rx\r\x81\r")
    assert "Line 3" in refused(b"name\rx\r\0\r")


@pytest.mark.parametrize(("mark", "encoding"), [(b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")])
def test_utf_16_is_read_by_its_mark_with_a_warning(mark: bytes, encoding: str) -> None:
    grid = read_csv(mark + "a,b\n1,é\n".encode(encoding))
    assert rows(grid) == [("a", "b"), ("1", "é")]
    assert [finding.value for finding in grid.findings] == ["UTF-16"]


@pytest.mark.parametrize("declared", ["UTF-16", "UTF-16-LE", "UTF-16-BE"])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_the_byte_order_of_utf_16_is_detected_from_the_file(declared: str, encoding: str) -> None:
    grid = read_csv("a,b\n1,é\n".encode(encoding), encoding=declared)
    assert rows(grid) == [("a", "b"), ("1", "é")]


def test_utf_8_is_not_read_as_utf_16() -> None:
    grid = read_csv(b"ab,cd\n12,34\n", encoding="UTF-16")
    assert rows(grid) == [("ab", "cd"), ("12", "34")]
    assert [finding.value for finding in grid.findings] == ["UTF-8"]


def test_utf_16_is_read_where_the_contract_says_so() -> None:
    assert rows(read_csv("a,b\n1,é\n".encode("utf-16"), encoding="UTF-16")) == [("a", "b"), ("1", "é")]


@pytest.mark.parametrize("data", [b"a,b\n1,\x002\n", "a,b\n1,2\n".encode("utf-16-le")], ids=["one NUL", "no mark"])
def test_a_nul_is_refused_with_the_line(data: bytes) -> None:
    assert "NUL" in refused(data)


def test_the_line_of_a_nul_is_said() -> None:
    assert "Line 2" in refused(b"a,b\n1,\x002\n")


def wrong(grid: Grid) -> list[tuple[int, str, int]]:
    """Row from 1, fault, and cell from 1 of each record with a wrong quotation mark."""
    return [(row + 1, fault, cell + 1) for row, fault, cell, _ in grid.misquoted.rows()]


@pytest.mark.parametrize(
    ("record", "fault", "cells"),
    [
        ('"3,4', "open", ('"3', "4")),
        ('3,"4', "open", ("3", '"4')),
        ('"3"x,4', "after", ('"3"x', "4")),
        ('"she said "no" twice",4', "after", ('"she said "no" twice"', "4")),
        ('1"x,y"', "inside", ('1"x', 'y"')),
        ('5" pipe,"4"', "inside", ('5" pipe', "4")),
        ('3,"4""', "open", ("3", '"4""')),
        ('"3" ,4', "after", ('"3" ', "4")),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR alone"])
@pytest.mark.parametrize("next_one", ["5,6", '"5","6, or so"', '5,"of two\nlines"'])
def test_a_wrong_quotation_mark_breaks_its_record_and_no_other(
    record: str, fault: str, cells: tuple[str, ...], end: str, next_one: str
) -> None:
    after = next(csv.reader(io.StringIO(next_one, newline="")))
    grid = read_csv(end.join(("a,b", "1,2", record, next_one, "7,8", "")).encode())
    assert rows(grid) == [("a", "b"), ("1", "2"), cells, tuple(after), ("7", "8")]
    assert [(row, kind) for row, kind, _ in wrong(grid)] == [(3, fault)]


def test_a_broken_text_of_several_lines_is_one_record() -> None:
    grid = read_csv(b'a,b,c\n1,"first\nsecond"x,3\n4,5,6\n')
    assert rows(grid)[1:] == [("1", '"first\nsecond"x', "3"), ("4", "5", "6")]
    assert wrong(grid) == [(2, "after", 2)]


def test_a_line_in_a_broken_text_that_could_be_a_record_is_not_read_as_one() -> None:
    grid = read_csv(b'a,b,c\n5" pipe,"text\nx,y,z\nend",3\n1,2,3\n')
    assert wrong(grid) == [(2, "inside", 1), (3, "below", 1), (4, "below", 1)]
    assert rows(grid)[4] == ("1", "2", "3")


def test_lines_below_a_quotation_mark_that_does_not_close_are_told_until_a_row_begins() -> None:
    grid = read_csv(b'a,b,c\n1,"first\nsecond\n\nthird,3\n4,5,6\n')
    assert wrong(grid) == [(2, "open", 2), (3, "below", 1), (5, "below", 1)]
    assert rows(grid)[5] == ("4", "5", "6")


def test_two_quotation_marks_far_from_each_other_do_not_make_a_file_too_large() -> None:
    text = 'a,b\n"1,2\n' + "3,4\n" * 30_000 + '5,6"\n'
    grid = read_csv(text.encode())
    assert wrong(grid) == [(2, "open", 1), (30_003, "inside", 2)]
    assert grid.cells.height == 30_003


def test_a_file_of_broken_records_alone_takes_no_time_out_of_proportion() -> None:
    grid = read_csv(b"a,b\n" + b'"1,2\n' * 10_000)
    assert len(wrong(grid)) == 10_000


def test_no_value_of_the_file_is_in_a_refusal() -> None:
    assert "CANARY" not in refused(b"name\nCANARY\x81\n")


@pytest.mark.parametrize("other", [b"2", b'"2"'], ids=["the fast way", "the strict way"])
def test_a_cell_over_the_limit_is_refused_for_its_length(other: bytes) -> None:
    with pytest.raises(UnreadableFile, match="Record 2 has a cell of more than 1,000,000 characters") as caught:
        read_csv(b"a,b\n" + other + b"," + b"x" * 1_000_001 + b"\n")
    assert caught.value.code == "too-large"


def test_the_limit_of_the_library_is_put_back() -> None:
    before = csv.field_size_limit()
    read_csv(b'a,b\n"1",2\n')
    with pytest.raises(UnreadableFile):
        read_csv(b'a,b\n"1",' + b"x" * 1_000_001)
    assert csv.field_size_limit() == before


def test_a_cell_at_the_limit_is_read() -> None:
    assert rows(read_csv(b"a\n" + b"x" * 1_000_000 + b"\n"))[1] == ("x" * 1_000_000,)


# What is no CSV


@pytest.mark.parametrize("data", [b"", b"  \r\n\n"], ids=["no byte", "white space"])
def test_an_empty_file_is_reported_as_empty(data: bytes) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read_grids(data)
    assert caught.value.code == "empty-file"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7\n", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"\xff\xd8\xff\xe0", "picture"),
        (b"\x1f\x8b\x08", "gzip archive is damaged"),
    ],
)
def test_files_of_other_kinds_are_named(data: bytes, kind: str) -> None:
    with pytest.raises(UnreadableFile, match=kind):
        read_grids(data)


def test_a_csv_file_is_one_grid() -> None:
    (grid,) = read_grids(b"a,b\n1,2\n")
    assert rows(grid) == [("a", "b"), ("1", "2")]


# Delimiters other than agreed


@pytest.mark.parametrize("other", [";", "\t", "|"])
def test_another_delimiter_is_found_by_what_splits_the_lines_alike(other: str) -> None:
    grid = read_csv(f"Title of it\n\na{other}b\n1,5{other}Smith, J\n2{other}3\n".encode())
    assert rows(grid)[2:] == [("a", "b"), ("1,5", "Smith, J"), ("2", "3")]
    assert [(finding.code, finding.severity) for finding in grid.findings] == [("wrong-delimiter", "warning")]


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n1;2,3\n4;5,6\n",
        "name\nx\ny;z\n",
        "a; b\nname\nx\ny\n",
        "name\nx; y\nz; y; x\n",
        ";\n;\n",
        '"a;b","c"\n1;2,3\n',
    ],
    ids=["occurs too", "one line alone", "a title", "this way and that", "no words", "quoted"],
)
def test_the_agreed_delimiter_stays_where_no_other_splits_the_header(text: str) -> None:
    grid = read_csv(text.encode())
    assert grid.findings == ()
    assert widths(grid) == [line.count(",") + 1 for line in text.splitlines()]


def test_the_line_that_spreadsheet_programs_write_above_the_header_hides_no_delimiter() -> None:
    grid = read_csv(b"sep=;\na;b\n1;2\n")
    assert rows(grid)[1:] == [("a", "b"), ("1", "2")]
    assert [(finding.code, finding.value) for finding in grid.findings] == [("wrong-delimiter", "‘;’")]


# Other quotation marks, and blanks behind delimiters


def warned(grid: Grid) -> list[tuple[str, str | None]]:
    assert all(finding.severity == "warning" for finding in grid.findings)
    return [(finding.code, finding.value) for finding in grid.findings]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("'a','b'\n'1','it''s, so'\n", [("wrong-quotation-mark", "'")]),
        ("'a','b'\n1,'it''s, so'\n", [("wrong-quotation-mark", "'")]),
        ("`a`,`b`\n`1`,`it's, so`\n", [("wrong-quotation-mark", "`")]),
        ('"a", "b"\n"1", "it\'s, so"\n', [("wrong-delimiter", "‘,’ and a blank")]),
        ('"a"; "b"\n"1"; "it\'s, so"\n', [("wrong-delimiter", "‘;’ and a blank")]),
        ("a, b\n1, it's\u2024 so\n", [("wrong-delimiter", "‘,’ and a blank")]),
        ("'a', 'b'\n'1', 'it''s, so'\n", [("wrong-delimiter", "‘,’ and a blank"), ("wrong-quotation-mark", "'")]),
    ],
)
def test_another_quotation_mark_and_blanks_behind_delimiters_are_told_and_in_no_value(
    text: str, told: list[tuple[str, str | None]]
) -> None:
    grid = read_csv(text.encode())
    assert [tuple((cell or "").replace("\u2024", ",") for cell in row) for row in rows(grid)] == [
        ("a", "b"),
        ("1", "it's, so"),
    ]
    assert warned(grid) == told


@pytest.mark.parametrize(
    "text",
    [
        "a,b\nO'Brien,'tis\n",
        "a,b\n'x','y'\n",
        "a,'b'\n1,'2'\n",
        "name,note\nA, said\nB, x\n",
        "a, b\n1,2\n3,4\n",
        'a,b\n1,"x, ""y"""\n2,z\n',
        "title, of it\na,b\n1,2\n3,4\n",
    ],
)
def test_marks_and_blanks_here_and_there_are_text(text: str) -> None:
    assert read_csv(text.encode()).findings == ()


def test_a_text_of_several_lines_in_another_quotation_mark_is_a_cell() -> None:
    text = "'a','b'\n" + "'1','x'\n" * 9 + "'2','one\ntwo'\n'3','y'\n"
    assert rows(read_csv(text.encode()))[-2:] == [("2", "one\ntwo"), ("3", "y")]


def test_a_wrong_mark_of_the_other_kind_breaks_its_record_too() -> None:
    text = "'a','b'\n" + "'1','x'\n" * 9 + "'2','O'Brien'\n'3','y'\n"
    assert wrong(read_csv(text.encode())) == [(11, "after", 2)]


# Other code pages


@pytest.mark.parametrize("declared", ["UTF-8", "cp1252"])
@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("café", "cp437"),
        ("Brontë", "cp850"),
        ("crème", "cp437"),
        ("fête", "cp437"),
        ("café", "mac_roman"),
        ("£25", "cp437"),
        ("£ 25", "cp850"),
        ("Αθήνα", "cp737"),
    ],
)
def test_an_old_code_page_is_not_read_as_windows_1252(text: str, encoding: str, declared: str) -> None:
    assert "Line 2" in refused(b"name\n" + text.encode(encoding) + b"\n", encoding=declared)


@pytest.mark.parametrize("half", [b"Bront\xc3\n", b"caf\xc3,x\n"])
def test_half_a_letter_of_utf_8_is_not_read_as_windows_1252(half: bytes) -> None:
    assert "Line 2" in refused(b"name,b\n" + half)


@pytest.mark.parametrize("half", [b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xed\xa0\xbd\xed\xb8\x80"])
def test_halves_of_a_utf_16_pair_are_not_read_as_windows_1252(half: bytes) -> None:
    assert "Line 2" in refused(b"name,b\nSYN" + half + b"THETIC,1\n")


@pytest.mark.parametrize("text", ["Brontë’s “café” – €5…", "ÉMILE, Ÿ", "naïve™ Œuvre†", "50‰"])
def test_what_people_write_in_windows_1252_is_read(text: str) -> None:
    assert rows(read_csv(f'name\n"{text}"\n'.encode("cp1252")))[1] == (text,)


# Damage


@pytest.mark.parametrize(
    "data",
    [
        b'a,b,c\n1,"2,3\n4,5",6\n7,8,9\n',
        b'a,b,c\n"1,2,3\n4,5,6\n7",8,9\n',
        b'a,b,c\r\n1,2,"3\r\n4,5,6"\r\n',
    ],
    ids=["in the middle", "three records", "the last cell"],
)
def test_a_cell_that_has_taken_in_whole_records_is_as_many_broken_records(data: bytes) -> None:
    grid = read_csv(data)
    lines = data.splitlines()
    assert grid.cells.height == len(lines)
    taken_in = [line for line in lines[1:] if line != b"7,8,9"]
    assert [row for row, _, _ in wrong(grid)] == list(range(2, 2 + len(taken_in)))


@pytest.mark.parametrize(
    "data",
    [
        b'a,b,c\n1,2,"said, twice:\nno, no"\n',
        b'a,b,c\n"one\ntwo",2,3\n',
        b'a,b,c\n1,"one, two\nthree, four, five",3\n',
        b'a\n"one\ntwo"\n',
    ],
)
def test_a_text_of_several_lines_is_a_cell(data: bytes) -> None:
    assert not wrong(read_csv(data))
    assert set(widths(read_csv(data))) == {data.partition(b"\n")[0].count(b",") + 1}


def test_quoted_cells_are_read_without_a_limit_too() -> None:
    limits = limits_from([f"cell_characters={10**18 - 1}"])
    (grid,) = read_grids(b'a,b\n"x,1",2\n', limits=limits)
    assert grid.cells.rows() == [("a", "b"), ("x,1", "2")]


def test_a_quoted_cell_that_is_too_long_among_the_first_records_counts_as_not_closed() -> None:
    (grid,) = read_grids(b'a,b\n"x,12",2\n', limits=limits_from(["cell_characters=3"]))
    assert wrong(grid) == [(2, "open", 1)]
