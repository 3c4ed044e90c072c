"""What programs leave behind when they damage values, and what only looks like it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from probation_etl.intake.result import ReturnResult

if TYPE_CHECKING:
    from conftest import Library

ERRORS = ("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!")
ERRORS_OF_OTHERS = (
    "#NV",
    "#BEZUG!",
    "#WERT!",
    "#NOM?",
    "#VALEUR!",
    "#N/D",
    "#¡VALOR!",
    "#¿NOMBRE?",
    "#VÄRDEFEL!",
    "Err:502",
)
SHORTENED = ("1.00E+05", "2.50024E+11", "2,50024E+11", "1E+05", "-1.5E-07", "2.50024e+11")
NO_VALUE = (
    "NULL",
    "null",
    "(null)",
    "<NULL>",
    "NaN",
    "nan",
    "<NA>",
    "NaT",
    "undefined",
    r"\N",
    "Infinity",
    "-inf",
)
OTHERS = ("########", "###", "[object Object]", "System.Object", "System.String[]", "<loans.Copy object at 0x7f3a>")
APOSTROPHES = ("'0101", "'SYN02", "'Central", "'01/03/2024", "'", "'a12")
FORMULAS = ('="007"', '="X181001"', "=A1", "=SUM(A1:A3)", '=T("x")', "=VLOOKUP(A1,B:C,2,0)", "=$A$1+1")
WRONG_ENCODING = ("JosÃ©", "Theyâ€™re", "Â£5", "Montr\ufffdal", "NÃ¼rnberg", "ï»¿x")
DAMAGED = (*SHORTENED, *NO_VALUE, *OTHERS, *APOSTROPHES, *FORMULAS, *WRONG_ENCODING)

HONEST = (
    "None", "None of these", "none", "N/A", "n/a", "NA", "-", "Nan", "Null", "not null", "2E10", "1E5", "12E", "A1", "E+05",
    "the '90s", "'til late", "'s-Hertogenbosch", "'a' and 'b'", "O'Neill", "rock 'n' roll", "= 5", "=", "a=b", "==", "#1",
    "##", "No. #", "#7!a", "# of copies", "Hello!", "infinite", "[c]", "[seen]", "São", "Ångström", "Â", "PÂTÉ",
    "café", "½", "system", "object", "€5", "£5", "System error", "see =A1",
)  # fmt: skip


def of_notes(library: Library, *texts: str, **options: Any) -> ReturnResult:
    """Loans with these notes, one each; options of the column of free text."""
    column = {"logicalTypeOptions": {"maxLength": 40}, **options}
    rulebook = library.rulebook(library.contract(columns=library.columns(notes=column)))
    rows = (library.row(Loan_reference=f"L{at:04}", Notes=text) for at, text in enumerate(texts))
    return library.assess(library.csv(*rows), rulebook)


def own(**given: Any) -> list[dict[str, Any]]:
    return [{"property": name, "value": value} for name, value in given.items()]


@pytest.mark.parametrize("text", [*ERRORS, *ERRORS_OF_OTHERS])
def test_the_error_of_a_formula_in_csv_is_an_error_cell_as_in_a_workbook(library: Library, text: str) -> None:
    result = of_notes(library, text)
    assert library.faults(result) == [(2, "Notes", "error-cell")]
    assert result.findings["message"].item() == f"The cell shows ‘{text}’."


@pytest.mark.parametrize("text", DAMAGED)
def test_what_a_program_left_behind_is_no_value_in_free_text_either(library: Library, text: str) -> None:
    result = of_notes(library, f" {text} ")
    assert library.faults(result) == [(2, "Notes", "damaged-value")]
    assert result.accepted.is_empty()


@pytest.mark.parametrize("text", HONEST)
def test_what_people_write_is_left_as_it_is(library: Library, text: str) -> None:
    result = of_notes(library, text)
    assert library.faults(result) == []
    assert result.accepted["notes"].to_list() == [text]


@pytest.mark.parametrize(
    ("text", "says", "advises"),
    [
        ("2.50024E+11", "a number that a spreadsheet program has shortened", "Format the column as text"),
        ("'SYN02", "begins with an apostrophe", "Take the apostrophe away"),
        ('="007"', "a formula", "without the equals sign"),
        ("NULL", "what a program writes where it has no value", "Leave the cell empty"),
        ("#####", "where a column is too narrow", "Make the column wider"),
        ("[object Object]", "what a program calls a kind of thing", "tell those who run the program"),
        ("JosÃ©", "in a wrong encoding", "as UTF-8"),
    ],
)
def test_the_message_names_the_damage_and_how_to_put_it_right(
    library: Library, text: str, says: str, advises: str
) -> None:
    (message, hint) = of_notes(library, text).findings.select("message", "hint").row(0)
    assert message.startswith(f"‘{text}’ ")
    assert says in message
    assert advises in hint


@pytest.mark.parametrize(
    ("header", "text", "code"),
    [
        ("Copy", "1.00E+05", "damaged-value"),
        ("Copy", "'7", "damaged-value"),
        ("Fine", "2.50024E+11", "damaged-value"),
        ("Fine", "NaN", "damaged-value"),
        ("Fine", "#REF!", "error-cell"),
        ("Lent on", "########", "damaged-value"),
        ("Returned on", "NaT", "damaged-value"),
        ("Renewed", "undefined", "damaged-value"),
        ("Branch", "'Central", "damaged-value"),
        ("Loan reference", '="L0001"', "damaged-value"),
    ],
)
def test_a_column_of_any_type_says_what_damaged_its_value(library: Library, header: str, text: str, code: str) -> None:
    result = library.assess(library.csv(library.row(**{header: text})))
    assert library.faults(result) == [(2, header, code)]


def test_a_restricted_value_is_masked_where_it_is_damaged(library: Library) -> None:
    result = library.assess(library.csv(library.row(Loan_reference="2.50024E+11")))
    assert result.findings["message"].item().startswith("‘9.99999A+99’ has the form of a number")
    assert "2.50024" not in str(result.findings.to_dicts())


@pytest.mark.parametrize("text", ["NULL", "NaN", "#N/A", "########"])
def test_a_null_token_of_the_contract_is_an_empty_cell(library: Library, text: str) -> None:
    result = of_notes(library, text, customProperties=own(nullTokens=[text]))
    assert library.faults(result) == []
    assert result.accepted["notes"].to_list() == [None]


@pytest.mark.parametrize("text", ["undefined", "NULL", "#N/A", "1.00E+05", "'A"])
def test_a_listed_value_is_a_value_whatever_it_looks_like(library: Library, text: str) -> None:
    result = of_notes(library, text, enum=[{"value": text}, {"value": "Some"}])
    assert library.faults(result) == []
    assert result.accepted["notes"].to_list() == [text]


@pytest.mark.parametrize(
    ("pattern", "text"),
    [("^(NULL|[A-Z]{3})$", "NULL"), (r"^\d\.\d+E\+\d{2}$", "1.00E+05"), ("^'[A-Z]+$", "'ABC"), ("^#{3,}$", "####")],
)
def test_a_value_that_the_pattern_speaks_of_is_a_value(library: Library, pattern: str, text: str) -> None:
    result = of_notes(library, text, logicalTypeOptions={"pattern": pattern})
    assert library.faults(result) == []
    assert result.accepted["notes"].to_list() == [text]


@pytest.mark.parametrize("text", ["undefined", "NULL"])
def test_a_pattern_that_takes_any_word_does_not_mean_what_programs_write(library: Library, text: str) -> None:
    result = of_notes(library, text, logicalTypeOptions={"pattern": "^[A-Za-z]+$"})
    assert library.faults(result) == [(2, "Notes", "damaged-value")]


def test_the_contract_can_make_it_a_warning_and_say_what_to_do(library: Library) -> None:
    given = own(severities={"damaged-value": "warning"}, hints={"damaged-value": "Ask the desk."})
    result = of_notes(library, "NULL", customProperties=given)
    assert result.findings.select("severity", "hint").rows() == [("warning", "Ask the desk.")]
    assert result.accepted["notes"].to_list() == [None]


def test_a_warning_needs_a_column_that_may_be_empty(library: Library) -> None:
    from probation_etl.errors import ContractError

    column = {"required": True, "customProperties": own(severities={"damaged-value": "warning"})}
    with pytest.raises(ContractError) as caught:
        library.rulebook(library.contract(columns=library.columns(notes=column)))
    assert "‘damaged-value’ cannot be a warning" in caught.value.faults[0]
