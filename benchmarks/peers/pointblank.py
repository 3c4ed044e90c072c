"""pointblank: a step for each check, over Polars."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pointblank as pb
import polars as pl

from peers.typed import is_of_type, typed
from work import Work


def checker(work: Work) -> Callable[[Path], int]:
    """Interrogates the typed frame, and takes out the rows that fail."""

    def faulty(path: Path) -> int:
        steps = _steps(pb.Validate(typed(path, work)), work)
        return int(steps.interrogate().get_sundered_data(type="fail").height)

    return faulty


def _steps(plan: pb.Validate, work: Work) -> pb.Validate:
    for each in work.columns:
        if each.type != "string":
            plan = plan.col_vals_expr(is_of_type(each.name))
        if each.required:
            plan = plan.col_vals_not_null(each.name)
        if each.pattern:
            plan = plan.col_vals_regex(each.name, each.pattern, na_pass=True)
        if each.least is not None and each.most is not None:
            plan = plan.col_vals_between(each.name, each.least, each.most, na_pass=True)
        if each.longest is not None:
            plan = plan.col_vals_expr((pl.col(each.name).str.len_chars() <= each.longest).fill_null(value=True))
        if each.values:
            plan = plan.col_vals_expr(pl.col(each.name).is_in(each.values).fill_null(value=True))
        if each.unique:
            plan = plan.col_vals_expr(pl.col(each.name).is_unique())
    for rule in work.rules:
        plan = plan.col_vals_expr(pl.sql_expr(rule.sql).fill_null(value=True))
    return plan.col_vals_expr(pl.struct(work.key).is_unique())
