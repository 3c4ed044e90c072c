"""What the result of an expression depends on: one row, or others too.

A rule about one row must give the row the same result whatever stands beside it: else a fault of one row would be found in
another, and a file that is judged piece by piece, or corrected in one row, would be judged in another way than as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from probation_etl.contracts.checks.functions import function_of, is_of_many_rows
from probation_etl.contracts.checks.place import Place


def other_rows(tree: exp.Expr, place: Place) -> Iterator[str]:
    """The parts of an expression that read other rows than they may, each with where such a rule belongs.

    Args:
        tree: What sqlglot makes of the expression.
        place: Where it stands.
    """
    for node in tree.walk():
        found = _found(node, place)
        if found:
            yield f"‘{found}’ reads other rows, but {place.value}"


def _found(node: exp.Expr, place: Place) -> str:
    """What a part reads other rows with, in a few words; empty where it does not."""
    if isinstance(node, exp.Query):
        return "" if isinstance(node.parent, exp.Subquery) else "SELECT"
    if place is Place.TABLE:
        return ""
    if isinstance(node, exp.Window):
        called = next((name for each in node.this.walk() if (name := function_of(each))), "")
        return f"{called}(…) OVER"
    name = function_of(node)
    # The function of a window is told of with it.
    return f"{name}(…)" if name and is_of_many_rows(name) and not node.find_ancestor(exp.Window) else ""
