"""The reader of CSV gives what the strict reader of Python's library gives; what RFC 4180 does not allow is a broken record."""

from __future__ import annotations

import csv
import io
import re
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probation_etl.errors import UnreadableFile
from probation_etl.intake.readers import Grid, proved
from probation_etl.intake.readers.dialect import Dialect
from probation_etl.intake.readers.limits import DEFAULT_LIMITS, Limits
from probation_etl.intake.readers.records import Stretches, read_records

PLAIN = st.text(alphabet="ab,;\n é'\t#", max_size=40)
ANY = st.text(alphabet='ab,;\n\r "\u2028\x0b\x1c\x85é\\#\t', max_size=40)
CELLS = st.text(alphabet="ab;\u2028\x0b\x0c\x1c\x85é\\#'\t ", max_size=4)
TABLES = st.integers(min_value=2, max_value=4).flatmap(
    lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=8)
)
#: Texts that must be quoted, among others that need not be. Those of several lines begin with a letter: with a delimiter or a
#: line end right behind it, an odd quotation mark could be the end of a cell.
TEXTS = st.one_of(
    st.text(alphabet="ab ", max_size=4), st.text(alphabet='ab,"\n', max_size=6).map(lambda text: f"a{text}")
)
#: Of these, the fast reader gets few characters at a time, or none.
TINY, STRICT = st.integers(1, 12).map(lambda size: Stretches(size, 4 * size)), Stretches(10_000, 1)
#: Records of three cells, most of them well formed.
LINES = st.one_of(
    st.sampled_from(
        ("a,b,c", '"a","b","c"', '"a,b",c,d', 'a,"","b"', '"a""",b,"""c"', '"a"",""b",c,""', ",,", '"",a,b')
    ),
    st.sampled_from(
        ('a,"b\nc",d', "a,b", "", 'a"b,c,d', '"a"b,c,d', 'a,"b,c', '"",",","', 'x",b,c', "a,b,c,d", "\ufeffa,b,c")
    ),
)
DOCUMENTS = st.lists(st.tuples(LINES, st.sampled_from(("\n", "\n", "\n", "\r\n", "\r"))), max_size=12).map(
    lambda lines: "".join(line + end for line, end in lines)
)
FEW = st.builds(
    Limits, rows=st.sampled_from((3, 1_000)), columns=st.sampled_from((3, 1_000)), cell_characters=st.sampled_from((2, 1_000)),
    cells=st.sampled_from((1_000, 5_000_000)),
)  # fmt: skip


def is_legal(text: str, delimiter: str) -> bool:
    """Whether every quotation mark of a text begins a cell, ends it, or is doubled inside; character by character."""
    state = "begin"
    for char in text:
        if state == "quoted":
            state = "closed" if char == '"' else "quoted"
        elif state == "closed" and char == '"':
            state = "quoted"
        elif char == delimiter or char in "\r\n":
            state = "begin"
        elif state == "closed" or (char == '"' and state == "plain"):
            return False
        else:
            state = "quoted" if char == '"' else "plain"
    return state != "quoted"


def has_taken_in(record: list[str]) -> bool:
    """Whether a record may be one that holds others, so that its lines are told apart."""
    return len(record) > 1 and any(re.search(r"[\r\n]", cell) for cell in record)


def bare(text: str) -> str:
    """A text without what sets cells apart."""
    return re.sub(r'[,\r\n"]', "", text)


def read(text: str, delimiter: str = ",") -> Grid:
    return read_records(text, Dialect(delimiter))


def outcome(text: str, dialect: Dialect, stretches: Stretches, limits: Limits = DEFAULT_LIMITS) -> object:
    """All that a text is read as, or why it is refused."""
    try:
        grid = read_records(text, dialect, limits, stretches)
    except UnreadableFile as error:
        return error.code
    assert grid.widths is not None
    return grid.cells.columns, grid.cells.rows(), grid.widths.to_list(), grid.misquoted.rows()


def agree(text: str, delimiter: str = ",") -> None:
    grid = read(text, delimiter)
    assert grid.widths is not None
    rows = grid.cells.rows()
    if delimiter == ",":
        assert bare("".join(cell or "" for row in rows for cell in row)) == bare(text), "something is lost"
    if not is_legal(text, delimiter):
        assert grid.misquoted.height, "a wrong quotation mark is accepted"
        return
    expected = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    if grid.misquoted.height:
        assert any(map(has_taken_in, expected)), "a right quotation mark is refused"
        return
    assert grid.widths.to_list() == list(map(len, expected))
    shown = [[cell or "" for cell in row][: len(record)] for row, record in zip(rows, expected, strict=True)]
    assert shown == (expected if any(expected) else [[] for _ in expected])


@given(text=ANY)
def test_any_text(text: str) -> None:
    agree(text)


@given(
    text=st.one_of(ANY, DOCUMENTS, TABLES.map(lambda rows: "\n".join(map(",".join, rows)) + "\n")),
    marks=st.lists(st.integers(min_value=0), max_size=2), mark=st.sampled_from("\"'"), blanks=st.booleans(),
    stretches=st.one_of(TINY, st.just(Stretches(1, 1_000)), st.just(Stretches())), limits=st.one_of(st.just(DEFAULT_LIMITS), FEW),
    few=st.sampled_from((1, 1_000)),
)  # fmt: skip
def test_a_text_is_read_the_same_fast_and_strictly(
    text: str, marks: list[int], mark: str, blanks: bool, stretches: Stretches, limits: Limits, few: int
) -> None:
    for place in marks:
        at = place % (len(text) + 1)
        text = text[:at] + '"' + text[at:]
    dialect = Dialect(",", mark, blanks and not len(text) % 4, limits.cell_characters)
    text = text.replace('"', mark)
    with mock.patch.object(proved, "_FEW", few):
        assert outcome(text, dialect, stretches, limits) == outcome(text, dialect, STRICT, limits)


@given(text=PLAIN)
def test_text_without_quotation_marks(text: str) -> None:
    agree(text + "\n")


@given(records=TABLES, end=st.sampled_from(("\n", "\r\n")), delimiter=st.sampled_from((",", "|")))
def test_whole_tables_without_quotation_marks(records: list[list[str]], end: str, delimiter: str) -> None:
    agree("".join(delimiter.join(record) + end for record in records), delimiter)


@given(records=TABLES, long=st.integers(min_value=0), short=st.integers(min_value=0))
def test_a_cell_too_many_here_and_one_too_few_there_do_not_make_up_for_one_another(
    records: list[list[str]], long: int, short: int
) -> None:
    rows = [",".join(record) for record in records]
    rows[long % len(rows)] += ",x"
    row = rows[short % len(rows)]
    rows[short % len(rows)] = row[: row.rindex(",")]
    agree("\n".join(rows) + "\n")


@given(text=st.text(st.characters(exclude_characters='\0\r\n,"\ufeff', exclude_categories=("Cs",)), max_size=12))
def test_any_character_in_a_plain_cell(text: str) -> None:
    agree(f"a,b\n{text},2\n")


def written(rows: list[list[str]], quoting: int, end: str) -> list[str]:
    """Each record of a table as a line or lines of CSV."""
    lines = []
    for row in rows:
        target = io.StringIO()
        csv.writer(target, lineterminator=end, quoting=quoting).writerow(row)  # type: ignore[arg-type]
        lines.append(target.getvalue())
    return lines


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL], ids=["where needed", "everywhere"])
@given(
    texts=st.lists(TEXTS, min_size=6, max_size=10), end=st.sampled_from(("\n", "\r\n")),
    row=st.integers(min_value=0), place=st.integers(min_value=0),
)  # fmt: skip
def test_one_quotation_mark_too_many_breaks_its_record_and_no_other(
    quoting: int, texts: list[str], end: str, row: int, place: int
) -> None:
    table = [["Reference", "Branch", "Text", "Number", "Day"]]
    table += [[f"L{at}", "Central", text, str(at), "01/03/2024"] for at, text in enumerate(texts)]
    lines = written(table, quoting, end)
    clean = read("".join(lines))
    assert (clean.misquoted.height, clean.cells.rows()) == (0, [tuple(c or None for c in each) for each in table])
    broken = 1 + row % len(texts)
    line = lines[broken].removesuffix(end)
    at = place % (len(line) + 1)
    lines[broken] = line[:at] + '"' + line[at:] + end
    grid = read("".join(lines))
    assert grid.widths is not None
    assert grid.misquoted.height
    refused = {*grid.misquoted["row"], *(number for number, width in enumerate(grid.widths) if width not in (0, 5))}
    accepted = [each for number, each in enumerate(grid.cells.rows()) if number not in refused and any(each)]
    assert [each[:5] for each in accepted] == [
        each for number, each in enumerate(clean.cells.rows()) if number != broken
    ]
