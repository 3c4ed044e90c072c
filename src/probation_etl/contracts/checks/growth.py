"""Calls in SQL whose text may become very much longer than what it is made of: a few of them would take all memory."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from probation_etl.contracts.checks.functions import function_of

_FILLING, _REPLACING = ("LPAD", "RPAD"), ("REPLACE", "REGEXP_REPLACE")
#: Characters to which a text may be filled up, and how many times longer replacements may make it.
_LONGEST, _TIMES = 1_000, 100


def growing(tree: exp.Expr) -> Iterator[str]:
    """Why calls in a tree may give texts without end; nothing where they do not."""
    for node in tree.walk():
        name = function_of(node)
        if name in _FILLING and not _is_short(node):
            yield f"‘{name}’ needs the number of characters as a number, of {_LONGEST:,} at most"
        elif name in _REPLACING and _times(node) > _TIMES:
            yield f"‘{name}’ could make a text more than {_TIMES} times as long: replace by less, or not in one another"


def _is_short(node: exp.Expr) -> bool:
    length = node.expressions[1] if len(node.expressions) > 1 else None
    return isinstance(length, exp.Literal) and length.name.isdigit() and int(length.name[:9]) <= _LONGEST


def _times(node: exp.Expr) -> float:
    """How many times longer a text may become in a call, and in the calls around it."""
    times, at = 1.0, node.parent
    while at is not None:
        times *= _of_one(at) if function_of(at) in _REPLACING else 1
        at = at.parent
    return times * _of_one(node)


def _of_one(node: exp.Expr) -> float:
    _, *texts = node.expressions
    if len(texts) < 2 or not all(isinstance(each, exp.Literal) for each in texts[:2]):
        return _TIMES
    # What an expression matches may be a single character.
    before = 1 if function_of(node) == "REGEXP_REPLACE" else max(len(texts[0].name), 1)
    return max(len(texts[1].name) / before, 1.0)
