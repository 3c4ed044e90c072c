"""The rules of a contract's table: over rows, tables and returns, references, and release checks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypedDict, get_args

from probation_etl.contracts.model import (
    CrossRule,
    GivenExpectation,
    Layer,
    Operator,
    QueryRule,
    Reference,
    ReleaseQuery,
    Rule,
    Severity,
    TableRule,
)
from probation_etl.contracts.model.rules import REFERENCED
from probation_etl.contracts.odcs.columns import DUPLICATES
from probation_etl.contracts.odcs.part import Part
from probation_etl.contracts.odcs.properties import ENGINE, checked, custom_properties
from probation_etl.contracts.odcs.returns import read_lookup
from probation_etl.contracts.suggestions import did_you_mean

#: Keys of the implementation of each kind of rule.
_ROW, _TABLE, _CROSS = {"expression"}, {"aggregate"}, {"this", "operator", "table", "other"}
_QUERY = {"query"}
_OPTIONAL = {"column", "hint", "lookups"}
#: All of them, each described in ``language.schema.json``.
IMPLEMENTATION = frozenset((*_ROW, *_TABLE, *_CROSS, *_QUERY, *_OPTIONAL))
#: Metrics of the standard's own library, as aggregates.
METRICS = {"rowCount": "COUNT(*)", "nullValues": 'SUM(CASE WHEN "{column}" IS NULL THEN 1 ELSE 0 END)'}
_OPERATORS: tuple[Operator, ...] = get_args(Operator)
_COMPARISONS: Mapping[str, Operator] = {
    "mustBe": "=", "mustNotBe": "<>", "mustBeGreaterThan": ">", "mustBeGreaterOrEqualTo": ">=",
    "mustBeLessThan": "<", "mustBeLessOrEqualTo": "<=",
}  # fmt: skip


@dataclass
class Rules:
    """The rules of a table by kind."""

    row: list[Rule] = field(default_factory=list)
    table: list[TableRule] = field(default_factory=list)
    cross: list[CrossRule] = field(default_factory=list)
    query: list[QueryRule] = field(default_factory=list)


class _Wording(TypedDict):
    """What every rule has, by the names of its fields."""

    name: str
    severity: Severity
    message: str
    hint: str
    title: str


def read_rules(table: Part, *, released: bool = False) -> Rules:
    """All rules of a table: our own, and the metrics of the standard's library that we know.

    Args:
        table: The table.
        released: Whether it is unified or a view, so that rules of type sql are its release checks.
    """
    rules = Rules()
    for quality in table["quality"].items:
        engine = quality["engine"].text
        if engine == ENGINE:
            _read_own(quality, rules)
        elif engine is not None and (meant := did_you_mean(engine, (ENGINE, "great-expectations"))):
            if engine != "great-expectations":
                quality["engine"].fault(f"unknown engine ‘{engine}’{meant}")
        elif quality["metric"].text and quality["metric"].text != DUPLICATES:
            _read_metric(quality, rules, column="")
        elif quality["type"].text == "sql" and not released:
            quality.fault(f"a rule of type sql is not run: use type: custom with engine: {ENGINE}")
    for column in table["properties"].items:
        for quality in column["quality"].items:
            if quality["engine"].text == ENGINE:
                quality.fault(
                    f"a rule with engine: {ENGINE} belongs under quality of the table, with this column as implementation.column"
                )
            else:
                _read_metric(quality, rules, column["name"].text_or(""))
    _names_differ(table, rules)
    return rules


def _read_own(quality: Part, rules: Rules) -> None:
    what, name = quality["implementation"], quality["id"].text
    keys = set(what.mapping) - _OPTIONAL
    if name is None or keys not in (_ROW, _TABLE, _CROSS, _QUERY):
        unknown = [
            f"‘{key}’ is not a key we know{did_you_mean(key, sorted(IMPLEMENTATION))}"
            for key in sorted(keys - IMPLEMENTATION)
        ]
        kinds = "a rule needs an id and, under implementation, an expression, an aggregate, a query, or this, operator, table and other"
        quality.fault("; ".join(unknown or [kinds]))
        return
    texts = {key: each.text for key, each in what.entries.items() if each.text is not None}
    lookups = {key: read_lookup(each) for key, each in checked(what["lookups"], "implementation").entries.items()}
    if "lookups" in what.mapping and keys != _ROW:
        what["lookups"].fault("lookups are made for each row: they belong to a rule with an expression")
    if texts.keys() != what.mapping.keys() - {"lookups"}:
        what.fault("everything under implementation is text; put it in quotation marks")
        return
    wording = _Wording(
        name=name,
        severity=quality["severity"].severity,
        message=quality["description"].text_or(quality["name"].text_or(name)),
        hint=texts.get("hint", ""),
        title=quality["name"].text_or(""),
    )
    if keys == _ROW:
        rules.row.append(Rule(expression=texts["expression"], column=texts.get("column"), lookups=lookups, **wording))
    elif keys == _TABLE:
        rules.table.append(TableRule(expression=texts["aggregate"], **wording))
    elif keys == _QUERY:
        rules.query.append(QueryRule(query=texts["query"], column=texts.get("column"), **wording))
    elif operator := next((each for each in _OPERATORS if each == texts["operator"]), None):
        this, table, other = texts["this"], texts["table"], texts["other"]
        rules.cross.append(CrossRule(this=this, operator=operator, table=table, other=other, **wording))
    else:
        what["operator"].fault(f"expected one of {' '.join(_OPERATORS)}")


def _read_metric(quality: Part, rules: Rules, column: str) -> None:
    metric, comparison = quality["metric"].text_or(""), sorted(quality.mapping.keys() & _COMPARISONS.keys())
    is_share = quality["unit"].text == "percent"
    share_of_itself = metric == "rowCount" and is_share
    if metric not in METRICS or share_of_itself or len(comparison) != 1 or (metric == "nullValues") != bool(column):
        known = "rowCount and duplicateValues of the table, or nullValues of a column, with one comparison such as mustBeLessThan"
        quality.fault(f"this metric is not supported; we know {known}")
        return
    value = METRICS[metric].format(column=column.replace('"', '""'))
    if is_share:
        value = f"100.0 * {value} / COUNT(*)"
    name = quality["id"].text_or(f"{column}_{metric}" if column else metric)
    expression = f"{value} {_COMPARISONS[comparison[0]]} {quality[comparison[0]].value}"
    message = quality["description"].text_or(f"The table must keep to: {expression}.")
    severity = quality["severity"].severity
    rules.table.append(TableRule(name=name, expression=expression, severity=severity, message=message))


def _names_differ(table: Part, rules: Rules) -> None:
    names = [each.name for kind in (rules.row, rules.table, rules.cross, rules.query) for each in kind]
    for name in sorted({name for name in names if names.count(name) > 1}):
        table["quality"].fault(f"the rule ‘{name}’ appears more than once; give each its own id")


def read_expectations(table: Part) -> Iterable[GivenExpectation]:
    """What the contract expects in the words of Great Expectations."""
    for each in table["quality"].items:
        if each["engine"].text == "great-expectations":
            what = each["implementation"]
            yield GivenExpectation(
                str(what["type"].value), what["kwargs"].mapping, each["severity"].severity, each["id"].text_or(""),
                each["name"].text_or(""), each["description"].one_line,
            )  # fmt: skip


def read_release_queries(table: Part) -> Iterable[ReleaseQuery]:
    """The release checks of type sql: a query that counts, and what its count must be."""
    taken: set[str] = set()
    for each in table["quality"].items:
        if each["type"].text != "sql":
            continue
        name = each["id"].text_or("")
        comparison = sorted(each.mapping.keys() & {*_COMPARISONS, "mustBeBetween", "mustNotBeBetween"})
        if not name or name in taken:
            each.fault("a release check of type sql needs an id that no other has")
        elif len(comparison) != 1 or comparison[0] not in _COMPARISONS or comparison[0] == "mustNotBe":
            known = ", ".join(word for word in _COMPARISONS if word != "mustNotBe")
            each.fault(f"a release check of type sql needs just one comparison of {known}")
        elif (bound := each[comparison[0]].whole) is None:
            each[comparison[0]].fault("a release check counts: compare with a whole number")
        else:
            yield ReleaseQuery(
                name, each["name"].text_or(name), each["description"].one_line, each["severity"].severity,
                each["query"].text_or(""), _COMPARISONS[comparison[0]], bound,
            )  # fmt: skip
        taken.add(name)


@dataclass
class Relations:
    """The relationships of a table by what they point to: unified tables, reference tables, and the table itself.

    Of the contract of a reference table all are in the first: it refers to reference tables alone.
    """

    unified: list[Reference] = field(default_factory=list)
    members: list[Reference] = field(default_factory=list)
    own: list[Reference] = field(default_factory=list)


def read_relations(table: Part, layer: Layer) -> Relations:
    """The relationships of a table."""
    found, own = Relations(), table["name"].text
    for relation, reference in _references(table):
        named = replace(reference, table=reference.table.removeprefix(REFERENCED))
        if layer != "return" and named != reference and layer != "reference":
            relation["to"].fault(f"only a return refers to a reference table; this is of layer {layer}")
        elif layer != "return":
            found.unified.append(named)
        elif named != reference:
            found.members.append(named)
        else:
            (found.own if reference.table == own else found.unified).append(reference)
    return found


def _references(table: Part) -> Iterator[tuple[Part, Reference]]:
    for relation in table["relationships"].items:
        from_columns = [name.rpartition(".")[2] for name in relation["from"].texts]
        targets = [name.rpartition(".") for name in relation["to"].texts]
        custom = custom_properties(relation, "relationship")
        if len({table for table, _, _ in targets}) != 1 or len(targets) != len(from_columns):
            relation["to"].fault("all columns must be of one table, as many as under from")
            continue
        yield (
            relation,
            Reference(
                name=relation["id"].text_or("reference"),
                table=targets[0][0],
                columns=dict(zip(from_columns, (column for _, _, column in targets), strict=True)),
                column=custom["column"].text_or(from_columns[0]),
                severity=custom["severity"].severity,
                hint=custom["hint"].text_or(""),
            ),
        )
