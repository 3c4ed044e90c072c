from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from probation_etl.intake.resubmission import CorrectedReturn, Resubmission, Side, compare
from probation_etl.intake.table import extract
from probation_etl.reports.comparison import Comparison

if TYPE_CHECKING:
    from conftest import Library

CORRECTS = CorrectedReturn("loans:1", "r1", "f.csv", "partly_accepted")


def side(library: Library, data: bytes, *, readable: bool = True) -> Side:
    result = library.assess(data)
    assert result.source.grid is not None
    return Side(result.findings, extract(result.source.grid, library.loans.contracts["loans"]) if readable else None)


def compared(library: Library, earlier: bytes, later: bytes, *, readable: bool = True) -> Resubmission:
    contract = library.loans.contracts["loans"]
    sides = (side(library, each, readable=readable) for each in (earlier, later))
    return compare(*sides, contract, CORRECTS, checks=library.loans.schema_of(contract).by_name)


def outcome(found: Resubmission) -> tuple[list[Any], list[Any], list[Any]]:
    """Rule and row of what is fixed (in the earlier return), what remains and what is new."""
    frames = (found.fixed, found.findings[list(found.remaining)], found.findings[list(found.new)])
    fixed, remaining, new = ([(rule, row) for rule, row in frame.select("rule", "row").rows()] for frame in frames)
    return fixed, remaining, new


def rows(library: Library, *changes: dict[str, str]) -> list[dict[str, str]]:
    return [library.row(**{"Loan_reference": f"L{at:04}", **each}) for at, each in enumerate(changes, 1)]


def test_what_is_fixed_what_remains_and_what_is_new_though_rows_have_moved(library: Library) -> None:
    before = rows(library, {"Branch": "South"}, {}, {"Copy": "many"}, {})
    after = [
        before[3],
        {**before[2], "Notes": "looked at"},
        library.row(Loan_reference="L0009"),
        {**before[1], "Copy": "0"},
    ]
    after.append({**before[0], "Branch": "Central"})
    found = compared(library, library.csv(*before), library.csv(*after))
    assert outcome(found) == ([("branch|enum", 2)], [("copy_number|type", 3)], [("copy_number|range", 5)])


def test_the_same_return_again_leaves_all_as_it_was(library: Library) -> None:
    data = library.csv(*rows(library, {"Branch": "South"}, {"Copy": "0", "Lent_on": "soon"}, {}))
    found = compared(library, data, data)
    assert (found.fixed.height, len(found.remaining), found.new) == (0, found.findings.height, ())


def test_one_value_wrong_in_two_ways_is_two_faults(library: Library) -> None:
    before = rows(library, {"Returned_on": "01/02/2024"}, {"Returned_on": "soon"})
    after = rows(library, {"Returned_on": "soon"}, {"Returned_on": "16/03/2024"})
    found = compared(library, library.csv(*before), library.csv(*after))
    fixed = [("row|returned_not_before_lent", 2), ("returned_on|type", 3)]
    assert outcome(found) == (fixed, [], [("returned_on|type", 2)])


def test_a_key_that_is_still_wrong_in_another_way_is_the_same_fault(library: Library) -> None:
    before = rows(library, {"Loan_reference": "nonsense", "Notes": "the red one"}, {})
    after = [before[1], {**before[0], "Loan reference": "more nonsense"}]
    found = compared(library, library.csv(*before), library.csv(*after))
    assert outcome(found) == ([], [("loan_reference|pattern", 3)], [])


def test_a_row_with_an_empty_key_is_matched_by_its_other_cells(library: Library) -> None:
    before = rows(library, {"Loan_reference": "", "Notes": "a"}, {"Loan_reference": "", "Notes": "b"})
    after = [before[1]]
    found = compared(library, library.csv(*before), library.csv(*after))
    assert outcome(found) == ([("loan_reference|required", 2)], [("loan_reference|required", 2)], [])


def test_of_rows_with_one_key_as_many_faults_remain_as_there_are_on_both_sides(library: Library) -> None:
    one = library.row(Branch="South")
    found = compared(library, library.csv(one, one, one), library.csv(one, library.row(Loan_reference="L0002")))
    fixed, remaining, new = outcome(found)
    assert sorted(rule for rule, _ in fixed) == ["branch|enum", "branch|enum", *["key|unique"] * 3]
    assert (remaining, new) == ([("branch|enum", 2)], [])


def test_faults_of_the_header_are_matched_by_their_column(library: Library) -> None:
    header = [*library.header, "Team", "Shelf"]
    row = [*(library.row()[name] for name in library.header), "x", "y"]
    again = [*library.header, "Shelf", "Lamp"]
    found = compared(library, library.text(header, row), library.text(again, row))
    columns = [
        frame["column"].to_list()
        for frame in (found.fixed, found.findings[list(found.remaining)], found.findings[list(found.new)])
    ]
    assert columns == [["Team"], ["Shelf"], ["Lamp"]]


def test_the_header_may_be_written_otherwise(library: Library) -> None:
    row = [library.row(Branch="South")[name] for name in library.header]
    other = ["LOAN REF", *library.header[1:]]
    found = compared(library, library.text(library.header, row), library.text(other, row))
    assert outcome(found) == ([], [("branch|enum", 2)], [])


def test_where_rows_are_not_to_be_had_their_numbers_tell(library: Library) -> None:
    before = rows(library, {"Branch": "South"}, {"Branch": "South"})
    after = rows(library, {}, {"Branch": "South"})
    found = compared(library, library.csv(*before), library.csv(*after), readable=False)
    assert outcome(found) == ([("branch|enum", 2)], [("branch|enum", 3)], [])


def test_in_json_the_counts_are_of_all_and_positions_of_what_is_shown(library: Library) -> None:
    before = library.csv(*rows(library, *[{"Branch": "South"}] * 5))
    after = library.csv(*rows(library, *[{"Branch": "South"}] * 3, {"Copy": "0"}, {"Copy": "0"}))
    document = Comparison.of(compared(library, before, after)).shortened(4).as_dict()
    assert {key: document[key] for key in ("corrects", "fixed", "remaining", "new")} == {
        "corrects": asdict(CORRECTS), "fixed": 2, "remaining": 3, "new": 2,
    }  # fmt: skip
    assert (document["remaining_findings"], document["new_findings"]) == ([0, 1, 2], [3])
    assert [(each["row"], each["rule"], each["value"]) for each in document["fixed_findings"]] == [
        (5, "branch|enum", "South"), (6, "branch|enum", "South"),
    ]  # fmt: skip
    assert [(each["rule"], each["fixed"], each["remaining"], each["new"], each["title"]) for each in document["rules"]] == [
        ("branch|enum", 2, 3, 0, "Not in the list"), ("copy_number|range", 0, 0, 2, "Out of range"),
    ]  # fmt: skip
    assert Comparison.of(compared(library, before, after)).as_dict()["new_findings"] == [3, 4]


CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "Branch": st.sampled_from(["South", "Central", ""]), "Copy": st.sampled_from(["1", "0", "many"]),
        "Loan_reference": st.sampled_from(["L0001", "L0002", "bad", ""]), "Lent_on": st.sampled_from(["soon", "02/03/2024"]),
    },
)  # fmt: skip


@given(before=st.lists(CHANGES, max_size=6), after=st.lists(CHANGES, max_size=6), shuffled=st.randoms())
def test_nothing_is_counted_twice_or_forgotten_and_order_does_not_matter(
    library: Library, before: list[dict[str, str]], after: list[dict[str, str]], shuffled: Any
) -> None:
    first = [library.row(**each) for each in before]
    second = [library.row(**each) for each in after]
    found = compared(library, library.csv(*first), library.csv(*second))
    earlier = side(library, library.csv(*first)).findings
    assert found.fixed.height + len(found.remaining) == earlier.height
    assert sorted([*found.remaining, *found.new]) == list(range(found.findings.height))
    moved = shuffled.sample(second, len(second))
    again = compared(library, library.csv(*first), library.csv(*moved))
    if not pl.concat([earlier, found.findings])["code"].is_in(["acceptance-limit"]).any():
        assert (again.fixed.height, len(again.remaining), len(again.new)) == (
            found.fixed.height, len(found.remaining), len(found.new),
        )  # fmt: skip
