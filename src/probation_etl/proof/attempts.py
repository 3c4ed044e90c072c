"""How a rule of each kind is shown to be alive: the examples to try, the likeliest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice, product

from probation_etl.contracts.checks import Check, Kind
from probation_etl.contracts.model import CONTEXT_COLUMNS, Column
from probation_etl.proof.context import period_ends, suppliers
from probation_etl.proof.evaluate import Row
from probation_etl.proof.example import FIRST_ROW, Example
from probation_etl.proof.returns import Whole

_TRIES = 40
_COVERED = 20_000
#: An example, and in a few words what is wrong with it.
Attempt = tuple[Example, str]


def row_attempts(whole: Whole, rule: Check) -> Iterator[Attempt]:
    """One row that breaks the rule."""
    header = rule.its_column.header
    for row in whole.search.rows(rule.name, whole.clean):
        for rows in whole.around(row):
            example = whole.example(rows)
            yield example.expecting((rule.name, rule.code, FIRST_ROW, header)), described(whole, row)


def unique_attempts(whole: Whole, rule: Check) -> Iterator[Attempt]:
    """Two rows that are alike where they must differ, and differ wherever another rule says so."""
    header = rule.its_column.header
    others = [each for each in whole.schema.of(Kind.UNIQUE, Kind.KEY) if each.name != rule.name]
    for first, second in islice(_pairs(whole, rule, others), _TRIES):
        for rows in whole.around(first, second):
            expected = [(rule.name, rule.code, FIRST_ROW + at, header) for at in (0, 1)]
            headers = ", ".join(whole.schema.contract.column(name).header for name in rule.columns)
            yield whole.example(rows).expecting(*expected), f"two rows with the same {headers}"


def _pairs(whole: Whole, rule: Check, others: list[Check]) -> Iterator[tuple[Row, Row]]:
    names = whole.schema.contract.column_names
    changed = dict.fromkeys(name for other in others for name in other.columns if name not in rule.columns)
    firsts = [row for row in whole.search.variants(whole.clean, rule.columns) if _decides(row, rule, names)]
    for first in islice(_nearest(firsts, whole.clean), _TRIES):
        for second in whole.search.unlike(first, tuple(changed)) if changed else [first]:
            if not any(_alike(first, second, other, names) for other in others):
                yield first, second
                break


def _nearest(rows: list[Row], clean: Row) -> Iterator[Row]:
    """The clean row itself where it will do, then those with the most empty cells: they break the fewest rules."""
    yield from sorted(rows, key=lambda row: (row != clean, -row.count(None)))


def _decides(row: Row, rule: Check, names: tuple[str, ...]) -> bool:
    return any(cell is not None for name, cell in zip(names, row, strict=True) if name in rule.columns)


def _alike(first: Row, second: Row, rule: Check, names: tuple[str, ...]) -> bool:
    pairs = [(a, b) for name, a, b in zip(names, first, second, strict=True) if name in rule.columns]
    return all(a == b for a, b in pairs) and any(a is not None for a, _ in pairs)


def covered(whole: Whole, rule: Check) -> str | None:
    """Why a mapping's rule can never fire, by trying every value that the lists of its columns allow; None if it could."""
    contract = whole.schema.contract
    columns = [contract.column(name) for name in rule.columns]
    if rule.kind is not Kind.MAPPED or not all(column.labels for column in columns) or rule.holds is None:
        return None
    if set(rule.holds.meta.root_names()) & {*CONTEXT_COLUMNS, *contract.derived}:
        return None
    choices = [[*column.labels, None] for column in columns]
    rows = [
        _with(whole, dict(zip(rule.columns, each, strict=True))) for each in islice(product(*choices), _COVERED + 1)
    ]
    if len(rows) > _COVERED or any(rule.name in fired for fired in whole.search.bench.fired(rows)):
        return None
    return f"covered by the list of {', '.join(column.header for column in columns)}: every value of it is mapped"


def is_guard(whole: Whole, rule: Check) -> bool:
    """Whether a rule only watches over a mapping that computes: it is ours, and may have nothing to fire on."""
    mapping = whole.setting.contract.mapping
    computed = {
        row.rule(each.name) for row in mapping.rows for each in row.columns if each.expression and not each.codes
    }
    return rule.kind is Kind.MAPPED and rule.name in {*computed, "unpivot|mapped"}


def _with(whole: Whole, changes: dict[str, str | None]) -> Row:
    names = whole.schema.contract.column_names
    return tuple(changes.get(name, cell) for name, cell in zip(names, whole.clean, strict=True))


def reference_attempts(whole: Whole, check: Check) -> Iterator[Attempt]:
    """A row whose key no row of the unified table has."""
    row, reference = whole.search.filled(whole.clean, check.columns), check.reference
    if row is None or reference is None:
        return
    for rows in whole.around(row):
        example = whole.example(rows, replace(whole.world, lacking=reference.name))
        rows_found = [(check.name, check.code, FIRST_ROW + at, check.its_column.header) for at in range(len(rows))]
        yield example.expecting(*rows_found), f"no row of ‘{reference.table}’ has its key"


def table_attempts(whole: Whole, rule: Check) -> Iterator[Attempt]:
    """A table that breaks the rule, however its rows are."""
    for rows in islice((rows for rows in whole.lists() if whole.table_rules_broken(rows) == {rule.name}), _TRIES):
        what = f"{len(rows)} row(s)" + (f": {described(whole, rows[0])}" if rows and rows[0] != whole.clean else "")
        yield whole.example(rows).expecting((rule.name, rule.code, None, None)), what


def cross_attempts(whole: Whole, rule: Check) -> Iterator[Attempt]:
    """A total of a unified table that does not agree with the return."""
    table = rule.totals.table if rule.totals else ""
    for world in whole.worlds():
        rows = world.copies.get(table, 1)
        values = ", ".join(f"{name} ‘{value}’" for name, value in world.values.get(table, {}).items())
        example = whole.example(whole.base, world)
        yield (
            example.expecting((rule.name, rule.code, None, None)),
            f"{rows} row(s) of ‘{table}’" + (f" with {values}" if values else ""),
        )


def control_attempts(whole: Whole) -> Iterator[Attempt]:
    """A cover that announces more rows than there are."""
    announced = len(whole.base) + 1
    example = whole.example(whole.base, announced=announced)
    yield example.expecting(("control-total", "control-total", None, None)), f"the cover announces {announced} row(s)"


def supplier_attempts(whole: Whole) -> Iterator[Attempt]:
    """A supplier of another kind, or one that is not known."""
    setting, kind = whole.setting, whole.setting.contract.supplier_kind
    ends = [setting.period_end, *period_ends(setting.contract, whole.rulebook)]
    known = [
        (each, end) for end in ends for each in suppliers(setting.contract, whole.rulebook, end) if each.kind != kind
    ]
    unknown = replace(setting.supplier, code="?", name="?")
    for supplier, end in (*known[:1], (unknown, setting.period_end)):
        example = whole.example(whole.base if end == setting.period_end else ())
        sent = replace(example, setting=replace(setting, supplier=supplier, period_end=end))
        what = (
            "an unknown supplier" if supplier == unknown else f"the supplier is {supplier}, of kind ‘{supplier.kind}’"
        )
        yield sent.expecting(("unknown-organisation", "unknown-organisation", None, None)), what


def described(whole: Whole, row: Row) -> str:
    """How a row differs from the clean one, in a few words; the values of restricted columns are masked."""
    parts = []
    for column, cell, clean in zip(whole.schema.contract.columns, row, whole.clean, strict=True):
        if cell != clean:
            parts.append(f"{column.header} {_shown(cell, column)}")
    return ", ".join(parts) or "the plainest row"


def _shown(cell: str | None, column: Column) -> str:
    if cell is None:
        return "empty"
    shape = "".join("A" if char.isalpha() else "9" if char.isnumeric() else char for char in cell)
    text = shape if column.restricted else cell
    return f"‘{text}’" if len(text) <= 40 else f"‘{text[:12]}…’ ({len(text)} characters)"
