"""A return beside the one that it corrects, as reports show it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from probation_etl.contracts.findings import CATALOGUE
from probation_etl.discreet import Discreet
from probation_etl.intake.resubmission import CorrectedReturn, NotCompared, Resubmission

#: Findings of one return that the run's JSON lists; the files of the return list them all.
FINDINGS_SHOWN = 1000


@dataclass(frozen=True)
class ComparedRule(Discreet):
    """How many findings of one rule are fixed, remain and are new."""

    code: str
    rule: str
    severity: str
    title: str
    fixed: int
    remaining: int
    new: int


@dataclass(frozen=True)
class FixedFinding(Discreet):
    """A finding of the earlier return that this one no longer has; its row is that of the earlier file."""

    code: str
    message: str
    rule: str
    severity: str
    row: int | None
    column: str | None
    cell: str | None
    value: str | None


_FIXED = tuple(each.name for each in fields(FixedFinding))


@dataclass(frozen=True)
class Comparison(Discreet):
    """How a return compares with the one that it corrects.

    Attributes:
        fixed: How many findings of the earlier return this one no longer has. This and the next two are None where the returns are too
            large to be compared.
        remaining: How many findings both have.
        new: How many findings only this one has.
        fixed_findings: Those that are fixed, all or the first of them.
        remaining_findings: Positions (from 0) of those that remain, among the findings that are listed of this return.
        new_findings: Positions of the new ones.
    """

    corrects: CorrectedReturn
    fixed: int | None = None
    remaining: int | None = None
    new: int | None = None
    rules: tuple[ComparedRule, ...] = ()
    fixed_findings: tuple[FixedFinding, ...] = ()
    remaining_findings: tuple[int, ...] = ()
    new_findings: tuple[int, ...] = ()

    @classmethod
    def of(cls, found: Resubmission | NotCompared) -> Comparison:
        """The comparison with all findings."""
        if isinstance(found, NotCompared):
            return cls(found.corrects)
        return cls(
            found.corrects, found.fixed.height, len(found.remaining), len(found.new), _by_rule(found),
            tuple(FixedFinding(**each) for each in found.fixed.select(_FIXED).iter_rows(named=True)),
            found.remaining, found.new,
        )  # fmt: skip

    def shortened(self, most: int = FINDINGS_SHOWN) -> Comparison:
        """The same with so many findings listed at most; the counts are of all."""
        return replace(
            self,
            fixed_findings=self.fixed_findings[:most],
            remaining_findings=tuple(at for at in self.remaining_findings if at < most),
            new_findings=tuple(at for at in self.new_findings if at < most),
        )

    def as_dict(self) -> dict[str, Any]:
        """The comparison as JSON."""
        return {
            "corrects": asdict(self.corrects),
            "fixed": self.fixed,
            "remaining": self.remaining,
            "new": self.new,
            "rules": [dict(vars(each)) for each in self.rules],
            "fixed_findings": [dict(vars(each)) for each in self.fixed_findings],
            "remaining_findings": list(self.remaining_findings),
            "new_findings": list(self.new_findings),
        }


def _by_rule(found: Resubmission) -> tuple[ComparedRule, ...]:
    """Counts by rule, those first of which most is left to do."""
    counts: defaultdict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    here = found.findings[list(found.remaining)], found.findings[list(found.new)]
    for what, frame in zip(("remaining", "new", "fixed"), (*here, found.fixed), strict=True):
        for key in frame.select("code", "rule", "severity").iter_rows():
            counts[key][what] += 1
    order = sorted(counts.items(), key=lambda each: (-each[1]["remaining"] - each[1]["new"], each[0]))
    return tuple(
        ComparedRule(
            code, rule, severity, CATALOGUE[code].title if code in CATALOGUE else code,
            fixed=number["fixed"], remaining=number["remaining"], new=number["new"],
        )
        for (code, rule, severity), number in order
    )  # fmt: skip
