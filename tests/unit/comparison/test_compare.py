"""What a change of a contract does to returns that passed: pairs of contracts whose verdict is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest

from probation_etl.comparison.compare import Comparison, compare
from probation_etl.comparison.shown import as_dict, lines

RULE = {"expression": "returned_on >= lent_on", "name": "returned_not_before_lent", "column": "returned_on"}


class Pair(NamedTuple):
    """Two contracts of loans by what they say otherwise, and what is known of the change."""

    effect: str
    path: str
    before: Mapping[str, Any] = {}
    after: Mapping[str, Any] = {}
    rule: str | None = None
    decision: str | None = None


def column(name: str, /, **changes: Any) -> dict[str, Any]:
    return {"columns": {name: changes}}


def options(name: str, **given: Any) -> dict[str, Any]:
    return column(name, logicalTypeOptions=given)


def rule(expression: str, **more: Any) -> dict[str, Any]:
    return {"rule": {**RULE, "expression": expression, **more}}


def custom(**given: Any) -> dict[str, Any]:
    return {"custom": given}


PATTERN = r"(?P<supplier_code>[A-Z]\d)_loans_(?P<period_end>\d{4}-\d{2}-\d{2})\.csv"
QUERY = """\
SELECT source_row FROM (SELECT source_row, COUNT(*) OVER (PARTITION BY loan_reference, lent_on) AS n FROM loans) AS x
WHERE n > {}"""
NEVER = {**RULE, "expression": "copy_number <> copy_number"}
PAIRS = {
    "a smaller maximum": Pair("breaking", "columns/copy_number/maximum", after=options("copy_number", minimum=1, maximum=9), rule="copy_number|range", decision="more"),
    "a greater maximum": Pair("compatible", "columns/copy_number/maximum", after=options("copy_number", minimum=1, maximum=100), decision="less"),
    "a bound written otherwise": Pair("compatible", "columns/copy_number/minimum", after=options("copy_number", exclusiveMinimum=0, maximum=99), decision="same"),
    "a value taken from a list": Pair("breaking", "columns/branch/labels", after=column("branch", enum=[{"value": "Central"}]), rule="branch|enum", decision="more"),
    "a value added to a list": Pair("compatible", "columns/branch/labels", after=column("branch", enum=[{"value": each} for each in ("Central", "N", "S")]), decision="less"),
    "another label": Pair("compatible", "columns/branch/labels", after=column("branch", enum=[{"value": "Central"}, {"value": "N", "label": "Northern"}]), decision="same"),
    "a value that is required": Pair("breaking", "columns/renewed/required", after=column("renewed", required=True), rule="renewed|required", decision="more"),
    "a value that is required no longer": Pair("compatible", "columns/lent_on/required", after=column("lent_on", required=False), decision="less"),
    "a shorter text": Pair("breaking", "columns/notes/max_length", after=options("notes", maxLength=5), rule="notes|length", decision="more"),
    "a longer text": Pair("compatible", "columns/notes/max_length", after=options("notes", maxLength=50), decision="less"),
    "a pattern where there was none": Pair("breaking", "columns/notes/pattern", after=options("notes", maxLength=20, pattern="^[a-z]+$"), rule="notes|pattern", decision="more"),
    "a narrower pattern": Pair("breaking", "columns/notes/pattern", options("notes", pattern="^[a-z]{1,4}$"), options("notes", pattern="^[a-z]{1,2}$"), rule="notes|pattern"),
    "the same pattern otherwise": Pair("unknown", "columns/notes/pattern", options("notes", pattern="^[a-z][a-z]$"), options("notes", pattern="^[a-z]{2}$")),
    "another header": Pair("breaking", "columns/branch/header", after=column("branch", physicalName="Office"), rule="branch|present"),
    "another header beside the old one": Pair(
        "compatible",
        "columns/branch/header",
        after=column("branch", physicalName="Office", synonyms=[{"synonym": "Branch"}]),
        decision="less",
    ),
    "a column that may be missing": Pair("compatible", "columns/shelf", after={"more": {"name": "shelf", "physicalName": "Shelf", "logicalType": "string"}}, decision="less"),
    "a column that must be there": Pair("breaking", "columns/shelf", after={"more": {"name": "shelf", "physicalName": "Shelf", "logicalType": "string", "required": True}}, rule="shelf|present", decision="more"),
    "a column that is gone": Pair("compatible", "columns/shelf", {"more": {"name": "shelf", "physicalName": "Shelf", "logicalType": "string"}}, decision="less"),
    "a column with another name under its header": Pair("compatible", "columns/notes/name", after=column("notes", name="remarks"), decision="same"),
    "a stricter warning": Pair("compatible", "rules/returned_not_before_lent/expression", rule("returned_on >= lent_on", severity="warning"), rule("returned_on > lent_on", severity="warning"), decision="less"),
    "a rule that only rows of several changes break": Pair("breaking", "rules/returned_not_before_lent/expression", rule("branch IN ('Central', 'N') OR fine IS NOT NULL"), rule("branch = 'Central' OR returned_on IS NOT NULL OR fine IS NOT NULL OR renewed IS NOT NULL OR notes IS NOT NULL"), rule="row|returned_not_before_lent"),
    "another date format": Pair("breaking", "columns/returned_on/formats", after=options("returned_on", format="yyyy-MM-dd"), rule="returned_on|type"),
    "a token for nothing that is gone": Pair("breaking", "columns/fine/null_tokens", after=column("fine", customProperties=[]), rule="fine|type", decision="more"),
    "fewer decimal places": Pair("breaking", "columns/fine/decimals", after=options("fine", minimum=0, exclusiveMaximum=50, multipleOf=0.1), rule="fine|decimals", decision="more"),
    "a stricter rule": Pair("breaking", "rules/returned_not_before_lent/expression", after=rule("returned_on > lent_on"), rule="row|returned_not_before_lent"),
    "a laxer rule": Pair("unknown", "rules/returned_not_before_lent/expression", rule("returned_on > lent_on"), rule("returned_on >= lent_on")),
    "a rule in other words": Pair("compatible", "rules/returned_not_before_lent/message", after=rule("returned_on >= lent_on", description="Other words."), decision="same"),
    "a rule that only warns": Pair("compatible", "rules/returned_not_before_lent/severity", after=rule("returned_on >= lent_on", severity="warning"), decision="less"),
    "a rule that is gone": Pair("compatible", "rules/returned_not_before_lent", after={"rule": None}, decision="less"),
    "a rule that is new": Pair("breaking", "rules/returned_not_before_lent", {"rule": None}, rule("returned_on >= lent_on"), rule="row|returned_not_before_lent", decision="more"),
    "a rule over the table": Pair("breaking", "table_rules/few", after={"table_rule": "SUM(fine) < 60"}, rule="table|few", decision="more"),
    "a stricter query": Pair("breaking", "query_rules/again/query", {"query": QUERY.format(2)}, {"query": QUERY.format(1)}, rule="query|again"),
    "a rule that no clean return keeps beside a new one": Pair("breaking", "table_rules/few", {"rule": NEVER}, {"rule": NEVER, "table_rule": "SUM(fine) < 60"}, decision="more"),
    "another primary key": Pair("breaking", "key", after=column("copy_number", primaryKey=False), rule="key|unique"),
    "another name of the file": Pair("breaking", "identification/file_name", after=custom(identification={"fileName": PATTERN.replace("_loans_", "_lent_")}), rule="wrong-file-name"),
    "another length of the period": Pair("unknown", "period_days", after=custom(reportingPeriod={"days": 30})),
}  # fmt: skip


def contract(library: Any, said: Mapping[str, Any]) -> dict[str, Any]:
    rules = [] if said.get("rule", RULE) is None else [library.rule(**said.get("rule", RULE))]
    if "table_rule" in said:
        rules.append(library.rule("", name="few", implementation={"aggregate": said["table_rule"]}))
    if "query" in said:
        rules.append(library.rule("", name="again", implementation={"query": said["query"]}))
    columns = [*library.columns(**said.get("columns", {})), *([said["more"]] if "more" in said else [])]
    made: dict[str, Any] = library.contract(columns=columns, rules=rules, custom=said.get("custom"))
    return made


def compared(library: Any, before: Mapping[str, Any], after: Mapping[str, Any]) -> Comparison:
    one, other = (library.rulebook(contract(library, said)) for said in (before, after))
    return compare(one.contracts["loans"], one, other.contracts["loans"], other)


@pytest.mark.parametrize("name", PAIRS)
def test_the_verdict_on_a_change_is_the_known_one(library: Any, name: str) -> None:
    pair = PAIRS[name]
    found = compared(library, pair.before, pair.after)
    by_path = {"/".join(each.change.path) if each.change else "": each for each in found.changes}
    judged = by_path[pair.path]
    assert (found.effect, judged.effect, judged.decision) == (pair.effect, pair.effect, pair.decision), [*lines(found)]
    assert judged.refused is None if pair.rule is None else judged.refused and judged.refused.rule == pair.rule
    assert as_dict(found)["effect"] == pair.effect
