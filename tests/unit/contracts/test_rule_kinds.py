"""Every kind of rule that a contract can have, each in a small contract of its own; and what is never guessed at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from probation_etl.contracts.rulebook import Rulebook, load_rulebook
from probation_etl.errors import ContractError
from probation_etl.intake.assess import assess
from probation_etl.intake.references import InFrame
from probation_etl.intake.result import ReturnResult
from probation_etl.runs.lint import Linted, lint
from probation_etl.runs.run import run
from probation_etl.unified.harmonise import harmonise

if TYPE_CHECKING:
    from conftest import Library

UNIFIED = {"layer": "unified", "identification": None, "reportingPeriod": None}


def own(**properties: Any) -> dict[str, Any]:
    """Properties of a column in our own language."""
    return {"customProperties": [{"property": name, "value": value} for name, value in properties.items()]}


def of_column(library: Library, name: str, changes: dict[str, Any], texts: Sequence[str]) -> ReturnResult:
    """A return with one row for each text, in a column of that contract; no other column finds a fault."""
    header = next(each["physicalName"] for each in library.columns() if each["name"] == name)
    rulebook = library.rulebook(library.contract(columns=library.columns(**{name: changes}), rules=[]))
    rows = [library.row(**{"Loan_reference": f"L{number:04}", header: text}) for number, text in enumerate(texts)]
    return library.assess(library.csv(*rows), rulebook)


def codes(result: ReturnResult) -> list[str]:
    return result.findings["code"].to_list()


def faults_in(library: Library, *contracts: dict[str, Any]) -> str:
    """What is wrong with the contracts, by the two ways of asking."""
    directory = library.directory(*contracts)
    with pytest.raises(ContractError) as caught:
        load_rulebook(directory)
    linted = list(lint([directory]).faults)
    assert sorted(linted) == sorted(caught.value.faults)
    return "\n".join(linted)


# Severities


@pytest.mark.parametrize(
    ("name", "code", "changes", "text"),
    [
        ("copy_number", "out-of-range", {}, "100"),
        ("copy_number", "not-a-number", {"required": False}, "one"),
        ("copy_number", "not-an-integer", {"required": False}, "1.5"),
        ("branch", "not-in-list", {}, "South"),
        ("branch", "missing-value", {}, ""),
        ("lent_on", "not-a-date", {"required": False}, "soon"),
        ("fine", "too-precise", {}, "0.123"),
        ("renewed", "not-a-boolean", {}, "perhaps"),
        ("notes", "wrong-length", {}, "x" * 21),
        ("notes", "wrong-pattern", {"logicalTypeOptions": {"pattern": "^[a-z]*$"}}, "7"),
        ("notes", "duplicate-row", {"unique": True}, "same"),
    ],
)
def test_a_finding_is_a_warning_where_the_column_says_so_and_an_error_elsewhere(
    library: Library, name: str, code: str, changes: dict[str, Any], text: str
) -> None:
    loud = of_column(library, name, changes, [text, text])
    mild = of_column(library, name, {**changes, **own(severities={code: "warning"})}, [text, text])
    assert codes(loud) == codes(mild) == [code, code]
    assert (set(loud.findings["severity"]), loud.rows.accepted) == ({"error"}, 0)
    assert (set(mild.findings["severity"]), mild.rows.accepted) == ({"warning"}, 2)
    assert mild.verdict == "accepted_with_warnings"


def test_a_warning_of_one_code_leaves_the_other_codes_of_the_column_errors(library: Library) -> None:
    result = of_column(library, "copy_number", own(severities={"out-of-range": "warning"}), ["100", "x", "1"])
    assert result.findings.select("code", "severity").rows() == [
        ("out-of-range", "warning"), ("not-a-number", "error")
    ]  # fmt: skip
    assert result.accepted["copy_number"].to_list() == [100, 1]


def test_a_value_that_cannot_be_read_is_empty_where_its_fault_is_a_warning(library: Library) -> None:
    result = of_column(library, "fine", own(severities={"not-a-number": "warning"}), ["free", "0.50"])
    assert result.accepted["fine"].to_list() == [None, Decimal("0.5")]


@pytest.mark.parametrize(
    ("name", "code"), [("lent_on", "not-a-date"), ("copy_number", "not-an-integer"), ("branch", "error-cell")]
)
def test_a_required_value_that_cannot_be_read_cannot_be_a_warning(library: Library, name: str, code: str) -> None:
    columns = library.columns(**{name: own(severities={code: "warning"})})
    said = faults_in(library, library.contract(columns=columns))
    assert f"column ‘{name}’: the column is required, so ‘{code}’ cannot be a warning" in said


def test_a_value_that_need_not_be_there_may_be_unreadable_with_a_warning(library: Library) -> None:
    mild = own(severities={"not-a-date": "warning", "missing-value": "warning"})
    result = of_column(library, "lent_on", mild, ["soon", ""])
    assert (codes(result), result.verdict) == (["not-a-date", "missing-value"], "accepted_with_warnings")


# Dates


def test_a_date_may_have_any_of_several_forms(library: Library) -> None:
    changes = {
        "logicalTypeOptions": {"format": "dd/MM/yyyy"}, **own(formats=["yyyy-MM-dd", "dd.MM.yyyy"])
    }  # fmt: skip
    result = of_column(library, "lent_on", changes, ["03/04/2020", "2020-04-03", "03.04.2020", "2020/04/03"])
    assert codes(result) == ["not-a-date"]
    assert result.accepted["lent_on"].to_list() == [date(2020, 4, 3)] * 3
    assert "dd/MM/yyyy or yyyy-MM-dd or dd.MM.yyyy" in result.findings["message"].item()


def test_the_first_form_is_not_tried_on_a_text_of_another(library: Library) -> None:
    changes = {"logicalTypeOptions": {"format": "d/M/yyyy"}, **own(formats=["dd-MM-yyyy"])}
    result = of_column(library, "lent_on", changes, ["3/4/2020", "13/12/2020", "03-04-2020", "3-4-2020", "3/4-2020"])
    assert codes(result) == ["not-a-date"] * 2
    assert result.accepted["lent_on"].to_list() == [date(2020, 4, 3), date(2020, 12, 13), date(2020, 4, 3)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("dd/MM/yyyy", "MM/dd/yyyy"),
        ("d/M/yyyy", "MM/dd/yyyy"),
        ("dd-MM-yyyy", "M-d-yyyy"),
    ],
)
def test_a_contract_that_reads_one_text_as_two_days_is_refused(library: Library, one: str, other: str) -> None:
    changes = {"logicalTypeOptions": {"format": one}, **own(formats=[other])}
    said = faults_in(library, library.contract(columns=library.columns(lent_on=changes)))
    assert f"‘{one}’ and ‘{other}’ read one text as two different days" in said


@pytest.mark.parametrize(("form", "day"), [("dd/MM/yyyy", date(2020, 4, 3)), ("MM/dd/yyyy", date(2020, 3, 4))])
def test_a_day_is_read_as_the_contract_says_and_never_the_other_way(library: Library, form: str, day: date) -> None:
    result = of_column(library, "lent_on", {"logicalTypeOptions": {"format": form}}, ["03/04/2020"])
    assert result.accepted["lent_on"].to_list() == [day]
    impossible = "13/01/2020" if form == "MM/dd/yyyy" else "01/13/2020"
    assert codes(of_column(library, "lent_on", {"logicalTypeOptions": {"format": form}}, [impossible])) == [
        "not-a-date"
    ]


@pytest.mark.parametrize("text", ["October 20201", "01/10/20201", "01/10/20", "1 October 2020", "43922", "01/10/2020¹"])
def test_a_date_with_a_footnote_or_in_words_is_not_guessed_at(library: Library, text: str) -> None:
    assert codes(of_column(library, "lent_on", {}, [text])) == ["not-a-date"]


# Empty, left out and marked


def test_words_for_nothing_are_empty_cells(library: Library) -> None:
    result = of_column(library, "fine", own(nullTokens=["n/a", "-", 99]), ["n/a", " - ", "99", "0.99", "N/A", "--"])
    assert codes(result) == ["not-a-number"] * 2
    assert result.accepted["fine"].to_list() == [None, None, None, Decimal("0.99")]


def test_a_word_for_nothing_is_missing_where_a_value_is_required(library: Library) -> None:
    result = of_column(library, "branch", own(nullTokens=["unknown"]), ["unknown", "Central"])
    assert library.faults(result) == [(2, "Branch", "missing-value")]


SHORTHAND = own(shorthand=["c", "x", "z", "low"])


@pytest.mark.parametrize("mark", ["[c]", "[x]", "[z]", "[low]", " [c]\u00a0"])
@pytest.mark.parametrize("name", ["copy_number", "branch", "lent_on", "fine", "notes"])
def test_shorthand_stands_for_a_value_that_is_left_out_and_is_not_missing(
    library: Library, name: str, mark: str
) -> None:
    result = of_column(library, name, {**SHORTHAND, "required": True}, [mark])
    assert (codes(result), result.accepted[name].to_list()) == ([], [None])


@pytest.mark.parametrize("mark", ["c", "[C]", "[c] [x]", "[c]5", "5[c]", "[r]", "[ c ]", "[]", "(c)", "[lo]"])
def test_nothing_but_a_mark_of_the_contract_is_shorthand(library: Library, mark: str) -> None:
    assert codes(of_column(library, "fine", SHORTHAND, [mark])) == ["not-a-number"]


def test_shorthand_is_text_like_any_other_where_the_contract_does_not_allow_it(library: Library) -> None:
    assert codes(of_column(library, "fine", {}, ["[c]"])) == ["not-a-number"]
    assert of_column(library, "notes", {}, ["[c]"]).accepted["notes"].to_list() == ["[c]"]


def test_rules_are_not_computed_over_a_value_that_is_left_out(library: Library) -> None:
    rules = [
        library.rule("returned_on IS NOT NULL AND returned_on >= lent_on", name="came_back", column="returned_on"),
        library.rule("fine IS NULL", name="free"),
    ]
    rulebook = library.rulebook(library.contract(columns=library.columns(returned_on=SHORTHAND), rules=rules))
    rows = (library.row(Returned_on="[x]", Fine=""), library.row(Returned_on="", Copy="2"))
    assert library.assess(library.csv(*rows), rulebook).findings.select("row", "rule").rows() == [
        (3, "row|came_back"), (3, "row|free")
    ]  # fmt: skip


def test_a_withheld_key_does_not_match_another_row(library: Library) -> None:
    rulebook = library.rulebook(library.contract(columns=library.columns(copy_number=SHORTHAND)))
    result = library.assess(library.csv(*[library.row(Copy="[c]")] * 2, *[library.row(Copy="7")] * 2), rulebook)
    assert library.faults(result) == [(4, "Loan reference", "duplicate-row"), (5, "Loan reference", "duplicate-row")]


MARKERS = own(markers=["r", "e"])


def test_marks_after_a_number_say_something_of_it_and_leave_it_as_it_is(library: Library) -> None:
    texts = ["47 [r]", "47[r]", "47 [r][e]", "47 [e] [r]", "47.00\u00a0[r]", "47"]
    result = of_column(library, "fine", MARKERS, texts)
    assert (codes(result), result.accepted["fine"].to_list()) == ([], [Decimal(47)] * 6)


@pytest.mark.parametrize("text", ["[r] 47", "47 r", "47 [p]", "47 [r", "47 []", "47 [r] 1", "4 [r] 7", "[r]", "47 [R]"])
def test_any_other_mark_makes_it_no_number(library: Library, text: str) -> None:
    assert codes(of_column(library, "fine", MARKERS, [text])) == ["not-a-number"]


def test_a_marked_number_is_checked_by_the_rules_of_its_column(library: Library) -> None:
    result = of_column(library, "fine", MARKERS, ["60 [r]", "0.125 [e]", "free [r]"])
    assert codes(result) == ["out-of-range", "too-precise", "not-a-number"]
    assert result.findings["value"].to_list() == ["60 [r]", "0.125 [e]", "free [r]"]


def test_marks_are_not_part_of_a_number_unless_the_contract_allows_them(library: Library) -> None:
    assert codes(of_column(library, "fine", {}, ["47 [r]"])) == ["not-a-number"]


# Numbers


def thousands(separator: str) -> dict[str, Any]:
    return {"logicalTypeOptions": {"multipleOf": 0.01}, **own(thousandsSeparator=separator)}


@pytest.mark.parametrize("separator", [",", " ", "'"])
def test_thousands_may_be_separated_where_the_contract_says_so(library: Library, separator: str) -> None:
    texts = [text.replace(",", separator) for text in ("1,234", "12,345,678.90", "-1,234", "+1,234", "1234", "999")]
    result = of_column(library, "fine", thousands(separator), texts)
    assert codes(result) == []
    assert result.accepted["fine"].to_list() == [
        Decimal(1234), Decimal("12345678.9"), Decimal(-1234), Decimal(1234), Decimal(1234), Decimal(999)
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["12,34", "1,23", "1,2345", ",234", "1234,567", "1,,234", "1,234,", "1,234,56", "1.234,56", "1 234", "1,234,5.0"],
)
def test_a_separator_in_the_wrong_place_is_not_taken_for_one_of_thousands(library: Library, text: str) -> None:
    assert codes(of_column(library, "fine", thousands(","), [text])) == ["not-a-number"]


@pytest.mark.parametrize("name", ["fine", "copy_number"])
@pytest.mark.parametrize("text", ["1,234", "1 234", "1'234", "1\u00a0234", "1\u202f234"])
def test_separated_thousands_are_not_a_number_unless_the_contract_allows_them(
    library: Library, name: str, text: str
) -> None:
    assert codes(of_column(library, name, {}, [text])) == ["not-a-number"]


def test_separated_thousands_are_whole_numbers_too(library: Library) -> None:
    changes = {"logicalTypeOptions": {"maximum": 2000}, **own(thousandsSeparator=",")}
    result = of_column(library, "copy_number", changes, ["1,234", "2,001", "1,234.0"])
    assert codes(result) == ["out-of-range", "not-an-integer"]
    assert result.accepted["copy_number"].to_list() == [1234]


def test_a_point_for_thousands_leaves_no_point_for_decimals(library: Library) -> None:
    result = of_column(library, "fine", thousands("."), ["1.234", "1.234.567"])
    assert result.accepted["fine"].to_list() == [Decimal(1234), Decimal(1234567)]


def test_a_digit_of_a_footnote_is_a_digit_that_the_range_may_catch(library: Library) -> None:
    result = of_column(
        library, "copy_number", {"logicalTypeOptions": {"maximum": 999}}, ["239", "2391", "239¹", "239 1"]
    )
    assert library.faults(result) == [
        (3, "Copy", "out-of-range"),
        (4, "Copy", "not-a-number"),
        (5, "Copy", "not-a-number"),
    ]
    unbounded = of_column(library, "copy_number", {"logicalTypeOptions": {}}, ["2391"])
    assert unbounded.accepted["copy_number"].to_list() == [2391]


def test_decimals_stay_decimals_from_the_cell_to_the_rules(library: Library) -> None:
    rules = [
        library.rule("fine <> 0.3", name="not_three_tenths"),
        library.rule("", name="in_all", implementation={"aggregate": "SUM(fine) = 0.6"}),
    ]
    rulebook = library.rulebook(library.contract(rules=rules))
    rows = [library.row(Copy=str(number), Fine=fine) for number, fine in enumerate(("0.1", "0.2", "0.3"), start=1)]
    result = library.assess(library.csv(*rows), rulebook)
    assert result.findings.select("row", "rule").rows() == [(4, "row|not_three_tenths")]
    assert result.accepted.schema["fine"] == pl.Decimal(28, 6)
    assert result.accepted["fine"].sum() == Decimal("0.3")


def test_a_decimal_of_a_workbook_is_as_exact_as_one_of_a_text(library: Library) -> None:
    identification = {
        "sheet": "Loans",
        "fileName": r"(?P<supplier_code>[A-Z]\d)_(?P<period_end>\d{4}-\d{2}-\d{2})\.xlsx",
    }
    rulebook = library.rulebook(library.contract(custom={"identification": identification}))
    row = ["L0001", 1, "Central", datetime(2024, 3, 1), None, 0.1 + 0.2, True, None]
    (result,) = assess("B1_2024-03-31.xlsx", library.workbook(Loans=[library.header, row]), rulebook)
    assert (codes(result), result.accepted["fine"].to_list()) == ([], [Decimal("0.3")])


# Rules over the whole table


def over_table(library: Library, aggregate: str, *fines: str, severity: str = "error") -> ReturnResult:
    rule = library.rule(
        "", name="in_all", severity=severity, implementation={"aggregate": aggregate, "hint": "Add up."}
    )
    rulebook = library.rulebook(library.contract(rules=[rule]))
    rows = [library.row(Copy=str(number), Fine=fine) for number, fine in enumerate(fines, start=1)]
    return library.assess(library.csv(*rows), rulebook)


@pytest.mark.parametrize(
    ("aggregate", "fines", "good"),
    [
        ("COUNT(*) >= 2", ("1", ""), True),
        ("COUNT(*) >= 2", ("1",), False),
        ("COUNT(fine) = 1", ("1", ""), True),
        ("COUNT(fine) = 2", ("1", ""), False),
        ("COUNT(DISTINCT branch) = 1", ("1", "2"), True),
        ("SUM(fine) <= 3", ("1", "2"), True),
        ("SUM(fine) <= 3", ("1", "2.01"), False),
        ("SUM(fine) <= 3", (), True),
        ("AVG(fine) < 2", ("1", "2"), True),
        ("AVG(fine) < 2", ("2", "2"), False),
        ("AVG(fine) < 2", (), True),
        ("MAX(fine) - MIN(fine) <= 1", ("1", "2", ""), True),
        ("AVG(CASE WHEN fine IS NULL THEN 1.0 ELSE 0.0 END) <= 0.5", ("1", ""), True),
        ("AVG(CASE WHEN fine IS NULL THEN 1.0 ELSE 0.0 END) <= 0.5", ("1", "", ""), False),
        ("COUNT(fine) * 2 >= COUNT(*)", ("1", "", ""), False),
    ],
)
def test_a_rule_over_the_table_holds_of_all_rows_together(
    library: Library, aggregate: str, fines: tuple[str, ...], good: bool
) -> None:
    result = over_table(library, aggregate, *fines)
    assert library.faults(result) == ([] if good else [(None, None, "table-rule")])
    assert result.verdict == ("accepted" if good else "rejected")


def test_a_broken_rule_over_the_table_is_named_with_its_message_and_hint(library: Library) -> None:
    finding = over_table(library, "COUNT(*) > 9", "1").findings.select("rule", "message", "hint").row(0)
    assert finding == ("table|in_all", "in_all is broken.", "Add up.")


def test_a_rule_over_the_table_may_be_a_warning(library: Library) -> None:
    result = over_table(library, "COUNT(*) > 9", "1", severity="warning")
    assert (result.verdict, result.rows.accepted) == ("accepted_with_warnings", 1)


def test_a_total_is_not_checked_where_one_of_its_values_is_not_known(library: Library) -> None:
    assert codes(over_table(library, "SUM(fine) > 99", "1", "free")) == ["not-a-number"]
    assert codes(over_table(library, "COUNT(*) > 99", "1", "free")) == ["table-rule", "not-a-number"]


def test_a_rule_over_the_table_gives_one_value(library: Library) -> None:
    rule = library.rule("", name="each", implementation={"aggregate": "fine > 1"})
    assert "it must give one value for the whole table" in faults_in(library, library.contract(rules=[rule]))


def with_metric(library: Library, fines: Sequence[str], **metric: Any) -> ReturnResult:
    columns = library.columns(fine={"quality": [metric]}) if metric["metric"] == "nullValues" else library.columns()
    rules = [] if metric["metric"] == "nullValues" else [metric]
    rulebook = library.rulebook(library.contract(columns=columns, rules=rules))
    rows = [library.row(Copy=str(number), Fine=fine) for number, fine in enumerate(fines, start=1)]
    return library.assess(library.csv(*rows), rulebook)


@pytest.mark.parametrize(
    ("comparison", "good"),
    [
        ({"mustBe": 3}, True), ({"mustBe": 2}, False), ({"mustNotBe": 3}, False), ({"mustNotBe": 2}, True),
        ({"mustBeGreaterThan": 2}, True), ({"mustBeGreaterThan": 3}, False), ({"mustBeGreaterOrEqualTo": 3}, True),
        ({"mustBeLessThan": 3}, False), ({"mustBeLessOrEqualTo": 3}, True),
    ],
)  # fmt: skip
def test_the_library_s_metric_of_rows_is_compared_as_it_says(
    library: Library, comparison: dict[str, int], good: bool
) -> None:
    assert codes(with_metric(library, ["1", "2", ""], metric="rowCount", **comparison)) == (
        [] if good else ["table-rule"]
    )


@pytest.mark.parametrize(
    ("metric", "good"),
    [
        ({"mustBe": 1}, True), ({"mustBe": 0}, False), ({"mustBeLessOrEqualTo": 25, "unit": "percent"}, True),
        ({"mustBeLessThan": 25, "unit": "percent"}, False), ({"mustBeLessThan": 2, "unit": "rows"}, True),
    ],
)  # fmt: skip
def test_the_library_s_metric_of_empty_cells_is_a_number_or_a_share(
    library: Library, metric: dict[str, Any], good: bool
) -> None:
    result = with_metric(library, ["1", "2", "", "3"], metric="nullValues", **metric)
    assert codes(result) == ([] if good else ["table-rule"])


def test_a_share_of_no_rows_breaks_no_rule(library: Library) -> None:
    result = with_metric(library, [], metric="nullValues", mustBeLessThan=5, unit="percent")
    assert (codes(result), result.verdict) == ([], "accepted")


@pytest.mark.parametrize(
    "metric",
    [
        {"metric": "duplicateValues", "mustBe": 0},
        {"metric": "rowCount"},
        {"metric": "rowCount", "mustBe": 1, "mustBeLessThan": 2},
        {"metric": "nullValues", "mustBe": 0},
        {"metric": "rowCount", "mustBeBetween": [1, 2]},
    ],
)
def test_a_metric_that_we_do_not_compute_is_a_fault_and_not_passed_over(
    library: Library, metric: dict[str, Any]
) -> None:
    said = faults_in(library, library.contract(rules=[metric]))
    assert "this metric is not supported" in said or "quality[0]" in said


# Rules across returns

COPIES = pl.DataFrame({"reference": ["L0001", "L0001", "L0002"], "number": [1, 2, 7]})


def across(
    library: Library, this: str, operator: str, other: str, copies: pl.DataFrame | None = COPIES, **more: Any
) -> ReturnResult:
    """Two loans against the copies of the catalogue."""
    columns = [{"name": "reference", "logicalType": "string"}, {"name": "number", "logicalType": "integer"}]
    unified = library.contract(name="copy", columns=columns, rules=[], custom=UNIFIED)
    what = {"this": this, "operator": operator, "table": "copy", "other": other, "hint": "Count again."}
    rule = library.rule("", name="as_many", implementation=what, **more)
    rulebook = library.rulebook(library.contract(rules=[rule]), unified)
    data = library.csv(library.row(), library.row(Copy="2", Fine=""))
    return library.assess(
        data, rulebook, references=lambda _supplier, _end: lambda _table: None if copies is None else InFrame(copies)
    )


@pytest.mark.parametrize(
    ("operator", "good"), [("=", False), ("<>", True), ("<", True), ("<=", True), (">", False), (">=", False)]
)
def test_totals_of_two_returns_are_compared_as_the_rule_says(library: Library, operator: str, good: bool) -> None:
    result = across(library, "COUNT(*)", operator, "COUNT(*)")
    assert library.faults(result) == ([] if good else [(None, None, "cross-return-rule")])
    assert result.verdict == ("accepted" if good else "rejected")


def test_a_disagreement_of_two_returns_shows_both_totals(library: Library) -> None:
    (finding,) = across(library, "SUM(copy_number)", "=", "SUM(number)").findings.to_dicts()
    assert finding["message"] == "as_many is broken. Here: 3; there: 10."
    assert (finding["rule"], finding["hint"], finding["severity"]) == ("across|as_many", "Count again.", "error")


@pytest.mark.parametrize(
    ("this", "other", "shown"),
    [("SUM(fine)", "COUNT(*)", "Here: 0.5; there: 3."), ("AVG(copy_number)", "SUM(number) * 1000000000000", "Here: 1.5; there: 10000000000000."),
     ("SUM(copy_number) * 1.0", "SUM(number) / 3", "Here: 3; there: 3.33333"), ("MAX(lent_on)", "DATE '2024-03-02'", "Here: 2024-03-01; there: 2024-03-02.")],
)  # fmt: skip
def test_totals_are_shown_as_a_person_writes_them(library: Library, this: str, other: str, shown: str) -> None:
    (message,) = across(library, this, "=", other).findings["message"]
    assert shown in message


def test_a_rule_across_returns_may_be_a_warning(library: Library) -> None:
    result = across(library, "COUNT(*)", "=", "COUNT(*)", severity="warning")
    assert (result.verdict, codes(result)) == ("accepted_with_warnings", ["cross-return-rule"])


def test_without_the_other_return_a_rule_across_returns_is_reported_as_unchecked(library: Library) -> None:
    result = across(library, "COUNT(*)", "=", "COUNT(*)", None)
    assert result.findings.select("code", "rule", "severity").rows() == [
        ("unchecked-reference", "across|as_many", "warning")
    ]  # fmt: skip
    assert result.verdict == "accepted_with_warnings"


def test_another_return_without_rows_is_not_the_same_as_none(library: Library) -> None:
    assert codes(across(library, "COUNT(*)", "=", "COUNT(*)", COPIES.clear())) == ["cross-return-rule"]
    assert codes(across(library, "COUNT(*)", ">", "MAX(number)", COPIES.clear())) == []


def test_a_total_across_returns_is_not_checked_where_one_of_its_values_is_not_known(library: Library) -> None:
    columns = [{"name": "reference", "logicalType": "string"}, {"name": "number", "logicalType": "integer"}]
    unified = library.contract(name="copy", columns=columns, rules=[], custom=UNIFIED)
    what = {"this": "SUM(fine)", "operator": "=", "table": "copy", "other": "SUM(number)"}
    rulebook = library.rulebook(library.contract(rules=[library.rule("", implementation=what)]), unified)
    references = {"references": lambda _supplier, _end: lambda _table: InFrame(COPIES)}
    assert codes(library.assess(library.csv(library.row(Fine="free")), rulebook, **references)) == ["not-a-number"]


def test_a_rule_across_returns_names_a_table_that_is_there(library: Library) -> None:
    what = {"this": "COUNT(*)", "operator": "=", "table": "copies", "other": "COUNT(*)"}
    said = faults_in(library, library.contract(rules=[library.rule("", implementation=what)]))
    assert "there is no unified table ‘copies’" in said


def test_a_rule_across_returns_has_an_operator_that_we_know(library: Library) -> None:
    what = {"this": "COUNT(*)", "operator": "!=", "table": "loans", "other": "COUNT(*)"}
    assert "expected one of = <> < <= > >=" in faults_in(
        library, library.contract(rules=[library.rule("", implementation=what)])
    )


# References


def test_a_row_that_refers_to_nothing_is_accepted_where_that_is_a_warning(library: Library) -> None:
    relation = {
        "id": "copy_exists", "from": ["loans.loan_reference", "loans.copy_number"], "to": ["copy.reference", "copy.number"],
        "customProperties": [{"property": "severity", "value": "warning"}, {"property": "column", "value": "copy_number"}],
    }  # fmt: skip
    columns = [{"name": "reference", "logicalType": "string"}, {"name": "number", "logicalType": "integer"}]
    unified = library.contract(name="copy", columns=columns, rules=[], custom=UNIFIED)
    rulebook = library.rulebook(library.contract(relationships=[relation]), unified)
    result = library.assess(
        library.csv(library.row(), library.row(Copy="3")),
        rulebook,
        references=lambda _s, _e: lambda _table: InFrame(COPIES),
    )
    assert result.findings.select("row", "column", "code", "severity").rows() == [
        (3, "Copy", "unknown-reference", "warning")
    ]  # fmt: skip
    assert (result.verdict, result.rows.accepted) == ("accepted_with_warnings", 2)


# Versions


def version(library: Library, number: str, *, most: int, **custom: Any) -> dict[str, Any]:
    """A version of the contract that allows copies up to a number."""
    options = {"logicalTypeOptions": {"minimum": 1, "maximum": most}}
    period = {"reportingPeriod": {"days": 31, "holdsDates": False}}
    return library.contract(version=number, columns=library.columns(copy_number=options), custom=period | custom)


@pytest.fixture(scope="module")
def versions(library: Library) -> Rulebook:
    return library.rulebook(
        version(library, "2.0.0", most=99, effectiveFrom="2024-04-01"),
        version(library, "1.0.0", most=9, effectiveTo="2024-03-31"),
    )


@pytest.mark.parametrize(
    ("end", "judged_by"),
    [("2023-01-31", "1.0.0"), ("2024-03-31", "1.0.0"), ("2024-04-01", "2.0.0"), ("2025-12-31", "2.0.0")],
)
def test_a_return_is_validated_against_the_version_in_force_at_its_period_end(
    library: Library, versions: Rulebook, end: str, judged_by: str
) -> None:
    row = library.row(Copy="50", Lent_on="01/03/2022", Returned_on="")
    result = library.assess(library.csv(row), versions, name=f"B1_loans_{end}.csv")
    assert result.contract is not None
    assert result.contract.version == judged_by
    assert codes(result) == (["out-of-range"] if judged_by == "1.0.0" else [])
    assert f"loans:{judged_by}:" in result.return_id


def test_an_old_period_that_is_sent_again_is_validated_against_the_old_version(
    library: Library, versions: Rulebook
) -> None:
    row = library.row(Copy="50", Lent_on="01/03/2022", Returned_on="")
    newer = library.assess(library.csv(row), versions, name="B1_loans_2024-06-30.csv")
    again = library.assess(library.csv(row), versions, name="B1_loans_2024-01-31.csv")
    assert (newer.verdict, again.verdict) == ("accepted", "rejected")
    assert "at least 1 and at most 9" in again.findings["message"].item()


def test_a_column_of_the_newer_version_alone_is_unexpected_in_the_older_and_missing_in_neither(
    library: Library,
) -> None:
    period = {"reportingPeriod": {"days": 31, "holdsDates": False}}
    old = library.contract(
        version="1.0.0", columns=library.columns()[:-1], custom=period | {"effectiveTo": "2024-03-31"}
    )
    new = library.contract(version="2.0.0", custom=period | {"effectiveFrom": "2024-04-01"})
    rulebook = library.rulebook(old, new)
    data = library.csv(library.row(Notes="new"))
    assert library.faults(library.assess(data, rulebook)) == [(None, "Notes", "unexpected-column")]
    assert codes(library.assess(data, rulebook, name="B1_loans_2024-06-30.csv")) == []


NARROW = {"logicalTypeOptions": {"minimum": 1, "maximum": 9}}


@pytest.mark.parametrize(
    ("older", "newer", "sent"),
    [
        ({"notes": None}, {"notes": {"required": True}}, {}), ({"copy_number": None}, {}, {}),
        ({}, {"copy_number": NARROW}, {"Copy": "50"}), ({"lent_on": {"required": False}}, {}, {"Lent_on": ""}),
        ({"copy_number": own(severities={"out-of-range": "warning"})}, {}, {"Copy": "500"}),
        ({"branch": own(severities={"missing-value": "warning"})}, {}, {"Branch": ""}),
    ],
)  # fmt: skip
def test_what_an_older_version_accepts_has_room_in_the_table_that_is_derived(
    library: Library, tmp_path: Path, older: dict[str, Any], newer: dict[str, Any], sent: dict[str, str]
) -> None:
    lacking = {name for name, changes in older.items() if changes is None}
    old = library.columns(**{name: changes for name, changes in older.items() if changes})
    kept = [each for each in old if each["name"] not in lacking]
    directory = library.directory(
        library.contract(version="1.0.0", columns=kept, custom={"effectiveTo": "2024-03-31"}),
        library.contract(version="2.0.0", columns=library.columns(**newer), custom={"effectiveFrom": "2024-04-01"}),
    )
    headers, row = [each["physicalName"] for each in kept], library.row(**sent)
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "B1_loans_2024-03-31.csv").write_bytes(library.text(headers, [row[each] for each in headers]))
    (tmp_path / "inbox" / "B1_loans_2024-04-30.csv").write_bytes(
        library.csv(library.row(Loan_reference="L0002", Notes="x"))
    )
    done = run(
        tmp_path / "inbox", store=f"duckdb:///{tmp_path / 's.duckdb'}", reports=tmp_path / "r", contracts=directory
    )
    assert [each["rows"]["accepted"] for each in done.returns] == [1, 1]
    assert [each["check"] for each in done.summary["release_checks"] if not each["passed"]] == []


def test_a_period_before_the_first_version_is_refused_with_the_versions(library: Library) -> None:
    rulebook = library.rulebook(
        version(library, "1.0.0", most=9, effectiveFrom="2020-01-01", effectiveTo="2024-03-31"),
        version(library, "2.0.0", most=99, effectiveFrom="2024-04-01"),
    )
    row = library.row(Lent_on="01/03/2019", Returned_on="")
    result = library.assess(library.csv(row), rulebook, name="B1_loans_2019-12-31.csv")
    assert (codes(result), result.verdict) == (["period-mismatch"], "rejected")
    assert (
        "The contract ‘loans’ is not in force on 31 December 2019 (versions: 1.0.0, 2.0.0)."
        in result.findings["message"].item()
    )


@pytest.mark.parametrize(
    ("older", "newer", "said"),
    [
        ({"effectiveTo": "2024-03-31"}, {"effectiveFrom": "2024-04-02"}, "no version applies after 2024-03-31"),
        ({"effectiveTo": "2024-03-31"}, {"effectiveFrom": "2024-03-31"}, "before version 1.0.0 ends on 2024-03-31"),
        ({}, {"effectiveFrom": "2024-04-01"}, "give effectiveTo to version 1.0.0"),
        ({"effectiveTo": "2024-03-31"}, {}, "effectiveFrom to version 2.0.0"),
    ],
)
def test_versions_that_leave_a_gap_or_overlap_are_refused(
    library: Library, older: dict[str, str], newer: dict[str, str], said: str
) -> None:
    contracts = (version(library, "1.0.0", most=9, **older), version(library, "2.0.0", most=99, **newer))
    assert said in faults_in(library, *contracts)


def test_versions_that_follow_one_another_to_the_day_have_no_fault(library: Library) -> None:
    contracts = (
        version(library, "1.0.0", most=9, effectiveTo="2024-03-31"),
        version(library, "2.0.0", most=99, effectiveFrom="2024-04-01"),
    )
    assert lint([library.directory(*contracts)]) == Linted(2)


# Rows that stand more than once


@pytest.mark.parametrize("copies", [2, 3, 10, 11, 40])
def test_a_large_group_is_capped_in_the_message_and_counted_in_full(
    library: Library, loans: Rulebook, copies: int
) -> None:
    rows = [library.row(Loan_reference="L0000"), *[library.row()] * copies, library.row(Loan_reference="L0009")]
    result = library.assess(library.csv(*rows), loans)
    assert result.findings["row"].to_list() == list(range(3, copies + 3))
    named = ", ".join(map(str, range(3, min(copies, 10) + 3)))
    (message,) = set(result.findings["message"])
    assert message == f"Rows {named}{' and more' if copies > 10 else ''} have the same Loan reference, Copy."
    assert (result.rows.quarantined, result.accepted["source_row"].to_list()) == (copies, [2, copies + 3])


# What once stopped the program or slipped past


@pytest.mark.parametrize(
    ("expression", "fine"), [("copy_number / fine < 9", "0"), ("fine * fine >= 0", "999999999999999999")]
)
def test_a_rule_that_cannot_be_computed_for_one_row_does_not_stop_the_return(
    library: Library, expression: str, fine: str
) -> None:
    rulebook = library.rulebook(library.contract(rules=[library.rule(expression, column="fine")]))
    result = library.assess(library.csv(library.row(Fine=fine), library.row(Copy="99", Fine="1")), rulebook)
    assert result.rows.read == 2


def test_a_share_of_no_rows_in_our_own_words_breaks_no_rule_either(library: Library) -> None:
    assert codes(over_table(library, "COUNT(fine) * 1.0 / COUNT(*) > 0.5")) == []


@pytest.mark.parametrize("text", ["0,125", "00,125", "-0,125", "01,234"])
def test_separated_thousands_do_not_begin_with_zero(library: Library, text: str) -> None:
    assert codes(of_column(library, "fine", thousands(","), [text])) == ["not-a-number"]


def test_a_point_for_thousands_is_not_a_point_for_decimals_as_well(library: Library) -> None:
    assert codes(of_column(library, "fine", thousands("."), ["1.234.5"])) == ["not-a-number"]


def test_a_mark_without_text_is_not_a_value(library: Library) -> None:
    result = of_column(library, "notes", {"required": True, **MARKERS}, ["[r]"])
    assert len(codes(result)) == 1


def test_two_date_formats_that_never_differ_are_allowed(library: Library) -> None:
    changes = {"logicalTypeOptions": {"format": "dd/MM/yyyy"}, **own(formats=["d/M/yyyy"])}
    assert codes(of_column(library, "lent_on", changes, ["1/3/2024", "01/03/2024"])) == []


def test_a_form_that_reads_iso_dates_as_other_days_is_refused(library: Library) -> None:
    columns = library.columns(lent_on={"logicalTypeOptions": {"format": "yyyy-dd-MM"}})
    assert "‘yyyy-dd-MM’ reads a text as a different day than yyyy-MM-dd" in faults_in(
        library, library.contract(columns=columns)
    )


@pytest.mark.parametrize(("mapping", "text"), [("copy_number / fine", "0"), ("CAST(notes AS INTEGER)", "")])
def test_a_mapping_that_cannot_be_computed_for_a_row_is_a_finding_of_the_row(
    library: Library, mapping: str, text: str
) -> None:
    columns = {"supplier_code": "supplier_code", "loan_reference": "loan_reference", "figure": mapping}
    contract = library.contract(custom={"mapping": {"table": "figures", "columns": columns}})
    unified = {
        "apiVersion": "v3.2.0", "kind": "DataContract", "id": "figures", "version": "1.0.0", "status": "active",
        "schema": [{"name": "figures", "properties": [
            {"name": "supplier_code", "logicalType": "string"}, {"name": "loan_reference", "logicalType": "string"},
            {"name": "figure", "logicalType": "number"},
        ]}],
        "customProperties": [{"property": "layer", "value": "unified"}],
    }  # fmt: skip
    rulebook = library.rulebook(contract, unified)
    bad = library.row(Fine=text, Notes="x") if text else library.row(Notes="x")
    good = library.row(Loan_reference="L0002", Fine="2", Notes="5")
    result = library.assess(library.csv(bad, good), rulebook)
    assert [(each["row"], each["code"], each["rule"]) for each in result.findings.to_dicts()] == [
        (2, "unmapped-value", "figure|mapped")
    ]
    assert harmonise(result, rulebook)["figures"].height == 1


@pytest.mark.parametrize("form", ["dd/MM", "yyyy", "dd/dd/yyyy"])
def test_a_date_format_without_a_month_and_a_year_is_refused(library: Library, form: str) -> None:
    said = faults_in(
        library, library.contract(columns=library.columns(lent_on={"logicalTypeOptions": {"format": form}}))
    )
    assert f"‘{form}’" in said


@pytest.mark.parametrize(
    ("this", "operator", "other"),
    [("COUNT(*)", "=", "SUM(nothing)"), ("COUNT(*)", "=", "SUM(reference)"), ("fine", "=", "SUM(number)"),
     ("COUNT(*)", "=", "number"), ("MIN(branch)", "<", "SUM(number)")],
)  # fmt: skip
def test_a_rule_across_returns_that_cannot_be_computed_is_refused(
    library: Library, this: str, operator: str, other: str
) -> None:
    with pytest.raises(ContractError):
        across(library, this, operator, other)


@pytest.mark.parametrize(
    ("older", "newer"),
    [({"customProperties": [{"property": "delimiter", "value": ";"}]}, {}), ({"encoding": "windows-1252"}, {"encoding": "UTF-8"})],
)  # fmt: skip
def test_a_file_is_read_as_the_version_of_its_period_says(
    library: Library, older: dict[str, Any], newer: dict[str, Any]
) -> None:
    server = {"server": "return", "type": "local", "path": "*.csv", "format": "csv"}
    rulebook = library.rulebook(
        library.contract(version="1.0.0", servers=[{**server, **older}], custom={"effectiveTo": "2023-12-31"}),
        library.contract(version="2.0.0", servers=[{**server, **newer}], custom={"effectiveFrom": "2024-01-01"}),
    )
    assert codes(library.assess(library.csv(library.row(Notes="café")), rulebook)) == []


def test_a_metric_of_a_column_with_a_space_in_its_name_is_computed(library: Library) -> None:
    metric = {"metric": "nullValues", "mustBe": 0}
    columns = [*library.columns(), {"name": "shelf mark", "logicalType": "string", "quality": [metric]}]
    library.rulebook(library.contract(columns=columns, rules=[]))


def test_a_contract_that_is_never_in_force_is_refused(library: Library) -> None:
    faults_in(library, library.contract(custom={"effectiveFrom": "2024-01-01", "effectiveTo": "2023-12-31"}))


@pytest.mark.parametrize("code", ["missing-column", "row-rule", "control-total"])
def test_a_severity_of_what_no_column_decides_is_refused(library: Library, code: str) -> None:
    faults_in(library, library.contract(columns=library.columns(notes=own(severities={code: "warning"}))))


# The name of the file


def test_a_rule_asks_something_of_the_name_of_the_file(library: Library) -> None:
    asked = library.rule("file_name LIKE '%_loans_%' AND lent_on > DATE '2000-01-01'", column="lent_on")
    rulebook = library.rulebook(library.contract(rules=[asked]))
    assert codes(library.assess(library.csv(library.row()), rulebook)) == []
    refused = library.rule("file_name LIKE '%_books_%'", column="lent_on")
    rulebook = library.rulebook(library.contract(rules=[refused]))
    result = library.assess(library.csv(library.row()), rulebook, name=f"inbox/{library.file}")
    assert codes(result) == ["row-rule"]
    assert "file_name" in result.accepted.columns
    assert "file_name" not in library.assess(library.csv(library.row())).accepted.columns


def test_a_column_of_that_name_is_meant_where_a_return_has_one(library: Library) -> None:
    columns = [*library.columns(), {"name": "file_name", "physicalName": "File", "logicalType": "integer"}]
    rulebook = library.rulebook(library.contract(columns=columns, rules=[library.rule("file_name > 1")]))
    header = (*library.header, "File")
    rows = [(*library.row(Loan_reference=name).values(), number) for name, number in (("L0001", "1"), ("L0002", "2"))]
    assert library.faults(library.assess(library.text(header, *rows), rulebook)) == [(2, "File", "row-rule")]


# Why a cell is empty


def test_a_mapping_reads_the_mark_of_an_empty_cell(library: Library) -> None:
    unified = library.contract(
        name="unified_loans", table="lent", rules=[],
        columns=[
            {"name": "loan_reference", "logicalType": "string", "required": True, "primaryKey": True, "primaryKeyPosition": 1},
            {"name": "why", "logicalType": "string"},
        ],
        custom=UNIFIED,
    )  # fmt: skip
    mapping = {"table": "lent", "columns": {"loan_reference": "loan_reference", "why": "UPPER(MARK(fine))"}}
    columns = library.columns(fine=own(shorthand=["c", "x"]))
    rulebook = library.rulebook(library.contract(columns=columns, custom={"mapping": mapping}), unified)
    fines = ("0.50", "[c]", " [x] ", "")
    rows = [library.row(Loan_reference=f"L{number:04}", Fine=text) for number, text in enumerate(fines)]
    result = library.assess(library.csv(*rows), rulebook)
    assert codes(result) == []
    assert harmonise(result, rulebook)["lent"]["why"].to_list() == [None, "C", "X", None]
    mapping["columns"]["why"] = "MARK(notes)"  # type: ignore[index]
    assert "MARK(notes): there is no column ‘notes’ with shorthand marks" in faults_in(
        library, library.contract(columns=columns, custom={"mapping": mapping}), unified
    )
