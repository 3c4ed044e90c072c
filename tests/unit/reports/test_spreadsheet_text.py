from __future__ import annotations

import csv
import io

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probation_etl.intake.frames import Frames
from probation_etl.intake.result import FINDING_SCHEMA
from probation_etl.reports.all_findings import findings_csv
from probation_etl.reports.spreadsheet_text import cell_text, neutral, shortened, xml_text

RUN = ("=1", "+1", "-1", "@A1", "\t1", "\r1", "\n=1", " =1", "\u00a0=1", "\u200b=1", "\ufeff=1", "\u202e=1", "\x00=1", "＝1", "＋1", "－1", "＠1", "﹦1", "−1")  # fmt: skip
HARMLESS = ("1", "a=b", "x-y", "", " ", "1+1", "'=1", "Ä", "<b>", '"=1"')


def lines(frame: pl.DataFrame) -> list[list[str]]:
    return list(csv.reader(io.StringIO(frame.write_csv(), newline="")))


@pytest.mark.parametrize("text", RUN, ids=ascii)
def test_what_could_be_run_gets_an_apostrophe_and_is_otherwise_as_it_was(text: str) -> None:
    assert neutral(pl.DataFrame({"a": [text]}))["a"].to_list() == [f"'{text}"]


@pytest.mark.parametrize("text", HARMLESS, ids=ascii)
def test_what_could_not_be_run_stays_as_it_is(text: str) -> None:
    assert neutral(pl.DataFrame({"a": [text]}))["a"].to_list() == [text]


def test_numbers_and_nothing_stay_as_they_are() -> None:
    frame = pl.DataFrame({"a": [-1, 2], "b": [None, "=1"]}, schema={"a": pl.Int64, "b": pl.String})
    assert neutral(frame).rows() == [(-1, None), (2, "'=1")]


@given(st.text(st.characters(codec="utf-8")))
def test_no_cell_of_findings_begins_with_a_sign_of_a_formula(text: str) -> None:
    texts = dict.fromkeys(FINDING_SCHEMA, text) | {"row": 1}
    found = Frames.of(pl.DataFrame([texts], schema=FINDING_SCHEMA))
    header, *rows = csv.reader(io.StringIO("".join(findings_csv(found)), newline=""))
    assert header == list(FINDING_SCHEMA)
    (row,) = rows
    for cell in row:
        assert not cell.lstrip(" \u00a0").startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"))
        assert cell in (text, f"'{text}", "1")


@given(st.text(st.characters(exclude_categories=[])))
def test_any_text_becomes_one_that_xml_can_hold(text: str) -> None:
    shown = xml_text(text)
    assert all(
        char in "\t\n\r" or " " <= char <= "\ud7ff" or "\ue000" <= char <= "\ufffd" or char > "\uffff" for char in shown
    )
    assert len(shown) >= len(text)


@given(st.text(st.sampled_from(["a", "😀", "é"]), max_size=80), st.integers(40, 60))
def test_a_text_is_shortened_to_so_many_units_and_says_how_long_it_was(text: str, most: int) -> None:
    short = shortened(text, most)
    assert len(short.encode("utf-16-le")) // 2 <= most
    assert short == text or short.endswith(f"… ({len(text)} characters)")
    assert len(text.encode("utf-16-le")) // 2 > most or short == text


def test_a_lone_surrogate_is_shown_by_its_number() -> None:
    assert cell_text("a\ud800b") == "a\\ud800b"
