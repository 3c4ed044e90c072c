"""How often each rule of a contract was broken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from probation_etl.contracts.checks import Check
from probation_etl.contracts.findings import CATALOGUE
from probation_etl.contracts.model import ReturnContract
from probation_etl.discreet import Discreet
from probation_etl.intake.header import is_restricted


@dataclass(frozen=True)
class RuleCount(Discreet, tells=("code", "rule")):
    """How often a rule was broken, with the place of the first finding.

    Attributes:
        column: Header as the supplier wrote it; None where the findings name several columns or none.
        title: What is wrong, in a few words.
        provision: What the contract asks by this rule; None where it asks nothing of the kind.
        masked: Whether values are shown by their shape alone, because the column is restricted.
    """

    code: str
    rule: str
    severity: str
    count: int
    column: str | None
    row: int | None
    cell: str | None
    title: str
    provision: str | None = None
    masked: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        """What findings of the same rule have in common: severity, code and rule."""
        return self.severity, self.code, self.rule


_RULE = ("code", "rule", "severity")


def count_by_rule(
    found: Iterable[pl.DataFrame], contract: ReturnContract | None, checks: Mapping[str, Check]
) -> tuple[RuleCount, ...]:
    """How often each rule was broken, the most frequent first.

    Args:
        found: Findings, columns as in ``FINDING_SCHEMA``.
        contract: The contract of the return.
        checks: Its rules by name, which say what each asks.
    """
    parts = [_counted(each) for each in found if each.height]
    if not parts:
        return ()
    counted = parts[0] if len(parts) == 1 else _together(parts)
    listed = counted.sort(pl.col("count"), pl.col("severity") == "error", descending=True, maintain_order=True)
    return tuple(
        RuleCount(
            **{name: value for name, value in each.items() if name != "alike"},
            title=CATALOGUE[each["code"]].title,
            provision=checks[each["rule"]].words if each["rule"] in checks else None,
            masked=is_restricted(contract, each["column"]),
        )
        for each in listed.iter_rows(named=True)
    )


def _counted(findings: pl.DataFrame) -> pl.DataFrame:
    """A line for each rule, in the order of their first findings; ``alike`` is whether all findings have the same header."""
    header = pl.col("column")
    return findings.group_by(_RULE, maintain_order=True).agg(
        alike=header.n_unique() == 1,
        count=pl.len(),
        column=pl.when(header.n_unique() == 1).then(header.first()),
        row=pl.col("row").first(),
        cell=pl.col("cell").first(),
    )


def _together(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """The lines of all parts of the findings as one for each rule."""
    alike = pl.col("alike").all() & (pl.col("column").n_unique() == 1)
    return (
        pl.concat(parts)
        .group_by(_RULE, maintain_order=True)
        .agg(
            alike=alike,
            count=pl.col("count").sum(),
            column=pl.when(alike).then(pl.col("column").first()),
            row=pl.col("row").first(),
            cell=pl.col("cell").first(),
        )
    )
