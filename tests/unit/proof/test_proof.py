"""Proof of contracts: an example for every rule, and a reason for each rule that cannot be proved."""

from __future__ import annotations

from typing import Any

import pytest

from probation_etl.proof import Proof, prove

LOANS_RULES = ("returned_on >= lent_on", "lent_on <= period_end", "fine IS NULL OR returned_on IS NOT NULL")


def proofs_of(library: Any, rulebook: Any = None, name: str = "loans") -> dict[str, Proof]:
    book = rulebook or library.loans
    return {each.rule: each for each in prove(book.contracts[name], book)}


@pytest.fixture(scope="module")
def proofs(library: Any) -> dict[str, Proof]:
    return proofs_of(library)


def unproved(proofs: dict[str, Proof]) -> dict[str, str]:
    return {name: each.how for name, each in proofs.items() if not each.proved}


_OF_THE_ENGINE = ("control-character", "error-cell", "unlikely-date")


def test_every_rule_of_a_contract_is_proved(library: Any, proofs: dict[str, Proof]) -> None:
    rules = library.loans.schema_of(library.loans.contracts["loans"]).rules.values()
    assert unproved(proofs) == {}
    assert set(proofs) == {each.name for each in rules if each.code not in _OF_THE_ENGINE}


def test_each_example_has_its_finding_and_no_other(library: Any, proofs: dict[str, Proof]) -> None:
    for proof in proofs.values():
        assert proof.example is not None
        found = proof.example.found(library.loans)
        assert {(rule, code) for rule, code, _, _ in found} == {(proof.rule, proof.code)}


LAYOUTS = [
    {"headerRows": 0},
    {"headerRows": 2, "leftOut": [{"name": "instructions", "belowHeader": 2}, {"name": "end", "column": "notes", "matches": "END"}]},
    {"headerRows": 3, "identification": {"sheet": "Loans"}, "leftOut": [{"name": "formulas", "filledOnly": ["fine"]}]},
]  # fmt: skip


@pytest.mark.parametrize("custom", LAYOUTS, ids=["no header", "two lines", "three lines"])
def test_examples_are_files_as_the_contract_lays_them_out(library: Any, custom: dict[str, Any]) -> None:
    columns = [each for each in library.columns() if each["name"] in ("loan_reference", "fine", "notes")]
    rulebook = library.rulebook(library.contract(columns=columns, rules=[], custom=custom))
    proofs = proofs_of(library, rulebook)
    assert unproved(proofs) == {}
    (clean,) = {proofs["fine|range"].example.first_row}  # type: ignore[union-attr] # it is proved
    assert clean == {0: 1, 2: 5, 3: 4}[custom["headerRows"]]


def test_examples_with_columns_at_fixed_places_and_in_blocks(library: Any) -> None:
    places = {"loan_reference": [3, 9], "copy_number": [11, 16], "branch": [20, 40]}
    columns = library.columns()[:3]
    for each in columns:
        each["customProperties"] = [{"property": "characters", "value": places[each["name"]]}]
    server = {"server": "return", "type": "local", "path": "*.txt", "format": "fixed-width"}
    custom = {
        "headerRows": 0,
        "identification": {"fileName": r"(?P<supplier_code>[A-Z]\d)_(?P<period_end>[\d-]{10})\.txt"},
    }
    fixed = library.contract(columns=columns, rules=[], custom=custom, servers=[server])
    assert unproved(proofs_of(library, library.rulebook(fixed))) == {}
    block = {"identification": {"sheet": "Loans", "block": True}, "headerRows": 2}
    assert (
        unproved(
            proofs_of(
                library, library.rulebook(library.contract(columns=library.columns()[:3], rules=[], custom=block))
            )
        )
        == {}
    )


def test_examples_of_a_return_whose_further_columns_another_one_lists(library: Any) -> None:
    custom = {"describedBy": {"contract": "fields", "column": "field"}}
    listing = [{"name": "field", "physicalName": "Field", "logicalType": "string", "required": True}]
    fields = library.contract(name="fields", columns=listing, rules=[], custom={"identification": None})
    loans = library.contract(columns=library.columns()[:2], rules=[], custom=custom)
    assert unproved(proofs_of(library, library.rulebook(loans, fields))) == {}


DIVIDED = [
    {"fileName": r"loans_(?P<period_end>[\d-]{10})\.csv", "supplierColumn": "notes"},
    {"supplierColumn": "notes", "periodColumn": "lent_on", "sheet": "Loans"},
    {"sheetPattern": r"(?P<supplier_code>[A-Z]\d) loans", "fileName": r"loans_(?P<period_end>[\d-]{10})\.xlsx"},
    {"folder": r"(?P<supplier_code>[A-Z]\d)/(?P<period_end>[\d-]{10})", "fileName": r"loans\.csv"},
]  # fmt: skip


@pytest.mark.parametrize("identification", DIVIDED, ids=["supplier", "supplier and period", "sheets", "folders"])
def test_examples_say_whose_they_are_where_the_contract_asks_for_it(
    library: Any, identification: dict[str, Any]
) -> None:
    columns = [each for each in library.columns() if each["name"] in ("loan_reference", "lent_on", "fine", "notes")]
    custom = {"identification": identification, "suppliers": {"kind": "library"}}
    tables = {
        "organisations": "code,name,kind,level,valid_from,valid_to\nB1,Baths,library,town,,\nS1,School,school,,,\n"
    }
    rulebook = library.rulebook(library.contract(columns=columns, rules=[], custom=custom), tables=tables)
    proofs = proofs_of(library, rulebook)
    assert unproved(proofs) == {}
    assert (proofs["notes|length"].example is None) == ("supplierColumn" in identification)


def test_proving_again_gives_the_same(library: Any, proofs: dict[str, Proof]) -> None:
    assert proofs_of(library) == proofs


def test_rules_that_are_tied_together_are_proved_alone(library: Any) -> None:
    rules = [library.rule(expression, name=f"rule{at}") for at, expression in enumerate(LOANS_RULES)]
    rules += [library.rule("(branch = 'N') = (returned_on IS NOT NULL)", name="tied")]
    rules += [library.rule("(branch = 'N') = (notes IS NOT NULL)", name="tied_too")]
    assert unproved(proofs_of(library, library.rulebook(library.contract(rules=rules)))) == {}


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("copy_number = copy_number", "no return was found that breaks it alone"),
        ("copy_number > 0", "every row found that breaks it also breaks copy_number|range"),
        ("fine < 50", "every row found that breaks it also breaks fine|range"),
    ],
)
def test_a_rule_that_cannot_fire_alone_is_not_proved(library: Any, expression: str, why: str) -> None:
    book = library.rulebook(library.contract(rules=[library.rule(expression)]))
    assert why in unproved(proofs_of(library, book))["row|some_rule"]


def test_two_rules_that_say_the_same_are_both_named(library: Any) -> None:
    book = library.rulebook(library.contract(rules=[library.rule("lent_on IS NOT NULL")]))
    assert set(unproved(proofs_of(library, book))) == {"row|some_rule", "lent_on|required"}


def test_a_rule_that_no_return_keeps_leaves_everything_unproved(library: Any) -> None:
    proofs = proofs_of(library, library.rulebook(library.contract(rules=[library.rule("copy_number <> copy_number")])))
    assert len(unproved(proofs)) == len(proofs)
    assert "the best row tried still breaks row|some_rule" in proofs["copy_number|range"].how


def test_a_column_that_nothing_can_fill_is_named(library: Any) -> None:
    columns = library.columns(notes={"logicalTypeOptions": {"pattern": "^[a-z]{5}$", "maxLength": 3}})
    found = unproved(proofs_of(library, library.rulebook(library.contract(columns=columns))))
    assert set(found) == {"notes|pattern", "notes|length"}
    assert "‘Notes’" in found["notes|pattern"]


def test_a_pattern_beyond_our_means_is_named(library: Any) -> None:
    columns = library.columns(loan_reference={"logicalTypeOptions": {"pattern": r"^L\d{4}\b$"}})
    how = unproved(proofs_of(library, library.rulebook(library.contract(columns=columns))))["loan_reference|pattern"]
    assert r"no text can be made for the pattern ^L\d{4}\b$ of ‘Loan reference’: ‘\b’ is not understood" in how


def test_a_rule_of_a_column_with_a_pattern_beyond_our_means_says_so(library: Any) -> None:
    columns = library.columns(notes={"logicalTypeOptions": {"pattern": r"^\bx+$"}})
    contract = library.contract(columns=columns, rules=[library.rule("CHAR_LENGTH(notes) <> 2")])
    found = unproved(proofs_of(library, library.rulebook(contract)))
    assert set(found) == {"notes|pattern", "row|some_rule"}
    assert all(r"no text can be made for the pattern ^\bx+$ of ‘Notes’" in how for how in found.values())


def mapped(codes: dict[str, str]) -> dict[str, Any]:
    return {"table": "loan", "columns": {"branch": {"expression": "branch", "codes": codes}}}


def unified(library: Any, **more: Any) -> dict[str, Any]:
    columns = [{"name": "branch", "logicalType": "string"}, {"name": "loan_reference", "logicalType": "string"}]
    custom = {"layer": "unified", "identification": None, "reportingPeriod": None}
    contract: dict[str, Any] = library.contract(name="loan", columns=columns, rules=(), custom=custom, **more)
    return contract


def test_a_mapping_that_knows_the_whole_list_is_covered(library: Any) -> None:
    contract = library.contract(custom={"mapping": mapped({"Central": "C", "N": "N"})})
    proof = proofs_of(library, library.rulebook(contract, unified(library)))["branch|mapped"]
    assert proof.proved
    assert proof.how == "covered by the list of Branch: every value of it is mapped"


def test_a_mapping_that_lacks_a_value_of_the_list_fires(library: Any) -> None:
    mapping = mapped({"Central": "C"})
    # Of a column as it stands the linter would tell; of an expression only the proof can.
    mapping["columns"]["branch"]["expression"] = "TRIM(branch)"
    contract = library.contract(custom={"mapping": mapping})
    proof = proofs_of(library, library.rulebook(contract, unified(library)))["branch|mapped"]
    assert (proof.proved, proof.how) == (True, "Branch ‘N’")


def test_a_row_that_meets_no_condition_of_an_unpivot_is_an_example(library: Any) -> None:
    kinds = {
        kind: {"when": f"{column} IS NOT NULL", "columns": {"branch": f"'{kind}'"}}
        for kind, column in (("fined", "fine"), ("noted", "notes"))
    }
    mapping = {"table": "loan", "columns": {"loan_reference": "loan_reference"}, "unpivot": kinds}
    contract = library.contract(rules=[], custom={"mapping": mapping})
    proof = proofs_of(library, library.rulebook(contract, unified(library)))["unpivot|mapped"]
    assert (proof.proved, proof.how) == (True, "Fine empty, Notes empty")


def test_references_and_totals_are_proved(library: Any) -> None:
    relation = {"id": "known", "type": "foreignKey", "from": "loans.loan_reference", "to": "card.loan_reference"}
    quality = [
        library.rule("", name="some", implementation={"aggregate": "COUNT(*) > 0"}),
        library.rule("", name="few_fines", implementation={"aggregate": "SUM(fine) < 20"}),
        library.rule(
            "", name="agrees",
            implementation={"this": "COUNT(*)", "operator": ">=", "table": "card", "other": "COUNT(*)"},
        ),
    ]  # fmt: skip
    contract = library.contract(
        rules=quality, relationships=[relation], custom={"mapping": mapped({"Central": "C", "N": "N"})}
    )
    cards = {**unified(library), "id": "card", "schema": [{**unified(library)["schema"][0], "name": "card"}]}
    proofs = proofs_of(library, library.rulebook(contract, unified(library), cards))
    assert unproved(proofs) == {}
    assert proofs["table|some"].how == "0 row(s)"
    assert {"loan_reference|known", "table|few_fines", "across|agrees"} <= set(proofs)


def test_a_key_of_unique_columns_never_fires_alone(library: Any) -> None:
    columns = library.columns(copy_number={"unique": True}, loan_reference={"unique": True})
    assert set(unproved(proofs_of(library, library.rulebook(library.contract(columns=columns))))) == {"key|unique"}


def test_restricted_values_are_masked(proofs: dict[str, Proof]) -> None:
    assert proofs["loan_reference|pattern"].how == "Loan reference ‘A’"


def test_a_sheet_with_a_cover_is_proved(library: Any) -> None:
    cover = {
        "sheet": "Cover", "dateFormat": "dd/MM/yyyy", "supplierName": "Library", "supplierCode": "Code",
        "periodStart": "From", "periodEnd": "To", "controlRows": "Rows",
    }  # fmt: skip
    organisations = "code,name,kind,level,valid_from,valid_to\nB1,Bath,town,x,,\nC1,Kent,county,x,,\n"
    custom = {"identification": {"sheet": "Loans", "cover": cover}, "suppliers": {"kind": "town"}}
    book = library.rulebook(library.contract(custom=custom), tables={"organisations": organisations})
    proofs = proofs_of(library, book)
    assert unproved(proofs) == {}
    assert "Kent" in proofs["unknown-organisation"].how
    assert "control-total" in proofs


def test_rules_that_the_engine_adds_to_every_contract_are_not_listed(library: Any) -> None:
    organisations = "code,name,kind,level,valid_from,valid_to\nB1,Bath,town,x,,\n"
    proofs = proofs_of(library, library.rulebook(library.contract(), tables={"organisations": organisations}))
    of_the_engine = {*_OF_THE_ENGINE, "missing-column", "period-mismatch", "unknown-organisation"}
    assert {each.code for each in proofs.values()} & of_the_engine == set()


def test_no_supplier_may_send_it(library: Any) -> None:
    organisations = "code,name,kind,level,valid_from,valid_to\nC1,Kent,county,x,,\nT1,Deal,town,x,,2001-12-31\n"
    contract = library.contract(custom={"suppliers": {"kind": "town"}, "effectiveFrom": "2024-01-01"})
    proofs = proofs_of(library, library.rulebook(contract, tables={"organisations": organisations}))
    assert {each.how for each in proofs.values()} == {
        "no supplier of the kind that sends this return is valid in any period that the contract covers"
    }
