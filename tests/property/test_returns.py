"""What holds of every return, whatever is in it: no row is lost, every planted fault is found, nothing is left to chance."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from probation_etl.intake.readers import BLANKS
from probation_etl.intake.result import ReturnResult

if TYPE_CHECKING:
    from conftest import Library

HEADER = ("Loan reference", "Copy", "Branch", "Lent on", "Returned on", "Fine", "Renewed", "Notes")
WIDTH = len(HEADER)

# Each example goes through every stage that judges a return: some tens of milliseconds.
modest = settings(max_examples=20)

# Any table

JUNK = st.one_of(
    st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=8),
    st.sampled_from(
        (
            "", "", " ", "\u00a0", "\u200b", "L0001", "L0002", "1", "2", "Central", "N", "01/03/2024", "2024-03-01", "0.50",
            "true", "n/a", '"', "a,b", "a\nb", "a\r\nb", "\r", "'", "=1+1", "[c]", "Copy", "Branch", "NULL", "{value}", "\ufeff", "1e9",
        )
    ),
)  # fmt: skip
#: Codes of rows that are left out with a warning.
LEFT_OUT = ("repeated-header", "report-mark", "nil-row")
# A quoted cell that begins with a line end looks like the stray end of a broken record: its lines are then refused one by
# one, each told. Nothing is lost, but the rows are counted as lines.
CELL = JUNK.map(lambda text: f"x{text}" if text[:1] in ("\r", "\n") else text)
RECORDS = st.lists(st.lists(CELL, min_size=0, max_size=WIDTH + 2), max_size=12)
FULL_RECORDS = st.lists(st.lists(CELL, min_size=WIDTH, max_size=WIDTH), max_size=12)


def is_blank(record: list[str]) -> bool:
    return not any(cell.strip(BLANKS) for cell in record)


def written(records: list[list[str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADER)
    for record in records:
        # The writer quotes one empty cell alone, so that it is not a line without any.
        writer.writerow(record)
    return text.getvalue().encode()


def account(result: ReturnResult, records: list[list[str]]) -> None:
    """Every record with content is in one place, and in one only; the numbers say so too."""
    filled = {row for row, record in enumerate(records, start=2) if not is_blank(record)}
    accepted = result.accepted["source_row"].to_list()
    quarantined = result.quarantined["source_row"].to_list()
    rows = result.rows
    assert rows.read == rows.accepted + rows.quarantined
    assert (rows.accepted, rows.quarantined) == (len(accepted), len(quarantined))
    aside = set(result.findings.filter(pl.col("code").is_in(LEFT_OUT), pl.col("severity") == "warning")["row"])
    assert rows.read + rows.notes + len(aside) == len(filled)
    seen = accepted + quarantined
    assert len(set(seen)) == len(seen)
    assert set(seen) <= filled
    notes = {note.row for note in result.notes}
    assert filled == set(seen) | notes | aside
    assert len(notes) == rows.notes
    last = max(seen, default=1)
    assert rows.blank == last - 1 - len({row for row in filled if row <= last})
    erring = result.findings.filter(pl.col("severity") == "error")["row"].drop_nulls()
    assert set(erring) <= filled
    if result.verdict != "rejected":
        assert set(erring) == set(quarantined)
    for row in result.quarantined.to_dicts():
        sent = records[row.pop("source_row") - 2]
        kept = [cell or "" for _, cell in sorted(row.items(), key=lambda item: int(item[0][1:]))]
        assert kept[: len(sent)] == sent
        assert not any(kept[len(sent) :])


@modest
@given(records=RECORDS)
def test_no_record_is_lost_counted_twice_or_changed(library: Library, records: list[list[str]]) -> None:
    account(library.assess(written(records)), records)


@modest
@given(records=FULL_RECORDS)
def test_no_record_of_full_width_is_lost_counted_twice_or_changed(library: Library, records: list[list[str]]) -> None:
    account(library.assess(written(records)), records)


@modest
@given(records=RECORDS)
def test_the_same_bytes_twice_give_the_same_result(library: Library, records: list[list[str]]) -> None:
    data = written(records)
    first, second = library.assess(data), library.assess(data)
    assert first.findings.equals(second.findings)
    assert first.accepted.equals(second.accepted)
    assert first.quarantined.equals(second.quarantined)
    assert (first.verdict, first.rows, first.return_id) == (second.verdict, second.rows, second.return_id)


@modest
@given(data=st.binary(max_size=200))
def test_any_bytes_at_all_are_validated_without_an_exception(library: Library, data: bytes) -> None:
    result = library.assess(data)
    assert result.rows.read == result.rows.accepted + result.rows.quarantined


@modest
@given(data=st.binary(max_size=60), at=st.integers(min_value=0, max_value=200))
def test_a_damaged_return_is_validated_without_an_exception(library: Library, data: bytes, at: int) -> None:
    good = library.csv(*(library.row(Copy=str(number)) for number in range(1, 6)))
    result = library.assess(good[:at] + data + good[at + len(data) :])
    assert result.rows.read == result.rows.accepted + result.rows.quarantined


# Planted faults

#: By header: what may stand there instead, and the codes that must be found then.
FAULTS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "Loan reference": (
        ("", ("missing-value",)), ("l000{row}", ("wrong-pattern",)), ("L00{row:05}", ("wrong-pattern",)), ("L٤{row:03}", ("wrong-pattern",)),
    ),
    "Copy": (
        ("", ("missing-value",)), ("0", ("out-of-range",)), ("100", ("out-of-range",)), ("1.5", ("not-an-integer",)),
        ("1.0", ("not-an-integer",)), ("one", ("not-a-number",)), ("1,000", ("not-a-number",)),
    ),
    "Branch": ((" ", ("missing-value",)), ("central", ("not-in-list",)), ("North", ("not-in-list",))),
    "Lent on": (
        ("", ("missing-value",)), ("2024-03-01", ("not-a-date",)), ("1/3/20", ("not-a-date",)), ("30/02/2024", ("not-a-date",)),
    ),
    "Returned on": (("soon", ("not-a-date",)), ("29/02/2024", ("row-rule",))),
    "Fine": (
        ("free", ("not-a-number",)), ("-1", ("out-of-range",)), ("50", ("out-of-range",)), ("0.123", ("too-precise",)),
        ("60.123", ("out-of-range", "too-precise")), ("1,5", ("not-a-number",)),
    ),
    "Renewed": (("yes", ("not-a-boolean",)),),
    "Notes": (("x" * 21, ("wrong-length",)),),
}  # fmt: skip
#: Faults of these cells leave the rule over the other unsaid.
UNKNOWN_DAY = {("Lent on", text) for text, _ in FAULTS["Lent on"]}

Plan = dict[tuple[int, str], tuple[str, tuple[str, ...]]]


@st.composite
def plans(draw: st.DrawFn) -> tuple[int, Plan, set[int]]:
    """How many rows a return has, which faults are planted where, and which rows get a blank one above."""
    rows = draw(st.integers(min_value=1, max_value=12))
    places = st.tuples(st.integers(min_value=0, max_value=rows - 1), st.sampled_from(HEADER))
    planted = {
        place: draw(st.sampled_from(FAULTS[place[1]])) for place in draw(st.lists(places, max_size=10, unique=True))
    }
    return rows, planted, draw(st.sets(st.integers(min_value=0, max_value=rows - 1)))


@modest
@given(plan=plans())
def test_the_findings_are_the_planted_faults_and_no_others(library: Library, plan: tuple[int, Plan, set[int]]) -> None:
    rows, planted, blank_above = plan
    records: list[dict[str, str]] = []
    expected: set[tuple[int, str, str]] = set()
    for number in range(rows):
        if number in blank_above:
            records.append(dict.fromkeys(HEADER, ""))
        row = library.row(**{"Loan reference": f"L{number:04}"})
        day_unknown = any((header, text) in UNKNOWN_DAY for (at, header), (text, _) in planted.items() if at == number)
        for (at, header), (text, codes) in planted.items():
            if at == number:
                # No two references alike: that would be a fault of its own.
                row[header] = text.format(row=number)
                found = [code for code in codes if not (code == "row-rule" and day_unknown)]
                expected |= {(len(records) + 2, header, code) for code in found}
        records.append(row)
    result = library.assess(library.csv(*records))
    faults = library.faults(result)
    assert set(faults) == expected
    assert len(faults) == len(expected)
    assert set(result.quarantined["source_row"]) == {row for row, _, _ in expected}
    assert (result.rows.read, result.rows.notes) == (rows, 0)


@modest
@given(groups=st.lists(st.integers(min_value=0, max_value=4), min_size=1, max_size=15))
def test_every_row_of_a_repeated_key_is_found_and_no_other(library: Library, groups: list[int]) -> None:
    result = library.assess(library.csv(*(library.row(**{"Loan reference": f"L{group:04}"}) for group in groups)))
    expected = [row for row, group in enumerate(groups, start=2) if groups.count(group) > 1]
    assert library.faults(result) == [(row, "Loan reference", "duplicate-row") for row in expected]
    for row, message in result.findings.select("row", "message").rows():
        same = [at for at, group in enumerate(groups, start=2) if group == groups[row - 2]]
        assert f"Rows {', '.join(map(str, same[:10]))}" in message
