"""Every fault of every row, each once, whatever else is wrong with the row; and no restricted value anywhere."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from probation_etl.contracts.rulebook import Rulebook
from probation_etl.intake.references import InFrame

if TYPE_CHECKING:
    from conftest import Library


def test_a_faultless_return_has_no_findings(library: Library, loans: Rulebook) -> None:
    result = library.assess(library.csv(library.row(), library.row(Copy="2")), loans)
    assert (library.faults(result), result.verdict, result.rows.accepted) == ([], "accepted", 2)
    assert result.accepted.select("source_row", "loan_reference", "copy_number", "lent_on").rows() == [
        (2, "L0001", 1, date(2024, 3, 1)), (3, "L0001", 2, date(2024, 3, 1))
    ]  # fmt: skip


# No fault hides another


def test_every_fault_of_a_row_is_reported_once_from_the_first_column_to_the_last(
    library: Library, loans: Rulebook
) -> None:
    row = library.row(
        Loan_reference="4711", Copy="0", Branch="South", Lent_on="", Returned_on="soon", Fine="99.999",
        Renewed="maybe", Notes="a text of more than twenty characters",
    )  # fmt: skip
    result = library.assess(library.csv(library.row(), row), loans)
    assert library.faults(result) == [
        (3, "Loan reference", "wrong-pattern"), (3, "Copy", "out-of-range"), (3, "Branch", "not-in-list"),
        (3, "Lent on", "missing-value"), (3, "Returned on", "not-a-date"), (3, "Fine", "too-precise"),
        (3, "Fine", "out-of-range"), (3, "Renewed", "not-a-boolean"), (3, "Notes", "wrong-length"),
    ]  # fmt: skip
    assert (result.rows.read, result.rows.accepted, result.rows.quarantined) == (2, 1, 1)


def test_a_cell_that_does_not_parse_does_not_blind_the_rules_of_its_row(library: Library, loans: Rulebook) -> None:
    row = library.row(Fine="free", Returned_on="29/02/2024")
    assert library.faults(library.assess(library.csv(row), loans)) == [
        (2, "Returned on", "row-rule"), (2, "Fine", "not-a-number")
    ]  # fmt: skip


def test_a_cell_that_does_not_parse_in_one_row_does_not_blind_the_rules_of_another(
    library: Library, loans: Rulebook
) -> None:
    rows = (library.row(Copy="x"), library.row(Copy="100"), library.row(Copy="1.5"))
    assert library.faults(library.assess(library.csv(*rows), loans)) == [
        (2, "Copy", "not-a-number"), (3, "Copy", "out-of-range"), (4, "Copy", "not-an-integer")
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["soon", "2024-03-01", "31/02/2024"])
def test_a_required_cell_that_does_not_parse_is_not_called_missing(
    library: Library, loans: Rulebook, text: str
) -> None:
    assert library.faults(library.assess(library.csv(library.row(Lent_on=text)), loans)) == [
        (2, "Lent on", "not-a-date")
    ]


def test_a_rule_is_not_computed_over_a_cell_that_does_not_parse(library: Library) -> None:
    rule = library.rule("returned_on IS NOT NULL", name="returned", column="notes")
    rulebook = library.rulebook(library.contract(rules=[rule]))
    assert library.faults(library.assess(library.csv(library.row(Returned_on="x")), rulebook)) == [
        (2, "Returned on", "not-a-date")
    ]
    assert library.faults(library.assess(library.csv(library.row(Returned_on="")), rulebook)) == [
        (2, "Notes", "row-rule")
    ]


def test_rules_over_a_missing_column_are_not_computed(library: Library, loans: Rulebook) -> None:
    header = [name for name in library.header if name != "Lent on"]
    data = library.text(header, [library.row()[name] for name in header])
    result = library.assess(data, loans)
    assert library.faults(result) == [(None, "Lent on", "missing-column")]
    assert (result.verdict, result.rows.quarantined) == ("rejected", 1)


def test_a_missing_optional_column_is_a_warning_and_the_rows_are_accepted(library: Library, loans: Rulebook) -> None:
    header = [name for name in library.header if name != "Returned on"]
    result = library.assess(library.text(header, [library.row()[name] for name in header]), loans)
    assert result.findings.select("code", "severity").rows() == [("missing-column", "warning")]
    assert (result.verdict, result.accepted["returned_on"].to_list()) == ("accepted_with_warnings", [None])


def test_a_warning_leaves_its_row_accepted(library: Library) -> None:
    rulebook = library.rulebook(library.contract(rules=[library.rule("fine < 1", severity="warning")]))
    result = library.assess(library.csv(library.row(Fine="2"), library.row(Copy="2", Fine="x")), rulebook)
    assert result.findings.select("row", "severity").rows() == [(2, "warning"), (3, "error")]
    assert result.accepted["source_row"].to_list() == [2]


def test_a_finding_says_what_where_and_what_to_do(library: Library, loans: Rulebook) -> None:
    result = library.assess(library.csv(library.row(), library.row(Copy="2", Branch="South")), loans)
    (finding,) = result.findings.to_dicts()
    assert finding == {
        "code": "not-in-list", "message": "‘South’ is not one of: Central, N (North).", "rule": "branch|enum",
        "severity": "error", "file": library.file, "sheet": None, "row": 3, "column": "Branch", "cell": None,
        "value": "South", "hint": "Use a value from the list, spelt exactly as it is there.",
    }  # fmt: skip


def test_columns_are_named_as_the_supplier_wrote_them(library: Library, loans: Rulebook) -> None:
    header = ["LOAN REF", *library.header[1:]]
    result = library.assess(library.text(header, library.row(Loan_reference="?").values()), loans)
    assert library.faults(result) == [(2, "LOAN REF", "wrong-pattern")]


# Duplicates


def duplicates(library: Library, rulebook: Rulebook, *rows: dict[str, str]) -> list[tuple[int, str]]:
    result = library.assess(library.csv(*rows), rulebook)
    found = result.findings.filter(pl.col("code") == "duplicate-row")
    return found.select("row", "message").rows()


def test_rows_of_one_key_name_one_another(library: Library, loans: Rulebook) -> None:
    same, other = library.row(), library.row(Copy="2")
    said = "Rows 2, 4, 5 have the same Loan reference, Copy."
    assert duplicates(library, loans, same, other, same, same) == [(2, said), (4, said), (5, said)]


def test_many_rows_of_one_key_name_the_first_ones(library: Library, loans: Rulebook) -> None:
    found = duplicates(library, loans, *[library.row()] * 12)
    rows = ", ".join(map(str, range(2, 12)))
    assert {message for _, message in found} == {f"Rows {rows} and more have the same Loan reference, Copy."}
    assert len(found) == 12


def test_rows_of_one_key_are_found_across_spaces(library: Library, loans: Rulebook) -> None:
    assert [row for row, _ in duplicates(library, loans, library.row(), library.row(Copy=" 01"))] == [2, 3]


def test_a_key_without_its_required_part_is_missing_and_not_double(library: Library, loans: Rulebook) -> None:
    rows = [library.row(Copy="")] * 2
    result = library.assess(library.csv(*rows), loans)
    assert library.faults(result) == [(2, "Copy", "missing-value"), (3, "Copy", "missing-value")]


@pytest.fixture(scope="module")
def optional_key(library: Library) -> Rulebook:
    """Loans whose key has an optional part: the day of return."""
    columns = library.columns(returned_on={"primaryKey": True, "primaryKeyPosition": 3})
    return library.rulebook(library.contract(columns=columns))


def test_an_empty_optional_part_of_the_key_is_a_value_like_any_other(library: Library, optional_key: Rulebook) -> None:
    empty, given = library.row(Returned_on=""), library.row()
    assert [row for row, _ in duplicates(library, optional_key, empty, given, empty)] == [2, 4]


@pytest.mark.parametrize("text", ["31/13/2024", "soon"])
def test_a_part_of_the_key_that_does_not_parse_is_not_the_same_as_an_empty_one(
    library: Library, optional_key: Rulebook, text: str
) -> None:
    result = library.assess(library.csv(library.row(Returned_on=""), library.row(Returned_on=text)), optional_key)
    assert library.faults(result) == [(3, "Returned on", "not-a-date")]
    assert result.accepted["source_row"].to_list() == [2]


def test_rows_whose_key_does_not_parse_are_not_double(library: Library, loans: Rulebook) -> None:
    assert duplicates(library, loans, library.row(Copy="x"), library.row(Copy="y")) == []


def test_a_unique_column_names_the_rows_and_lets_empty_cells_be(library: Library) -> None:
    rulebook = library.rulebook(library.contract(columns=library.columns(notes={"unique": True})))
    rows = [library.row(Copy=str(number), Notes=text) for number, text in enumerate(("a", "", "b", "", "a"), start=1)]
    assert duplicates(library, rulebook, *rows) == [
        (2, "Rows 2, 6 have the same Notes."), (6, "Rows 2, 6 have the same Notes.")
    ]  # fmt: skip


def test_a_column_that_is_unique_and_the_whole_key_is_reported_once(library: Library) -> None:
    columns = library.columns(loan_reference={"unique": True}, copy_number={"primaryKey": False})
    rulebook = library.rulebook(library.contract(columns=columns))
    assert [row for row, _ in duplicates(library, rulebook, library.row(), library.row())] == [2, 3]


# Restricted columns


@pytest.mark.parametrize(
    ("written", "shown"), [("X12/ab é", "A99/AA A"), ("Ǆ٤", "A9"), ("JANE DOE", "AAAA AAA"), ("名前1", "AA9")]
)
def test_a_restricted_value_is_masked_to_its_shape_in_value_and_message(
    library: Library, loans: Rulebook, written: str, shown: str
) -> None:
    result = library.assess(library.csv(library.row(Loan_reference=written)), loans)
    (finding,) = result.findings.to_dicts()
    assert finding["value"] == shown
    assert finding["message"].startswith(f"‘{shown}’ is not in the right format: ")
    assert written not in finding["message"]


def test_no_finding_of_any_kind_holds_a_restricted_value(library: Library) -> None:
    columns = library.columns(
        loan_reference={"unique": True, "logicalTypeOptions": {"pattern": r"^L\d{4}$", "maxLength": 5}, "enum": [{"value": "L0001"}]}
    )  # fmt: skip
    mapping = {"table": "loan", "columns": {"reference": {"expression": "loan_reference", "codes": {"L0001": "one"}}}}
    unified, cards = (
        library.contract(
            name=f"unified-{table}", table=table, columns=[{"name": "reference", "logicalType": "string"}], rules=[],
            custom={"layer": "unified", "identification": None, "reportingPeriod": None},
        )
        for table in ("loan", "card")
    )  # fmt: skip
    relation = {"id": "exists", "from": "loans.loan_reference", "to": "card.reference"}
    rule = library.rule("loan_reference = 'L0001'", name="only_one")
    contract = library.contract(columns=columns, rules=[rule], relationships=[relation], custom={"mapping": mapping})
    rows = [library.row(Loan_reference="CANARY77")] * 2 + [library.row(Loan_reference="L0777")]
    known = pl.DataFrame({"reference": ["one"]})
    result = library.assess(
        library.csv(*rows),
        library.rulebook(contract, unified, cards),
        references=lambda _supplier, _end: lambda _table: InFrame(known),
    )
    assert set(result.findings["code"]) == {
        "wrong-pattern", "wrong-length", "not-in-list", "duplicate-row", "row-rule", "unknown-reference",
    }  # fmt: skip
    text = result.findings.write_csv()
    assert not any(value in text for value in ("CANARY", "77"))


@pytest.mark.parametrize(
    ("column", "code"),
    [
        ("Renewed", "not-a-boolean"), ("Copy", "not-a-number"), ("Fine", "not-a-number"), ("Lent_on", "not-a-date"),
        ("Branch", "not-in-list"), ("Notes", "wrong-length"),
    ],
)  # fmt: skip
def test_restricted_values_of_every_type_are_masked(library: Library, column: str, code: str) -> None:
    columns = library.columns(
        **{column.lower() if column != "Copy" else "copy_number": {"classification": "restricted"}}
    )
    row = library.row(**{column: "CANARY 77 is longer than twenty"})
    result = library.assess(library.csv(row), library.rulebook(library.contract(columns=columns)))
    assert result.findings.select("code", "value").rows() == [(code, "AAAAAA 99 AA AAAAAA AAAA AAAAAA")]
    assert not any(value in result.findings.write_csv() for value in ("CANARY", "77"))


def test_a_value_of_a_column_that_is_not_restricted_is_shown_as_written(library: Library, loans: Rulebook) -> None:
    result = library.assess(library.csv(library.row(Copy="12a")), loans)
    assert result.findings.select("value", "message").rows() == [("12a", "‘12a’ is not a number.")]


@pytest.mark.parametrize("text", ["{value}", "{0}", "%s", "{", "}", "a\\b"])
def test_braces_in_a_cell_are_text_like_any_other(library: Library, loans: Rulebook, text: str) -> None:
    result = library.assess(library.csv(library.row(Branch=text)), loans)
    assert result.findings["message"].to_list() == [f"‘{text}’ is not one of: Central, N (North)."]


def test_a_very_long_value_is_cut_in_the_message(library: Library, loans: Rulebook) -> None:
    result = library.assess(library.csv(library.row(Branch="x" * 10_000)), loans)
    assert len(result.findings["message"].item()) < 400


# References


@pytest.fixture(scope="module")
def referring(library: Library) -> Rulebook:
    """Loans that must refer to a copy in the catalogue."""
    relation = {
        "id": "copy_exists", "from": ["loans.loan_reference", "loans.copy_number"], "to": ["copy.reference", "copy.number"],
        "customProperties": [{"property": "hint", "value": "Look in the catalogue."}],
    }  # fmt: skip
    columns = [{"name": "reference", "logicalType": "string"}, {"name": "number", "logicalType": "integer"}]
    unified = {"layer": "unified", "identification": None, "reportingPeriod": None}
    copies = library.contract(name="copy", columns=columns, rules=[], custom=unified)
    return library.rulebook(library.contract(relationships=[relation]), copies)


def referred(library: Library, rulebook: Rulebook, catalogue: pl.DataFrame | None, *rows: dict[str, str]) -> Any:
    return library.assess(
        library.csv(*rows),
        rulebook,
        references=lambda _supplier, _end: lambda _table: None if catalogue is None else InFrame(catalogue),
    )


CATALOGUE = pl.DataFrame({"reference": ["L0001", "L0001", "L0002"], "number": [1, 1, 7]})


def test_a_row_that_refers_to_nothing_is_an_error_with_the_contract_s_hint(
    library: Library, referring: Rulebook
) -> None:
    result = referred(library, referring, CATALOGUE, library.row(), library.row(Copy="7"), library.row(Copy="2"))
    assert library.faults(result) == [
        (3, "Loan reference", "unknown-reference"),
        (4, "Loan reference", "unknown-reference"),
    ]
    assert set(result.findings["hint"]) == {"Look in the catalogue."}
    assert result.accepted["source_row"].to_list() == [2]


def test_nothing_to_refer_to_is_not_the_same_as_not_knowing(library: Library, referring: Rulebook) -> None:
    result = referred(library, referring, CATALOGUE.clear(), library.row())
    assert library.faults(result) == [(2, "Loan reference", "unknown-reference")]


def test_references_that_cannot_be_checked_are_a_warning(library: Library, referring: Rulebook) -> None:
    result = referred(library, referring, None, library.row())
    assert result.findings.select("row", "code", "severity").rows() == [(None, "unchecked-reference", "warning")]
    assert result.verdict == "accepted_with_warnings"


def test_a_nil_return_has_no_reference_to_check(library: Library, referring: Rulebook) -> None:
    assert referred(library, referring, None).findings.height == 0
    assert referred(library, referring, CATALOGUE).findings.height == 0


@pytest.mark.parametrize("copy_number", ["", "x"])
def test_an_incomplete_key_is_not_looked_up(library: Library, referring: Rulebook, copy_number: str) -> None:
    result = referred(library, referring, CATALOGUE, library.row(Copy=copy_number))
    assert "unknown-reference" not in result.findings["code"].to_list()
    assert result.findings.height == 1


# Broken records


def test_a_broken_record_is_reported_once_and_quarantined(library: Library, loans: Rulebook) -> None:
    short, long = ["L0002", "x", "South"], [*library.row().values(), "more"]
    result = library.assess(library.text(library.header, library.row().values(), short, long), loans)
    assert library.faults(result) == [(3, None, "malformed-row"), (4, None, "malformed-row")]
    assert result.findings["message"].to_list() == [
        "The row has 3 cells, but the header has 8.", "The row has 9 cells, but the header has 8."
    ]  # fmt: skip
    assert result.accepted["source_row"].to_list() == [2]
    assert result.quarantined["source_row"].to_list() == [3, 4]
    assert result.quarantined.rows()[1][:9] == (
        "L0001",
        "1",
        "Central",
        "01/03/2024",
        "15/03/2024",
        "0.50",
        "true",
        None,
        "more",
    )


def test_a_broken_record_is_not_a_duplicate_of_a_good_one(
    library: Library, loans: Rulebook, optional_key: Rulebook
) -> None:
    for rulebook in (loans, optional_key):
        good = list(library.row(Returned_on="").values())
        result = library.assess(library.text(library.header, good, [*good, "more"]), rulebook)
        assert library.faults(result) == [(3, None, "malformed-row")]


def test_all_rows_broken_leaves_none_accepted_and_none_lost(library: Library, loans: Rulebook) -> None:
    result = library.assess(library.text(library.header, ["a"], ["b", "c"], ["d"]), loans)
    assert (result.rows.read, result.rows.accepted, result.rows.quarantined) == (3, 0, 3)
    assert (result.verdict, result.is_loadable, result.quarantined.height) == ("rejected", False, 3)
