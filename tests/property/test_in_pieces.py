"""A long CSV file is read in pieces as it is read whole, wherever it is cut."""

from __future__ import annotations

import gzip
import io
import zipfile

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probation_etl.errors import UnreadableFile
from probation_etl.intake.readers import Limits, in_pieces, long_lines, read_grids
from probation_etl.intake.readers.base import WIDTH
from probation_etl.intake.readers.dialect import Dialect
from probation_etl.intake.readers.in_pieces import read_in_pieces
from probation_etl.intake.readers.limits import DEFAULT_LIMITS
from probation_etl.intake.readers.records import read_records
from probation_etl.intake.received import InBytes

#: Enough records to see how cells are set apart.
BEGINNING = "a,b,c\n" + 7_500 * "1,22,333\n"
LINES = st.sampled_from(
    ("a,b,c", '"a","b","c"', '"a,b",c,d', '"a""",b,"""c"', ",,", 'a,"b\nc",d', '"a\r\n\nb",,', "a,b", "", "a,b,c,d", "\ufeffa,b,c",
     "é,\u2028,€", 'x,"\n\n\n",y'),
)  # fmt: skip
WRONG = st.sampled_from(('a"b,c,d', '"a"b,c,d', 'a,"b,c', '"",",","', "\0,b,c"))
ENDS = st.sampled_from(("\n", "\n", "\n", "\r\n", "\r"))


def documents(lines: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    drawn = st.lists(st.tuples(lines, ENDS), min_size=1, max_size=14)
    return drawn.map(lambda found: "".join(line + end for line, end in found))


@given(document=documents(LINES), piece=st.integers(1, 40), cut_off=st.booleans())
def test_as_the_whole(document: str, piece: int, *, cut_off: bool) -> None:
    text = BEGINNING + (document.rstrip("\r\n") if cut_off else document)
    data = InBytes(text.encode())
    found = read_in_pieces(data, delimiter=",", encoding="UTF-8", limits=DEFAULT_LIMITS, piece=piece)
    whole = read_records(text, Dialect(","))
    if found is None or found.pieces is None:
        # What has taken in others is told from the whole.
        assert whole.misquoted.height
        return
    cells = found.pieces.whole()
    assert cells.drop(WIDTH).equals(whole.cells)
    assert whole.widths is not None
    assert cells[WIDTH].equals(whole.widths, check_names=False)
    assert not whole.misquoted.height


@given(before=documents(LINES), wrong=WRONG, after=documents(LINES), piece=st.integers(1, 40))
def test_with_a_wrong_quotation_mark_it_is_read_whole(before: str, wrong: str, after: str, piece: int) -> None:
    text = f"{BEGINNING}{before}{wrong}\n{after}"
    found = read_in_pieces(InBytes(text.encode()), delimiter=",", encoding="UTF-8", limits=DEFAULT_LIMITS, piece=piece)
    if found is not None and found.pieces is not None:
        # The mark closed further below after all.
        whole = read_records(text, Dialect(","))
        assert found.pieces.whole().drop(WIDTH).equals(whole.cells)


def test_another_encoding_is_read_whole() -> None:
    data = InBytes(BEGINNING.encode() + "é,b,c\n".encode("cp1252"))
    assert read_in_pieces(data, delimiter=",", encoding="UTF-8", limits=DEFAULT_LIMITS) is None


@pytest.mark.parametrize("form", ["gz", "zip"])
def test_a_long_file_in_an_archive_is_read_in_pieces(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data, packed = BEGINNING.encode(), io.BytesIO()
    if form == "gz":
        packed.write(gzip.compress(data, 1))
    else:
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("a.csv", data)
    (whole,) = read_grids(packed.getvalue())
    monkeypatch.setattr(long_lines, "LONG", 1_000)
    monkeypatch.setattr(in_pieces, "PIECE", 10_000)
    (found,) = read_grids(packed.getvalue())
    assert (whole.pieces, found.packed_name) == (None, whole.packed_name)
    assert found.pieces is not None
    assert found.whole().cells.equals(whole.cells)
    with pytest.raises(UnreadableFile, match="more than 5 bytes"):
        read_grids(packed.getvalue(), limits=Limits(line_bytes=5))
    packed_wrongly = gzip.compress(data + b'"a"b,c,d\n', 1)
    assert read_grids(packed_wrongly)[0].pieces is None


def test_each_piece_can_be_read_for_some_columns() -> None:
    found = read_in_pieces(
        InBytes((BEGINNING + "a,b,c,d\n").encode()), delimiter=",", encoding="UTF-8", limits=DEFAULT_LIMITS, piece=5
    )
    assert found is not None
    assert found.pieces is not None
    assert pl.concat(list(found.pieces.of_columns(["c3"])))["c3"].drop_nulls().to_list() == ["d"]
