"""The rules of a contract's table: row rules, references, and expectations for another engine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, get_args

from probation_etl.contracts.model import CrossRule, Operator, Reference, ReleaseQuery, Rule, TableRule
from probation_etl.contracts.odcs.document import Document
from probation_etl.contracts.odcs.properties import ENGINE, custom_properties, did_you_mean, read_severity
from probation_etl.contracts.odcs.schema_errors import Steps

#: Keys of the implementation of each kind of rule: the first set that fits says what it is.
_ROW, _TABLE, _CROSS = {"expression"}, {"aggregate"}, {"this", "operator", "table", "other"}
_OPTIONAL = {"column", "hint"}
#: Metrics of the standard's own library, as aggregates.
_LIBRARY = {"rowCount": "COUNT(*)", "nullValues": 'SUM(CASE WHEN "{column}" IS NULL THEN 1 ELSE 0 END)'}
_COMPARISONS = {
    "mustBe": "=", "mustNotBe": "<>", "mustBeGreaterThan": ">", "mustBeGreaterOrEqualTo": ">=",
    "mustBeLessThan": "<", "mustBeLessOrEqualTo": "<=",
}  # fmt: skip


@dataclass
class Rules:
    """The rules of a table by kind."""

    row: list[Rule] = field(default_factory=list)
    table: list[TableRule] = field(default_factory=list)
    cross: list[CrossRule] = field(default_factory=list)


def read_rules(document: Document, table: dict[str, Any], steps: Steps, *, released: bool = False) -> Rules:
    """All rules of a table: our own, and the metrics of the standard's library that we know.

    Args:
        document: The contract.
        table: Its table.
        steps: Where the table is.
        released: Whether the table is unified or a view, so that rules of type sql are its release checks.
    """
    rules = Rules()
    for at, quality in enumerate(table.get("quality") or ()):
        here = (*steps, "quality", at)
        engine = quality.get("engine")
        if engine == ENGINE:
            _read_own(document, quality, here, rules)
        elif engine is not None and (meant := did_you_mean(engine, (ENGINE, "great-expectations"))):
            if engine != "great-expectations":
                document.fault((*here, "engine"), f"‘{engine}’ is no engine we know{meant}")
        elif quality.get("metric"):
            _read_metric(document, quality, here, rules, column="")
        elif quality.get("type") == "sql" and not released:
            document.fault(here, f"a rule of type sql is not run: use type: custom with engine: {ENGINE}")
    for position, column in enumerate(table.get("properties") or ()):
        for at, quality in enumerate(column.get("quality") or ()):
            if quality.get("engine") == ENGINE:
                text = (
                    "a rule of ours stands under quality of the table, with implementation.column to point at this one"
                )
                document.fault((*steps, "properties", position, "quality", at), text)
                continue
            _read_metric(document, quality, (*steps, "properties", position, "quality", at), rules, column["name"])
    _names_differ(document, rules, steps)
    return rules


def _read_own(document: Document, quality: dict[str, Any], here: Steps, rules: Rules) -> None:
    what = quality["implementation"]
    keys = set(what) - _OPTIONAL if isinstance(what, dict) else set()
    if "id" not in quality or keys not in (_ROW, _TABLE, _CROSS):
        known = (*_ROW, *_TABLE, *_CROSS, *_OPTIONAL)
        unknown = [f"‘{key}’ is not a key we know{did_you_mean(key, known)}" for key in sorted(keys - set(known))]
        kinds = "a rule needs an id and, under implementation, an expression, an aggregate, or this, operator, table and other"
        document.fault(here, "; ".join(unknown or [kinds]))
        return
    if not all(isinstance(what[key], str) for key in what):
        document.fault((*here, "implementation"), "everything under implementation is text; put it in quotation marks")
        return
    common = {
        "name": quality["id"],
        "severity": read_severity(document, quality.get("severity", "error"), (*here, "severity")),
        "message": quality.get("description", quality.get("name", quality["id"])),
        "hint": what.get("hint", ""),
        "title": quality.get("name", ""),
    }
    if keys == _ROW:
        rules.row.append(Rule(expression=what["expression"], column=what.get("column"), **common))
    elif keys == _TABLE:
        rules.table.append(TableRule(expression=what["aggregate"], **common))
    elif what["operator"] not in get_args(Operator):
        document.fault((*here, "implementation", "operator"), f"expected one of {' '.join(get_args(Operator))}")
    else:
        rules.cross.append(CrossRule(**{key: what[key] for key in _CROSS}, **common))


def _read_metric(document: Document, quality: dict[str, Any], here: Steps, rules: Rules, column: str) -> None:
    metric, comparison = quality.get("metric"), sorted(set(quality) & set(_COMPARISONS))
    share_of_itself = metric == "rowCount" and quality.get("unit") == "percent"
    if metric not in _LIBRARY or share_of_itself or len(comparison) != 1 or (metric == "nullValues") != bool(column):
        known = "rowCount of the table, or nullValues of a column, with one comparison such as mustBeLessThan"
        document.fault(here, f"this metric is not supported; we know {known}")
        return
    value = _LIBRARY[metric].format(column=column.replace('"', '""'))
    if quality.get("unit") == "percent":
        value = f"100.0 * {value} / COUNT(*)"
    name = quality.get("id", f"{column}_{metric}" if column else metric)
    expression = f"{value} {_COMPARISONS[comparison[0]]} {quality[comparison[0]]}"
    message = quality.get("description", f"The table must keep to: {expression}.")
    severity = read_severity(document, quality.get("severity", "error"), here)
    rules.table.append(TableRule(name=name, expression=expression, severity=severity, message=message))


def _names_differ(document: Document, rules: Rules, steps: Steps) -> None:
    names = [
        *(each.name for each in rules.row),
        *(each.name for each in rules.table),
        *(each.name for each in rules.cross),
    ]
    for name in sorted({name for name in names if names.count(name) > 1}):
        document.fault((*steps, "quality"), f"the rule ‘{name}’ stands more than once; give each its own id")


def read_expectations(document: Document, table: dict[str, Any], steps: Steps) -> Iterable[dict[str, Any]]:
    """What the contract expects in the words of Great Expectations, with how grave a failure is and what it means."""
    for at, each in enumerate(table.get("quality") or ()):
        if each.get("engine") == "great-expectations":
            severity = read_severity(document, each.get("severity", "error"), (*steps, "quality", at, "severity"))
            said = {"id": each.get("id", ""), "name": each.get("name", ""), "description": _in_line(each)}
            yield {**each["implementation"], "severity": severity, **said}


def read_release_queries(document: Document, table: dict[str, Any], steps: Steps) -> Iterable[ReleaseQuery]:
    """The release checks of type sql: a query that counts, and what its count must be."""
    taken: set[str] = set()
    for at, each in enumerate(table.get("quality") or ()):
        if each.get("type") != "sql":
            continue
        here, name = (*steps, "quality", at), each.get("id", "")
        comparison = sorted(set(each) & {*_COMPARISONS, "mustBeBetween", "mustNotBeBetween"})
        if not name or name in taken:
            document.fault(here, "a release check of type sql needs an id that no other has")
        elif len(comparison) != 1 or comparison[0] not in _COMPARISONS or comparison[0] == "mustNotBe":
            known = ", ".join(word for word in _COMPARISONS if word != "mustNotBe")
            document.fault(here, f"a release check of type sql needs just one comparison of {known}")
        elif each[comparison[0]] != int(each[comparison[0]]):
            document.fault((*here, comparison[0]), "a release check counts: compare with a whole number")
        else:
            severity = read_severity(document, each.get("severity", "error"), (*here, "severity"))
            operator, bound = _COMPARISONS[comparison[0]], int(each[comparison[0]])
            query = ReleaseQuery(name, each.get("name", name), _in_line(each), severity, each["query"], operator, bound)  # type: ignore[arg-type] # one of the operators
            yield query
        taken.add(name)


def _in_line(quality: dict[str, Any]) -> str:
    return " ".join(quality.get("description", "").split())


def read_references(document: Document, table: dict[str, Any], steps: Steps) -> Iterable[Reference]:
    """The references of a table to unified tables."""
    for at, relation in enumerate(table.get("relationships") or ()):
        here = (*steps, "relationships", at)
        from_columns = [name.rpartition(".")[2] for name in _listed(relation["from"])]
        targets = [name.rpartition(".") for name in _listed(relation["to"])]
        custom = custom_properties(document, relation, here, "relationship")
        if len({table for table, _, _ in targets}) != 1 or len(targets) != len(from_columns):
            document.fault((*here, "to"), "all columns must be of one table, as many as under from")
            continue
        yield Reference(
            name=relation.get("id", "reference"),
            table=targets[0][0],
            columns=dict(zip(from_columns, (column for _, _, column in targets), strict=True)),
            column=custom.get("column", from_columns[0]),
            severity=read_severity(document, custom.get("severity", "error"), here),
            hint=custom.get("hint", ""),
        )


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def read_derived(what: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    """A column that is computed before the rules run: its kind, and the columns it is made of."""
    return "workingDaysBetween", tuple(what["workingDaysBetween"])
